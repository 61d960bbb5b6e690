//! `GET /books`: the simulated PG's own view of what happened.
//!
//! Read-only, and never ahead of the disk: it waits for the journal before it answers.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::body::{BadInput, query, read_pg};
use super::identity;
use crate::answer;
use crate::clock::Stamp;
use crate::inicis::Receipt;
use crate::ledger::{EscrowState, Transaction};
use crate::pg::Pg;
use crate::simulator::Simulator;

/// One transaction as the controls show it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row<'a> {
    pub(crate) order_id: &'a str,
    pub(crate) pg_tx_id: &'a str,
    pub(crate) kind: &'static str,
    pub(crate) state: &'static str,
    pub(crate) amount: u64,
    pub(crate) cancelled_amount: u64,
    pub(crate) currency: &'static str,
    pub(crate) at: String,
    pub(crate) mid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deposited_amount: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) escrow: Option<&'static str>,
}

impl<'a> Row<'a> {
    pub(crate) fn of(transaction: &'a Transaction) -> Self {
        let account = transaction.account.as_ref();
        Self {
            order_id: &transaction.order_id,
            pg_tx_id: &transaction.tid,
            kind: transaction.kind.name(),
            state: transaction.state.name(),
            amount: transaction.amount,
            cancelled_amount: transaction.cancelled,
            currency: transaction.currency.iso_name(),
            at: Stamp::of(transaction.at_ms).rfc3339(),
            mid: &transaction.mid,
            code: transaction.declined_code.as_deref(),
            account_number: account.map(|account| account.number.as_str()),
            deposited_amount: account.map(crate::ledger::Account::deposited),
            escrow: transaction.escrow.map(EscrowState::name),
        }
    }
}

/// A cash receipt as the controls show it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReceiptRow<'a> {
    pg_receipt_id: &'a str,
    issue_number: &'a str,
    mid: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    state: &'static str,
    amount: u64,
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_pg_tx_id: Option<&'a str>,
}

impl<'a> ReceiptRow<'a> {
    fn of(receipt: &'a Receipt) -> Self {
        Self {
            pg_receipt_id: &receipt.tid,
            issue_number: &receipt.number,
            mid: &receipt.mid,
            kind: if receipt.corporate {
                "CORPORATE"
            } else {
                "PERSONAL"
            },
            state: match receipt.cancelled_at_ms {
                None => "ISSUED",
                Some(_) => "CANCELLED",
            },
            amount: receipt.amount,
            at: Stamp::of(receipt.at_ms).rfc3339(),
            payment_pg_tx_id: receipt.payment_tid.as_deref(),
        }
    }
}

/// `GET /books?pg=inicis&orderId=…`.
pub(crate) async fn list(
    State(sim): State<Arc<Simulator>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, BadInput> {
    let mut query = query(raw.as_deref())?;
    let pg = read_pg(query.remove("pg").as_deref())?;
    let order_id = query.remove("orderId");
    if let Some(name) = query.keys().next() {
        let error = format!("`{name}` is not known here");
        return Err(BadInput::new(error, "expected `pg`, `orderId`"));
    }
    let body = rows(&sim, pg, order_id.as_deref());
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    match body {
        Ok(body) => Ok(answer::with_type(
            StatusCode::OK,
            "application/json;charset=UTF-8",
            body,
        )),
        Err(error) => {
            tracing::error!(%error, "the books have no JSON");
            Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response())
        }
    }
}

/// Written out under the lock: rows borrow from the books.
fn rows(sim: &Simulator, pg: Option<Pg>, order_id: Option<&str>) -> serde_json::Result<Vec<u8>> {
    let calls = sim.calls();
    let books = sim.books();
    let wanted = books.transactions().iter();
    let rows: Vec<Row<'_>> = wanted
        .filter(|_| pg.is_none_or(|pg| pg == Pg::Inicis))
        .filter(|transaction| order_id.is_none_or(|order_id| transaction.order_id == order_id))
        .map(Row::of)
        .collect();
    let verifications: Vec<identity::Row<'_>> = books
        .verifications()
        .iter()
        .filter(|one| pg.is_none_or(|pg| pg == one.pg))
        .filter(|one| order_id.is_none_or(|order_id| one.order_id == order_id))
        .map(identity::Row::of)
        .collect();
    // Receipts have no order id: a look for one shows none.
    let receipts: Vec<ReceiptRow<'_>> = books
        .receipts()
        .iter()
        .filter(|_| order_id.is_none() && pg.is_none_or(|pg| pg == Pg::Inicis))
        .map(ReceiptRow::of)
        .collect();
    serde_json::to_vec(&json!({
        "cashReceipts": receipts,
        "transactions": rows,
        "verifications": verifications,
        "calls": calls,
    }))
}
