//! The audit log: every administrative act, as it began and as it ended (decision 0032).
//!
//! Whoever changes something for an operator or an administrator says so here before they begin,
//! and says afterwards what became of it. Where an act is one commit, its row is in that commit.
//! It must not hold a secret, and it is never changed: the databases refuse that.
//!
//! Invariant: what the log does not have was not done. An act whose first row can't be written is
//! not begun.

use std::collections::{BTreeMap, BTreeSet};

use naru_domain::Timestamp;
use naru_store::{Commit, Condition, Direction, Query, tables};
use uuid::Uuid;

use crate::records::{ActOutcome, ActRecord, ActVia};
use crate::{Engine, Fault};

/// Acts of a page at most.
pub const ACTS_MAX: u32 = 500;
/// Characters of a text in the log.
const TEXT_MAX: usize = 300;
/// Details of an act.
const DETAILS_MAX: usize = 16;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// An administrator's e-mail address, or the name of a user of an operating system.
    pub name: String,
    /// Through what.
    pub via: ActVia,
    /// The network address that it comes from.
    pub address: Option<String>,
}

/// What somebody is about to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAct {
    /// Who.
    pub actor: Actor,
    /// What, such as `channels.create`.
    pub operation: String,
    /// In which store, if that is known.
    pub store_id: Option<String>,
    /// On what.
    pub subject: Option<String>,
    /// What else is worth knowing. No secret.
    pub details: BTreeMap<String, String>,
}

impl NewAct {
    /// An act on something.
    pub fn on(actor: Actor, operation: &str, subject: Option<String>) -> Self {
        Self {
            actor,
            operation: operation.to_owned(),
            store_id: None,
            subject,
            details: BTreeMap::new(),
        }
    }

    /// As begun, for whoever works on a store without an engine.
    pub fn begun(self, id: Uuid, at: Timestamp) -> BegunAct {
        BegunAct(self.into_record((id, at), ActOutcome::Begun))
    }

    /// As done at once, for a unit that does it.
    pub fn done(self, id: Uuid, at: Timestamp) -> ActRecord {
        self.into_record((id, at), ActOutcome::Done)
    }

    fn into_record(self, (id, at): (Uuid, Timestamp), outcome: ActOutcome) -> ActRecord {
        let details = self.details.into_iter().take(DETAILS_MAX);
        ActRecord {
            id: id.to_string(),
            step: 0,
            at,
            actor: cut(self.actor.name),
            via: self.actor.via,
            address: self.actor.address.map(cut),
            operation: self.operation,
            store_id: self.store_id.map(cut),
            subject: self.subject.map(cut),
            outcome,
            reason: None,
            details: details.map(|(name, value)| (name, cut(value))).collect(),
        }
    }

    /// With one detail more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.details.insert(name.to_owned(), value.into());
        self
    }
}

/// What became of an act.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActEnd {
    /// Why it was not done.
    pub refused: Option<String>,
    /// Why it is not known to be done.
    pub failed: Option<String>,
    /// The store, where it was not known before.
    pub store_id: Option<String>,
    /// What it was done on, where that was not known before: the id of what was made.
    pub subject: Option<String>,
}

impl ActEnd {
    /// It was done.
    pub fn done() -> Self {
        Self::default()
    }

    /// It was refused, for this reason.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self {
            refused: Some(reason.into()),
            ..Self::default()
        }
    }

    /// It failed, for this reason.
    pub fn failed(reason: impl Into<String>) -> Self {
        Self {
            failed: Some(reason.into()),
            ..Self::default()
        }
    }

    /// As a use case ended.
    pub fn of<T>(result: &Result<T, Fault>) -> Self {
        match result {
            Ok(_) => Self::done(),
            // Their words are for the server's log.
            Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => {
                Self::failed(fault.to_string())
            }
            Err(fault) => Self::refused(fault.to_string()),
        }
    }

    const fn outcome(&self) -> ActOutcome {
        match (&self.failed, &self.refused) {
            (Some(_), _) => ActOutcome::Failed,
            (None, Some(_)) => ActOutcome::Refused,
            (None, None) => ActOutcome::Done,
        }
    }
}

/// An act that has begun.
#[derive(Debug, Clone)]
pub struct BegunAct(ActRecord);

impl BegunAct {
    /// The row of its beginning.
    pub fn record(&self) -> &ActRecord {
        &self.0
    }

    /// The row of its end.
    pub fn ended(self, end: ActEnd, at: Timestamp) -> ActRecord {
        ActRecord {
            step: 1,
            at,
            outcome: end.outcome(),
            store_id: end.store_id.map(cut).or(self.0.store_id),
            subject: end.subject.map(cut).or(self.0.subject),
            reason: end.failed.or(end.refused).map(cut),
            details: BTreeMap::new(),
            ..self.0
        }
    }
}

/// Which acts are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActFilter {
    /// From then on.
    pub since: Option<Timestamp>,
    /// Those of one actor.
    pub actor: Option<String>,
    /// Those in one store.
    pub store_id: Option<String>,
    /// Those of one operation.
    pub operation: Option<String>,
}

/// An act, with what is known of its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// As it began; store and subject as they are known by now.
    pub begun: ActRecord,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What became of it.
    pub outcome: ActOutcome,
    /// Why it was not done.
    pub reason: Option<String>,
}

/// A page of acts, the latest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActPage {
    /// The acts.
    pub acts: Vec<Act>,
    /// Where the next page begins.
    pub next: Option<String>,
}

impl Engine {
    /// Says that something is about to be done. Until this has answered, it must not begin.
    pub async fn begin_act(&self, new: NewAct) -> Result<BegunAct, Fault> {
        let record = self.act_record(new, ActOutcome::Begun);
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        self.commit(unit).await?;
        Ok(BegunAct(record))
    }

    /// Says what became of it. If that can't be written, the log says `begun` for ever, and the
    /// server's own log says the rest.
    pub async fn end_act(&self, begun: BegunAct, end: ActEnd) {
        let (id, operation) = (begun.0.id.clone(), begun.0.operation.clone());
        let outcome = end.outcome();
        let record = begun.ended(end, self.now());
        let mut unit = Commit::new(self.new_uuid());
        let added = unit.insert(&record).map_err(Fault::from);
        let done = match added {
            Ok(()) => self.commit(unit).await.map_err(Fault::from),
            Err(fault) => Err(fault),
        };
        if let Err(fault) = done {
            tracing::error!(
                act.id = id, operation, outcome = outcome.name(), %fault,
                "the end of an act could not be written to the audit log"
            );
        }
    }

    /// Does something that is in the audit log: before it begins, and when it has ended.
    pub async fn acted<T>(
        &self,
        new: NewAct,
        act: impl Future<Output = Result<T, Fault>> + Send,
    ) -> Result<T, Fault> {
        let begun = self.begin_act(new).await?;
        let done = act.await;
        self.end_act(begun, ActEnd::of(&done)).await;
        done
    }

    /// Adds an act to the very unit that does it.
    pub(crate) fn add_act(
        &self,
        unit: &mut Commit,
        new: NewAct,
        reason: Option<&str>,
    ) -> Result<(), Fault> {
        let outcome = if reason.is_some() {
            ActOutcome::Refused
        } else {
            ActOutcome::Done
        };
        let record = ActRecord {
            reason: reason.map(str::to_owned),
            ..self.act_record(new, outcome)
        };
        Ok(unit.insert(&record)?)
    }

    fn act_record(&self, new: NewAct, outcome: ActOutcome) -> ActRecord {
        new.into_record((self.new_uuid(), self.now()), outcome)
    }

    /// Acts that match, the latest first; `after` is where the page before ended. At most
    /// [`ACTS_MAX`] of them.
    pub async fn acts(
        &self,
        filter: &ActFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<ActPage, Fault> {
        let limit = limit.clamp(1, ACTS_MAX);
        // Either row of an act may match, so twice as many rows, and one more, tell a whole page.
        let mut query = Query::of(&tables::ACTS, 2 * limit + 1).by("act_id", Direction::Descending);
        let texts = [
            ("actor", &filter.actor),
            ("store_id", &filter.store_id),
            ("operation", &filter.operation),
        ];
        for (column, text) in texts {
            if let Some(text) = text {
                query = query.and(Condition::Is(column, text.as_str().into()));
            }
        }
        if let Some(since) = filter.since {
            query = query.and(Condition::AtLeast("at", since.into()));
        }
        if let Some(after) = after {
            query = query.and(Condition::Below("act_id", after.into()));
        }
        let found = self.store().list::<ActRecord>(query).await?;
        let ids: BTreeSet<String> = found.into_iter().map(|one| one.value.id).collect();
        let has_more = ids.len() > usize::try_from(limit).unwrap_or(usize::MAX);
        let mut ids: Vec<String> = ids.into_iter().rev().collect();
        ids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = ids.last().filter(|_| has_more).cloned();
        let acts = self.acts_of(&ids).await?;
        Ok(ActPage { acts, next })
    }

    async fn acts_of(&self, ids: &[String]) -> Result<Vec<Act>, Fault> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = ids.iter().map(|id| id.as_str().into()).collect();
        let query = Query::of(&tables::ACTS, 2 * ACTS_MAX).and(Condition::In("act_id", wanted));
        let found = self.store().list::<ActRecord>(query).await?;
        let mut acts: BTreeMap<String, Act> = BTreeMap::new();
        // In the order of the key, so the beginning comes before the end.
        for record in found.into_iter().map(|one| one.value) {
            match acts.get_mut(&record.id) {
                None => {
                    acts.insert(record.id.clone(), Act::begun(record));
                }
                Some(act) => act.end(record),
            }
        }
        Ok(acts.into_values().rev().collect())
    }
}

impl Act {
    fn begun(record: ActRecord) -> Self {
        let is_over = record.outcome != ActOutcome::Begun;
        Self {
            ended_at: is_over.then_some(record.at),
            outcome: record.outcome,
            reason: record.reason.clone(),
            begun: record,
        }
    }

    fn end(&mut self, end: ActRecord) {
        self.ended_at = Some(end.at);
        self.outcome = end.outcome;
        self.reason = end.reason;
        self.begun.store_id = end.store_id;
        self.begun.subject = end.subject;
    }
}

/// A text as the log takes it: not longer than its limit, without characters that no database or
/// terminal wants.
fn cut(text: String) -> String {
    let is_odd = |character: char| character.is_control();
    if text.chars().count() <= TEXT_MAX && !text.contains(is_odd) {
        return text;
    }
    text.chars()
        .map(|one| if is_odd(one) { ' ' } else { one })
        .take(TEXT_MAX)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_hold_no_control_characters() {
        assert_eq!(cut("a\nb\0c\u{1b}[31m".to_owned()), "a b c [31m");
        assert_eq!(cut("가".repeat(400)).chars().count(), TEXT_MAX);
        assert_eq!(cut("plain".to_owned()), "plain");
    }

    #[test]
    fn an_end_says_whether_anything_may_have_changed() {
        let of = |fault| ActEnd::of::<()>(&Err(fault)).outcome();
        assert_eq!(ActEnd::of(&Ok(())).outcome(), ActOutcome::Done);
        assert_eq!(of(Fault::invalid("no")), ActOutcome::Refused);
        assert_eq!(of(Fault::PaymentNotFound), ActOutcome::Refused);
        assert_eq!(of(Fault::internal("bug")), ActOutcome::Failed);
    }
}
