//! The pure core of Naru: ids, money, and the aggregates with their rules.
//!
//! No async, no I/O, no clock, no randomness: whatever a rule needs comes in with the command.
//! The types derive serde only because the store keeps them as JSON documents (decision 0003);
//! nothing here knows a wire format.
//!
//! Invariant: `apply` is total, since an event is a fact; only `decide` refuses.

pub mod time;

pub use time::Timestamp;
