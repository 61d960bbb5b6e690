//! The accounts of the journal, by their names.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ChannelSnapshot, PromotionId, reported_pg};

/// An account of the journal. Each store has its own of each name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BookAccount(String);

impl BookAccount {
    /// The account of that name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// What a PG owes under a contract: the PG as reports name it, and the merchant id there.
    pub fn receivable(pg: &str, pg_merchant_id: &str) -> Self {
        Self(format!("receivable:{pg}:{pg_merchant_id}"))
    }

    /// What the PG of a channel owes.
    pub fn receivable_of(channel: &ChannelSnapshot) -> Self {
        Self::receivable(reported_pg(&channel.pg_provider), &channel.pg_merchant_id)
    }

    /// What was sold, in order terms, less what was cancelled.
    pub fn sales() -> Self {
        Self::new("sales")
    }

    /// What a promotion's discounts cost.
    pub fn promotion(id: &PromotionId) -> Self {
        Self(format!("promotion:{id}"))
    }

    /// Money that was taken for an attempt that failed, and has to go back.
    pub fn reversals() -> Self {
        Self::new("reversals")
    }

    /// What PGs paid out.
    pub fn bank() -> Self {
        Self::new("bank")
    }

    /// What PGs keep for their work, without VAT.
    pub fn fees() -> Self {
        Self::new("fees")
    }

    /// The VAT on that.
    pub fn fee_vat() -> Self {
        Self::new("fee-vat")
    }

    /// What somebody else than the customer paid of settled lines, and not to the PG.
    pub fn paid_elsewhere() -> Self {
        Self::new("paid-elsewhere")
    }

    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BookAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
