//! Promotions, their budgets, and the companies behind cards.

use naru_domain::promotion::Promotion;
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A promotion.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PromotionRecord(pub Promotion);

impl Record for PromotionRecord {
    const TABLE: &'static Table = &tables::PROMOTIONS;

    fn key(&self) -> Vec<Value> {
        vec![self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.created_at.into()]
    }
}

/// A promotion's budget as it begins: what is spent of it is a column, which only additions
/// change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PromotionBudgetRecord {
    /// The promotion's id.
    pub promotion_id: String,
}

impl Record for PromotionBudgetRecord {
    const TABLE: &'static Table = &tables::PROMOTION_BUDGETS;

    fn key(&self) -> Vec<Value> {
        vec![self.promotion_id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![Value::Int(0)]
    }
}

/// Whose cards begin with these digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardBinRecord {
    /// Six to eight digits.
    pub bin: String,
    /// The contract's name of the company, such as `SAMSUNG_CARD`.
    pub company: String,
}

impl Record for CardBinRecord {
    const TABLE: &'static Table = &tables::CARD_BINS;

    fn key(&self) -> Vec<Value> {
        vec![self.bin.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}
