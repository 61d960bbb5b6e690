//! `/clock`: the business clock of the simulator and of everyone who follows it.
//!
//! A move is on disk and has been told to every follower before it is answered, one move after
//! the other. The process clock never moves. A follower that can't be reached does not undo the
//! move; the answer names it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::body::{BadInput, Body};
use super::confirm_overdue;
use crate::answer;
use crate::clock::{Move, Stamp, moved_offset_ms};
use crate::popbill;
use crate::post;
use crate::simulator::Simulator;

/// `GET /clock`.
pub(crate) async fn show(State(sim): State<Arc<Simulator>>) -> Response {
    answer::json(StatusCode::OK, &reading(&sim))
}

fn reading(sim: &Simulator) -> Value {
    json!({
        "now": Stamp::of(sim.clock.now_ms()).rfc3339(),
        "offsetMs": sim.clock.offset_ms(),
    })
}

/// `POST /clock`.
pub(crate) async fn shift(
    State(sim): State<Arc<Simulator>>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let step = read(&bytes)?;
    let moves = sim.clock_moves.lock().await;
    let Some(offset_ms) = moved_offset_ms(sim.clock.offset_ms(), &step) else {
        return Err(BadInput::new(
            "the clock would leave the years 2000 to 2100",
            "use a smaller `advance` or another `set`",
        ));
    };
    let followers: Vec<(String, String)> = {
        let mut books = sim.books();
        books.set_offset_ms(offset_ms);
        sim.clock.set_offset_ms(offset_ms);
        let registered = books.registrations();
        registered
            .filter_map(|r| Some((r.name.clone(), r.clock_url.clone()?)))
            .collect()
    };
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    let told = tell(&sim, followers, offset_ms).await;
    drop(moves);
    popbill::move_on(&sim);
    confirm_overdue(&sim).await;
    let mut body = reading(&sim);
    if let Some(body) = body.as_object_mut() {
        body.insert("followers".to_owned(), Value::Array(told));
    }
    Ok(answer::json(StatusCode::OK, &body))
}

fn read(bytes: &[u8]) -> Result<Move, BadInput> {
    let mut body = Body::read(bytes)?;
    let (advance, set) = (body.text("advance")?, body.text("set")?);
    body.finish()?;
    match (advance, set) {
        (Some(text), None) => text.parse().map(Move::Advance).map_err(|_invalid| {
            let error = format!("`advance` is `{text}`");
            BadInput::new(
                error,
                "expected an ISO 8601 duration, such as `PT1H` or `P30D`",
            )
        }),
        (None, Some(text)) => {
            let at = text.parse::<jiff::Timestamp>();
            at.map(|at| Move::Set(at.as_millisecond()))
                .map_err(|_invalid| {
                    let hint = "expected RFC 3339, such as `2027-01-01T00:00:00+09:00`";
                    BadInput::new(format!("`set` is `{text}`"), hint)
                })
        }
        (Some(_), Some(_)) => Err(BadInput::new(
            "both `advance` and `set` are given",
            "send one of them",
        )),
        (None, None) => Err(BadInput::new(
            "`advance` or `set` is missing",
            "send `{\"advance\": \"PT1H\"}` or `{\"set\": \"2027-01-01T00:00:00+09:00\"}`",
        )),
    }
}

/// Tells all followers at once and reports on each.
async fn tell(sim: &Simulator, followers: Vec<(String, String)>, offset_ms: i64) -> Vec<Value> {
    let body = Bytes::from(json!({ "offsetMs": offset_ms }).to_string());
    let timeout = sim.timing.post_timeout;
    let mut posts = JoinSet::new();
    for (name, url) in followers {
        let body = body.clone();
        posts.spawn(async move {
            let posted = post::post(&url, "application/json", body, timeout).await;
            let told = match posted {
                Ok((status, _)) if status.is_success() => Ok(()),
                Ok((status, _)) => Err(format!("it answered {status}")),
                Err(error) => Err(error.to_string()),
            };
            (name, url, told)
        });
    }
    let mut told: Vec<(String, Value)> = Vec::new();
    while let Some(joined) = posts.join_next().await {
        let Ok((name, url, result)) = joined else {
            continue;
        };
        let entry = match result {
            Ok(()) => json!({ "name": name, "clockUrl": url, "ok": true }),
            Err(error) => {
                tracing::warn!(follower = %name, %error, "a clock follower was not told");
                json!({ "name": name, "clockUrl": url, "ok": false, "error": error })
            }
        };
        told.push((name, entry));
    }
    told.sort_by(|a, b| a.0.cmp(&b.0));
    told.into_iter().map(|(_, entry)| entry).collect()
}
