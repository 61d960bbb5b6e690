//! `POST /payments/{paymentId}/cancel` (design 2a.7).

use std::sync::Arc;

use naru_connector::{Inquire, Operation, Outcome, Refund, RefundAccount, Refunded};
use naru_domain::payment::{
    CancelRequest, Cancellation, CancellationState, Command, Discrepancy, Failure, Payment,
    RefundOutcome, Refusal, Reporter, RetainOption, SealedRefundAccount, decide,
};
use naru_domain::{CancellationId, ChannelKey, MethodKind, PaymentId, Sealed, StoreId};

use super::begin::{CALLERS_PATIENCE_MS, Intent, Running};
use super::books::{Seen, seen_in};
use super::inquire::SECOND_LOOK_MS;
use super::pay::CallContext;
use super::report::{End, Report};
use crate::directory::OpenChannel;
use crate::exchange::Begun;
use crate::records::JobKind;
use crate::{Answer, Engine, Fault};

/// A cancellation asked for.
#[derive(Debug, Clone)]
pub struct CancelPayment {
    /// How much; all that is left if not given.
    pub amount: Option<i64>,
    /// The tax-free part of it.
    pub tax_free: Option<i64>,
    /// The VAT in it.
    pub vat: Option<i64>,
    /// What the caller believes is left.
    pub current_cancellable: Option<i64>,
    /// Why.
    pub reason: String,
    /// CUSTOMER or ADMIN.
    pub requester: Option<String>,
    /// Bank account for the refund.
    pub refund_account: Option<PlainRefundAccount>,
    /// What becomes of a promotion's discount on what remains.
    pub retain: RetainOption,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
}

/// A refund account as the caller sends it.
#[derive(Debug, Clone)]
pub struct PlainRefundAccount {
    /// The contract's bank code.
    pub bank: String,
    /// The account number.
    pub number: naru_connector::Secret,
    /// Whose account it is.
    pub holder_name: naru_connector::Secret,
}

/// Which cancellation a report is about.
pub(crate) struct CancelSubject<'a> {
    pub(crate) store_id: &'a StoreId,
    pub(crate) payment_id: &'a PaymentId,
    pub(crate) id: CancellationId,
    pub(crate) idempotency: Option<&'a str>,
    /// The intent of the request whose result it is.
    pub(crate) intent: Option<&'a Intent>,
}

impl Engine {
    /// Cancels a payment, whole or in part.
    pub async fn cancel_payment(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        request: CancelPayment,
    ) -> Result<Answer, Fault> {
        let started_at = self.clock().process();
        let id = CancellationId::new(self.new_uuid());
        loop {
            let found = self.load_payment(&context.store.id, &payment_id).await?;
            let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
            let command = self.cancel_command(id, &request);
            // The rules come first: what they refuse needs no channel.
            let decided = decide(
                Some(&payment),
                command.clone(),
                self.config().limits,
                self.now(),
            );
            if decided.is_err() {
                self.same_key_runs(context.ticket.as_ref()).await?;
            }
            let running = match decided {
                Ok(decision) => {
                    let running = self.cancel_running(&context, &payment, started_at).await?;
                    let after = decision.fold(Some(payment)).ok_or(Fault::PaymentNotFound)?;
                    // The PG's own rules, before anything is written.
                    self.refund_exchange(&after, id, &running.channel)?;
                    running
                }
                Err(Refusal::CancellationInFlight) => {
                    self.cancel_running(&context, &payment, started_at).await?
                }
                Err(refusal) => return Err(refusal.into()),
            };
            if self.try_begin(&running, command).await? {
                let outcome = self.send_refund(&running, id).await?;
                return self.conclude_cancel(&running, id, outcome).await;
            }
        }
    }

    async fn cancel_running(
        &self,
        context: &CallContext,
        payment: &Payment,
        started_at: naru_domain::Timestamp,
    ) -> Result<Running, Fault> {
        let (attempt, _) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
        Ok(Running {
            store: Arc::clone(&context.store),
            payment_id: payment.id.clone(),
            attempt: attempt.id,
            channel: self.attempt_channel(&attempt.channel.key).await?,
            ticket: context.ticket.clone(),
            started_at,
            patience_ms: CALLERS_PATIENCE_MS,
            intent: Intent::default(),
        })
    }

    /// Sends the refund whose intent is on disk, made from what is on disk: between the check and
    /// the intent another cancellation may have changed what remains.
    async fn send_refund(&self, running: &Running, id: CancellationId) -> Result<Outcome, Fault> {
        let found = self
            .load_payment(&running.store.id, &running.payment_id)
            .await?;
        let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
        let send_by = payment
            .cancellation(id)
            .map(|cancellation| cancellation.send_by);
        match self.refund_exchange(&payment, id, &running.channel) {
            Ok(Some(exchange)) => Ok(self.drive(exchange, send_by).await),
            Ok(None) => Ok(Outcome::Refunded(Refunded {
                pg_cancellation_id: None,
                at: self.now().whole_seconds(),
            })),
            Err(fault) => Ok(Outcome::NotSent {
                reason: fault.to_string(),
            }),
        }
    }

    fn cancel_command(&self, id: CancellationId, request: &CancelPayment) -> Command {
        let place = cancellation_place(id);
        let seal = |secret: &naru_connector::Secret| -> Sealed {
            self.keys().seal(self.entropy(), &place, secret.expose())
        };
        Command::Cancel(Box::new(CancelRequest {
            id,
            amount: request.amount,
            tax_free: request.tax_free,
            vat: request.vat,
            current_cancellable: request.current_cancellable,
            reason: request.reason.clone(),
            requester: request.requester.clone(),
            refund_account: request
                .refund_account
                .as_ref()
                .map(|account| SealedRefundAccount {
                    bank: account.bank.clone(),
                    number: seal(&account.number),
                    holder_name: seal(&account.holder_name),
                }),
            retain: request.retain,
            skip_webhook: request.skip_webhook,
            send_by: self.send_by(),
        }))
    }

    /// The exchange that refunds; nothing where all that is cancelled was a promotion's discount,
    /// so that there is nothing to ask the PG for.
    fn refund_exchange(
        &self,
        payment: &Payment,
        id: CancellationId,
        channel: &OpenChannel,
    ) -> Result<Option<Begun>, Fault> {
        let cancellation = payment
            .cancellation(id)
            .ok_or_else(|| Fault::internal("no cancellation"))?;
        let (attempt, _) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
        if needs_account(attempt.method) && cancellation.refund_account.is_none() {
            return Err(Fault::invalid(
                "`refundAccount` is required: money paid into a virtual account goes back to a \
                 bank account",
            ));
        }
        if cancellation.money().total == 0 {
            return Ok(None);
        }
        let refund = self.refund_of(payment, cancellation)?;
        self.begin(channel, &Operation::Refund(refund)).map(Some)
    }

    fn refund_of(&self, payment: &Payment, cancellation: &Cancellation) -> Result<Refund, Fault> {
        let (attempt, capture) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
        let place = cancellation_place(cancellation.id);
        let open = |sealed: &Sealed| {
            self.keys()
                .open(&place, sealed)
                .map_err(|error| Fault::internal(format!("refund account: {error}")))
        };
        let account = cancellation
            .refund_account
            .as_ref()
            .map(|account| {
                Ok::<_, Fault>(RefundAccount {
                    bank: account.bank.clone(),
                    number: open(&account.number)?,
                    holder_name: open(&account.holder_name)?,
                })
            })
            .transpose()?;
        // The PG knows what was charged, not what the order was before a discount.
        let (charged, money) = (attempt.charged().total, cancellation.money());
        Ok(Refund {
            pg_tx_id: capture.pg_tx_id.clone(),
            method: attempt.method,
            reason: cancellation.reason.clone(),
            amount: money,
            remaining_total: charged - cancellation.cancelled_before - money.total,
            is_first: cancellation.cancelled_before == 0,
            currency: attempt.order.currency.clone(),
            account,
        })
    }

    /// The channel of an attempt, switched off or not.
    pub(crate) async fn attempt_channel(
        &self,
        key: &ChannelKey,
    ) -> Result<Arc<OpenChannel>, Fault> {
        self.any_channel(key)
            .await?
            .ok_or_else(|| Fault::internal(format!("the attempt's channel {key} is gone")))
    }

    async fn conclude_cancel(
        &self,
        running: &Running,
        id: CancellationId,
        outcome: Outcome,
    ) -> Result<Answer, Fault> {
        let subject = CancelSubject {
            store_id: &running.store.id,
            payment_id: &running.payment_id,
            id,
            idempotency: running.record_key(),
            intent: Some(&running.intent),
        };
        let outcome = match refund_outcome(outcome) {
            RefundOutcome::Unclear => {
                // One look: most lost answers are found out at once. Else the caller gets a
                // REQUESTED cancellation and the resolver goes on.
                self.inquire_cancellation(&running.channel, &subject)
                    .await?
                    .unwrap_or(RefundOutcome::Unclear)
            }
            clear => clear,
        };
        self.report_cancel(&subject, outcome, Reporter::Request)
            .await
    }

    /// What became of a cancellation; nothing if that is still unclear.
    pub(crate) async fn inquire_cancellation(
        &self,
        channel: &OpenChannel,
        subject: &CancelSubject<'_>,
    ) -> Result<Option<RefundOutcome>, Fault> {
        let Some(found) = self
            .load_payment(subject.store_id, subject.payment_id)
            .await?
        else {
            return Ok(None);
        };
        let payment = found.value.0;
        let (Some((attempt, capture)), Some(cancellation)) =
            (payment.captured(), payment.cancellation(subject.id))
        else {
            return Ok(None);
        };
        let look = || Inquire::ByTransaction {
            pg_tx_id: capture.pg_tx_id.clone(),
        };
        let cancelled = (&payment, cancellation);
        let mut seen = self.seen_refund(channel, look(), cancelled).await?;
        if matches!(seen, Some(Seen { done: None, .. })) {
            if !self.is_final(channel, cancellation.send_by).await? {
                return Ok(None);
            }
            self.clock().sleep_ms(SECOND_LOOK_MS).await;
            seen = self.seen_refund(channel, look(), cancelled).await?;
        }
        let Some(seen) = seen else { return Ok(None) };
        if seen.foreign > 0 {
            // Noted before the end is recorded: rather twice than never.
            let discrepancy = Discrepancy::ForeignRefund {
                amount: seen.foreign,
            };
            let note = |_: &Payment| Command::Note {
                attempt: attempt.id,
                discrepancy: discrepancy.clone(),
            };
            self.commit_news(subject.store_id, subject.payment_id, note)
                .await?;
        }
        Ok(Some(match seen.done {
            Some((pg_cancellation_id, at)) => RefundOutcome::Refunded {
                pg_cancellation_id,
                at: at.unwrap_or_else(|| self.now().whole_seconds()),
            },
            None => RefundOutcome::Refused(Failure::own(
                Failure::NOT_SENT,
                "the payment gateway never saw the request; nothing was refunded",
            )),
        }))
    }

    /// What the PG's books show of a cancellation; nothing if they can't be read, or don't tell.
    async fn seen_refund(
        &self,
        channel: &OpenChannel,
        inquire: Inquire,
        (payment, cancellation): (&Payment, &Cancellation),
    ) -> Result<Option<Seen>, Fault> {
        Ok(match self.inquire(channel, inquire).await? {
            Outcome::Found(transaction) => seen_in(&transaction, payment, cancellation),
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::NotFound
            | Outcome::Declined(_)
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => None,
        })
    }

    /// Commits what became of a cancellation.
    pub(crate) async fn report_cancel(
        &self,
        subject: &CancelSubject<'_>,
        outcome: RefundOutcome,
        by: Reporter,
    ) -> Result<Answer, Fault> {
        let job = JobKind::ResolveCancellation {
            store_id: subject.store_id.clone(),
            payment_id: subject.payment_id.clone(),
            id: subject.id,
            idempotency: None,
        };
        let report = Report {
            issued: None,
            intent: subject.intent,
            store_id: subject.store_id,
            payment_id: subject.payment_id,
            idempotency: subject.idempotency,
            job,
        };
        let command = || Command::ResolveCancellation {
            id: subject.id,
            outcome: outcome.clone(),
            by,
        };
        let end = |payment: &Payment| match payment.cancellation(subject.id) {
            Some(cancellation) => End {
                answer: cancel_answer(cancellation),
                is_over: !cancellation.state.is_open(),
                is_the_requests: true,
            },
            None => End {
                answer: Err(Fault::internal("a cancellation that is gone")),
                is_over: true,
                is_the_requests: true,
            },
        };
        self.commit_report(&report, command, end).await
    }
}

/// A refusal is a fault; everything else, unclear included, shows the cancellation.
pub(super) fn cancel_answer(cancellation: &Cancellation) -> Result<Answer, Fault> {
    match &cancellation.state {
        CancellationState::Failed { failure, .. } => Err(failure.clone().into()),
        CancellationState::Sending
        | CancellationState::Requested
        | CancellationState::Succeeded { .. } => Ok(Answer::Cancellation {
            cancellation: Box::new(cancellation.clone()),
        }),
    }
}

/// What an outcome of a refund's exchange means.
pub(crate) fn refund_outcome(outcome: Outcome) -> RefundOutcome {
    match outcome {
        Outcome::Refunded(refunded) => RefundOutcome::Refunded {
            pg_cancellation_id: refunded.pg_cancellation_id,
            at: refunded.at,
        },
        Outcome::Declined(decline) => RefundOutcome::Refused(Failure {
            pg_code: decline.code,
            pg_message: decline.message,
        }),
        Outcome::NotSent { .. } => RefundOutcome::Refused(Failure::own(
            Failure::NOT_SENT,
            "the payment gateway could not be reached; nothing was refunded",
        )),
        Outcome::Approved(_)
        | Outcome::AccountIssued(_)
        | Outcome::KeyIssued(_)
        | Outcome::Identity(_)
        | Outcome::KeyDeleted { .. }
        | Outcome::Acted(_)
        | Outcome::Receipt(_)
        | Outcome::AccountClosed { .. }
        | Outcome::Found(_)
        | Outcome::NotFound
        | Outcome::Unknown(_) => RefundOutcome::Unclear,
    }
}

/// Where a cancellation's refund account is sealed to.
fn cancellation_place(id: CancellationId) -> String {
    format!("cancellation:{id}")
}

/// Whether money goes back to a bank account, which must then be named.
const fn needs_account(method: MethodKind) -> bool {
    method.is_deposit()
}
