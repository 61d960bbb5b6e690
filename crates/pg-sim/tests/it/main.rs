//! The simulator from outside: signed calls in, books, notices and connections out.
//!
//! The client in `support` signs by itself, from the PG's documents; it shares no code with the
//! simulator, so that a wrong hash rule can't hide on both sides.
#![expect(clippy::unwrap_used, reason = "tests")]

mod connections;
mod controls;
mod escrow;
mod faults;
mod identity;
mod inquiries;
mod merchant;
mod notices;
mod persistence;
mod receipts;
mod refunds;
mod sales;
mod settlements;
mod support;
mod tax;
