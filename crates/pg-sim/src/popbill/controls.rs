//! Controls that only the tax-invoice provider has: companies, the tax office's maintenance, and
//! the other side of an invoice deciding on the provider's own site.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::api::Act;
use super::company::{Certificate, YEAR_MS};
use super::invoice::Side;
use super::{api, refuse};
use crate::answer;
use crate::simulator::Simulator;

/// What a control says of a company; what it leaves out stays.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Said {
    name: Option<String>,
    ceo: Option<String>,
    is_member: Option<bool>,
    /// UNKNOWN, ACTIVE, CLOSED, SUSPENDED.
    state: Option<String>,
    /// `yyyyMMdd`.
    state_date: Option<String>,
    /// As the provider's codes: 10, 20, 30, 31, 40.
    tax_type: Option<String>,
    /// VALID, EXPIRED, NONE.
    certificate: Option<String>,
}

fn bad(message: &str) -> Response {
    answer::json(
        StatusCode::BAD_REQUEST,
        &json!({ "error": message, "hint": "see crates/pg-sim/README.md" }),
    )
}

/// `GET /popbill/companies/{number}`
pub(crate) async fn show_company(
    State(sim): State<Arc<Simulator>>,
    Path(number): Path<String>,
) -> Response {
    let company = sim.asp().company(&number);
    answer::json(StatusCode::OK, &company)
}

/// `PUT /popbill/companies/{number}`
pub(crate) async fn put_company(
    State(sim): State<Arc<Simulator>>,
    Path(number): Path<String>,
    body: Bytes,
) -> Response {
    let said: Said = match serde_json::from_slice(&body) {
        Ok(said) => said,
        Err(error) => return bad(&error.to_string()),
    };
    let now = sim.clock.now_ms();
    let state = match said.state.as_deref() {
        None => None,
        Some("UNKNOWN") => Some("0"),
        Some("ACTIVE") => Some("1"),
        Some("CLOSED") => Some("2"),
        Some("SUSPENDED") => Some("3"),
        Some(_) => return bad("`state` is UNKNOWN, ACTIVE, CLOSED or SUSPENDED"),
    };
    let certificate = match said.certificate.as_deref() {
        None => None,
        Some("NONE") => Some(None),
        Some("VALID") => Some(Some(now + YEAR_MS)),
        Some("EXPIRED") => Some(Some(now - 1)),
        Some(_) => return bad("`certificate` is VALID, EXPIRED or NONE"),
    };
    let company = {
        let mut books = sim.asp();
        let mut company = books.company(&number);
        company.name = said.name.unwrap_or(company.name);
        company.ceo = said.ceo.unwrap_or(company.ceo);
        company.is_member = said.is_member.unwrap_or(company.is_member);
        company.state_date = said.state_date.unwrap_or(company.state_date);
        company.tax_type = said.tax_type.unwrap_or(company.tax_type);
        if let Some(state) = state {
            state.clone_into(&mut company.state);
        }
        if let Some(expires) = certificate {
            company.certificate = expires.map(|expires_ms| Certificate {
                registered_ms: expires_ms - YEAR_MS,
                expires_ms,
            });
        }
        books.put_company(company.clone());
        company
    };
    if sim.asp_settled().await.is_err() {
        return answer::books_failed();
    }
    answer::json(StatusCode::OK, &company)
}

/// `GET /popbill/invoices`: the provider's books, without what is written on the invoices.
pub(crate) async fn invoices(State(sim): State<Arc<Simulator>>) -> Response {
    super::move_on(&sim);
    let infos: Vec<serde_json::Value> = {
        let books = sim.asp();
        books.invoices().map(|invoice| invoice.info(None)).collect()
    };
    answer::json(StatusCode::OK, &json!({ "invoices": infos }))
}

/// `POST /popbill/invoices/{approver}/{key}/{approve|refuse}`: the supplier decides on the
/// provider's site. `approver` is its number.
pub(crate) async fn decide(
    State(sim): State<Arc<Simulator>>,
    Path((approver, key, decision)): Path<(String, String, String)>,
) -> Response {
    let act = match decision.as_str() {
        "approve" => Act::Issue { is_forced: true },
        "refuse" => Act::Refuse,
        _ => return refuse(super::codes::BAD_DOCUMENT, "approve, refuse"),
    };
    api::carry_out(&sim, &approver, (Side::Sell, &key), (act, "")).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Away {
    on: bool,
}

/// `POST /popbill/maintenance` `{"on": true}`: the tax office's system is away.
pub(crate) async fn maintenance(State(sim): State<Arc<Simulator>>, body: Bytes) -> Response {
    let away: Away = match serde_json::from_slice(&body) {
        Ok(away) => away,
        Err(error) => return bad(&error.to_string()),
    };
    sim.asp().set_maintenance(away.on);
    if sim.asp_settled().await.is_err() {
        return answer::books_failed();
    }
    answer::json(StatusCode::OK, &json!({ "on": away.on }))
}
