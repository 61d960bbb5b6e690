//! The rules of the wire: from what a request says to a command of the engine.
//!
//! Each refusal is an `INVALID_REQUEST` whose message names the field as it stands on the wire and
//! says what was expected there; it never repeats a value, since some are card data (P8). Rules of
//! money are the domain's, rules of a PG its connector's. Invariant: no text that passes holds a
//! NUL, which no database takes.

mod analytics;
pub(crate) mod b2b;
mod billing_key;
mod billing_key_filter;
mod cancel;
mod card;
mod cash_receipt;
mod confirm;
mod customer;
mod escrow;
mod identity;
mod identity_filter;
mod list;
mod order;
mod pay;
mod payment_filter;
mod schedule;
mod session;
mod text;
mod vat_report;
mod virtual_account;

pub(crate) use analytics::{few, granularity, period};
pub(crate) use billing_key::{issue, pay_with_billing_key};
pub(crate) use billing_key_filter::billing_key_filter;
pub(crate) use cancel::cancel;
pub(crate) use cash_receipt::{cash_receipt_filter, issue_cash_receipt};
pub(crate) use confirm::confirm_payment;
pub(crate) use customer::{customer, phone_number};
pub(crate) use escrow::{shipment, shipment_change, store_sales};
pub(crate) use identity::{one_time_password, send_identity};
pub(crate) use identity_filter::identity_filter;
pub(crate) use list::{CursorInput, cursor_page, page, stores};
pub(crate) use order::{OrderInput, custom_data, order, positive};
pub(crate) use pay::{channel, pay_instantly, pre_registration};
pub(crate) use payment_filter::payment_filter;
pub(crate) use schedule::{revoke_schedules, schedule, schedule_filter};
pub(crate) use session::payment_session;
pub(crate) use text::{
    digits, identity_verification_id, notice_urls, optional, payment_id, required, time,
};
pub(crate) use vat_report::{VatReportInput, vat_report};

use naru_engine::Fault;

/// The refusal of a field.
pub(crate) fn bad(field: &str, expected: &str) -> Fault {
    Fault::invalid(format!("`{field}`: expected {expected}"))
}
