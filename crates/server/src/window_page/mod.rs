//! The page of a payment window: it hands the customer over to the PG, takes what the PG gives
//! their browser, and says what became of it.
//!
//! | path below `/checkout/windows/{token}` | what it does |
//! | --- | --- |
//! | (itself) | the page |
//! | `/return` | takes what the PG sends the browser back with, then shows the page |
//! | `/w/{token}`, at the root | the same, for PGs that take no long addresses |
//! | `/close` | stands in the PG's frame when it is closed, and takes the frame away |
//! | `/leave` | the customer leaves without paying |
//! | `/end` | what the page that opened the window asks (`end`) |
//!
//! No credential: the token is the permission. Nothing is inline, and nothing comes from elsewhere
//! but the PG's own script. No amount, order or customer is taken from a browser.

mod end;
mod escrow;
mod html;
mod policy;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{Method, StatusCode};
use naru_connector::InboundRequest;
use naru_engine::windows::WindowState;
use naru_engine::{Engine, Fault};

use policy::Policy;

pub(crate) use html::{document, message, money};
pub(crate) use policy::origin;

use crate::browser_sdk::cross_origin;

const CSS: &str = include_str!("window.css");
const JS: &str = include_str!("window.js");
const ENDED: &str = include_str!("ended.js");
const GOING: &str = include_str!("going.js");
/// More than any PG's window brings back.
const RETURN_BYTES_MAX: usize = 64 * 1024;

/// Everything below `/checkout/windows`, and the files of the pages.
pub(crate) fn router(engine: Engine) -> Router {
    Router::new()
        .route("/checkout/windows/{token}", get(show))
        .route("/checkout/windows/{token}/return", get(take).post(take))
        .route("/w/{token}", get(take).post(take))
        .route("/checkout/windows/{token}/close", get(close).post(close))
        .route("/checkout/windows/{token}/leave", post(leave))
        .route(
            "/checkout/windows/{token}/end",
            get(end::tell).post(end::leave).layer(cross_origin()),
        )
        .route(
            "/checkout/assets/window.css",
            get(async || asset("text/css; charset=utf-8", CSS)),
        )
        .route(
            "/checkout/assets/window.js",
            get(async || asset("text/javascript; charset=utf-8", JS)),
        )
        .route(
            "/checkout/assets/ended.js",
            get(async || asset("text/javascript; charset=utf-8", ENDED)),
        )
        .route(
            "/checkout/assets/going.js",
            get(async || asset("text/javascript; charset=utf-8", GOING)),
        )
        .merge(escrow::router())
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
    if let Some(url) = end::destination(&page).filter(|_| end::is_in_place(&page)) {
        return taken_to(&url);
    }
    let text = html::window(&page, &token);
    Policy::of(&page).page(StatusCode::OK, text)
}

/// To the merchant's page. Some apps' views ignore a redirect to an app's address after a form, so
/// there it is a page that goes on by itself and has a link.
fn taken_to(url: &str) -> Response {
    let lower = url.to_ascii_lowercase();
    if lower.starts_with("https://") || lower.starts_with("http://") {
        let headers = [(CACHE_CONTROL, "private, no-store")];
        return (headers, Redirect::to(url)).into_response();
    }
    Policy::default().page(StatusCode::OK, html::going(url))
}

async fn take(
    State(engine): State<Engine>,
    Path(token): Path<String>,
    request: Request<Body>,
) -> Response {
    let Some(brought) = brought(request).await else {
        return too_long();
    };
    match engine.bring_to_window(&token, brought).await {
        Ok(()) => back(&token),
        Err(fault) => failed(&fault),
    }
}

/// What a browser brings; nothing if it is too long. Some PGs have it brought by GET.
async fn brought(request: Request<Body>) -> Option<InboundRequest> {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let is_get = request.method() == Method::GET;
    let content_type = request.headers().get(CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.map(str::to_owned);
    let body = to_bytes(request.into_body(), RETURN_BYTES_MAX).await.ok()?;
    Some(InboundRequest {
        content_type,
        body: if is_get { Bytes::from(query) } else { body },
        peer: None,
    })
}

fn too_long() -> Response {
    Policy::default().page(StatusCode::PAYLOAD_TOO_LARGE, html::unreadable())
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
    let text = html::closing(form.close_script.as_deref());
    Policy::of_own_frame(Some(form)).page(StatusCode::OK, text)
}

/// To the page, by GET: read again it brings nothing twice.
fn back(token: &str) -> Response {
    Redirect::to(&format!("/checkout/windows/{token}")).into_response()
}

/// The page for a request that was not let in.
pub(crate) fn turned_away(status: StatusCode) -> Response {
    Policy::default().page(status, html::broken())
}

fn failed(fault: &Fault) -> Response {
    let (status, text) = match fault {
        Fault::PaymentNotFound
        | Fault::BillingKeyNotFound
        | Fault::IdentityVerificationNotFound => (StatusCode::NOT_FOUND, html::unknown()),
        Fault::InvalidRequest { .. } => (StatusCode::BAD_REQUEST, html::unreadable()),
        _ => {
            tracing::error!(%fault, detail = ?fault, "the page of a window can't be shown");
            (StatusCode::SERVICE_UNAVAILABLE, html::broken())
        }
    };
    Policy::default().page(status, text)
}
