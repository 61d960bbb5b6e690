//! `/console`: what somebody does at the PG itself, past the merchant's server.
//!
//! A cancellation at the PG's merchant console, and a transaction that the PG has lost: what a
//! comparison of books is there to find. No notice goes out for either, but of an escrow that ends.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use super::body::{BadInput, Body, not_found};
use super::books::Row;
use crate::answer;
use crate::inicis::notice;
use crate::ledger::PartAsked;
use crate::simulator::Simulator;

const AMOUNT_MAX: u64 = 999_999_999_999;

fn missing() -> BadInput {
    BadInput::new("`pgTxId` is missing", "`GET /books` shows it")
}

fn unknown(tid: &str) -> Response {
    let error = format!("there is no transaction `{tid}`");
    not_found(&error, "`GET /books` shows the `pgTxId` of each")
}

/// `POST /console/cancel` `{pgTxId, amount?}`: without an amount, all that is left.
pub(crate) async fn cancel(
    State(sim): State<Arc<Simulator>>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let tid = body.text("pgTxId")?.ok_or_else(missing)?;
    let amount = body.integer("amount", 1..=AMOUNT_MAX)?;
    body.finish()?;
    let now_ms = sim.clock.now_ms();
    let cancelled = {
        let mut books = sim.books();
        let mid = books.by_tid(&tid).map(|found| found.mid.clone());
        let Some(mid) = mid else {
            return Ok(unknown(&tid));
        };
        let part_tid = books.new_tid("INIAPICNCL", &mid, now_ms);
        let done = books.change(&tid, |found| {
            let price = amount.unwrap_or_else(|| found.remaining());
            if price == found.amount && found.partials.is_empty() {
                return found.refund_whole(now_ms);
            }
            let confirm = found.remaining().saturating_sub(price);
            found.refund_part(PartAsked { price, confirm }, part_tid, now_ms)
        });
        books.follow_receipt(&tid, now_ms);
        done
    };
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    match cancelled {
        None => Ok(unknown(&tid)),
        Some(Err(_refused)) => Err(BadInput::new(
            "the transaction can't be cancelled by that much",
            "it must be approved, and `amount` at most what is left",
        )),
        Some(Ok(())) => {
            notice::tell_news(&sim, &tid);
            let books = sim.books();
            let row = books.by_tid(&tid).map(Row::of);
            Ok(answer::json(StatusCode::OK, &json!({ "transaction": row })))
        }
    }
}

/// `POST /console/forget` `{pgTxId}`: the PG has it no more.
pub(crate) async fn forget(
    State(sim): State<Arc<Simulator>>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let tid = body.text("pgTxId")?.ok_or_else(missing)?;
    body.finish()?;
    let forgotten = sim.books().forget(&tid);
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    if !forgotten {
        return Ok(unknown(&tid));
    }
    Ok(answer::json(StatusCode::OK, &json!({ "forgotten": tid })))
}
