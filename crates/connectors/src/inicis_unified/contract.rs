//! A channel's contract with the PG, read from its settings and checked.

use naru_connector::{ChannelSettings, Secret, SettingsError};

use super::CAPABILITIES;
use crate::settings::{check_timeout, check_url, is_graphic, known, wrong};

const OPTIONS: [&str; 3] = ["answer_timeout_ms", "sa_url", "service"];
const SECRETS: [&str; 2] = ["api_key", "seed_iv"];
/// Where the PG's windows are.
const SA_URL: &str = "https://sa.inicis.com";
/// Where the PG tells who it was: the browser brings one of these.
const RESULT_HOSTS: [&str; 2] = ["https://kssa.inicis.com/", "https://fcsa.inicis.com/"];

/// What the PG is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Simple authentication by an app of a bank or a portal.
    Simple,
    /// Identification as the law on telecommunications has it.
    Identity,
}

impl Service {
    /// Its code on the wire (`reqSvcCd`).
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Simple => "01",
            Self::Identity => "03",
        }
    }
}

/// What the exchanges need of the settings.
pub(super) struct Contract {
    /// The merchant id.
    pub(super) mid: String,
    pub(super) api_key: Secret,
    /// What results are encrypted with, besides the token.
    pub(super) seed_iv: Secret,
    pub(super) service: Service,
    /// How long an answer may take.
    pub(super) answer_timeout_ms: u32,
    sa_url: String,
    is_simulated: bool,
}

impl Contract {
    pub(super) fn read(settings: &ChannelSettings) -> Result<Self, SettingsError> {
        let mid = settings.merchant_id.as_str();
        if mid.len() != 10 || !mid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return wrong("merchant_id", "must be 10 ASCII letters and digits");
        }
        let api_key = settings.secret("api_key")?;
        if api_key.expose().is_empty() || !is_graphic(api_key.expose()) {
            return wrong("api_key", "must be printable ASCII without spaces");
        }
        let seed_iv = settings.secret("seed_iv")?;
        if seed_iv.expose().len() != 16 || !is_graphic(seed_iv.expose()) {
            return wrong("seed_iv", "must be 16 printable ASCII characters");
        }
        let sa_url = match settings.options.get("sa_url") {
            Some(url) => url.as_str(),
            None if settings.is_simulated => settings.option("sa_url")?,
            None => SA_URL,
        };
        check_url("sa_url", sa_url, settings.is_simulated)?;
        Ok(Self {
            mid: mid.to_owned(),
            api_key: api_key.clone(),
            seed_iv: seed_iv.clone(),
            service: match settings.options.get("service").map(String::as_str) {
                None | Some("01") => Service::Simple,
                Some("03") => Service::Identity,
                Some(_) => return wrong("service", "must be `01` or `03`"),
            },
            answer_timeout_ms: check_timeout(settings, CAPABILITIES.answer_timeout_ms)?,
            sa_url: sa_url.trim_end_matches('/').to_owned(),
            is_simulated: settings.is_simulated,
        })
    }

    /// Where the window's form goes.
    pub(super) fn window_url(&self) -> String {
        let path = match self.service {
            Service::Simple => "auth",
            Service::Identity => "id/auth",
        };
        format!("{}/{path}", self.sa_url)
    }

    /// Whether an address that a browser brought is the PG's. A simulator's are below its own.
    pub(super) fn is_result_url(&self, url: &str) -> bool {
        let is_below = |base: &str| url.starts_with(base) && url.len() <= 200 && is_graphic(url);
        if self.is_simulated {
            is_below(&format!("{}/", self.sa_url))
        } else {
            RESULT_HOSTS.into_iter().any(is_below)
        }
    }
}

/// Checks everything, names included: for when a channel is created or changed.
pub(super) fn check(settings: &ChannelSettings) -> Result<(), SettingsError> {
    known("options", settings.options.keys(), &OPTIONS)?;
    known("secrets", settings.secrets.keys(), &SECRETS)?;
    Contract::read(settings).map(|_| ())
}
