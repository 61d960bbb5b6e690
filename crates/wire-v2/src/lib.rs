//! Request and answer types of the V2 API, generated from `spec/`.
//!
//! The types travel one way: what only requests reach is `Deserialize`, what only answers reach is
//! `Serialize`. Requests are read with [`decode`] (never with `serde_json` directly: it would take
//! an array for a struct), answers are written with [`encode`]. Besides the types there are two
//! tables, [`Operation`] and [`ErrorType`], and the document that the server serves.
//!
//! This crate knows nothing of the domain. Invariant: no text of a [`DecodeError`] contains a value
//! that the caller sent, so it may be logged and answered whatever field it is about.

mod codec;
mod document;
#[expect(
    missing_docs,
    clippy::large_enum_variant,
    reason = "generated: the document describes the types"
)]
mod generated;
mod macros;

pub use codec::{DecodeError, decode, decode_query, decode_value, encode, parse};
pub use document::{is_served, served_document, served_document_for};
pub use generated::*;

/// An object whose keys are not ours to know.
pub type FreeObject = serde_json::Map<String, serde_json::Value>;

/// What the contract says about one operation.
#[derive(Debug)]
pub struct OperationSpec {
    /// Operation id, as in the document.
    pub id: &'static str,
    /// Upper-case HTTP method.
    pub method: &'static str,
    /// Path template, `/payments/{paymentId}`.
    pub path: &'static str,
    /// Whether it takes a credential.
    pub auth: bool,
    /// Whether the body may come as query parameter `requestBody` instead.
    pub query_or_body: bool,
    /// The error types it may answer; the general ones are allowed besides.
    pub allowed: &'static [ErrorType],
}

impl Operation {
    /// The operation with this id.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|op| op.spec().id == id)
    }

    /// Operation id, as in the document.
    pub fn id(self) -> &'static str {
        self.spec().id
    }

    /// Upper-case HTTP method.
    pub fn method(self) -> &'static str {
        self.spec().method
    }

    /// Path template, `/payments/{paymentId}`: what axum takes as it is.
    pub fn path(self) -> &'static str {
        self.spec().path
    }

    /// The error types it may answer; the general ones are allowed besides.
    pub fn allowed(self) -> &'static [ErrorType] {
        self.spec().allowed
    }

    /// Whether it may answer `error`.
    pub fn allows(self, error: ErrorType) -> bool {
        error.is_general() || self.allowed().contains(&error)
    }
}

impl ErrorType {
    /// The allowed error type of this operation with this wire name. Two types share a wire name
    /// in places, so the name alone is not enough.
    pub fn by_wire_name(operation: Operation, wire_name: &str) -> Option<Self> {
        operation
            .allowed()
            .iter()
            .copied()
            .find(|e| e.wire_name() == wire_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_found_by_id() {
        let cancel = Operation::by_id("cancelPayment").unwrap();
        assert_eq!(cancel, Operation::CancelPayment);
        assert_eq!(
            (cancel.method(), cancel.path()),
            ("POST", "/payments/{paymentId}/cancel")
        );
        assert!(cancel.spec().auth && !cancel.spec().query_or_body);
        assert!(Operation::GetPayments.spec().query_or_body);
        assert!(!Operation::LoginViaApiSecret.spec().auth);
    }

    #[test]
    fn an_operation_allows_its_own_errors_and_the_general_ones() {
        assert!(Operation::CancelPayment.allows(ErrorType::PaymentNotFound));
        assert!(Operation::CancelPayment.allows(ErrorType::Unavailable));
        assert!(!Operation::CancelPayment.allows(ErrorType::BillingKeyNotFound));
        let found = ErrorType::by_wire_name(Operation::CancelPayment, "PG_PROVIDER");
        assert_eq!(found, Some(ErrorType::PgProvider));
        assert_eq!(ErrorType::PgProvider.status(), 502);
    }

    #[test]
    fn credentials_are_not_printed() {
        let card = CardCredential {
            number: "9000123412341234".to_owned(),
            expiry_year: "30".to_owned(),
            expiry_month: "12".to_owned(),
            birth_or_business_registration_number: Some("900101".to_owned()),
            password_two_digits: Some("77".to_owned()),
        };
        assert_eq!(format!("{card:?}"), "CardCredential { .. }");
    }

    #[test]
    fn a_union_writes_its_tag_and_no_null() {
        let method = PaymentMethod::Transfer(PaymentMethodTransfer::default());
        assert_eq!(
            encode(&method).unwrap(),
            br#"{"type":"PaymentMethodTransfer"}"#
        );
    }

    #[test]
    fn enums_know_their_names() {
        assert_eq!(Currency::parse("KRW"), Some(Currency::Krw));
        assert_eq!(Currency::Krw.as_str(), "KRW");
        assert_eq!(Currency::parse("krw"), None);
        assert!(Currency::ALL.len() > 100);
    }
}
