//! Undoing a capture or an account that must not stand (design 2a.3).
//!
//! Run by workers only. The state `Reversing` is on disk before, so an approval and a reversal
//! exclude each other; the PG's books are asked first, so a crash between undoing and recording
//! does no harm.

use naru_connector::{
    CloseVirtualAccount, Inquire, Operation, Outcome, Refund, Transaction, TransactionState,
};
use naru_domain::payment::{
    Attempt, AttemptState, Command, Failure, Refusal, ReversalOutcome, decide,
};
use naru_domain::{Amount, AttemptId, PaymentId, StoreId};
use naru_store::CommitError;

use super::inquire::pg_tx_id;
use super::report::drop_job;
use crate::directory::OpenChannel;
use crate::jobs::JobDone;
use crate::records::JobKind;
use crate::unit::Cause;
use crate::{Engine, Fault};

/// Refusals of the PG after which a person has to look. Tries whose inquiry failed are none: a PG
/// that is away for an hour has refused nothing.
const REFUSALS_MAX: u32 = 5;

/// What became of undoing.
enum Undone {
    /// It has its end.
    Ended(ReversalOutcome),
    /// The PG refused; it may take it another time.
    Refused,
    /// Nobody knows.
    Unclear,
}

impl Engine {
    pub(crate) async fn run_reverse(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        id: AttemptId,
        refusals: u32,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_payment(store_id, payment_id).await? else {
            return Ok(JobDone::Finished);
        };
        let payment = found.value.0;
        let Some(attempt) = payment.attempt(id) else {
            return Ok(JobDone::Finished);
        };
        let AttemptState::Reversing { .. } = attempt.state else {
            return Ok(JobDone::Finished);
        };
        let channel = self.attempt_channel(&attempt.channel.key).await?;
        let outcome = match self.undo(&channel, attempt, refusals).await? {
            Undone::Ended(outcome) => outcome,
            Undone::Refused => return Ok(JobDone::Refused),
            Undone::Unclear => return Ok(JobDone::Again),
        };
        let kind = JobKind::Reverse {
            store_id: store_id.clone(),
            payment_id: payment_id.clone(),
            attempt: id,
        };
        self.report_reversal(&kind, outcome).await
    }

    /// What became of undoing.
    async fn undo(
        &self,
        channel: &OpenChannel,
        attempt: &Attempt,
        refusals: u32,
    ) -> Result<Undone, Fault> {
        let Some(pg_tx_id) = pg_tx_id(&attempt.state) else {
            return Ok(Undone::Ended(ReversalOutcome::Done));
        };
        let Some(transaction) = self.standing(channel, pg_tx_id).await? else {
            return Ok(Undone::Unclear);
        };
        let operation = match transaction.state {
            TransactionState::Cancelled | TransactionState::Declined => {
                return Ok(Undone::Ended(ReversalOutcome::Done));
            }
            TransactionState::Waiting => Operation::CloseVirtualAccount(CloseVirtualAccount {
                pg_tx_id: pg_tx_id.to_owned(),
                reason: "reversed".to_owned(),
            }),
            TransactionState::Approved if attempt.method.is_deposit() => {
                return Ok(Undone::Ended(ReversalOutcome::Impossible(Failure::own(
                    "NARU_NEEDS_ACCOUNT",
                    "a deposit goes back only to the customer's bank account: ask the customer \
                     for it and refund at the payment gateway",
                ))));
            }
            TransactionState::Approved => full_refund(pg_tx_id, &transaction, attempt),
        };
        let exchange = self.begin(channel, &operation)?;
        Ok(match self.drive(exchange, None).await {
            Outcome::Refunded(_) | Outcome::AccountClosed { .. } => {
                Undone::Ended(ReversalOutcome::Done)
            }
            Outcome::Declined(decline) if refusals >= REFUSALS_MAX => {
                // The refusal can mean that an earlier request has arrived after all.
                match self.standing(channel, pg_tx_id).await? {
                    Some(transaction) => Undone::Ended(match transaction.state {
                        TransactionState::Cancelled | TransactionState::Declined => {
                            ReversalOutcome::Done
                        }
                        TransactionState::Waiting | TransactionState::Approved => {
                            ReversalOutcome::Impossible(Failure {
                                pg_code: decline.code,
                                pg_message: decline.message,
                            })
                        }
                    }),
                    None => Undone::Unclear,
                }
            }
            Outcome::Declined(_) => Undone::Refused,
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Found(_)
            | Outcome::NotFound
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => Undone::Unclear,
        })
    }

    /// How it stands in the PG's books; nothing if they can't be read.
    async fn standing(
        &self,
        channel: &OpenChannel,
        pg_tx_id: &str,
    ) -> Result<Option<Transaction>, Fault> {
        let inquire = Inquire::ByTransaction {
            pg_tx_id: pg_tx_id.to_owned(),
        };
        Ok(match self.inquire(channel, inquire).await? {
            Outcome::Found(transaction) => Some(*transaction),
            Outcome::NotFound
            | Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Declined(_)
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => None,
        })
    }

    async fn report_reversal(
        &self,
        kind: &JobKind,
        outcome: ReversalOutcome,
    ) -> Result<JobDone, Fault> {
        let JobKind::Reverse {
            store_id,
            payment_id,
            attempt,
        } = kind
        else {
            return Err(Fault::internal("not a reversal"));
        };
        let found = self.load_payment(store_id, payment_id).await?;
        let payment = found.as_ref().map(|found| &found.value.0);
        let command = Command::ResolveReversal {
            attempt: *attempt,
            outcome,
        };
        let decision = match decide(payment, command, self.config().limits, self.now()) {
            Ok(decision) => decision,
            Err(Refusal::NothingToDo) => return Ok(JobDone::Finished),
            Err(refusal) => return Err(refusal.into()),
        };
        let (mut unit, payment) = self.unit_of(found, &decision, &Cause::WORKER).await?;
        unit.writes.push(drop_job(kind));
        match self.commit(unit).await {
            Ok(()) => {
                self.wake(&payment, &decision);
                Ok(JobDone::Finished)
            }
            Err(CommitError::Conflict(_)) => Ok(JobDone::Again),
            Err(error) => Err(error.into()),
        }
    }
}

/// All that the PG still holds, as its own books say: it may be another amount than was asked for.
fn full_refund(pg_tx_id: &str, transaction: &Transaction, attempt: &Attempt) -> Operation {
    let held = transaction.approval.amount - transaction.cancelled_total;
    let order = &attempt.order;
    let charged = attempt.charged();
    let amount = if held == charged.total {
        charged
    } else {
        Amount {
            total: held,
            tax_free: 0,
            vat: naru_domain::vat_of(held),
        }
    };
    Operation::Refund(Refund {
        pg_tx_id: pg_tx_id.to_owned(),
        method: attempt.method,
        reason: "reversed".to_owned(),
        amount,
        remaining_total: 0,
        is_first: transaction.cancelled_total == 0,
        currency: order.currency.clone(),
        account: None,
    })
}
