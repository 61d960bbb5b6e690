//! What is bought: the part that every kind of payment has in common.

use naru_domain::payment::{OrderDetails, Product};
use naru_domain::{Amount, AmountRefusal, Currency};
use naru_engine::Fault;
use naru_wire_v2::{self as wire, CustomerInput, PaymentAmountInput, PaymentProduct};

use super::bad;
use super::customer::customer;
use super::text::{notice_urls, optional, required, text};
use crate::limits::{
    AMOUNT_MAX, CUSTOM_DATA_BYTES_MAX, ID_MAX, ORDER_NAME_MAX, PRODUCT_TEXT_MAX, PRODUCTS_MAX,
    URL_MAX,
};

/// The fields of both kinds of payment that make an order.
pub(crate) struct OrderInput {
    pub(crate) name: String,
    pub(crate) amount: PaymentAmountInput,
    pub(crate) currency: wire::Currency,
    pub(crate) customer: Option<CustomerInput>,
    pub(crate) products: Option<Vec<PaymentProduct>>,
    pub(crate) product_count: Option<i32>,
    pub(crate) custom_data: Option<String>,
    pub(crate) country: Option<wire::Country>,
    pub(crate) notice_urls: Option<Vec<String>>,
    pub(crate) promotion_id: Option<String>,
    pub(crate) is_cultural_expense: Option<bool>,
    pub(crate) is_escrow: Option<bool>,
}

/// Checks an order. Amounts come last: what is wrong with the form is said first.
pub(crate) fn order(input: OrderInput) -> Result<OrderDetails, Fault> {
    if input.product_count.is_some_and(|count| count < 0) {
        return Err(bad("productCount", "a number that is not negative"));
    }
    Ok(OrderDetails {
        name: required("orderName", input.name, ORDER_NAME_MAX)?,
        currency: Currency::new(input.currency.as_str()),
        customer: customer(input.customer)?,
        products: products(input.products)?,
        product_count: input.product_count,
        custom_data: custom_data(input.custom_data)?,
        country: input.country.map(|country| country.as_str().to_owned()),
        notice_urls: notice_urls(input.notice_urls)?,
        is_cultural_expense: input.is_cultural_expense.unwrap_or(false),
        is_escrow: input.is_escrow.unwrap_or(false),
        promotion_id: optional("promotionId", input.promotion_id, ID_MAX)?,
        amount: amount(&input.amount)?,
    })
}

/// An amount and its parts.
pub(super) fn amount(input: &PaymentAmountInput) -> Result<Amount, Fault> {
    for (field, value) in [
        ("amount.total", Some(input.total)),
        ("amount.taxFree", input.tax_free),
        ("amount.vat", input.vat),
    ] {
        in_range(field, value)?;
    }
    // Whether the parts fit into it is said after the payment's state.
    Amount::asked(input.total, input.tax_free, input.vat).map_err(|refusal| match refusal {
        AmountRefusal::OutOfRange(field) if field == "amount.total" => positive_expected(field),
        AmountRefusal::OutOfRange(field) => not_negative_expected(field),
        AmountRefusal::PartsExceedTotal => Fault::SumOfPartsExceedsTotalAmount,
    })
}

fn in_range(field: &str, value: Option<i64>) -> Result<(), Fault> {
    if value.is_some_and(|value| value > AMOUNT_MAX) {
        return Err(bad(field, &format!("an amount of at most {AMOUNT_MAX}")));
    }
    Ok(())
}

fn positive_expected(field: &str) -> Fault {
    bad(field, "an amount of more than zero")
}

fn not_negative_expected(field: &str) -> Fault {
    bad(field, "an amount that is not negative")
}

/// An amount that moves money.
pub(crate) fn positive(field: &str, value: Option<i64>) -> Result<Option<i64>, Fault> {
    in_range(field, value)?;
    if value.is_some_and(|value| value <= 0) {
        return Err(positive_expected(field));
    }
    Ok(value)
}

/// A part of an amount.
pub(super) fn not_negative(field: &str, value: Option<i64>) -> Result<Option<i64>, Fault> {
    in_range(field, value)?;
    if value.is_some_and(|value| value < 0) {
        return Err(not_negative_expected(field));
    }
    Ok(value)
}

/// The merchant's own text: opaque, and never an id, so only its size counts.
pub(crate) fn custom_data(value: Option<String>) -> Result<Option<String>, Fault> {
    match value {
        Some(value) if value.len() > CUSTOM_DATA_BYTES_MAX || value.contains('\0') => Err(bad(
            "customData",
            &format!("at most {CUSTOM_DATA_BYTES_MAX} bytes without NUL"),
        )),
        value => Ok(value.filter(|value| !value.is_empty())),
    }
}

pub(super) fn products(input: Option<Vec<PaymentProduct>>) -> Result<Vec<Product>, Fault> {
    let input = input.unwrap_or_default();
    if input.len() > PRODUCTS_MAX {
        return Err(bad("products", &format!("at most {PRODUCTS_MAX} items")));
    }
    input
        .into_iter()
        .enumerate()
        .map(|(index, one)| product(index, one))
        .collect()
}

fn product(index: usize, input: PaymentProduct) -> Result<Product, Fault> {
    let field = |name: &str| format!("products[{index}].{name}");
    not_negative(&field("amount"), Some(input.amount))?;
    if input.quantity < 1 {
        return Err(bad(&field("quantity"), "a number of at least 1"));
    }
    Ok(Product {
        id: text(&field("id"), input.id, PRODUCT_TEXT_MAX)?,
        name: text(&field("name"), input.name, PRODUCT_TEXT_MAX)?,
        tag: optional(&field("tag"), input.tag, PRODUCT_TEXT_MAX)?,
        code: optional(&field("code"), input.code, PRODUCT_TEXT_MAX)?,
        link: optional(&field("link"), input.link, URL_MAX)?,
        amount: input.amount,
        quantity: input.quantity,
    })
}
