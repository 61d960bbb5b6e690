//! The token of the admin routes, derived from the master key, and the guard that asks for it.
//!
//! The private listener is reachable by every process of the machine and, through a browser, by
//! every web page its user looks at. Health and metrics are open; what changes things is not.

use anyhow::anyhow;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{StatusCode, header};
use naru_connector::Secret;
use ring::hkdf;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::master_key::MasterKey;

/// The salt that the engine's key ring derives with as well.
const SALT: &[u8] = b"naru/v1";
/// What the token is for; every other use of the master key has another purpose.
const PURPOSE: &[u8] = b"admin token";
const SCHEME: &str = "Bearer ";

/// The token of a master key.
pub fn of(key: &MasterKey) -> anyhow::Result<Secret> {
    let failed = |_| anyhow!("the admin token can't be derived");
    let mut token = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, SALT)
        .extract(key.expose_bytes())
        .expand(&[PURPOSE], hkdf::HKDF_SHA256)
        .map_err(failed)?
        .fill(token.as_mut())
        .map_err(failed)?;
    Ok(Secret::new(URL_SAFE_NO_PAD.encode(token.as_ref())))
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
