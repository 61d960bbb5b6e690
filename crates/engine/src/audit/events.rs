//! Each row is what its events make of it.

use naru_domain::StoreId;
use naru_store::{Condition, Direction, Query, tables};
use serde::de::DeserializeOwned;

use super::AuditPage;
use crate::records::EventRecord;
use crate::{Engine, Fault};

/// Events of one aggregate that are read at once; more are read in further steps.
const EVENTS_MAX: u32 = 1_000;

/// A row, and how its events are folded.
pub(super) struct Folded<'a, T, E> {
    pub(super) store_id: &'a StoreId,
    /// What it is called in the findings.
    pub(super) id: &'a str,
    /// What its events are filed under.
    pub(super) subject: String,
    pub(super) row: &'a T,
    pub(super) event_count: i64,
    pub(super) apply: fn(Option<T>, &E) -> Option<T>,
}

impl Engine {
    /// Folds as many events as the row says it has, and compares.
    pub(super) async fn audit_fold<T: PartialEq + Sync, E: DeserializeOwned>(
        &self,
        page: &mut AuditPage,
        of: Folded<'_, T, E>,
    ) -> Result<(), Fault> {
        let mut folded: Option<T> = None;
        let mut seen = 0;
        while seen < of.event_count {
            let query = Query::of(&tables::EVENTS, EVENTS_MAX)
                .and(Condition::Is("store_id", of.store_id.as_str().into()))
                .and(Condition::Is("subject_id", of.subject.as_str().into()))
                .and(Condition::Above("sequence", seen.into()))
                .by("sequence", Direction::Ascending);
            let found = self.store().list::<EventRecord>(query).await?;
            if found.is_empty() {
                page.find(of.id, format!("event {} is missing", seen + 1));
                return Ok(());
            }
            for record in found.into_iter().map(|one| one.value) {
                if seen == of.event_count {
                    break;
                }
                if record.sequence != seen + 1 {
                    page.find(of.id, format!("event {} is missing", seen + 1));
                    return Ok(());
                }
                seen = record.sequence;
                match serde_json::from_value::<E>(record.event) {
                    Ok(event) => folded = (of.apply)(folded, &event),
                    Err(error) => {
                        page.find(of.id, format!("event {seen} can't be read: {error}"));
                        return Ok(());
                    }
                }
            }
        }
        if folded.as_ref() != Some(of.row) {
            page.find(of.id, "its events do not make its row");
        }
        Ok(())
    }
}
