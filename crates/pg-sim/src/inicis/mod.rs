//! The simulated KG Inicis: INIAPI v1 and v2, and its notices.
//!
//! A call goes through three steps: `v1` or `v2` reads and verifies it into a `Request`, `act`
//! lets it happen in the books, and `run` decides with the faults and magic cards whether and
//! how it is answered. The payment windows are pages (`pages`), or a control plays the customer;
//! `standard` and `mobile` answer the approvals. Invariant: a call whose hash is wrong never
//! reaches the books.

mod act;
pub(crate) mod banks;
pub(crate) mod cards;
pub(crate) mod codes;
mod commands;
mod crypto;
pub(crate) mod customer;
mod fields;
mod inquiry;
mod merchants;
mod mobile;
pub(crate) mod notice;
mod pages;
mod receipt;
mod required;
mod run;
pub(crate) mod settlement;
mod standard;
#[cfg(test)]
mod tests;
mod v1;
mod v2;
mod ways;
pub(crate) mod window;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, Uri};

use crate::answer;
use crate::simulator::Simulator;

pub(crate) use crypto::sha256_hex;
pub(crate) use fields::Fields;
pub(crate) use merchants::mids;
pub(crate) use receipt::Receipt;
pub(crate) use window::Windows;

/// The paths of the PG, to be nested under its base path.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/api/v1/refund", v1_route(v1::Resource::Refund))
        .route("/api/v1/formpay", v1_route(v1::Resource::FormPay))
        .route("/api/v1/billing", v1_route(v1::Resource::Billing))
        .route("/api/v1/escrow", v1_route(v1::Resource::Escrow))
        .route("/api/v1/receipt", v1_route(v1::Resource::Receipt))
        .route("/v2/pg/storeReceipt", v2_route(v2::Path::StoreReceipt))
        .route("/api/v1/extra", v1_route(v1::Resource::Extra))
        .route("/v2/pg/refund", v2_route(v2::Path::Refund))
        .route("/v2/pg/partialRefund", v2_route(v2::Path::PartialRefund))
        .route("/v2/pg/refund/vacct", v2_route(v2::Path::RefundAccount))
        .route(
            "/v2/pg/partialRefund/vacct",
            v2_route(v2::Path::PartialRefundAccount),
        )
        .route("/v2/pg/billing", v2_route(v2::Path::Billing))
        .route("/v2/pg/inquiry", v2_route(v2::Path::Inquiry))
        .route("/stdpay/api/payAuth", post(standard::approve))
        .route("/stdpay/api/netCancel", post(standard::net_cancel))
        .route("/mobile/smart/payReq.ini", post(mobile::approve))
        .route("/mobile/smart/payNetCancel.ini", post(mobile::net_cancel))
        .merge(pages::routes())
        .method_not_allowed_fallback(unknown_path)
        .fallback(unknown_path)
}

fn v1_route(resource: v1::Resource) -> axum::routing::MethodRouter<Arc<Simulator>> {
    post(
        async move |State(sim): State<Arc<Simulator>>, headers: HeaderMap, body: Bytes| {
            sim.count_call();
            run::answer(&sim, v1::read(resource, &headers, &body)).await
        },
    )
}

fn v2_route(path: v2::Path) -> axum::routing::MethodRouter<Arc<Simulator>> {
    post(
        async move |State(sim): State<Arc<Simulator>>, headers: HeaderMap, body: Bytes| {
            sim.count_call();
            run::answer(&sim, v2::read(path, &headers, &body)).await
        },
    )
}

/// INIAPI answers an unknown path with that path as plain text, not with JSON and not with 404.
async fn unknown_path(uri: Uri) -> Response {
    answer::with_type(
        StatusCode::OK,
        "text/plain;charset=UTF-8",
        uri.path().to_owned(),
    )
}
