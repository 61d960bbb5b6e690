//! Administrators: who may log in to the console, their passwords, log-ins and sessions.
//!
//! All of it is in the store, so that every node and every restart knows it: wrong passwords that
//! were counted, who is locked out, which sessions live. What is refused says no more than that it
//! was refused. Decision 0032 has the reasons.
//!
//! Invariants: neither a password nor a token is in the store; a session that is found was begun
//! with the password that counts now.

mod accounts;
mod log_in;
mod passwords;
pub mod rules;
mod sessions;

pub use accounts::AdministratorView;
pub use log_in::{LogIn, LogInAsked};
pub(crate) use passwords::Computing;
pub use sessions::{ConsoleSession, SESSION_IDLE_S, SESSION_MAX_S};
