//! `/otp` and `/app-approvals`: what the holder of a phone sees and does.

use std::sync::Arc;

use axum::extract::{RawQuery, State as Shared};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::body::{BadInput, Body, not_found, query};
use crate::answer;
use crate::clock::Stamp;
use crate::identity::{self, State, Verification, Way, digits};
use crate::pg::Pg;
use crate::simulator::Simulator;

/// One verification as the controls show it: nothing about the person.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row<'a> {
    pg: Pg,
    order_id: &'a str,
    pg_tx_id: &'a str,
    mid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<Way>,
    state: State,
    messages: u32,
    tries: u32,
    at: String,
}

impl<'a> Row<'a> {
    pub(crate) fn of(found: &'a Verification) -> Self {
        Self {
            pg: found.pg,
            order_id: &found.order_id,
            pg_tx_id: &found.tid,
            mid: &found.mid,
            method: found.way(),
            state: found.state,
            messages: found.messages,
            tries: found.tries,
            at: Stamp::of(found.at_ms).rfc3339(),
        }
    }
}

/// `GET /otp?phone=…`: the message that a phone got last.
pub(crate) async fn otp(
    Shared(sim): Shared<Arc<Simulator>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, BadInput> {
    let mut query = query(raw.as_deref())?;
    let phone = query.remove("phone").map(|phone| digits(&phone));
    let Some(phone) = phone.filter(|phone| !phone.is_empty()) else {
        return Err(BadInput::new(
            "`phone` is missing",
            "`GET /otp?phone=01012345678`",
        ));
    };
    if let Some(name) = query.keys().next() {
        let error = format!("`{name}` is not known here");
        return Err(BadInput::new(error, "expected `phone`"));
    }
    let found = {
        let books = sim.books();
        let mut all = books.verifications().iter().rev();
        let of_phone = |one: &&Verification| {
            let person = one.person.as_ref();
            person.is_some_and(|person| person.way == Way::Sms && person.phone == phone)
        };
        all.find(of_phone).map(|found| {
            json!({
                "phone": phone,
                "otp": found.otp(),
                "pg": found.pg,
                "orderId": found.order_id,
                "pgTxId": found.tid,
                "at": Stamp::of(found.at_ms).rfc3339(),
            })
        })
    };
    Ok(match found {
        Some(found) => answer::json(StatusCode::OK, &found),
        None => not_found(
            "no one-time password was sent to this phone",
            "a verification by message sends one; it may have been refused",
        ),
    })
}

/// `POST /app-approvals`: the person answers the app.
pub(crate) async fn approve(
    Shared(sim): Shared<Arc<Simulator>>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let phone = body.text("phone")?;
    let yes = body.flag("approve")?.unwrap_or(true);
    body.finish()?;
    let Some(phone) = phone else {
        return Err(BadInput::new("`phone` is missing", "such as `01012345678`"));
    };
    let changed = identity::approve(&sim, &phone, yes);
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    Ok(match changed {
        Some(found) => answer::json(StatusCode::OK, &json!({ "verification": Row::of(&found) })),
        None => not_found(
            "no app of this phone waits for an answer",
            "a verification by app asks one; it may have been answered already",
        ),
    }
    .into_response())
}
