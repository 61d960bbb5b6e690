//! Deleting an identity verification, and with it all that was kept of the person.

use naru_domain::IdentityVerificationId;
use naru_domain::identity::IdentityVerification;
use naru_store::{Commit, CommitError, Record, Write, tables};

use super::{TRIES, read, too_many_changes};
use crate::payments::{CallContext, drop_job};
use crate::records::{AttemptRecord, IdentityJob, IdentityRecord, JobKind, Subject};
use crate::unit::event_subject;
use crate::{Engine, Fault};

impl Engine {
    /// Removes every row of a verification: itself, its attempts, what lists find it by, its
    /// events. What a PG still has to answer finds nothing any more.
    pub async fn delete_identity(
        &self,
        context: &CallContext,
        id: &IdentityVerificationId,
    ) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let found = self
                .load_identity((&context.store.id, id))
                .await?
                .ok_or(Fault::IdentityVerificationNotFound)?;
            let mut unit = Commit::new(self.new_uuid());
            unit.delete(&found);
            unit.writes.extend(rows_of(&found.value));
            match self.commit(unit).await {
                Ok(()) => return Ok(()),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }
}

/// Everything else that is kept of it. Only one of its jobs can have an idempotency key in its
/// name, and this face has none.
fn rows_of(IdentityRecord(verification): &IdentityRecord) -> Vec<Write> {
    let IdentityVerification {
        store_id,
        id,
        attempts,
        event_count,
        ..
    } = verification;
    let mut rows = Vec::new();
    for attempt in attempts {
        rows.push(gone(
            AttemptRecord::TABLE,
            vec![attempt.id.order_id().into()],
        ));
        rows.push(gone(
            &tables::SEARCH,
            vec![
                store_id.as_str().into(),
                Subject::IdentityVerification.name().into(),
                id.as_str().into(),
                read::TX_ID.into(),
                attempt.id.to_string().into(),
            ],
        ));
        rows.push(drop_job(&JobKind::Identity(IdentityJob::Expire {
            store_id: store_id.clone(),
            verification: id.clone(),
            attempt: attempt.id,
        })));
        rows.push(drop_job(&JobKind::Identity(IdentityJob::EndSend {
            store_id: store_id.clone(),
            verification: id.clone(),
            attempt: attempt.id,
            idempotency: None,
        })));
    }
    let subject = event_subject(Subject::IdentityVerification, id.as_str());
    rows.extend((1..=*event_count).map(|sequence| {
        let key = vec![
            store_id.as_str().into(),
            subject.as_str().into(),
            sequence.into(),
        ];
        gone(&tables::EVENTS, key)
    }));
    rows
}

const fn gone(table: &'static naru_store::Table, key: Vec<naru_store::Value>) -> Write {
    Write::Delete {
        table,
        key,
        expected: None,
    }
}
