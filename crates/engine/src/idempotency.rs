//! Idempotency keys (design 2a.5).
//!
//! The record is written "running" in the commit of the intent and completed in the commit of
//! the result, so that a crash between the two leaves something that the resolver completes.

use naru_domain::StoreId;
use naru_store::{Commit, Versioned};

use crate::records::{IdempotencyRecord, IdempotencyState};
use crate::{Answer, Engine, Fault};

/// A request's idempotency key, hashed with its scope, and the hash of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyTicket {
    record_key: String,
    body_hash: String,
    /// The same two under each former master key: a request may be repeated after a rotation.
    former: Vec<(String, String)>,
}

impl IdempotencyTicket {
    pub(crate) fn record_key(&self) -> &str {
        &self.record_key
    }

    /// Each record that may be this request's, with the hash of the body that it must have.
    fn candidates(&self) -> impl Iterator<Item = (&str, &str)> {
        let current = (self.record_key.as_str(), self.body_hash.as_str());
        let former = self.former.iter().map(|(key, hash)| (&**key, &**hash));
        std::iter::once(current).chain(former)
    }
}

impl Engine {
    /// Makes the ticket of a request. `body` is its canonical JSON.
    pub fn ticket(
        &self,
        store: &StoreId,
        (method, path, query): (&str, &str, &str),
        key: &str,
        body: &[u8],
    ) -> IdempotencyTicket {
        let scope = [
            store.as_str().as_bytes(),
            method.as_bytes(),
            path.as_bytes(),
            query.as_bytes(),
            key.as_bytes(),
        ];
        let former_keys = self.keys().former_idempotency_hashes(&scope);
        let former_bodies = self.keys().former_idempotency_hashes(&[body]);
        IdempotencyTicket {
            record_key: self.keys().idempotency_hash(&scope),
            body_hash: self.keys().idempotency_hash(&[body]),
            former: former_keys.into_iter().zip(former_bodies).collect(),
        }
    }

    /// What was answered before under this ticket; nothing if it is new.
    pub async fn replay(
        &self,
        ticket: &IdempotencyTicket,
    ) -> Result<Option<Result<Answer, Fault>>, Fault> {
        for (record_key, body_hash) in ticket.candidates() {
            let replayed = self.replay_record(record_key, body_hash).await?;
            if replayed.is_some() {
                return Ok(replayed);
            }
        }
        Ok(None)
    }

    async fn replay_record(
        &self,
        record_key: &str,
        body_hash: &str,
    ) -> Result<Option<Result<Answer, Fault>>, Fault> {
        let Some(found) = self.idempotency_record(record_key).await? else {
            return Ok(None);
        };
        let record = found.value;
        if record.expires_at <= self.now() {
            // Too old to count, and in the way: the retention worker may not have come by yet.
            let mut unit = Commit::new(self.new_uuid());
            unit.writes.push(naru_store::Write::Delete {
                table: &naru_store::tables::IDEMPOTENCY,
                key: vec![record.record_key.into()],
                expected: Some(found.version),
            });
            // Whoever else deletes it does the same; a real conflict shows at the next insert.
            let _ = self.commit(unit).await;
            return Ok(None);
        }
        if record.body_hash != body_hash {
            return Err(Fault::invalid(
                "`Idempotency-Key` was used before with another request body; use a new key",
            ));
        }
        match record.state {
            IdempotencyState::Running => Err(Fault::IdempotencyOutstandingRequest),
            IdempotencyState::Done(result) => Ok(Some(result)),
        }
    }

    pub(crate) async fn idempotency_record(
        &self,
        record_key: &str,
    ) -> Result<Option<Versioned<IdempotencyRecord>>, Fault> {
        Ok(self.store().load(vec![record_key.into()]).await?)
    }

    /// Adds the running record to the commit of an intent.
    pub(crate) fn open_record(
        &self,
        unit: &mut Commit,
        ticket: Option<&IdempotencyTicket>,
    ) -> Result<(), Fault> {
        self.write_record(unit, ticket, IdempotencyState::Running)
    }

    /// Adds a record that is done at once: for use cases that need no PG.
    pub(crate) fn done_record(
        &self,
        unit: &mut Commit,
        ticket: Option<&IdempotencyTicket>,
        answer: &Answer,
    ) -> Result<(), Fault> {
        self.write_record(unit, ticket, IdempotencyState::Done(Ok(answer.clone())))
    }

    fn write_record(
        &self,
        unit: &mut Commit,
        ticket: Option<&IdempotencyTicket>,
        state: IdempotencyState,
    ) -> Result<(), Fault> {
        if let Some(ticket) = ticket {
            unit.insert(&IdempotencyRecord {
                record_key: ticket.record_key.clone(),
                body_hash: ticket.body_hash.clone(),
                state,
                expires_at: self
                    .now()
                    .plus_seconds(self.config().idempotency_retention_s),
            })?;
        }
        Ok(())
    }

    /// Adds the completion of a record to the commit of a result. One that is completed already
    /// stays as it is: the first answer is the answer.
    pub(crate) async fn complete_record(
        &self,
        unit: &mut Commit,
        record_key: Option<&str>,
        result: &Result<Answer, Fault>,
    ) -> Result<(), Fault> {
        let Some(record_key) = record_key else {
            return Ok(());
        };
        let Some(found) = self.idempotency_record(record_key).await? else {
            return Ok(());
        };
        match found.value.state {
            IdempotencyState::Running => {
                let state = IdempotencyState::Done(result.clone());
                let value = IdempotencyRecord {
                    state,
                    ..found.value
                };
                unit.update(&Versioned {
                    version: found.version,
                    value,
                })?;
            }
            IdempotencyState::Done(_) => {}
        }
        Ok(())
    }
}
