//! The end of a window, as the page that opened it is told.
//!
//! A page that stays asks for it (`/end`); what our page posts to it only says that it is time to.
//! A page that was left is returned to at the address that it named when it asked for the window:
//! no address is taken from a browser on the way.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use naru_api_v1::browser as v1;
use naru_api_v2::browser as v2;
use naru_domain::{Face, WindowType};
use naru_engine::windows::WindowPage;
use naru_engine::{Engine, Fault};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Everything but the unreserved characters of RFC 3986: the mobile SDKs decode no `+`.
const STRICT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `GET …/end`: how it stands.
pub(super) async fn tell(State(engine): State<Engine>, Path(token): Path<String>) -> Response {
    told(&engine, engine.window_page(&token).await).await
}

/// `POST …/end`: the customer leaves, unless it is too late for that.
pub(super) async fn leave(State(engine): State<Engine>, Path(token): Path<String>) -> Response {
    let page = match engine.leave_window_page(&token).await {
        Ok(()) => engine.window_page(&token).await,
        Err(fault) => Err(fault),
    };
    told(&engine, page).await
}

async fn told(engine: &Engine, page: Result<WindowPage, Fault>) -> Response {
    let status = match page {
        Ok(page) => status(engine, &page).await,
        Err(fault) => Err(fault),
    };
    match status {
        Ok(status) => answer(StatusCode::OK, &status),
        Err(
            Fault::PaymentNotFound
            | Fault::BillingKeyNotFound
            | Fault::IdentityVerificationNotFound,
        ) => {
            let body = json!({ "code": "TransactionNotFound", "message": "no such window" });
            answer(StatusCode::NOT_FOUND, &body)
        }
        Err(fault) => {
            tracing::error!(%fault, detail = ?fault, "the end of a window can't be told");
            let body = json!({ "code": "UnknownError", "message": "try again later" });
            answer(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

async fn status(engine: &Engine, page: &WindowPage) -> Result<Value, Fault> {
    let response = match page.face {
        Face::V2 => v2::outcome(page),
        Face::V1 => v1::outcome(engine, page).await?,
    };
    let Some(response) = response else {
        return Ok(json!({ "status": "OPEN" }));
    };
    let mut body = json!({ "status": "ENDED", "response": response });
    if let Some(url) = destination(page) {
        body["redirectUrl"] = url.into();
    }
    Ok(body)
}

/// Where the customer goes now, if the window is over and there is somewhere to go.
pub(super) fn destination(page: &WindowPage) -> Option<String> {
    let url = page.opener.as_ref()?.redirect_url.as_deref()?;
    let query = match page.face {
        Face::V2 => v2::redirect_query(page),
        Face::V1 => v1::redirect_query(page),
    };
    Some(with_query(url, &query?))
}

/// Whether it is our page that takes them there.
pub(super) fn is_in_place(page: &WindowPage) -> bool {
    let opener = page.opener.as_ref();
    opener.is_some_and(|opener| opener.window_type == WindowType::Redirection)
}

/// The address with more parameters: what it has of its own stays as it is.
fn with_query(url: &str, parameters: &[(&'static str, String)]) -> String {
    let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let mut out = url.to_owned();
    let mut separator = match url.find('?') {
        None => "?",
        Some(_) if url.ends_with(['?', '&']) => "",
        Some(_) => "&",
    };
    for (name, value) in parameters {
        out.push_str(separator);
        out.push_str(name);
        out.push('=');
        out.extend(utf8_percent_encode(value, STRICT));
        separator = "&";
    }
    out.push_str(fragment);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresss_own_parts_stay() {
        let more = [
            ("txId", "a b=c&d".to_owned()),
            ("billingKey", String::new()),
        ];
        let added = "txId=a%20b%3Dc%26d&billingKey=";
        for (url, expected) in [
            (
                "https://shop.test/done",
                format!("https://shop.test/done?{added}"),
            ),
            ("https://shop.test/?", format!("https://shop.test/?{added}")),
            (
                "https://shop.test/?order=1#/top?x",
                format!("https://shop.test/?order=1&{added}#/top?x"),
            ),
            ("myApp://pay", format!("myApp://pay?{added}")),
            (
                "https://shop.test/#a",
                format!("https://shop.test/?{added}#a"),
            ),
        ] {
            assert_eq!(with_query(url, &more), expected);
        }
        assert_eq!(
            with_query("a:b", &[("m", "취소".to_owned())]),
            "a:b?m=%EC%B7%A8%EC%86%8C"
        );
    }
}
