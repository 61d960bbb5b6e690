//! Every bound on what a caller of this face may send, in one place.
//!
//! Lengths are in characters unless the name says bytes.

/// A request's body, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Names nested in a form's key.
pub(crate) const FORM_DEPTH_MAX: usize = 8;
/// Fields of a form.
pub(crate) const FORM_FIELDS_MAX: usize = 10_000;
/// Kept of the caller's user agent.
pub(crate) const USER_AGENT_MAX: usize = 512;
/// `merchant_uid` of a payment to be made.
pub(crate) const MERCHANT_UID_MAX: usize = 40;
/// `customer_uid` of a billing key to be made.
pub(crate) const CUSTOMER_UID_MAX: usize = 80;
/// Ids in one lookup.
pub(crate) const IDS_MAX: usize = 100;
/// Texts of an order and of a customer.
pub(crate) const TEXT_MAX: usize = 500;
/// `custom_data`, in bytes.
pub(crate) const CUSTOM_DATA_BYTES_MAX: usize = 16 * 1024;
/// Addresses in `notice_url`.
pub(crate) const NOTICE_URLS_MAX: usize = 10;
/// An address.
pub(crate) const URL_MAX: usize = 2_048;
/// The greatest amount in minor units: the greatest integer that JavaScript reads exactly.
pub(crate) const AMOUNT_MAX: i64 = (1 << 53) - 1;
/// `card_quota`.
pub(crate) const CARD_QUOTA_MAX: i64 = 60;
/// Items on a page where the caller does not say.
pub(crate) const PAGE_SIZE: u32 = 20;
/// Items on a page.
pub(crate) const PAGE_SIZE_MAX: u32 = 1_000;
/// The deepest item that a page can begin with.
pub(crate) const ITEMS_DEEP_MAX: u32 = 60_000;
/// A list's window, in days.
pub(crate) const WINDOW_DAYS_MAX: i64 = 90;
/// The window of a list of schedules, in days: three months.
pub(crate) const SCHEDULE_WINDOW_DAYS_MAX: i64 = 93;
/// Payments that one call schedules: they are one unit.
pub(crate) const SCHEDULES_MAX: usize = 100;
/// How far the last day of a virtual account may lie ahead, in days: ten years.
pub(crate) const VBANK_DAYS_MAX: i64 = 3_650;
/// Digits of the number that names a buyer to the tax office.
pub(crate) const IDENTIFIER_MAX: usize = 20;
/// Stores of one call that tells what was sold where.
pub(crate) const PARTNER_SALES_MAX: usize = 100;
/// A one-time password, in bytes.
pub(crate) const OTP_MAX: usize = 20;
