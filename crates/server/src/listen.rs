//! `naru listen`: webhooks on a developer's machine.
//!
//! Opens a receiver on loopback, registers it as an endpoint of the sandbox's stores for as long
//! as it runs, prints what arrives and forwards it, headers and bytes unchanged, so that the
//! signature still verifies. What the forwarded-to server answers is what the sandbox is answered,
//! so that its retries are the real ones.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::admin::client::AdminClient;
use crate::admin::types::{Items, NewListener, Store, Webhook};
use crate::cli::ListenArgs;
use crate::config::Limits;
use crate::failure::Failure;
use crate::http::{HttpLimits, serve};
use crate::lifecycle::{self, Shutdown};
use crate::output;

/// How long the forwarded-to server may take: shorter than the sandbox waits.
const FORWARD_TIMEOUT: Duration = Duration::from_secs(30);

/// Runs until a signal.
pub async fn run(arguments: ListenArgs) -> anyhow::Result<()> {
    let forward_to = reqwest::Url::parse(&arguments.forward_to).map_err(|error| {
        Failure::new(format!("`{}` is not a URL: {error}", arguments.forward_to))
            .hint("write it as `http://localhost:3000/webhook`")
    })?;
    let admin = AdminClient::find(&arguments.reach)?;
    let stores = if let Some(store) = arguments.store {
        vec![store]
    } else {
        let found: Items<Store> = admin.get(&["stores"]).await?;
        found.items.into_iter().map(|store| store.id).collect()
    };
    let bound = lifecycle::bind(([127, 0, 0, 1], 0).into()).await?;
    let url = bound.url();
    let forwarder = Arc::new(Forwarder {
        forward_to,
        http: reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(FORWARD_TIMEOUT)
            .build()?,
    });
    let router = Router::new().fallback(post(receive)).with_state(forwarder);
    let shutdown = Shutdown::default();
    let limits = Limits::default();
    let http = HttpLimits::from(&limits);
    shutdown.spawn(serve(bound.listener, router, http, shutdown.clone()));

    let mut endpoints = Vec::new();
    for store in &stores {
        let new = NewListener { url: url.clone() };
        let made: Webhook = admin.post(&["stores", store, "listeners"], &new).await?;
        endpoints.push((store.clone(), made.id));
    }
    output::note(format!(
        "forwarding webhooks of {} to {}; stop with Ctrl-C",
        stores.join(", "),
        arguments.forward_to
    ));
    let result = shutdown.run(&limits).await;
    for (store, endpoint) in endpoints {
        let path = ["stores", store.as_str(), "webhooks", endpoint.as_str()];
        let () = admin.delete(&path).await?;
    }
    Ok(result?)
}

struct Forwarder {
    forward_to: reqwest::Url,
    http: reqwest::Client,
}

async fn receive(
    State(forwarder): State<Arc<Forwarder>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let what = describe(&body);
    let mut request = forwarder.http.post(forwarder.forward_to.clone()).body(body);
    for name in [
        "content-type",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    ] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    match request.send().await {
        Ok(answer) => {
            let status = answer.status();
            output::line(format!("{what} -> {status}"));
            let bytes = answer.bytes().await.unwrap_or_default();
            (status, bytes).into_response()
        }
        Err(error) => {
            output::line(format!("{what} -> {}", reason(&error)));
            StatusCode::BAD_GATEWAY.into_response()
        }
    }
}

fn reason(error: &reqwest::Error) -> &'static str {
    if error.is_connect() {
        "nothing listens there"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the connection broke"
    }
}

/// One line about a webhook of either version.
fn describe(body: &[u8]) -> String {
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        return format!("{} bytes", body.len());
    };
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    let event = text("/type")
        .or_else(|| text("/status"))
        .unwrap_or("webhook");
    let subject = text("/data/paymentId")
        .or_else(|| text("/data/billingKey"))
        .or_else(|| text("/payment_id"))
        .unwrap_or_default();
    format!("{event} {subject}")
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn webhooks_of_both_versions_are_described() {
        let new = br#"{"type":"Transaction.Paid","data":{"paymentId":"order-1"}}"#;
        assert_eq!(describe(new), "Transaction.Paid order-1");
        assert_eq!(
            describe(br#"{"payment_id":"order-1","status":"Paid"}"#),
            "Paid order-1"
        );
        assert_eq!(describe(b"payment_id=order-1"), "18 bytes");
    }
}
