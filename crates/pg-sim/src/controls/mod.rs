//! The controls of the simulator: what a test or a demo can ask of it, in JSON.
//!
//! They are no part of any PG's protocol and need no credential; the listener is for loopback.
//! Bad input is answered with 400 and a message that names the field, and changes nothing.

mod accounts;
mod body;
mod books;
mod clock;
mod console;
mod escrows;
mod faults;
mod identity;
mod identity_windows;
mod index_page;
mod load;
mod registrations;
mod settlements;
mod windows;

use std::sync::Arc;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post, put};
use http::{Method, StatusCode, Uri};
use serde_json::json;

use crate::answer;
use crate::simulator::Simulator;

pub(crate) use escrows::{confirm_overdue, watch as watch_escrows};

/// All controls, with the index page.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/", get(index_page::show))
        .route("/health", get(health))
        .route("/books", get(books::list))
        .route(
            "/faults",
            get(faults::list).post(faults::add).delete(faults::clear),
        )
        .route("/clock", get(clock::show).post(clock::shift))
        .route("/registrations", get(registrations::list))
        .route(
            "/registrations/{name}",
            put(registrations::register).delete(registrations::unregister),
        )
        .route("/virtual-accounts/{number}", get(accounts::show))
        .route(
            "/virtual-accounts/{number}/deposit",
            post(accounts::deposit),
        )
        .route("/escrows/{tid}", get(escrows::show))
        .route("/escrows/{tid}/confirm", post(escrows::confirm))
        .route("/escrows/{tid}/reject", post(escrows::reject))
        .route("/windows", post(windows::play))
        .route("/identity-windows", post(identity_windows::play))
        .route("/otp", get(identity::otp))
        .route("/app-approvals", post(identity::approve))
        .route("/console/cancel", post(console::cancel))
        .route("/console/forget", post(console::forget))
        .route("/settlements", get(settlements::file))
        .route("/load", get(load::show).delete(load::reset))
}

async fn health() -> Response {
    answer::json(StatusCode::OK, &json!({ "status": "ok" }))
}

/// For `Router::fallback`, where the simulator has a listener to itself.
pub(crate) async fn no_such_control(method: Method, uri: Uri) -> Response {
    let path = uri.path();
    body::not_found(
        &format!("no such control: `{method} {path}`"),
        "`GET /` lists the controls; the simulated PGs are below `/inicis`, `/danal`, `/kcp`",
    )
}
