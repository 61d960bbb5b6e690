//! The journal: every movement of money as a posting between two accounts.
//!
//! A *posting* takes one amount from the account that it credits to the one that it debits, so a
//! journal of postings balances by construction. What the journal must hold of a payment follows
//! from the payment's state alone ([`postings`]), and so does what a change of it adds. It is not
//! the ledger, which is a list of payments' money in the order of its positions (decision 0031).
//!
//! Invariants: no posting is of nothing or of less; a posting's id follows from what happened, so
//! the same can't be posted twice; a decision only ever adds postings.

mod account;
mod balances;
mod of_payment;
mod of_settlement;
mod posting;

pub use account::BookAccount;
pub use balances::{Balances, balances};
pub use of_payment::{new_postings, postings};
pub use of_settlement::{settled, taken_back};
pub use posting::{Posting, PostingKind};
