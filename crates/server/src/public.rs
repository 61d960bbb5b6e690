//! The public listener: the V2 face and the addresses that PGs send notices to.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{StatusCode, header};
use naru_connector::InboundRequest;
use naru_engine::{Engine, Fault};

use crate::http::catch_panics;
use crate::wiring::public_page;

/// The body of a notice, in bytes.
const NOTICE_BYTES_MAX: usize = 64 * 1024;

/// Where a PG sends its notices, by the connector's name.
pub fn notice_path(pg: &str) -> String {
    format!("/pg/{pg}/notices")
}

/// Everything on the public listener.
pub fn router(engine: Engine) -> Router {
    let notices = Router::new()
        .route("/pg/{pg}/notices", post(notice))
        .with_state(engine.clone());
    catch_panics(
        naru_api_v2::router(engine)
            .merge(notices)
            .merge(public_page()),
    )
}

async fn notice(
    State(engine): State<Engine>,
    Path(pg): Path<String>,
    request: Request<Body>,
) -> Response {
    let provider = naru_connectors::all()
        .iter()
        .map(|connector| connector.capabilities())
        .find(|capabilities| capabilities.name == pg)
        .map(|capabilities| capabilities.pg_provider);
    let Some(provider) = provider else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let Ok(body) = to_bytes(request.into_body(), NOTICE_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let inbound = InboundRequest {
        content_type,
        body,
        peer,
    };
    match engine.take_notice(provider, &inbound).await {
        Ok(answer) => (
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK),
            [(header::CONTENT_TYPE, answer.content_type)],
            answer.body,
        )
            .into_response(),
        // Not stored: the PG has to send it again.
        Err(Fault::ChannelNotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(fault) => {
            tracing::error!(pg, %fault, detail = ?fault, "a notice could not be stored");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
