//! Lists of payments and billing keys.

use naru_domain::payment::Payment;
use naru_store::{Condition, Value, tables};

use super::read::PaymentView;
use crate::list::{Join, ListFilter, Listed, Page, PageOf};
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
        let further = webhook_condition(&filter.webhook_statuses);
        let further = further.into_iter().collect();
        let found = self
            .list_page::<PaymentRecord>(&filter.list, further, page)
            .await?;
        let payments = found.items.into_iter().map(|record| record.0).collect();
        Ok(PageOf {
            items: self.payment_views(payments).await?,
            total_count: found.total_count,
        })
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

fn webhook_condition(statuses: &[&'static str]) -> Option<Condition> {
    let values: Vec<Value> = statuses.iter().map(|status| Value::from(*status)).collect();
    (!values.is_empty()).then(|| Condition::Exists {
        table: &tables::WEBHOOKS,
        on: WEBHOOK_JOIN,
        filter: vec![Condition::In("status", values)],
    })
}
