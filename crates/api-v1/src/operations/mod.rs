//! One file for each operation, named after its id.

pub(crate) mod again;
pub(crate) mod all_bank_codes;
pub(crate) mod all_card_codes;
pub(crate) mod balance_by_imp_uid;
pub(crate) mod bank_codes;
pub(crate) mod cancel_payment;
pub(crate) mod card_codes;
pub(crate) mod customer_delete;
pub(crate) mod customer_payments;
pub(crate) mod customer_save;
pub(crate) mod customer_view;
pub(crate) mod customer_view_multiple;
pub(crate) mod edit_prepare_payment;
pub(crate) mod get_all_payments_by_merchant_uid;
pub(crate) mod get_payment_by_imp_uid;
pub(crate) mod get_payment_by_merchant_uid;
pub(crate) mod get_payment_list_by_imp_uid;
pub(crate) mod get_payment_prepare_by_merchant_uid;
pub(crate) mod get_payments_by_status;
pub(crate) mod get_pg_setting_list;
pub(crate) mod get_tier;
pub(crate) mod get_token;
mod lookup;
pub(crate) mod onetime;
mod paid;
pub(crate) mod prepare_payment;
mod prepared;
