//! What the V1 browser SDK asks of us: its windows, and which PGs a store has.
//!
//! The wire between our script and us is our own but for `GET /users/pg/{userCode}`, which pages of
//! old also ask themselves. No credential: a user code and a channel's key are public. The flow is
//! that of V2's windows; names, defaults and words are this face's.

mod call;
mod certification;
mod outcome;
mod pg_settings;
mod window;

use axum::Router;
use axum::routing::{get, post};
use naru_engine::Engine;

pub use call::{too_many_requests, unavailable};
pub use outcome::{outcome, redirect_query};

/// The routes. Cross-origin rules are the server's.
pub fn router(engine: Engine) -> Router {
    Router::new()
        .route("/checkout/v1/payments", post(window::open))
        .route("/checkout/v1/certifications", post(certification::open))
        .route("/users/pg/{user_code}", get(pg_settings::list))
        .with_state(engine)
}
