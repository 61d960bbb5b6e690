//! Both spellings of the SDK's enums: packages before 0.1.0 put the enum's name before each value.

use naru_wire_v2 as wire;
use serde_json::Value;

/// A field with the prefix of its enum, and whether a text is one of its values without it. A
/// prefix must not be taken off blindly: `BANK_OF_KOREA` is a value.
type Field = (&'static str, &'static str, fn(&str) -> bool);

const FIELDS: [Field; 13] = [
    ("currency", "CURRENCY_", |text| {
        wire::Currency::parse(text).is_some()
    }),
    ("country", "COUNTRY_", |text| {
        wire::Country::parse(text).is_some()
    }),
    ("gender", "GENDER_", |text| {
        wire::Gender::parse(text).is_some()
    }),
    ("easyPayProvider", "EASY_PAY_PROVIDER_", never),
    ("bankCode", "BANK_", |text| text == "BANK_OF_KOREA"),
    ("availableBanks", "BANK_", |text| text == "BANK_OF_KOREA"),
    ("cardCompany", "CARD_COMPANY_", never),
    ("availableCards", "CARD_COMPANY_", never),
    ("carrier", "CARRIER_", never),
    ("avaliableCarriers", "CARRIER_", never),
    ("giftCertificateType", "GIFT_CERTIFICATE_TYPE_", never),
    ("cashReceiptType", "CASH_RECEIPT_TYPE_", never),
    ("productType", "PRODUCT_TYPE_", never),
];

/// No value of the enum begins with its prefix.
const fn never(_: &str) -> bool {
    false
}

/// What merchants own, or PGs: nothing in it is ours to read.
const OPAQUE: [&str; 2] = ["bypass", "customData"];

/// Takes the prefixes off, wherever a field stands, and what is `null` out: to a page that is the
/// same as nothing.
pub(super) fn normalise(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            for (name, value) in fields.iter_mut() {
                if OPAQUE.contains(&name.as_str()) {
                    continue;
                }
                match FIELDS.iter().find(|(field, _, _)| field == name) {
                    Some(field) => strip(value, field),
                    None => normalise(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(normalise),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn strip(value: &mut Value, field: &Field) {
    let (_, prefix, is_known) = field;
    match value {
        Value::String(text) if !is_known(text) => {
            if let Some(bare) = text.strip_prefix(prefix) {
                *text = bare.to_owned();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, field)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn both_spellings_are_one_request() {
        let mut old = json!({
            "currency": "CURRENCY_KRW",
            "productType": "PRODUCT_TYPE_REAL",
            "customer": { "gender": "GENDER_FEMALE", "address": { "country": "COUNTRY_KR" } },
            "card": { "availableCards": ["CARD_COMPANY_BC_CARD", "HANA_CARD"] },
            "transfer": { "bankCode": "BANK_BANK_OF_KOREA" },
            "virtualAccount": { "bankCode": "BANK_OF_KOREA" },
            "bypass": { "inicis_v2": { "currency": "CURRENCY_KRW" } },
            "customData": { "currency": "CURRENCY_KRW" },
        });
        let new = json!({
            "currency": "KRW",
            "productType": "REAL",
            "customer": { "gender": "FEMALE", "address": { "country": "KR" } },
            "card": { "availableCards": ["BC_CARD", "HANA_CARD"] },
            "transfer": { "bankCode": "BANK_OF_KOREA" },
            "virtualAccount": { "bankCode": "BANK_OF_KOREA" },
            "bypass": { "inicis_v2": { "currency": "CURRENCY_KRW" } },
            "customData": { "currency": "CURRENCY_KRW" },
        });
        normalise(&mut old);
        assert_eq!(old, new);
        // Once only.
        let mut twice = json!({ "currency": "CURRENCY_CURRENCY_KRW" });
        normalise(&mut twice);
        assert_eq!(twice, json!({ "currency": "CURRENCY_KRW" }));
    }
}
