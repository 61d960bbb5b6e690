//! `POST /cash-receipts`.

use naru_connector::{IssueCashReceipt, Operation, Outcome, ReceiptFound, Secret};
use naru_domain::cash_receipt::{
    CashReceipt, IssueEnd, ReceiptEvent, ReceiptKind, ReceiptState, begin,
};
use naru_domain::payment::{AttemptState, Failure, Payment};
use naru_domain::{Amount, ChannelKey, Currency, Customer, PaymentId, Timestamp};
use naru_store::{Commit, CommitError, Versioned};

use super::{ANSWERED_BY_MS, Ending, Place, shown};
use crate::directory::OpenChannel;
use crate::jobs::JobDone;
use crate::payments::CallContext;
use crate::records::{CashReceiptRecord, JobKind, ReceiptJob};
use crate::{Answer, Engine, Fault, IdempotencyTicket};

/// A cash receipt asked for.
#[derive(Debug, Clone)]
pub struct IssueReceiptRequest {
    /// The id of its payment, or one that the merchant made up for it.
    pub payment_id: PaymentId,
    /// Through which channel.
    pub channel: ChannelKey,
    /// For whom.
    pub kind: ReceiptKind,
    /// What was bought.
    pub order_name: String,
    /// For how much.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// The number that names the customer or the business to the tax office.
    pub identity: Secret,
    /// Who bought.
    pub customer: Customer,
}

/// How an issue ended.
struct Ended {
    end: IssueEnd,
    /// Whether the PG said that there is a receipt for this sale already.
    is_duplicate: bool,
}

impl Engine {
    /// Asks the PG for a cash receipt.
    pub async fn issue_cash_receipt(
        &self,
        context: CallContext,
        request: IssueReceiptRequest,
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        let channel = self.live_channel(&context.store, &request.channel).await?;
        let operation = Operation::IssueCashReceipt(IssueCashReceipt {
            name: request.order_name.clone(),
            amount: request.amount,
            currency: request.currency.clone(),
            kind: request.kind,
            identity: request.identity.clone(),
            customer: request.customer.clone(),
        });
        let place = (&context.store.id, &request.payment_id);
        loop {
            let found = self.load_receipt(place).await?;
            let send_by = self.send_by();
            let new = self.new_receipt(&context, &request, (&channel, send_by));
            let event = match self.decide_issue(place, found.as_ref(), new).await {
                Ok(event) => event,
                Err(fault) => {
                    self.same_key_runs(context.ticket.as_ref()).await?;
                    let is_running =
                        found.is_some_and(|found| found.value.0.state == ReceiptState::Issuing);
                    if is_running && self.wait_for_receipt(place, started_at).await {
                        continue;
                    }
                    return Err(fault);
                }
            };
            let exchange = self.begin(&channel, &operation)?;
            let record = context.ticket.as_ref().map(IdempotencyTicket::record_key);
            let job = issue_job(place, send_by, record);
            let mut unit = Commit::new(self.new_uuid());
            self.add_receipt_event(&mut unit, found, &event)?;
            self.leave_receipt_job(&mut unit, &job, &channel.record.key)?;
            self.open_record(&mut unit, context.ticket.as_ref())?;
            match self.commit(unit).await {
                Ok(()) => {}
                Err(CommitError::Conflict("idempotency")) => {
                    return Err(Fault::IdempotencyOutstandingRequest);
                }
                Err(CommitError::Conflict(_)) => continue,
                Err(error) => return Err(error.into()),
            }
            let ended = issue_end(self.drive(exchange, Some(send_by)).await);
            let ending = Ending { record, job: &job };
            return self
                .report_receipt_issue(place, send_by, &ended, ending)
                .await;
        }
    }

    fn new_receipt(
        &self,
        context: &CallContext,
        request: &IssueReceiptRequest,
        (channel, send_by): (&OpenChannel, Timestamp),
    ) -> CashReceipt {
        let now = self.now();
        let identity = self.keys().seal(
            self.entropy(),
            &sealed_to((&context.store.id, &request.payment_id)),
            request.identity.expose(),
        );
        CashReceipt {
            merchant_id: context.store.merchant_id.clone(),
            store_id: context.store.id.clone(),
            payment_id: request.payment_id.clone(),
            channel: channel.record.snapshot(),
            order_name: request.order_name.clone(),
            amount: request.amount,
            currency: request.currency.clone(),
            kind: Some(request.kind),
            is_manual: true,
            identity: Some(identity),
            send_by,
            requested_at: now,
            status_changed_at: now,
            state: ReceiptState::Issuing,
            event_count: 0,
        }
    }

    /// Whether a receipt may be asked for, by what is there of it and of a payment of that id.
    async fn decide_issue(
        &self,
        (store_id, payment_id): Place<'_>,
        found: Option<&Versioned<CashReceiptRecord>>,
        new: CashReceipt,
    ) -> Result<ReceiptEvent, Fault> {
        let event = begin(found.map(|found| &found.value.0), new)?;
        let payment = self.load_payment(store_id, payment_id).await?;
        let Some(payment) = payment.as_ref().map(|found| &found.value.0) else {
            return Ok(event);
        };
        if shown(payment).is_some_and(|shown| shown.cancelled_at.is_none()) {
            return Err(Fault::CashReceiptAlreadyIssued);
        }
        if will_bring_one(payment) {
            return Err(Fault::invalid(
                "`paymentId` names a payment whose deposit brings the cash receipt that was asked \
                 for with it",
            ));
        }
        Ok(event)
    }

    async fn report_receipt_issue(
        &self,
        place: Place<'_>,
        send_by: Timestamp,
        ended: &Ended,
        ending: Ending<'_>,
    ) -> Result<Answer, Fault> {
        let decide =
            |receipt: &CashReceipt| receipt.end_issue(send_by, (ended.end.clone(), self.now()));
        let answer = |receipt: &CashReceipt| issue_answer(receipt, ended.is_duplicate);
        self.report_receipt(place, decide, answer, ending).await
    }

    /// Ends an issue whose request died: the PG may have issued it, and no inquiry says so.
    pub(super) async fn end_receipt_issue(
        &self,
        place: Place<'_>,
        send_by: Timestamp,
        record: Option<&str>,
    ) -> Result<JobDone, Fault> {
        let found = self.load_receipt(place).await?;
        let runs = found.is_some_and(|found| {
            found.value.0.send_by == send_by && found.value.0.state == ReceiptState::Issuing
        });
        if !runs {
            return Ok(JobDone::Finished);
        }
        // The store's clock: nodes that share a database agree on it.
        if self.store().now().await? <= send_by.plus_millis(ANSWERED_BY_MS) {
            return Ok(JobDone::Again);
        }
        tracing::warn!(payment.id = %place.1, "whether a cash receipt was issued stays unknown");
        let ended = Ended {
            end: IssueEnd::Unclear,
            is_duplicate: false,
        };
        let job = issue_job(place, send_by, None);
        let ending = Ending { record, job: &job };
        match self
            .report_receipt_issue(place, send_by, &ended, ending)
            .await
        {
            Err(fault @ (Fault::Unavailable { .. } | Fault::Internal { .. })) => Err(fault),
            Ok(_) | Err(_) => Ok(JobDone::Finished),
        }
    }
}

/// Where the number that names the customer is sealed to.
fn sealed_to((store_id, payment_id): Place<'_>) -> String {
    format!("cash-receipt:{store_id}:{payment_id}")
}

fn issue_job(
    (store_id, payment_id): Place<'_>,
    send_by: Timestamp,
    record: Option<&str>,
) -> JobKind {
    JobKind::CashReceipt(ReceiptJob::EndIssue {
        store_id: store_id.clone(),
        payment_id: payment_id.clone(),
        send_by,
        idempotency: record.map(str::to_owned),
    })
}

/// Whether the PG will issue a receipt by itself, with a deposit that is waited for.
fn will_bring_one(payment: &Payment) -> bool {
    payment.attempts.iter().any(|attempt| {
        let waits = match attempt.state {
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::WaitingForDeposit { .. } => true,
            AttemptState::Captured { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => false,
        };
        waits && attempt.cash_receipt.is_some()
    })
}

/// What an outcome of the exchange means.
fn issue_end(outcome: Outcome) -> Ended {
    let refused = |decline: naru_connector::Decline| {
        IssueEnd::Failed(Failure {
            pg_code: decline.code,
            pg_message: decline.message,
        })
    };
    let mut is_duplicate = false;
    let end = match outcome {
        Outcome::Receipt(ReceiptFound::Issued(issued)) => IssueEnd::Issued(issued),
        Outcome::Receipt(ReceiptFound::IssuedBefore(decline)) => {
            is_duplicate = true;
            refused(decline)
        }
        Outcome::Declined(decline) => refused(decline),
        Outcome::NotSent { .. } => IssueEnd::Failed(Failure::own(
            Failure::NOT_SENT,
            "the payment gateway could not be reached; no cash receipt was issued",
        )),
        Outcome::Approved(_)
        | Outcome::AccountIssued(_)
        | Outcome::KeyIssued(_)
        | Outcome::Identity(_)
        | Outcome::KeyDeleted { .. }
        | Outcome::Refunded(_)
        | Outcome::AccountClosed { .. }
        | Outcome::Acted(_)
        | Outcome::Receipt(ReceiptFound::InBooks { .. })
        | Outcome::Found(_)
        | Outcome::NotFound
        | Outcome::Unknown(_) => IssueEnd::Unclear,
    };
    Ended { end, is_duplicate }
}

/// What the caller is told.
fn issue_answer(receipt: &CashReceipt, is_duplicate: bool) -> Result<Answer, Fault> {
    match &receipt.state {
        ReceiptState::Issued { issued, .. } | ReceiptState::Cancelled { issued, .. } => {
            Ok(Answer::CashReceiptIssued {
                issued: issued.clone(),
            })
        }
        ReceiptState::Failed { .. } if is_duplicate => Err(Fault::CashReceiptAlreadyIssued),
        ReceiptState::Failed { failure } => Err(failure.clone().into()),
        ReceiptState::Issuing | ReceiptState::Unclear => Err(Fault::action_unknown()),
    }
}
