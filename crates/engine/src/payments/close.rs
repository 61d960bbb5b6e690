//! `POST /payments/{paymentId}/virtual-account/close`.

use std::sync::Arc;

use naru_connector::{CloseVirtualAccount, Deposit, Inquire, Operation, Outcome, TransactionState};
use naru_domain::payment::{
    Attempt, AttemptState, Capture, Command, Failure, Issued, Payment, PaymentReceipt, Refusal,
    decide,
};
use naru_domain::{Amount, AttemptId, Method, PaymentId, StoreId, Timestamp};
use naru_store::{Commit, CommitError};

use super::begin::{CALLERS_PATIENCE_MS, Intent, Running};
use super::pay::CallContext;
use super::report::{End, Report};
use crate::directory::OpenChannel;
use crate::exchange::Begun;
use crate::jobs::JobDone;
use crate::records::JobKind;
use crate::unit::Cause;
use crate::{Answer, Engine, Fault};

const REPORT_TRIES: u32 = 50;

/// Which account a report is about.
pub(crate) struct CloseSubject<'a> {
    pub(crate) store_id: &'a StoreId,
    pub(crate) payment_id: &'a PaymentId,
    pub(crate) attempt: AttemptId,
    pub(crate) send_by: Timestamp,
    pub(crate) idempotency: Option<&'a str>,
}

/// What became of closing.
pub(crate) enum Closed {
    /// It takes no more deposits.
    Done(Timestamp),
    /// The PG refused, or never saw it.
    Refused(Failure),
    /// A customer was faster.
    Deposited(Box<Capture>),
}

impl Engine {
    /// Closes the virtual account that waits for a deposit.
    pub async fn close_virtual_account(
        &self,
        context: CallContext,
        payment_id: PaymentId,
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        loop {
            let found = self.load_payment(&context.store.id, &payment_id).await?;
            let found = found.filter(|found| found.value.0.has_begun());
            let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
            let Some((attempt, key, pg_tx_id)) = waiting(&payment) else {
                self.same_key_runs(context.ticket.as_ref()).await?;
                return Err(Fault::PaymentNotWaitingForDeposit);
            };
            let channel = self.attempt_channel(&key).await?;
            let exchange = self.close_exchange(&channel, &pg_tx_id)?;
            let send_by = self.send_by();
            let running = Running {
                store: Arc::clone(&context.store),
                payment_id: payment_id.clone(),
                attempt,
                channel,
                ticket: context.ticket.clone(),
                started_at,
                patience_ms: CALLERS_PATIENCE_MS,
                intent: Intent::default(),
            };
            if !self
                .try_begin(&running, Command::CloseAccount { send_by })
                .await?
            {
                continue;
            }
            let outcome = self.drive(exchange, Some(send_by)).await;
            let subject = CloseSubject {
                store_id: &context.store.id,
                payment_id: &payment_id,
                attempt,
                send_by,
                idempotency: running.record_key(),
            };
            let Some(closed) = self.closed(&running.channel, &pg_tx_id, outcome).await? else {
                // The account still takes deposits as far as anybody knows; the resolver goes on.
                return self.tell_unclear(running.record_key()).await;
            };
            return self.report_close(&subject, closed).await;
        }
    }

    /// The answer that nobody knows, remembered like any other after the intent (design 2a.5).
    async fn tell_unclear(&self, record_key: Option<&str>) -> Result<Answer, Fault> {
        let answer = Err(Fault::outcome_unknown());
        let mut unit = Commit::new(self.new_uuid());
        self.complete_record(&mut unit, record_key, &answer).await?;
        match self.commit(unit).await {
            // In a conflict the resolver has found out just now; what is still true was told.
            Ok(()) | Err(CommitError::Conflict(_)) => answer,
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn close_exchange(
        &self,
        channel: &OpenChannel,
        pg_tx_id: &str,
    ) -> Result<Begun, Fault> {
        let operation = Operation::CloseVirtualAccount(CloseVirtualAccount {
            pg_tx_id: pg_tx_id.to_owned(),
            reason: "closed by the merchant".to_owned(),
        });
        self.begin(channel, &operation)
    }

    /// What an outcome of closing means; an unclear one is looked up once.
    async fn closed(
        &self,
        channel: &OpenChannel,
        pg_tx_id: &str,
        outcome: Outcome,
    ) -> Result<Option<Closed>, Fault> {
        Ok(match outcome {
            Outcome::AccountClosed { at } => Some(Closed::Done(at)),
            Outcome::Declined(decline) => {
                // A refusal can mean that the customer has paid meanwhile.
                match self.inquire_close(channel, pg_tx_id).await? {
                    Some(Some(closed)) => Some(closed),
                    Some(None) | None => Some(Closed::Refused(Failure {
                        pg_code: decline.code,
                        pg_message: decline.message,
                    })),
                }
            }
            Outcome::NotSent { reason } => {
                Some(Closed::Refused(Failure::own(Failure::NOT_SENT, &reason)))
            }
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Refunded(_)
            | Outcome::Found(_)
            | Outcome::NotFound
            | Outcome::Unknown(_) => self.inquire_close(channel, pg_tx_id).await?.flatten(),
        })
    }

    /// The account in the PG's books: `Some(None)` if it still waits, nothing if unclear.
    pub(crate) async fn inquire_close(
        &self,
        channel: &OpenChannel,
        pg_tx_id: &str,
    ) -> Result<Option<Option<Closed>>, Fault> {
        let inquire = Inquire::ByTransaction {
            pg_tx_id: pg_tx_id.to_owned(),
        };
        let Outcome::Found(transaction) = self.inquire(channel, inquire).await? else {
            return Ok(None);
        };
        Ok(match (transaction.state, transaction.deposit) {
            (TransactionState::Cancelled, _) => {
                let at = transaction
                    .cancelled_at
                    .unwrap_or_else(|| self.now().whole_seconds());
                Some(Some(Closed::Done(at)))
            }
            (TransactionState::Waiting, _) => Some(None),
            (TransactionState::Approved, Some(deposit)) => {
                let capture = deposit_capture(transaction.approval, deposit);
                Some(Some(Closed::Deposited(Box::new(capture))))
            }
            (TransactionState::Approved | TransactionState::Declined, _) => None,
        })
    }

    /// Looks once whether the deposit came by the account's deadline. The account stays as it is if
    /// not: a late deposit still pays.
    pub(crate) async fn run_account_deadline(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        id: AttemptId,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_payment(store_id, payment_id).await? else {
            return Ok(JobDone::Finished);
        };
        let payment = found.value.0;
        let Some(attempt) = payment.attempt(id) else {
            return Ok(JobDone::Finished);
        };
        let AttemptState::WaitingForDeposit { issued, .. } = &attempt.state else {
            return Ok(JobDone::Finished);
        };
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        match self.inquire_close(&channel, &issued.pg_tx_id).await? {
            // Nobody here closed it: what closed it by itself or at the PG still waits for us.
            Some(None | Some(Closed::Done(_) | Closed::Refused(_))) => Ok(JobDone::Finished),
            Some(Some(Closed::Deposited(capture))) => {
                self.report_deposit(store_id, payment_id, id, *capture)
                    .await?;
                Ok(JobDone::Finished)
            }
            None => Ok(JobDone::Again),
        }
    }

    /// Commits what became of closing.
    pub(crate) async fn report_close(
        &self,
        subject: &CloseSubject<'_>,
        closed: Closed,
    ) -> Result<Answer, Fault> {
        let (outcome, answer) = match closed {
            Closed::Done(at) => (Ok(at), Ok(Answer::AccountClosed { at: self.now() })),
            Closed::Refused(failure) => (Err(failure.clone()), Err(Fault::from(failure))),
            Closed::Deposited(capture) => {
                self.report_deposit(
                    subject.store_id,
                    subject.payment_id,
                    subject.attempt,
                    *capture,
                )
                .await?;
                let failure = Failure::own("NARU_DEPOSITED", "the customer has paid meanwhile");
                (Err(failure), Err(Fault::PaymentNotWaitingForDeposit))
            }
        };
        self.end_close(subject, outcome, |_| answer.clone()).await
    }

    /// Answers the request whose closing somebody else has found the end of, a notice for instance.
    pub(crate) async fn report_ended_close(
        &self,
        subject: &CloseSubject<'_>,
    ) -> Result<Answer, Fault> {
        let refused = Err(Failure::own("NARU_ENDED", "it has ended before"));
        let answer = |payment: &Payment| match payment.attempt(subject.attempt) {
            Some(Attempt {
                state: AttemptState::Failed { at, .. },
                ..
            }) => Ok(Answer::AccountClosed { at: *at }),
            _ => Err(Fault::PaymentNotWaitingForDeposit),
        };
        self.end_close(subject, refused, answer).await
    }

    async fn end_close(
        &self,
        subject: &CloseSubject<'_>,
        outcome: Result<Timestamp, Failure>,
        answer: impl Fn(&Payment) -> Result<Answer, Fault>,
    ) -> Result<Answer, Fault> {
        let report = Report {
            issued: None,
            intent: None,
            store_id: subject.store_id,
            payment_id: subject.payment_id,
            idempotency: subject.idempotency,
            job: JobKind::ResolveClose {
                store_id: subject.store_id.clone(),
                payment_id: subject.payment_id.clone(),
                attempt: subject.attempt,
                send_by: subject.send_by,
                idempotency: None,
            },
        };
        let command = || Command::ResolveClose {
            attempt: subject.attempt,
            outcome: outcome.clone(),
        };
        let end = |payment: &Payment| End {
            answer: answer(payment),
            is_over: true,
            is_the_requests: true,
        };
        self.commit_report(&report, command, end).await
    }

    /// Commits a deposit that an inquiry confirmed. `false`: it changes nothing any more.
    pub(crate) async fn report_deposit(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        attempt: AttemptId,
        capture: Capture,
    ) -> Result<bool, Fault> {
        self.commit_news(store_id, payment_id, |payment| {
            let issued = payment
                .attempt(attempt)
                .and_then(|attempt| issued_account(&attempt.state));
            let capture = Box::new(keep_account(issued, capture.clone()));
            Command::Deposit { attempt, capture }
        })
        .await
    }

    /// Commits what the PG let us know without being asked to do anything. `false`: it changes
    /// nothing, or nothing any more.
    pub(crate) async fn commit_news(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        command: impl Fn(&Payment) -> Command,
    ) -> Result<bool, Fault> {
        for _ in 0..REPORT_TRIES {
            let found = self.load_payment(store_id, payment_id).await?;
            let Some(payment) = found.as_ref().map(|found| &found.value.0) else {
                return Ok(false);
            };
            let command = command(payment);
            let payment = Some(payment);
            let decision = match decide(payment, command, self.config().limits, self.now()) {
                Ok(decision) => decision,
                Err(Refusal::NothingToDo | Refusal::PaymentNotFound) => return Ok(false),
                Err(refusal) => return Err(refusal.into()),
            };
            let (unit, payment) = self.unit_of(found, &decision, &Cause::WORKER).await?;
            match self.commit(unit).await {
                Ok(()) => {
                    self.wake(&payment, &decision);
                    return Ok(true);
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

/// The account of a deposit is the one that was issued: an inquiry may mask its number.
fn keep_account(issued: Option<&Issued>, capture: Capture) -> Capture {
    let (Some(issued), Method::VirtualAccount(seen)) = (issued, &capture.method) else {
        return capture;
    };
    let account = naru_domain::VirtualAccount {
        remitter_name: seen.remitter_name.clone(),
        ..issued.account.clone()
    };
    Capture {
        method: Method::VirtualAccount(account),
        ..capture
    }
}

/// A deposit in the PG's books, as a capture.
pub(crate) fn deposit_capture(approval: naru_connector::Approval, deposit: Deposit) -> Capture {
    let cash_receipt = deposit.cash_receipt.map(|issued| PaymentReceipt {
        // For whom and for how much: the attempt says it.
        kind: None,
        issued,
        amount: Amount::ZERO,
        cancelled_at: None,
        is_manual: false,
    });
    let method = match approval.method {
        Method::VirtualAccount(account) => Method::VirtualAccount(naru_domain::VirtualAccount {
            remitter_name: deposit
                .remitter_name
                .or_else(|| account.remitter_name.clone()),
            ..account
        }),
        other => other,
    };
    Capture {
        pg_tx_id: approval.pg_tx_id,
        amount: deposit.amount,
        currency: approval.currency,
        paid_at: deposit.at,
        method,
        receipt_url: approval.receipt_url,
        escrow: approval.escrow,
        cash_receipt,
        billing_key: None,
        pg_response: approval.raw,
    }
}

/// The account of an attempt, once it was issued.
fn issued_account(state: &AttemptState) -> Option<&Issued> {
    match state {
        AttemptState::WaitingForDeposit { issued, .. }
        | AttemptState::Failed {
            issued: Some(issued),
            ..
        }
        | AttemptState::Reversing {
            issued: Some(issued),
            ..
        } => Some(issued),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Captured { .. }
        | AttemptState::Failed { issued: None, .. }
        | AttemptState::Reversing { issued: None, .. }
        | AttemptState::Reversed { .. } => None,
    }
}

/// The account that waits: attempt, channel, the PG's id.
fn waiting(payment: &Payment) -> Option<(AttemptId, naru_domain::ChannelKey, String)> {
    payment
        .attempts
        .iter()
        .find_map(|attempt| match &attempt.state {
            AttemptState::WaitingForDeposit {
                issued: Issued { pg_tx_id, .. },
                ..
            } => Some((attempt.id, attempt.channel.key.clone(), pg_tx_id.clone())),
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::Captured { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => None,
        })
}
