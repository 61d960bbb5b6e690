//! Why a use case did not do what was asked: one catalogue for both faces.
//!
//! Variants say what went wrong, never a status; each face has its own column of statuses and
//! texts. A fault may be stored with an idempotency record, so it holds nothing secret.

use naru_domain::ChannelSnapshot;
use naru_domain::billing_key::BillingKeyRefusal;
use naru_domain::cash_receipt::ReceiptRefusal;
use naru_domain::identity::IdentityRefusal;
use naru_domain::payment::{Failure, Refusal};
use naru_domain::promotion::BrokenPromotion;
use naru_domain::schedule::ScheduleRefusal;
use naru_store::{CommitError, RecordError, StoreError};
use serde::{Deserialize, Serialize};

/// A fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "fault")]
pub enum Fault {
    /// The request breaks a rule; the message names the field.
    #[error("{message}")]
    InvalidRequest {
        /// For the caller.
        message: String,
    },
    /// No credential, or one that does not work.
    #[error("the credential is missing or not valid")]
    Unauthorized,
    /// A valid credential that may not use this.
    #[error("the credential may not use this store")]
    Forbidden,
    /// A store of the caller's whose settlements are not collected.
    #[error("settlements of this store are not collected; the operator has to enrol it")]
    NotEnrolled,
    /// The same idempotency key runs.
    #[error("a request with this idempotency key is still running")]
    IdempotencyOutstandingRequest,
    /// See [`Refusal`].
    #[error("the payment does not exist")]
    PaymentNotFound,
    /// No such channel, or it is switched off.
    #[error("the channel does not exist")]
    ChannelNotFound,
    /// No such channel group.
    #[error("the channel group does not exist")]
    ChannelGroupNotFound,
    /// No channel of the group can take it.
    #[error(
        "no channel of the channel group takes it: those that could are switched off, or hold no \
         such billing key"
    )]
    ChannelGroupOff,
    /// The channel's windows wait for the merchant's word, which the V1 face has no call for.
    #[error("the channel waits for the merchant's confirmation, which is a call of V2")]
    ChannelNeedsConfirmation,
    /// See [`Refusal`].
    #[error("the payment is already paid")]
    AlreadyPaid,
    /// See [`Refusal`].
    #[error("the payment is already paid, or waits to be")]
    AlreadyPaidOrWaiting,
    /// A schedule will begin the payment, or charge the billing key.
    #[error("a schedule waits; revoke it first")]
    PaymentScheduleAlreadyExists,
    /// There is no such schedule.
    #[error("the schedule does not exist")]
    PaymentScheduleNotFound,
    /// It has started, or come to an end.
    #[error("the schedule has started already")]
    PaymentScheduleAlreadyProcessed,
    /// It was revoked.
    #[error("the schedule is already revoked")]
    PaymentScheduleAlreadyRevoked,
    /// See [`Refusal`].
    #[error("`amount.taxFree` and `amount.vat` exceed `amount.total`")]
    SumOfPartsExceedsTotalAmount,
    /// See [`Refusal`].
    #[error("`{field}` differs from what was registered beforehand")]
    DiffersFromPreRegistration {
        /// The field.
        field: String,
    },
    /// See [`Refusal`].
    #[error("too many attempts under this id")]
    MaxTransactionCountReached,
    /// See [`Refusal`].
    #[error("the payment is not made by a card of the promotion's card company")]
    PromotionPayMethodDoesNotMatch,
    /// See [`Refusal`].
    #[error("the promotion's discount leaves nothing to pay")]
    DiscountAmountExceedsTotalAmount,
    /// The PG refused, or its answer is not known yet.
    #[error("{pg_message}")]
    PgProvider {
        /// The PG's code, or one of ours that begins with `NARU_`.
        pg_code: String,
        /// The PG's text, or ours.
        pg_message: String,
    },
    /// Of a request that went to several channels, not all did what was asked.
    #[error("{}", failures_text(failures))]
    ChannelSpecific {
        /// Those that did not, and why.
        failures: Vec<ChannelFailure>,
        /// Those that did.
        succeeded: Vec<ChannelSnapshot>,
    },
    /// See [`Refusal`].
    #[error("`paymentToken` names no payment that waits for a confirmation")]
    InvalidPaymentToken,
    /// See [`Refusal`].
    #[error("`{field}` differs from what the customer authenticated")]
    InformationMismatch {
        /// The field.
        field: String,
    },
    /// See [`Refusal`].
    #[error("the payment is already cancelled")]
    PaymentAlreadyCancelled,
    /// See [`Refusal`].
    #[error("the payment is not paid")]
    PaymentNotPaid,
    /// See [`Refusal`].
    #[error("too many cancellations of this payment")]
    MaxCancelCountReached,
    /// See [`Refusal`].
    #[error("`currentCancellableAmount` differs from what can be cancelled")]
    CancellableAmountConsistencyBroken,
    /// See [`Refusal`].
    #[error("`amount` exceeds what can be cancelled")]
    CancelAmountExceedsCancellableAmount,
    /// See [`Refusal`].
    #[error("`taxFreeAmount` and `vatAmount` exceed `amount`")]
    SumOfPartsExceedsCancelAmount,
    /// See [`Refusal`].
    #[error("`taxFreeAmount` exceeds the tax-free amount that can be cancelled")]
    CancelTaxFreeAmountExceedsCancellableTaxFreeAmount,
    /// See [`Refusal`].
    #[error("the taxable part of `amount`, or `vatAmount`, exceeds what can be cancelled")]
    CancelTaxAmountExceedsCancellableTaxAmount,
    /// See [`Refusal`].
    #[error("`promotionDiscountRetainOption` differs from that of an earlier cancellation")]
    PromotionDiscountRetainOptionShouldNotBeChanged,
    /// See [`Refusal`].
    #[error("without the promotion's discount, what remains costs more than what was paid")]
    NegativePromotionAdjustedCancelAmount,
    /// See [`Refusal`].
    #[error("the payment has no such cancellation")]
    PaymentCancellationNotFound,
    /// See [`Refusal`].
    #[error("the cancellation has come to its end")]
    PaymentCancellationNotPending,
    /// There is no such payment session.
    #[error("the payment session does not exist")]
    SessionNotFound,
    /// The payment session has expired or was closed.
    #[error("the payment session has ended")]
    SessionExpired,
    /// A payment session may not live so long.
    #[error("`ttlSeconds`: expected at most {max_s}")]
    MaxTtlExceeded {
        /// How long it may live, in seconds.
        max_s: i64,
    },
    /// There is no such checkout profile.
    #[error("the checkout profile does not exist")]
    ProfileSettingsNotFound,
    /// There is no such promotion.
    #[error("the promotion does not exist")]
    PromotionNotFound,
    /// See [`Refusal`].
    #[error("the payment has no virtual account that waits for a deposit")]
    PaymentNotWaitingForDeposit,
    /// There is no such billing key.
    #[error("the billing key does not exist")]
    BillingKeyNotFound,
    /// The issue of the billing key has not succeeded.
    #[error("the billing key was not issued")]
    BillingKeyNotIssued,
    /// The billing key of the window was issued before.
    #[error("the billing key was issued already")]
    BillingKeyAlreadyIssued,
    /// The billing key was deleted.
    #[error("the billing key was deleted")]
    BillingKeyAlreadyDeleted,
    /// See [`IdentityRefusal`].
    #[error("the identity verification does not exist")]
    IdentityVerificationNotFound,
    /// See [`IdentityRefusal`].
    #[error("the person has been verified already")]
    IdentityVerificationAlreadyVerified,
    /// See [`IdentityRefusal`].
    #[error("the person has been asked already; confirm, or resend the message")]
    IdentityVerificationAlreadySent,
    /// See [`IdentityRefusal`].
    #[error("no request waits for a confirmation; send one")]
    IdentityVerificationNotSent,
    /// A customer's address has caused too many messages.
    #[error(
        "the customer's address has caused too many messages; try again in {retry_after_s} seconds"
    )]
    TooManyRequests {
        /// When to try again.
        retry_after_s: i64,
    },
    /// See [`ReceiptRefusal`].
    #[error("there is no cash receipt of this payment")]
    CashReceiptNotFound,
    /// See [`ReceiptRefusal`].
    #[error("no cash receipt of this payment counts")]
    CashReceiptNotIssued,
    /// See [`ReceiptRefusal`].
    #[error("the cash receipt of this payment was issued already")]
    CashReceiptAlreadyIssued,
    /// There is no such webhook.
    #[error("the payment has no such webhook")]
    WebhookNotFound,
    /// The webhook was asked for again too often.
    #[error("the webhook was sent again too often")]
    MaxWebhookRetryCountReached,
    /// About tax invoices.
    #[error("{0}")]
    Tax(Box<crate::b2b::TaxFault>),
    /// The store can't be reached; nothing was begun.
    #[error("the server can't reach its database; try again later")]
    Unavailable {
        /// For the log, never for the caller.
        #[serde(skip)]
        detail: String,
    },
    /// A broken invariant.
    #[error("an internal error; it has been logged")]
    Internal {
        /// For the log, never for the caller.
        #[serde(skip)]
        detail: String,
    },
}

/// Why one channel of several did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelFailure {
    /// Which channel.
    pub channel: ChannelSnapshot,
    /// Why.
    pub why: ChannelFailureReason,
}

/// Why, for one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why")]
pub enum ChannelFailureReason {
    /// The PG's rules do not allow the request; nothing was sent.
    InvalidRequest {
        /// Which rule.
        message: String,
    },
    /// The PG refused, or its answer is not known.
    Pg {
        /// What it said.
        failure: Failure,
    },
}

fn failures_text(failures: &[ChannelFailure]) -> String {
    let texts = failures.iter().map(|one| {
        let why = match &one.why {
            ChannelFailureReason::InvalidRequest { message } => message.clone(),
            ChannelFailureReason::Pg { failure } => failure.reason(),
        };
        format!("`{}`: {why}", one.channel.key)
    });
    texts.collect::<Vec<_>>().join("; ")
}

impl Fault {
    /// A request that breaks a rule.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::InvalidRequest {
            message: message.into(),
        }
    }

    /// A broken invariant.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::Internal {
            detail: detail.into(),
        }
    }

    /// What a request comes to that failed at these channels: the fault of one channel, unless it
    /// went to a group.
    pub(crate) fn of_channels(
        is_group: bool,
        failures: Vec<ChannelFailure>,
        succeeded: Vec<ChannelSnapshot>,
    ) -> Self {
        if is_group {
            return Self::ChannelSpecific {
                failures,
                succeeded,
            };
        }
        match failures.into_iter().next().map(|one| one.why) {
            Some(ChannelFailureReason::Pg { failure }) => failure.into(),
            Some(ChannelFailureReason::InvalidRequest { message }) => Self::invalid(message),
            None => Self::outcome_unknown(),
        }
    }

    /// The PG has no such call.
    pub const UNSUPPORTED: &'static str = "NARU_UNSUPPORTED";

    /// What is not known, and can't be found out by inquiry.
    pub fn action_unknown() -> Self {
        Self::PgProvider {
            pg_code: Failure::OUTCOME_UNKNOWN.to_owned(),
            pg_message: "the payment gateway's answer was lost, and it has no inquiry for this: \
                         look at its own pages before you repeat the request"
                .to_owned(),
        }
    }

    /// A cancellation that may still be carried out, so that it can't be stopped yet.
    pub fn may_still_refund() -> Self {
        Self::PgProvider {
            pg_code: Failure::OUTCOME_UNKNOWN.to_owned(),
            pg_message: "the payment gateway may still carry out the cancellation; it can be \
                         stopped once it surely has not arrived"
                .to_owned(),
        }
    }

    /// What an identity verification lost. No money is at stake: it may be tried again.
    pub fn identity_lost() -> Self {
        Self::PgProvider {
            pg_code: Failure::OUTCOME_UNKNOWN.to_owned(),
            pg_message: "the payment gateway's answer was lost; read the identity verification, \
                         and try again"
                .to_owned(),
        }
    }

    /// What is not known yet of a cash receipt.
    pub fn receipt_unknown() -> Self {
        Self::PgProvider {
            pg_code: Failure::OUTCOME_UNKNOWN.to_owned(),
            pg_message: "the payment gateway's answer was lost; the outcome will be found out by \
                         inquiry, read the cash receipt again later"
                .to_owned(),
        }
    }

    /// What is not known yet (design 2a.1).
    pub fn outcome_unknown() -> Self {
        Self::PgProvider {
            pg_code: Failure::OUTCOME_UNKNOWN.to_owned(),
            pg_message: "the payment gateway's answer was lost; the outcome will be found out by \
                         inquiry, read the payment again later"
                .to_owned(),
        }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::PgProvider {
            pg_code: failure.pg_code,
            pg_message: failure.pg_message,
        }
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Unavailable { detail: error.0 }
    }
}

impl From<RecordError> for Fault {
    fn from(error: RecordError) -> Self {
        Self::internal(error.to_string())
    }
}

impl From<CommitError> for Fault {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Unavailable(detail) => Self::Unavailable { detail },
            // Texts are checked at the edge: what no backend can store is our mistake.
            CommitError::Invalid(detail) => Self::internal(detail),
            CommitError::Conflict(table) => {
                Self::internal(format!("unexpected conflict on `{table}`"))
            }
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::PaymentNotFound => Self::PaymentNotFound,
            Refusal::NothingToDo => Self::internal("a report about something that is over"),
            Refusal::AlreadyPaid => Self::AlreadyPaid,
            Refusal::AlreadyPaidOrWaiting => Self::AlreadyPaidOrWaiting,
            Refusal::PaymentScheduleAlreadyExists => Self::PaymentScheduleAlreadyExists,
            Refusal::ScheduleNotLive => Self::PaymentScheduleAlreadyProcessed,
            // Whoever waited in vain is told what the running request's caller will be told.
            Refusal::AttemptInFlight | Refusal::OutcomeUnknown | Refusal::CancellationInFlight => {
                Self::outcome_unknown()
            }
            Refusal::ActionInFlight => Self::action_unknown(),
            Refusal::NotEscrow => Self::invalid(
                "`paymentId` names a payment that is not in escrow: the payment gateway does not \
                 hold its money",
            ),
            Refusal::EscrowNotRejected => {
                Self::invalid("the customer has not rejected the goods of this payment")
            }
            Refusal::MaxTransactionCountReached => Self::MaxTransactionCountReached,
            Refusal::SumOfPartsExceedsTotalAmount => Self::SumOfPartsExceedsTotalAmount,
            Refusal::DiffersFromPreRegistration(field) => Self::DiffersFromPreRegistration {
                field: field.to_owned(),
            },
            Refusal::InvalidPaymentToken => Self::InvalidPaymentToken,
            Refusal::InformationMismatch(field) => Self::InformationMismatch {
                field: field.to_owned(),
            },
            Refusal::PaymentAlreadyCancelled => Self::PaymentAlreadyCancelled,
            Refusal::PaymentNotPaid => Self::PaymentNotPaid,
            Refusal::MaxCancelCountReached => Self::MaxCancelCountReached,
            Refusal::CancellableAmountConsistencyBroken => Self::CancellableAmountConsistencyBroken,
            Refusal::CancelAmountExceedsCancellableAmount => {
                Self::CancelAmountExceedsCancellableAmount
            }
            Refusal::SumOfPartsExceedsCancelAmount => Self::SumOfPartsExceedsCancelAmount,
            Refusal::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount => {
                Self::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount
            }
            Refusal::CancelTaxAmountExceedsCancellableTaxAmount => {
                Self::CancelTaxAmountExceedsCancellableTaxAmount
            }
            Refusal::CancellationNotFound => Self::PaymentCancellationNotFound,
            Refusal::CancellationNotPending => Self::PaymentCancellationNotPending,
            Refusal::PaymentNotWaitingForDeposit => Self::PaymentNotWaitingForDeposit,
            Refusal::PromotionPayMethodDoesNotMatch => Self::PromotionPayMethodDoesNotMatch,
            Refusal::DiscountAmountExceedsTotalAmount => Self::DiscountAmountExceedsTotalAmount,
            Refusal::PromotionDiscountRetainOptionShouldNotBeChanged => {
                Self::PromotionDiscountRetainOptionShouldNotBeChanged
            }
            Refusal::NegativePromotionAdjustedCancelAmount => {
                Self::NegativePromotionAdjustedCancelAmount
            }
            Refusal::DisputeNotFound => {
                Self::invalid("no such dispute is open, or several are; name it by the PG's id")
            }
            Refusal::DisputeEndsBeforeItBegan => {
                Self::invalid("the dispute would end before it began")
            }
            Refusal::MaxDisputeCountReached => Self::invalid("too many disputes of this payment"),
        }
    }
}

impl From<BrokenPromotion> for Fault {
    fn from(broken: BrokenPromotion) -> Self {
        Self::invalid(broken.to_string())
    }
}

impl From<ScheduleRefusal> for Fault {
    fn from(refusal: ScheduleRefusal) -> Self {
        match refusal {
            ScheduleRefusal::TimeToPayIsPast => {
                Self::invalid("`timeToPay`: expected a time that is not in the past")
            }
            ScheduleRefusal::AlreadyRevoked => Self::PaymentScheduleAlreadyRevoked,
            ScheduleRefusal::AlreadyProcessed => Self::PaymentScheduleAlreadyProcessed,
            ScheduleRefusal::NotDue => Self::Unavailable {
                detail: "the schedule was moved meanwhile".to_owned(),
            },
        }
    }
}

impl From<IdentityRefusal> for Fault {
    fn from(refusal: IdentityRefusal) -> Self {
        match refusal {
            IdentityRefusal::NotFound => Self::IdentityVerificationNotFound,
            IdentityRefusal::NothingToDo => Self::identity_lost(),
            IdentityRefusal::AlreadyVerified => Self::IdentityVerificationAlreadyVerified,
            IdentityRefusal::AlreadySent => Self::IdentityVerificationAlreadySent,
            IdentityRefusal::NotSent => Self::IdentityVerificationNotSent,
            IdentityRefusal::MaxAttemptsReached => Self::MaxTransactionCountReached,
            IdentityRefusal::NoMessage => {
                Self::invalid("only a message can be sent again; this request went to an app")
            }
            IdentityRefusal::OtpMissing => {
                Self::invalid("`otp`: expected the one-time password from the message")
            }
            IdentityRefusal::MaxResendsReached => Self::invalid(
                "the message was sent again too often; confirm, or wait and send anew",
            ),
        }
    }
}

impl From<ReceiptRefusal> for Fault {
    fn from(refusal: ReceiptRefusal) -> Self {
        match refusal {
            ReceiptRefusal::NotFound => Self::CashReceiptNotFound,
            ReceiptRefusal::NotIssued => Self::CashReceiptNotIssued,
            ReceiptRefusal::AlreadyIssued => Self::CashReceiptAlreadyIssued,
            // Whoever waited in vain is told what the running request's caller will be told.
            ReceiptRefusal::InFlight => Self::receipt_unknown(),
            ReceiptRefusal::Unclear => Self::action_unknown(),
            ReceiptRefusal::NothingToDo => {
                Self::internal("a report about a cash receipt that is over")
            }
        }
    }
}

impl From<BillingKeyRefusal> for Fault {
    fn from(refusal: BillingKeyRefusal) -> Self {
        match refusal {
            BillingKeyRefusal::NotFound => Self::BillingKeyNotFound,
            BillingKeyRefusal::NothingToDo => Self::internal("a report about something over"),
            BillingKeyRefusal::AlreadyIssued => Self::BillingKeyAlreadyIssued,
            BillingKeyRefusal::InformationMismatch(field) => Self::InformationMismatch {
                field: field.to_owned(),
            },
            BillingKeyRefusal::NotIssued => Self::BillingKeyNotIssued,
            BillingKeyRefusal::AlreadyDeleted => Self::BillingKeyAlreadyDeleted,
            // Whoever waited in vain is told what the running request's caller will be told.
            BillingKeyRefusal::IssueInFlight | BillingKeyRefusal::DeletionInFlight => {
                Self::outcome_unknown()
            }
            BillingKeyRefusal::ChannelNotFound => Self::ChannelNotFound,
        }
    }
}
