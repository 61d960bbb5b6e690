//! The way to the simulated PG: no socket, the simulator's router is called.

use axum::Router;
use axum::body::{Body, to_bytes};
use http::Request as HttpRequest;
use naru_connector::{Answer, Request, SendError, Sent, Transport, TransportFuture};
use serde_json::Value;
use tower::ServiceExt as _;

/// A transport that ends at a simulator in the same process.
#[derive(Debug, Clone)]
pub struct PgWire {
    router: Router,
}

impl PgWire {
    pub(crate) fn new(router: Router) -> Self {
        Self { router }
    }

    async fn exchange(&self, request: Request) -> Result<Answer, SendError> {
        let path = request
            .url
            .split_once("://")
            .and_then(|(_, rest)| rest.split_once('/'))
            .map_or("", |(_, path)| path);
        let mut built = HttpRequest::builder()
            .method(request.method)
            .uri(format!("/{path}"));
        for (name, value) in request.headers {
            built = built.header(name, value);
        }
        let built = built.body(Body::from(request.body)).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(built)
            .await
            .expect("infallible");
        let status = response.status().as_u16();
        // A connection that the simulator cuts is a body that fails.
        match to_bytes(response.into_body(), usize::MAX).await {
            Ok(body) => Ok(Answer {
                status,
                headers: Vec::new(),
                body,
            }),
            Err(error) => Err(SendError {
                sent: Sent::Perhaps,
                detail: error.to_string(),
            }),
        }
    }

    /// Calls one of the simulator's controls.
    pub async fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let request = HttpRequest::builder()
            .method(method)
            .uri(path)
            .body(body)
            .expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("a body");
        assert!(
            status.is_success(),
            "{method} {path}: {}",
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).expect("JSON")
    }
}

impl Transport for PgWire {
    fn send(&self, request: Request) -> TransportFuture<'_> {
        Box::pin(self.exchange(request))
    }
}
