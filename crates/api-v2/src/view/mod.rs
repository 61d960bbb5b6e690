//! From domain values to wire types: the only place that knows both.
//!
//! What a PG did not say is left out, never guessed and never null. An enum text that the
//! contract does not know is left out where the field may be missing; where it must be there, the
//! store holds something that the edge should have refused, and that is an internal error.

mod analytics;
mod attempt;
pub(crate) mod b2b;
mod bank;
mod billing_key;
mod cancellation;
mod cash_receipt;
mod channel;
mod customer;
mod escrow;
mod event;
mod identity;
mod method;
mod payment;
mod promotion;
mod schedule;
mod session;
mod vat_report;
mod webhook;

pub(crate) use analytics::{
    averages, client_type, fraction, insight, method_type, pg_company, series, slot, status,
    statuses,
};
pub use bank::bank_name;
pub(crate) use bank::banks;
pub(crate) use billing_key::billing_key;
pub(crate) use cancellation::cancellation;
pub(crate) use cash_receipt::{cash_receipt, receipt_cancelled, receipt_summary};
pub(crate) use channel::{channel, channel_failure};
pub(crate) use event::payment_event;
pub(crate) use identity::{identity, verified_identity};
pub(crate) use payment::{payment, transactions};
pub(crate) use promotion::promotion;
pub(crate) use schedule::{revoked, schedule};
pub(crate) use session::payment_session;
pub(crate) use vat_report::{VatReportParts, vat_report};
pub(crate) use webhook::webhook;

use naru_domain::Timestamp;
use naru_engine::Fault;
use naru_engine::list::Page;
use naru_wire_v2::PageInfo;

/// A moment without its fraction, as the contract shows when money moved and statuses changed.
pub(crate) fn whole_seconds(at: Timestamp) -> String {
    at.whole_seconds().to_string()
}

/// A page and how many items match.
pub(crate) fn page(page: Page, total_count: u32) -> PageInfo {
    let int = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    PageInfo {
        number: int(page.number),
        size: int(page.size),
        total_count: int(total_count),
    }
}

/// A text that must be one of the contract's.
fn known<T>(what: &str, found: Option<T>) -> Result<T, Fault> {
    found.ok_or_else(|| Fault::internal(format!("the stored {what} is not in the contract")))
}
