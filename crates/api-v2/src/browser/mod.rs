//! What the V2 browser SDK asks of us before it opens a window.
//!
//! The wire between our script and us is our own: the script sends what the merchant's page asked
//! for as JSON, and is answered where the window is and how it stands. No credential: a store's id
//! and a channel's key are public, and whoever has them may ask a customer to pay. The page may be
//! of any origin; the origin that the browser names alone may frame the window.
//!
//! | path below `/checkout/v2` | for |
//! | --- | --- |
//! | `/payments` | `requestPayment` |
//! | `/billing-keys` | `requestIssueBillingKey` |
//! | `/billing-keys-with-payment` | `requestIssueBillingKeyAndPay` |
//! | `/identity-verifications` | `requestIdentityVerification` |
//! | `/payment-uis`, `/billing-key-uis` | `loadPaymentUI`, `loadIssueBillingKeyUI` |

mod billing_key;
mod call;
mod fields;
mod identity;
mod names;
mod outcome;
mod payment;
mod refused;
mod session;
mod ui;
mod window;
mod wishes;

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use naru_engine::Engine;
use serde_json::{Value, json};

pub use outcome::{outcome, redirect_query};
pub use refused::{too_many_requests, unavailable};
pub use session::{SessionChoice, is_mobile, pay_session, session_methods};

/// The routes. Cross-origin rules are the server's.
pub fn router(engine: Engine) -> Router {
    Router::new()
        .route("/checkout/v2/payments", post(payment::open))
        .route("/checkout/v2/billing-keys", post(billing_key::open))
        .route(
            "/checkout/v2/billing-keys-with-payment",
            post(payment::open_with_key),
        )
        .route("/checkout/v2/identity-verifications", post(identity::open))
        .route("/checkout/v2/payment-uis", post(ui::payment))
        .route("/checkout/v2/billing-key-uis", post(ui::billing_key))
        .with_state(engine)
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

/// Where the window is.
fn opened(window: &naru_engine::windows::OpenedWindow, how: window::Shown) -> Response {
    answer(
        StatusCode::OK,
        &json!({
            "url": window.page_url,
            "windowType": how.name(),
            "expiresAt": window.expires_at.to_string(),
        }),
    )
}
