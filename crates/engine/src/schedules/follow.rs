//! A schedule follows its attempt, in the commit of the payment.

use naru_domain::payment::{Decision, Event, Payment};
use naru_domain::schedule::ScheduleState;
use naru_domain::{AttemptId, ScheduleId};
use naru_store::Commit;

use crate::records::JobKind;
use crate::{Engine, Fault};

/// The attempt that an event says something about which its schedule follows.
fn followed(event: &Event) -> Option<AttemptId> {
    match event {
        Event::AttemptBegan { attempt, .. } => Some(attempt.id),
        Event::AttemptUnclear { attempt, .. }
        | Event::CallerTold { attempt, .. }
        | Event::Captured { attempt, .. }
        | Event::AttemptFailed { attempt, .. }
        | Event::ReversalBegan { attempt, .. } => Some(*attempt),
        Event::Authenticated { .. }
        | Event::ApprovalBegan { .. }
        | Event::ScheduleSet { .. }
        | Event::ScheduleReleased { .. }
        | Event::AccountIssued { .. }
        | Event::Reversed { .. }
        | Event::AccountClosing { .. }
        | Event::CloseRefused { .. }
        | Event::CancellationBegan { .. }
        | Event::CancellationUnclear { .. }
        | Event::Cancelled { .. }
        | Event::CancellationFailed { .. }
        | Event::ActionBegan { .. }
        | Event::ActionEnded { .. }
        | Event::EscrowMoved { .. }
        | Event::ReceiptFound { .. }
        | Event::ReceiptCancelled { .. }
        | Event::DisputeOpened { .. }
        | Event::DisputeResolved { .. }
        | Event::DiscrepancyFound { .. } => None,
    }
}

impl Engine {
    /// Adds to the unit of a payment's decision what it means for the schedule of the attempt. With
    /// the intent the schedule's job ends: from then on the attempt's own job finds out.
    pub(crate) async fn follow_schedules(
        &self,
        unit: &mut Commit,
        payment: &Payment,
        decision: &Decision,
    ) -> Result<(), Fault> {
        // Where one attempt takes over from another, the later one counts.
        let events = decision.events.iter().rev();
        let attempts = events.filter_map(|event| payment.attempt(followed(event)?));
        let mut done: Option<ScheduleId> = None;
        for (attempt, id) in attempts.filter_map(|it| Some((it, it.schedule.as_ref()?))) {
            if done.as_ref() == Some(id) {
                continue;
            }
            done = Some(id.clone());
            let found = self
                .load_schedule(&payment.store_id, id)
                .await?
                .ok_or(Fault::PaymentScheduleNotFound)?;
            let waited = found.value.0.state == ScheduleState::Scheduled;
            let events = found.value.0.follow(attempt, self.now())?;
            if !events.is_empty() {
                self.add_schedule_events(unit, Some(found), &events)?;
            }
            if waited {
                unit.writes.push(crate::payments::drop_job(&JobKind::Pay {
                    store_id: payment.store_id.clone(),
                    schedule: id.clone(),
                }));
            }
        }
        Ok(())
    }
}
