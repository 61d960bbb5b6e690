//! Payments, billing keys, and what belongs to them.

use naru_connector::{DepositNotice, EscrowNotice};
use naru_domain::billing_key::{BillingKey, BillingKeyState, IssueOutcome};
use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::payment::{
    Attempt, AttemptState, Discrepancy, Payment, Platform, PreRegistration,
};
use naru_domain::{AttemptId, Method, MethodKind, PaymentId, StoreId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// A payment, with the columns that lists filter and sort by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentRecord(pub Payment);

/// The kind of a method as lists and charts name it.
pub(crate) const fn method_name(kind: MethodKind) -> &'static str {
    match kind {
        MethodKind::Card => "CARD",
        MethodKind::VirtualAccount => "VIRTUAL_ACCOUNT",
        MethodKind::Transfer => "TRANSFER",
        MethodKind::Mobile => "MOBILE",
        MethodKind::GiftCertificate => "GIFT_CERTIFICATE",
        MethodKind::EasyPay => "EASY_PAY",
    }
}

const fn platform_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Pc => "SDK_PC",
        Platform::Mobile => "SDK_MOBILE",
        Platform::Api => "API",
    }
}

/// The card of a capture: brand, kind and owner as lists filter by.
fn card_columns(state: &AttemptState) -> [Value; 3] {
    if let AttemptState::Captured { capture } = state
        && let Some(payment) = capture.method.card()
    {
        let card = &payment.card;
        return [
            card.brand.clone().into(),
            card.kind.clone().into(),
            card.owner.clone().into(),
        ];
    }
    [Value::Null, Value::Null, Value::Null]
}

/// Whose gift certificates paid.
fn gift_certificate(attempt: &Attempt) -> Option<String> {
    match &attempt.state {
        AttemptState::Captured { capture } => match &capture.method {
            Method::GiftCertificate(paid) => paid.kind.clone(),
            _ => None,
        },
        _ => None,
    }
}

/// Whether the PG holds the money, or is asked to, and where the escrow stands once it does.
fn escrow_columns(payment: &Payment, attempt: &Attempt) -> (bool, Option<&'static str>) {
    match (&payment.escrow, &attempt.state) {
        (Some(escrow), _) => (true, Some(escrow.state.name())),
        // The PG took it as an ordinary payment.
        (None, AttemptState::Captured { .. }) => (false, None),
        (
            None,
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::WaitingForDeposit { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. },
        ) => (attempt.order.is_escrow, None),
    }
}

/// The cash receipt of a deposit: type, status, and when it was issued and cancelled.
fn receipt_columns(attempt: &Attempt) -> [Value; 4] {
    let wish = match attempt.method {
        MethodKind::VirtualAccount => {
            Some(attempt.cash_receipt.map_or("NO_RECEIPT", ReceiptKind::name))
        }
        MethodKind::Card
        | MethodKind::Transfer
        | MethodKind::Mobile
        | MethodKind::GiftCertificate
        | MethodKind::EasyPay => None,
    };
    if let AttemptState::Captured { capture } = &attempt.state
        && let Some(receipt) = &capture.cash_receipt
    {
        let status = if receipt.cancelled_at.is_some() {
            "CANCELLED"
        } else {
            "ISSUED"
        };
        return [
            wish.into(),
            status.into(),
            receipt.issued.at.into(),
            receipt.cancelled_at.into(),
        ];
    }
    [wish.into(), Value::Null, Value::Null, Value::Null]
}

impl Record for PaymentRecord {
    const TABLE: &'static Table = &tables::PAYMENTS;

    fn key(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        let payment = &self.0;
        // Only a schedule has touched it: with nulls it is in no list.
        let Some(attempt) = payment.shown() else {
            return vec![Value::Null; Self::TABLE.columns.len()];
        };
        let [brand, kind, owner] = card_columns(&attempt.state);
        let (is_escrow, escrow_status) = escrow_columns(payment, attempt);
        let [receipt_type, receipt_status, issued_at, cancelled_at] = receipt_columns(attempt);
        vec![
            payment.merchant_id.as_str().into(),
            attempt.transaction_id().into(),
            payment.created_at.into(),
            attempt.status_changed_at.into(),
            payment.status().name().into(),
            method_name(attempt.paid_by()).into(),
            attempt.channel.pg_provider.as_str().into(),
            attempt.channel.is_test.into(),
            attempt.schedule.is_some().into(),
            attempt.face().name().into(),
            platform_name(attempt.origin.platform).into(),
            attempt.order.currency.as_str().into(),
            is_escrow.into(),
            escrow_status.into(),
            brand,
            kind,
            owner,
            gift_certificate(attempt).into(),
            receipt_type,
            receipt_status,
            issued_at,
            cancelled_at,
            Value::Int(1),
        ]
    }
}

/// An amount registered before a payment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PreRegistrationRecord {
    /// Store.
    pub store_id: StoreId,
    /// Payment.
    pub payment_id: PaymentId,
    /// What.
    pub registered: PreRegistration,
}

impl Record for PreRegistrationRecord {
    const TABLE: &'static Table = &tables::PRE_REGISTRATIONS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.payment_id.as_str().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// From an order id to what it belongs to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AttemptRecord {
    /// The attempt.
    pub attempt: AttemptId,
    /// Store.
    pub store_id: StoreId,
    /// Payment, billing key for an issue, or identity verification.
    pub subject_id: String,
    /// Which of them.
    pub subject: Subject,
    /// When the intent was made.
    pub at: Timestamp,
}

/// Kinds of thing that attempts, events and searches are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    /// A payment.
    Payment,
    /// A billing key.
    BillingKey,
    /// An identity verification.
    IdentityVerification,
}

impl Subject {
    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::BillingKey => "billing_key",
            Self::IdentityVerification => "identity",
        }
    }
}

impl Record for AttemptRecord {
    const TABLE: &'static Table = &tables::ATTEMPTS;

    fn key(&self) -> Vec<Value> {
        vec![self.attempt.order_id().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.subject_id.as_str().into(),
        ]
    }
}

/// An event of a payment or billing key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventRecord {
    /// Store.
    pub store_id: StoreId,
    /// Payment id or billing key, after a letter that tells them apart.
    pub subject_id: String,
    /// 1, 2, 3 … without gaps.
    pub sequence: i64,
    /// When it was recorded, by the business clock.
    pub at: Timestamp,
    /// The event's name.
    pub kind: String,
    /// The event.
    pub event: serde_json::Value,
}

impl Record for EventRecord {
    const TABLE: &'static Table = &tables::EVENTS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.subject_id.as_str().into(),
            self.sequence.into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.at.into(), self.kind.as_str().into()]
    }
}

/// A billing key, with the columns that lists filter and sort by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BillingKeyRecord(pub BillingKey);

impl Record for BillingKeyRecord {
    const TABLE: &'static Table = &tables::BILLING_KEYS;

    fn key(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        let key = &self.0;
        let (status, issued_at, deleted_at, status_at) = match key.state {
            // Not in the API until it is issued, under the id that it is saved as.
            _ if key.saves_as.is_some() => (None, None, None, None),
            // Not in the API until it is issued.
            BillingKeyState::Ready
            | BillingKeyState::AwaitingConfirm { .. }
            | BillingKeyState::Issuing
            | BillingKeyState::Failed { .. } => (None, None, None, None),
            BillingKeyState::Issued { at } => (Some("ISSUED"), Some(at), None, Some(at)),
            BillingKeyState::Deleted { issued_at, at } => {
                (Some("DELETED"), Some(issued_at), Some(at), Some(at))
            }
        };
        let pg = key
            .channels
            .iter()
            .find(|issue| matches!(issue.outcome, IssueOutcome::Issued { .. }))
            .map(|issue| issue.channel.pg_provider.as_str());
        vec![
            key.merchant_id.as_str().into(),
            status.into(),
            key.requested_at.into(),
            issued_at.into(),
            deleted_at.into(),
            status_at.into(),
            if key.is_phone_bill() {
                "MOBILE"
            } else {
                "CARD"
            }
            .into(),
            pg.into(),
            pg.and_then(naru_domain::pg_company).into(),
            key.customer.id.clone().into(),
            key.channel_group
                .as_ref()
                .map(|group| group.id.as_str())
                .into(),
            platform_name(key.origin.platform).into(),
            key.face.name().into(),
            Value::Int(1),
        ]
    }
}

/// A notice from a PG.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// The connector's name.
    pub pg: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// The notice's id.
    pub event_id: String,
    /// The order id it is about.
    pub order_id: String,
    /// What it says of a deposit.
    #[serde(default)]
    pub deposit: Option<DepositNotice>,
    /// What it says of an escrow.
    #[serde(default)]
    pub escrow: Option<EscrowNotice>,
    /// When it came.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: NoticeState,
}

/// Where a notice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum NoticeState {
    /// Not looked into yet.
    Waiting,
    /// An inquiry confirmed it, or it changed nothing.
    Done,
    /// Nothing of ours is meant, or the PG's books say otherwise.
    Refuted,
}

impl NoticeState {
    /// Its name in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "WAITING",
            Self::Done => "DONE",
            Self::Refuted => "REFUTED",
        }
    }
}

impl Record for NoticeRecord {
    const TABLE: &'static Table = &tables::NOTICES;

    fn key(&self) -> Vec<Value> {
        vec![
            self.pg.as_str().into(),
            self.pg_merchant_id.as_str().into(),
            self.event_id.as_str().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.order_id.as_str().into(),
            self.state.name().into(),
            self.received_at.into(),
        ]
    }
}

/// Something that does not add up and needs a person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DiscrepancyRecord {
    /// Its id.
    pub id: String,
    /// Store.
    pub store_id: StoreId,
    /// Payment.
    pub payment_id: PaymentId,
    /// Attempt.
    pub attempt: AttemptId,
    /// What.
    pub discrepancy: Discrepancy,
    /// When.
    pub at: Timestamp,
}

impl Record for DiscrepancyRecord {
    const TABLE: &'static Table = &tables::DISCREPANCIES;

    fn key(&self) -> Vec<Value> {
        vec![self.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.payment_id.as_str().into(),
            self.at.into(),
        ]
    }
}
