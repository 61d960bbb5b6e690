//! A call of our script, and how it is refused.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ORIGIN};
use naru_domain::payment::{Origin, Platform};
use naru_domain::{Face, page_origin};
use naru_engine::payments::CallContext;
use naru_engine::{Device, Engine};
use serde_json::{Map, Value, json};

use crate::call::origin;
use crate::extract::Input;
use crate::limits::BODY_BYTES_MAX;
use crate::messages;
use crate::refused::Refused;
use crate::turned_away::after;

/// A call, ready for the engine.
pub(super) struct BrowserCall {
    pub(super) engine: Engine,
    pub(super) context: CallContext,
    pub(super) device: Device,
    /// The page's origin, if it has one that can be named.
    pub(super) origin: Option<String>,
    /// What the page gave to the SDK's function.
    pub(super) input: Input,
}

/// Why no window was opened: the callback's `error_code` and `error_msg`.
pub(super) struct NotOpened {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl NotOpened {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "F400",
            message: message.into(),
        }
    }

    /// The server turns the request away before it is read.
    fn turned_away(status: StatusCode, message: &str) -> Self {
        Self {
            status,
            code: "F500",
            message: message.to_owned(),
        }
    }

    /// The user code, or the channel, that a page names is nobody's.
    fn not_ready() -> Self {
        Self {
            code: "NOT_READY",
            ..Self::bad(messages::NO_CHANNEL)
        }
    }
}

impl From<Refused> for NotOpened {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Rule(message) if message == messages::NO_CHANNEL => Self::not_ready(),
            Refused::Bad(message)
            | Refused::Rule(message)
            | Refused::Pg(message)
            | Refused::NotFound(message)
            | Refused::Status(_, message) => Self::bad(message),
            Refused::Unauthorized(message) => Self::bad(message),
            Refused::Internal(detail) => {
                tracing::error!(detail, "a V1 window can't be opened");
                Self {
                    status: StatusCode::INTERNAL_SERVER_ERROR,
                    code: "F500",
                    message: messages::OUR_FAULT.to_owned(),
                }
            }
        }
    }
}

impl From<naru_engine::Fault> for NotOpened {
    fn from(fault: naru_engine::Fault) -> Self {
        Refused::from(fault).into()
    }
}

impl IntoResponse for NotOpened {
    fn into_response(self) -> Response {
        let body = json!({ "code": self.code, "message": self.message });
        answer(self.status, &body)
    }
}

/// 503: too much is under way. To be tried again after so many seconds.
pub fn unavailable(retry_after_s: u32) -> Response {
    let refused = NotOpened::turned_away(StatusCode::SERVICE_UNAVAILABLE, messages::OUR_FAULT);
    after(refused.into_response(), retry_after_s)
}

/// 429: the customer's address has asked for too many windows. To be tried again after so many
/// seconds.
pub fn too_many_requests(retry_after_s: u32) -> Response {
    let refused = NotOpened::turned_away(StatusCode::TOO_MANY_REQUESTS, messages::TOO_MANY);
    after(refused.into_response(), retry_after_s)
}

pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}

impl BrowserCall {
    pub(super) async fn read(engine: Engine, request: Request) -> Result<Self, NotOpened> {
        let (parts, body) = request.into_parts();
        let bad = || NotOpened::bad(messages::BAD_BODY);
        let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| bad())?;
        let mut body: Map<String, Value> = serde_json::from_slice(&body).map_err(|_| bad())?;
        let is_mobile = body.get("device").and_then(Value::as_str) == Some("MOBILE");
        let Some(Value::Object(fields)) = body.remove("request") else {
            return Err(bad());
        };
        let input = Input::of_json(fields);
        if input.holds_nul() {
            return Err(bad());
        }
        let code = input.said(&["user_code"]).unwrap_or_default();
        let tier = input.said(&["tier_code"]);
        let store = engine.store_of_user_code(&code, tier.as_deref()).await?;
        let (device, platform) = if is_mobile {
            (Device::Mobile, Platform::Mobile)
        } else {
            (Device::Pc, Platform::Pc)
        };
        Ok(Self {
            context: CallContext {
                store: Arc::clone(&store.ok_or_else(NotOpened::not_ready)?),
                ticket: None,
                face: Face::V1,
                origin: Origin {
                    platform,
                    ..origin(&parts)
                },
            },
            engine,
            device,
            origin: parts
                .headers
                .get(ORIGIN)
                .and_then(|value| page_origin(value.to_str().ok()?)),
            input,
        })
    }
}
