//! Reading requests and writing answers.
//!
//! A request is read in two steps: text to JSON value, value to type. The second step is a
//! deserializer of our own over the value ([`node`]), which costs a microsecond and gives what
//! serde's derive can't: an array is never taken for an object, every error names its field, and no
//! error repeats what the caller sent.

mod error;
mod node;

use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use error::DecodeError;
use node::Node;

/// Reads a JSON body. An empty body is an error: the caller knows whether it stands for `{}`.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    decode_value(&parse(bytes)?)
}

/// Reads JSON text into a value: UTF-8, one value, nothing behind it.
pub fn parse(bytes: &[u8]) -> Result<Value, DecodeError> {
    let text = std::str::from_utf8(bytes).map_err(|e| DecodeError::utf8(e.valid_up_to()))?;
    if text.trim().is_empty() {
        return Err(DecodeError::empty());
    }
    serde_json::from_str(text).map_err(|e| DecodeError::syntax(&e))
}

/// Reads a type from a JSON value.
pub fn decode_value<T: DeserializeOwned>(value: &Value) -> Result<T, DecodeError> {
    T::deserialize(Node::strict(value))
}

/// Reads a type from a query string. Numbers and booleans are read from their text; where a name
/// occurs twice the last one counts.
pub fn decode_query<T: DeserializeOwned>(query: &str) -> Result<T, DecodeError> {
    let mut pairs = Map::new();
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = query_text(name).ok_or_else(|| DecodeError::utf8(0))?;
        let Some(value) = query_text(value) else {
            return Err(DecodeError::expected("percent-encoded UTF-8").under(&name));
        };
        pairs.insert(name, Value::String(value));
    }
    T::deserialize(Node::lenient(&Value::Object(pairs)))
}

fn query_text(raw: &str) -> Option<String> {
    let spaced = raw.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// Writes an answer.
pub fn encode<T: Serialize>(answer: &T) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(answer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CancelPaymentBody, Currency, DeleteBillingKeyQuery, InstantPaymentInput};

    fn refusal(json: &str) -> String {
        decode::<InstantPaymentInput>(json.as_bytes())
            .unwrap_err()
            .to_string()
    }

    const GOOD: &str = r#"{"method": {"card": {"credential": {"number": "9000000000000000",
        "expiryYear": "30", "expiryMonth": "01"}}}, "orderName": "ferry", "unknown": [1],
        "amount": {"total": 1000, "taxFree": null}, "currency": "KRW", "customer": {}}"#;

    #[test]
    fn a_good_body_is_read_and_unknown_fields_are_ignored() {
        let body: InstantPaymentInput = decode(GOOD.as_bytes()).unwrap();
        assert_eq!(body.amount.total, 1000);
        assert!(body.amount.tax_free.is_none());
        assert_eq!(body.currency, Currency::Krw);
    }

    #[test]
    fn a_missing_field_is_named_with_its_path() {
        let text = GOOD.replace("\"total\": 1000,", "");
        assert_eq!(refusal(&text), "`amount.total` is required");
        assert_eq!(refusal("{}"), "`amount` is required");
    }

    #[test]
    fn a_wrong_type_is_named_with_what_was_expected() {
        let text = GOOD.replace("1000", "\"1000\"");
        assert_eq!(refusal(&text), "`amount.total`: expected an integer");
        let text = GOOD.replace("1000", "10.5");
        assert_eq!(refusal(&text), "`amount.total`: expected an integer");
        let text = GOOD.replace("\"ferry\"", "null");
        assert_eq!(refusal(&text), "`orderName`: expected a string");
        let text = GOOD.replace("1000", "99999999999999999999");
        assert_eq!(refusal(&text), "`amount.total`: expected an integer");
    }

    #[test]
    fn a_value_outside_an_enum_gets_the_list_and_is_not_repeated() {
        let text = GOOD.replace("\"KRW\"", "\"Won\"");
        let message = refusal(&text);
        assert!(message.starts_with("`currency` is not one of the allowed values: KRW, "));
        assert!(!message.contains("Won"));
    }

    #[test]
    fn an_array_is_never_taken_for_an_object() {
        assert_eq!(refusal("[]"), "the body: expected an object");
        let text = GOOD.replace("{\"total\": 1000, \"taxFree\": null}", "[1000]");
        assert_eq!(refusal(&text), "`amount`: expected an object");
        let card = r#"["9000000000000000", "30", "01"]"#;
        let text = format!(r#"{{"method": {{"card": {{"credential": {card}}}}}}}"#);
        assert_eq!(
            refusal(&text),
            "`method.card.credential`: expected an object"
        );
    }

    #[test]
    fn items_of_a_list_are_named_by_index() {
        let text = GOOD.replace("\"unknown\": [1]", r#""products": [{"id": "a"}, {}]"#);
        assert!(
            refusal(&text).starts_with("`products[0]."),
            "{}",
            refusal(&text)
        );
        let text = GOOD.replace("\"unknown\": [1]", r#""noticeUrls": ["a", 1]"#);
        assert_eq!(refusal(&text), "`noticeUrls[1]`: expected a string");
    }

    #[test]
    fn a_card_number_is_never_repeated() {
        let text = GOOD.replace("\"9000000000000000\"", "9000123412341234");
        assert_eq!(
            refusal(&text),
            "`method.card.credential.number`: expected a string"
        );
    }

    #[test]
    fn broken_text_is_refused() {
        assert_eq!(
            decode::<CancelPaymentBody>(b"").unwrap_err().to_string(),
            "the body is empty"
        );
        for (body, expected) in [
            (
                &b"{\"reason\": \"\xff\"}"[..],
                "the body is not UTF-8 (after 12 bytes)",
            ),
            (
                b"{\"reason\": ",
                "the body is not JSON: EOF while parsing a value at line 1 column 11",
            ),
            (
                b"{\"reason\": \"a\"} x",
                "the body is not JSON: trailing characters at line 1 column 17",
            ),
        ] {
            let error = decode::<CancelPaymentBody>(body).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
        let deep = "[".repeat(10_000);
        assert!(decode::<CancelPaymentBody>(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_query_is_read_by_its_types() {
        let query: DeleteBillingKeyQuery =
            decode_query("storeId=store-%ED%95%9C&skipWebhook=true&reason=a+b&x=1").unwrap();
        assert_eq!(query.store_id.as_deref(), Some("store-한"));
        assert_eq!(query.skip_webhook, Some(true));
        assert_eq!(query.reason.as_deref(), Some("a b"));
        let error = decode_query::<DeleteBillingKeyQuery>("skipWebhook=1").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`skipWebhook`: expected `true` or `false`"
        );
        let error = decode_query::<DeleteBillingKeyQuery>("storeId=%ff").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`storeId`: expected percent-encoded UTF-8"
        );
    }
}
