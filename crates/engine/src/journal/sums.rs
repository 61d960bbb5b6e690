//! What the accounts of a store's journal come to: a trial balance, page by page.

use std::collections::BTreeMap;

use naru_domain::journal::BookAccount;
use naru_domain::{Currency, Day, StoreId, Timestamp};
use naru_store::{Condition, Query, Record as _, Row, Value, tables};

use crate::reconcile::zone_of;
use crate::records::{JournalRecord, StoreRecord};
use crate::{Engine, Fault};

/// Postings of one subject that are read at once, beyond those of a page.
const OF_SUBJECT: u32 = 2_000;

/// A stretch of time. Either end may be left open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Period {
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
}

impl Period {
    fn has(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// What an account comes to in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountSum {
    /// The account.
    pub account: BookAccount,
    /// The currency.
    pub currency: Currency,
    /// What came to it, in minor units.
    pub debit: i64,
    /// What came from it, in minor units.
    pub credit: i64,
}

/// A page of sums. Sums of several pages are to be added.
#[derive(Debug, Clone, Default)]
pub struct JournalPage {
    /// Postings that were summed.
    pub postings: u32,
    /// By account and currency.
    pub sums: Vec<AccountSum>,
    /// Where to go on; nothing at the end.
    pub next: Option<String>,
    /// Whether the journal still lacks what happened before there was one.
    pub is_filling: bool,
}

impl Engine {
    /// From the first of two days to the end of the last, in the store's time zone.
    pub fn journal_period(store: &StoreRecord, from: Option<Day>, until: Option<Day>) -> Period {
        let zone = zone_of(store);
        Period {
            from: from.map(|day| day.begins_at(&zone)),
            until: until.map(|day| day.plus_days(1).begins_at(&zone)),
        }
    }

    /// One page of the sums over a store's journal, of the postings in a period.
    pub async fn journal_sums(
        &self,
        (store_id, after): (&StoreId, Option<&str>),
        limit: u32,
        period: Period,
    ) -> Result<JournalPage, Fault> {
        let (rows, next) = self.journal_rows(store_id, after, limit).await?;
        let mut sums: BTreeMap<(BookAccount, Currency), [i64; 2]> = BTreeMap::new();
        let mut postings = 0;
        for row in &rows {
            let posting = JournalRecord::from_row(row)?.value.posting;
            if !period.has(posting.at) {
                continue;
            }
            postings += 1;
            for (side, account) in [posting.debit, posting.credit].into_iter().enumerate() {
                let sum = sums.entry((account, posting.currency.clone()));
                if let Some(sum) = sum.or_default().get_mut(side) {
                    *sum = sum.saturating_add(posting.amount);
                }
            }
        }
        let sums = sums
            .into_iter()
            .map(|((account, currency), [debit, credit])| AccountSum {
                account,
                currency,
                debit,
                credit,
            });
        Ok(JournalPage {
            postings,
            sums: sums.collect(),
            next,
            is_filling: self.is_journal_filling().await?,
        })
    }

    /// Rows of a store's journal behind a subject, whole subjects only, and the last of these if
    /// there are more. `limit` is exceeded where one subject has more rows than that.
    pub(crate) async fn journal_rows(
        &self,
        store_id: &StoreId,
        after: Option<&str>,
        limit: u32,
    ) -> Result<(Vec<Row>, Option<String>), Fault> {
        let of_store = |limit| {
            Query::of(&tables::JOURNAL, limit)
                .and(Condition::Is("store_id", store_id.as_str().into()))
        };
        let mut query = of_store(limit);
        if let Some(after) = after {
            query = query.and(Condition::Above("subject", after.into()));
        }
        let mut rows = self.store().scan(query).await?;
        if rows.len() < limit as usize {
            return Ok((rows, None));
        }
        let Some(last) = rows.last().and_then(subject_of).map(str::to_owned) else {
            return Ok((rows, None));
        };
        rows.retain(|row| subject_of(row) != Some(&last));
        if let Some(before) = rows.last().and_then(subject_of) {
            let next = before.to_owned();
            return Ok((rows, Some(next)));
        }
        loop {
            let mut query =
                of_store(OF_SUBJECT).and(Condition::Is("subject", last.as_str().into()));
            if let Some(Value::Text(posting)) = rows.last().and_then(|row| row.key.get(2)) {
                query = query.and(Condition::Above("posting", posting.as_str().into()));
            }
            let more = self.store().scan(query).await?;
            let is_last = more.len() < OF_SUBJECT as usize;
            rows.extend(more);
            if is_last {
                return Ok((rows, Some(last)));
            }
        }
    }
}

/// What a row is filed under.
pub(crate) fn subject_of(row: &Row) -> Option<&str> {
    match row.key.get(1) {
        Some(Value::Text(subject)) => Some(subject),
        Some(Value::Int(_) | Value::Null) | None => None,
    }
}
