//! Identity verifications: who is asked, and what they answered.

use std::net::IpAddr;

use naru_domain::identity::{IdentityMethod, IdentityNumber};
use naru_domain::{ChannelKey, IdentityVerificationId, Timestamp};
use naru_engine::identity::{RequestedPerson, SendIdentityRequest};
use naru_engine::{Fault, Secret};
use naru_wire_v2::{self as wire, SendIdentityVerificationBody};

use super::bad;
use super::order::custom_data;
use super::text::{optional, required};
use crate::limits::{ID_MAX, NAME_MAX, OTP_MAX};

/// A request to identify a person. Every carrier is Korean, and so is every phone.
pub(crate) fn send_identity(
    id: IdentityVerificationId,
    body: SendIdentityVerificationBody,
    now: Timestamp,
) -> Result<SendIdentityRequest, Fault> {
    let channel = required("channelKey", body.channel_key, ID_MAX).map(ChannelKey::new)?;
    let customer = body.customer;
    let method = match body.method {
        wire::IdentityVerificationMethod::Sms => IdentityMethod::Sms,
        wire::IdentityVerificationMethod::App => IdentityMethod::App,
    };
    let name = required("customer.name", customer.name, NAME_MAX)?;
    let phone_number = mobile_number(customer.phone_number)?;
    let number = customer.identity_number.filter(|text| !text.is_empty());
    let birth = match (&number, method) {
        (None, IdentityMethod::App | IdentityMethod::Window) => None,
        (None, IdentityMethod::Sms) => {
            return Err(bad(
                "customer.identityNumber",
                "the first seven digits of the resident number, which `SMS` needs",
            ));
        }
        (Some(text), _) => Some(IdentityNumber::parse_at(text, now).map_err(|_| {
            bad(
                "customer.identityNumber",
                "seven digits: a birth date (YYMMDD) that has been, and the digit behind it",
            )
        })?),
    };
    let person = RequestedPerson {
        id: optional("customer.id", customer.id, ID_MAX)?,
        name: Some(name),
        phone_number: Some(phone_number),
        birth_year: birth.as_ref().map(IdentityNumber::birth_year),
        birth_month: birth.as_ref().map(IdentityNumber::birth_month),
        birth_day: birth.as_ref().map(IdentityNumber::birth_day),
        gender: birth.as_ref().map(|birth| birth.gender().to_owned()),
    };
    Ok(SendIdentityRequest {
        id,
        channel,
        person,
        identity_number: number.map(Secret::new),
        carrier: body.operator.as_str().to_owned(),
        method,
        ip_address: customer
            .ip_address
            .as_deref()
            .map(ip_address)
            .transpose()?
            .flatten(),
        custom_data: custom_data(body.custom_data)?,
        merchant_uid: None,
        bypass: body.bypass.map_or(serde_json::Value::Null, Into::into),
    })
}

fn mobile_number(text: String) -> Result<String, Fault> {
    let is_mobile = (10..=11).contains(&text.len())
        && text.starts_with("01")
        && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_mobile {
        return Err(bad(
            "customer.phoneNumber",
            "a mobile phone number of 10 or 11 digits that begins with 01, without hyphens",
        ));
    }
    Ok(text)
}

/// An empty text counts as left out.
fn ip_address(text: &str) -> Result<Option<String>, Fault> {
    if text.is_empty() {
        return Ok(None);
    }
    let address: IpAddr = text
        .parse()
        .map_err(|_| bad("customer.ipAddress", "an IPv4 or IPv6 address"))?;
    Ok(Some(address.to_canonical().to_string()))
}

/// What the person typed in.
pub(crate) fn one_time_password(otp: Option<String>) -> Result<Option<Secret>, Fault> {
    let Some(otp) = otp.filter(|otp| !otp.is_empty()) else {
        return Ok(None);
    };
    if otp.len() > OTP_MAX || !otp.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(bad("otp", "the one-time password from the message"));
    }
    Ok(Some(Secret::new(otp)))
}
