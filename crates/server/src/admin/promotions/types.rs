//! What goes over the private listener about promotions. Moments are RFC 3339.

use serde::{Deserialize, Serialize};

/// What a promotion takes off orders from an amount up: one of the two is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Partition {
    /// From which order total up.
    pub amount_from: i64,
    /// Whole percents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<i32>,
    /// A fixed amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
}

/// Whether cancellations give back to the budget; if not, perhaps a further budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// Whether they do.
    pub recovers: bool,
    /// A further budget, as an amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spare_amount: Option<i64>,
    /// A further budget, in percents of the total.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spare_percent: Option<i32>,
}

/// `POST /admin/v1/stores/{id}/promotions` → [`Promotion`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewPromotion {
    /// Its name.
    pub name: String,
    /// The card company.
    pub card_company: String,
    /// The currency.
    pub currency: String,
    /// By rising amounts.
    pub partitions: Vec<Partition>,
    /// What a discount in percents comes to at most.
    pub max_discount_amount: Option<i64>,
    /// The budget.
    pub total_budget: i64,
    /// Whether cancellations give back to it.
    pub recovery: Recovery,
    /// From when; at once if not given.
    pub start_at: Option<String>,
    /// Until when.
    pub end_at: String,
}

/// `POST /admin/v1/promotions/{id}` → [`Promotion`]. What is not given stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PromotionChange {
    /// A name.
    pub name: Option<String>,
    /// A card company.
    pub card_company: Option<String>,
    /// All partitions anew.
    pub partitions: Option<Vec<Partition>>,
    /// With the partitions: what a discount in percents comes to at most.
    pub max_discount_amount: Option<i64>,
    /// A budget.
    pub total_budget: Option<i64>,
    /// Whether cancellations give back to it.
    pub recovery: Option<Recovery>,
    /// A start.
    pub start_at: Option<String>,
    /// An end.
    pub end_at: Option<String>,
}

/// `GET /admin/v1/stores/{id}/promotions` → items, `GET /admin/v1/promotions/{id}`;
/// `POST …/pause`, `…/resume` and `…/terminate` answer it as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Promotion {
    /// `promotion-id-…`.
    pub id: String,
    /// The store.
    pub store_id: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: String,
    /// The card company.
    pub card_company: String,
    /// The currency.
    pub currency: String,
    /// By rising amounts.
    pub partitions: Vec<Partition>,
    /// What a discount in percents comes to at most.
    pub max_discount_amount: Option<i64>,
    /// The budget.
    pub total_budget: i64,
    /// What is reserved and spent of it.
    pub spent_amount: i64,
    /// Whether cancellations give back to it.
    pub recovery: Recovery,
    /// From when.
    pub start_at: String,
    /// Until when.
    pub end_at: String,
    /// When it was made.
    pub created_at: String,
    /// When it was ended by hand.
    pub terminated_at: Option<String>,
}

/// `POST /admin/v1/card-bins` → [`Imported`]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCardBins {
    /// Pairs of first digits and card company.
    pub bins: Vec<(String, String)>,
}

/// How many were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// So many.
    pub count: usize,
}

/// `GET /admin/v1/card-bins/{digits}`: whose cards begin so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardCompany {
    /// Nothing if it is not known.
    pub company: Option<String>,
}
