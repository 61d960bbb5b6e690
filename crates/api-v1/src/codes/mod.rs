//! The code tables of this face, and what the contract of V2 calls the same.

pub(crate) mod bank;
pub(crate) mod card;
pub(crate) mod courier;
pub(crate) mod pg;

use serde::Serialize;

/// A code and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Code {
    pub(crate) code: &'static str,
    pub(crate) name: &'static str,
}
