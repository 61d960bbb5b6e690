//! The envelope of every answer: `code`, `message`, `response`, all three always there.

use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde::Serialize;

use crate::refused::Refused;

/// A success.
#[derive(Debug)]
pub(crate) struct Reply {
    status: StatusCode,
    body: Bytes,
}

#[derive(Serialize)]
struct Envelope<'a, T> {
    code: i32,
    message: Option<&'a str>,
    response: T,
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

    /// An answer that was written before and still holds.
    pub(crate) fn kept(body: Bytes) -> Self {
        Self {
            status: StatusCode::OK,
            body,
        }
    }

    /// What is sent.
    pub(crate) fn body(&self) -> &Bytes {
        &self.body
    }

    fn with(status: StatusCode, response: &impl Serialize) -> Result<Self, Refused> {
        let envelope = Envelope {
            code: 0,
            message: None,
            response,
        };
        let body = serde_json::to_vec(&envelope)
            .map_err(|error| Refused::internal(format!("an answer can't be written: {error}")))?;
        Ok(Self {
            status,
            body: body.into(),
        })
    }

    pub(crate) fn into_response(self) -> Response {
        written(self.status, self.body)
    }
}

/// A refusal.
pub(crate) fn refusal(status: u16, code: i32, message: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let envelope = Envelope {
        code,
        message: Some(message),
        response: (),
    };
    // A number and a text can always be written.
    written(
        status,
        serde_json::to_vec(&envelope).unwrap_or_default().into(),
    )
}

fn written(status: StatusCode, body: Bytes) -> Response {
    let mut response = (status, body).into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
