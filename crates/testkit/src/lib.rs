//! What tests of the faces stand on: a whole server without a socket, and a client that holds
//! every answer against the contract.
//!
//! [`TestApp`] is an engine on a store of the test's choice, with the real connectors, whose PG is
//! the simulator in the same process and whose webhooks go to a [`Receiver`] that remembers them.
//! The face under test is handed in, so that this crate knows none. Invariant: no answer reaches a
//! test that [`contract::check`] has not accepted.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test kit: whatever goes wrong here fails the test that uses it"
)]

mod app;
pub mod bodies;
mod client;
pub mod contract;
pub mod corpus;
mod invoices;
mod key_pg;
mod pg;
pub mod random;
mod receiver;
mod seed;
mod window;

pub use app::{TestApp, TestAppOptions};
pub use client::{Answer, RequestBuilder};
pub use invoices::written_invoice;
pub use naru_connector::InboundRequest;

pub use key_pg::{KEY_PG, connectors};
pub use pg::PgWire;
pub use receiver::{Delivery, Receiver};
pub use seed::{MAIN, MAIN_BRN, OTHER, OTHER_BRN, SUB, Tenant};
pub use window::{key_window, window};
