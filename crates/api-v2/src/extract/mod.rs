//! From a request to a call: who calls, about which store, with which input.
//!
//! [`Call`] authenticates, reads, decodes and finds the store, in this order, and refuses at the
//! first step that does not hold; [`Open`] is for the operations without a credential. Handlers
//! never see a header or a byte. Invariant: nothing is read from the body before the credential
//! has been accepted.

mod auth;
mod b2b;
mod body;
mod call;
mod change;
mod idempotency;
mod input;
pub(crate) mod origin;
mod path;

pub(crate) use b2b::{B2bCall, Flags};
pub(crate) use call::{Call, Open};
pub(crate) use input::{Input, Nothing, Source};
