//! What a request asks of the public listener, as far as letting it in goes by that: whether it
//! may be turned away, what counts against its address, and in which shape it is told so.

use axum::response::Response;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use naru_api_v1::Claim;

use crate::window_page;

/// Whom a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The V1 API.
    V1,
    /// The V2 API, and whatever has no better place.
    V2,
    /// What the V1 browser SDK asks.
    V1Browser,
    /// What the V2 browser SDK asks.
    V2Browser,
    /// A page that a person reads.
    Page,
    /// A PG, or a provider of tax invoices, that brings a notice.
    Notice,
}

impl Asked {
    pub(crate) fn of(claim: Claim, method: &Method, path: &str) -> Self {
        let is_under = |start: &str| path.starts_with(start);
        let is_notice = is_under("/pg/") || is_under("/tax/");
        match claim {
            Claim::Ours => Self::V1,
            Claim::NotOurs if is_under("/checkout/v2/") => Self::V2Browser,
            Claim::NotOurs if is_under("/checkout/v1/") || is_under("/users/pg/") => {
                Self::V1Browser
            }
            Claim::NotOurs if is_under("/checkout/") || is_under("/w/") => Self::Page,
            Claim::NotOurs if is_under("/tax-invoices/") => Self::Page,
            Claim::NotOurs if is_notice && path.ends_with("/notices") && method == Method::POST => {
                Self::Notice
            }
            Claim::NotOurs => Self::V2,
        }
    }

    /// Whether it begins an attempt, or an issue, without any credential.
    pub(super) fn opens_a_window(self, method: &Method, path: &str) -> bool {
        // `/checkout/{sessionId}`; what is below it begins nothing.
        let is_session = || {
            let session = path.strip_prefix("/checkout/");
            session.is_some_and(|session| !session.contains('/'))
        };
        method == Method::POST
            && match self {
                Self::V1Browser | Self::V2Browser => true,
                Self::Page => is_session(),
                Self::V1 | Self::V2 | Self::Notice => false,
            }
    }

    /// 503: too much is under way.
    pub(super) fn unavailable(self, retry_after_s: u32) -> Response {
        match self {
            Self::V1 => naru_api_v1::unavailable(retry_after_s),
            Self::V2 | Self::Notice => naru_api_v2::unavailable(retry_after_s),
            Self::V1Browser => readable(naru_api_v1::browser::unavailable(retry_after_s)),
            Self::V2Browser => readable(naru_api_v2::browser::unavailable(retry_after_s)),
            Self::Page => page(StatusCode::SERVICE_UNAVAILABLE, retry_after_s),
        }
    }

    /// 429: the address has asked too often.
    pub(super) fn too_many_requests(self, retry_after_s: u32) -> Response {
        match self {
            Self::V1 => naru_api_v1::too_many_requests(retry_after_s),
            Self::V2 | Self::Notice => naru_api_v2::too_many_requests(retry_after_s),
            Self::V1Browser => readable(naru_api_v1::browser::too_many_requests(retry_after_s)),
            Self::V2Browser => readable(naru_api_v2::browser::too_many_requests(retry_after_s)),
            Self::Page => page(StatusCode::TOO_MANY_REQUESTS, retry_after_s),
        }
    }
}

/// Whether a request's credential is in its body. Slashes that clients add do not hide it.
pub(super) fn is_log_in(path: &str) -> bool {
    let mut segments = path.split('/').filter(|segment| !segment.is_empty());
    matches!(
        (segments.next(), segments.next(), segments.next()),
        (Some("login"), Some("api-secret"), None)
            | (Some("token"), Some("refresh"), None)
            | (Some("users"), Some("getToken"), None)
    )
}

/// Pages of every origin may read it, as they may read the answers of the SDK's calls.
fn readable(mut response: Response) -> Response {
    let anybody = HeaderValue::from_static("*");
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
    response
}

fn page(status: StatusCode, retry_after_s: u32) -> Response {
    let mut response = window_page::turned_away(status);
    let seconds = HeaderValue::from(retry_after_s);
    response.headers_mut().insert(RETRY_AFTER, seconds);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_told_by_method_and_path() {
        assert_eq!(
            Asked::of(Claim::Ours, &Method::POST, "/payments/cancel"),
            Asked::V1
        );
        let cases = [
            ("GET /payments/a", Asked::V2, false),
            ("POST /checkout/v2/payments", Asked::V2Browser, true),
            ("OPTIONS /checkout/v2/payments", Asked::V2Browser, false),
            ("POST /checkout/v1/payments", Asked::V1Browser, true),
            ("GET /users/pg/imp1", Asked::V1Browser, false),
            ("POST /checkout/session-1", Asked::Page, true),
            ("GET /checkout/session-1", Asked::Page, false),
            ("POST /checkout/windows/t/return", Asked::Page, false),
            ("POST /w/t", Asked::Page, false),
            ("POST /pg/inicis/notices", Asked::Notice, false),
            ("POST /tax/popbill/notices", Asked::Notice, false),
            ("GET /pg/inicis/notices", Asked::V2, false),
            ("GET /v2/browser-sdk.js", Asked::V2, false),
        ];
        for (line, asked, opens) in cases {
            let (method, path) = line.split_once(' ').unwrap();
            let method: Method = method.parse().unwrap();
            assert_eq!(Asked::of(Claim::NotOurs, &method, path), asked, "{line}");
            assert_eq!(asked.opens_a_window(&method, path), opens, "{line}");
        }
    }

    #[test]
    fn log_ins_are_known_however_they_are_written() {
        for path in [
            "/login/api-secret",
            "//login//api-secret/",
            "/token/refresh",
            "/users/getToken/",
        ] {
            assert!(is_log_in(path), "{path}");
        }
        for path in ["/", "/login", "/users/getToken/x", "/users/pg/imp1"] {
            assert!(!is_log_in(path), "{path}");
        }
    }
}
