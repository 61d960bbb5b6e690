//! Bodies and queries: JSON and forms, malformed ones included.
//!
//! A form's keys may nest (`extra[requester]`, `schedules[0][amount]`) and repeat (`imp_uid[]`,
//! or the bare name twice); one client puts a space behind each `&` and encodes nothing.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::Input;
use crate::limits::{FORM_DEPTH_MAX, FORM_FIELDS_MAX};
use crate::messages;
use crate::refused::Refused;

/// Reads a body. What begins as JSON is JSON, whatever the content type says.
pub(crate) fn read_body(content_type: &str, bytes: &[u8]) -> Result<Input, Refused> {
    let bytes = bytes.trim_ascii();
    if bytes.is_empty() {
        return Ok(Input::default());
    }
    let bad = || Refused::Bad(messages::BAD_BODY.to_owned());
    let text = std::str::from_utf8(bytes).map_err(|_| bad())?;
    let is_json = text.starts_with(['{', '[']) || content_type.contains("json");
    let input = if is_json {
        match serde_json::from_str(text).map_err(|_| bad())? {
            Value::Object(fields) => Input::of_json(fields),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => return Err(bad()),
        }
    } else {
        Input::of_form(fields(text)?)
    };
    if input.holds_nul() {
        Err(bad())
    } else {
        Ok(input)
    }
}

/// Reads a query string.
pub(crate) fn read_query(query: &str) -> Result<Input, Refused> {
    let input = Input::of_form(fields(query)?);
    if input.holds_nul() {
        return Err(Refused::Bad(messages::BAD_BODY.to_owned()));
    }
    Ok(input)
}

fn fields(text: &str) -> Result<Map<String, Value>, Refused> {
    let mut found = Map::new();
    for (count, pair) in text.split('&').enumerate() {
        if count >= FORM_FIELDS_MAX {
            return Err(Refused::Bad(messages::LONG_BODY.to_owned()));
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decoded(key);
        let key = key.trim_ascii();
        if key.is_empty() {
            continue;
        }
        let segments: Vec<&str> = segments(key);
        if segments.len() > FORM_DEPTH_MAX {
            return Err(Refused::Bad(messages::BAD_BODY.to_owned()));
        }
        insert(&mut found, &segments, decoded(value));
    }
    Ok(found)
}

fn decoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// `a[b][0]` as `a`, `b`, `0`.
fn segments(key: &str) -> Vec<&str> {
    let Some((name, rest)) = key.split_once('[') else {
        return vec![key];
    };
    let Some(rest) = rest.strip_suffix(']') else {
        return vec![key];
    };
    let mut all = vec![name];
    all.extend(rest.split("]["));
    all
}

fn insert(fields: &mut Map<String, Value>, segments: &[&str], text: String) {
    let Some((name, rest)) = segments.split_first() else {
        return;
    };
    let place = fields.entry((*name).to_owned()).or_insert(Value::Null);
    match rest {
        [] => add(place, Value::String(text), false),
        [""] => add(place, Value::String(text), true),
        ["", rest @ ..] => {
            let mut child = Map::new();
            insert(&mut child, rest, text);
            add(place, Value::Object(child), true);
        }
        rest => {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            if let Some(child) = place.as_object_mut() {
                insert(child, rest, text);
            }
        }
    }
}

/// Puts a value where it belongs: a name that comes again makes a list.
fn add(place: &mut Value, value: Value, is_list: bool) {
    match place {
        Value::Null if is_list => *place = Value::Array(vec![value]),
        Value::Null => *place = value,
        Value::Array(items) => items.push(value),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            let first = place.take();
            *place = Value::Array(vec![first, value]);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(text: &str) -> Value {
        Value::Object(fields(text).unwrap())
    }

    #[test]
    fn keys_nest_and_repeat() {
        assert_eq!(
            form("extra[requester]=customer&extra%5BnaverUseCfm%5D=20201001"),
            json!({"extra": {"requester": "customer", "naverUseCfm": "20201001"}})
        );
        assert_eq!(
            form("imp_uid[]=a&imp_uid%5B%5D=b"),
            json!({"imp_uid": ["a", "b"]})
        );
        assert_eq!(
            form("customer_uid=a&customer_uid=b"),
            json!({"customer_uid": ["a", "b"]})
        );
        assert_eq!(
            form("imp_uid%5B0%5D=a&imp_uid[1]=b"),
            json!({"imp_uid": {"0": "a", "1": "b"}})
        );
        assert_eq!(
            form("schedules[0][merchant_uid]=m&schedules[0][extra][naverUseCfm]=1"),
            json!({"schedules": {"0": {"merchant_uid": "m", "extra": {"naverUseCfm": "1"}}}})
        );
    }

    #[test]
    fn a_form_of_unencoded_pairs_is_read() {
        assert_eq!(
            form("merchant_uid=주문 1& amount=1000& name=a+b%20c"),
            json!({"merchant_uid": "주문 1", "amount": "1000", "name": "a b c"})
        );
    }

    #[test]
    fn json_is_json_whatever_the_content_type_says() {
        let read = |content_type: &str, text: &str| read_body(content_type, text.as_bytes());
        assert!(read("application/x-www-form-urlencoded", "{\"a\":1}").is_ok());
        assert!(read("", "a=1").is_ok());
        assert!(read("application/json; charset=utf-8", "").is_ok());
        for text in ["{", "[1]", "{\"a\":\"\\u0000\"}"] {
            assert!(read("application/json", text).is_err(), "{text}");
        }
        assert!(read("application/json", "a=1").is_err());
        assert!(read("application/x-www-form-urlencoded", "a=%00").is_err());
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = format!("a{}=1", "[b]".repeat(FORM_DEPTH_MAX));
        assert!(fields(&deep).is_err());
        let long = "a=1&".repeat(FORM_FIELDS_MAX + 1);
        assert!(fields(&long).is_err());
    }
}
