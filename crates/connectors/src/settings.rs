//! Settings of channels: the checks that every PG's folder needs.
//!
//! Invariant: a message names a setting and what was expected, never its value.

use naru_connector::{ChannelSettings, SettingsError};

/// The refusal of a setting.
pub(crate) fn wrong<T>(name: &'static str, problem: &str) -> Result<T, SettingsError> {
    Err(SettingsError {
        name,
        problem: problem.to_owned(),
    })
}

/// Whether a text is printable ASCII without spaces.
pub(crate) fn is_graphic(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Refuses a setting of a name that is not known.
pub(crate) fn known<'a>(
    name: &'static str,
    mut found: impl Iterator<Item = &'a String>,
    known: &[&str],
) -> Result<(), SettingsError> {
    let Some(unknown) = found.find(|found| !known.contains(&found.as_str())) else {
        return Ok(());
    };
    let shown: String = unknown.chars().take(40).collect();
    wrong(
        name,
        &format!("have no `{shown}`; known are `{}`", known.join("`, `")),
    )
}

/// An address of a PG: https, or http for a simulator.
pub(crate) fn check_url(
    name: &'static str,
    url: &str,
    is_simulated: bool,
) -> Result<(), SettingsError> {
    let expected = if is_simulated {
        "must be an absolute URL without query"
    } else {
        "must be an absolute https URL without query"
    };
    let Ok(uri) = url.parse::<http::Uri>() else {
        return wrong(name, expected);
    };
    let is_secure = uri.scheme_str() == Some("https");
    let is_allowed = is_secure || (is_simulated && uri.scheme_str() == Some("http"));
    let has_host = uri.host().is_some_and(|host| !host.is_empty());
    let has_user = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    if is_allowed && has_host && !has_user && !url.contains(['?', '#']) {
        Ok(())
    } else {
        wrong(name, expected)
    }
}

/// How long an answer may take, in milliseconds.
pub(crate) fn check_timeout(
    settings: &ChannelSettings,
    default_ms: u32,
) -> Result<u32, SettingsError> {
    let name = "answer_timeout_ms";
    let Some(text) = settings.options.get(name) else {
        return Ok(default_ms);
    };
    match text.parse() {
        Ok(value @ 1_000..=60_000) => Ok(value),
        _ => wrong(name, "must be a number of milliseconds from 1000 to 60000"),
    }
}

/// An option that is on or off; absent is off.
pub(crate) fn flag(settings: &ChannelSettings, name: &'static str) -> Result<bool, SettingsError> {
    match settings.options.get(name).map(String::as_str) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => wrong(name, "must be `true` or `false`"),
    }
}
