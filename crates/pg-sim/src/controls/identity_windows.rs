//! `POST /identity-windows`: plays the person at a window for identity verification.
//!
//! For tests without a browser, as `POST /windows` is for payments.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::body::{BadInput, Body};
use crate::answer;
use crate::identity::page::Played;
use crate::pages::base;
use crate::simulator::Simulator;
use crate::{danal, inicis_unified};

/// Which window.
#[derive(Clone, Copy)]
enum At {
    Danal,
    Unified,
}

/// `POST /identity-windows`.
pub(crate) async fn play(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let at = body.choice(
        "pg",
        &[("danal", At::Danal), ("inicis_unified", At::Unified)],
    )?;
    let leaves = body.choice("action", &[("verify", false), ("leave", true)])?;
    let played = Played {
        leaves: leaves.unwrap_or(false),
        name: body.text("name")?,
        phone: body.text("phone")?,
        birth: body.text("birth")?,
        chosen: body.text("choice")?,
    };
    let base = body.text("base")?.unwrap_or_else(|| base(&headers));
    let fields = body.page_fields()?;
    body.finish()?;
    let brought = match at.unwrap_or(At::Danal) {
        At::Danal => danal::play(&sim, fields, played),
        At::Unified => inicis_unified::play(&sim, fields, played, &base),
    };
    let brought = brought
        .map_err(|error| BadInput::new(error, "the window would show this error to the person"))?;
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    let form = serde_html_form::to_string(&brought.fields).unwrap_or_default();
    let fields: Map<String, Value> = brought
        .fields
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let body = json!({ "url": brought.url, "form": form, "fields": fields });
    Ok(answer::json(StatusCode::OK, &body))
}
