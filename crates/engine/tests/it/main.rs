//! The engine over a store in memory and the simulated PG, with time that a test moves.
#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod crash;
mod same_key;
mod support;
mod unclear;
mod webhooks;
