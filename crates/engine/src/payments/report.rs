//! The result: what a PG's answer, or an inquiry, makes of an attempt.

use naru_connector::{Approval, IssuedAccount, Outcome};
use naru_domain::billing_key::{BillingKey, IssueOutcome};
use naru_domain::cash_receipt::IssuedReceipt;
use naru_domain::payment::{
    Attempt, AttemptOutcome, AttemptState, Capture, Command, Failure, Issued, Payment,
    PaymentReceipt, Refusal, Reporter, decide,
};
use naru_domain::{Amount, AttemptId, PaymentId, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Versioned, Write, tables};

use super::begin::{Intent, Running};
use crate::records::{JobKind, PaymentRecord};
use crate::unit::Cause;
use crate::{Answer, Engine, Fault};

/// How often a result is tried against concurrent changes.
const REPORT_TRIES: u32 = 50;

/// Which attempt a report is about.
pub(crate) struct Subject<'a> {
    pub(crate) store_id: &'a StoreId,
    pub(crate) payment_id: &'a PaymentId,
    pub(crate) attempt: AttemptId,
    pub(crate) idempotency: Option<&'a str>,
    /// By when a request wants an inquiry's answer: its caller waits.
    pub(crate) answer_by: Option<Timestamp>,
    /// The billing key that the PG issued with the money, as it begins.
    pub(crate) issued: Option<&'a IssuedWith>,
    /// The intent of the request whose result it is.
    pub(crate) intent: Option<&'a Intent>,
}

/// A billing key that a PG issued with the money of a payment, and what its issue came to.
pub(crate) struct IssuedWith {
    pub(crate) key: BillingKey,
    pub(crate) outcome: IssueOutcome,
}

impl Running {
    pub(crate) fn subject(&self) -> Subject<'_> {
        Subject {
            store_id: &self.store.id,
            payment_id: &self.payment_id,
            attempt: self.attempt,
            idempotency: self.record_key(),
            answer_by: None,
            issued: None,
            intent: Some(&self.intent),
        }
    }
}

pub(crate) fn capture_of(approval: Approval) -> Capture {
    let cash_receipt = approval.cash_receipt.map(|receipt| PaymentReceipt {
        kind: receipt.kind,
        issued: IssuedReceipt {
            pg_receipt_id: None,
            issue_number: receipt.issue_number.unwrap_or_default(),
            url: None,
            at: approval.at,
        },
        // For how much: the attempt says it.
        amount: Amount::ZERO,
        cancelled_at: None,
        is_manual: false,
    });
    Capture {
        pg_tx_id: approval.pg_tx_id,
        amount: approval.amount,
        currency: approval.currency,
        paid_at: approval.at,
        method: approval.method,
        receipt_url: approval.receipt_url,
        escrow: approval.escrow,
        cash_receipt,
        billing_key: None,
        pg_response: approval.raw,
    }
}

pub(crate) fn issued_of(issued: IssuedAccount) -> Issued {
    Issued {
        pg_tx_id: issued.pg_tx_id,
        at: issued.at,
        account: issued.account,
        escrow: issued.escrow,
        pg_response: issued.raw,
    }
}

/// What an outcome of a payment's exchange means for the attempt.
pub(crate) fn attempt_outcome(outcome: Outcome) -> AttemptOutcome {
    match outcome {
        Outcome::Approved(approval) => AttemptOutcome::Approved(Box::new(capture_of(approval))),
        Outcome::AccountIssued(issued) => {
            AttemptOutcome::AccountIssued(Box::new(issued_of(issued)))
        }
        Outcome::Declined(decline) => AttemptOutcome::Declined(Failure {
            pg_code: decline.code,
            pg_message: decline.message,
        }),
        Outcome::NotSent { .. } => AttemptOutcome::NeverSeen,
        // Anything else makes no sense as an answer to a payment: find out by inquiry.
        Outcome::Unknown(_)
        | Outcome::KeyIssued(_)
        | Outcome::Identity(_)
        | Outcome::KeyDeleted { .. }
        | Outcome::Acted(_)
        | Outcome::Receipt(_)
        | Outcome::Refunded(_)
        | Outcome::AccountClosed { .. }
        | Outcome::Found(_)
        | Outcome::NotFound => AttemptOutcome::Unclear,
    }
}

/// What the caller of a request is told of an attempt that has come to an end.
fn answer_of(payment_id: &PaymentId, attempt: &Attempt) -> Option<Result<Answer, Fault>> {
    let done = |pg_tx_id: &str, paid_at| {
        let pg_tx_id = pg_tx_id.to_owned();
        Some(Ok(if attempt.window.is_some() {
            Answer::PaymentConfirmed { pg_tx_id, paid_at }
        } else {
            Answer::Payment { pg_tx_id, paid_at }
        }))
    };
    match &attempt.state {
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. } => None,
        AttemptState::WaitingForDeposit { issued, .. } => done(&issued.pg_tx_id, issued.at),
        AttemptState::Captured { capture } => match &capture.billing_key {
            Some(billing_key) => Some(Ok(Answer::KeyIssuedAndPaid {
                billing_key: billing_key.clone(),
                payment_id: payment_id.clone(),
                pg_tx_id: capture.pg_tx_id.clone(),
                paid_at: capture.paid_at,
            })),
            None => done(&capture.pg_tx_id, capture.paid_at),
        },
        AttemptState::Failed { failure, .. }
        | AttemptState::Reversing { failure, .. }
        | AttemptState::Reversed { failure, .. } => Some(Err(failure.clone().into())),
    }
}

impl Engine {
    /// Ends a request: reports a clear outcome, finds out an unclear one within the request's
    /// budget, else tells the caller that it is unknown (design 2a.1).
    pub(crate) async fn conclude(
        &self,
        running: &Running,
        outcome: Outcome,
    ) -> Result<Answer, Fault> {
        self.conclude_with(running, outcome, None).await
    }

    /// The same, of an attempt with whose money a billing key was issued.
    pub(crate) async fn conclude_with(
        &self,
        running: &Running,
        outcome: Outcome,
        issued: Option<&IssuedWith>,
    ) -> Result<Answer, Fault> {
        if let Outcome::Unknown(unknown) = &outcome {
            tracing::warn!(
                payment.id = %running.payment_id, attempt.id = %running.attempt,
                reason = unknown.reason, "unclear answer of the payment gateway, inquiring"
            );
        }
        let deadline = running
            .started_at
            .plus_millis(self.config().request_budget_ms);
        let subject = Subject {
            answer_by: Some(deadline),
            issued,
            ..running.subject()
        };
        let mut outcome = attempt_outcome(outcome);
        if let (AttemptOutcome::Approved(capture), Some(issued)) = (&mut outcome, issued) {
            capture.billing_key = Some(issued.key.id.clone());
        }
        let mut wait_ms = 250;
        while matches!(outcome, AttemptOutcome::Unclear) {
            if let Some(found) = self.inquire_attempt(&running.channel, &subject).await? {
                outcome = found;
                break;
            }
            if !running.has_caller() {
                // The resolver goes on. Nobody was told, so a capture that it finds is kept.
                break;
            }
            if self.clock().process().plus_millis(wait_ms) > deadline {
                return self.tell(&subject).await;
            }
            self.clock().sleep_ms(wait_ms.unsigned_abs()).await;
            wait_ms = (wait_ms * 2).min(4_000);
        }
        self.report(&subject, outcome, Reporter::Request).await
    }

    /// Commits an outcome and gives the answer that follows from it. Whoever was first wins: if
    /// the attempt has ended meanwhile, the answer is what it ended as.
    pub(crate) async fn report(
        &self,
        subject: &Subject<'_>,
        outcome: AttemptOutcome,
        by: Reporter,
    ) -> Result<Answer, Fault> {
        let command = || Command::Resolve {
            attempt: subject.attempt,
            outcome: outcome.clone(),
            by,
        };
        self.end(subject, command).await
    }

    /// Commits that the caller is told, and tells.
    async fn tell(&self, subject: &Subject<'_>) -> Result<Answer, Fault> {
        self.end(subject, || Command::Tell {
            attempt: subject.attempt,
        })
        .await
    }

    async fn end(
        &self,
        subject: &Subject<'_>,
        command: impl Fn() -> Command,
    ) -> Result<Answer, Fault> {
        let report = Report {
            store_id: subject.store_id,
            payment_id: subject.payment_id,
            idempotency: subject.idempotency,
            job: resolve_job(subject),
            issued: subject.issued,
            intent: subject.intent,
        };
        let end = |payment: &Payment| End {
            answer: answer_after(payment, subject),
            is_over: is_over(payment, subject),
            // What became of the request is what becomes of the attempt in this one's place.
            is_the_requests: !payment.was_taken_over(subject.attempt),
        };
        self.commit_report(&report, command, end).await
    }

    /// Commits what somebody found out about a payment: the decision, the answer that its
    /// request's idempotency record gets, and the end of its job if it is over. Whoever was first
    /// wins: where there is nothing left to decide, the answer is what it ended as.
    pub(crate) async fn commit_report(
        &self,
        report: &Report<'_>,
        command: impl Fn() -> Command,
        end: impl Fn(&Payment) -> End,
    ) -> Result<Answer, Fault> {
        let mut remembered = report.intent.and_then(Intent::take);
        for _ in 0..REPORT_TRIES {
            let is_read = remembered.is_none();
            let found = match remembered.take() {
                Some(found) => Some(found),
                None => {
                    self.load_payment(report.store_id, report.payment_id)
                        .await?
                }
            };
            let found = found.ok_or(Fault::PaymentNotFound)?;
            let version = found.version;
            let limits = self.config().limits;
            let decided = decide(Some(&found.value.0), command(), limits, self.now());
            let (mut unit, payment, decision) = match decided {
                Ok(decision) => {
                    let cause = Cause {
                        idempotency: report.idempotency,
                        lease_until: None,
                    };
                    let (mut unit, payment) = self.unit_of(Some(found), &decision, &cause).await?;
                    if let Some(issued) = report.issued {
                        self.add_issued_key(&mut unit, &payment, issued).await?;
                    }
                    (unit, payment, Some(decision))
                }
                // What is remembered may only be believed where the commit compares its version.
                Err(_) if !is_read => continue,
                Err(Refusal::NothingToDo) => (Commit::new(self.new_uuid()), found.value.0, None),
                Err(refusal) => return Err(refusal.into()),
            };
            let End {
                answer,
                is_over,
                is_the_requests,
            } = end(&payment);
            if is_the_requests {
                self.complete_record(&mut unit, report.idempotency, &answer)
                    .await?;
            }
            if is_over {
                unit.writes.push(drop_job(&report.job));
            }
            match self.commit(unit).await {
                Ok(()) => {
                    if let Some(decision) = decision {
                        self.wake(&payment, &decision);
                        self.results().push(Versioned {
                            version: version.saturating_add(1),
                            value: PaymentRecord(payment),
                        });
                    }
                    return answer;
                }
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent changes".to_owned(),
        })
    }
}

/// A report about a payment.
pub(crate) struct Report<'a> {
    pub(crate) store_id: &'a StoreId,
    pub(crate) payment_id: &'a PaymentId,
    /// The request's idempotency record, to complete.
    pub(crate) idempotency: Option<&'a str>,
    /// The job that is done once it is over.
    pub(crate) job: JobKind,
    /// The billing key that comes with the money, if it stands.
    pub(crate) issued: Option<&'a IssuedWith>,
    /// The intent of the request whose result it is.
    pub(crate) intent: Option<&'a Intent>,
}

/// What a report comes to.
pub(crate) struct End {
    pub(crate) answer: Result<Answer, Fault>,
    pub(crate) is_over: bool,
    /// Whether it is the end of the request as well, whose idempotency record it completes.
    pub(crate) is_the_requests: bool,
}

fn answer_after(payment: &Payment, subject: &Subject<'_>) -> Result<Answer, Fault> {
    payment
        .attempt(subject.attempt)
        .and_then(|attempt| answer_of(&payment.id, attempt))
        .unwrap_or_else(|| Err(Fault::outcome_unknown()))
}

fn is_over(payment: &Payment, subject: &Subject<'_>) -> bool {
    payment
        .attempt(subject.attempt)
        .is_none_or(|attempt| answer_of(&payment.id, attempt).is_some())
}

pub(super) fn resolve_job(subject: &Subject<'_>) -> JobKind {
    JobKind::ResolveAttempt {
        store_id: subject.store_id.clone(),
        payment_id: subject.payment_id.clone(),
        attempt: subject.attempt,
        idempotency: None,
    }
}

/// Deletes a job whoever holds it: the work is done.
pub(crate) fn drop_job(kind: &JobKind) -> Write {
    Write::Delete {
        table: &tables::JOBS,
        key: vec![kind.id().into()],
        expected: None,
    }
}
