//! `Idempotency-Key` and the canonical form of a body.

use http::{HeaderMap, Method};
use naru_engine::Fault;
use serde_json::Value;

use crate::limits::{IDEMPOTENCY_KEY_MAX, IDEMPOTENCY_KEY_MIN};

const HEADER: &str = "idempotency-key";

/// The key of a changing request. Reads have none: the header is ignored there.
pub(super) fn key(method: &Method, headers: &HeaderMap) -> Result<Option<String>, Fault> {
    if method == Method::GET || method == Method::HEAD {
        return Ok(None);
    }
    let mut values = headers.get_all(HEADER).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let key = value.to_str().ok().and_then(unquoted).filter(|key| {
        (IDEMPOTENCY_KEY_MIN..=IDEMPOTENCY_KEY_MAX).contains(&key.len())
            && key.bytes().all(|byte| matches!(byte, 0x20..=0x7e))
    });
    match (key, values.next()) {
        (Some(key), None) => Ok(Some(key)),
        _ => Err(Fault::invalid(format!(
            "`Idempotency-Key`: expected one value of {IDEMPOTENCY_KEY_MIN} to \
             {IDEMPOTENCY_KEY_MAX} printable ASCII characters"
        ))),
    }
}

/// A string of RFC 8941, in double quotes; or, as older documents show it, the bare key.
fn unquoted(value: &str) -> Option<String> {
    let value = value.trim();
    let Some(rest) = value.strip_prefix('"') else {
        return Some(value.to_owned());
    };
    let inner = rest.strip_suffix('"')?;
    let mut key = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => key.push(chars.next().filter(|c| matches!(c, '"' | '\\'))?),
            '"' => return None,
            c => key.push(c),
        }
    }
    Some(key)
}

/// JSON with sorted keys and no white space, whatever order the map type keeps.
pub(super) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_unstable_by_key(|(name, _)| *name);
            out.push('{');
            for (index, (name, value)) in entries.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key_of(value: &str) -> Result<Option<String>, Fault> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, value.parse().unwrap());
        key(&Method::POST, &headers)
    }

    #[test]
    fn a_key_may_be_quoted_or_bare() {
        let bare = "0123456789abcdef";
        assert_eq!(key_of(bare).unwrap().as_deref(), Some(bare));
        assert_eq!(
            key_of(&format!("\"{bare}\"")).unwrap().as_deref(),
            Some(bare)
        );
        let escaped = key_of("\"0123456789abc\\\"de\\\\f\"").unwrap().unwrap();
        assert_eq!(escaped, "0123456789abc\"de\\f");
    }

    #[test]
    fn a_key_has_its_lengths_and_characters() {
        for bad in [
            "short",
            "\"0123456789abcde\"",
            "\"0123456789abcdef",
            &"k".repeat(257),
        ] {
            assert!(key_of(bad).is_err(), "{bad}");
        }
        assert!(key_of(&"k".repeat(256)).is_ok());
        let mut twice = HeaderMap::new();
        twice.append(HEADER, "0123456789abcdef".parse().unwrap());
        twice.append(HEADER, "0123456789abcdef".parse().unwrap());
        assert!(key(&Method::POST, &twice).is_err());
        assert!(key(&Method::GET, &twice).unwrap().is_none());
    }

    #[test]
    fn the_canonical_form_forgets_order_and_space() {
        let one = json!({"b": [1, {"d": null, "c": "x\""}], "a": true});
        assert_eq!(
            canonical(&one),
            r#"{"a":true,"b":[1,{"c":"x\"","d":null}]}"#
        );
    }
}
