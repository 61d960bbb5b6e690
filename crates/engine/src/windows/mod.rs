//! Payment windows: an attempt that begins in the customer's browser.
//!
//! Opening a window asks the PG for nothing: the attempt is `Ready`. The browser brings back what
//! the customer authenticated, which is kept sealed; then nobody, the merchant by a call, or the
//! merchant's server is asked whether the money may be taken. From there on it is an attempt like
//! any other: intent, PG, result (`payments`), and what the process does not live to see is found
//! out. Where the PG can't be asked by order id, an approval whose answer was lost is undone
//! (`net`). Invariant: what was authenticated is forgotten in the commit that ends the attempt.

mod approve;
mod ask;
mod back;
mod confirm;
mod escrow;
mod issue_and_pay;
mod key;
mod net;
mod open;
mod page;
mod token;

pub use back::{Back, WindowEnd};
pub use confirm::ConfirmPayment;
pub use escrow::EscrowPage;
pub use issue_and_pay::ConfirmIssueAndPay;
pub use key::{ConfirmKey, KeyBack, KeyEnd, OpenKeyWindow};
pub use open::{OpenPaymentWindow, OpenedWindow};
pub use page::{WindowPage, WindowState, WindowSubject};

use naru_connector::{Device, KeyIssue};
use naru_domain::AttemptId;
use naru_domain::payment::{Failure, Origin, Platform, Window};

/// Where what a customer authenticated is sealed to.
fn place(attempt: AttemptId) -> String {
    format!("authentication:{attempt}")
}

/// In which kind of browser a window was opened.
pub(crate) const fn device_of(origin: &Origin) -> Device {
    match origin.platform {
        Platform::Mobile => Device::Mobile,
        Platform::Pc | Platform::Api => Device::Pc,
    }
}

/// The same, as an attempt remembers it.
pub(crate) const fn platform_of(device: Device) -> Platform {
    match device {
        Device::Pc => Platform::Pc,
        Device::Mobile => Platform::Mobile,
    }
}

/// Whether the window of a payment issues a billing key besides.
fn key_issue_of(window: Option<&Window>) -> KeyIssue {
    match window {
        Some(window) if window.issues_key => KeyIssue::WithPayment,
        Some(_) | None => KeyIssue::None,
    }
}

/// Why a window ended whose customer left. Shops look for the word in the PGs' own messages.
fn left() -> Failure {
    Failure::own(Failure::WINDOW_LEFT, "사용자가 결제를 취소하였습니다")
}
