//! Why a command is refused.

/// Refusals, declared in order of precedence; tests walk them in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such payment.
    PaymentNotFound,
    /// The report is about something that is over, or that does not exist: nothing to do.
    NothingToDo,

    // Beginning an attempt.
    /// Money was taken, or a virtual account waits for it.
    AlreadyPaid,
    /// Money was taken, or an attempt waits for it: no schedule may be made.
    AlreadyPaidOrWaiting,
    /// A schedule will begin the payment.
    PaymentScheduleAlreadyExists,
    /// The schedule whose attempt it is has begun it, or was revoked.
    ScheduleNotLive,
    /// Another attempt runs; wait for it.
    AttemptInFlight,
    /// Another attempt's outcome is unknown and its caller was told so.
    OutcomeUnknown,
    /// Too many attempts.
    MaxTransactionCountReached,
    /// The parts of the amount are more than the whole.
    SumOfPartsExceedsTotalAmount,
    /// The named part differs from what was registered beforehand.
    DiffersFromPreRegistration(&'static str),
    /// It is not paid by a card of the promotion's company.
    PromotionPayMethodDoesNotMatch,
    /// The promotion would leave nothing to pay.
    DiscountAmountExceedsTotalAmount,

    // Confirming. `AlreadyPaid` comes before these, those of an attempt that runs after them.
    /// No attempt waits for a confirmation under the token.
    InvalidPaymentToken,
    /// The named part differs from what the customer authenticated.
    InformationMismatch(&'static str),

    // Cancelling.
    /// All was given back.
    PaymentAlreadyCancelled,
    /// No money was taken.
    PaymentNotPaid,
    /// Another cancellation runs; wait for it.
    CancellationInFlight,
    /// Too many cancellations.
    MaxCancelCountReached,
    /// The caller believes in another balance.
    CancellableAmountConsistencyBroken,
    /// More than is left.
    CancelAmountExceedsCancellableAmount,
    /// The parts are more than the whole.
    SumOfPartsExceedsCancelAmount,
    /// More tax-free amount than is left.
    CancelTaxFreeAmountExceedsCancellableTaxFreeAmount,
    /// More taxable amount or VAT than is left.
    CancelTaxAmountExceedsCancellableTaxAmount,
    /// An earlier cancellation chose otherwise what becomes of the discount.
    PromotionDiscountRetainOptionShouldNotBeChanged,
    /// What remains would cost more than what was paid.
    NegativePromotionAdjustedCancelAmount,

    // Stopping a cancellation.
    /// There is no such cancellation.
    CancellationNotFound,
    /// The cancellation has its end.
    CancellationNotPending,

    // Actions and escrow. `PaymentNotPaid` comes first.
    /// The PG does not hold the money.
    NotEscrow,
    /// The customer has not rejected the goods.
    EscrowNotRejected,
    /// Another action runs; wait for it.
    ActionInFlight,

    // Closing a virtual account.
    /// No account waits for a deposit.
    PaymentNotWaitingForDeposit,

    // Disputes.
    /// No such dispute is open, or several are and none was named.
    DisputeNotFound,
    /// It would end before it began.
    DisputeEndsBeforeItBegan,
    /// Too many disputes.
    MaxDisputeCountReached,
}
