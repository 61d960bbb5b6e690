//! An amount that is registered before its payment.

use naru_domain::payment::PreRegistration;
use naru_domain::{Currency, PaymentId};
use naru_engine::records::PreRegistrationRecord;
use serde_json::{Value, json};

use crate::call::Call;
use crate::check::order;
use crate::money::major;
use crate::refused::Refused;

/// What a call registers.
pub(super) fn read(call: &Call) -> Result<PreRegistrationRecord, Refused> {
    let named = call.input.said(&["currency"]).is_some();
    let currency = order::currency(&call.input)?;
    let total = call.input.amount("amount", &currency)?;
    Ok(PreRegistrationRecord {
        store_id: call.store_id().clone(),
        payment_id: order::merchant_uid(&call.input)?,
        registered: PreRegistration {
            total: Some(total.ok_or_else(|| Refused::missing("amount"))?),
            tax_free: None,
            currency: named.then_some(currency),
        },
    })
}

/// As it is answered.
pub(super) fn shown(payment_id: &PaymentId, registered: &PreRegistration) -> Value {
    let won = Currency::krw();
    let currency = registered.currency.as_ref();
    json!({
        "merchant_uid": payment_id.as_str(),
        "amount": major(registered.total.unwrap_or(0), currency.unwrap_or(&won)),
        "currency": currency.map(Currency::as_str),
    })
}
