//! Administration: the small API on the private listener, as types, and the command line as its
//! client.
//!
//! The types here are the contract between the two.
//! Not a public API: a command line and a server of one version belong together.
//!
//! Whoever can read the master key may administer: the token that opens the routes is derived
//! from it, so there is no further secret to keep ([`token`]).

pub mod acts;
pub mod administrators;
pub mod audit;
pub mod b2b;
pub mod backup;
pub mod client;
pub mod commands;
pub mod journal;
pub mod payments;
pub mod profiles;
pub mod promotions;
pub mod routes;
pub mod routing;
pub mod settlements;
pub mod token;
pub mod types;
pub(crate) mod user;
pub mod windows;
