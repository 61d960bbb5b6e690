//! Every bound on what a caller may send, in one place.
//!
//! Lengths are in characters unless the name says bytes. They keep rows and index entries small
//! and leave room above everything that PGs and merchants really use; what a PG allows is less
//! and is checked by its connector.

/// A request's body, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// How much of a body over the limit is read and thrown away before the answer, in bytes: a
/// client that is still writing would otherwise see a broken connection instead of the 413.
pub(crate) const BODY_DRAINED_BYTES_MAX: usize = 32 * 1024 * 1024;
/// `Idempotency-Key`, shortest.
pub(crate) const IDEMPOTENCY_KEY_MIN: usize = 16;
/// `Idempotency-Key`, longest.
pub(crate) const IDEMPOTENCY_KEY_MAX: usize = 256;
/// Kept of the caller's user agent.
pub(crate) const USER_AGENT_MAX: usize = 512;
/// `paymentId` of a payment to be made.
pub(crate) const PAYMENT_ID_MAX: usize = 200;
/// Ids of ours and of customers: store, channel, billing key, webhook.
pub(crate) const ID_MAX: usize = 200;
/// `orderName`.
pub(crate) const ORDER_NAME_MAX: usize = 500;
/// `customData`, in bytes.
pub(crate) const CUSTOM_DATA_BYTES_MAX: usize = 16 * 1024;
/// `bypass` of a window, in bytes.
pub(crate) const BYPASS_BYTES_MAX: usize = 8 * 1024;
/// Items of each list of a window's wishes.
pub(crate) const WISHES_MAX: usize = 50;
/// Addresses in `noticeUrls`.
pub(crate) const NOTICE_URLS_MAX: usize = 10;
/// An address.
pub(crate) const URL_MAX: usize = 2_048;
/// Lines of an order.
pub(crate) const PRODUCTS_MAX: usize = 1_000;
/// Names and codes of a product.
pub(crate) const PRODUCT_TEXT_MAX: usize = 500;
/// What a customer must agree to, of a payment session.
pub(crate) const AGREEMENTS_MAX: usize = 50;
/// A colour of CSS, in bytes.
pub(crate) const COLOR_MAX: usize = 64;
/// Names of people and account holders.
pub(crate) const NAME_MAX: usize = 200;
/// E-mail addresses: the longest that mail servers take.
pub(crate) const EMAIL_MAX: usize = 320;
/// Digits of a phone number: E.164 has 15, extensions are longer.
pub(crate) const PHONE_DIGITS_MAX: usize = 20;
/// Digits of a phone, business, resident or cash-receipt card number.
pub(crate) const RECEIPT_DIGITS_MAX: usize = 20;
/// A line of an address.
pub(crate) const ADDRESS_LINE_MAX: usize = 500;
/// Short texts such as parts of a birth date or a postal code.
pub(crate) const SHORT_TEXT_MAX: usize = 50;
/// `reason` of a cancellation or deletion.
pub(crate) const REASON_MAX: usize = 1_000;
/// A carrier's number of a shipment.
pub(crate) const INVOICE_NUMBER_MAX: usize = 100;
/// Sales of other stores in one request.
pub(crate) const STORE_SALES_MAX: usize = 100;
/// A one-time password.
pub(crate) const OTP_MAX: usize = 20;
/// Account numbers.
pub(crate) const ACCOUNT_NUMBER_MAX: usize = 50;
/// The greatest amount: the greatest integer that JavaScript reads exactly.
pub(crate) const AMOUNT_MAX: i64 = (1 << 53) - 1;
/// Months of an instalment plan.
pub(crate) const INSTALLMENT_MONTHS_MAX: i32 = 60;
/// Hours for which a virtual account takes a deposit: ten years.
pub(crate) const VALID_HOURS_MAX: i32 = 24 * 366 * 10;
/// Items of a page.
pub(crate) const PAGE_SIZE_MAX: i32 = 1_000;
/// Items of a page where the caller does not say.
pub(crate) const PAGE_SIZE_DEFAULT: i32 = 10;
/// The last item of the deepest page.
pub(crate) const PAGE_END_MAX: i64 = 60_000;
/// Days that a list covers where the caller gives no `from`.
pub(crate) const LIST_DAYS: i64 = 90;
/// Values of one filter.
pub(crate) const FILTER_VALUES_MAX: usize = 200;
/// Words of a text search.
pub(crate) const SEARCH_TERMS_MAX: usize = 20;
/// A word of a text search.
pub(crate) const SEARCH_VALUE_MAX: usize = 500;
/// Days of a VAT report.
pub(crate) const VAT_REPORT_DAYS_MAX: i64 = 366;
