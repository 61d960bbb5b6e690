//! A channel's contract with the PG, read from its settings and checked.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use naru_connector::{ChannelSettings, SettingsError};
use ring::signature::RsaKeyPair;

use super::CAPABILITIES;
use crate::settings::{check_timeout, check_url, flag, known, wrong};

const OPTIONS: [&str; 4] = ["answer_timeout_ms", "api_base", "unconfirmed", "web_siteid"];
const SECRETS: [&str; 2] = ["certificate", "private_key"];

/// What the exchanges need of the settings.
pub(super) struct Contract {
    /// The merchant id (site code).
    pub(super) site_cd: String,
    /// The merchant's certificate in one line.
    pub(super) certificate: String,
    /// What requests are signed with.
    pub(super) key: RsaKeyPair,
    /// The API's address, without a slash at its end.
    pub(super) base: String,
    /// The site's id; may be empty.
    pub(super) web_siteid: String,
    /// How long an answer may take.
    pub(super) answer_timeout_ms: u32,
}

impl Contract {
    pub(super) fn read(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let site_cd = settings.merchant_id.as_str();
        if site_cd.len() != 5 || !site_cd.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return wrong("merchant_id", "must be exactly 5 ASCII letters and digits");
        }
        let base = settings.option("api_base")?;
        check_url("api_base", base, settings.is_simulated)?;
        let web_siteid = settings.options.get("web_siteid");
        let web_siteid = web_siteid.map_or("", String::as_str);
        let is_id = web_siteid.is_empty() || web_siteid.len() == 12;
        if !is_id || !web_siteid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return wrong("web_siteid", "must be empty or 12 ASCII letters and digits");
        }
        Ok(Self {
            site_cd: site_cd.to_owned(),
            certificate: certificate(settings)?,
            key: key(settings)?,
            base: base.trim_end_matches('/').to_owned(),
            web_siteid: web_siteid.to_owned(),
            answer_timeout_ms: check_timeout(settings, CAPABILITIES.answer_timeout_ms)?,
        })
    }
}

fn certificate(settings: &ChannelSettings) -> Result<String, SettingsError> {
    let text = settings.secret("certificate")?.expose();
    let line: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let line = line.trim();
    let is_pem = line.starts_with("-----BEGIN CERTIFICATE-----")
        && line.ends_with("-----END CERTIFICATE-----");
    if !is_pem {
        return wrong("certificate", "must be a certificate in PEM");
    }
    Ok(line.to_owned())
}

/// The PG gives the key with a password; it is taken off before the key becomes a setting, and
/// the setting is sealed.
fn key(settings: &ChannelSettings) -> Result<RsaKeyPair, SettingsError> {
    let expected = "must be an RSA key of 2048 bits or more in PEM, PKCS#8 without a password";
    let text = settings.secret("private_key")?.expose();
    let body: zeroize::Zeroizing<String> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with("-----"))
        .collect::<String>()
        .into();
    let is_plain = text.contains("-----BEGIN PRIVATE KEY-----");
    let der = STANDARD
        .decode(body.as_bytes())
        .map(zeroize::Zeroizing::new);
    match der {
        Ok(der) if is_plain => {
            RsaKeyPair::from_pkcs8(&der).or_else(|_| wrong("private_key", expected))
        }
        _ => wrong("private_key", expected),
    }
}

/// Checks everything, names included: for when a channel is created or changed.
pub(super) fn check(settings: &ChannelSettings) -> Result<(), SettingsError> {
    known("options", settings.options.keys(), &OPTIONS)?;
    known("secrets", settings.secrets.keys(), &SECRETS)?;
    flag(settings, "unconfirmed")?;
    Contract::read(settings).map(|_| ())
}
