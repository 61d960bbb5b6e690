//! Reading the INIAPI's answers: JSON, its success literal, its refusals.
//!
//! Knows no operation. Invariants: only the protocol's own success literal is success, and the
//! literal of a sibling protocol is neither success nor refusal; what is not a JSON object with a
//! result code in an answer of status 200 is unclear (unknown paths, for one, answer with their
//! URL as plain text); what is kept of an answer holds no card number and no billing key (P8).

use std::borrow::Cow;

use naru_connector::{Answer, Decline, Outcome};
use naru_domain::Timestamp;
use serde_json::{Map, Value};

use super::codes;
use super::exchange::unknown;
use crate::kst;

/// Success of every operation but inquiry.
pub(super) const DONE: &str = "00";
/// Success of an inquiry.
pub(super) const FOUND: &str = "SUCCESS";
/// The success literals of all of the PG's protocols: no refusal, wherever they turn up.
const SUCCESSES: [&str; 3] = [DONE, FOUND, "0000"];

/// The fields of a JSON object.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(&'a Map<String, Value>);

/// An answer that was a JSON object.
pub(super) struct Reply(Map<String, Value>);

/// What an answer says.
pub(super) enum Verdict {
    /// It was done.
    Success,
    /// It was refused.
    Refused(Decline),
    /// It is unclear what happened, and why.
    Unclear(String),
}

impl Reply {
    /// Reads an answer; the error is why it can't be.
    pub(super) fn read(answer: &Answer) -> Result<Self, String> {
        if answer.status != 200 {
            return Err(format!("the PG answered with status {}", answer.status));
        }
        // The INIAPI answers in UTF-8; CP949 is read too, since older parts of the PG use it.
        let bytes = answer
            .body
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(&answer.body);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => match encoding_rs::EUC_KR.decode_without_bom_handling(bytes) {
                (text, false) => text,
                (_, true) => return Err("the PG's answer is no text".to_owned()),
            },
        };
        match serde_json::from_str(&text) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) | Err(_) => Err("the PG's answer is no JSON object".to_owned()),
        }
    }

    /// The fields at the top.
    pub(super) fn fields(&self) -> Fields<'_> {
        Fields(&self.0)
    }

    /// What the answer says, if `success` is the literal that this operation succeeds with.
    pub(super) fn verdict(&self, success: &str) -> Verdict {
        // A number is no literal: `0` is not `00`.
        let result = self
            .0
            .get("resultCode")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if result == success {
            return Verdict::Success;
        }
        if is_success(result) {
            return Verdict::Unclear(format!("the PG answered `{result}`, not `{success}`"));
        }
        let message = self
            .0
            .get("resultMsg")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(code) = self.refusal_code(result, message) else {
            return Verdict::Unclear("the PG's answer has no result code".to_owned());
        };
        match codes::unclear(code) {
            Some(meaning) => Verdict::Unclear(format!("the PG answered {code}: {meaning}")),
            None => Verdict::Refused(Decline {
                code: code.to_owned(),
                message: mask_numbers(message, true).into_owned(),
            }),
        }
    }

    /// The code of a refusal, whatever it leaves unclear.
    pub(super) fn refusal(&self) -> Option<&str> {
        let text = |name| self.0.get(name).and_then(Value::as_str).unwrap_or_default();
        let result = text("resultCode");
        if is_success(result) {
            return None;
        }
        self.refusal_code(result, text("resultMsg"))
    }

    /// The most specific code of a refusal: `detailResultCode`, else a code in brackets at the
    /// start of the message, else `resultCode`. Order: our reading of three integrations.
    fn refusal_code<'a>(&'a self, result: &'a str, message: &'a str) -> Option<&'a str> {
        if !is_code(result) {
            return None;
        }
        let detail = self
            .0
            .get("detailResultCode")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let bracketed = message
            .trim_start()
            .strip_prefix('[')
            .and_then(|rest| rest.split_once(']'));
        [
            detail.trim(),
            bracketed.map_or("", |(code, _)| code.trim()),
            result,
        ]
        .into_iter()
        .find(|code| is_code(code) && !is_success(code))
    }

    /// The answer's JSON text as it may be kept.
    pub(super) fn raw(&self) -> String {
        let mut kept = Value::Object(self.0.clone());
        clean(&mut kept, "");
        kept.to_string()
    }
}

/// Reads the answer to an operation that was to do something: a success goes to `done`.
pub(super) fn acted(answer: &Answer, done: impl FnOnce(&Reply) -> Outcome) -> Outcome {
    let reply = match Reply::read(answer) {
        Ok(reply) => reply,
        Err(reason) => return unknown(reason),
    };
    match reply.verdict(DONE) {
        Verdict::Success => done(&reply),
        Verdict::Refused(decline) => Outcome::Declined(decline),
        Verdict::Unclear(reason) => unknown(reason),
    }
}

impl<'a> Fields<'a> {
    /// A text (or a whole number as text) that is there and not empty.
    pub(super) fn text(self, name: &str) -> Option<Cow<'a, str>> {
        match self.0.get(name)? {
            Value::String(text) => Some(Cow::Borrowed(text.trim())).filter(|text| !text.is_empty()),
            Value::Number(number) => number.as_i64().map(|number| Cow::Owned(number.to_string())),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// The same, as an owned text.
    pub(super) fn string(self, name: &str) -> Option<String> {
        self.text(name).map(Cow::into_owned)
    }

    /// An amount: digits only, no separators. What is anything else is no amount.
    pub(super) fn amount(self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        let is_digits = text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_digits.then(|| text.parse().ok()).flatten()
    }

    /// A point in time from its date and time fields.
    pub(super) fn time(self, date: &str, time: &str) -> Option<Timestamp> {
        kst::read(&self.text(date)?, &self.text(time)?)
    }

    /// Whether a flag is on, in any of the forms that the PG's flags have.
    pub(super) fn is_on(self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Value::Bool(on)) => *on,
            _ => self
                .text(name)
                .is_some_and(|text| matches!(&*text, "1" | "Y" | "true")),
        }
    }

    /// An object inside.
    pub(super) fn inside(self, name: &str) -> Option<Fields<'a>> {
        self.0.get(name)?.as_object().map(Fields)
    }

    /// The objects of a list; nothing if it is not a list of objects.
    pub(super) fn list(self, name: &str) -> Option<Vec<Fields<'a>>> {
        self.0
            .get(name)?
            .as_array()?
            .iter()
            .map(|item| item.as_object().map(Fields))
            .collect()
    }

    /// Whether a field is there and says something else than expected.
    pub(super) fn contradicts(self, name: &str, expected: &str) -> bool {
        self.text(name).is_some_and(|text| text != expected)
    }
}

fn is_success(code: &str) -> bool {
    SUCCESSES
        .iter()
        .any(|success| success.eq_ignore_ascii_case(code))
}

fn is_code(text: &str) -> bool {
    matches!(text.len(), 1..=20) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Takes out what must not be kept: billing keys and credentials whole, card numbers but for
/// their first six digits.
fn clean(value: &mut Value, name: &str) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !is_secret(name));
            for (name, value) in fields {
                clean(value, name);
            }
        }
        Value::Array(items) => {
            for item in items {
                clean(item, name);
            }
        }
        Value::String(text) => {
            let name = name.to_ascii_lowercase();
            // An account to pay into is public and may look like a card's number.
            if !name.contains("vacct") && !name.contains("account") {
                *text = mask_numbers(text, !name.contains("card")).into_owned();
            }
        }
        Value::Number(number) => {
            let text = number.to_string();
            if let Cow::Owned(masked) = mask_numbers(&text, true) {
                *value = Value::String(masked);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "billkey",
        "cardpw",
        "cardexpire",
        "regno",
        "cashregno",
        "refundacctnum",
    ]
    .iter()
    .any(|secret| name.contains(secret))
}

/// Masks runs of 14 to 16 digits after their sixth; with `checked`, only those whose check digit
/// is a card's, so that order ids and the like stay as they are.
pub(super) fn mask_numbers(text: &str, checked: bool) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        let end = from
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        out.push_str(before);
        if matches!(run.len(), 14..=16) && (!checked || has_check_digit(run)) {
            out.push_str(run.get(..6).unwrap_or_default());
            out.push_str(&"*".repeat(run.len() - 6));
        } else {
            out.push_str(run);
        }
        rest = after;
    }
    out.push_str(rest);
    if out == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(out)
    }
}

/// Luhn's check.
fn has_check_digit(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0') * (1 + u32::from(at % 2 == 1));
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(body: &str) -> Result<Reply, String> {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        Reply::read(&Answer {
            status: 200,
            headers: Vec::new(),
            body,
        })
    }

    fn code_of(body: &str) -> String {
        match reply(body).unwrap().verdict(DONE) {
            Verdict::Success => "success".to_owned(),
            Verdict::Refused(decline) => decline.code,
            Verdict::Unclear(_) => "unclear".to_owned(),
        }
    }

    #[test]
    fn the_most_specific_code_is_taken() {
        for (body, code) in [
            (r#"{"resultCode":"00"}"#, "success"),
            (
                r#"{"resultCode":"01","resultMsg":"[500626]a","detailResultCode":"500707"}"#,
                "500707",
            ),
            (
                r#"{"resultCode":"01","resultMsg":"[120049]한도","detailResultCode":null}"#,
                "120049",
            ),
            (
                r#"{"resultCode":"01","resultMsg":" [1195] x","detailResultCode":""}"#,
                "1195",
            ),
            (r#"{"resultCode":"01","resultMsg":"[안내] x"}"#, "01"),
            (r#"{"resultCode":"ER0102"}"#, "ER0102"),
            (r#"{"resultCode":"01","detailResultCode":"00"}"#, "01"),
        ] {
            assert_eq!(code_of(body), code, "{body}");
        }
    }

    #[test]
    fn success_is_never_read_loosely() {
        for body in [
            r#"{"resultCode":0}"#,
            r#"{"resultCode":"0000"}"#,
            r#"{"resultCode":"SUCCESS"}"#,
            r#"{"resultCode":null,"resultMsg":"[500626]"}"#,
            r#"{"resultCode":"  00"}"#,
            r#"{"resultCode":""}"#,
            r#"{"resultCode":"success"}"#,
            "{}",
        ] {
            assert_eq!(code_of(body), "unclear", "{body}");
        }
    }

    #[test]
    fn what_is_no_object_is_not_read() {
        for body in [
            "",
            "https://iniapi.inicis.com/api/v9",
            "[]",
            "null",
            "{\"resultCode\":",
        ] {
            assert!(reply(body).is_err(), "{body}");
        }
        let answer = Answer {
            status: 500,
            headers: Vec::new(),
            body: bytes::Bytes::from_static(br#"{"resultCode":"00"}"#),
        };
        assert!(Reply::read(&answer).is_err());
    }

    #[test]
    fn what_is_kept_holds_no_secret() {
        let body = r#"{"resultCode":"00","billKey":"b1","CARD_BillKey":"b2",
            "cardNum":"9000000000120049","vacct":"41111111111111","n":4111111111111111,
            "resultMsg":"ok 4111111111111111.",
            "tid":"StdpayCARDINIpayTest20260101090100123456","list":[{"cardPw":"12","a":"1"}]}"#;
        let kept: Value = serde_json::from_str(&reply(body).unwrap().raw()).unwrap();
        assert_eq!(
            kept,
            serde_json::json!({
                "resultCode": "00", "cardNum": "900000**********", "vacct": "41111111111111",
                "n": "411111**********", "resultMsg": "ok 411111**********.",
                "tid": "StdpayCARDINIpayTest20260101090100123456", "list": [{"a": "1"}]
            })
        );
    }
}
