//! Filling the journal with what happened before there was one: a job that walks through all
//! payments and all days of settlement, page by page.
//!
//! The migration that makes the journal leaves a setting, which says how far the walk has come and
//! is gone at its end; until then the audit leaves the journal alone. Each page names the versions
//! of what it posts, so that nothing changes in between; what others posted meanwhile is left out.

use std::collections::{BTreeMap, HashMap};

use naru_domain::StoreId;
use naru_domain::journal::Posting;
use naru_store::{
    Commit, CommitError, Record as _, Row, Table, Value, Versioned, rows_after, tables,
};
use serde::{Deserialize, Serialize};

use super::post;
use super::settlements::postings_of;
use crate::jobs::JobDone;
use crate::records::{
    JobKind, JobRecord, JournalRecord, JournalSubject, PaymentRecord, SettingRecord,
    SettlementDayRecord,
};
use crate::{Engine, Fault};

/// The setting that says how far it has come.
const FILL: &str = "journal_fill";
/// Payments of one commit: others wait no longer than that behind it.
const PAYMENTS: u32 = 100;
/// Days of settlement of one commit.
const DAYS: u32 = 10;
/// Pages of one run of the job.
const PAGES: u32 = 50;
/// Pause after a page that something changed under, in milliseconds.
const PAUSE_MS: i64 = 50;

/// How far the walk has come: nothing yet is an empty text.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    /// Whether all payments are done.
    is_past_payments: bool,
    /// The key behind which it goes on, in the table that it is at.
    after: Option<Vec<String>>,
}

impl Place {
    fn key(&self) -> Option<Vec<Value>> {
        let texts = self.after.as_ref()?;
        Some(texts.iter().map(|text| text.as_str().into()).collect())
    }

    /// At the end of these rows; at the end of the table, at the next one.
    fn behind(self, rows: &[Row]) -> Self {
        let Some(last) = rows.last() else {
            return Self {
                is_past_payments: true,
                after: None,
            };
        };
        let text = |value: &Value| match value {
            Value::Text(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            Value::Null => String::new(),
        };
        Self {
            after: Some(last.key.iter().map(text).collect()),
            ..self
        }
    }
}

/// What became of a page.
enum Page {
    More,
    /// Something changed under it: the same again.
    Again,
    Last,
}

impl Engine {
    /// Whether the journal still lacks what happened before there was one.
    pub async fn is_journal_filling(&self) -> Result<bool, Fault> {
        Ok(self.setting(FILL).await?.is_some())
    }

    /// Sees to it that a journal that is to be filled has its job.
    pub async fn ensure_journal_fill(&self) -> Result<(), Fault> {
        if !self.is_journal_filling().await? {
            return Ok(());
        }
        let kind = JobKind::FillJournal;
        let id = kind.id();
        let key = vec![id.as_str().into()];
        if self.store().load::<JobRecord>(key).await?.is_some() {
            return Ok(());
        }
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&JobRecord {
            lane: id.clone(),
            id,
            queue: kind.queue(),
            due_at: self.clock().process(),
            lease_until: None,
            tries: 0,
            refusals: 0,
            kind,
        })?;
        match self.commit(unit).await {
            Ok(()) | Err(CommitError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        self.wakers().resolve().notify_one();
        Ok(())
    }

    pub(crate) async fn run_fill_journal(&self) -> Result<JobDone, Fault> {
        for _ in 0..PAGES {
            match self.fill_page().await? {
                Page::More => {}
                Page::Again => return Ok(JobDone::Later { pause_ms: PAUSE_MS }),
                Page::Last => return Ok(JobDone::Finished),
            }
        }
        Ok(JobDone::Later { pause_ms: 0 })
    }

    async fn fill_page(&self) -> Result<Page, Fault> {
        let Some(setting) = self.setting(FILL).await? else {
            return Ok(Page::Last);
        };
        let place: Place = match setting.value.value.as_str() {
            "" => Place::default(),
            text => {
                serde_json::from_str(text).map_err(|error| Fault::internal(error.to_string()))?
            }
        };
        let (table, limit): (&'static Table, u32) = if place.is_past_payments {
            (&tables::SETTLEMENT_DAYS, DAYS)
        } else {
            (&tables::PAYMENTS, PAYMENTS)
        };
        let rows = rows_after(self.store(), table, place.key().as_deref(), limit).await?;
        let mut unit = Commit::new(self.new_uuid());
        let is_last = rows.is_empty() && place.is_past_payments;
        if is_last {
            unit.delete(&setting);
        } else {
            if place.is_past_payments {
                self.fill_days(&rows, &mut unit).await?;
            } else {
                self.fill_payments(&rows, &mut unit).await?;
            }
            let place = serde_json::to_string(&place.behind(&rows))
                .map_err(|error| Fault::internal(error.to_string()))?;
            unit.update(&Versioned {
                version: setting.version,
                value: SettingRecord {
                    name: FILL.to_owned(),
                    value: place,
                },
            })?;
        }
        match self.commit(unit).await {
            Err(CommitError::Conflict(_)) => Ok(Page::Again),
            Err(error) => Err(error.into()),
            Ok(()) if is_last => {
                tracing::info!("the journal holds what happened before there was one");
                Ok(Page::Last)
            }
            Ok(()) => Ok(Page::More),
        }
    }

    async fn fill_payments(&self, rows: &[Row], unit: &mut Commit) -> Result<(), Fault> {
        let mut of_store: BTreeMap<StoreId, Vec<Versioned<PaymentRecord>>> = BTreeMap::new();
        for row in rows {
            let found = PaymentRecord::from_row(row)?;
            let store_id = found.value.0.store_id.clone();
            of_store.entry(store_id).or_default().push(found);
        }
        for (store_id, payments) in of_store {
            let names: Vec<String> = payments
                .iter()
                .map(|one| JournalSubject::Payment(one.value.0.id.clone()).text())
                .collect();
            let posted = self.journal_of(&store_id, &names).await?;
            for (payment, name) in payments.iter().zip(&names) {
                let posted = ids(&posted, name);
                let before = unit.writes.len();
                post(unit, &payment.value.0, &posted)?;
                if unit.writes.len() > before {
                    unit.expect(payment);
                }
            }
        }
        Ok(())
    }

    /// A day is written as it is, and so its version rises: an import that takes its place at the
    /// same time would not take back what it has not seen.
    async fn fill_days(&self, rows: &[Row], unit: &mut Commit) -> Result<(), Fault> {
        for row in rows {
            let day = SettlementDayRecord::from_row(row)?;
            let owner_id = &day.value.contract.owner_id;
            let subject = JournalSubject::of_day(&day.value);
            let name = subject.text();
            let posted = self
                .journal_of(owner_id, std::slice::from_ref(&name))
                .await?;
            let posted = ids(&posted, &name);
            let totals = self.batch_totals(owner_id, &day.value.batch_id).await?;
            let mut missing = postings_of(&day.value, &totals);
            missing.retain(|posting| !posted.contains(&posting.id()));
            if missing.is_empty() {
                continue;
            }
            for posting in missing {
                unit.insert(&JournalRecord {
                    store_id: owner_id.clone(),
                    subject: subject.clone(),
                    posting,
                })?;
            }
            unit.update(&day)?;
        }
        Ok(())
    }
}

fn ids(posted: &HashMap<String, Vec<Posting>>, name: &str) -> Vec<String> {
    let of_name = posted.get(name);
    of_name
        .map(|postings| postings.iter().map(Posting::id).collect())
        .unwrap_or_default()
}
