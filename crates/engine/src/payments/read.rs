//! Reading payments.

use std::collections::{BTreeSet, HashMap};

use naru_domain::payment::Payment;
use naru_domain::{AttemptId, PaymentId, StoreId};
use naru_store::{Condition, Direction, Query, Value, tables};

use crate::records::{AttemptRecord, EventRecord, Subject, WebhookRecord};
use crate::unit::event_subject;
use crate::{Engine, Fault};

/// Webhooks shown with a payment: the latest ones.
const WEBHOOKS_MAX: u32 = 100;
/// Events read at a time.
const EVENTS_MAX: u32 = 10_000;

/// A webhook as readers see it.
pub type WebhookView = WebhookRecord;
/// An event as readers see it.
pub type EventView = EventRecord;

/// A payment as readers see it.
#[derive(Debug, Clone)]
pub struct PaymentView {
    /// The payment.
    pub payment: Payment,
    /// Its webhooks, oldest first.
    pub webhooks: Vec<WebhookView>,
}

impl Engine {
    /// `GET /payments/{paymentId}`.
    pub async fn payment(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<PaymentView, Fault> {
        let payment = self.payment_alone(store_id, payment_id).await?;
        let webhooks = self.webhooks_of(store_id, payment_id.as_str()).await?;
        Ok(PaymentView { payment, webhooks })
    }

    /// The same without its webhooks, for those who do not show them.
    pub async fn payment_alone(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Payment, Fault> {
        let found = self.load_payment(store_id, payment_id).await?;
        found
            .map(|found| found.value.0)
            .filter(Payment::has_begun)
            .ok_or(Fault::PaymentNotFound)
    }

    pub(crate) async fn webhooks_of(
        &self,
        store_id: &StoreId,
        subject_id: &str,
    ) -> Result<Vec<WebhookView>, Fault> {
        let query = Query::of(&tables::WEBHOOKS, WEBHOOKS_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()))
            .and(Condition::Is("subject_id", subject_id.into()))
            .by("triggered_at", Direction::Descending)
            .few();
        let found = self.store().list::<WebhookRecord>(query).await?;
        Ok(found.into_iter().rev().map(|one| one.value).collect())
    }

    /// The webhooks of a page of payments, oldest first, in one question to the store.
    pub(crate) async fn webhooks_of_all(
        &self,
        payments: &[Payment],
    ) -> Result<HashMap<(StoreId, String), Vec<WebhookView>>, Fault> {
        let mut found: HashMap<_, Vec<WebhookView>> = HashMap::new();
        if payments.is_empty() {
            return Ok(found);
        }
        let stores = payments.iter().map(|payment| payment.store_id.as_str());
        let stores = stores.collect::<BTreeSet<_>>().into_iter().map(Value::from);
        let ids = payments
            .iter()
            .map(|payment| Value::from(payment.id.as_str()));
        let limit = WEBHOOKS_MAX.saturating_mul(u32::try_from(payments.len()).unwrap_or(u32::MAX));
        let query = Query::of(&tables::WEBHOOKS, limit)
            .and(Condition::In("store_id", stores.collect()))
            .and(Condition::In("subject_id", ids.collect()))
            .by("triggered_at", Direction::Descending);
        for one in self.store().list::<WebhookRecord>(query).await? {
            let key = (one.value.store_id.clone(), one.value.subject_id.clone());
            let of_one = found.entry(key).or_default();
            if of_one.len() < WEBHOOKS_MAX as usize {
                of_one.push(one.value);
            }
        }
        for of_one in found.values_mut() {
            of_one.reverse();
        }
        Ok(found)
    }

    /// Everything that happened to a payment.
    pub async fn payment_events(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Vec<EventView>, Fault> {
        let subject = event_subject(Subject::Payment, payment_id.as_str());
        let query = Query::of(&tables::EVENTS, EVENTS_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()))
            .and(Condition::Is("subject_id", subject.into()))
            .by("sequence", Direction::Ascending);
        let found = self.store().list::<EventRecord>(query).await?;
        Ok(found.into_iter().map(|one| one.value).collect())
    }

    /// Which payment or billing key a PG's order id belongs to: for tools that compare books.
    pub async fn attempt_of_order(&self, order_id: &str) -> Result<Option<AttemptRecord>, Fault> {
        if AttemptId::from_order_id(order_id).is_none() {
            return Ok(None);
        }
        let found = self
            .store()
            .load::<AttemptRecord>(vec![order_id.into()])
            .await?;
        Ok(found.map(|found| found.value))
    }
}
