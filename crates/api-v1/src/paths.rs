//! Paths as clients write them, and which requests are this face's.
//!
//! Both faces are on one listener. Most paths belong to one of them; the few that both have are
//! told apart by the credential, so a request says for itself which face it means.

use axum::extract::Request;
use http::uri::PathAndQuery;
use http::{HeaderMap, Uri, header};

use crate::call::TOKEN_HEADER;
use crate::document;

/// The one operation without a token.
const LOG_IN: &str = "/users/getToken";

/// What a request has to do with this face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// It is this face's.
    Ours,
    /// It is not.
    NotOurs,
}

/// Whether a request is this face's. A credential of V2 (`PortOne …`, or a signed token) speaks
/// for V2 everywhere but at the log-in; without one, a path that V2 has too is V2's unless the
/// request carries a token of V1.
pub fn claim(method: &http::Method, uri: &Uri, headers: &HeaderMap) -> Claim {
    let path = trimmed(uri.path());
    if path == "/v1/openapi.json" {
        return Claim::Ours;
    }
    if path == LOG_IN {
        return Claim::Ours;
    }
    // First what is soon known: most requests are V2's.
    let credential = credential(uri, headers);
    if credential == Credential::V2 || !document::has_path(path) {
        return Claim::NotOurs;
    }
    let is_shared = method == http::Method::GET && is_shared(path);
    if credential == Credential::None && is_shared {
        return Claim::NotOurs;
    }
    Claim::Ours
}

/// Paths that V2 has too: `GET /payments`, `GET /payments/{one}`, `GET /banks`.
fn is_shared(path: &str) -> bool {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    matches!(
        segments.as_slice(),
        ["payments" | "banks"] | ["payments", _]
    )
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credential {
    None,
    V1,
    V2,
}

fn credential(uri: &Uri, headers: &HeaderMap) -> Credential {
    let value = headers.get(header::AUTHORIZATION);
    let value = value.and_then(|value| value.to_str().ok()).map(str::trim);
    let has_query = uri
        .query()
        .is_some_and(|query| query.split('&').any(|pair| pair.starts_with("_token=")));
    match value {
        Some(value) => {
            let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
            let is_signed = rest.trim().split('.').count() == 3;
            if scheme.eq_ignore_ascii_case("portone") || is_signed {
                Credential::V2
            } else if is_token(rest.trim()) {
                Credential::V1
            } else {
                // What no face can have given out does not say which is meant.
                Credential::None
            }
        }
        None if headers.contains_key(TOKEN_HEADER) || has_query => Credential::V1,
        None => Credential::None,
    }
}

/// Tokens of this face have 40 hex digits.
fn is_token(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Takes slashes off the end, and all but one off the front: a redirect would lose a body.
pub(crate) fn trim(mut request: Request) -> Request {
    let path = request.uri().path();
    let kept = trimmed(path);
    if kept != path {
        let text = match request.uri().query() {
            Some(query) => format!("{kept}?{query}"),
            None => kept.to_owned(),
        };
        let mut parts = request.uri().clone().into_parts();
        if let Ok(kept) = PathAndQuery::try_from(text) {
            parts.path_and_query = Some(kept);
            if let Ok(uri) = Uri::from_parts(parts) {
                *request.uri_mut() = uri;
            }
        }
    }
    request
}

fn trimmed(path: &str) -> &str {
    let end = path.trim_end_matches('/');
    let front = end.len() - end.trim_start_matches('/').len();
    match front {
        0 => "/",
        front => end.get(front - 1..).unwrap_or("/"),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, Method};

    use super::*;

    fn claimed(method: &Method, uri: &str, authorization: Option<&str>) -> Claim {
        let mut headers = HeaderMap::new();
        if let Some(value) = authorization {
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
        }
        claim(method, &uri.parse().unwrap(), &headers)
    }

    #[test]
    fn the_credential_tells_the_faces_apart_where_the_path_does_not() {
        let token = Some("0123456789abcdef0123456789abcdef01234567");
        let bearer = Some("Bearer 0123456789abcdef0123456789abcdef01234567");
        let cases = [
            (Method::GET, "/payments", token, Claim::Ours),
            (Method::GET, "/payments/imp_1", bearer, Claim::Ours),
            (
                Method::GET,
                "/payments/imp_1",
                Some("PortOne secret"),
                Claim::NotOurs,
            ),
            (
                Method::GET,
                "/payments/order-1",
                Some("Bearer a.b.c"),
                Claim::NotOurs,
            ),
            (Method::GET, "/payments/order-1", None, Claim::NotOurs),
            (Method::GET, "/payments/order-1?_token=x", None, Claim::Ours),
            (Method::GET, "/banks", token, Claim::Ours),
            (
                Method::GET,
                "/banks",
                Some("PortOne secret"),
                Claim::NotOurs,
            ),
            (Method::GET, "/payments/find/order-1/", None, Claim::Ours),
            (Method::POST, "/payments/cancel", None, Claim::Ours),
            (
                Method::POST,
                "/payments/cancel",
                Some("PortOne secret"),
                Claim::NotOurs,
            ),
            (
                Method::POST,
                "/users/getToken",
                Some("PortOne secret"),
                Claim::Ours,
            ),
            (
                Method::POST,
                "/payments/order-1/instant",
                token,
                Claim::NotOurs,
            ),
            (
                Method::GET,
                "/payments/order-1/transactions",
                token,
                Claim::NotOurs,
            ),
            (Method::GET, "/nothing", token, Claim::NotOurs),
        ];
        for (method, uri, credential, expected) in cases {
            let found = claimed(&method, uri, credential);
            assert_eq!(found, expected, "{method} {uri} {credential:?}");
        }
    }

    #[test]
    fn slashes_at_the_end_go() {
        let seen = [
            ("/payments/find/a/", "/payments/find/a"),
            ("//payments//", "/payments"),
            ("/", "/"),
            ("///", "/"),
            ("/a%2F", "/a%2F"),
        ];
        for (path, expected) in seen {
            assert_eq!(trimmed(path), expected, "{path}");
        }
    }
}
