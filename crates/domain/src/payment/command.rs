//! What can be asked of a payment.

use serde::{Deserialize, Serialize};

use super::{
    ActionEnd, Attempt, Capture, Discrepancy, Dispute, EscrowState, Failure, Issued, OrderDetails,
    PaymentReceipt, RetainOption, SealedRefundAccount, Task,
};
use crate::cash_receipt::IssuedReceipt;
use crate::promotion::PromotionRefusal;
use crate::{
    Amount, AttemptId, CancellationId, Currency, MerchantId, PaymentId, ScheduleId, StoreId,
    Timestamp,
};

/// A command to the aggregate. New ids and times come in with it.
#[derive(Debug, Clone)]
pub enum Command {
    /// Start an attempt.
    Begin(Box<BeginAttempt>),
    /// End an attempt that the PG surely never saw, and start another in its place.
    FailOver {
        /// Which ends.
        failed: AttemptId,
        /// The one in its place.
        next: Box<BeginAttempt>,
    },
    /// Report that the customer came back from a window.
    Return(Box<WindowReturn>),
    /// Let the PG take the money that the customer has authenticated.
    Confirm(Box<Confirmation>),
    /// End an attempt that waits for a confirmation which will not come.
    EndWindow {
        /// Which.
        attempt: AttemptId,
        /// Why.
        failure: Failure,
    },
    /// Let a schedule begin it, and nothing else until then.
    Schedule(Box<SetSchedule>),
    /// The schedule was revoked.
    ReleaseSchedule {
        /// Which.
        schedule: ScheduleId,
    },
    /// Record the attempt of a schedule that can't be carried out.
    Refuse(Box<BeginAttempt>, Failure),
    /// Report what became of an attempt.
    Resolve {
        /// Which.
        attempt: AttemptId,
        /// What.
        outcome: AttemptOutcome,
        /// Who reports it.
        by: Reporter,
    },
    /// Record that the caller is about to be told that the outcome is unclear.
    Tell {
        /// Which attempt.
        attempt: AttemptId,
    },
    /// Report what became of a reversal.
    ResolveReversal {
        /// Which attempt.
        attempt: AttemptId,
        /// What.
        outcome: ReversalOutcome,
    },
    /// Ask to close a virtual account.
    CloseAccount {
        /// Latest moment, by the process clock, at which the sender may begin to write.
        send_by: Timestamp,
    },
    /// Report what became of closing it: refused if there is a failure.
    ResolveClose {
        /// Which attempt.
        attempt: AttemptId,
        /// When it was closed, or why it was not.
        outcome: Result<Timestamp, Failure>,
    },
    /// Report a deposit that an inquiry confirmed.
    Deposit {
        /// Which attempt.
        attempt: AttemptId,
        /// What was paid in, with the account and who paid.
        capture: Box<Capture>,
    },
    /// Start a cancellation.
    Cancel(Box<CancelRequest>),
    /// Report what became of a cancellation.
    ResolveCancellation {
        /// Which.
        id: CancellationId,
        /// What.
        outcome: RefundOutcome,
        /// Who reports it.
        by: Reporter,
    },
    /// Stop a cancellation that the PG surely has not carried out and never will.
    StopCancellation {
        /// Which.
        id: CancellationId,
    },
    /// Record a dispute that the PG tells of.
    OpenDispute(Dispute),
    /// Record that a dispute came to an end.
    ResolveDispute {
        /// The PG's id of it; not needed where only one is open.
        pg_dispute_id: Option<String>,
        /// When it ended.
        resolved_at: Timestamp,
    },
    /// Start an action.
    Act {
        /// What.
        task: Task,
        /// Latest moment, by the process clock, at which the sender may begin to write.
        send_by: Timestamp,
    },
    /// Report how an action ended.
    EndAction {
        /// Which, by its deadline.
        send_by: Timestamp,
        /// How.
        end: ActionEnd,
    },
    /// Report the PG's news of an escrow.
    EscrowNews {
        /// Which attempt's.
        attempt: AttemptId,
        /// Where it stands.
        state: EscrowState,
    },
    /// Report the cash receipt of a deposit that was recorded without it.
    ReceiptFound {
        /// Which attempt.
        attempt: AttemptId,
        /// What the PG issued.
        issued: IssuedReceipt,
    },
    /// Report a cash receipt that was asked for by itself.
    ReceiptIssued {
        /// The receipt.
        receipt: Box<PaymentReceipt>,
    },
    /// Report that the PG cancelled the cash receipt, apart from the money.
    ReceiptCancelled {
        /// When.
        cancelled_at: Timestamp,
    },
    /// Keep a discrepancy that changes no state.
    Note {
        /// Which attempt.
        attempt: AttemptId,
        /// What.
        discrepancy: Discrepancy,
    },
}

/// Who reports an outcome: decides whether it comes as a surprise to the merchant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reporter {
    /// The request itself, whose caller is waiting for the answer.
    Request,
    /// The resolver, after a crash or a time-out.
    Resolver,
}

/// A new attempt, and the payment it belongs to.
#[derive(Debug, Clone)]
pub struct BeginAttempt {
    /// The payment's merchant.
    pub merchant_id: MerchantId,
    /// The payment's store.
    pub store_id: StoreId,
    /// The payment's id.
    pub payment_id: PaymentId,
    /// The attempt, in state `Sending`.
    pub attempt: Attempt,
    /// What was registered beforehand.
    pub pre_registration: Option<PreRegistration>,
    /// Why its promotion refuses it: said after the payment's own rules.
    pub promotion_refusal: Option<PromotionRefusal>,
}

/// A customer's return from a window.
#[derive(Debug, Clone)]
pub struct WindowReturn {
    /// Of which attempt.
    pub attempt: AttemptId,
    /// Whether the customer has authenticated, or why not.
    pub outcome: Result<(), Failure>,
    /// Now, by the process clock.
    pub now: Timestamp,
    /// Until when somebody may confirm, by the process clock.
    pub confirm_by: Timestamp,
    /// Latest moment to begin to write, where nobody is asked.
    pub send_by: Timestamp,
}

/// Somebody's word that the money of a window may be taken. What is `None` is not compared.
#[derive(Debug, Clone)]
pub struct Confirmation {
    /// Of which attempt; nothing where the token names none.
    pub attempt: Option<AttemptId>,
    /// What the caller believes the attempt's id to be.
    pub tx_id: Option<String>,
    /// The currency.
    pub currency: Option<Currency>,
    /// The total.
    pub total: Option<i64>,
    /// The tax-free part.
    pub tax_free: Option<i64>,
    /// Whether it is a test.
    pub is_test: Option<bool>,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
    /// Now, by the process clock.
    pub now: Timestamp,
    /// Latest moment to begin to write, by the process clock.
    pub send_by: Timestamp,
}

/// A schedule, and the payment that it will begin.
#[derive(Debug, Clone)]
pub struct SetSchedule {
    /// The payment's merchant.
    pub merchant_id: MerchantId,
    /// The payment's store.
    pub store_id: StoreId,
    /// The payment's id.
    pub payment_id: PaymentId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// What will be asked for.
    pub order: OrderDetails,
    /// What was registered beforehand.
    pub pre_registration: Option<PreRegistration>,
}

/// An amount registered before the payment. What is `None` is not checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreRegistration {
    /// Total in minor units.
    pub total: Option<i64>,
    /// Tax-free part.
    pub tax_free: Option<i64>,
    /// Currency.
    pub currency: Option<Currency>,
}

/// What became of an attempt.
#[derive(Debug, Clone)]
pub enum AttemptOutcome {
    /// The PG says it took this.
    Approved(Box<Capture>),
    /// The PG issued an account.
    AccountIssued(Box<Issued>),
    /// The PG refused.
    Declined(Failure),
    /// The PG surely does not have it and never will.
    NeverSeen,
    /// Unclear.
    Unclear,
}

/// What became of a reversal.
#[derive(Debug, Clone)]
pub enum ReversalOutcome {
    /// Undone.
    Done,
    /// The PG can't undo it without a person.
    Impossible(Failure),
}

/// What became of a refund.
#[derive(Debug, Clone)]
pub enum RefundOutcome {
    /// The money was given back.
    Refunded {
        /// The PG's id of the refund.
        pg_cancellation_id: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// The PG refused, or surely never saw it.
    Refused(Failure),
    /// Unclear.
    Unclear,
}

/// A cancellation asked for. `None` amounts are filled by the rules.
#[derive(Debug, Clone)]
pub struct CancelRequest {
    /// Id of the new cancellation.
    pub id: CancellationId,
    /// How much; all that is left if not given. Checked to be positive.
    pub amount: Option<i64>,
    /// The tax-free part of it. Checked not to be negative.
    pub tax_free: Option<i64>,
    /// The VAT in it. Checked not to be negative.
    pub vat: Option<i64>,
    /// What the caller believes is left.
    pub current_cancellable: Option<i64>,
    /// Why.
    pub reason: String,
    /// CUSTOMER or ADMIN.
    pub requester: Option<String>,
    /// Bank account for the refund.
    pub refund_account: Option<SealedRefundAccount>,
    /// What becomes of a promotion's discount on what remains.
    pub retain: RetainOption,
    /// Whether the caller wants no webhook of success.
    pub skip_webhook: bool,
    /// Latest moment to begin to write, by the process clock.
    pub send_by: Timestamp,
}

impl CancelRequest {
    /// The amount and parts that the rules make of the request, given what is left (P5).
    pub(super) fn parts(&self, rest: Amount) -> Amount {
        let total = self.amount.unwrap_or(rest.total);
        let is_whole_rest = total == rest.total;
        let tax_free = match self.tax_free {
            Some(tax_free) => tax_free,
            // A cancel of the whole rest takes the remaining parts.
            None if is_whole_rest && self.vat.is_none() => rest.tax_free,
            None => 0,
        };
        let taxable = total.saturating_sub(tax_free);
        let vat = match self.vat {
            Some(vat) => vat,
            None if is_whole_rest && tax_free == rest.tax_free => rest.vat,
            // Computed parts are capped: never more than is left, and never so little that the
            // VAT left would exceed the taxable amount left.
            None => {
                let least = rest
                    .vat
                    .saturating_sub(rest.taxable().saturating_sub(taxable))
                    .max(0);
                crate::vat_of(taxable.max(0)).max(least).min(rest.vat)
            }
        };
        Amount {
            total,
            tax_free,
            vat,
        }
    }
}
