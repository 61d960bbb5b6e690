//! Confirmations of what a customer authenticated in a window.

use naru_domain::Currency;
use naru_engine::Fault;
use naru_engine::windows::ConfirmPayment;
use naru_wire_v2::ConfirmPaymentBody;

use super::order::not_negative;

/// A confirmation. What is to be compared is compared as it is: a token, an id or an amount that
/// can be nobody's is no mistake of form.
pub(crate) fn confirm_payment(body: ConfirmPaymentBody) -> Result<ConfirmPayment, Fault> {
    Ok(ConfirmPayment {
        payment_token: body.payment_token,
        tx_id: body.tx_id,
        currency: body.currency.map(|one| Currency::new(one.as_str())),
        total: not_negative("totalAmount", body.total_amount)?,
        tax_free: not_negative("taxFreeAmount", body.tax_free_amount)?,
        is_test: body.is_test,
        skip_webhook: body.skip_webhook.unwrap_or(false),
    })
}
