//! The one door out: everything that Naru sends to the outside goes through a transport of this
//! crate.
//!
//! A transport adds to [`naru_connector::Transport`] what the outside needs: TLS, time-outs, a
//! bound on the answer, a bound on concurrent requests per host, and an address policy that is
//! applied to the very addresses that are connected to. It follows no redirect, repeats nothing,
//! uses no proxy and keeps no cookie, and it never logs a body, a header or a query string.
//!
//! Invariant: [`Sent::No`](naru_connector::Sent::No) is said only when no byte of the request can
//! have been written. Every doubt is [`Sent::Perhaps`](naru_connector::Sent::Perhaps).

mod failure;
mod hosts;
mod policy;
mod resolve;
mod transport;

pub use policy::{Policy, Refused, is_public};
pub use transport::{BuildError, Limits, PgTransport, WebhookTransport};

/// Makes *ring* the process's TLS provider. To be called first in `main` and in tests: without it
/// building a transport panics inside `reqwest`. Calling it again does nothing.
pub fn install_crypto() {
    // An error means that a provider is installed already, which is what is wanted.
    let _already = rustls::crypto::ring::default_provider().install_default();
}
