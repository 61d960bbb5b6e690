//! A PG's payment window: the customer authenticates there, in their browser, and the browser
//! brings back what a server needs to have the PG approve it. Until then no money moves.

use naru_domain::{Currency, MethodKind, Timestamp, WindowWishes};

use crate::{Decline, Order, Secret};

/// Kinds of browser: PGs have a window for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// On a computer.
    Pc,
    /// On a phone.
    Mobile,
}

/// A window to be opened.
#[derive(Debug, Clone)]
pub struct OpenWindow {
    /// What is bought.
    pub order: Order,
    /// How it is to be paid.
    pub method: MethodKind,
    /// Whether a billing key is to be issued.
    pub key_issue: KeyIssue,
    /// In which kind of browser.
    pub device: Device,
    /// Until when a deposit is taken, where it is paid by virtual account.
    pub account_expires_at: Option<Timestamp>,
    /// Whether it stands in a frame of the merchant's page, which must not be left.
    pub is_framed: bool,
    /// What the merchant's page wishes.
    pub wishes: WindowWishes,
    /// Where the browser brings the result.
    pub return_url: String,
    /// Where the browser goes if the customer closes the window.
    pub close_url: String,
    /// Where the PG's server tells of what happens later, such as a deposit.
    pub notice_url: String,
}

/// Whether a window issues a billing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyIssue {
    /// It takes money only.
    None,
    /// Instead of taking money: the price is only shown.
    Instead,
    /// With the money that it takes.
    WithPayment,
}

/// A window in which a customer decides on the goods of an escrow payment.
#[derive(Debug, Clone)]
pub struct OpenEscrowWindow {
    /// The PG's id of the payment.
    pub pg_tx_id: String,
    /// In which currency it was paid.
    pub currency: Currency,
    /// In which kind of browser.
    pub device: Device,
    /// Where the browser goes once the customer has decided.
    pub return_url: String,
    /// Where it goes if the customer closes the window.
    pub close_url: String,
}

/// What a page sends to the PG to open its window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowForm {
    /// The PG's script that opens the window from the form, if it has one; else the form goes to
    /// `action`.
    pub script: Option<String>,
    /// The script that takes the window away, for the page at [`OpenWindow::close_url`].
    pub close_script: Option<String>,
    /// Where the form goes.
    pub action: Option<String>,
    /// In which encoding it is sent.
    pub charset: &'static str,
    /// The fields: nothing in them is secret.
    pub fields: Vec<(&'static str, String)>,
}

/// What a browser brings back from a window.
#[derive(Debug, Clone)]
pub enum Returned {
    /// The customer has authenticated.
    Authenticated {
        /// The order id, where the PG says it.
        order_id: Option<String>,
        /// What an approval, and undoing it, have to say: only the connector reads it.
        authentication: Secret,
    },
    /// The customer has not, or the PG refused.
    Refused(Decline),
}

/// What a server asks about a window whose customer has authenticated: to take the money, or to
/// undo that whether or not it happened.
#[derive(Debug, Clone)]
pub struct AuthenticatedWindow {
    /// What is bought.
    pub order: Order,
    /// How it is paid.
    pub method: MethodKind,
    /// The easy-pay provider that the window was opened for.
    pub easy_pay_provider: Option<String>,
    /// Whether a billing key is issued.
    pub key_issue: KeyIssue,
    /// What the browser brought back, as [`Returned::Authenticated`] gave it.
    pub authentication: Secret,
}
