//! The admin routes of payments: from [`super::types`] to the engine and back.

use axum::Router;
use axum::extract::{Path, State};
use axum::routing::post;
use naru_domain::{PaymentId, StoreId};
use naru_engine::Engine;

use super::types::RejectionAccepted;
use crate::admin::routes::{Answer, json, refused};

/// Under `/admin/v1`, behind the guard.
pub(in crate::admin) fn routes() -> Router<Engine> {
    Router::new().route(
        "/stores/{store}/payments/{payment}/escrow/accept-rejection",
        post(accept_rejection),
    )
}

async fn accept_rejection(
    State(engine): State<Engine>,
    Path((store, payment)): Path<(String, String)>,
) -> Answer {
    let (store_id, payment_id) = (StoreId::new(&store), PaymentId::new(&payment));
    let running = engine.clone();
    // Once begun it goes to its end, whether or not somebody waits.
    let accepted = engine.detached(async move {
        running
            .accept_rejection_by_operator(&store_id, payment_id)
            .await
    });
    let accepted_at = accepted.await.map_err(refused)?.to_string();
    Ok(json(&RejectionAccepted {
        store_id: store,
        payment_id: payment,
        accepted_at,
    }))
}
