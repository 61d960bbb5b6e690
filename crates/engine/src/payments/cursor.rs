//! Lists by cursor: all payments, or all money in and out, in the order of the merchant's ledger.
//!
//! Invariant: whoever follows the cursors gets each item once and misses none, whatever is written
//! meanwhile. What was just committed comes when the worker has entered it, a second at most.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use naru_domain::{MerchantId, PaymentId, StoreId, Timestamp};
use naru_store::{Condition, Direction, Query, Value, tables};

use super::read::PaymentView;
use crate::records::{FactsRecord, LedgerHeadRecord, LedgerRecord, PaymentRecord};
use crate::{Engine, Fault};

/// What a cursor's text begins with: the version of its form.
const VERSION: &str = "c1";

/// Which list a cursor is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorOf {
    /// Payments.
    Payments,
    /// Money in and out.
    Ledger,
}

impl CursorOf {
    const fn name(self) -> &'static [u8] {
        match self {
            Self::Payments => b"payments",
            Self::Ledger => b"ledger",
        }
    }
}

/// What a cursor is signed with.
fn signed<'a>(of: CursorOf, merchant_id: &'a MerchantId, position: &'a [u8; 8]) -> [&'a [u8]; 4] {
    let merchant = merchant_id.as_str().as_bytes();
    [VERSION.as_bytes(), of.name(), merchant, position]
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct CursorPage {
    /// Whose.
    pub merchant_id: MerchantId,
    /// Stores that the caller may see.
    pub stores: Vec<StoreId>,
    /// Made at or after this.
    pub from: Timestamp,
    /// Made at or before this.
    pub until: Timestamp,
    /// The position after which to go on.
    pub after: Option<i64>,
    /// Items.
    pub size: u32,
}

/// An entry of the ledger with its payment.
#[derive(Debug, Clone)]
pub struct EntryView {
    /// The entry.
    pub entry: LedgerRecord,
    /// The payment as it is now.
    pub payment: PaymentView,
}

impl Engine {
    /// A cursor's text. It holds for one list of one merchant.
    pub fn cursor(&self, of: CursorOf, merchant_id: &MerchantId, position: i64) -> String {
        let position = position.to_be_bytes();
        let signature = self.keys().sign_cursor(&signed(of, merchant_id, &position));
        format!("{VERSION}.{}.{signature}", URL_SAFE_NO_PAD.encode(position))
    }

    /// The position that a cursor stands for; nothing if it is not one that was given for this list
    /// of this merchant.
    pub fn position(&self, of: CursorOf, merchant_id: &MerchantId, text: &str) -> Option<i64> {
        let mut parts = text.splitn(3, '.');
        let (Some(VERSION), Some(position), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return None;
        };
        let position = URL_SAFE_NO_PAD.decode(position).ok()?.try_into().ok()?;
        self.keys()
            .cursor_is_ours(&signed(of, merchant_id, &position), signature)
            .then(|| i64::from_be_bytes(position))
    }

    /// `GET /payments-by-cursor`: payments with their positions.
    pub async fn payments_by_cursor(
        &self,
        page: &CursorPage,
    ) -> Result<Vec<(PaymentView, i64)>, Fault> {
        let query = Query::of(&tables::PAYMENT_FACTS, page.size);
        let query = self.walk(query, page, "created_at").await?;
        let found = self.store().list::<FactsRecord>(query).await?;
        let found: Vec<FactsRecord> = found.into_iter().map(|one| one.value).collect();
        let ids = found.iter().map(|one| (&one.store_id, &one.payment_id));
        let mut payments = self.payments_of(ids).await?;
        let items = found.into_iter().filter_map(|one| {
            let payment = payments.remove(&(one.store_id, one.payment_id))?;
            Some((payment, one.position))
        });
        Ok(items.collect())
    }

    /// `GET /payment-events-by-cursor`: money in and out.
    pub async fn ledger_by_cursor(&self, page: &CursorPage) -> Result<Vec<EntryView>, Fault> {
        let query = Query::of(&tables::LEDGER, page.size);
        let query = self.walk(query, page, "recorded_at").await?;
        let found = self.store().list::<LedgerRecord>(query).await?;
        let found: Vec<LedgerRecord> = found.into_iter().map(|one| one.value).collect();
        let ids = found.iter().map(|one| (&one.store_id, &one.payment_id));
        let payments = self.payments_of(ids).await?;
        let items = found.into_iter().filter_map(|entry| {
            let key = (entry.store_id.clone(), entry.payment_id.clone());
            let payment = payments.get(&key)?.clone();
            Some(EntryView { entry, payment })
        });
        Ok(items.collect())
    }

    /// The question for a stretch of the ledger. Positions are near the moments they are for, so
    /// that the window of time bounds what has to be looked at.
    async fn walk(
        &self,
        query: Query,
        page: &CursorPage,
        moment: &'static str,
    ) -> Result<Query, Fault> {
        let head = self
            .store()
            .load::<LedgerHeadRecord>(vec![page.merchant_id.as_str().into()])
            .await?;
        let lag = head.map_or(0, |head| head.value.lag_max);
        let next = page.after.map_or(i64::MIN, |after| after.saturating_add(1));
        let from = page.from.as_micros().max(next);
        let until = page.until.as_micros().saturating_add(lag);
        let query = match page.stores.as_slice() {
            [store] => query.and(Condition::Is("store_id", store.as_str().into())),
            stores => {
                let ids = stores.iter().map(|id| Value::from(id.as_str()));
                query
                    .and(Condition::Is(
                        "merchant_id",
                        page.merchant_id.as_str().into(),
                    ))
                    .and(Condition::In("store_id", ids.collect()))
            }
        };
        Ok(query
            .and(Condition::AtLeast("position", from.into()))
            .and(Condition::AtMost("position", until.into()))
            .and(Condition::AtLeast(moment, page.from.into()))
            .and(Condition::AtMost(moment, page.until.into()))
            .by("position", Direction::Ascending))
    }

    /// Payments by their ids.
    async fn payments_of<'a>(
        &self,
        ids: impl Iterator<Item = (&'a StoreId, &'a PaymentId)>,
    ) -> Result<HashMap<(StoreId, PaymentId), PaymentView>, Fault> {
        let mut of_store: HashMap<&StoreId, Vec<Value>> = HashMap::new();
        for (store, id) in ids {
            of_store.entry(store).or_default().push(id.as_str().into());
        }
        let mut payments = Vec::new();
        for (store, ids) in of_store {
            let limit = u32::try_from(ids.len()).unwrap_or(u32::MAX);
            let query = Query::of(&tables::PAYMENTS, limit)
                .and(Condition::Is("store_id", store.as_str().into()))
                .and(Condition::In("payment_id", ids));
            let found = self.store().list::<PaymentRecord>(query).await?;
            payments.extend(found.into_iter().map(|one| one.value.0));
        }
        let views = self.payment_views(payments).await?;
        let keyed = views.into_iter().map(|view| {
            let key = (view.payment.store_id.clone(), view.payment.id.clone());
            (key, view)
        });
        Ok(keyed.collect())
    }
}
