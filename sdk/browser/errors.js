// The errors of the V2 SDK. They are told apart by a mark and not by their class, so that those of
// this script and those of the official package know each other.

const MARK = "__portOneErrorType";

/** Which transaction an error of each kind is about. */
const KINDS = {
  PaymentError: "PAYMENT",
  IssueBillingKeyError: "ISSUE_BILLING_KEY",
  IssueBillingKeyAndPayError: "ISSUE_BILLING_KEY_AND_PAY",
  IdentityVerificationError: "IDENTITY_VERIFICATION",
  LoadPaymentUIError: "PAYMENT",
  LoadIssueBillingKeyUIError: "ISSUE_BILLING_KEY",
  ModuleError: undefined,
};

/** @param {any} error */
const isPortOneError = (error) => typeof error?.[MARK] === "string";

/** @param {string} kind */
const isOfKind = (kind) => (/** @type {any} */ error) =>
  isPortOneError(error) && error[MARK] === kind;

/** @param {string} kind @param {string | undefined} transactionType */
const errorClass = (kind, transactionType) =>
  class extends Error {
    /** @param {any} error */
    static [Symbol.hasInstance](error) {
      return isOfKind(kind)(error);
    }

    /** @param {Record<string, any>} fields */
    constructor({ message, ...fields }) {
      super(message);
      Object.assign(this, { [MARK]: kind, message }, transactionType && { transactionType }, fields);
    }
  };

/** Texts that are their own names, as the enums of the SDK are. @param {string} names */
const codes = (names) => Object.freeze(Object.fromEntries(names.split(" ").map((n) => [n, n])));

/** @type {Record<string, any>} */
const classes = {};
/** @type {Record<string, any>} */
const guards = { isPortOneError };
for (const [kind, transactionType] of Object.entries(KINDS)) {
  classes[kind] = errorClass(kind, transactionType);
  guards[`is${kind}`] = isOfKind(kind);
}

/** @param {string} kind @param {Record<string, any>} fields */
const makeError = (kind, fields) => new classes[kind](fields);

const errors = {
  ...classes,
  ...guards,
  CheckoutServiceErrorCode: codes(
    "BadRequest ParseChannelFailed ParsePrepareResponseFailed ParseIssuePrepareResponseFailed " +
      "ParseIdentityVerificationPrepareResponseFailed ParsePgRawResponseFailed " +
      "ParsePgRawIssueBillingKeyResponseFailed ParsePgRawIdentityVerificationResponseFailed",
  ),
  GrpcErrorCode: codes(
    "Ok Cancelled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists " +
      "PermissionDenied ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented " +
      "Internal Unavailable DataLoss Unauthenticated",
  ),
  TxServicePayErrorCode: codes(
    "RequestParseFailed InvalidEntityState ConfirmUrlRequired StoreNotFound ChannelNotFound " +
      "PGProviderError PaymentNotFound PaymentAlreadyPaid TransactionNotFound " +
      "AllChannelsNotSatisfied AmountNotEqualToPredefined ConfirmProcessFailed UnknownError",
  ),
  TxServiceIssueErrorCode: codes(
    "RequestParseFailed InvalidEntityState ConfirmUrlRequired StoreNotFound ChannelNotFound " +
      "PGProviderError AllChannelsNotSatisfied BillingKeyNotFound UnknownError",
  ),
  TxServiceIdentityVerificationErrorCode: codes(
    "RequestParseFailed InvalidEntityState StoreNotFound ChannelNotFound PGProviderError " +
      "IdentityVerificationAlreadyVerified AllChannelsNotSatisfied UnknownError",
  ),
};
