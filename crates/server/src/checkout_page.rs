//! What stands at a payment session's address: until the hosted checkout is built, a page that
//! says so.
//!
//! Invariant: nothing of a session is shown here; whether there is one, its id tells anyway.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use http::{StatusCode, header};
use naru_engine::{Engine, Fault};

use crate::wiring::PAGE_POLICY;

const PAGE: &str = include_str!("pages/checkout.html");

/// Title and text in Korean, title and text in English.
type Words = [&'static str; 4];

const NOT_BUILT: Words = [
    "아직 결제창을 제공하지 않습니다",
    "이 서버 버전에는 호스티드 체크아웃이 없습니다. 결제는 이루어지지 않았습니다. 주문하신 상점에 \
     다른 결제 방법을 문의해 주세요.",
    "The checkout is not available yet",
    "This version of the server has no hosted checkout. Nothing has been paid. Please ask the shop \
     for another way to pay.",
];
const ENDED: Words = [
    "만료된 결제 페이지입니다",
    "이 결제 페이지는 더 이상 사용할 수 없습니다. 상점에서 다시 주문해 주세요.",
    "This checkout has ended",
    "This page can no longer be used. Please order again at the shop.",
];
const UNKNOWN: Words = [
    "결제 페이지를 찾을 수 없습니다",
    "주소를 다시 확인해 주세요.",
    "There is no such checkout",
    "Please check the address.",
];
const BROKEN: Words = [
    "잠시 후 다시 시도해 주세요",
    "서버가 일시적으로 응답하지 못했습니다.",
    "Please try again in a moment",
    "The server can't answer at the moment.",
];

/// The page, under `/checkout/{sessionId}`.
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/checkout/{session}", get(show))
        .with_state(engine)
}

async fn show(State(engine): State<Engine>, Path(session): Path<String>) -> Response {
    let found = if session.contains('\0') {
        Err(Fault::SessionNotFound)
    } else {
        engine.payment_session(&session).await
    };
    match found {
        Ok(_) => page(StatusCode::NOT_IMPLEMENTED, NOT_BUILT),
        Err(Fault::SessionExpired) => page(StatusCode::GONE, ENDED),
        Err(Fault::SessionNotFound) => page(StatusCode::NOT_FOUND, UNKNOWN),
        Err(fault) => {
            tracing::error!(%fault, detail = ?fault, "the checkout page can't read a session");
            page(StatusCode::SERVICE_UNAVAILABLE, BROKEN)
        }
    }
}

fn html([title_ko, text_ko, title_en, text_en]: Words) -> String {
    PAGE.replace("@TITLE_KO@", title_ko)
        .replace("@TEXT_KO@", text_ko)
        .replace("@TITLE_EN@", title_en)
        .replace("@TEXT_EN@", text_en)
}

fn page(status: StatusCode, words: Words) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, Html(html(words))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_whole() {
        for words in [NOT_BUILT, ENDED, UNKNOWN, BROKEN] {
            let html = html(words);
            assert!(!html.contains("@T"), "{html}");
            assert!(words.iter().all(|text| html.contains(text)));
        }
    }
}
