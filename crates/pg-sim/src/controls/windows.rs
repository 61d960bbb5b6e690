//! `POST /windows`: plays the customer at a payment window.
//!
//! For tests without a browser: one sends here what a page would send to the PG, says what the
//! customer does, and gets what the PG's page would make the browser post to the merchant. A person
//! uses the pages themselves (`inicis/pages`).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::body::{BadInput, Body};
use crate::answer;
use crate::inicis::customer::{self, Act};
use crate::inicis::window::{Device, Opened};
use crate::simulator::Simulator;

/// `POST /windows`.
pub(crate) async fn play(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let mut body = Body::read(&bytes)?;
    let devices = [
        ("pc", Device::Pc),
        ("mobile", Device::Mobile),
        ("key", Device::Key),
    ];
    let device = body.choice("device", &devices)?.unwrap_or(Device::Pc);
    let leaves = body.choice("action", &[("pay", false), ("leave", true)])?;
    let card = body.text("card")?;
    let bank = body.text("bank")?;
    let choice = body.text("choice")?;
    let base = body.text("base")?;
    let fields = body.page_fields()?;
    body.finish()?;
    let base = base.unwrap_or_else(|| customer::own_base(&headers));
    let hint = "the window would show this error to the customer";
    let opened = Opened::read(device, &fields, sim.clock.now_ms())
        .map_err(|error| BadInput::new(error, hint))?;
    let url = opened.return_url.clone();
    let act = match leaves {
        Some(true) => Act::Leave,
        Some(false) | None => Act::Pay(card.or(bank).or(choice)),
    };
    let brought = customer::act(&sim, (device, opened), &base, act)
        .map_err(|error| BadInput::new(error, hint))?;
    let form = serde_html_form::to_string(&brought).unwrap_or_default();
    let fields: serde_json::Map<String, Value> = brought
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    let body = json!({ "url": url, "form": form, "fields": fields });
    Ok(answer::json(StatusCode::OK, &body))
}
