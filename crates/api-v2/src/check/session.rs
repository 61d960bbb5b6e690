//! Payment sessions.
//!
//! What is said here is shown to customers on a page, so addresses are addresses and colours are
//! colours.

use naru_domain::checkout::{PaymentSession, SessionAgreement, SessionProduct};
use naru_domain::{Currency, StoreId, Timestamp};
use naru_engine::{Fault, NewPaymentSession};
use naru_wire_v2 as wire;

use super::bad;
use super::order::{custom_data, not_negative, positive};
use super::text::{is_url, optional, payment_id, required};
use crate::limits::{
    AGREEMENTS_MAX, COLOR_MAX, EMAIL_MAX, ID_MAX, NAME_MAX, ORDER_NAME_MAX, PRODUCT_TEXT_MAX,
    PRODUCTS_MAX, URL_MAX,
};

/// A session asked for.
pub(crate) fn payment_session(
    body: wire::CreatePaymentSessionBody,
) -> Result<NewPaymentSession, Fault> {
    if body.ttl_seconds.is_some_and(|ttl| ttl <= 0) {
        return Err(bad("ttlSeconds", "a number of more than zero"));
    }
    positive("totalAmount", Some(body.total_amount))?;
    let session = PaymentSession {
        // The engine's.
        id: String::new(),
        created_at: Timestamp::default(),
        expires_at: Timestamp::default(),
        closed_at: None,
        store_id: StoreId::new(body.store_id),
        payment_id: payment_id(&body.payment_id)?,
        profile_key: required("profileKey", body.profile_key, ID_MAX)?,
        payment_method: body.payment_method.map(|one| one.as_str().to_owned()),
        country: body.country.as_str().to_owned(),
        currency: Currency::new(body.currency.as_str()),
        total_amount: body.total_amount,
        order_name: required("orderName", body.order_name, ORDER_NAME_MAX)?,
        redirect_url: url("redirectUrl", body.redirect_url)?,
        products: products(body.products.unwrap_or_default())?,
        customer_name: optional("customerName", body.customer_name, NAME_MAX)?,
        customer_email: optional("customerEmail", body.customer_email, EMAIL_MAX)?,
        store_name: optional("storeName", body.store_name, NAME_MAX)?,
        agreements: agreements(body.agreements.unwrap_or_default())?,
        order_image_url: url("orderImageUrl", body.order_image_url)?,
        custom_data: custom_data(body.custom_data)?,
        colors: body.colors.map(colors).transpose()?,
    };
    Ok(NewPaymentSession {
        session,
        ttl_s: body.ttl_seconds,
    })
}

fn url(field: &str, value: Option<String>) -> Result<Option<String>, Fault> {
    let value = optional(field, value, URL_MAX)?;
    match value {
        Some(value) if !is_url(&value) => Err(bad(field, "an http or https address")),
        value => Ok(value),
    }
}

fn products(input: Vec<wire::PaymentSessionProduct>) -> Result<Vec<SessionProduct>, Fault> {
    if input.len() > PRODUCTS_MAX {
        return Err(bad("products", &format!("at most {PRODUCTS_MAX} items")));
    }
    input
        .into_iter()
        .enumerate()
        .map(|(index, one)| product(index, one))
        .collect()
}

fn product(index: usize, input: wire::PaymentSessionProduct) -> Result<SessionProduct, Fault> {
    let field = |name: &str| format!("products[{index}].{name}");
    let text = |name: &str, value| optional(&field(name), value, PRODUCT_TEXT_MAX);
    not_negative(&field("unitPrice"), Some(input.unit_price))?;
    if input.quantity < 1 {
        return Err(bad(&field("quantity"), "a number of at least 1"));
    }
    Ok(SessionProduct {
        id: text("id", input.id)?,
        name: required(&field("name"), input.name, PRODUCT_TEXT_MAX)?,
        code: text("code", input.code)?,
        unit_price: input.unit_price,
        quantity: input.quantity,
        start_date: date(&field("startDate"), input.start_date)?,
        end_date: date(&field("endDate"), input.end_date)?,
        url: url(&field("url"), input.url)?,
        n_pay_category_type: text("nPayCategoryType", input.n_pay_category_type)?,
        n_pay_category_id: text("nPayCategoryId", input.n_pay_category_id)?,
        n_pay_uid: text("nPayUid", input.n_pay_uid)?,
    })
}

fn date(field: &str, value: Option<String>) -> Result<Option<String>, Fault> {
    let is_day = |text: &String| {
        text.len() == 10 && format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok()
    };
    match value.filter(|text| !text.is_empty()) {
        Some(text) if !is_day(&text) => Err(bad(field, "a day as `YYYY-MM-DD`")),
        value => Ok(value),
    }
}

fn agreements(input: Vec<wire::PaymentSessionAgreement>) -> Result<Vec<SessionAgreement>, Fault> {
    if input.len() > AGREEMENTS_MAX {
        return Err(bad(
            "agreements",
            &format!("at most {AGREEMENTS_MAX} items"),
        ));
    }
    let one = |(index, one): (usize, wire::PaymentSessionAgreement)| {
        let field = |name: &str| format!("agreements[{index}].{name}");
        let url = url(&field("url"), Some(one.url))?;
        Ok(SessionAgreement {
            name: required(&field("name"), one.name, PRODUCT_TEXT_MAX)?,
            url: url.ok_or_else(|| bad(&field("url"), "an http or https address"))?,
        })
    };
    input.into_iter().enumerate().map(one).collect()
}

fn colors(input: wire::PaymentSessionColors) -> Result<[Option<String>; 3], Fault> {
    Ok([
        color("colors.primary", input.primary)?,
        color("colors.primaryHover", input.primary_hover)?,
        color("colors.primaryLight", input.primary_light)?,
    ])
}

/// A colour as CSS writes one: a name, a hash, or a function of numbers. Nothing that could end a
/// declaration or name an address.
fn color(field: &str, value: Option<String>) -> Result<Option<String>, Fault> {
    let is_color = |text: &String| {
        let starts = text.starts_with(|c: char| c == '#' || c.is_ascii_alphabetic());
        let is_part = |c: char| c.is_ascii_alphanumeric() || "#(),.% -/".contains(c);
        starts
            && text.len() <= COLOR_MAX
            && text.chars().all(is_part)
            && !text.contains("/*")
            && !text.to_ascii_lowercase().starts_with("url")
    };
    match value.filter(|text| !text.is_empty()) {
        Some(text) if !is_color(&text) => Err(bad(field, "a colour of CSS, such as `#0b6e5a`")),
        value => Ok(value),
    }
}
