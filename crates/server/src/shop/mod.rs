//! The demo shop of a sandbox: what a new user sees first. A merchant in small, apart from Naru: it
//! knows Naru by its public API alone, with the API secret of its store, and hears of payments by
//! webhooks.
//!
//! | path below `/shop` | |
//! | --- | --- |
//! | (itself) | the page |
//! | `/orders`, `/orders/{id}`, … | what the shop's server does (`orders`, `escrow`) |
//! | `/webhooks`, `/events` | webhooks as they came (`events`) |
//!
//! In a sandbox only. Nothing is kept: a restart forgets what was shown.

mod escrow;
mod events;
mod orders;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{get, post};
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use naru_documents::escape;

use crate::sandbox_credentials as credentials;
use crate::sandbox_json::SandboxUrls;

const PAGE: &str = include_str!("shop.html");
const STYLE: &str = include_str!("shop.css");
const SCRIPT: &str = include_str!("shop.js");

/// The shop.
pub(crate) struct Shop {
    /// Where Naru is.
    naru: String,
    /// Where the simulated PG's controls are: no real shop has them.
    simulator: String,
    /// Where this shop is.
    own: String,
    client: reqwest::Client,
    events: events::Events,
}

/// The shop's routes.
pub(crate) fn router(urls: &SandboxUrls) -> anyhow::Result<Router> {
    let shop = Arc::new(Shop {
        naru: urls.public.clone(),
        simulator: urls.simulator.clone(),
        own: urls.shop.clone(),
        client: reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()?,
        events: events::Events::default(),
    });
    Ok(Router::new()
        .route("/shop", get(page))
        .route(
            "/shop/shop.css",
            get(async || file("text/css; charset=utf-8", STYLE)),
        )
        .route(
            "/shop/shop.js",
            get(async || file("text/javascript; charset=utf-8", SCRIPT)),
        )
        .route("/shop/orders", post(orders::create))
        .route("/shop/orders/{id}", get(orders::read))
        .route("/shop/orders/{id}/cancel", post(orders::cancel))
        .route("/shop/orders/{id}/deposit", post(orders::deposit))
        .route("/shop/orders/{id}/ship", post(escrow::ship))
        .route("/shop/orders/{id}/keep", post(escrow::keep))
        .route("/shop/orders/{id}/reject", post(escrow::reject))
        .route("/shop/billing-keys/{key}/charge", post(orders::charge))
        .route("/shop/identity-verifications/{id}", get(orders::person))
        .route("/shop/events", get(events::list))
        .layer(from_fn(only_own_pages))
        .route("/shop/webhooks", post(events::take))
        .with_state(shop))
}

/// Another site's page can send a form here, but not JSON.
async fn only_own_pages(request: Request, next: Next) -> Response {
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if request.method() == Method::POST && !is_json {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    next.run(request).await
}

fn file(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, text).into_response()
}

async fn page(State(shop): State<Arc<Shop>>) -> Response {
    let naru = &shop.naru;
    let policy = format!(
        "default-src 'none'; script-src 'self' {naru}; style-src 'self'; img-src 'self' data:; \
         connect-src 'self' {naru}; frame-src {naru}; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    let html = PAGE
        .replace("@NARU@", &escape(naru))
        .replace("@STORE@", credentials::STORE_ID)
        .replace("@CHANNEL@", credentials::CHANNELS[0].key)
        .replace("@BILLING_CHANNEL@", credentials::CHANNELS[1].key)
        .replace("@ESCROW_CHANNEL@", credentials::CHANNELS[2].key)
        .replace("@DANAL@", credentials::channel_of("DANAL"))
        .replace("@UNIFIED@", credentials::channel_of("INICIS_UNIFIED"))
        .replace("@WEBHOOKS@", &escape(&format!("{}/webhooks", shop.own)));
    let headers = [
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "strict-origin"),
    ];
    (headers, Html(html)).into_response()
}
