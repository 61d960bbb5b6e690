//! The form that opens the window.

use naru_connector::{BeginError, OpenIdentityWindow, WindowForm};
use serde_json::Value;

use super::contract::{Contract, Service};
use super::m_tx_id;
use crate::identity::{bypass, bypass_text, invalid};

/// Who may be asked to identify the person directly.
const AGENCIES: [&str; 14] = [
    "PASS",
    "TOSS",
    "KFTC",
    "KAKAO",
    "NAVER",
    "SAMSUNG",
    "SHINHAN",
    "KB",
    "HANA",
    "WOORI",
    "NH",
    "KAKAOBANK",
    "PAYCO",
    "SMS",
];
/// The PG takes no longer address.
const URL_BYTES_MAX: usize = 128;
const FIXED: &str = "bypass.inicisUnified.flgFixedUser";

/// The merchant's own parameters for this PG.
pub(super) fn own(window: &OpenIdentityWindow) -> &Value {
    bypass(&window.bypass, &["inicisUnified", "inicis_unified"])
}

/// Whether nobody but the expected person will do.
pub(super) fn is_fixed(window: &OpenIdentityWindow) -> Result<bool, BeginError> {
    match bypass_text(own(window), "flgFixedUser", FIXED)?.as_deref() {
        Some("Y") => Ok(true),
        Some("N") => Ok(false),
        _ => Err(invalid(FIXED, "is required by this PG: `Y` or `N`")),
    }
}

pub(super) fn form(
    window: &OpenIdentityWindow,
    contract: &Contract,
) -> Result<WindowForm, BeginError> {
    if window.return_url.len() > URL_BYTES_MAX {
        return Err(BeginError::Unsupported(format!(
            "this PG takes no return address of more than {URL_BYTES_MAX} bytes\nhint: give the \
             server a shorter `public_url`"
        )));
    }
    let mid = contract.mid.clone();
    let id = m_tx_id(&window.order_id);
    let service = contract.service.code();
    let mut fields = vec![
        ("mid", mid.clone()),
        ("reqSvcCd", service.to_owned()),
        ("mTxId", id.to_owned()),
        ("authHash", sha256(&[&mid, id, contract.api_key.expose()])),
    ];
    if is_fixed(window)? {
        let [name, phone, birth] = expected(window)?;
        let hash = sha256(&[&name, &mid, &phone, id, &birth, service]);
        fields.extend([
            ("flgFixedUser", "Y".to_owned()),
            ("userName", name),
            ("userPhone", phone),
            ("userBirth", birth),
            ("userHash", hash),
        ]);
    } else {
        fields.push(("flgFixedUser", "N".to_owned()));
    }
    fields.extend([
        ("reservedMsg", "isUseToken=Y".to_owned()),
        ("successUrl", window.return_url.clone()),
        ("failUrl", window.return_url.clone()),
    ]);
    fields.extend(extra(window, contract)?);
    Ok(WindowForm {
        script: None,
        close_script: None,
        action: Some(contract.window_url()),
        charset: "UTF-8",
        fields,
    })
}

/// Name, phone and birth date of the person who must answer.
pub(super) fn expected(window: &OpenIdentityWindow) -> Result<[String; 3], BeginError> {
    let needed = |field, value: &Option<String>, is_right: fn(&str) -> bool, expected: &str| {
        let value = value.as_deref().unwrap_or_default();
        if is_right(value) {
            return Ok(value.to_owned());
        }
        let message = format!("must be {expected} where `flgFixedUser` is `Y`");
        Err(invalid(field, &message))
    };
    let person = &window.person;
    Ok([
        needed(
            "customer.name.full",
            &person.name,
            |text| (1..=25).contains(&text.chars().count()),
            "1 to 25 characters",
        )?,
        needed(
            "customer.phoneNumber",
            &person.phone_number,
            |text| (10..=11).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit()),
            "10 or 11 digits",
        )?,
        needed(
            "customer.birthYear",
            &person.birth_date,
            |text| crate::identity::birth_date(text).is_some(),
            "given with `birthMonth` and `birthDay`, and a day",
        )?,
    ])
}

/// What the merchant may add.
fn extra(
    window: &OpenIdentityWindow,
    contract: &Contract,
) -> Result<Vec<(&'static str, String)>, BeginError> {
    let own = own(window);
    let mut fields = Vec::new();
    let name = "bypass.inicisUnified.directAgency";
    if let Some(agency) = bypass_text(own, "directAgency", name)? {
        if !AGENCIES.contains(&agency.as_str()) {
            let known = format!("must be one of {}", AGENCIES.join(", "));
            return Err(invalid(name, &known));
        }
        fields.push(("directAgency", agency));
    }
    let name = "bypass.inicisUnified.logoUrl";
    if let Some(url) = bypass_text(own, "logoUrl", name)? {
        if !url.starts_with("https://") {
            return Err(invalid(name, "must be an https address"));
        }
        fields.push(("logoUrl", url));
    }
    let name = "bypass.inicisUnified.DI_CODE";
    if let Some(code) = bypass_text(own, "DI_CODE", name)? {
        if code.len() > 12 || !code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(invalid(name, "must be at most 12 letters and digits"));
        }
        // The PG knows it for identification only.
        if contract.service == Service::Identity {
            fields.push(("DI_CODE", code));
        }
    }
    let name = "bypass.inicisUnified.FRGNDInfo";
    match bypass_text(own, "FRGNDInfo", name)?.as_deref() {
        None => {}
        Some(flag @ ("Y" | "N")) => fields.push(("FRGNDInfo", flag.to_owned())),
        Some(_) => return Err(invalid(name, "must be `Y` or `N`")),
    }
    Ok(fields)
}

/// SHA-256 of the parts, one after another.
fn sha256(parts: &[&str]) -> String {
    crate::hash::sha256(&parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MID: &str = "INIiasTest";
    const API_KEY: &str = "TGdxb2l3enJDWFRTbTgvREU3MGYwUT09";

    #[test]
    fn the_known_vectors_hash() {
        assert_eq!(
            sha256(&[MID, "abcdefghij0123456789", API_KEY]),
            "d32c4c1c9ae2c979ace7df91d0ba606cff83e0c7eba3c8ba3df40ea110672e06"
        );
        assert_eq!(
            sha256(&[MID, "mtx-0001", API_KEY]),
            "2e7396a38d250bef971c7b1c01e5ca7d333b8cc18101f97cb99216afe1be0e73"
        );
        assert_eq!(
            sha256(&["홍길동", MID, "01012345678", "mtx-0001", "19900101", "01"]),
            "8f23c268e34d790423b5ef9eb28145af09177d939098fa4a1c9b7df07c941343"
        );
    }
}
