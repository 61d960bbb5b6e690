//! A channel's contract with the PG, read from its settings and checked.

use naru_connector::{ChannelSettings, Secret, SettingsError};

use super::CAPABILITIES;
use crate::settings::{check_timeout, check_url, flag, is_graphic, known, wrong};

const OPTIONS: [&str; 4] = ["answer_timeout_ms", "title", "uas_url", "unconfirmed"];
const SECRETS: [&str; 1] = ["cp_password"];
const TITLE: &str = "Naru";

/// What the exchanges need of the settings.
pub(super) struct Contract {
    /// The merchant id (CPID).
    pub(super) cpid: String,
    /// Its password (CPPWD).
    pub(super) password: Secret,
    /// The server's address, with the slash at its end.
    pub(super) uas_url: String,
    /// What the message and the app call the merchant.
    pub(super) title: String,
    /// How long an answer may take.
    pub(super) answer_timeout_ms: u32,
}

impl Contract {
    pub(super) fn read(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let cpid = settings.merchant_id.as_str();
        let is_cpid =
            (1..=20).contains(&cpid.len()) && cpid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_cpid {
            return wrong("merchant_id", "must be 1 to 20 ASCII letters and digits");
        }
        let uas_url = settings.option("uas_url")?;
        check_url("uas_url", uas_url, settings.is_simulated)?;
        let password = settings.secret("cp_password")?;
        if password.expose().is_empty() || !is_graphic(password.expose()) {
            return wrong("cp_password", "must be printable ASCII without spaces");
        }
        let title = settings.options.get("title").map_or(TITLE, String::as_str);
        if title.trim().is_empty() || title.chars().count() > 50 {
            return wrong("title", "must be 1 to 50 characters");
        }
        Ok(Self {
            cpid: cpid.to_owned(),
            password: password.clone(),
            uas_url: uas_url.to_owned(),
            title: title.to_owned(),
            answer_timeout_ms: check_timeout(settings, CAPABILITIES.answer_timeout_ms)?,
        })
    }
}

/// Checks everything, names included: for when a channel is created or changed.
pub(super) fn check(settings: &ChannelSettings) -> Result<(), SettingsError> {
    known("options", settings.options.keys(), &OPTIONS)?;
    known("secrets", settings.secrets.keys(), &SECRETS)?;
    flag(settings, "unconfirmed")?;
    Contract::read(settings).map(|_| ())
}
