//! The V2 face: PortOne's REST API V2 over the engine.
//!
//! A handler extracts, makes a command of what it extracted, calls the engine and shows what came
//! of it; there is one file for each operation under `operations`, named after the operation's
//! id. Rules of the wire are in `check`, shapes of the wire in `view`, errors in `faults`. Nothing
//! here decides about money, reads a clock other than the engine's, or keeps state.
//!
//! Invariants: an answer is JSON with a JSON object in it, and success is exactly 200; no answer
//! and no log line holds card data (P8); an operation answers only error types that the contract
//! lists for it, besides the general ones.

pub mod browser;
mod check;
mod document;
mod extract;
mod faults;
mod limits;
pub mod names;
mod operations;
mod paths;
mod render;
mod routes;
mod view;

pub use faults::{too_many_requests, unavailable};
pub use view::bank_name;

use axum::Router;
use axum::routing::get;
use naru_engine::Engine;
use tower::util::MapRequest;

/// The face: every operation that is served, `GET /openapi.json` and `GET /docs`. The peer's
/// address is expected among the request's extensions, as `ConnectInfo<SocketAddr>`.
pub fn router(engine: Engine) -> Router {
    let face = routes::table()
        .into_iter()
        .fold(Router::new(), |face, (operation, route)| {
            face.route(operation.path(), route)
        })
        .route("/openapi.json", get(document::openapi))
        .route("/docs", get(document::docs))
        .fallback(faults::no_such_path)
        .method_not_allowed_fallback(faults::no_such_method)
        .with_state(engine);
    // Paths have to be put right before they are matched, so the face is a service inside.
    Router::new().fallback_service(MapRequest::new(face, paths::collapse))
}
