//! Reading UAS's answers: `NAME=value&…` in any order, percent-encoded, where a `+` is a plus.
//!
//! Invariant: only `RETURNCODE` `0000` is success; whatever has no code at all is unclear.

use naru_connector::{Answer, Decline, IdentityOutcome, Outcome, Secret, VerifiedIdentity};
use naru_domain::identity::IdentityNumber;

use super::CARRIERS;
use crate::exchange::unknown;
use crate::form::Form;
use crate::identity::{birth_date, from_pg};

/// Codes after which the transaction is over. The PG's own table is not public: these are the
/// simulator's, and a code that is not among them leaves the request open.
const ENDS: [&str; 5] = ["1101", "1102", "1103", "1104", "1106"];

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nothing has been sent: it is over.
    Send,
    /// The request goes on unless the code ends it.
    Confirm,
    /// The PG tells once who it was: it is over.
    Result,
}

/// An answer of success.
pub(super) struct Reply {
    pairs: Form,
    text: String,
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
        let pairs = Form::read_pairs(&answer.body);
        let pairs =
            pairs.ok_or_else(|| Box::new(unknown("the PG's answer has too many fields")))?;
        let code = pairs
            .get("RETURNCODE")
            .ok_or_else(|| Box::new(unknown("the PG's answer has no code")))?;
        if code != "0000" {
            let decline = Decline {
                code: code.to_owned(),
                message: pairs.get("RETURNMSG").unwrap_or_default().to_owned(),
            };
            let goes_on = stage == Stage::Confirm && !ENDS.contains(&code);
            return Err(Box::new(if goes_on {
                Outcome::Identity(IdentityOutcome::StillOpen(decline))
            } else {
                Outcome::Declined(decline)
            }));
        }
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        Ok(Self { pairs, text })
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.pairs.get(name)
    }

    /// Who it was.
    pub(super) fn person(&self, order_id: &str, today: jiff::civil::Date) -> Outcome {
        if self.text("ORDERID").is_some_and(|found| found != order_id) {
            return unknown("the PG's answer is about another order");
        }
        let number = self
            .text("IDEN")
            .and_then(|text| IdentityNumber::parse(text, today).ok());
        let birth = match &number {
            Some(number) => Some(number.birth_date()),
            None => self.text("DOB").and_then(birth_date),
        };
        let (Some(name), Some(birth_date)) = (self.text("NAME"), birth) else {
            return unknown("the PG's answer does not say who it was");
        };
        let gender = number.as_ref().map(IdentityNumber::gender);
        let gender = gender.or(match self.text("SEX") {
            Some("1") => Some("MALE"),
            Some("2") => Some("FEMALE"),
            _ => None,
        });
        let carrier = self.text("CARRIER").or_else(|| self.text("TELECOM"));
        let secret = |name| self.text(name).map(Secret::new);
        Outcome::Identity(IdentityOutcome::Verified(Box::new(VerifiedIdentity {
            pg_tx_id: None,
            name: name.to_owned(),
            birth_date,
            gender: gender.map(str::to_owned),
            phone_number: self.text("PHONE").map(str::to_owned),
            carrier: carrier.and_then(|code| from_pg(&CARRIERS, code)),
            is_foreigner: number.as_ref().map(IdentityNumber::is_foreigner),
            ci: secret("CI"),
            di: secret("DI"),
            raw: Secret::new(self.text.clone()),
        })))
    }
}
