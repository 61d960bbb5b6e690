//! Forms: `application/x-www-form-urlencoded`, as PGs send and expect it.
//!
//! Requests are UTF-8. What comes in may be EUC-KR: it is read as CP949, which holds EUC-KR and
//! the syllables that EUC-KR lacks. Invariants: reading never fails on odd bytes and never
//! panics; a text that could not be decoded whole is marked, so that nobody takes it for a name.

use std::borrow::Cow;

use encoding_rs::{EUC_KR, UTF_8};

/// More fields than any PG's notice has.
const FIELDS_MAX: usize = 256;

/// Writes a form body in UTF-8.
pub(crate) fn encode(fields: &[(&'static str, String)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        escape(name, &mut body);
        body.push('=');
        escape(value, &mut body);
    }
    body
}

/// Percent-encodes all but RFC 3986's unreserved characters, so a space is `%20` and every
/// decoder agrees.
pub(crate) fn escape(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

/// A form that came in.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, Decoded)>);

/// A value, and whether all of its bytes made sense.
#[derive(Debug)]
struct Decoded {
    text: String,
    is_whole: bool,
}

impl Form {
    /// Reads a form in CP949, or in UTF-8 where the content type says so. A form of too many
    /// fields is nothing.
    pub(crate) fn read(body: &[u8], content_type: Option<&str>) -> Option<Self> {
        let says_utf8 = content_type
            .is_some_and(|text| text.to_ascii_lowercase().replace('-', "").contains("utf8"));
        let encoding = if says_utf8 { UTF_8 } else { EUC_KR };
        Self::split(body, encoding, unescape)
    }

    /// Reads pairs in UTF-8 that are percent-encoded only: a `+` is a plus, as in base64.
    pub(crate) fn read_pairs(body: &[u8]) -> Option<Self> {
        Self::split(body, UTF_8, |text| percent_decoded(text, false))
    }

    fn split(
        body: &[u8],
        encoding: &'static encoding_rs::Encoding,
        unescape: fn(&[u8]) -> Cow<'_, [u8]>,
    ) -> Option<Self> {
        let pieces = body
            .split(|byte| *byte == b'&')
            .filter(|piece| !piece.is_empty());
        let mut fields = Vec::new();
        for piece in pieces {
            if fields.len() == FIELDS_MAX {
                return None;
            }
            let mut halves = piece.splitn(2, |byte| *byte == b'=');
            let name = unescape(halves.next().unwrap_or_default());
            let value = unescape(halves.next().unwrap_or_default());
            let (text, bad) = encoding.decode_without_bom_handling(&value);
            let value = Decoded {
                text: text.trim().to_owned(),
                is_whole: !bad,
            };
            fields.push((String::from_utf8_lossy(&name).into_owned(), value));
        }
        Some(Self(fields))
    }

    fn find(&self, name: &str) -> Option<&Decoded> {
        let (_, value) = self.0.iter().find(|(found, _)| found == name)?;
        (!value.text.is_empty()).then_some(value)
    }

    /// A field that is there once or more, not empty, and whole; the first one counts.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.find(name)
            .filter(|value| value.is_whole)
            .map(|value| value.text.as_str())
    }
}

/// Decodes a percent-encoded UTF-8 text; a `+` is a space.
pub(crate) fn unescaped(text: &str) -> String {
    String::from_utf8_lossy(&unescape(text.as_bytes())).into_owned()
}

fn unescape(text: &[u8]) -> Cow<'_, [u8]> {
    percent_decoded(text, true)
}

fn percent_decoded(text: &[u8], plus_is_space: bool) -> Cow<'_, [u8]> {
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (*first, hex_pair(after)) {
            (b'+', _) if plus_is_space => out.push(b' '),
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            (byte, _) => out.push(byte),
        }
    }
    Cow::Owned(out)
}

fn hex_pair(text: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*text.get(at)?).to_digit(16);
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let values = [
            "",
            "a b+c&d=e%20",
            "홍길동",
            "qwMHVJqsmXKoR+d8wQTS4g==",
            "똠방각하",
        ];
        for value in values {
            let body = encode(&[("first", "1".to_owned()), ("name", value.to_owned())]);
            let form = Form::read(body.as_bytes(), Some("text/html; charset=UTF-8")).unwrap();
            assert_eq!(form.get("name").unwrap_or_default(), value);
            assert_eq!(form.get("first"), Some("1"));
        }
    }

    #[test]
    fn euc_kr_is_read_as_cp949() {
        let form = Form::read(b"nm_input=%C8%AB%B1%E6%B5%BF&b=%8Cc", None).unwrap();
        assert_eq!(form.get("nm_input"), Some("홍길동"));
        assert_eq!(form.get("b"), Some("똠"), "a syllable that EUC-KR lacks");
        let raw = Form::read(b"nm_input=\xC8\xAB\xB1\xE6", None).unwrap();
        assert_eq!(
            raw.get("nm_input"),
            Some("홍길"),
            "not percent-encoded at all"
        );
    }

    #[test]
    fn a_plus_in_pairs_is_a_plus() {
        let pairs = Form::read_pairs(b"CI=a+b%2Bc%3D&NAME=%ED%99%8D+").unwrap();
        assert_eq!(
            (pairs.get("CI"), pairs.get("NAME")),
            (Some("a+b+c="), Some("\u{d64d}+"))
        );
    }

    #[test]
    fn a_value_that_is_not_whole_is_no_value() {
        let form = Form::read(b"a=%C8&b=1&c=%E0%A4%A&c=2", None).unwrap();
        assert_eq!(
            (form.get("a"), form.get("b"), form.get("d")),
            (None, Some("1"), None)
        );
        assert!(Form::read(&b"a=1&".repeat(FIELDS_MAX + 1), None).is_none());
    }
}
