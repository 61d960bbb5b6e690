//! `/escrows/{pgTxId}`: what a customer says of the goods whose money the PG holds.
//!
//! The real PG asks in a window of its own, and takes silence for a yes after some days; here a
//! control says it, and the business clock. Invariant: the step is on disk before its notice
//! leaves, and before anybody is answered.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::accounts::told;
use super::body::{BadInput, Body, not_found};
use super::books::Row;
use crate::answer;
use crate::clock::Stamp;
use crate::inicis::codes::Reason;
use crate::inicis::notice;
use crate::ledger::{ConfirmedBy, News, Transaction};
use crate::simulator::Simulator;

const REASON_CHARS_MAX: usize = 100;
/// All transactions are looked at: not too often.
const LOOK_EVERY: Duration = Duration::from_mins(1);

/// `GET /escrows/{pgTxId}`.
pub(crate) async fn show(State(sim): State<Arc<Simulator>>, Path(tid): Path<String>) -> Response {
    let found = view(&sim, &tid);
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    match found {
        Some(found) => answer::json(StatusCode::OK, &Value::Object(found)),
        None => no_escrow(&tid),
    }
}

/// `POST /escrows/{pgTxId}/confirm` `{by?}`.
pub(crate) async fn confirm(
    State(sim): State<Arc<Simulator>>,
    Path(tid): Path<String>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let by = body.choice(
        "by",
        &[
            ("CUSTOMER", ConfirmedBy::Customer),
            ("DEADLINE", ConfirmedBy::Deadline),
            ("PG", ConfirmedBy::Pg),
        ],
    )?;
    body.finish()?;
    let by = by.unwrap_or(ConfirmedBy::Customer);
    let now_ms = sim.clock.now_ms();
    step(&sim, &tid, |found| found.confirm(by, now_ms)).await
}

/// `POST /escrows/{pgTxId}/reject` `{reason?}`.
pub(crate) async fn reject(
    State(sim): State<Arc<Simulator>>,
    Path(tid): Path<String>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let reason = body.text("reason")?;
    body.finish()?;
    let reason = reason.unwrap_or_else(|| "단순 변심".to_owned());
    if reason.chars().count() > REASON_CHARS_MAX {
        let error = format!("`reason` is longer than {REASON_CHARS_MAX} characters");
        return Err(BadInput::new(error, "send a shorter one"));
    }
    let now_ms = sim.clock.now_ms();
    step(&sim, &tid, |found| found.reject(reason, now_ms)).await
}

async fn step(
    sim: &Arc<Simulator>,
    tid: &str,
    change: impl FnOnce(&mut Transaction) -> Result<(), Reason>,
) -> Result<Response, BadInput> {
    let is_escrow = |found: &Transaction| found.escrow.is_some();
    let changed = {
        let mut books = sim.books();
        let is_there = books.by_tid(tid).is_some_and(is_escrow);
        is_there.then(|| books.change(tid, change)).flatten()
    };
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    match changed {
        None => return Ok(no_escrow(tid)),
        Some(Err(_refused)) => {
            return Err(BadInput::new(
                "the goods are not with the customer",
                "a shipment has to be registered first, and nothing said of it since; \
                 `GET /escrows/{pgTxId}` shows where it stands",
            ));
        }
        Some(Ok(())) => {}
    }
    let mut body = told(&notice::send_news(sim, tid).await);
    // What the merchant acknowledged.
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    body.extend(view(sim, tid).map(|view| ("escrow".to_owned(), Value::Object(view))));
    Ok(answer::json(StatusCode::OK, &Value::Object(body)))
}

/// Looks for overdue escrows from time to time, besides whenever the clock is moved.
pub(crate) fn watch(sim: &Arc<Simulator>) {
    let of_task = Arc::clone(sim);
    sim.tasks.spawn(async move {
        while !of_task.stop.is_cancelled() {
            confirm_overdue(&of_task).await;
            of_task.wait(LOOK_EVERY).await;
        }
    });
}

/// Confirms, by the business clock, what customers said nothing of for too long. What comes of it
/// is told in the background.
pub(crate) async fn confirm_overdue(sim: &Arc<Simulator>) {
    let now_ms = sim.clock.now_ms();
    let overdue: Vec<String> = {
        let mut books = sim.books();
        let overdue = books.transactions().iter();
        let overdue: Vec<String> = overdue
            .filter(|found| found.is_overdue(now_ms))
            .map(|found| found.tid.clone())
            .collect();
        for tid in &overdue {
            let _still = books.change(tid, |found| found.confirm(ConfirmedBy::Deadline, now_ms));
        }
        overdue
    };
    if sim.settled().await.is_err() {
        return;
    }
    for tid in &overdue {
        notice::tell_news(sim, tid);
    }
}

fn no_escrow(tid: &str) -> Response {
    let error = format!("there is no transaction `{tid}` in escrow");
    not_found(&error, "`GET /books` shows the `escrow` of each that is")
}

fn view(sim: &Simulator, tid: &str) -> Option<Map<String, Value>> {
    let books = sim.books();
    let found = books.by_tid(tid)?;
    let state = found.escrow?.name();
    let news = |news: &News| {
        let mut row = json!({
            "clStatus": news.kind.code(),
            "at": Stamp::of(news.at_ms).rfc3339(),
            "notified": news.notified,
        });
        if let (Some(row), Some(reason)) = (row.as_object_mut(), &news.reason) {
            row.insert("reason".to_owned(), json!(reason));
        }
        row
    };
    let news: Vec<Value> = found.escrow_news.iter().map(news).collect();
    let view = json!({ "state": state, "news": news, "transaction": Row::of(found) });
    match view {
        Value::Object(view) => Some(view),
        _ => None,
    }
}
