//! The browser SDKs: the scripts themselves, and what they ask.
//!
//! The scripts stand as plain files in `sdk/browser` and are put together here, since pages load
//! one file. They are ours: pages and packages change only the address. Pages of every origin may
//! load and ask; nothing here reads a cookie or needs a credential.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use http::{Method, StatusCode};
use naru_engine::Engine;
use sha2::{Digest as _, Sha256};
use tower_http::cors::{Any, CorsLayer};

const WINDOW: &str = include_str!("../../../sdk/browser/window.js");
const ERRORS: &str = include_str!("../../../sdk/browser/errors.js");
const V2: &str = include_str!("../../../sdk/browser/v2.js");
const V1: &str = include_str!("../../../sdk/browser/v1.js");
/// The names that the module exports besides `default`.
const V2_NAMES: &str = "requestPayment, requestIssueBillingKey, requestIssueBillingKeyAndPay, \
    requestIdentityVerification, loadPaymentUI, loadIssueBillingKeyUI, \
    updateLoadPaymentUIRequest, updateLoadIssueBillingKeyUIRequest, errors";

/// The names that the module of V1 exports besides `default`.
const V1_NAMES: &str = "init, agency, request_pay, certification, loadUI, updateLoadUIRequest, \
    loadModule, communicate, close, naver_zzim, deinit";

/// How long a browser may go without asking whether a script has changed, in seconds.
const FRESH_S: u32 = 300;
/// How long a browser remembers that it may ask, in seconds.
const PREFLIGHT_S: u64 = 7_200;

/// The scripts and their calls.
pub(crate) fn router(engine: Engine) -> Router {
    let server = engine.config().public_url.trim_end_matches('/').to_owned();
    Router::new()
        .route("/v2/browser-sdk.js", script(classic("PortOne", &portone(&server))))
        .route(
            "/v2/browser-sdk.esm.js",
            script(module(&portone(&server), V2_NAMES)),
        )
        .route("/v1/iamport.js", script(classic("IMP", &imp(&server))))
        .route("/v1/iamport.esm.js", script(module(&imp(&server), V1_NAMES)))
        // Pages of old name one of many versions; all are answered by the one that we have.
        .route("/js/{script}", script(classic("IMP", &imp(&server))))
        .merge(naru_api_v2::browser::router(engine.clone()).layer(cross_origin()))
        .merge(naru_api_v1::browser::router(engine).layer(cross_origin()))
}

/// Pages of every origin may ask, and those that have none.
pub(crate) fn cross_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([CONTENT_TYPE])
        .allow_private_network(true)
        .max_age(Duration::from_secs(PREFLIGHT_S))
}

/// For a script tag: defines the global before the tag's `load` event.
fn classic(global: &str, own: &str) -> String {
    format!("window.{global} = {own};\n")
}

/// For pages that import it.
fn module(own: &str, names: &str) -> String {
    format!("const own = {own};\nexport const {{ {names} }} = own;\nexport default own;\n")
}

/// The object of the V1 SDK. One that stands in the page already is kept, as pages that load the
/// script twice expect.
fn imp(server: &str) -> String {
    let parts = [WINDOW, V1].concat();
    let server = quoted(server);
    format!(
        "(() => {{\n\"use strict\";\nif (window.IMP?.__naru) return window.IMP;\n{parts}\n\
         return createImp({server});\n}})()"
    )
}

/// The object of the V2 SDK: one of ours that stands in the page already, or a new one.
fn portone(server: &str) -> String {
    let parts = [WINDOW, ERRORS, V2].concat();
    let server = quoted(server);
    format!(
        "(() => {{\n\"use strict\";\nif (window.PortOne?.__naru) return window.PortOne;\n{parts}\n\
         return createPortOne({server});\n}})()"
    )
}

/// As a string of JavaScript.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A script with its version.
struct Script {
    text: String,
    version: HeaderValue,
}

fn script(text: String) -> axum::routing::MethodRouter {
    let digest = STANDARD.encode(Sha256::digest(text.as_bytes()));
    let version =
        HeaderValue::try_from(format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
    let script = Arc::new(Script { text, version });
    get(serve).with_state(script)
}

async fn serve(State(script): State<Arc<Script>>, asked: HeaderMap) -> Response {
    let is_known = asked
        .get_all(IF_NONE_MATCH)
        .iter()
        .any(|value| value == script.version);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        script.text.clone().into_response()
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, script.version.clone());
    for (name, value) in [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "cross-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::try_from(format!("public, max-age={FRESH_S}")) {
        headers.insert(CACHE_CONTROL, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scripts_are_small_and_name_the_server() {
        for text in [
            classic("PortOne", &portone("https://pay.test")),
            module(&portone("https://pay.test"), V2_NAMES),
            classic("IMP", &imp("https://pay.test")),
            module(&imp("https://pay.test"), V1_NAMES),
        ] {
            assert!(text.contains("(\"https://pay.test\")"));
            // The budget is 30 kB compressed.
            assert!(text.len() < 30_000, "{}", text.len());
        }
        assert_eq!(quoted("a\"b</script>"), "\"a\\\"b</script>\"");
    }
}
