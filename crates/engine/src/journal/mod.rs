//! The double-entry journal: written in the commit of its cause, filled with what happened before
//! there was one, and summed (decision 0031).
//!
//! What must be posted follows from a payment's state or a batch's sums alone, and the ids of
//! postings from what happened. So whoever writes a payment posts what the change adds without
//! reading the journal, and nobody can post the same twice: the store refuses it.
//!
//! Invariant: nothing here changes or deletes a posting, and nothing is told to a merchant from it.

mod fill;
mod settlements;
mod sums;

use std::collections::HashMap;

use naru_domain::StoreId;
use naru_domain::journal::{Posting, new_postings, postings};
use naru_domain::payment::Payment;
use naru_store::{Commit, Condition, Query, Record as _, Value, tables};

use crate::records::{JournalRecord, JournalSubject};
use crate::{Engine, Fault};

pub(crate) use settlements::postings_of;
pub(crate) use sums::subject_of;
pub use sums::{AccountSum, JournalPage, Period};

/// Subjects whose postings are read at once.
const SUBJECTS: usize = 100;
/// Postings that are read at once.
const ROWS: u32 = 2_000;

/// The ids of all postings of a payment.
pub(crate) fn posting_ids(payment: &Payment) -> Vec<String> {
    postings(payment).iter().map(Posting::id).collect()
}

/// Adds to a unit what a change of a payment posts; `posted` are the postings before it.
pub(crate) fn post(unit: &mut Commit, payment: &Payment, posted: &[String]) -> Result<(), Fault> {
    for posting in new_postings(posted, payment) {
        unit.insert(&JournalRecord {
            store_id: payment.store_id.clone(),
            subject: JournalSubject::Payment(payment.id.clone()),
            posting,
        })?;
    }
    Ok(())
}

impl Engine {
    /// The postings of some subjects, by what they are filed under. Rows that are no postings are
    /// left out: the audit finds them by themselves.
    pub(crate) async fn journal_of(
        &self,
        store_id: &StoreId,
        subjects: &[String],
    ) -> Result<HashMap<String, Vec<Posting>>, Fault> {
        let mut found: HashMap<String, Vec<Posting>> = HashMap::new();
        for some in subjects.chunks(SUBJECTS) {
            let names: Vec<Value> = some.iter().map(|name| name.as_str().into()).collect();
            // Rows are only ever added: what comes meanwhile shows a row again, and hides none.
            let mut offset = 0;
            loop {
                let mut query = Query::of(&tables::JOURNAL, ROWS)
                    .and(Condition::Is("store_id", store_id.as_str().into()))
                    .and(Condition::In("subject", names.clone()));
                query.offset = offset;
                let rows = self.store().scan(query).await?;
                for row in &rows {
                    let Ok(record) = JournalRecord::from_row(row) else {
                        continue;
                    };
                    let record = record.value;
                    let known = found.entry(record.subject.text()).or_default();
                    if !known.contains(&record.posting) {
                        known.push(record.posting);
                    }
                }
                let read = u32::try_from(rows.len()).unwrap_or(ROWS);
                offset = offset.saturating_add(read);
                if read < ROWS {
                    break;
                }
            }
        }
        Ok(found)
    }
}
