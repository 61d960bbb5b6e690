//! Errors on the wire: which type, status and body each fault has.
//!
//! What a fault says for the log never reaches a body. An operation answers only types that the
//! contract lists for it; a fault outside the list is our mistake and answers 500.

mod b2b;

use std::convert::Infallible;

use axum::response::{IntoResponse, Response};
use http::header::{HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{Method, StatusCode, Uri};
use naru_domain::ChannelSnapshot;
use naru_engine::{ChannelFailure, Fault};
use naru_wire_v2::{DecodeError, ErrorType, Operation};
use serde_json::{Value, json};

use crate::limits::BODY_BYTES_MAX;
use crate::{render, view};

/// Seconds after which a caller may try again when the database could not be reached.
const RETRY_AFTER_S: &str = "1";

/// Why a call was not answered with success. Travels from a handler or extractor to the place
/// where the operation is known, in the extensions of a response.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    why: Why,
    is_replayed: bool,
}

#[derive(Debug, Clone)]
enum Why {
    Fault(Fault),
    PayloadTooLarge,
}

impl Failed {
    /// The body is over the limit.
    pub(crate) fn too_large() -> Self {
        Self {
            why: Why::PayloadTooLarge,
            is_replayed: false,
        }
    }

    /// What was answered before under the same idempotency key.
    pub(crate) fn replayed(fault: Fault) -> Self {
        Self {
            why: Why::Fault(fault),
            is_replayed: true,
        }
    }

    /// An input that can't be read. The error's text names the field and repeats no value.
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(crate) fn undecodable(error: DecodeError) -> Self {
        Fault::invalid(error.to_string()).into()
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self {
            why: Why::Fault(fault),
            is_replayed: false,
        }
    }
}

impl From<Infallible> for Failed {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The response of an operation: a failure is rendered, everything else passes.
pub(crate) fn rendered(operation: Operation, mut response: Response) -> Response {
    match response.extensions_mut().remove::<Failed>() {
        Some(failed) => render_failed(operation, &failed),
        None => response,
    }
}

fn render_failed(operation: Operation, failed: &Failed) -> Response {
    let (error, message) = match &failed.why {
        Why::Fault(fault) => {
            log(operation, fault);
            (error_type(fault), fault.to_string())
        }
        Why::PayloadTooLarge => (
            ErrorType::PayloadTooLarge,
            format!("the body: expected at most {BODY_BYTES_MAX} bytes"),
        ),
    };
    let Some(error) = listed(operation, error) else {
        return outside_the_contract(operation, error);
    };
    let mut body = json!({ "type": error.wire_name(), "message": message });
    if let Why::Fault(Fault::PgProvider {
        pg_code,
        pg_message,
    }) = &failed.why
    {
        body["pgCode"] = json!(pg_code);
        body["pgMessage"] = json!(pg_message);
    }
    if let Why::Fault(Fault::ChannelSpecific {
        failures,
        succeeded,
    }) = &failed.why
    {
        match by_channel(failures, succeeded) {
            Ok((failures, succeeded)) => {
                body["failures"] = failures;
                body["succeededChannels"] = succeeded;
            }
            Err(fault) => {
                log(operation, &fault);
                return internal();
            }
        }
    }
    if let Why::Fault(Fault::Tax(fault)) = &failed.why {
        b2b::add_fields(fault, &mut body);
    }
    let mut response = envelope(error, &body, failed.is_replayed);
    match error {
        ErrorType::Unauthorized => {
            let scheme = HeaderValue::from_static("PortOne");
            response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        }
        ErrorType::TooManyRequests => {
            if let Why::Fault(Fault::TooManyRequests { retry_after_s }) = &failed.why {
                let seconds = HeaderValue::from(*retry_after_s);
                response.headers_mut().insert(RETRY_AFTER, seconds);
            }
        }
        ErrorType::Unavailable => {
            let seconds = HeaderValue::from_static(RETRY_AFTER_S);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        _ => {}
    }
    response
}

/// What each channel answered, as the contract shows it.
fn by_channel(
    failures: &[ChannelFailure],
    succeeded: &[ChannelSnapshot],
) -> Result<(Value, Value), Fault> {
    let failures: Vec<_> = failures
        .iter()
        .map(view::channel_failure)
        .collect::<Result<_, _>>()?;
    let succeeded: Vec<_> = succeeded
        .iter()
        .map(view::channel)
        .collect::<Result<_, _>>()?;
    let value = |text: serde_json::Result<Value>| {
        text.map_err(|error| Fault::internal(format!("an error can't be written: {error}")))
    };
    Ok((
        value(serde_json::to_value(failures))?,
        value(serde_json::to_value(succeeded))?,
    ))
}

/// The type that the operation may answer for this one; nothing if that is a mistake of ours.
fn listed(operation: Operation, error: ErrorType) -> Option<ErrorType> {
    if operation.allows(error) {
        return Some(error);
    }
    // Holes of the contract: the case can occur and the operation lists no type of its own for it.
    match (operation, error) {
        (Operation::PreRegisterPayment, ErrorType::SumOfPartsExceedsTotalAmount)
        | (Operation::ConfirmPayment, ErrorType::PaymentScheduleAlreadyExists)
        | (
            Operation::CreatePaymentSchedule,
            ErrorType::ChannelNotFound | ErrorType::MaxTransactionCountReached,
        ) => Some(ErrorType::InvalidRequest),
        _ => b2b::other_name(operation, error),
    }
}

fn outside_the_contract(operation: Operation, error: ErrorType) -> Response {
    let (id, name) = (operation.id(), error.wire_name());
    tracing::error!(
        operation = id,
        error = name,
        "an error type outside the contract"
    );
    debug_assert!(false, "`{id}` may not answer `{name}`");
    internal()
}

fn internal() -> Response {
    let body = json!({
        "type": ErrorType::InternalError.wire_name(),
        "message": "an internal error; it has been logged",
    });
    envelope(ErrorType::InternalError, &body, false)
}

fn envelope(error: ErrorType, body: &Value, is_replayed: bool) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    render::json(status, body.to_string().into(), is_replayed)
}

/// 503: too much is under way. To be tried again after so many seconds.
pub fn unavailable(retry_after_s: u32) -> Response {
    turned_away(
        ErrorType::Unavailable,
        "too many requests are under way",
        retry_after_s,
    )
}

/// 429: the caller's address has sent too many wrong credentials. To be tried again after so many
/// seconds.
pub fn too_many_requests(retry_after_s: u32) -> Response {
    let message = "too many requests with a wrong credential came from this address";
    turned_away(ErrorType::TooManyRequests, message, retry_after_s)
}

/// The answer to a request that no operation sees.
fn turned_away(error: ErrorType, message: &str, retry_after_s: u32) -> Response {
    let body = json!({
        "type": error.wire_name(),
        "message": format!("{message}; try again in {retry_after_s} seconds"),
    });
    let mut response = envelope(error, &body, false);
    let seconds = HeaderValue::from(retry_after_s);
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

/// An unknown path.
pub(crate) async fn no_such_path(method: Method, uri: Uri) -> Response {
    let body = json!({
        "type": ErrorType::NotFound.wire_name(),
        "message": format!("no such operation: `{method} {}`; see /docs", uri.path()),
    });
    envelope(ErrorType::NotFound, &body, false)
}

/// A known path with another method.
pub(crate) async fn no_such_method(method: Method, uri: Uri) -> Response {
    let body = json!({
        "type": ErrorType::MethodNotAllowed.wire_name(),
        "message": format!("no such operation: `{method} {}`; see /docs", uri.path()),
    });
    envelope(ErrorType::MethodNotAllowed, &body, false)
}

/// Logs once, at the boundary, and only what is ours to know about.
fn log(operation: Operation, fault: &Fault) {
    match fault {
        Fault::Internal { detail } => {
            tracing::error!(operation = operation.id(), detail, "an internal error");
        }
        Fault::Unavailable { detail } => {
            tracing::error!(
                operation = operation.id(),
                detail,
                "the database is unavailable"
            );
        }
        _ => {}
    }
}

/// The wire's name for a fault. Exhaustive: a new fault does not compile until it has one.
fn error_type(fault: &Fault) -> ErrorType {
    use ErrorType as Wire;
    match fault {
        Fault::InvalidRequest { .. }
        | Fault::DiffersFromPreRegistration { .. }
        | Fault::ChannelNeedsConfirmation => Wire::InvalidRequest,
        Fault::Unauthorized => Wire::Unauthorized,
        Fault::Forbidden | Fault::NotEnrolled => Wire::Forbidden,
        Fault::IdempotencyOutstandingRequest => Wire::IdempotencyOutstandingRequest,
        Fault::PaymentNotFound => Wire::PaymentNotFound,
        Fault::ChannelNotFound | Fault::ChannelGroupNotFound | Fault::ChannelGroupOff => {
            Wire::ChannelNotFound
        }
        Fault::AlreadyPaid => Wire::AlreadyPaid,
        Fault::AlreadyPaidOrWaiting => Wire::AlreadyPaidOrWaiting,
        Fault::PaymentScheduleAlreadyExists => Wire::PaymentScheduleAlreadyExists,
        Fault::PaymentScheduleNotFound => Wire::PaymentScheduleNotFound,
        Fault::PaymentScheduleAlreadyProcessed => Wire::PaymentScheduleAlreadyProcessed,
        Fault::PaymentScheduleAlreadyRevoked => Wire::PaymentScheduleAlreadyRevoked,
        Fault::SumOfPartsExceedsTotalAmount => Wire::SumOfPartsExceedsTotalAmount,
        Fault::MaxTransactionCountReached => Wire::MaxTransactionCountReached,
        Fault::PromotionPayMethodDoesNotMatch => Wire::PromotionPayMethodDoesNotMatch,
        Fault::DiscountAmountExceedsTotalAmount => Wire::DiscountAmountExceedsTotalAmount,
        Fault::PgProvider { .. } => Wire::PgProvider,
        Fault::ChannelSpecific { .. } => Wire::ChannelSpecific,
        Fault::PaymentAlreadyCancelled => Wire::PaymentAlreadyCancelled,
        Fault::PaymentNotPaid => Wire::PaymentNotPaid,
        Fault::MaxCancelCountReached => Wire::MaxCancelCountReached,
        Fault::CancellableAmountConsistencyBroken => Wire::CancellableAmountConsistencyBroken,
        Fault::CancelAmountExceedsCancellableAmount => Wire::CancelAmountExceedsCancellableAmount,
        Fault::SumOfPartsExceedsCancelAmount => Wire::SumOfPartsExceedsCancelAmount,
        Fault::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount => {
            Wire::CancelTaxFreeAmountExceedsCancellableTaxFreeAmount
        }
        Fault::CancelTaxAmountExceedsCancellableTaxAmount => {
            Wire::CancelTaxAmountExceedsCancellableTaxAmount
        }
        Fault::PromotionDiscountRetainOptionShouldNotBeChanged => {
            Wire::PromotionDiscountRetainOptionShouldNotBeChanged
        }
        Fault::NegativePromotionAdjustedCancelAmount => Wire::NegativePromotionAdjustedCancelAmount,
        Fault::InvalidPaymentToken => Wire::InvalidPaymentToken,
        Fault::InformationMismatch { .. } => Wire::InformationMismatch,
        Fault::PaymentCancellationNotFound => Wire::PaymentCancellationNotFound,
        Fault::PaymentCancellationNotPending => Wire::PaymentCancellationNotPending,
        Fault::SessionNotFound => Wire::SessionNotFound,
        Fault::SessionExpired => Wire::SessionExpired,
        Fault::MaxTtlExceeded { .. } => Wire::MaxTtlExceeded,
        Fault::ProfileSettingsNotFound => Wire::ProfileSettingsNotFound,
        Fault::PromotionNotFound => Wire::PromotionNotFound,
        Fault::PaymentNotWaitingForDeposit => Wire::PaymentNotWaitingForDeposit,
        Fault::BillingKeyNotFound => Wire::BillingKeyNotFound,
        Fault::BillingKeyAlreadyIssued => Wire::BillingKeyAlreadyIssued,
        Fault::BillingKeyNotIssued => Wire::BillingKeyNotIssued,
        Fault::BillingKeyAlreadyDeleted => Wire::BillingKeyAlreadyDeleted,
        Fault::IdentityVerificationNotFound => Wire::IdentityVerificationNotFound,
        Fault::IdentityVerificationNotSent => Wire::IdentityVerificationNotSent,
        Fault::IdentityVerificationAlreadySent => Wire::IdentityVerificationAlreadySent,
        Fault::IdentityVerificationAlreadyVerified => Wire::IdentityVerificationAlreadyVerified,
        Fault::CashReceiptNotFound => Wire::CashReceiptNotFound,
        Fault::CashReceiptNotIssued => Wire::CashReceiptNotIssued,
        Fault::CashReceiptAlreadyIssued => Wire::CashReceiptAlreadyIssued,
        Fault::TooManyRequests { .. } => Wire::TooManyRequests,
        Fault::WebhookNotFound => Wire::WebhookNotFound,
        Fault::MaxWebhookRetryCountReached => Wire::MaxWebhookRetryCountReached,
        Fault::Tax(fault) => b2b::error_type(fault),
        Fault::Unavailable { .. } => Wire::Unavailable,
        Fault::Internal { .. } => Wire::InternalError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_the_log_stays_there() {
        for fault in [
            Fault::internal("the secret is 42"),
            Fault::Unavailable {
                detail: "the secret is 42".to_owned(),
            },
        ] {
            let response = render_failed(Operation::GetPayment, &fault.clone().into());
            assert!(response.status().is_server_error());
            assert!(!fault.to_string().contains("42"));
        }
    }

    #[test]
    fn holes_of_the_contract_are_invalid_requests() {
        let listed = |error| listed(Operation::PreRegisterPayment, error);
        assert_eq!(
            listed(ErrorType::SumOfPartsExceedsTotalAmount),
            Some(ErrorType::InvalidRequest)
        );
        assert_eq!(listed(ErrorType::AlreadyPaid), Some(ErrorType::AlreadyPaid));
        assert_eq!(listed(ErrorType::PaymentNotPaid), None);
    }

    #[test]
    #[should_panic(expected = "may not answer")]
    fn a_type_outside_the_contract_fails_the_test_that_sees_it() {
        render_failed(Operation::GetPayment, &Fault::AlreadyPaid.into());
    }
}
