//! A client that calls the face and holds every answer against the contract.

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{HeaderMap, Request, header};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::contract;

/// A request under construction.
pub struct RequestBuilder {
    face: Router,
    method: String,
    path: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Option<Body>,
    is_meant: bool,
}

/// An answer that the contract allows.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The exact bytes.
    pub bytes: Bytes,
    /// The body; null if it is no JSON, which only pages are allowed.
    pub body: Value,
}

impl RequestBuilder {
    pub(crate) fn new(face: Router, method: &str, path: &str) -> Self {
        Self {
            face,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            is_meant: true,
        }
    }

    /// Sends this API secret.
    #[must_use]
    pub fn secret(self, secret: &str) -> Self {
        self.header("authorization", &format!("PortOne {secret}"))
    }

    /// Sends no credential.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.headers.retain(|(name, _)| name != "authorization");
        self
    }

    /// Sends a header, in place of one of the same name.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        self.header_bytes(name, value.as_bytes())
    }

    /// Sends a header that is no text.
    #[must_use]
    pub fn header_bytes(mut self, name: &str, value: &[u8]) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends an idempotency key.
    #[must_use]
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", &format!("\"{key}\""))
    }

    /// Sends a JSON body, as the official JavaScript SDK does: as text.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "text/plain;charset=UTF-8")
            .raw(body.to_string())
    }

    /// Sends these bytes.
    #[must_use]
    pub fn raw(mut self, body: impl Into<Body>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Whatever the answer is, it came by chance: it doesn't count as one that a test got.
    #[must_use]
    pub fn by_chance(mut self) -> Self {
        self.is_meant = false;
        self
    }

    /// Sends the request and checks the answer against the contract.
    pub async fn send(self) -> Answer {
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name.as_str(), value.as_slice());
        }
        let body = self.body.unwrap_or_else(Body::empty);
        let request = request.body(body).expect("a request");
        let response = self.face.oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, usize::MAX).await.expect("a body");
        let content_type = parts
            .headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let path = self.path.split('?').next().unwrap_or_default();
        let seen = contract::Seen {
            method: &self.method,
            path,
            status: parts.status.as_u16(),
            content_type,
            body: &bytes,
            is_meant: self.is_meant,
        };
        if let Err(problem) = contract::check(&seen) {
            panic!(
                "{} {path} answered {} outside the contract: {problem}\n{}",
                self.method,
                parts.status,
                String::from_utf8_lossy(&bytes),
            );
        }
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or_default(),
            bytes,
        }
    }
}

impl Answer {
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The message of an error of this status and type.
    #[track_caller]
    pub fn refused(self, status: u16, error: &str) -> String {
        assert_eq!(
            (self.status, self.body["type"].as_str()),
            (status, Some(error)),
            "{}",
            self.body
        );
        self.body["message"].as_str().unwrap_or_default().to_owned()
    }

    /// A refusal of the request whose message names the field.
    #[track_caller]
    pub fn refused_field(self, field: &str) -> String {
        let message = self.refused(400, "INVALID_REQUEST");
        assert!(
            message.contains(&format!("`{field}`")),
            "`{field}` is not named: {message}"
        );
        message
    }

    /// Whether it was given before.
    pub fn is_replayed(&self) -> bool {
        self.headers
            .get("idempotency-replayed")
            .is_some_and(|value| value == "true")
    }
}
