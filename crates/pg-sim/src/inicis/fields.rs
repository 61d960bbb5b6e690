//! The named values of a call, whichever way they were sent.
//!
//! INIAPI v1 sends a form, v2 a JSON object whose values are texts; both become names and texts
//! here. A field that is absent reads as empty, as it does at the PG.

use std::collections::HashMap;

use serde_json::Value;

use super::codes::{Reason, Refusal};
use super::crypto;
use super::merchants::Merchant;

/// Names and texts.
pub(crate) struct Fields(HashMap<String, String>);

impl Fields {
    /// Reads a form body.
    pub(crate) fn from_form(body: &[u8]) -> Option<Self> {
        let pairs: Vec<(String, String)> = serde_html_form::from_bytes(body).ok()?;
        Some(Self(pairs.into_iter().collect()))
    }

    /// Reads a form in EUC-KR, as the page of a phone sends it.
    pub(crate) fn from_euc_kr_form(body: &[u8]) -> Self {
        let text = |bytes: &[u8]| {
            let spaced: Vec<u8> = bytes
                .iter()
                .map(|byte| if *byte == b'+' { b' ' } else { *byte })
                .collect();
            let raw: Vec<u8> = percent_encoding::percent_decode(&spaced).collect();
            encoding_rs::EUC_KR.decode(&raw).0.into_owned()
        };
        let pairs = body.split(|byte| *byte == b'&').filter_map(|pair| {
            let at = pair.iter().position(|byte| *byte == b'=')?;
            let (name, value) = pair.split_at(at);
            Some((text(name), text(value.get(1..)?)))
        });
        Self(pairs.collect())
    }

    /// All names and texts, by name.
    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs: Vec<_> = self
            .0
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        pairs.sort_unstable();
        pairs
    }

    /// Reads a flat JSON object; numbers count as their text, anything else as absent.
    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let values: HashMap<String, Value> = serde_json::from_str(text).ok()?;
        let texts = values.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        });
        Some(Self(texts.collect()))
    }

    /// The text of a field, empty if absent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The text of a field, or a default if it is absent or empty.
    pub(crate) fn text_or<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        match self.text(name) {
            "" => default,
            text => text,
        }
    }

    /// Refuses the first field of `names` that is absent or empty.
    pub(crate) fn require(&self, names: &[&str]) -> Result<(), Refusal> {
        match names.iter().find(|name| self.text(name).trim().is_empty()) {
            Some(name) => Err(Refusal::missing(name)),
            None => Ok(()),
        }
    }

    /// An amount: digits only, no separator, no sign.
    pub(crate) fn amount(&self, name: &str) -> Result<u64, Reason> {
        digits(self.text_or(name, "0"), 1..=12)
            .and_then(|text| text.parse().ok())
            .ok_or(Reason::NotNumeric)
    }

    /// The plain text of an `[ENC]` field; `None` if it is absent or empty.
    pub(crate) fn decrypted(
        &self,
        name: &str,
        merchant: &Merchant,
    ) -> Result<Option<String>, Reason> {
        match self.text(name) {
            "" => Ok(None),
            text => crypto::decrypt(merchant, text)
                .map(Some)
                .ok_or(Reason::Encryption),
        }
    }
}

/// `text`, if it is digits only and its length is in `lengths`.
pub(crate) fn digits(text: &str, lengths: std::ops::RangeInclusive<usize>) -> Option<&str> {
    let fits = lengths.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(text)
}
