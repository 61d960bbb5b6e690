//! What a merchant's page asks for, checked as the PG's documents have it.

use super::{API_KEY, MID};
use crate::identity::Birth;
use crate::inicis::{Fields, sha256_hex};
use crate::pages::is_web;

/// Who identifies: code, name, and for which services.
const AGENCIES: [(&str, &str, &[&str]); 15] = [
    ("TOSS", "토스", &["01", "03"]),
    ("PASS", "PASS", &["01"]),
    ("KFTC", "금융결제원", &["01", "03"]),
    ("KAKAO", "카카오", &["01"]),
    ("NAVER", "네이버", &["01"]),
    ("SAMSUNG", "삼성패스", &["01"]),
    ("SHINHAN", "신한은행", &["01", "03"]),
    ("KB", "KB국민은행", &["01", "03"]),
    ("HANA", "하나은행", &["01", "03"]),
    ("WOORI", "우리은행", &["01", "03"]),
    ("NH", "NH농협", &["01"]),
    ("KAKAOBANK", "카카오뱅크", &["01", "03"]),
    ("IBK", "IBK기업은행", &["01", "03"]),
    ("PAYCO", "페이코", &["01"]),
    ("SMS", "문자 인증", &["01", "03"]),
];
/// The longest return address.
const URL_BYTES_MAX: usize = 128;

/// A request that is right.
pub(super) struct Wanted {
    pub(super) fields: Fields,
}

impl Wanted {
    /// `is_identity` is whether the request came to the address for identification.
    pub(super) fn read(body: &[u8], is_identity: bool) -> Result<Self, &'static str> {
        let wanted = Self::of(Fields::from_form(body).ok_or("the form can't be read")?)?;
        if wanted.is_identity() != is_identity {
            return Err("`reqSvcCd` is not for this address");
        }
        Ok(wanted)
    }

    pub(super) fn of(fields: Fields) -> Result<Self, &'static str> {
        let said = |name| fields.text(name);
        if said("mid") != MID {
            return Err("`mid` is not known");
        }
        if !["01", "03"].contains(&said("reqSvcCd")) {
            return Err("`reqSvcCd` must be `01` or `03` here");
        }
        if !(1..=20).contains(&said("mTxId").len()) {
            return Err("`mTxId` must be 1 to 20 bytes");
        }
        if said("authHash") != sha256_hex(&[MID, said("mTxId"), API_KEY].concat()) {
            return Err("`authHash` is wrong");
        }
        for url in [said("successUrl"), said("failUrl")] {
            if !is_web(url) || url.len() > URL_BYTES_MAX {
                return Err("`successUrl` and `failUrl` must be addresses of at most 128 bytes");
            }
        }
        if said("reservedMsg") != "isUseToken=Y" {
            return Err("`reservedMsg` must be `isUseToken=Y` here");
        }
        match said("flgFixedUser") {
            "N" => {}
            "Y" => fixed(&fields)?,
            _ => return Err("`flgFixedUser` must be `Y` or `N`"),
        }
        let wanted = Self { fields };
        if wanted.agencies().is_empty() {
            return Err("`directAgency` is not offered for this service");
        }
        Ok(wanted)
    }

    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.text(name)
    }

    /// Whether identification is wanted, not simple authentication.
    pub(super) fn is_identity(&self) -> bool {
        self.text("reqSvcCd") == "03"
    }

    /// Whether nobody but the person whom the merchant names will do.
    pub(super) fn is_fixed(&self) -> bool {
        self.text("flgFixedUser") == "Y"
    }

    /// Who may be chosen: code and name.
    pub(super) fn agencies(&self) -> Vec<(&'static str, &'static str)> {
        let (service, direct) = (self.text("reqSvcCd"), self.text("directAgency"));
        AGENCIES
            .into_iter()
            .filter(|(code, _, services)| {
                services.contains(&service) && (direct.is_empty() || direct == *code)
            })
            .map(|(code, name, _)| (code, name))
            .collect()
    }
}

fn fixed(fields: &Fields) -> Result<(), &'static str> {
    let said = |name| fields.text(name);
    let (name, phone, birth) = (said("userName"), said("userPhone"), said("userBirth"));
    let is_phone = (10..=11).contains(&phone.len()) && phone.bytes().all(|b| b.is_ascii_digit());
    if name.is_empty() || name.chars().count() > 25 || !is_phone || Birth::date(birth).is_none() {
        return Err("`userName`, `userPhone` and `userBirth` must name a person");
    }
    let parts = [name, MID, phone, said("mTxId"), birth, said("reqSvcCd")];
    if said("userHash") != sha256_hex(&parts.concat()) {
        return Err("`userHash` is wrong");
    }
    Ok(())
}
