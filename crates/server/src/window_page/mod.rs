//! The page of a payment window: it hands the customer over to the PG, takes what the PG gives
//! their browser, and says what became of it.
//!
//! | path below `/checkout/windows/{token}` | what it does |
//! | --- | --- |
//! | (itself) | the page |
//! | `/return` | takes what the PG sends the browser back with, then shows the page |
//! | `/close` | stands in the PG's frame when it is closed, and takes the frame away |
//! | `/leave` | the customer leaves without paying |
//!
//! No credential: the token is the permission. Nothing is inline, and nothing comes from elsewhere
//! but the PG's own script. No amount, order or customer is taken from a browser.

mod html;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use naru_connector::{InboundRequest, WindowForm};
use naru_engine::windows::WindowState;
use naru_engine::{Engine, Fault};

const CSS: &str = include_str!("window.css");
const JS: &str = include_str!("window.js");
/// More than any PG's window brings back.
const RETURN_BYTES_MAX: usize = 64 * 1024;

/// Everything below `/checkout/windows`, and the files of the pages.
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/checkout/windows/{token}", get(show))
        .route("/checkout/windows/{token}/return", get(take).post(take))
        .route("/checkout/windows/{token}/close", get(close).post(close))
        .route("/checkout/windows/{token}/leave", post(leave))
        .route(
            "/checkout/assets/window.css",
            get(async || asset("text/css; charset=utf-8", CSS)),
        )
        .route(
            "/checkout/assets/window.js",
            get(async || asset("text/javascript; charset=utf-8", JS)),
        )
        .with_state(engine)
}

fn asset(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, text).into_response()
}

async fn show(State(engine): State<Engine>, Path(token): Path<String>) -> Response {
    let page = match engine.window_page(&token).await {
        Ok(page) => page,
        Err(fault) => return failed(&fault),
    };
    let gateway = match &page.state {
        WindowState::Open(form) => gateway(form),
        _ => None,
    };
    let text = html::window(&page, &token);
    finished(StatusCode::OK, text, gateway.as_deref(), "'none'")
}

/// Some PGs bring the result by GET.
async fn take(
    State(engine): State<Engine>,
    Path(token): Path<String>,
    request: Request<Body>,
) -> Response {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let is_get = request.method() == Method::GET;
    let content_type = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let Ok(body) = to_bytes(request.into_body(), RETURN_BYTES_MAX).await else {
        return finished(
            StatusCode::PAYLOAD_TOO_LARGE,
            html::unreadable(),
            None,
            "'none'",
        );
    };
    let brought = InboundRequest {
        content_type,
        body: if is_get { Bytes::from(query) } else { body },
        peer: None,
    };
    match engine.bring_to_window(&token, brought).await {
        Ok(()) => back(&token),
        Err(fault) => failed(&fault),
    }
}

async fn leave(State(engine): State<Engine>, Path(token): Path<String>) -> Response {
    match engine.leave_window_page(&token).await {
        Ok(()) => back(&token),
        Err(fault) => failed(&fault),
    }
}

/// Nothing happens to the payment: the customer may open the window again.
async fn close(State(engine): State<Engine>, Path(token): Path<String>) -> Response {
    let page = match engine.window_page(&token).await {
        Ok(page) => page,
        Err(fault) => return failed(&fault),
    };
    let WindowState::Open(form) = &page.state else {
        return back(&token);
    };
    let gateway = gateway(form);
    let text = html::closing(form.close_script.as_deref());
    finished(StatusCode::OK, text, gateway.as_deref(), "'self'")
}

/// To the page, by GET: read again it brings nothing twice.
fn back(token: &str) -> Response {
    Redirect::to(&format!("/checkout/windows/{token}")).into_response()
}

/// The PG's origin, which alone the page reaches.
fn gateway(form: &WindowForm) -> Option<String> {
    let url = form.script.as_deref().or(form.action.as_deref())?;
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split('/').next()?;
    Some(format!("{scheme}://{host}"))
}

fn finished(status: StatusCode, text: String, gateway: Option<&str>, framed_by: &str) -> Response {
    let gateway = gateway.unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self' {gateway}; \
         frame-src 'self' {gateway}; form-action 'self' {gateway}; base-uri 'none'; \
         frame-ancestors {framed_by}"
    );
    let mut response = (status, Html(text)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::try_from(policy) {
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

fn failed(fault: &Fault) -> Response {
    let (status, text) = match fault {
        Fault::PaymentNotFound | Fault::BillingKeyNotFound => {
            (StatusCode::NOT_FOUND, html::unknown())
        }
        Fault::InvalidRequest { .. } => (StatusCode::BAD_REQUEST, html::unreadable()),
        _ => {
            tracing::error!(%fault, detail = ?fault, "the page of a window can't be shown");
            (StatusCode::SERVICE_UNAVAILABLE, html::broken())
        }
    };
    finished(status, text, None, "'none'")
}
