//! The envelope of every answer: `code`, `message`, `response`, all three always there.

use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;
use serde_json::{Value, json};

use crate::refused::Refused;

/// A success.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    response: Value,
}

impl Reply {
    /// Everything that was asked for.
    pub(crate) fn of(response: &impl Serialize) -> Result<Self, Refused> {
        Self::with(StatusCode::OK, response)
    }

    /// Some of several things that were asked for.
    pub(crate) fn some_of(response: &impl Serialize) -> Result<Self, Refused> {
        Self::with(StatusCode::MULTI_STATUS, response)
    }

    fn with(status: StatusCode, response: &impl Serialize) -> Result<Self, Refused> {
        let response = serde_json::to_value(response)
            .map_err(|error| Refused::internal(format!("an answer can't be written: {error}")))?;
        Ok(Self { status, response })
    }

    pub(crate) fn into_response(self) -> Response {
        let body = json!({ "code": 0, "message": null, "response": self.response });
        written(self.status, &body)
    }
}

/// A refusal.
pub(crate) fn refusal(status: u16, code: i32, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    written(
        status,
        &json!({ "code": code, "message": message, "response": null }),
    )
}

fn written(status: StatusCode, body: &Value) -> Response {
    let mut response = (status, body.to_string()).into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
