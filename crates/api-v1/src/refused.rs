//! Why a call was not answered with success, and what that is on the wire.
//!
//! Most refusals are HTTP 200 with a `code` that is not 0: 1 for rules of ours, -1 for words of a
//! PG. Clients branch on which of the two it is, so a refusal never changes its place.

use axum::response::Response;
use naru_engine::Fault;

use crate::envelope::refusal;
use crate::{document, messages};

/// A refusal.
#[derive(Debug)]
pub(crate) enum Refused {
    /// 401, -1: whoever calls.
    Unauthorized(&'static str),
    /// 404, -1: a lookup that finds nothing.
    NotFound(String),
    /// A field that can't be read: 400, -1 where the operation lists it, else 200, 1.
    Bad(String),
    /// 200, 1: a rule of ours.
    Rule(String),
    /// 200, -1: a PG's words.
    Pg(String),
    /// This status, -1.
    Status(u16, String),
    /// 500, -1: our fault, with what the log needs.
    Internal(String),
}

impl Refused {
    /// A lookup of a payment that finds nothing.
    pub(crate) fn no_payment() -> Self {
        Self::NotFound(messages::NO_PAYMENT.to_owned())
    }

    /// A rule of ours.
    pub(crate) fn rule(message: &str) -> Self {
        Self::Rule(message.to_owned())
    }

    /// A field that is missing.
    pub(crate) fn missing(field: &str) -> Self {
        Self::Bad(messages::missing(field))
    }

    /// A field that can't be read.
    pub(crate) fn malformed(field: &str, expected: &str) -> Self {
        Self::Bad(messages::malformed(field, expected))
    }

    /// A broken invariant.
    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        Self::Internal(detail.into())
    }

    /// On the wire, as the operation may answer it.
    pub(crate) fn into_response(self, operation: &str) -> Response {
        match self {
            Self::Unauthorized(message) => refusal(401, -1, message),
            Self::NotFound(message) => refusal(404, -1, &message),
            Self::Bad(message) if document::lists(operation, "400") => refusal(400, -1, &message),
            Self::Bad(message) | Self::Rule(message) => refusal(200, 1, &message),
            Self::Pg(message) => refusal(200, -1, &message),
            Self::Status(status, message) => refusal(status, -1, &message),
            Self::Internal(detail) => {
                tracing::error!(operation, detail, "an internal error");
                refusal(500, -1, messages::OUR_FAULT)
            }
        }
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::InvalidRequest { message } => Self::Bad(in_our_words(&message)),
            fault @ Fault::DiffersFromPreRegistration { .. } => {
                Self::Bad(in_our_words(&fault.to_string()))
            }
            Fault::Unauthorized | Fault::Forbidden => Self::Unauthorized(messages::UNAUTHORIZED),
            Fault::PaymentNotFound => Self::no_payment(),
            Fault::ChannelNotFound | Fault::ChannelGroupNotFound | Fault::ChannelGroupOff => {
                Self::rule(messages::NO_CHANNEL)
            }
            Fault::ChannelNeedsConfirmation => Self::rule(messages::MANUAL_CHANNEL),
            Fault::AlreadyPaid | Fault::AlreadyPaidOrWaiting => Self::rule(messages::ALREADY_PAID),
            Fault::PaymentScheduleAlreadyExists => Self::rule(messages::ALREADY_SCHEDULED),
            Fault::BillingKeyNotFound
            | Fault::BillingKeyNotIssued
            | Fault::BillingKeyAlreadyDeleted => Self::rule(messages::NO_CUSTOMER),
            fault @ (Fault::PgProvider { .. } | Fault::ChannelSpecific { .. }) => {
                Self::Pg(pg_words(&fault))
            }
            Fault::Unavailable { detail } | Fault::Internal { detail } => Self::Internal(detail),
            // Rules that have no words of their own on this face.
            other => Self::Rule(other.to_string()),
        }
    }
}

/// A PG's code and words, as they stand behind a prefix.
pub(crate) fn pg_words(fault: &Fault) -> String {
    match fault {
        Fault::PgProvider {
            pg_code,
            pg_message,
        } if !pg_message.starts_with('[') => format!("[{pg_code}] {pg_message}"),
        other => other.to_string(),
    }
}

/// The other face's names of fields, and this one's.
const FIELDS: [(&str, &str); 11] = [
    ("customer.name.full", "buyer_name"),
    ("customer.phoneNumber", "buyer_tel"),
    ("customer.email", "buyer_email"),
    ("orderName", "name"),
    ("paymentId", "merchant_uid"),
    ("channelKey", "channel_key"),
    ("refundAccount", "refund_account"),
    ("installmentMonth", "card_quota"),
    ("offerPeriod", "period"),
    ("offerPeriod.range", "period"),
    ("issueName", "name"),
];

fn in_our_words(message: &str) -> String {
    FIELDS
        .iter()
        .fold(message.to_owned(), |message, (theirs, ours)| {
            message.replace(&format!("`{theirs}`"), &format!("`{ours}`"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_named_as_on_this_face() {
        let fault = Fault::invalid("`customer.email` is required by this PG");
        let Refused::Bad(message) = Refused::from(fault) else {
            panic!("another kind");
        };
        assert_eq!(message, "`buyer_email` is required by this PG");
    }

    #[test]
    fn a_pgs_code_stands_before_its_words_once() {
        let fault = |message: &str| Fault::PgProvider {
            pg_code: "F112".to_owned(),
            pg_message: message.to_owned(),
        };
        assert_eq!(pg_words(&fault("잔액부족")), "[F112] 잔액부족");
        assert_eq!(pg_words(&fault("[F112]잔액부족")), "[F112]잔액부족");
    }
}
