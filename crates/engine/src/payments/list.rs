//! Lists of payments and billing keys.

use naru_domain::payment::Payment;
use naru_domain::{StoreId, Timestamp};
use naru_store::{Condition, Direction, Query, Value, tables};

use super::read::PaymentView;
use crate::records::{BillingKeyRecord, PaymentRecord, Subject};
use crate::{BillingKeyView, Engine, Fault};

/// How far matches are counted: the deepest page that can be asked for.
pub const TOTAL_COUNT_MAX: u32 = 60_000;

/// Which page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 0.
    pub number: u32,
    /// Items on it.
    pub size: u32,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct PageOf<T> {
    /// The items.
    pub items: Vec<T>,
    /// How many match, counted up to [`TOTAL_COUNT_MAX`].
    pub total_count: u32,
}

/// Which moment a time filter or sort goes by, by column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeField {
    /// When a payment was asked for.
    CreatedAt,
    /// When a payment's status changed.
    StatusChangedAt,
    /// When a billing key was asked for.
    RequestedAt,
    /// When a billing key was issued.
    IssuedAt,
    /// When a billing key was deleted.
    DeletedAt,
    /// When a billing key got its status.
    StatusAt,
}

impl TimeField {
    const fn column(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::StatusChangedAt => "status_changed_at",
            Self::RequestedAt => "requested_at",
            Self::IssuedAt => "issued_at",
            Self::DeletedAt => "deleted_at",
            Self::StatusAt => "status_at",
        }
    }
}

/// Sort order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

/// What to sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaymentSort {
    /// By which moment.
    pub by: TimeField,
    /// In which order.
    pub order: SortOrder,
}

/// A word to search for; matches by prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerm {
    /// The search field's wire name; `ALL` for any.
    pub field: String,
    /// The word.
    pub value: String,
}

/// A list asked for. Within one list of values OR, between filters AND; empty lists filter
/// nothing.
#[derive(Debug, Clone)]
pub struct PaymentFilter {
    /// Stores that the caller may see.
    pub stores: Vec<StoreId>,
    /// By which moment.
    pub time: TimeField,
    /// From, inclusive.
    pub from: Timestamp,
    /// Until, inclusive.
    pub until: Timestamp,
    /// Column and accepted values: statuses, methods, providers and so on.
    pub columns: Vec<(&'static str, Vec<Value>)>,
    /// Column and range, inclusive.
    pub ranges: Vec<(&'static str, Timestamp, Timestamp)>,
    /// Statuses of webhooks: one of those about the payment's present status must match.
    pub webhook_statuses: Vec<&'static str>,
    /// Words that must all match.
    pub search: Vec<SearchTerm>,
    /// Order.
    pub sort: PaymentSort,
}

impl Engine {
    /// `GET /payments`.
    pub async fn payments(
        &self,
        filter: &PaymentFilter,
        page: Page,
    ) -> Result<PageOf<PaymentView>, Fault> {
        let query = list_query((&tables::PAYMENTS, Subject::Payment), filter, page);
        let total_count = self.store().count(query.clone(), TOTAL_COUNT_MAX).await?;
        let found = self.store().list::<PaymentRecord>(query).await?;
        let payments = found
            .into_iter()
            .map(|one| one.value.0)
            .collect::<Vec<Payment>>();
        let mut webhooks = self.webhooks_of_all(&payments).await?;
        let items = payments.into_iter().map(|payment| {
            let key = (payment.store_id.clone(), payment.id.as_str().to_owned());
            let webhooks = webhooks.remove(&key).unwrap_or_default();
            PaymentView { payment, webhooks }
        });
        let items = items.collect();
        Ok(PageOf { items, total_count })
    }

    /// `GET /billing-keys`.
    pub async fn billing_keys(
        &self,
        filter: &PaymentFilter,
        page: Page,
    ) -> Result<PageOf<BillingKeyView>, Fault> {
        let mut filter = filter.clone();
        // Issues that never succeeded are not in the API.
        if !filter.columns.iter().any(|(name, _)| *name == "status") {
            filter
                .columns
                .push(("status", vec!["ISSUED".into(), "DELETED".into()]));
        }
        let query = list_query((&tables::BILLING_KEYS, Subject::BillingKey), &filter, page);
        let total_count = self.store().count(query.clone(), TOTAL_COUNT_MAX).await?;
        let found = self.store().list::<BillingKeyRecord>(query).await?;
        Ok(PageOf {
            items: found.into_iter().map(|one| one.value.0).collect(),
            total_count,
        })
    }
}

/// A payment and its webhooks of the status that it has now.
const WEBHOOK_JOIN: &[(&str, &str)] = &[
    ("store_id", "store_id"),
    ("payment_id", "subject_id"),
    ("status", "payment_status"),
];
const PAYMENT_JOIN: &[(&str, &str)] = &[("store_id", "store_id"), ("payment_id", "subject_id")];
const KEY_JOIN: &[(&str, &str)] = &[("store_id", "store_id"), ("billing_key", "subject_id")];

fn list_query(
    (table, subject): (&'static naru_store::Table, Subject),
    filter: &PaymentFilter,
    page: Page,
) -> Query {
    let join = match subject {
        Subject::Payment => PAYMENT_JOIN,
        Subject::BillingKey => KEY_JOIN,
    };
    let mut query = Query::of(table, page.size);
    query.offset = page.number.saturating_mul(page.size);
    let stores = filter
        .stores
        .iter()
        .map(|id| Value::from(id.as_str()))
        .collect::<Vec<_>>();
    query = query.and(match stores.as_slice() {
        // One store is the ordinary case, and an equality lets every backend use the index.
        [store] => Condition::Is("store_id", store.clone()),
        _ => Condition::In("store_id", stores),
    });
    let time = filter.time.column();
    query = query
        .and(Condition::AtLeast(time, filter.from.into()))
        .and(Condition::AtMost(time, filter.until.into()));
    for (column, values) in &filter.columns {
        query = query.and(match values.as_slice() {
            [value] => Condition::Is(column, value.clone()),
            _ => Condition::In(column, values.clone()),
        });
    }
    for (column, from, until) in &filter.ranges {
        query = query
            .and(Condition::AtLeast(column, (*from).into()))
            .and(Condition::AtMost(column, (*until).into()));
    }
    if !filter.webhook_statuses.is_empty() {
        let values = filter
            .webhook_statuses
            .iter()
            .map(|status| Value::from(*status))
            .collect();
        query = query.and(Condition::Exists {
            table: &tables::WEBHOOKS,
            on: WEBHOOK_JOIN,
            filter: vec![Condition::In("status", values)],
        });
    }
    for term in &filter.search {
        query = query.and(search_condition(subject, join, term));
    }
    let direction = match filter.sort.order {
        SortOrder::Ascending => Direction::Ascending,
        SortOrder::Descending => Direction::Descending,
    };
    query.by(filter.sort.by.column(), direction)
}

fn search_condition(
    subject: Subject,
    join: &'static [(&'static str, &'static str)],
    term: &SearchTerm,
) -> Condition {
    let mut filter = vec![
        Condition::Is("subject", subject.name().into()),
        Condition::Prefix("value", crate::search::fold(&term.value)),
    ];
    if term.field != "ALL" {
        filter.push(Condition::Is("field", term.field.as_str().into()));
    }
    Condition::Exists {
        table: &tables::SEARCH,
        on: join,
        filter,
    }
}
