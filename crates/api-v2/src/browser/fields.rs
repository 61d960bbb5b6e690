//! The parts that the SDK's requests have in common, read into those of the REST API.

use naru_domain::Timestamp;
use naru_engine::Fault;
use naru_engine::identity::RequestedPerson;
use naru_engine::payments::ChannelChoice;
use naru_wire_v2::{
    Country, CustomerInput, CustomerNameInput, CustomerSeparatedName, Gender, PaymentProduct,
    SeparatedAddressInput,
};
use serde::Deserialize;
use serde_json::Value;

use super::refused::Refused;
use crate::check;
use crate::limits::{ID_MAX, NAME_MAX, VALID_HOURS_MAX};

/// The customer.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Buyer {
    customer_id: Option<String>,
    full_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    phone_number: Option<String>,
    email: Option<String>,
    address: Option<BuyerAddress>,
    zipcode: Option<String>,
    gender: Option<Gender>,
    birth_year: Option<String>,
    birth_month: Option<String>,
    birth_day: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BuyerAddress {
    address_line1: String,
    address_line2: String,
    city: Option<String>,
    province: Option<String>,
    country: Option<Country>,
}

impl Buyer {
    pub(super) fn into_input(self) -> CustomerInput {
        let separated = match (self.first_name, self.last_name) {
            (None, None) => None,
            (first, last) => Some(CustomerSeparatedName {
                first: first.unwrap_or_default(),
                last: last.unwrap_or_default(),
            }),
        };
        CustomerInput {
            id: self.customer_id,
            name: Some(CustomerNameInput {
                full: self.full_name,
                separated,
            }),
            phone_number: self.phone_number,
            email: self.email,
            address: self.address.map(|address| SeparatedAddressInput {
                address_line1: address.address_line1,
                address_line2: address.address_line2,
                city: address.city,
                province: address.province,
                country: address.country,
            }),
            zipcode: self.zipcode,
            gender: self.gender,
            birth_year: self.birth_year,
            birth_month: self.birth_month,
            birth_day: self.birth_day,
            ..CustomerInput::default()
        }
    }
}

impl Buyer {
    /// The person whom the page expects, as far as it says.
    pub(super) fn into_person(self) -> Result<RequestedPerson, Fault> {
        let full = self.full_name.filter(|name| !name.is_empty());
        let name = full.or_else(|| Some(format!("{}{}", self.last_name?, self.first_name?)));
        let phone = self.phone_number.filter(|number| !number.is_empty());
        Ok(RequestedPerson {
            id: check::optional("customer.customerId", self.customer_id, ID_MAX)?,
            name: check::optional("customer.fullName", name, NAME_MAX)?,
            phone_number: phone.as_deref().map(mobile_number).transpose()?,
            birth_year: birth_part("customer.birthYear", self.birth_year, 4)?,
            birth_month: birth_part("customer.birthMonth", self.birth_month, 2)?,
            birth_day: birth_part("customer.birthDay", self.birth_day, 2)?,
            gender: self.gender.map(|gender| gender.as_str().to_owned()),
        })
    }
}

fn mobile_number(text: &str) -> Result<String, Fault> {
    check::digits(text)
        .filter(|digits| (10..=11).contains(&digits.len()) && digits.starts_with("01"))
        .ok_or_else(|| {
            let expected = "a mobile phone number of 10 or 11 digits that begins with 01";
            check::bad("customer.phoneNumber", expected)
        })
}

/// So many digits, where leading zeros may be left out.
fn birth_part(field: &str, text: Option<String>, width: usize) -> Result<Option<String>, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let is_number = text.len() <= width && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number || (width == 4 && text.len() != 4) {
        return Err(check::bad(field, &format!("{width} digits")));
    }
    Ok(Some(format!("{text:0>width$}")))
}

/// A line of the order.
#[derive(Debug, Deserialize)]
pub(super) struct Product {
    id: String,
    name: String,
    amount: i64,
    quantity: i32,
    code: Option<String>,
    tag: Option<String>,
    link: Option<String>,
}

impl Product {
    pub(super) fn into_input(self) -> PaymentProduct {
        PaymentProduct {
            id: self.id,
            name: self.name,
            amount: self.amount,
            quantity: self.quantity,
            code: self.code,
            tag: self.tag,
            link: self.link,
        }
    }
}

/// The merchant's own data, as the REST API shows them: text stays as it is, the rest is JSON.
pub(super) fn custom_data(data: Option<Value>) -> Option<String> {
    match data? {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Exactly one of the two, unlike on the REST API.
pub(super) fn channel(
    key: Option<String>,
    group: Option<String>,
) -> Result<ChannelChoice, Refused> {
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    match (said(key), said(group)) {
        (Some(_), Some(_)) => Err(Refused::bad(
            "`channelKey` and `channelGroupId`: expected only one of them",
        )),
        (None, None) => Err(Refused::bad(
            "`channelKey` is required, or `channelGroupId` instead",
        )),
        (key, group) => check::channel(key, group).map_err(Refused::from),
    }
}

/// Until when a deposit is taken.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountExpiry {
    valid_hours: Option<i32>,
    due_date: Option<String>,
}

impl AccountExpiry {
    pub(super) fn read(&self, now: Timestamp) -> Result<Timestamp, Fault> {
        let field = "virtualAccount.accountExpiry";
        let latest = now.plus_seconds(i64::from(VALID_HOURS_MAX) * 3_600);
        let until = match (self.valid_hours, self.due_date.as_deref()) {
            (Some(hours), None) if hours >= 1 => {
                now.plus_seconds(i64::from(hours).saturating_mul(3_600))
            }
            (None, Some(date)) => Timestamp::in_korea(date).ok_or_else(|| {
                check::bad(
                    &format!("{field}.dueDate"),
                    "`YYYYMMDD`, `YYYYMMDDHHmmss`, `YYYY-MM-DD` or `YYYY-MM-DD HH:mm:ss` in KST",
                )
            })?,
            _ => {
                let expected = "exactly one of `validHours`, of at least 1, and `dueDate`";
                return Err(check::bad(field, expected));
            }
        };
        if until <= now || until > latest {
            return Err(check::bad(field, "a time to come, within ten years"));
        }
        Ok(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_data_is_text() {
        let read = |value| custom_data(Some(value));
        assert_eq!(
            read(serde_json::json!({ "a": 1 })).as_deref(),
            Some("{\"a\":1}")
        );
        assert_eq!(read(Value::String("x".to_owned())).as_deref(), Some("x"));
        assert_eq!(read(Value::Null), None);
    }
}
