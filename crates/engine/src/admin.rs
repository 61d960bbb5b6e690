//! Administration: stores, API secrets, channels, webhook endpoints, the clock.

mod channels;
mod endpoints;
mod secrets;
mod settings;
mod stores;

pub use channels::NewChannel;
pub use endpoints::NewEndpoint;
pub use secrets::{NewSecret, SecretMade};
pub use stores::NewStore;
