//! Session tokens: signed by the partner's secret key, protocol version 2.0.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use naru_connector::{Answer, BeginError, Call, ChannelSettings, Request, SettingsError};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{ANSWER_TIMEOUT_MS, auth_base, service_id};

const VERSION: &str = "2.0";

/// The partner's key.
pub(super) fn key(settings: &ChannelSettings) -> Result<Vec<u8>, SettingsError> {
    let wrong = || SettingsError {
        name: "secret_key",
        problem: "is not base64".to_owned(),
    };
    let text = settings.secret("secret_key")?;
    STANDARD
        .decode(text.expose().trim())
        .ok()
        .filter(|key| !key.is_empty())
        .ok_or_else(wrong)
}

/// Asks for a token that acts for a company.
pub(super) fn request(
    company: &str,
    scopes: &[&'static str],
    call: &Call<'_>,
) -> Result<Request, BeginError> {
    let settings = call.settings;
    let path = format!("/{}/Token", service_id(settings));
    let body = json!({"access_id": company, "scope": scopes}).to_string();
    let date = call.at.whole_seconds().to_string();
    // Tokens are bound to the caller's address; whoever calls through several says `*`.
    let forwarded = settings.options.get("forwarded_ip").map(String::as_str);
    let signature = sign(&key(settings)?, &body, &date, forwarded, &path)?;
    let link_id = settings.option("link_id")?;
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("x-lh-date", date),
        ("x-lh-version", VERSION.to_owned()),
        ("authorization", format!("LINKHUB {link_id} {signature}")),
    ];
    if let Some(forwarded) = forwarded {
        headers.push(("x-lh-forwarded", forwarded.to_owned()));
    }
    Ok(Request {
        method: http::Method::POST,
        url: format!("{}{path}", auth_base(settings)),
        headers,
        body: Bytes::from(body),
        timeout_ms: ANSWER_TIMEOUT_MS,
        write_within_ms: None,
    })
}

fn sign(
    key: &[u8],
    body: &str,
    date: &str,
    forwarded: Option<&str>,
    path: &str,
) -> Result<String, SettingsError> {
    let digest = STANDARD.encode(Sha256::digest(body.as_bytes()));
    let mut lines = vec!["POST", digest.as_str(), date];
    lines.extend(forwarded);
    lines.extend([VERSION, path]);
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| SettingsError {
        name: "secret_key",
        problem: "is no key".to_owned(),
    })?;
    mac.update(lines.join("\n").as_bytes());
    Ok(STANDARD.encode(mac.finalize().into_bytes()))
}

/// The token of an answer, or what the auth server said instead.
pub(super) fn read(answer: &Answer) -> Result<String, (String, String)> {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    match body.get("session_token").and_then(Value::as_str) {
        Some(token) if answer.status == 200 && !token.is_empty() => Ok(token.to_owned()),
        _ => Err(super::reply::problem_of(answer)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const BODY: &str = r#"{"access_id":"1234567890","scope":["member","110"]}"#;
    const DATE: &str = "2026-01-02T03:04:05Z";

    /// The vector of our digest of the protocol.
    #[test]
    fn signature_matches_the_vector() {
        let key = STANDARD.decode(KEY).unwrap();
        let sign = |forwarded| sign(&key, BODY, DATE, forwarded, "/POPBILL_TEST/Token").unwrap();
        assert_eq!(sign(None), "V/B07+6Kpahqf8GzHRx9KmQfy8Dn1p9G8yheCihVgWU=");
        assert_eq!(
            sign(Some("*")),
            "xYHklyX9oVmhiydkgV+0ryCr0HHlWDS5Oc3bPLqH1HQ="
        );
    }

    #[test]
    fn the_body_is_written_as_it_is_signed() {
        let body = json!({"access_id": "1234567890", "scope": ["member", "110"]}).to_string();
        assert_eq!(body, BODY);
    }
}
