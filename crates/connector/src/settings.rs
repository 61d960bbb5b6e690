//! A channel's contract with a PG, unsealed, in memory only.

use std::collections::BTreeMap;

use crate::Secret;

/// What a connector needs to know of a channel. Production is a change of these (addresses,
/// merchant id, keys), never of code.
#[derive(Debug, Clone)]
pub struct ChannelSettings {
    /// The merchant id at the PG.
    pub merchant_id: String,
    /// Keys by name, such as `iniapi_key`.
    pub secrets: BTreeMap<String, Secret>,
    /// Everything else by name: addresses and options, such as `iniapi_base`.
    pub options: BTreeMap<String, String>,
    /// Whether a simulator answers instead of the PG. Set by the sandbox only.
    pub is_simulated: bool,
}

/// A setting is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("channel setting `{name}` {problem}")]
pub struct SettingsError {
    /// The setting.
    pub name: &'static str,
    /// What is wrong with it; never its value.
    pub problem: String,
}

impl ChannelSettings {
    /// A key that must be there.
    pub fn secret(&self, name: &'static str) -> Result<&Secret, SettingsError> {
        self.secrets.get(name).ok_or_else(|| SettingsError {
            name,
            problem: "is missing".to_owned(),
        })
    }

    /// An option that must be there.
    pub fn option(&self, name: &'static str) -> Result<&str, SettingsError> {
        self.options
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| SettingsError {
                name,
                problem: "is missing".to_owned(),
            })
    }

    /// Whether an option is `true`; absent is false.
    pub fn is_on(&self, name: &str) -> bool {
        self.options.get(name).is_some_and(|value| value == "true")
    }
}
