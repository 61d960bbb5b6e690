//! Reading the answers of `/std/certpass`: a JSON object of texts.
//!
//! Invariant: only `res_cd` `0000` is success; whatever has no code at all is unclear.

use naru_connector::{Answer, Decline, IdentityOutcome, Outcome, Secret, VerifiedIdentity};
use serde_json::{Map, Value};

use super::CARRIERS;
use crate::exchange::unknown;
use crate::identity::{birth_date, from_pg};

/// Codes after which the request is over. The PG's own table is not public: these are the
/// simulator's, and a code that is not among them leaves the request open.
const ENDS: [&str; 4] = ["CT21", "CT22", "CT23", "CT24"];

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing has been sent: it is over.
    Send,
    /// The request goes on unless the code ends it.
    Confirm,
    /// The PG opens a result once: it is over.
    Result,
}

/// An answer of success.
pub(super) struct Reply {
    fields: Map<String, Value>,
    raw: String,
}

impl Reply {
    /// Reads an answer; the outcome if it is no success.
    pub(super) fn read(answer: &Answer, stage: Stage) -> Result<Self, Box<Outcome>> {
        if answer.status != 200 {
            return Err(Box::new(unknown(format!(
                "the PG answered {}",
                answer.status
            ))));
        }
        let Ok(Value::Object(fields)) = serde_json::from_slice(&answer.body) else {
            return Err(Box::new(unknown("the PG's answer is no JSON object")));
        };
        let raw = String::from_utf8_lossy(&answer.body).into_owned();
        let reply = Self { fields, raw };
        match reply.text("res_cd") {
            Some("0000") => Ok(reply),
            None => Err(Box::new(unknown("the PG's answer has no code"))),
            Some(code) => {
                let decline = Decline {
                    code: code.to_owned(),
                    message: reply.text("res_msg").unwrap_or_default().to_owned(),
                };
                let goes_on = stage == Stage::Confirm && !ENDS.contains(&code);
                Err(Box::new(if goes_on {
                    Outcome::Identity(IdentityOutcome::StillOpen(decline))
                } else {
                    Outcome::Declined(decline)
                }))
            }
        }
    }

    /// A field that is a text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let text = self.fields.get(name)?.as_str()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// Who it was.
    pub(super) fn person(&self) -> Outcome {
        let birth = self.text("birth_day").and_then(birth_date);
        let (Some(name), Some(birth_date)) = (self.text("user_name"), birth) else {
            return unknown("the PG's answer does not say who it was");
        };
        let gender = match self.text("sex_code") {
            Some("01") => Some("MALE"),
            Some("02") => Some("FEMALE"),
            _ => None,
        };
        let is_foreigner = match self.text("local_code") {
            Some("01") => Some(false),
            Some("02") => Some(true),
            _ => None,
        };
        let secret = |name| self.text(name).map(Secret::new);
        Outcome::Identity(IdentityOutcome::Verified(Box::new(VerifiedIdentity {
            pg_tx_id: None,
            name: name.to_owned(),
            birth_date,
            gender: gender.map(str::to_owned),
            phone_number: self.text("phone_no").map(str::to_owned),
            carrier: self
                .text("comm_id")
                .and_then(|code| from_pg(&CARRIERS, code)),
            is_foreigner,
            ci: secret("ci"),
            di: secret("di"),
            raw: Secret::new(self.raw.clone()),
        })))
    }
}
