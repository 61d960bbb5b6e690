//! `/registrations`: merchants' servers that want notices and follow the clock.
//!
//! What a merchant enters at the PG's administration site, as a call that a server can make at
//! every start. Kept over restarts. Invariant: a server that registered either got the current
//! offset in the answer or is told of the next one.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use super::body::{BadInput, Body, not_found};
use crate::answer;
use crate::books::Registration;
use crate::inicis;
use crate::pg;
use crate::post::is_address;
use crate::simulator::Simulator;

const COUNT_MAX: usize = 64;
const NAME_MAX: usize = 64;
const URL_MAX: usize = 1000;

/// `GET /registrations`.
pub(crate) async fn list(State(sim): State<Arc<Simulator>>) -> Response {
    let all: Vec<Registration> = sim.books().registrations().cloned().collect();
    answer::json(StatusCode::OK, &json!({ "registrations": all }))
}

/// `PUT /registrations/{name}`.
pub(crate) async fn register(
    State(sim): State<Arc<Simulator>>,
    Path(name): Path<String>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let registration = read(name, &bytes)?;
    let wanting = registration.clone();
    {
        let mut books = sim.books();
        let others = books
            .registrations()
            .filter(|other| other.name != registration.name)
            .count();
        if others >= COUNT_MAX {
            let error = format!("there are {COUNT_MAX} registrations already");
            return Err(BadInput::new(
                error,
                "`DELETE /registrations/{name}` removes one",
            ));
        }
        books.register(registration);
    }
    let offset_ms = sim.clock.offset_ms();
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    if wanting.notice_url.is_some() {
        // What was paid in while nobody listened.
        inicis::notice::resend_unacknowledged(&sim, |mid| wanting.wants(mid));
    }
    let body = json!({
        "name": wanting.name,
        "noticeUrl": wanting.notice_url,
        "clockUrl": wanting.clock_url,
        "mids": wanting.mids,
        "offsetMs": offset_ms,
    });
    Ok(answer::json(StatusCode::OK, &body))
}

/// `DELETE /registrations/{name}`.
pub(crate) async fn unregister(
    State(sim): State<Arc<Simulator>>,
    Path(name): Path<String>,
) -> Response {
    if !sim.books().unregister(&name) {
        let error = format!("nobody is registered as `{name}`");
        return not_found(&error, "`GET /registrations` lists them");
    }
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    answer::json(StatusCode::OK, &json!({ "removed": name }))
}

fn read(name: String, bytes: &[u8]) -> Result<Registration, BadInput> {
    let well_formed = (1..=NAME_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
    if !well_formed {
        let hint = format!("expected 1 to {NAME_MAX} letters, digits, `.`, `_` or `-`");
        return Err(BadInput::new(
            format!("the name `{name}` can't be used"),
            hint,
        ));
    }
    let mut body = Body::read(bytes)?;
    let notice_url = address(&mut body, "noticeUrl")?;
    let clock_url = address(&mut body, "clockUrl")?;
    let mids = body.texts("mids")?;
    body.finish()?;
    let unknown = mids
        .iter()
        .flatten()
        .find(|mid| !pg::mids().any(|known| known == *mid));
    if let Some(mid) = unknown {
        let known: Vec<&str> = pg::mids().collect();
        let error = format!("`mids` has `{mid}`, which is no merchant of the simulator");
        return Err(BadInput::new(
            error,
            format!("expected some of {}", known.join(", ")),
        ));
    }
    Ok(Registration {
        name,
        serial: 0,
        notice_url,
        clock_url,
        mids,
    })
}

fn address(body: &mut Body, name: &str) -> Result<Option<String>, BadInput> {
    let url = body.text(name)?;
    match &url {
        Some(text) if text.len() > URL_MAX || !is_address(text) => Err(BadInput::new(
            format!("`{name}` is `{text}`"),
            "expected an address such as `http://127.0.0.1:8080/path`; there is no TLS here",
        )),
        _ => Ok(url),
    }
}
