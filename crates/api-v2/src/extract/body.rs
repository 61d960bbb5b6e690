//! The body, whatever its content type says: the official JavaScript SDK sends JSON as
//! `text/plain`. Lists may carry it in the query parameter `requestBody` instead.
//!
//! A body over the limit is thrown away as it comes and never held.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::{HeaderMap, header};
use naru_engine::Fault;
use naru_wire_v2::DecodeError;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::faults::Failed;
use crate::limits::{BODY_BYTES_MAX, BODY_DRAINED_BYTES_MAX};

/// Reads the whole body.
pub(super) async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Failed> {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut is_too_large = announced.is_some_and(|length| length > BODY_BYTES_MAX as u64);
    let mut kept = BytesMut::new();
    let mut seen = 0_usize;
    let mut frames = body.into_data_stream();
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| Fault::invalid("the body could not be read to its end"))?;
        seen = seen.saturating_add(frame.len());
        if seen > BODY_BYTES_MAX {
            is_too_large = true;
        }
        if is_too_large {
            kept = BytesMut::new();
            if seen > BODY_DRAINED_BYTES_MAX {
                break;
            }
        } else {
            kept.extend_from_slice(&frame);
        }
    }
    if is_too_large {
        Err(Failed::too_large())
    } else {
        Ok(kept.freeze())
    }
}

/// A body as JSON; an empty one stands for `{}`.
pub(super) fn json(bytes: &[u8]) -> Result<Value, DecodeError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    naru_wire_v2::parse(bytes)
}

/// The body, else the query parameter `requestBody`, else `{}`.
pub(super) fn json_or_query(bytes: &[u8], query: &str) -> Result<Value, DecodeError> {
    if !bytes.trim_ascii().is_empty() {
        return json(bytes);
    }
    json(&parameter(query).unwrap_or_default())
}

/// The query parameter `requestBody`, decoded.
pub(super) fn parameter(query: &str) -> Option<Vec<u8>> {
    let (_, value) = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| *name == "requestBody")?;
    let spaced = value.replace('+', " ");
    Some(percent_decode_str(&spaced).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_query_is_form_decoded_and_the_body_goes_first() {
        let query = "x=1&requestBody=%7B%22a%22:+%22b%20c%2B%22%7D";
        assert_eq!(json_or_query(b"", query).unwrap(), json!({"a": "b c+"}));
        assert_eq!(
            json_or_query(b" {\"z\":1}", query).unwrap(),
            json!({"z": 1})
        );
        assert_eq!(json_or_query(b"\n", "").unwrap(), json!({}));
        assert_eq!(json_or_query(b"", "requestBody=").unwrap(), json!({}));
        assert!(json_or_query(b"", "requestBody=%ff").is_err());
    }
}
