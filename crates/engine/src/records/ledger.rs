//! What lists and charts know of payments: facts, profiles and the ledger. All of it is derived
//! from payments and their events, written behind their commits (`crate::ledger`).

use naru_domain::{AttemptId, CancellationId, MerchantId, PaymentId, StoreId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// What lists know of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactsRecord {
    /// Store.
    pub store_id: StoreId,
    /// Payment.
    pub payment_id: PaymentId,
    /// Which version of the payment they are of.
    pub payment_version: i64,
    /// Where cursors meet the payment.
    pub position: i64,
    /// The profile, by its short name.
    pub profile: String,
    /// When the payment was asked for.
    pub created_at: Timestamp,
    /// When its status changed.
    pub status_changed_at: Timestamp,
    /// When its cash receipt was issued and cancelled, in microseconds.
    pub receipt_at: [Option<i64>; 2],
    /// What it costs, in minor units.
    pub amount: i64,
    /// Captures and cancellations that are in the ledger, by their ids.
    pub entered: Vec<String>,
}

impl Record for FactsRecord {
    const TABLE: &'static Table = &tables::PAYMENT_FACTS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.payment_id.as_str().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        let [issued_at, cancelled_at] = self.receipt_at;
        vec![
            self.position.into(),
            self.profile.as_str().into(),
            self.created_at.into(),
            self.status_changed_at.into(),
            issued_at.into(),
            cancelled_at.into(),
            self.amount.into(),
        ]
    }
}

/// A combination of filterable values, and how many payments have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRecord {
    /// Store.
    pub store_id: StoreId,
    /// Its short name.
    pub profile: String,
    /// The values, in the order of the table's columns: a text, a number or nothing.
    pub values: Vec<serde_json::Value>,
    /// How many payments have it.
    pub payments: i64,
}

impl ProfileRecord {
    /// A value by its column.
    pub fn value(&self, name: &str) -> Option<&serde_json::Value> {
        let at = Self::TABLE.columns.iter().position(|one| one.name == name);
        self.values.get(at?).filter(|value| !value.is_null())
    }

    /// A text by its column.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(serde_json::Value::as_str)
    }
}

impl Record for ProfileRecord {
    const TABLE: &'static Table = &tables::PAYMENT_PROFILES;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.profile.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        let column = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => Value::from(text.as_str()),
            other => Value::from(other.as_i64()),
        };
        self.values.iter().map(column).collect()
    }
}

/// Money in or out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRecord {
    /// Store.
    pub store_id: StoreId,
    /// Where it stands: microseconds since 1970, near `recorded_at`, never the same twice.
    pub position: i64,
    /// Merchant.
    pub merchant_id: MerchantId,
    /// Payment.
    pub payment_id: PaymentId,
    /// The attempt whose money it is.
    pub attempt: AttemptId,
    /// The cancellation that gave money back; nothing for a capture.
    pub cancellation: Option<CancellationId>,
    /// When Naru recorded it.
    pub recorded_at: Timestamp,
    /// When the money moved, as the PG says.
    pub money_at: Timestamp,
    /// Currency.
    pub currency: String,
    /// Minor units; below zero for money given back.
    pub amount: i64,
    /// What had been given back with it, this included: total and tax-free part.
    pub cancelled: [i64; 2],
    /// Whether it leaves nothing to give back.
    pub is_whole: bool,
    /// Whether it is a test channel's.
    pub is_test: bool,
    /// The kind of method, by its wire name.
    pub method: String,
    /// The card's issuer, for cards.
    pub card_company: Option<String>,
    /// The wallet, for easy pay.
    pub easy_pay_provider: Option<String>,
    /// The company of the PG.
    pub pg_company: Option<String>,
    /// Tells customers apart without naming them: of a keyed hash of the phone number.
    pub customer: Option<i64>,
}

impl Record for LedgerRecord {
    const TABLE: &'static Table = &tables::LEDGER;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.position.into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.merchant_id.as_str().into(),
            self.payment_id.as_str().into(),
            self.recorded_at.into(),
            self.money_at.into(),
            self.currency.as_str().into(),
            self.amount.into(),
            self.is_test.into(),
            self.method.as_str().into(),
            self.card_company.clone().into(),
            self.easy_pay_provider.clone().into(),
            self.pg_company.clone().into(),
            self.customer.into(),
        ]
    }
}

/// How far a merchant's ledger goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerHeadRecord {
    /// Merchant.
    pub merchant_id: MerchantId,
    /// The last position that was given.
    pub last: i64,
    /// The farthest that a position was from its moment, in microseconds.
    pub lag_max: i64,
}

impl Record for LedgerHeadRecord {
    const TABLE: &'static Table = &tables::LEDGER_HEADS;

    fn key(&self) -> Vec<Value> {
        vec![self.merchant_id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}
