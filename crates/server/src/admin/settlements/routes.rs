//! The admin routes of reconciliation.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{get, post, put};
use naru_domain::settlement::Taxation;
use naru_domain::{ChannelKey, PaymentId, StoreId};
use naru_engine::reconcile::Compared;
use naru_engine::{Engine, Fault};

use super::types::{Acceptance, ChannelTaxation, Comparison, Enrolment, NewEnrolment, Rematch};
use super::{import, list};
use crate::admin::routes::{Answer, json, read, refused};

/// All of them.
pub fn router() -> Router<Engine> {
    Router::new()
        .route("/stores/{store}/enrolment", put(enrol).delete(withdraw))
        .route("/channels/{channel}/taxation", post(tax))
        .route("/channels/{channel}/settlements", post(import::handle))
        .route("/stores/{store}/settlements/rematch", post(rematch))
        .route("/settlements/report", get(list::report))
        .route("/settlements/lines", get(list::lines))
        .route("/differences", get(list::differences))
        .route("/stores/{store}/differences/{id}/accept", post(accept))
        .route("/stores/{store}/payments/{payment}/compare", post(compare))
}

async fn enrol(State(engine): State<Engine>, Path(store): Path<String>, body: Bytes) -> Answer {
    let new: NewEnrolment = read(&body).map_err(refused)?;
    let from = new.collected_from.as_deref().map(|text| {
        let wrong = |_| Fault::invalid(format!("`{text}` is no day; write `2026-01-15`"));
        text.parse().map_err(wrong)
    });
    let from = from.transpose().map_err(refused)?;
    let enrolled = engine.enrol(&StoreId::new(store), from).await;
    let enrolled = enrolled.map_err(refused)?;
    Ok(json(&Enrolment {
        store_id: enrolled.store_id.to_string(),
        collected_from: enrolled.collected_from.to_string(),
    }))
}

async fn withdraw(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let done = engine.withdraw(&StoreId::new(store)).await;
    done.map_err(refused)?;
    Ok(json(&()))
}

async fn tax(State(engine): State<Engine>, Path(channel): Path<String>, body: Bytes) -> Answer {
    let ChannelTaxation { taxation } = read(&body).map_err(refused)?;
    let unknown = || {
        let message = "a channel is `taxable`, `exempt` or `per-payment`";
        refused(Fault::invalid(message))
    };
    let taxation = Taxation::parse(&taxation).ok_or_else(unknown)?;
    let key = ChannelKey::new(channel);
    let set = engine.set_taxation(&key, taxation).await;
    let set = set.map_err(refused)?;
    Ok(json(&ChannelTaxation {
        taxation: set.taxation.name().to_owned(),
    }))
}

async fn rematch(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let changed = engine.rematch_store(&StoreId::new(store)).await;
    let changed = changed.map_err(refused)?;
    Ok(json(&Rematch { changed }))
}

async fn accept(
    State(engine): State<Engine>,
    Path((store, id)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let Acceptance { note } = read(&body).map_err(refused)?;
    let store = StoreId::new(store);
    let accepted = engine.accept_difference((&store, &id), note).await;
    Ok(json(&list::difference(&accepted.map_err(refused)?)))
}

async fn compare(
    State(engine): State<Engine>,
    Path((store, payment)): Path<(String, String)>,
) -> Answer {
    let (store, payment) = (StoreId::new(store), PaymentId::new(payment));
    let compared = engine.compare_payment(&store, &payment).await;
    let (result, open_count) = match compared.map_err(refused)? {
        Compared::Done { open, .. } => ("COMPARED", open),
        Compared::NotAnswered { .. } => ("NOT_ANSWERED", 0),
        Compared::UnderWay => ("UNDER_WAY", 0),
    };
    Ok(json(&Comparison {
        result: result.to_owned(),
        open_count,
    }))
}
