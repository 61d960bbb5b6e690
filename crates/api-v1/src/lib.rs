//! The V1 face: the API of `imp_uid` and `merchant_uid` over the engine (P7).
//!
//! A handler reads its lenient input, calls the engine's use cases, which are those of V2, and
//! shows what came of it in an envelope. There is one file for each operation under `operations`.
//! Nothing here decides about money, keeps state, or calls the other face.
//!
//! Invariants: an answer is an envelope with its three keys; whatever is wrong with a call without
//! a token, it answers 401; no answer and no log line holds card data (P8).

pub mod browser;
mod call;
mod check;
mod codes;
mod document;
mod envelope;
mod extract;
mod limits;
mod messages;
mod money;
mod operations;
mod paths;
mod refused;
mod routes;
mod turned_away;
mod view;

use axum::Router;
use axum::routing::get;
use naru_engine::Engine;
use tower::util::MapRequest;

pub use paths::{Claim, claim};
pub use turned_away::{too_many_requests, unavailable};

/// The face: every operation that is served, and `GET /v1/openapi.json`. The peer's address is
/// expected among the request's extensions, as `ConnectInfo<SocketAddr>`.
pub fn router(engine: Engine) -> Router {
    let mut face = Router::new().route("/v1/openapi.json", get(document::openapi));
    for route in routes::table().into_iter().chain(routes::elsewhere()) {
        for path in route.operation.paths() {
            face = face.route(path, route.handler.clone());
        }
    }
    let face = face
        .fallback(routes::no_such_operation)
        .method_not_allowed_fallback(routes::no_such_operation)
        .with_state(engine);
    // Paths have to be put right before they are matched, so the face is a service inside.
    Router::new().fallback_service(MapRequest::new(face, paths::trim))
}
