//! Lists of payments and billing keys.

use naru_domain::payment::Payment;
use naru_store::{Condition, Value, tables};

use super::read::PaymentView;
use crate::list::{Join, ListFilter, Listed, Page, PageOf, TOTAL_COUNT_MAX};
use crate::records::{BillingKeyRecord, PaymentRecord, Subject};
use crate::{BillingKeyView, Engine, Fault};

/// A list of payments asked for.
#[derive(Debug, Clone)]
pub struct PaymentFilter {
    /// What every list has.
    pub list: ListFilter,
    /// Statuses of webhooks: one of those about the payment's present status must match.
    pub webhook_statuses: Vec<&'static str>,
}

impl PaymentFilter {
    /// Whether it asks for more than what the payments' own indexes have: times and a status.
    fn is_narrow(&self) -> bool {
        let list = &self.list;
        let is_by_status = match list.columns.as_slice() {
            [] => true,
            [(name, values)] => *name == "status" && values.len() == 1,
            _ => false,
        };
        let is_by_change = list.time == "status_changed_at" && list.sort.by == list.time;
        !list.search.is_empty()
            || !list.ranges.is_empty()
            || !self.webhook_statuses.is_empty()
            || !is_by_status
            || (!list.columns.is_empty() && !is_by_change)
    }
}

impl Listed for PaymentRecord {
    const WORDS: Option<(Subject, Join)> = Some((
        Subject::Payment,
        &[("store_id", "store_id"), ("payment_id", "subject_id")],
    ));
}

impl Listed for BillingKeyRecord {
    const WORDS: Option<(Subject, Join)> = Some((
        Subject::BillingKey,
        &[("store_id", "store_id"), ("billing_key", "subject_id")],
    ));
}

impl Engine {
    /// `GET /payments`.
    pub async fn payments(
        &self,
        filter: &PaymentFilter,
        page: Page,
    ) -> Result<PageOf<PaymentView>, Fault> {
        let found = self.payment_page(filter, page).await?;
        let payments = found.items.into_iter().map(|record| record.0).collect();
        Ok(PageOf {
            items: self.payment_views(payments).await?,
            total_count: found.total_count,
        })
    }

    async fn payment_page(
        &self,
        filter: &PaymentFilter,
        page: Page,
    ) -> Result<PageOf<PaymentRecord>, Fault> {
        let Some(filter) = &self.of_own_merchant(filter).await? else {
            return Ok(PageOf {
                items: Vec::new(),
                total_count: 0,
            });
        };
        if filter.is_narrow()
            && let Some(found) = self.few_payments(filter, page).await?
        {
            return Ok(found);
        }
        let further: Vec<_> = webhook_condition(&filter.webhook_statuses)
            .into_iter()
            .collect();
        let Some(total_count) = self.counted_by_facts(filter).await? else {
            return self.list_page(&filter.list, further, page).await;
        };
        Ok(PageOf {
            items: self.list_items(&filter.list, further, page).await?,
            total_count,
        })
    }

    /// The list without its merchant, which is that of its stores; nothing if it is another one.
    async fn of_own_merchant(
        &self,
        filter: &PaymentFilter,
    ) -> Result<Option<PaymentFilter>, Fault> {
        let columns = &filter.list.columns;
        let merchant = columns.iter().position(|(name, _)| *name == "merchant_id");
        let Some(place) = merchant else {
            return Ok(Some(filter.clone()));
        };
        let mut filter = filter.clone();
        let (_, wanted) = filter.list.columns.remove(place);
        for store in &filter.list.stores {
            let record = self.store_record(store).await?;
            let is_its = record
                .is_some_and(|record| wanted.contains(&Value::from(record.merchant_id.as_str())));
            if !is_its {
                return Ok(None);
            }
        }
        Ok(Some(filter))
    }

    /// How many match in all stores; nothing if the facts can't tell.
    async fn counted_by_facts(&self, filter: &PaymentFilter) -> Result<Option<u32>, Fault> {
        let mut total_count = 0_u32;
        for store in &filter.list.stores {
            let Some(count) = self.count_by_facts(store, filter).await? else {
                return Ok(None);
            };
            total_count = total_count.saturating_add(count);
        }
        Ok(Some(total_count.min(TOTAL_COUNT_MAX)))
    }

    /// Payments with their webhooks.
    pub(crate) async fn payment_views(
        &self,
        payments: Vec<Payment>,
    ) -> Result<Vec<PaymentView>, Fault> {
        let mut webhooks = self.webhooks_of_all(&payments).await?;
        let views = payments.into_iter().map(|payment| {
            let key = (payment.store_id.clone(), payment.id.as_str().to_owned());
            let webhooks = webhooks.remove(&key).unwrap_or_default();
            PaymentView { payment, webhooks }
        });
        Ok(views.collect())
    }

    /// `GET /billing-keys`.
    pub async fn billing_keys(
        &self,
        filter: &ListFilter,
        page: Page,
    ) -> Result<PageOf<BillingKeyView>, Fault> {
        let mut filter = filter.clone();
        // Issues that never succeeded are not in the API.
        if !filter.columns.iter().any(|(name, _)| *name == "status") {
            filter
                .columns
                .push(("status", vec!["ISSUED".into(), "DELETED".into()]));
        }
        let found = self
            .list_page::<BillingKeyRecord>(&filter, Vec::new(), page)
            .await?;
        Ok(PageOf {
            items: found.items.into_iter().map(|record| record.0).collect(),
            total_count: found.total_count,
        })
    }
}

/// A payment and its webhooks of the status that it has now.
const WEBHOOK_JOIN: Join = &[
    ("store_id", "store_id"),
    ("payment_id", "subject_id"),
    ("status", "payment_status"),
];

pub(super) fn webhook_condition(statuses: &[&'static str]) -> Option<Condition> {
    let values: Vec<Value> = statuses.iter().map(|status| Value::from(*status)).collect();
    (!values.is_empty()).then(|| Condition::Exists {
        table: &tables::WEBHOOKS,
        on: WEBHOOK_JOIN,
        filter: vec![Condition::In("status", values)],
    })
}
