//! Identity verifications as every simulated PG keeps them; each PG's folder has its own wire.
//!
//! Nobody real is behind a phone here: whoever a merchant names is who answers. Invariants: a
//! one-time password is never kept, since it follows from the transaction and the number of the
//! message; a person is told once.

mod act;
mod magic;
pub(crate) mod page;
mod person;
mod run;

use serde::{Deserialize, Serialize};

pub(crate) use act::{approve, confirm, identified, prepare, resend, result, send};
pub(crate) use magic::Magic;
pub(crate) use person::{Birth, Person, digits};
pub(crate) use run::{Asked, Voice, carry_out};

use crate::pg::Pg;

/// How long a password or a request to an app lives, by the business clock.
pub(crate) const LIFE_MS: i64 = 3 * 60 * 1_000;
/// Wrong passwords until the transaction ends.
pub(crate) const TRIES_MAX: u32 = 5;
/// Messages of one transaction, the first included.
pub(crate) const MESSAGES_MAX: u32 = 5;

/// How the person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Way {
    Sms,
    App,
}

/// Where a verification stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum State {
    /// Nobody has been asked.
    Prepared,
    /// The person has been asked.
    Sent,
    /// The person said yes in the app.
    Approved,
    /// The person said no in the app.
    Denied,
    /// The password was right; who it was has not been told.
    Passed,
    /// It was told who it was.
    Verified,
    /// Expired, or wrong too often.
    Failed,
}

/// One verification.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Verification {
    pub(crate) pg: Pg,
    pub(crate) mid: String,
    pub(crate) order_id: String,
    pub(crate) tid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_id: Option<String>,
    /// Which of its services the PG was asked for, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) age_limit: Option<u32>,
    /// Where a window's browser brings the result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) target_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) person: Option<Person>,
    pub(crate) messages: u32,
    pub(crate) tries: u32,
    /// When the latest message went out, or the transaction was made.
    pub(crate) at_ms: i64,
    pub(crate) state: State,
}

impl Verification {
    /// The password of the latest message: it follows from what is in the books, so that it need
    /// not be.
    pub(crate) fn otp(&self) -> String {
        person::six_digits(&[&self.tid, &self.messages.to_string()])
    }

    pub(crate) fn way(&self) -> Option<Way> {
        self.person.as_ref().map(|person| person.way)
    }

    pub(crate) fn magic(&self) -> Option<Magic> {
        Magic::of(&self.person.as_ref()?.phone)
    }
}

/// Why a call was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such transaction, or it is at another step.
    NoSuch,
    /// Name, number and phone don't belong together.
    Person,
    /// The carrier is out of order.
    Carrier,
    /// Too young for what the merchant offers, told before anybody was asked.
    Age,
    /// A wrong password.
    Wrong,
    /// The person has not looked into the app yet.
    Waiting,
    /// No further message.
    Messages,
    /// Too late. It is over.
    Expired,
    /// Wrong too often. It is over.
    Tries,
    /// It was told before. It is over.
    Told,
    /// The person said no. It is over.
    Denied,
    /// Too young, told after the person had been asked. It is over.
    TooYoung,
}
