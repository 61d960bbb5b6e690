//! `/virtual-accounts/{number}`: look at an account, and pay into it as a customer.
//!
//! The real PG's one-off accounts refuse a wrong amount at the bank; here every amount is
//! booked at any time, so that a test can see what a merchant's server makes of it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::body::{Body, not_found};
use super::books::Row;
use crate::answer;
use crate::clock::Stamp;
use crate::inicis::Receipt;
use crate::inicis::notice::{self, NoticeId, Of, Sent};
use crate::ledger::{Deposit, Transaction};
use crate::simulator::Simulator;

const AMOUNT_MAX: u64 = 999_999_999_999;

/// `GET /virtual-accounts/{number}`.
pub(crate) async fn show(
    State(sim): State<Arc<Simulator>>,
    Path(number): Path<String>,
) -> Response {
    let found = sim.books().by_account(&number).map(account);
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    match found {
        Some(found) => answer::json(StatusCode::OK, &found),
        None => no_account(&number),
    }
}

fn no_account(number: &str) -> Response {
    let error = format!("there is no virtual account `{number}`");
    not_found(
        &error,
        "`GET /books` shows the `accountNumber` of each account that was issued",
    )
}

fn account(transaction: &Transaction) -> Value {
    let deposits = transaction
        .account
        .iter()
        .flat_map(|account| &account.deposits);
    let deposits: Vec<Value> = deposits
        .map(|deposit| {
            json!({
                "pgTxId": deposit.tid,
                "amount": deposit.amount,
                "at": Stamp::of(deposit.at_ms).rfc3339(),
                "notified": deposit.notified,
            })
        })
        .collect();
    let of = transaction.account.as_ref();
    json!({
        "accountNumber": of.map(|account| account.number.as_str()),
        "bankCode": of.map(|account| account.bank_code.as_str()),
        "holder": of.map(|account| account.holder.as_str()),
        "validUntil": of.map(|account| Stamp::of(account.valid_until_ms).rfc3339()),
        "closed": of.is_some_and(|account| account.closed),
        "deposits": deposits,
        "transaction": Row::of(transaction),
    })
}

/// `POST /virtual-accounts/{number}/deposit`.
pub(crate) async fn deposit(
    State(sim): State<Arc<Simulator>>,
    Path(number): Path<String>,
    bytes: Bytes,
) -> Response {
    let asked = Body::read(&bytes).and_then(|mut body| {
        let amount = body.integer("amount", 1..=AMOUNT_MAX)?;
        body.finish()?;
        Ok(amount)
    });
    let amount = match asked {
        Ok(amount) => amount,
        Err(bad) => return bad.into_response(),
    };
    let Some((id, deposit_tid)) = book(&sim, &number, amount) else {
        return no_account(&number);
    };
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    let sent = notice::send(&sim, &id).await;
    if matches!(sent, Sent::Refused(_)) {
        notice::retry(&sim, id.clone());
    }
    let mut body = told(&sent);
    body.insert("depositPgTxId".to_owned(), json!(deposit_tid));
    let state = sim.books().by_tid(&id.tid).map(account);
    body.extend(state.map(|state| ("account".to_owned(), state)));
    answer::json(StatusCode::OK, &Value::Object(body))
}

/// What a control says of the notice that it caused.
pub(super) fn told(sent: &Sent) -> Map<String, Value> {
    let (notified, url, hint) = match sent {
        Sent::Acknowledged => (true, None, None),
        Sent::NoTarget => {
            let hint = "nobody has registered for notices of this MID; \
                        `PUT /registrations/{name}` does, and then gets this one";
            (false, None, Some(hint))
        }
        Sent::Refused(url) => {
            let hint = "the notice is tried again in the background";
            (false, Some(url), Some(hint))
        }
    };
    let mut body = Map::new();
    body.insert("notified".to_owned(), json!(notified));
    body.extend(url.map(|url| ("refusedBy".to_owned(), json!(url))));
    body.extend(hint.map(|hint| ("hint".to_owned(), json!(hint))));
    body
}

/// Books the deposit; no amount means the right one. `None` if there is no such account.
fn book(sim: &Simulator, number: &str, amount: Option<u64>) -> Option<(NoticeId, String)> {
    let mut books = sim.books();
    let at_ms = sim.clock.now_ms();
    let found = books.by_account(number)?;
    let (tid, mid) = (found.tid.clone(), found.mid.clone());
    let amount = amount.unwrap_or(found.amount);
    let deposit_tid = books.new_tid("ININPGVBNK", &mid, at_ms);
    let deposit = Deposit {
        tid: deposit_tid.clone(),
        amount,
        at_ms,
        notified: false,
    };
    let booked = books.change(&tid, |transaction| {
        let receipt = Receipt::of_deposit(transaction, &deposit);
        let completes = transaction.book_deposit(deposit);
        Ok::<_, std::convert::Infallible>(receipt.filter(|_| completes))
    });
    if let Some(Ok(Some(receipt))) = &booked {
        books.enter_receipt(receipt.clone());
    }
    let of = Of::Deposit(deposit_tid.clone());
    booked.map(|_| (NoticeId { tid, of }, deposit_tid))
}
