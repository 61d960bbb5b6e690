//! The two envelopes of the INIAPI: version 1 is a form, version 2 is JSON; both answer JSON.
//!
//! Puts time stamp, merchant id and signature around an operation's fields; knows no operation.
//! Invariant: what is signed is exactly what is sent, byte for byte.

use bytes::Bytes;
use naru_connector::{Call, ChannelSettings, Request, SettingsError};
use naru_domain::Timestamp;

use super::contract::Contract;
use super::sign;
use crate::{form, kst};

/// What every request of one call shares.
pub(super) struct Context<'a> {
    pub(super) contract: Contract,
    pub(super) at: Timestamp,
    pub(super) settings: &'a ChannelSettings,
    server_ip: &'a str,
    /// Korea time, one per request: the PG may refuse the same one again.
    stamp: String,
}

/// Named texts, in the order in which they are sent.
pub(super) type Texts = Vec<(&'static str, String)>;

/// A request of version 1.
pub(super) struct V1 {
    pub(super) resource: &'static str,
    pub(super) kind: &'static str,
    pub(super) paymethod: &'static str,
    /// What is signed after the common fields, in the operation's own order.
    pub(super) signed: Vec<String>,
    pub(super) fields: Vec<(&'static str, String)>,
}

/// A request of version 2.
pub(super) struct V2 {
    pub(super) path: &'static str,
    pub(super) kind: &'static str,
    pub(super) data: Vec<(&'static str, String)>,
    /// A list of objects that follows the data's texts.
    pub(super) list: Option<(&'static str, Vec<Texts>)>,
}

impl<'a> Context<'a> {
    /// Reads the settings of a call.
    pub(super) fn new(call: &Call<'a>) -> Result<Self, SettingsError> {
        Ok(Self {
            contract: Contract::read(call.settings)?,
            at: call.at,
            settings: call.settings,
            server_ip: call.server_ip,
            stamp: kst::stamp(call.at),
        })
    }

    /// Encrypts a field marked `[ENC]`.
    pub(super) fn encrypt(&self, plain: &str) -> String {
        sign::encrypt(&self.contract.key, &self.contract.iv, plain)
    }

    /// The envelope of version 1: signed are key, type, paymethod, time stamp, our address,
    /// merchant id, and then the operation's own values.
    pub(super) fn v1(&self, call: V1) -> Request {
        let mid = self.contract.merchant.mid.as_str();
        let mut signed = vec![call.kind, call.paymethod, &self.stamp, self.server_ip, mid];
        signed.extend(call.signed.iter().map(String::as_str));
        let hash = sign::hash_v1(self.contract.key_text(), &signed);
        let mut fields = vec![("type", call.kind.to_owned())];
        // Escrow's envelope has none.
        if !call.paymethod.is_empty() {
            fields.push(("paymethod", call.paymethod.to_owned()));
        }
        fields.extend([
            ("timestamp", self.stamp.clone()),
            ("clientIp", self.server_ip.to_owned()),
            ("mid", mid.to_owned()),
        ]);
        fields.extend(call.fields);
        fields.push(("hashData", hash));
        self.post(
            &format!("/api/v1/{}", call.resource),
            "application/x-www-form-urlencoded; charset=utf-8",
            form::encode(&fields),
        )
    }

    /// The envelope of version 2. `data` goes out as the very text that was signed.
    pub(super) fn v2(&self, call: &V2) -> Request {
        let mut data = json_object(&call.data);
        if let Some((name, items)) = &call.list {
            let items: Vec<String> = items.iter().map(|item| json_object(item)).collect();
            let head = data.trim_end_matches('}');
            data = format!("{head},\"{name}\":[{}]}}", items.join(","));
        }
        let ids = [self.contract.merchant.mid.as_str(), call.kind, &self.stamp];
        let hash = sign::hash_v2(self.contract.key_text(), ids, &data);
        let head = json_object(&[
            ("mid", self.contract.merchant.mid.clone()),
            ("type", call.kind.to_owned()),
            ("timestamp", self.stamp.clone()),
            ("clientIp", self.server_ip.to_owned()),
        ]);
        let head = head.trim_end_matches('}');
        let body = format!("{head},\"data\":{data},\"hashData\":\"{hash}\"}}");
        self.post(
            &format!("/v2/pg/{}", call.path),
            "application/json; charset=utf-8",
            body,
        )
    }

    fn post(&self, path: &str, content_type: &str, body: String) -> Request {
        Request {
            method: http::Method::POST,
            url: format!("{}{path}", self.contract.base),
            headers: vec![
                ("content-type", content_type.to_owned()),
                ("accept", "application/json".to_owned()),
            ],
            body: Bytes::from(body),
            timeout_ms: self.contract.answer_timeout_ms,
            write_within_ms: None,
        }
    }
}

/// Compact JSON of texts, in the order given, nothing escaped.
///
/// The PG signs the JSON text without its backslashes (signatures of version 2), so a value must
/// not need any: quotes become apostrophes, backslashes become slashes, breaks become spaces.
fn json_object(fields: &[(&'static str, String)]) -> String {
    let mut text = String::from("{");
    for (name, value) in fields {
        if text.len() > 1 {
            text.push(',');
        }
        text.push('"');
        text.push_str(name);
        text.push_str("\":\"");
        text.extend(value.chars().map(|c| match c {
            '"' => '\'',
            '\\' => '/',
            '\u{2028}' | '\u{2029}' => ' ',
            c if c.is_control() => ' ',
            c => c,
        }));
        text.push('"');
    }
    text.push('}');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_needs_no_backslash_whatever_the_value() {
        let value = "a\"b\\c\n\u{7f}\u{2028}한글/é🎁".to_owned();
        let text = json_object(&[("tid", "T".to_owned()), ("msg", value)]);
        assert_eq!(text, "{\"tid\":\"T\",\"msg\":\"a'b/c   한글/é🎁\"}");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            serde_json::to_string(&read["msg"]).unwrap(),
            "\"a'b/c   한글/é🎁\""
        );
        assert_eq!(json_object(&[]), "{}");
    }
}
