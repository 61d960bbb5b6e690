//! Choosing another time for a schedule that waits.

use naru_domain::{ScheduleId, Timestamp};
use naru_store::{Commit, CommitError, Versioned};

use super::{TRIES, too_many_changes};
use crate::payments::CallContext;
use crate::records::{JobKind, JobRecord};
use crate::{Engine, Fault};

impl Engine {
    /// Moves a schedule that has not started. A worker that holds its job already finds, in the
    /// commit that would begin the payment, that it is not due.
    pub async fn move_schedule(
        &self,
        context: &CallContext,
        id: &ScheduleId,
        time_to_pay: Timestamp,
    ) -> Result<(), Fault> {
        let store_id = &context.store.id;
        let kind = JobKind::Pay {
            store_id: store_id.clone(),
            schedule: id.clone(),
        };
        for _ in 0..TRIES {
            let found = self.load_schedule(store_id, id).await?;
            let found = found.ok_or(Fault::PaymentScheduleNotFound)?;
            let events = found.value.0.move_to(time_to_pay, self.now())?;
            let job = self
                .store()
                .load::<JobRecord>(vec![kind.id().into()])
                .await?;
            // With the intent the job ends: then the schedule has started meanwhile.
            let Some(job) = job else {
                continue;
            };
            let mut unit = Commit::new(self.new_uuid());
            self.add_schedule_events(&mut unit, Some(found), &events)?;
            unit.update(&Versioned {
                version: job.version,
                value: JobRecord {
                    due_at: time_to_pay,
                    lease_until: None,
                    tries: 0,
                    refusals: 0,
                    ..job.value
                },
            })?;
            match self.commit(unit).await {
                Ok(()) => {
                    self.wakers().schedule().notify_one();
                    return Ok(());
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(too_many_changes())
    }
}
