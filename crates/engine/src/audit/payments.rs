//! Payments, and what hangs on them: keys, schedules, receipts.

use naru_domain::payment::{Attempt, AttemptState, CancellationState, Payment, apply};
use naru_domain::schedule::ScheduleState;
use naru_domain::{StoreId, billing_key, cash_receipt, schedule};

use super::events::Folded;
use super::{At, AuditPage};
use crate::records::{
    BillingKeyRecord, CashReceiptRecord, JobKind, JobRecord, PaymentRecord, ScheduleRecord, Subject,
};
use crate::unit::event_subject;
use crate::{Engine, Fault};

impl Engine {
    pub(super) async fn audit_payments(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let rows = self.audited::<PaymentRecord>(at, "payment_id").await?;
        let mut page = rows.page(|row| row.0.id.to_string());
        for PaymentRecord(payment) in &rows.rows {
            let id = payment.id.as_str();
            let of = Folded {
                store_id: at.0,
                id,
                subject: event_subject(Subject::Payment, id),
                row: payment,
                event_count: payment.event_count,
                apply,
            };
            self.audit_fold(&mut page, of).await?;
            for text in against_the_rules(payment) {
                page.find(id, text);
            }
            for (job, what) in jobs_of(payment) {
                if self.is_left_alone(at.0, payment, &job).await? {
                    page.find(id, format!("{what}, and no job finds out"));
                }
            }
        }
        Ok(page)
    }

    /// Whether a job is gone though what it ends is still open.
    async fn is_left_alone(
        &self,
        store_id: &StoreId,
        before: &Payment,
        job: &JobKind,
    ) -> Result<bool, Fault> {
        let found = self
            .store()
            .load::<JobRecord>(vec![job.id().into()])
            .await?;
        if found.is_some() {
            return Ok(false);
        }
        // Ended while we looked? Then the payment has changed.
        let now = self.load_payment(store_id, &before.id).await?;
        Ok(now.is_some_and(|now| now.value.0.event_count == before.event_count))
    }

    pub(super) async fn audit_keys(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let rows = self.audited::<BillingKeyRecord>(at, "billing_key").await?;
        let mut page = rows.page(|row| row.0.id.to_string());
        for BillingKeyRecord(key) in &rows.rows {
            let of = Folded {
                store_id: at.0,
                id: key.id.as_str(),
                subject: event_subject(Subject::BillingKey, key.id.as_str()),
                row: key,
                event_count: key.event_count,
                apply: billing_key::apply,
            };
            self.audit_fold(&mut page, of).await?;
        }
        Ok(page)
    }

    pub(super) async fn audit_receipts(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let rows = self.audited::<CashReceiptRecord>(at, "payment_id").await?;
        let mut page = rows.page(|row| row.0.payment_id.to_string());
        for CashReceiptRecord(receipt) in &rows.rows {
            let of = Folded {
                store_id: at.0,
                id: receipt.payment_id.as_str(),
                subject: crate::cash_receipts::event_subject(&receipt.payment_id),
                row: receipt,
                event_count: receipt.event_count,
                apply: cash_receipt::apply,
            };
            self.audit_fold(&mut page, of).await?;
            if receipt.state == cash_receipt::ReceiptState::Unclear {
                let text = "nobody knows whether its receipt was issued: ask the PG";
                page.find(receipt.payment_id.as_str(), text);
            }
        }
        Ok(page)
    }

    pub(super) async fn audit_schedules(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let rows = self.audited::<ScheduleRecord>(at, "schedule_id").await?;
        let mut page = rows.page(|row| row.0.id.to_string());
        for ScheduleRecord(schedule) in &rows.rows {
            let id = schedule.id.as_str();
            let of = Folded {
                store_id: at.0,
                id,
                subject: crate::schedules::event_subject(&schedule.id),
                row: schedule,
                event_count: schedule.event_count,
                apply: schedule::apply,
            };
            self.audit_fold(&mut page, of).await?;
            let payment = self.load_payment(at.0, &schedule.payment_id).await?;
            let attempts = payment
                .iter()
                .flat_map(|found| &found.value.0.attempts)
                .filter(|attempt| attempt.schedule.as_ref() == Some(&schedule.id));
            let own = attempts.filter(|attempt| attempt.takes_over_from.is_none());
            let count = own.count();
            if count > 1 {
                page.find(id, format!("it has {count} attempts"));
            }
            if schedule.state == ScheduleState::Scheduled && count > 0 {
                page.find(id, "it waits, and its payment has begun");
            }
        }
        Ok(page)
    }
}

/// What no payment may be, whatever its events say.
fn against_the_rules(payment: &Payment) -> Vec<String> {
    let captured: Vec<&Attempt> = payment
        .attempts
        .iter()
        .filter(|attempt| matches!(attempt.state, AttemptState::Captured { .. }))
        .collect();
    let mut found = Vec::new();
    if captured.len() > 1 {
        found.push(format!("its money was taken {} times", captured.len()));
    }
    let back = payment.cancelled();
    let taken = captured.first().map(|attempt| attempt.order.amount);
    match taken {
        None if back.total > 0 => found.push("money was given back that was never taken".into()),
        Some(taken) if back.total > taken.total => {
            found.push(format!(
                "{} were taken, {} given back",
                taken.total, back.total
            ));
        }
        Some(taken) if back.tax_free > taken.tax_free => {
            let (all, part) = (taken.tax_free, back.tax_free);
            found.push(format!("tax-free, {all} were taken, {part} given back"));
        }
        None | Some(_) => {}
    }
    found
}

/// The jobs that end what is open.
fn jobs_of(payment: &Payment) -> Vec<(JobKind, String)> {
    let (store_id, payment_id) = (payment.store_id.clone(), payment.id.clone());
    let mut jobs = Vec::new();
    for one in &payment.attempts {
        let attempt = one.id;
        let (store_id, payment_id) = (store_id.clone(), payment_id.clone());
        match one.state {
            AttemptState::Sending | AttemptState::Unknown { .. } => {
                let job = JobKind::ResolveAttempt {
                    store_id,
                    payment_id,
                    attempt,
                    idempotency: None,
                };
                jobs.push((job, format!("attempt {attempt} is open")));
            }
            AttemptState::Reversing { .. } => {
                let job = JobKind::Reverse {
                    store_id,
                    payment_id,
                    attempt,
                };
                jobs.push((job, format!("attempt {attempt} is being undone")));
            }
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::WaitingForDeposit { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversed { .. } => {}
        }
    }
    for one in &payment.cancellations {
        if matches!(
            one.state,
            CancellationState::Sending | CancellationState::Requested
        ) {
            let job = JobKind::ResolveCancellation {
                store_id: store_id.clone(),
                payment_id: payment_id.clone(),
                id: one.id,
                idempotency: None,
            };
            jobs.push((job, format!("cancellation {} is open", one.id)));
        }
    }
    jobs
}
