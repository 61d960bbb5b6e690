//! The customer: names in one piece, phone numbers as digits.

use naru_domain::{Address, Customer};
use naru_engine::Fault;
use naru_wire_v2::{CustomerInput, CustomerNameInput, SeparatedAddressInput};

use super::bad;
use super::text::{digits, optional, text};
use crate::limits::{
    ADDRESS_LINE_MAX, EMAIL_MAX, ID_MAX, NAME_MAX, PHONE_DIGITS_MAX, SHORT_TEXT_MAX,
};

/// Reads a customer; everything may be left out.
pub(crate) fn customer(input: Option<CustomerInput>) -> Result<Customer, Fault> {
    let Some(input) = input else {
        return Ok(Customer::default());
    };
    Ok(Customer {
        id: optional("customer.id", input.id, ID_MAX)?,
        name: input.name.map(name).transpose()?.flatten(),
        birth_year: optional("customer.birthYear", input.birth_year, SHORT_TEXT_MAX)?,
        birth_month: optional("customer.birthMonth", input.birth_month, SHORT_TEXT_MAX)?,
        birth_day: optional("customer.birthDay", input.birth_day, SHORT_TEXT_MAX)?,
        gender: input.gender.map(|gender| gender.as_str().to_owned()),
        email: optional("customer.email", input.email, EMAIL_MAX)?,
        phone_number: phone_number(input.phone_number)?,
        address: input.address.map(address).transpose()?,
        zipcode: optional("customer.zipcode", input.zipcode, SHORT_TEXT_MAX)?,
    })
}

/// The full name, else the parts: written in Hangul the family name comes first and there is no
/// space, otherwise the given name comes first.
fn name(input: CustomerNameInput) -> Result<Option<String>, Fault> {
    if let Some(full) = optional("customer.name.full", input.full, NAME_MAX)? {
        return Ok(Some(full));
    }
    let Some(parts) = input.separated else {
        return Ok(None);
    };
    let first = text("customer.name.separated.first", parts.first, NAME_MAX)?;
    let last = text("customer.name.separated.last", parts.last, NAME_MAX)?;
    let joined = if first.chars().chain(last.chars()).any(is_hangul) {
        format!("{last}{first}")
    } else {
        format!("{first} {last}")
    };
    Ok(Some(joined.trim().to_owned()).filter(|name| !name.is_empty()))
}

const fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7a3}')
}

pub(crate) fn phone_number(input: Option<String>) -> Result<Option<String>, Fault> {
    let Some(input) = input else {
        return Ok(None);
    };
    match digits(&input) {
        Some(number) if number.len() <= PHONE_DIGITS_MAX => {
            Ok(Some(number).filter(|number| !number.is_empty()))
        }
        _ => Err(bad(
            "customer.phoneNumber",
            &format!("at most {PHONE_DIGITS_MAX} digits, with hyphens or without"),
        )),
    }
}

fn address(input: SeparatedAddressInput) -> Result<Address, Fault> {
    let field = |name: &str| format!("customer.address.{name}");
    let line = |name, value| text(&field(name), value, ADDRESS_LINE_MAX);
    Ok(Address {
        line1: line("addressLine1", input.address_line1)?,
        line2: line("addressLine2", input.address_line2)?,
        city: optional(&field("city"), input.city, NAME_MAX)?,
        province: optional(&field("province"), input.province, NAME_MAX)?,
        country: input.country.map(|country| country.as_str().to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn name_of(value: &serde_json::Value) -> Option<String> {
        let input = naru_wire_v2::decode_value(&json!({ "name": value })).unwrap();
        customer(Some(input)).unwrap().name
    }

    #[test]
    fn names_are_joined_as_their_language_does() {
        let parts = |first, last| json!({"separated": {"first": first, "last": last}});
        assert_eq!(name_of(&parts("길동", "홍")).as_deref(), Some("홍길동"));
        assert_eq!(
            name_of(&parts("Ada", "Lovelace")).as_deref(),
            Some("Ada Lovelace")
        );
        assert_eq!(
            name_of(&json!({"full": "홍 길동"})).as_deref(),
            Some("홍 길동")
        );
        assert_eq!(name_of(&json!({})), None);
        assert_eq!(name_of(&json!({"full": ""})), None);
    }

    #[test]
    fn phone_numbers_are_digits() {
        let number = |text: &str| phone_number(Some(text.to_owned()));
        assert_eq!(
            number("010-1234-5678").unwrap().as_deref(),
            Some("01012345678")
        );
        assert_eq!(number("").unwrap(), None);
        assert!(number("home").is_err());
        assert!(number("123456789012345678901").is_err());
    }
}
