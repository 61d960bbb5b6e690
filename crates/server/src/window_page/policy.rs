//! What a page of a window may load and reach, and who may frame it.

use axum::response::{Html, IntoResponse as _, Response};
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use naru_connector::WindowForm;
use naru_domain::{Opener, WindowType};
use naru_engine::windows::{WindowPage, WindowState};

/// Nothing is inline, and nothing comes from elsewhere but the PG's own script.
#[derive(Debug, Default)]
pub(super) struct Policy {
    /// The PG's origin, which the page reaches.
    gateway: Option<String>,
    /// The origin of the address that the customer goes to at the end: browsers count a redirect
    /// as a part of the form that led to it.
    goes_to: Option<String>,
    framed_by: FramedBy,
}

#[derive(Debug, Default)]
enum FramedBy {
    #[default]
    Nobody,
    /// Our own page, as the PG's script puts it there.
    Ourselves,
    /// The page that opened the window.
    Origin(String),
    /// It has no origin that could be named; not even `*` would let it.
    Unnamed,
}

impl Policy {
    /// That of a window's page.
    pub(super) fn of(page: &WindowPage) -> Self {
        let form = match &page.state {
            WindowState::Open(form) => Some(form),
            _ => None,
        };
        let opener = page.opener.as_ref();
        Self {
            gateway: form.and_then(gateway),
            goes_to: opener.and_then(|opener| origin(opener.redirect_url.as_deref()?)),
            framed_by: match opener {
                Some(Opener {
                    window_type: WindowType::Iframe,
                    origin,
                    ..
                }) => origin.clone().map_or(FramedBy::Unnamed, FramedBy::Origin),
                _ => FramedBy::Nobody,
            },
        }
    }

    /// That of a page that may have a form, and that no other page opens.
    pub(super) fn of_form(form: Option<&WindowForm>) -> Self {
        Self {
            gateway: form.and_then(gateway),
            ..Self::default()
        }
    }

    /// That of the page that closes the PG's frame.
    pub(super) fn of_own_frame(form: Option<&WindowForm>) -> Self {
        Self {
            framed_by: FramedBy::Ourselves,
            ..Self::of_form(form)
        }
    }

    fn text(&self) -> String {
        let gateway = self.gateway.as_deref().unwrap_or_default();
        let goes_to = self.goes_to.as_deref().unwrap_or_default();
        let ancestors = match &self.framed_by {
            FramedBy::Nobody => "; frame-ancestors 'none'".to_owned(),
            FramedBy::Ourselves => "; frame-ancestors 'self'".to_owned(),
            FramedBy::Origin(origin) => format!("; frame-ancestors {origin}"),
            FramedBy::Unnamed => String::new(),
        };
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self' {gateway}; \
             frame-src 'self' {gateway}; form-action 'self' {gateway} {goes_to}; \
             base-uri 'none'{ancestors}"
        )
    }

    /// A page under it.
    pub(super) fn page(&self, status: StatusCode, text: String) -> Response {
        let mut response = (status, Html(text)).into_response();
        let headers = response.headers_mut();
        if let Ok(policy) = HeaderValue::try_from(self.text()) {
            headers.insert(CONTENT_SECURITY_POLICY, policy);
        }
        for (name, value) in [
            (CACHE_CONTROL, "private, no-store"),
            // The PG compares our origin with that of the return address; the token is not told.
            (REFERRER_POLICY, "strict-origin"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (HeaderName::from_static("x-robots-tag"), "noindex"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

fn gateway(form: &WindowForm) -> Option<String> {
    origin(form.script.as_deref().or(form.action.as_deref())?)
}

/// Scheme, host and port of an address of the web, without anything that a policy would read as
/// more than that.
pub(crate) fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let host = host.rsplit('@').next()?;
    let is_plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"-._:[]".contains(&c))
    };
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    (is_web && is_plain(host)).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_says_nothing_more() {
        for (url, expected) in [
            ("https://shop.test/a?b#c", Some("https://shop.test")),
            ("http://localhost:3000?x", Some("http://localhost:3000")),
            ("https://user@shop.test/", Some("https://shop.test")),
            ("https://shop.test;script-src/", None),
            ("https://a b/", None),
            ("app://done", None),
            ("https://", None),
        ] {
            assert_eq!(origin(url).as_deref(), expected, "{url}");
        }
    }
}
