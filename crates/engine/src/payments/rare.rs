//! What keeps a page of payments cheap in a store of any size.
//!
//! The first page of what is common is found by walking the index of times. What is rare would be
//! walked past for ever, so a list first asks the facts, the words or the webhooks whether few
//! payments can match; then only these are read. Counts come from the facts' indexes, and hold for
//! as long as the merchant's ledger does not move.
//!
//! Invariant: whatever way is taken, items are read from the payments and hold what was asked for;
//! what was committed a moment ago and is in no facts yet is looked at as well.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use naru_domain::{MerchantId, StoreId, Timestamp};
use naru_store::{Condition, Direction, Query, Row, Table, Value, tables};

use super::list::{PaymentFilter, webhook_condition};
use crate::list::{ListFilter, Page, PageOf, SearchTerm, TOTAL_COUNT_MAX};
use crate::records::{LedgerHeadRecord, PaymentRecord, ProfileRecord, Subject};
use crate::{Engine, Fault};

/// Payments of one store that count as few.
const FEW_MAX: u32 = 1_000;
/// Profiles of one store that are looked at.
const PROFILES_MAX: u32 = 2_000;
/// Stores of one list for which all this is done.
const STORES_MAX: usize = 32;
/// Counted beyond the most that is told, so that a count holds while its window moves on.
const SLACK: u32 = 6_000;
/// Counts that are remembered.
const COUNTS_MAX: usize = 1_000;

/// Counts that hold while the ledger stays where it was.
pub(crate) type Counts = Mutex<HashMap<(StoreId, String), Counted>>;

/// A count, and what it is of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    head: i64,
    from: Timestamp,
    until: Timestamp,
    count: u32,
}

impl Engine {
    /// The page, if few payments can match in each of the stores.
    pub(super) async fn few_payments(
        &self,
        filter: &PaymentFilter,
        page: Page,
    ) -> Result<Option<PageOf<PaymentRecord>>, Fault> {
        let list = &filter.list;
        if list.stores.len() > STORES_MAX {
            return Ok(None);
        }
        let mut rows = Vec::new();
        for store in &list.stores {
            let Some(ids) = self.few_of(store, filter).await? else {
                return Ok(None);
            };
            rows.extend(self.among(store, ids, filter).await?);
        }
        let ordering = list.query(&tables::PAYMENTS).ordering();
        rows.sort_by(|a, b| ordering(a, b));
        let total_count = u32::try_from(rows.len()).unwrap_or(TOTAL_COUNT_MAX);
        let (from, size) = (page.offset() as usize, page.size as usize);
        let items = rows.iter().skip(from).take(size);
        Ok(Some(PageOf {
            items: crate::list::records(items)?,
            total_count,
        }))
    }

    /// Ids of all payments of a store that can match, if they are few.
    async fn few_of(
        &self,
        store: &StoreId,
        filter: &PaymentFilter,
    ) -> Result<Option<BTreeSet<String>>, Fault> {
        let list = &filter.list;
        let mut few = None;
        for term in &list.search {
            if few.is_none() {
                few = self.few_by_word(store, term).await?;
            }
        }
        if few.is_none() && !list.columns.is_empty() {
            few = self.few_by_profile(store, list).await?;
        }
        if few.is_none() {
            few = self.few_by_time_of_own(store, filter).await?;
        }
        let Some(mut ids) = few else {
            return Ok(None);
        };
        let Some(fresh) = self.fresh(store).await? else {
            return Ok(None);
        };
        ids.extend(
            fresh
                .iter()
                .filter_map(|row| text_of(&tables::PAYMENTS, row, "payment_id")),
        );
        Ok(Some(ids))
    }

    async fn few_by_word(
        &self,
        store: &StoreId,
        term: &SearchTerm,
    ) -> Result<Option<BTreeSet<String>>, Fault> {
        let mut all = BTreeSet::new();
        for field in &term.fields {
            let query = few(&tables::SEARCH, store)
                .and(Condition::Is("subject", Subject::Payment.name().into()))
                .and(Condition::Is("field", (*field).into()))
                .and(Condition::Prefix("value", crate::search::fold(&term.value)))
                .by("value", Direction::Ascending);
            let Some(ids) = self.ids(query, "subject_id").await? else {
                return Ok(None);
            };
            all.extend(ids);
        }
        Ok((all.len() <= FEW_MAX as usize).then_some(all))
    }

    async fn few_by_profile(
        &self,
        store: &StoreId,
        list: &ListFilter,
    ) -> Result<Option<BTreeSet<String>>, Fault> {
        let Some(profiles) = self.profiles(store, list).await? else {
            return Ok(None);
        };
        let payments = profiles
            .iter()
            .fold(0_i64, |sum, one| sum.saturating_add(one.payments));
        if payments > i64::from(FEW_MAX) {
            return Ok(None);
        }
        let names = profiles.iter().map(|one| Value::from(one.profile.as_str()));
        let query = few(&tables::PAYMENT_FACTS, store)
            .and(Condition::In("profile", names.collect()))
            .by("profile", Direction::Ascending)
            .by("created_at", Direction::Ascending);
        self.ids(query, "payment_id").await
    }

    /// By a cash receipt's time, or by webhooks.
    async fn few_by_time_of_own(
        &self,
        store: &StoreId,
        filter: &PaymentFilter,
    ) -> Result<Option<BTreeSet<String>>, Fault> {
        if let Some((column, from, until)) = filter.list.ranges.first() {
            let query = few(&tables::PAYMENT_FACTS, store)
                .and(Condition::AtLeast(column, (*from).into()))
                .and(Condition::AtMost(column, (*until).into()))
                .by(column, Direction::Ascending);
            if let Some(ids) = self.ids(query, "payment_id").await? {
                return Ok(Some(ids));
            }
        }
        let [status] = filter.webhook_statuses.as_slice() else {
            return Ok(None);
        };
        let query = few(&tables::WEBHOOKS, store)
            .and(Condition::Is("status", (*status).into()))
            .by("triggered_at", Direction::Ascending);
        self.ids(query, "subject_id").await
    }

    /// The profiles that a list's columns allow; nothing if there are too many.
    async fn profiles(
        &self,
        store: &StoreId,
        list: &ListFilter,
    ) -> Result<Option<Vec<ProfileRecord>>, Fault> {
        let known = |name: &str| tables::PAYMENT_PROFILES.column(name).is_some();
        let mut query = Query::of(&tables::PAYMENT_PROFILES, PROFILES_MAX)
            .and(Condition::Is("store_id", store.as_str().into()));
        // A column that profiles do not have leaves more of them, never fewer.
        let columns = list.columns.iter().filter(|(name, _)| known(name));
        query
            .filter
            .extend(columns.map(|(name, values)| Condition::In(name, values.clone())));
        let found = self.store().list::<ProfileRecord>(query).await?;
        let is_all = found.len() < PROFILES_MAX as usize;
        Ok(is_all.then(|| found.into_iter().map(|one| one.value).collect()))
    }

    /// Payments of a store that were changed and are in no facts yet; nothing if they are many.
    async fn fresh(&self, store: &StoreId) -> Result<Option<Vec<Row>>, Fault> {
        let query = few(&tables::PAYMENTS, store).and(Condition::Is("needs_index", 1.into()));
        let rows = self.store().scan(query).await?;
        Ok((rows.len() <= FEW_MAX as usize).then_some(rows))
    }

    /// The ids that a question finds; nothing if they are many.
    async fn ids(
        &self,
        query: Query,
        column: &'static str,
    ) -> Result<Option<BTreeSet<String>>, Fault> {
        let table = query.table;
        let rows = self.store().scan(query).await?;
        if rows.len() > FEW_MAX as usize {
            return Ok(None);
        }
        let ids = rows.iter().filter_map(|row| text_of(table, row, column));
        Ok(Some(ids.collect()))
    }

    /// The payments among these that are asked for. The question names ids and nothing that
    /// another index could seem better for; times are looked at here.
    async fn among(
        &self,
        store: &StoreId,
        ids: BTreeSet<String>,
        filter: &PaymentFilter,
    ) -> Result<Vec<Row>, Fault> {
        let list = &filter.list;
        let limit = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        let ids = ids.iter().map(|id| Value::from(id.as_str()));
        let mut query = Query::of(&tables::PAYMENTS, limit)
            .and(Condition::Is("store_id", store.as_str().into()))
            .and(Condition::In("payment_id", ids.collect()));
        query.filter.extend(list.words::<PaymentRecord>());
        query
            .filter
            .extend(webhook_condition(&filter.webhook_statuses));
        let mut rows = self.store().scan(query).await?;
        rows.retain(|row| list.holds(&tables::PAYMENTS, row));
        Ok(rows)
    }

    /// How many payments of a store match a list that asks for columns of profiles only; nothing
    /// if it has to be counted in another way.
    pub(super) async fn count_by_facts(
        &self,
        store: &StoreId,
        filter: &PaymentFilter,
    ) -> Result<Option<u32>, Fault> {
        let list = &filter.list;
        let of_profiles = list
            .columns
            .iter()
            .all(|(name, _)| tables::PAYMENT_PROFILES.column(name).is_some());
        let has_more = !list.search.is_empty()
            || !list.ranges.is_empty()
            || !filter.webhook_statuses.is_empty();
        if has_more || !of_profiles {
            return Ok(None);
        }
        // What is fresh before the head: a change is seen in one of the two.
        let Some(fresh) = self.fresh(store).await? else {
            return Ok(None);
        };
        let head = self.head_of(store).await?;
        let names = if list.columns.is_empty() {
            None
        } else {
            let Some(profiles) = self.profiles(store, list).await? else {
                return Ok(None);
            };
            Some(
                profiles
                    .into_iter()
                    .map(|one| Value::from(one.profile))
                    .collect(),
            )
        };
        let asked = Asked { store, list, names };
        if !fresh.is_empty() && asked.names.is_some() {
            return self.count_around(&asked, &fresh).await.map(Some);
        }
        let key = (store.clone(), format!("{:?} {:?}", list.time, list.columns));
        let head = head.filter(|_| fresh.is_empty());
        if let Some(head) = head
            && let Some(count) = self.remembered(&asked, &key, head).await?
        {
            return Ok(Some(count.min(TOTAL_COUNT_MAX)));
        }
        let count = asked.count(self, list.from, list.until).await?;
        if let Some(head) = head {
            self.remember_count(
                key,
                Counted {
                    head,
                    from: list.from,
                    until: list.until,
                    count,
                },
            );
        }
        Ok(Some(count.min(TOTAL_COUNT_MAX)))
    }

    /// The facts' count, with what is fresh taken out as it was and put in as it is.
    async fn count_around(&self, asked: &Asked<'_>, fresh: &[Row]) -> Result<u32, Fault> {
        let list = asked.list;
        let known = asked.count(self, list.from, list.until).await?;
        let ids = fresh
            .iter()
            .filter_map(|row| tables::PAYMENTS.value_of(row, "payment_id").cloned());
        let was = asked
            .query(list.from, list.until)
            .and(Condition::In("payment_id", ids.collect()));
        let was = self.store().count(was, FEW_MAX).await?;
        let is = fresh
            .iter()
            .filter(|row| list.holds(&tables::PAYMENTS, row))
            .count();
        let is = u32::try_from(is).unwrap_or(FEW_MAX);
        Ok(known
            .saturating_sub(was)
            .saturating_add(is)
            .min(TOTAL_COUNT_MAX))
    }

    /// A count from before, moved on to this window.
    async fn remembered(
        &self,
        asked: &Asked<'_>,
        key: &(StoreId, String),
        head: i64,
    ) -> Result<Option<u32>, Fault> {
        let counts = self
            .counts()
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .copied();
        let (from, until) = (asked.list.from, asked.list.until);
        let Some(before) = counts.filter(|one| {
            one.head == head && one.from <= from && one.until <= until && from < one.until
        }) else {
            return Ok(None);
        };
        let just_before = Timestamp::from_micros(from.as_micros().saturating_sub(1));
        let gone = asked.count(self, before.from, just_before).await?;
        let just_after = Timestamp::from_micros(before.until.as_micros().saturating_add(1));
        let come = asked.count(self, just_after, until).await?;
        let is_cut = before.count >= TOTAL_COUNT_MAX + SLACK;
        if is_cut && gone > SLACK {
            return Ok(None);
        }
        Ok(Some(before.count.saturating_sub(gone).saturating_add(come)))
    }

    fn remember_count(&self, key: (StoreId, String), counted: Counted) {
        let mut counts = self.counts().lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= COUNTS_MAX {
            counts.clear();
        }
        counts.insert(key, counted);
    }

    /// The version of the ledger's head: it changes whenever facts do.
    async fn head_of(&self, store: &StoreId) -> Result<Option<i64>, Fault> {
        let Some(record) = self.store_record(store).await? else {
            return Ok(None);
        };
        let merchant: &MerchantId = &record.merchant_id;
        let head = self
            .store()
            .load::<LedgerHeadRecord>(vec![merchant.as_str().into()])
            .await?;
        Ok(head.map(|head| head.version))
    }
}

/// A list asked of the facts of one store. Without names of profiles it is of all of them, and the
/// payments' own index of times is as good.
struct Asked<'a> {
    store: &'a StoreId,
    list: &'a ListFilter,
    names: Option<Vec<Value>>,
}

impl Asked<'_> {
    fn query(&self, from: Timestamp, until: Timestamp) -> Query {
        let table = match self.names {
            Some(_) => &tables::PAYMENT_FACTS,
            None => &tables::PAYMENTS,
        };
        let mut query = Query::of(table, 0)
            .and(Condition::Is("store_id", self.store.as_str().into()))
            .and(Condition::AtLeast(self.list.time, from.into()))
            .and(Condition::AtMost(self.list.time, until.into()));
        if let Some(names) = &self.names {
            query = query.and(Condition::In("profile", names.clone()));
        }
        query
    }

    async fn count(
        &self,
        engine: &Engine,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<u32, Fault> {
        if until < from {
            return Ok(0);
        }
        let query = self.query(from, until);
        Ok(engine.store().count(query, TOTAL_COUNT_MAX + SLACK).await?)
    }
}

/// A question for few rows of a store, and one more to tell.
fn few(table: &'static Table, store: &StoreId) -> Query {
    Query::of(table, FEW_MAX + 1).and(Condition::Is("store_id", store.as_str().into()))
}

fn text_of(table: &Table, row: &Row, column: &str) -> Option<String> {
    match table.value_of(row, column) {
        Some(Value::Text(text)) => Some(text.clone()),
        Some(Value::Null | Value::Int(_)) | None => None,
    }
}
