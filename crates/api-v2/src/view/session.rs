//! Payment sessions.

use naru_domain::checkout::{PaymentSession, SessionAgreement, SessionProduct};
use naru_engine::Fault;
use naru_wire_v2 as wire;

use super::known;

/// A session as its reader sees it.
pub(crate) fn payment_session(from: &PaymentSession) -> Result<wire::PaymentSession, Fault> {
    let products: Vec<_> = from.products.iter().map(product).collect();
    let agreements: Vec<_> = from.agreements.iter().map(agreement).collect();
    let method = from.payment_method.as_deref();
    let currency = wire::Currency::parse(from.currency.as_str());
    Ok(wire::PaymentSession {
        agreements: Some(agreements).filter(|list| !list.is_empty()),
        colors: from
            .colors
            .clone()
            .map(|[primary, hover, light]| wire::PaymentSessionColors {
                primary,
                primary_hover: hover,
                primary_light: light,
            }),
        country: known("country", wire::Country::parse(&from.country))?,
        created_at: from.created_at.to_string(),
        currency: known("currency", currency)?,
        custom_data: from.custom_data.clone(),
        customer_email: from.customer_email.clone(),
        customer_name: from.customer_name.clone(),
        expires_at: from.expires_at.to_string(),
        id: from.id.clone(),
        order_image_url: from.order_image_url.clone(),
        order_name: from.order_name.clone(),
        payment_id: from.payment_id.to_string(),
        payment_method: method.and_then(wire::CheckoutPaymentMethod::parse),
        products: Some(products).filter(|list| !list.is_empty()),
        profile_key: from.profile_key.clone(),
        redirect_url: from.redirect_url.clone(),
        store_id: from.store_id.to_string(),
        store_name: from.store_name.clone(),
        total_amount: from.total_amount,
    })
}

fn product(from: &SessionProduct) -> wire::PaymentSessionProduct {
    wire::PaymentSessionProduct {
        code: from.code.clone(),
        end_date: from.end_date.clone(),
        id: from.id.clone(),
        n_pay_category_id: from.n_pay_category_id.clone(),
        n_pay_category_type: from.n_pay_category_type.clone(),
        n_pay_uid: from.n_pay_uid.clone(),
        name: from.name.clone(),
        quantity: from.quantity,
        start_date: from.start_date.clone(),
        unit_price: from.unit_price,
        url: from.url.clone(),
    }
}

fn agreement(from: &SessionAgreement) -> wire::PaymentSessionAgreement {
    wire::PaymentSessionAgreement {
        name: from.name.clone(),
        url: from.url.clone(),
    }
}
