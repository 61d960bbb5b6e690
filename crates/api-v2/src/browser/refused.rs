//! Refusals, with the codes that the SDK's errors have.
//!
//! Which code stands for what is inferred from the SDK's published enums; texts are ours.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{HeaderValue, RETRY_AFTER};
use naru_engine::Fault;
use naru_wire_v2::DecodeError;
use serde_json::json;

use super::answer;

/// Why no window was opened.
#[derive(Debug)]
pub(super) struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The PG's code and text, where it was the PG.
    pg: Option<(String, String)>,
}

/// The engine's and the connectors' names of fields, and the SDK's.
const FIELDS: [(&str, &str); 15] = [
    ("amount.total", "totalAmount"),
    ("amount.taxFree", "taxFreeAmount"),
    ("amount.vat", "vatAmount"),
    ("customer.id", "customer.customerId"),
    ("customer.name", "customer.fullName"),
    ("customer.name.full", "customer.fullName"),
    ("customer.name.separated.first", "customer.firstName"),
    ("customer.name.separated.last", "customer.lastName"),
    (
        "method.card.installmentMonth",
        "card.installment.monthOption",
    ),
    (
        "method.virtualAccount.expiry",
        "virtualAccount.accountExpiry",
    ),
    ("method.virtualAccount.bank", "virtualAccount.bankCode"),
    ("method.easyPay.provider", "easyPay.easyPayProvider"),
    (
        "method.giftCertificate.type",
        "giftCertificate.giftCertificateType",
    ),
    ("method.mobile.productType", "productType"),
    ("method", "payMethod"),
];

impl Refused {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            pg: None,
        }
    }

    /// The page asked for what can't be.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequest", message)
    }

    /// A field that must be there.
    pub(super) fn missing(field: &str) -> Self {
        Self::bad(format!("`{field}` is required"))
    }

    /// What was sent can't be read.
    pub(super) fn unreadable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "RequestParseFailed", message)
    }

    pub(super) fn no_store() -> Self {
        let message = "the store does not exist: `storeId`";
        Self::new(StatusCode::BAD_REQUEST, "StoreNotFound", message)
    }
}

/// 503: too much is under way. To be tried again after so many seconds.
pub fn unavailable(retry_after_s: u32) -> Response {
    let message = "too many requests are under way; please try again in a moment";
    turned_away(StatusCode::SERVICE_UNAVAILABLE, message, retry_after_s)
}

/// 429: the customer's address has asked for too many windows. To be tried again after so many
/// seconds.
pub fn too_many_requests(retry_after_s: u32) -> Response {
    let message = "too many payment windows were asked for; please try again in a minute";
    turned_away(StatusCode::TOO_MANY_REQUESTS, message, retry_after_s)
}

/// The SDK has no code of its own for these.
fn turned_away(status: StatusCode, message: &str, retry_after_s: u32) -> Response {
    let mut response = Refused::new(status, "UnknownError", message).into_response();
    let seconds = HeaderValue::from(retry_after_s);
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

impl From<DecodeError> for Refused {
    fn from(error: DecodeError) -> Self {
        if error.is_missing() {
            Self::bad(error.to_string())
        } else {
            Self::unreadable(error.to_string())
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        let (status, code) = match &fault {
            Fault::ChannelNotFound | Fault::ChannelGroupNotFound => (400, "ChannelNotFound"),
            Fault::ChannelGroupOff => (400, "AllChannelsNotSatisfied"),
            Fault::AlreadyPaid | Fault::AlreadyPaidOrWaiting => (409, "PaymentAlreadyPaid"),
            Fault::DiffersFromPreRegistration { .. } => (409, "AmountNotEqualToPredefined"),
            Fault::IdentityVerificationAlreadyVerified => {
                (409, "IdentityVerificationAlreadyVerified")
            }
            Fault::PaymentScheduleAlreadyExists
            | Fault::IdentityVerificationAlreadySent
            | Fault::MaxTransactionCountReached => (409, "InvalidEntityState"),
            Fault::PgProvider { .. } => (502, "PGProviderError"),
            Fault::InvalidRequest { .. } | Fault::SumOfPartsExceedsTotalAmount => {
                (400, "RequestParseFailed")
            }
            // The SDK has no code of its own for promotions.
            Fault::PromotionPayMethodDoesNotMatch | Fault::DiscountAmountExceedsTotalAmount => {
                (400, "BadRequest")
            }
            Fault::Unavailable { .. } => (503, "UnknownError"),
            other => {
                tracing::error!(fault = ?other, "a window can't be opened");
                (500, "UnknownError")
            }
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut refused = Self::new(status, code, in_the_sdks_words(&fault.to_string()));
        if let Fault::PgProvider {
            pg_code,
            pg_message,
        } = fault
        {
            refused.pg = Some((pg_code, pg_message));
        }
        refused
    }
}

fn in_the_sdks_words(message: &str) -> String {
    FIELDS
        .iter()
        .fold(message.to_owned(), |message, (ours, theirs)| {
            message.replace(&format!("`{ours}`"), &format!("`{theirs}`"))
        })
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let mut body = json!({ "code": self.code, "message": self.message });
        if let Some((code, message)) = self.pg {
            body["pgCode"] = code.into();
            body["pgMessage"] = message.into();
        }
        answer(self.status, &body)
    }
}
