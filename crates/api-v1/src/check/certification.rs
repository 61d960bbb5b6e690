//! Who is to be verified.

use naru_domain::identity::{IdentityMethod, IdentityNumber};
use naru_domain::{ChannelKey, IdentityVerificationId, Timestamp};
use naru_engine::Secret;
use naru_engine::identity::{RequestedPerson, SendIdentityRequest};

use crate::extract::Input;
use crate::limits::{MERCHANT_UID_MAX, TEXT_MAX};
use crate::refused::Refused;

/// A request by the person's data. Nothing of it is repeated in a message.
pub(crate) fn request(
    input: &Input,
    (id, channel): (IdentityVerificationId, ChannelKey),
    now: Timestamp,
) -> Result<SendIdentityRequest, Refused> {
    let name = input.required("name")?;
    if name.chars().count() > TEXT_MAX {
        return Err(Refused::malformed("name", &format!("{TEXT_MAX}자 이내")));
    }
    let phone = phone(&input.required("phone")?)?;
    let number = identity_number(input)?;
    let birth = IdentityNumber::parse_at(&number, now)
        .map_err(|_| Refused::malformed("birth", "생년월일과 주민등록번호 뒷자리 첫번째 숫자"))?;
    Ok(SendIdentityRequest {
        id,
        channel,
        person: RequestedPerson {
            id: None,
            name: Some(name),
            phone_number: Some(phone),
            birth_year: Some(birth.birth_year()),
            birth_month: Some(birth.birth_month()),
            birth_day: Some(birth.birth_day()),
            gender: Some(birth.gender().to_owned()),
        },
        identity_number: Some(Secret::new(number)),
        carrier: carrier(input)?,
        method: match input.said(&["verification_method"]).as_deref() {
            None | Some("SMS") => IdentityMethod::Sms,
            Some("APP") => IdentityMethod::App,
            Some(_) => return Err(Refused::malformed("verification_method", "SMS 또는 APP")),
        },
        ip_address: None,
        custom_data: None,
        merchant_uid: merchant_uid(input)?,
        // An object, or a text that holds one.
        bypass: input
            .object("bypass")
            .map_or(serde_json::Value::Null, Input::into_value),
    })
}

/// The merchant's own id for it.
pub(crate) fn merchant_uid(input: &Input) -> Result<Option<String>, Refused> {
    let merchant_uid = input.said(&["merchant_uid"]);
    let length = merchant_uid.as_ref().map_or(0, |uid| uid.chars().count());
    if length > MERCHANT_UID_MAX {
        let expected = format!("{MERCHANT_UID_MAX}자 이내");
        return Err(Refused::malformed("merchant_uid", &expected));
    }
    Ok(merchant_uid)
}

/// A mobile phone's number: digits only.
pub(crate) fn phone(text: &str) -> Result<String, Refused> {
    let phone = digits(text);
    if !(10..=11).contains(&phone.len()) || !phone.starts_with("01") {
        return Err(Refused::malformed("phone", "휴대폰 번호"));
    }
    Ok(phone)
}

/// Birth date and the digit behind it, as the resident number begins: `YYMMDD` and one digit.
fn identity_number(input: &Input) -> Result<String, Refused> {
    let birth = digits(&input.required("birth")?);
    let digit = digits(&input.required("gender_digit")?);
    let short = match birth.len() {
        8 => birth.get(2..),
        6 => Some(birth.as_str()),
        _ => None,
    };
    let short = short.ok_or_else(|| Refused::malformed("birth", "YYYYMMDD"))?;
    if digit.len() != 1 {
        return Err(Refused::malformed("gender_digit", "1 ~ 8"));
    }
    Ok(format!("{short}{digit}"))
}

fn carrier(input: &Input) -> Result<String, Refused> {
    let carrier = match input.required("carrier")?.as_str() {
        "SKT" => "SKT",
        "KT" => "KT",
        "LGT" => "LGU",
        _ => return Err(Refused::malformed("carrier", "SKT, KT, LGT")),
    };
    let is_mvno = input.boolean("is_mvno")?.unwrap_or(false);
    let suffix = if is_mvno { "_MVNO" } else { "" };
    Ok(format!("{carrier}{suffix}"))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}
