//! Who asks: the session's cookie, whether a form is ours, which language.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::header::{ACCEPT_LANGUAGE, COOKIE, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use naru_engine::administrators::ConsoleSession;
use naru_engine::records::ActVia;
use naru_engine::{Actor, Engine, Fault};
use subtle::ConstantTimeEq as _;

use super::words::Language;

/// The session's cookie, in the clear and over TLS: browsers take one that begins so over TLS
/// only, and from no other host.
const COOKIE_NAME: &str = "naru-console";
const SECURE_COOKIE_NAME: &str = "__Host-naru-console";
const LANGUAGE_COOKIE: &str = "naru-console-language";
/// Seconds that a choice of language is kept.
const LANGUAGE_S: u32 = 365 * 86_400;

/// What a request says besides its form.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    /// From where.
    pub(super) address: IpAddr,
    /// In which language.
    pub(super) language: Language,
    /// The query, for links to the same page.
    pub(super) query: Vec<(String, String)>,
    headers: HeaderMap,
}

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let query: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
        Ok(Self {
            address: address.to_canonical(),
            language: language(&query, &parts.headers),
            query,
            headers: parts.headers.clone(),
        })
    }
}

impl Asking {
    /// One field of the query.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(found, _)| found == name);
        found
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Who does something in a session.
    pub(super) fn actor(&self, session: &ConsoleSession) -> Actor {
        Actor {
            name: session.email.clone(),
            via: ActVia::Console,
            address: Some(self.address.to_string()),
        }
    }

    /// The session of the request, if it has one that lives.
    pub(super) async fn session(&self, engine: &Engine) -> Result<Option<ConsoleSession>, Fault> {
        for (name, is_secure) in [(SECURE_COOKIE_NAME, true), (COOKIE_NAME, false)] {
            for token in cookies(&self.headers, name) {
                let found = engine.console_session(token).await?;
                // A token of TLS that came by the name of the clear was seen by others.
                if let Some(found) = found.filter(|found| found.is_secure == is_secure) {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }

    /// Whether the browser came over TLS, as it says itself.
    pub(super) fn is_secure(&self) -> bool {
        let origin = self.headers.get(ORIGIN);
        origin.is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
    }

    /// Whether the browser says that the form is of this very site. A client that says nothing is
    /// none that a page could have made send it, but it could be an old one: refused.
    pub(super) fn is_of_this_site(&self) -> bool {
        let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
        let site = self.headers.get("sec-fetch-site").map(text);
        let origin = self.headers.get(ORIGIN).map(text);
        if site.is_none() && origin.is_none() {
            return false;
        }
        let is_same_site = site.is_none_or(|site| site.as_deref() == Some("same-origin"));
        let host = self.headers.get(HOST).and_then(text);
        let is_same_origin = origin.is_none_or(|origin| {
            let named = origin
                .as_deref()
                .and_then(|origin| origin.split_once("://"));
            match (named, host) {
                (Some((scheme @ ("http" | "https"), named)), Some(host)) => {
                    full(scheme, named) == full(scheme, &host)
                }
                _ => false,
            }
        });
        is_same_site && is_same_origin
    }
}

/// A host with the port that its scheme has if none is named.
fn full(scheme: &str, host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let port = if scheme == "https" { ":443" } else { ":80" };
    host.strip_suffix(port).unwrap_or(&host).to_owned()
}

/// Whether a form carries the session's token.
pub(super) fn is_own_form(session: &ConsoleSession, token: &str) -> bool {
    let wanted = session.form_token.expose().as_bytes();
    token.as_bytes().ct_eq(wanted).into()
}

fn cookies<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(move |(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The cookie of a session that has begun.
pub(super) fn cookie(session: &ConsoleSession) -> String {
    let token = session.token.expose();
    if session.is_secure {
        format!("{SECURE_COOKIE_NAME}={token}; Path=/; Secure; HttpOnly; SameSite=Strict")
    } else {
        format!("{COOKIE_NAME}={token}; Path=/; HttpOnly; SameSite=Strict")
    }
}

/// The cookie after a session, which takes it out of the browser.
pub(super) fn no_cookie(session: &ConsoleSession) -> String {
    if session.is_secure {
        format!("{SECURE_COOKIE_NAME}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
    } else {
        format!("{COOKIE_NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0")
    }
}

/// The cookie that keeps a choice of language.
pub(super) fn language_cookie(language: Language) -> String {
    format!(
        "{LANGUAGE_COOKIE}={}; Path={}; HttpOnly; SameSite=Strict; Max-Age={LANGUAGE_S}",
        language.words().code,
        super::PATH
    )
}

/// What was chosen now or before, else what the browser asks for first.
fn language(query: &[(String, String)], headers: &HeaderMap) -> Language {
    let chosen = query.iter().find(|(name, _)| name == "lang");
    let kept = || cookies(headers, LANGUAGE_COOKIE).next();
    let asked = || headers.get(ACCEPT_LANGUAGE)?.to_str().ok();
    match chosen
        .map(|(_, value)| value.as_str())
        .or_else(kept)
        .or_else(asked)
    {
        Some(language) if language.starts_with("en") => Language::English,
        Some(_) | None => Language::Korean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(headers: &[(&'static str, &str)]) -> Asking {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        Asking {
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            language: Language::English,
            query: Vec::new(),
            headers: map,
        }
    }

    #[test]
    fn a_form_is_ours_if_the_browser_says_so_and_nothing_says_otherwise() {
        let host = ("host", "127.0.0.1:8081");
        for (headers, is_ours) in [
            (vec![("origin", "http://127.0.0.1:8081")], true),
            (vec![("sec-fetch-site", "same-origin")], true),
            (
                vec![
                    ("origin", "http://127.0.0.1:8081"),
                    ("sec-fetch-site", "same-origin"),
                ],
                true,
            ),
            (vec![], false),
            (vec![("origin", "null")], false),
            (vec![("origin", "http://127.0.0.1:8080")], false),
            (vec![("origin", "http://evil.example")], false),
            (
                vec![("origin", "http://127.0.0.1:8081.evil.example")],
                false,
            ),
            (vec![("origin", "file://127.0.0.1:8081")], false),
            (vec![("sec-fetch-site", "same-site")], false),
            (vec![("sec-fetch-site", "cross-site")], false),
            (vec![("sec-fetch-site", "none")], false),
            (
                vec![
                    ("origin", "http://127.0.0.1:8081"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
        ] {
            let all = [headers.as_slice(), &[host]].concat();
            assert_eq!(asking(&all).is_of_this_site(), is_ours, "{headers:?}");
        }
        let tls = [
            ("origin", "https://console.example"),
            ("host", "Console.example:443"),
        ];
        assert!(asking(&tls).is_of_this_site() && asking(&tls).is_secure());
        let clear = [
            ("origin", "http://console.example"),
            ("host", "console.example"),
        ];
        assert!(!asking(&clear).is_secure());
    }

    #[test]
    fn cookies_are_found_by_their_whole_name() {
        let headers = asking(&[
            ("cookie", "a=1; naru-console=one; xnaru-console=no"),
            ("cookie", "naru-console=two"),
        ])
        .headers;
        let found: Vec<&str> = cookies(&headers, COOKIE_NAME).collect();
        assert_eq!(found, ["one", "two"]);
        assert_eq!(cookies(&headers, SECURE_COOKIE_NAME).count(), 0);
    }
}
