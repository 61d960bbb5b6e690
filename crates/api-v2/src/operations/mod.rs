//! One file for each operation, named after its id. A handler extracts, makes a command, calls
//! the engine and shows what came of it; it holds no rule of its own.

pub(crate) mod cancel_payment;
pub(crate) mod close_virtual_account;
pub(crate) mod delete_billing_key;
pub(crate) mod get_all_payment_events_by_cursor;
pub(crate) mod get_all_payments_by_cursor;
pub(crate) mod get_bank_infos;
pub(crate) mod get_billing_key_info;
pub(crate) mod get_billing_key_infos;
pub(crate) mod get_payment;
pub(crate) mod get_payment_transactions;
pub(crate) mod get_payments;
pub(crate) mod get_promotion;
pub(crate) mod issue_billing_key;
pub(crate) mod login_via_api_secret;
pub(crate) mod pay_instantly;
pub(crate) mod pay_with_billing_key;
pub(crate) mod pre_register_payment;
pub(crate) mod refresh_token;
pub(crate) mod resend_webhook;
