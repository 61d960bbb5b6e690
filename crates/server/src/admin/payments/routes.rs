//! The admin routes of payments: from [`super::types`] to the engine and back.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post};
use naru_domain::{PaymentId, StoreId, payment};
use naru_engine::{Engine, admin};

use super::types::{
    Dispute, DisputeEnd, Disputes, EscrowPageAddress, Message, MessageLog, NewDispute,
    RejectionAccepted,
};
use crate::admin::routes::{Answer, json, moment, read, refused};

/// Under `/admin/v1`, behind the guard.
pub(in crate::admin) fn routes() -> Router<Engine> {
    Router::new()
        .route(
            "/stores/{store}/payments/{payment}/escrow/accept-rejection",
            post(accept_rejection),
        )
        .route(
            "/stores/{store}/payments/{payment}/escrow/page",
            get(escrow_page),
        )
        .route(
            "/stores/{store}/payments/{payment}/disputes",
            get(list_disputes).post(open_dispute),
        )
        .route(
            "/stores/{store}/payments/{payment}/webhooks",
            get(list_messages),
        )
        .route(
            "/stores/{store}/payments/{payment}/disputes/resolve",
            post(resolve_dispute),
        )
}

/// A store and a payment of it, by their ids.
type OfStore = Path<(String, String)>;

async fn list_disputes(State(engine): State<Engine>, Path((store, payment)): OfStore) -> Answer {
    let (store, payment) = (StoreId::new(store), PaymentId::new(payment));
    let found = engine.disputes(&store, &payment).await.map_err(refused)?;
    Ok(json(&view(&found, false)))
}

async fn list_messages(State(engine): State<Engine>, Path((store, payment)): OfStore) -> Answer {
    let (store, payment) = (StoreId::new(store), PaymentId::new(payment));
    let found = engine
        .message_log(&store, &payment)
        .await
        .map_err(refused)?;
    let items = found.into_iter().map(|line| Message {
        at: line.at.to_string(),
        event: line.event,
        url: line.url,
        deliveries: line.deliveries,
        result: line.result,
        not_sent: line.not_sent.map(str::to_owned),
    });
    Ok(json(&MessageLog {
        items: items.collect(),
    }))
}

async fn open_dispute(
    State(engine): State<Engine>,
    Path((store, payment)): OfStore,
    body: Bytes,
) -> Answer {
    let new: NewDispute = read(&body).map_err(refused)?;
    let created_at = new.created_at.as_deref().map(moment).transpose();
    let new = admin::NewDispute {
        pg_dispute_id: new.pg_dispute_id,
        reason: new.reason,
        created_at: created_at.map_err(refused)?,
    };
    let (store, payment) = (StoreId::new(store), PaymentId::new(payment));
    let opened = engine.open_dispute((&store, &payment), new).await;
    let opened = opened.map_err(refused)?;
    Ok(json(&view(&opened.disputes, opened.is_news)))
}

async fn resolve_dispute(
    State(engine): State<Engine>,
    Path((store, payment)): OfStore,
    body: Bytes,
) -> Answer {
    let end: DisputeEnd = read(&body).map_err(refused)?;
    let resolved_at = end.resolved_at.as_deref().map(moment).transpose();
    let end = (end.pg_dispute_id, resolved_at.map_err(refused)?);
    let (store, payment) = (StoreId::new(store), PaymentId::new(payment));
    let resolved = engine.resolve_dispute((&store, &payment), end).await;
    let resolved = resolved.map_err(refused)?;
    Ok(json(&view(&resolved.disputes, resolved.is_news)))
}

fn view(disputes: &[payment::Dispute], is_news: bool) -> Disputes {
    let one = |dispute: &payment::Dispute| Dispute {
        pg_dispute_id: dispute.pg_dispute_id.clone(),
        reason: dispute.reason.clone(),
        created_at: dispute.created_at.to_string(),
        resolved_at: dispute.resolved_at.map(|at| at.to_string()),
    };
    Disputes {
        is_news,
        items: disputes.iter().map(one).collect(),
    }
}

async fn escrow_page(State(engine): State<Engine>, Path((store, payment)): OfStore) -> Answer {
    let (store, payment) = (StoreId::new(store), PaymentId::new(payment));
    let url = engine.escrow_page_url(&store, &payment).await;
    Ok(json(&EscrowPageAddress {
        url: url.map_err(refused)?,
    }))
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
