//! A channel's contract with the PG, read from its settings and checked.

use naru_connector::{BeginError, ChannelSettings, Secret, SettingsError};

use super::CAPABILITIES;
use crate::settings::{check_timeout, check_url, flag, is_graphic, known, wrong};

const OPTIONS: [&str; 5] = [
    "answer_timeout_ms",
    "title",
    "uas_url",
    "unconfirmed",
    "window_url",
];
const SECRETS: [&str; 1] = ["cp_password"];
const TITLE: &str = "Naru";
/// Where the PG's windows are.
const WINDOW_URL: &str = "https://wauth.teledit.com/Danal/WebAuth/";

/// What the exchanges need of the settings.
pub(super) struct Contract {
    /// The merchant id (CPID).
    pub(super) cpid: String,
    /// Its password (CPPWD).
    pub(super) password: Secret,
    /// The server's address, with the slash at its end.
    pub(super) uas_url: String,
    /// Where the windows are, with the slash at its end; nothing at a simulator that has none.
    window_url: Option<String>,
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
        let window_url = match settings.options.get("window_url") {
            Some(url) => {
                check_url("window_url", url, settings.is_simulated)?;
                if !url.ends_with('/') {
                    return wrong("window_url", "must end with a slash");
                }
                Some(url.clone())
            }
            None if settings.is_simulated => None,
            None => Some(WINDOW_URL.to_owned()),
        };
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
            window_url,
            title: title.to_owned(),
            answer_timeout_ms: check_timeout(settings, CAPABILITIES.answer_timeout_ms)?,
        })
    }
}

impl Contract {
    /// Where the windows are.
    pub(super) fn window_url(&self) -> Result<&str, BeginError> {
        self.window_url.as_deref().ok_or_else(|| {
            BeginError::Unsupported(
                "the channel does not say where the simulator's windows are\nhint: set its option \
                 `window_url`"
                    .to_owned(),
            )
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
