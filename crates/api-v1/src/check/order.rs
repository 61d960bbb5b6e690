//! What is bought, and who buys.

use naru_domain::payment::OrderDetails;
use naru_domain::{Address, Amount, AmountRefusal, BillingKeyId, Currency, Customer, PaymentId};
use serde_json::Value;

use crate::extract::Input;
use crate::limits::{
    CUSTOM_DATA_BYTES_MAX, CUSTOMER_UID_MAX, MERCHANT_UID_MAX, NOTICE_URLS_MAX, TEXT_MAX, URL_MAX,
};
use crate::messages;
use crate::refused::Refused;

/// The `merchant_uid` of a payment to be made.
pub(crate) fn merchant_uid(input: &Input) -> Result<PaymentId, Refused> {
    let text = input.required("merchant_uid")?;
    id("merchant_uid", text, MERCHANT_UID_MAX).map(PaymentId::new)
}

/// The same, where it stands in the path.
pub(crate) fn merchant_uid_in_path(text: &str) -> Result<PaymentId, Refused> {
    id("merchant_uid", text.to_owned(), MERCHANT_UID_MAX).map(PaymentId::new)
}

/// The `customer_uid` of a billing key to be made.
pub(crate) fn customer_uid(text: &str) -> Result<BillingKeyId, Refused> {
    id("customer_uid", text.to_owned(), CUSTOMER_UID_MAX).map(BillingKeyId::new)
}

fn id(field: &str, text: String, chars_max: usize) -> Result<String, Refused> {
    let length = text.chars().take(chars_max + 1).count();
    if !(1..=chars_max).contains(&length) || text.chars().any(char::is_control) {
        let expected = format!("제어문자를 제외한 {chars_max}자 이내");
        return Err(Refused::malformed(field, &expected));
    }
    Ok(text)
}

/// The currency, won where none is named.
pub(crate) fn currency(input: &Input) -> Result<Currency, Refused> {
    let Some(text) = input.said(&["currency"]) else {
        return Ok(Currency::krw());
    };
    let code = text.trim().to_ascii_uppercase();
    if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(Currency::new(code));
    }
    Err(Refused::malformed("currency", "3자리 통화코드"))
}

/// An order. A buyer that the call does not describe is the one the card was registered for.
pub(crate) fn order(input: &Input, registered: Option<&Customer>) -> Result<OrderDetails, Refused> {
    let currency = currency(input)?;
    let product_count = input.int("product_count")?;
    Ok(OrderDetails {
        name: text(input, "name")?
            .filter(|name| !name.trim().is_empty())
            .unwrap_or_else(|| messages::ORDER_NAME.to_owned()),
        amount: amount(input, &currency)?,
        customer: customer(input, "buyer", registered)?,
        products: Vec::new(),
        product_count: product_count.and_then(|count| i32::try_from(count).ok()),
        custom_data: custom_data(input)?,
        country: None,
        notice_urls: notice_urls(input)?,
        is_cultural_expense: false,
        is_escrow: false,
        promotion_id: input.said(&["promotion_id", "promotionId"]),
        currency,
    })
}

fn amount(input: &Input, currency: &Currency) -> Result<Amount, Refused> {
    let total = input
        .amount("amount", currency)?
        .ok_or_else(|| Refused::missing("amount"))?;
    let tax_free = input.amount("tax_free", currency)?;
    let vat = match input.amount("vat_amount", currency)? {
        Some(vat) => Some(vat),
        None => input.amount("vat", currency)?,
    };
    Amount::asked(total, tax_free, vat).map_err(|refusal| match refusal {
        AmountRefusal::OutOfRange(_) => Refused::malformed("amount", "0보다 큰 금액"),
        AmountRefusal::PartsExceedTotal => {
            Refused::malformed("tax_free", "amount를 넘지 않는 금액")
        }
    })
}

/// A customer, by fields that begin with `buyer` or `customer`.
pub(crate) fn customer(
    input: &Input,
    prefix: &str,
    registered: Option<&Customer>,
) -> Result<Customer, Refused> {
    let field = |name: &str| text(input, &format!("{prefix}_{name}"));
    let nobody = Customer::default();
    let known = registered.unwrap_or(&nobody);
    let address = field("addr")?.map(|line1| Address {
        line1,
        line2: String::new(),
        city: None,
        province: None,
        country: None,
    });
    Ok(Customer {
        id: text(input, "customer_id")?.or_else(|| known.id.clone()),
        name: field("name")?.or_else(|| known.name.clone()),
        email: field("email")?.or_else(|| known.email.clone()),
        phone_number: field("tel")?.or_else(|| known.phone_number.clone()),
        address: address.or_else(|| known.address.clone()),
        zipcode: field("postcode")?.or_else(|| known.zipcode.clone()),
        ..Customer::default()
    })
}

fn text(input: &Input, field: &str) -> Result<Option<String>, Refused> {
    let Some(text) = input.text(field) else {
        return Ok(None);
    };
    if text.chars().take(TEXT_MAX + 1).count() > TEXT_MAX {
        return Err(Refused::malformed(field, &format!("{TEXT_MAX}자 이내")));
    }
    Ok(Some(text))
}

/// The merchant's own text; an object is kept, and answered, as the text that it is in JSON.
pub(crate) fn custom_data(input: &Input) -> Result<Option<String>, Refused> {
    let text = match input.value("custom_data") {
        Some(value @ (Value::Object(_) | Value::Array(_))) => Some(value.to_string()),
        Some(_) | None => input.text("custom_data"),
    };
    if text
        .as_ref()
        .is_some_and(|text| text.len() > CUSTOM_DATA_BYTES_MAX)
    {
        let expected = format!("{CUSTOM_DATA_BYTES_MAX}바이트 이내");
        return Err(Refused::malformed("custom_data", &expected));
    }
    Ok(text)
}

/// Addresses that are told in place of the store's.
pub(crate) fn notice_urls(input: &Input) -> Result<Vec<String>, Refused> {
    let urls = input.list("notice_url");
    let is_url = |url: &String| {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        is_web && url.len() <= URL_MAX && !url.contains(char::is_whitespace)
    };
    if urls.len() > NOTICE_URLS_MAX || !urls.iter().all(is_url) {
        let expected = format!("http(s) URL {NOTICE_URLS_MAX}개 이내");
        return Err(Refused::malformed("notice_url", &expected));
    }
    Ok(urls)
}
