//! `POST /payments/{paymentId}/cash-receipt/cancel`.

use naru_connector::{CancelCashReceipt, Inquire, Operation, Outcome, ReceiptFound};
use naru_domain::cash_receipt::{CashReceipt, ReceiptRefusal, ReceiptState};
use naru_domain::payment::Failure;
use naru_domain::{PaymentId, Timestamp};
use naru_store::{Commit, CommitError};

use super::{Ending, Place};
use crate::directory::OpenChannel;
use crate::jobs::JobDone;
use crate::payments::CallContext;
use crate::records::{JobKind, ReceiptJob};
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// How long after its deadline an unclear cancellation is inquired, in milliseconds. Then it is
/// given up: the receipt counts as issued, and a repeated cancellation tells.
const GIVEN_UP_MS: i64 = 3_600_000;

/// How a cancellation ended: when it happened, or why it did not.
type End = Result<Timestamp, Failure>;

/// What the PG's books say of a receipt.
enum InBooks {
    CancelledAt(Timestamp),
    Stands,
    Unclear,
}

impl Engine {
    /// Cancels a cash receipt, whole, whether or not it came with a payment.
    pub async fn cancel_cash_receipt(
        &self,
        context: CallContext,
        payment_id: PaymentId,
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        let place = (&context.store.id, &payment_id);
        loop {
            let found = self.load_receipt(place).await?;
            let send_by = self.send_by();
            let decided = match &found {
                Some(found) => found.value.0.cancel(send_by),
                None => Err(ReceiptRefusal::NotFound),
            };
            let (event, found) = match (decided, found) {
                (Ok(event), Some(found)) => (event, found),
                (Err(refusal), _) => {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                    if refusal == ReceiptRefusal::InFlight
                        && self.wait_for_receipt(place, started_at).await
                    {
                        continue;
                    }
                    return Err(refusal.into());
                }
                (Ok(_), None) => return Err(Fault::internal("an event of no cash receipt")),
            };
            let (key, pg_receipt_id) = subject(&found.value.0)?;
            let channel = self.attempt_channel(&key).await?;
            let exchange = self.begin(
                &channel,
                &Operation::CancelCashReceipt(CancelCashReceipt {
                    pg_receipt_id: pg_receipt_id.clone(),
                    reason: "cancelled by the merchant".to_owned(),
                }),
            )?;
            let record = context.ticket.as_ref().map(IdempotencyTicket::record_key);
            let job = cancel_job(place, send_by, record);
            let mut unit = Commit::new(self.new_uuid());
            self.add_receipt_event(&mut unit, Some(found), &event)?;
            self.leave_receipt_job(&mut unit, &job, &key)?;
            self.open_record(&mut unit, context.ticket.as_ref())?;
            match self.commit(unit).await {
                Ok(()) => {}
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => continue,
                Err(error) => return Err(error.into()),
            }
            let outcome = self.drive(exchange, Some(send_by)).await;
            let end = self.cancel_end(&channel, pg_receipt_id, outcome).await?;
            let ending = Ending { record, job: &job };
            return match end {
                Some(end) => {
                    self.report_receipt_cancel(place, send_by, &end, ending)
                        .await
                }
                // The resolver goes on.
                None => self.tell_cancel_unclear(record).await,
            };
        }
    }

    /// What an outcome of the exchange means; an unclear one is looked up once.
    async fn cancel_end(
        &self,
        channel: &OpenChannel,
        pg_receipt_id: String,
        outcome: Outcome,
    ) -> Result<Option<End>, Fault> {
        Ok(match outcome {
            Outcome::Refunded(refunded) => Some(Ok(refunded.at)),
            Outcome::Declined(decline) => Some(Err(Failure {
                pg_code: decline.code,
                pg_message: decline.message,
            })),
            Outcome::NotSent { reason } => Some(Err(Failure::own(Failure::NOT_SENT, &reason))),
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::AccountClosed { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Found(_)
            | Outcome::NotFound
            | Outcome::Unknown(_) => match self.receipt_in_books(channel, pg_receipt_id).await {
                InBooks::CancelledAt(at) => Some(Ok(at)),
                InBooks::Stands | InBooks::Unclear => None,
            },
        })
    }

    async fn receipt_in_books(&self, channel: &OpenChannel, pg_receipt_id: String) -> InBooks {
        let inquire = Inquire::CashReceipt { pg_receipt_id };
        match self.inquire(channel, inquire).await {
            Ok(Outcome::Receipt(ReceiptFound::InBooks { cancelled_at })) => {
                cancelled_at.map_or(InBooks::Stands, InBooks::CancelledAt)
            }
            // "Not found" says only that this PG's inquiry knows no receipts.
            Ok(_) | Err(_) => InBooks::Unclear,
        }
    }

    async fn report_receipt_cancel(
        &self,
        place: Place<'_>,
        send_by: Timestamp,
        end: &End,
        ending: Ending<'_>,
    ) -> Result<Answer, Fault> {
        let decide = |receipt: &CashReceipt| receipt.end_cancel(send_by, (end.clone(), self.now()));
        let answer = |receipt: &CashReceipt| cancel_answer(receipt, end);
        self.report_receipt(place, decide, answer, ending).await
    }

    /// The answer that nobody knows, remembered like any other after the intent (design 2a.5).
    async fn tell_cancel_unclear(&self, record: Option<&str>) -> Result<Answer, Fault> {
        let answer = Err(Fault::receipt_unknown());
        let mut unit = Commit::new(self.new_uuid());
        self.complete_record(&mut unit, record, &answer).await?;
        if unit.writes.is_empty() {
            return answer;
        }
        match self.commit(unit).await {
            // In a conflict the resolver has found out just now; what is still true was told.
            Ok(()) | Err(CommitError::Conflict(_)) => answer,
            Err(error) => Err(error.into()),
        }
    }

    /// Finds out what became of a cancellation.
    pub(super) async fn end_receipt_cancel(
        &self,
        place: Place<'_>,
        send_by: Timestamp,
        record: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let Some(found) = self.load_receipt(place).await? else {
            return Ok(JobDone::Finished);
        };
        let receipt = found.value.0;
        let runs = matches!(
            receipt.state,
            ReceiptState::Issued {
                cancelling: true,
                ..
            }
        );
        if !runs || receipt.send_by != send_by {
            return Ok(JobDone::Finished);
        }
        let (key, pg_receipt_id) = subject(&receipt)?;
        let channel = self.attempt_channel(&key).await?;
        let end = match self.receipt_in_books(&channel, pg_receipt_id).await {
            InBooks::CancelledAt(at) => Ok(at),
            InBooks::Stands if self.is_final(&channel, send_by).await? => Err(Failure::own(
                Failure::NOT_SENT,
                "the payment gateway has not cancelled the cash receipt",
            )),
            InBooks::Unclear if self.is_given_up(send_by).await? => Err(Failure::own(
                Failure::OUTCOME_UNKNOWN,
                "whether the payment gateway has cancelled the cash receipt could not be found out",
            )),
            InBooks::Stands | InBooks::Unclear => return Ok(JobDone::Again),
        };
        let job = cancel_job(place, send_by, None);
        let ending = Ending { record, job: &job };
        match self
            .report_receipt_cancel(place, send_by, &end, ending)
            .await
        {
            Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => Err(fault),
            Ok(_) | Err(_) => Ok(JobDone::Finished),
        }
    }

    async fn is_given_up(&self, send_by: Timestamp) -> Result<bool, Fault> {
        let now = self.store().now().await?;
        Ok(now > send_by.plus_millis(GIVEN_UP_MS))
    }
}

/// Where a receipt that counts was issued, and the PG's id of it.
fn subject(receipt: &CashReceipt) -> Result<(naru_domain::ChannelKey, String), Fault> {
    let issued = receipt
        .issued()
        .ok_or_else(|| Fault::internal("a cancellation of what was not issued"))?;
    let id = issued
        .pg_receipt_id
        .clone()
        .ok_or_else(|| Fault::PgProvider {
            pg_code: Fault::UNSUPPORTED.to_owned(),
            pg_message:
                "the payment gateway named no id of this cash receipt: it is cancelled with \
                     its payment, or on the payment gateway's own pages"
                    .to_owned(),
        })?;
    Ok((receipt.channel.key.clone(), id))
}

fn cancel_job(
    (store_id, payment_id): Place<'_>,
    send_by: Timestamp,
    record: Option<&str>,
) -> JobKind {
    JobKind::CashReceipt(ReceiptJob::EndCancel {
        store_id: store_id.clone(),
        payment_id: payment_id.clone(),
        send_by,
        idempotency: record.map(str::to_owned),
    })
}

/// What the caller is told.
fn cancel_answer(receipt: &CashReceipt, end: &End) -> Result<Answer, Fault> {
    match (&receipt.state, end) {
        (ReceiptState::Cancelled { at, .. }, _) => Ok(Answer::CashReceiptCancelled {
            amount: receipt.amount.total,
            at: *at,
        }),
        (_, Err(failure)) => Err(failure.clone().into()),
        (
            ReceiptState::Issuing
            | ReceiptState::Unclear
            | ReceiptState::Failed { .. }
            | ReceiptState::Issued { .. },
            Ok(_),
        ) => Err(Fault::receipt_unknown()),
    }
}
