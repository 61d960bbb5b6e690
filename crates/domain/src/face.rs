//! Which face something was made on. It can be read and changed on both.

use serde::{Deserialize, Serialize};

/// A face: one of the two APIs over the one engine (P7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Face {
    /// The API of `imp_uid` and `merchant_uid`.
    V1,
    /// The API of `transactionId` and `paymentId`.
    #[default]
    V2,
}

impl Face {
    /// The name on the V2 wire and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V1 => "V1",
            Self::V2 => "V2",
        }
    }

    /// For serde: what is not said.
    pub const fn is_v2(&self) -> bool {
        matches!(self, Self::V2)
    }
}
