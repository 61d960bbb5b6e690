//! The token of the admin routes, derived from the master key, and the guard that asks for it.
//!
//! The private listener is reachable by every process of the machine and, through a browser, by
//! every web page its user looks at. Health and metrics are open; what changes things is not.

use std::fmt::Write as _;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{StatusCode, header};
use naru_connector::Secret;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use crate::master_key::MasterKey;

/// What the token is for; another use of the master key has another label.
const LABEL: &[u8] = b"naru admin api v1";
const SCHEME: &str = "Bearer ";

/// The token of a master key.
pub fn of(key: &MasterKey) -> anyhow::Result<Secret> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_bytes())?;
    mac.update(LABEL);
    let mut token = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(token, "{byte:02x}")?;
    }
    Ok(Secret::new(token))
}

/// Lets only requests with the token through.
pub fn guard(router: Router, token: Secret) -> Router {
    router.layer(from_fn_with_state(token, check))
}

async fn check(State(token): State<Secret>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix(SCHEME))
        .unwrap_or_default();
    if bool::from(given.as_bytes().ct_eq(token.expose().as_bytes())) {
        return next.run(request).await;
    }
    let body = r#"{"message":"the admin token is missing or wrong"}"#;
    (
        StatusCode::UNAUTHORIZED,
        [(header::CONTENT_TYPE, "application/json")],
        body,
    )
        .into_response()
}
