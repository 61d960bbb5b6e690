//! Identity verification: asking a PG who holds a phone.
//!
//! No money moves. A message or a push goes to the phone; what the person does with it is told by
//! the confirmation. Where the PG asks in a window of its own, the window is prepared, the browser
//! brings back what the PG gave it, and the PG tells who it was. One-time passwords and identity
//! numbers live in memory only (P8). Invariant: a refusal that leaves the request open is
//! [`IdentityOutcome::StillOpen`]; a final one is `Outcome::Declined`.

use std::fmt;

use naru_domain::identity::IdentityMethod;

use crate::{Decline, Device, OperationKind, Secret};

/// A step of an identity verification.
#[derive(Debug, Clone)]
pub enum IdentityOperation {
    /// Ask.
    Send(SendIdentity),
    /// Find out.
    Confirm(ConfirmIdentity),
    /// Send the message again.
    Resend(ResendIdentity),
    /// Tell the PG of a window that will be opened, where it wants to know. The outcome is
    /// [`IdentityOutcome::Sent`], with an empty id where the PG has none yet.
    Prepare(OpenIdentityWindow),
    /// Find out whom a window has identified.
    Finish(ReturnedIdentityWindow),
}

impl IdentityOperation {
    /// Its kind.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Send(_) => OperationKind::SendIdentity,
            Self::Confirm(_) => OperationKind::ConfirmIdentity,
            Self::Resend(_) => OperationKind::ResendIdentity,
            Self::Prepare(_) | Self::Finish(_) => OperationKind::OpenIdentityWindow,
        }
    }
}

/// Who is to be identified, as the merchant says.
#[derive(Clone)]
pub struct IdentityPerson {
    /// The merchant's own id for them.
    pub id: Option<String>,
    /// Full name.
    pub name: String,
    /// Digits only.
    pub phone_number: String,
    /// Birth date and sex digit, seven digits: always there for a message.
    pub identity_number: Option<Secret>,
}

impl fmt::Debug for IdentityPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityPerson(…)")
    }
}

/// Ask.
#[derive(Debug, Clone)]
pub struct SendIdentity {
    /// The order id that the PG sees: 32 hex digits, never reused.
    pub order_id: String,
    /// Who.
    pub person: IdentityPerson,
    /// The contract's code of the phone's carrier, such as `SKT_MVNO`.
    pub carrier: String,
    /// By message or by app.
    pub method: IdentityMethod,
    /// The customer's address on the network.
    pub ip_address: String,
    /// The PG's own extra parameters, as the merchant sent them: an object, or null.
    pub bypass: serde_json::Value,
}

/// Find out.
#[derive(Debug, Clone)]
pub struct ConfirmIdentity {
    /// The order id of the request.
    pub order_id: String,
    /// The PG's id of the request.
    pub pg_tx_id: String,
    /// By message or by app.
    pub method: IdentityMethod,
    /// What the person typed in: always there for a message.
    pub otp: Option<Secret>,
}

/// Send the message again.
#[derive(Debug, Clone)]
pub struct ResendIdentity {
    /// The order id of the request.
    pub order_id: String,
    /// The PG's id of the request.
    pub pg_tx_id: String,
}

/// A window in which a PG asks a person.
#[derive(Debug, Clone)]
pub struct OpenIdentityWindow {
    /// The order id that the PG sees: 32 hex digits, never reused.
    pub order_id: String,
    /// Whom the merchant expects.
    pub person: ExpectedPerson,
    /// In which kind of browser.
    pub device: Device,
    /// The PG's own extra parameters, as the merchant's page gave them: an object, or null.
    pub bypass: serde_json::Value,
    /// Where the browser brings the result, and where it goes if the person gives up.
    pub return_url: String,
}

/// Whom a merchant expects: what it knows, which may be nothing.
#[derive(Clone, Default)]
pub struct ExpectedPerson {
    /// The merchant's own id for them.
    pub id: Option<String>,
    /// Full name.
    pub name: Option<String>,
    /// Digits only.
    pub phone_number: Option<String>,
    /// `yyyyMMdd`.
    pub birth_date: Option<String>,
    /// The contract's code of the carrier.
    pub carrier: Option<String>,
}

impl fmt::Debug for ExpectedPerson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExpectedPerson(…)")
    }
}

/// A window whose browser came back.
#[derive(Debug, Clone)]
pub struct ReturnedIdentityWindow {
    /// The window, as it was opened.
    pub window: OpenIdentityWindow,
    /// The PG's id of the request; empty where it had none yet.
    pub pg_tx_id: String,
    /// What the browser brought back, as `Returned::Authenticated` gave it.
    pub authentication: Secret,
}

/// What became of a step.
#[derive(Debug, Clone)]
pub enum IdentityOutcome {
    /// The PG has sent the message, or told the app.
    Sent {
        /// The PG's id of the request.
        pg_tx_id: String,
    },
    /// The PG knows who it is.
    Verified(Box<VerifiedIdentity>),
    /// The PG refused this step; the request goes on: a wrong password, an app that waits.
    StillOpen(Decline),
}

/// A person that a PG has identified.
#[derive(Clone)]
pub struct VerifiedIdentity {
    /// The PG's id of the request, where it gives it now.
    pub pg_tx_id: Option<String>,
    /// Full name.
    pub name: String,
    /// `yyyy-MM-dd`.
    pub birth_date: String,
    /// MALE or FEMALE, where the PG says it.
    pub gender: Option<String>,
    /// Digits only, where the PG says it.
    pub phone_number: Option<String>,
    /// The contract's code of the carrier, where the PG says it.
    pub carrier: Option<String>,
    /// Where the PG says it.
    pub is_foreigner: Option<bool>,
    /// What identifies the person everywhere.
    pub ci: Option<Secret>,
    /// What identifies the person at this merchant.
    pub di: Option<Secret>,
    /// The PG's answer as text.
    pub raw: Secret,
}

impl fmt::Debug for VerifiedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedIdentity(…)")
    }
}
