//! From a verified call to its answer, with faults and magic cards in between.
//!
//! A fault that a test ordered wins over a magic card. Whatever is answered, and also whatever
//! is acted and then not answered, is in the journal first. Invariant: a twist that does not act
//! leaves the books untouched.

use std::sync::Arc;

use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

use super::act;
use super::codes::Refusal;
use super::commands::{Command, Request};
use super::notice;
use crate::answer;
use crate::faults::{Target, Twist};
use crate::pg::Pg;
use crate::simulator::Simulator;
use crate::twist;

/// The fields of an answer.
pub(crate) type Answer = Map<String, Value>;

/// A call that was refused; cancels say so with more fields.
pub(crate) struct Refused {
    pub(crate) cancel: bool,
    pub(crate) refusal: Refusal,
}

impl Refused {
    /// Failures carry nulls where success has values.
    pub(crate) fn answer(&self) -> Answer {
        let mut answer = Answer::new();
        answer.insert("resultCode".to_owned(), json!(self.refusal.result_code()));
        answer.insert("resultMsg".to_owned(), json!(self.refusal.message()));
        if self.cancel {
            answer.insert("detailResultCode".to_owned(), json!(self.refusal.code));
            answer.insert("cancelDate".to_owned(), Value::Null);
            answer.insert("cancelTime".to_owned(), Value::Null);
        } else {
            answer.insert("tid".to_owned(), Value::Null);
        }
        answer
    }
}

/// Whether the body is declared as `wanted`, whatever its parameters.
pub(crate) fn is_of_type(headers: &HeaderMap, wanted: &str) -> bool {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = declared.and_then(|text| text.split(';').next());
    essence.is_some_and(|text| text.trim().eq_ignore_ascii_case(wanted))
}

/// Lets a call happen and answers it.
pub(crate) async fn answer(sim: &Arc<Simulator>, read: Result<Request, Refused>) -> Response {
    let request = match read {
        Ok(request) => request,
        Err(refused) => return answer::json(StatusCode::OK, &refused.answer()),
    };
    let _under_way = sim.load.enter(request.command.operation());
    let twist = twist_of(sim, &request);
    let acted = match &twist {
        Some(twist) if !twist.acts() => Answer::new(),
        Some(Twist::Decline(code)) => act::decline(sim, &request, code),
        _ => act::act(sim, &request),
    };
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    if let Some(tid) = request.command.may_move_escrow() {
        notice::tell_news(sim, tid);
    }
    match twist {
        None => answer::json(StatusCode::OK, &acted),
        Some(twist) => twisted(sim, twist, acted).await,
    }
}

async fn twisted(sim: &Simulator, twist: Twist, mut acted: Answer) -> Response {
    if twist == Twist::WrongAmount {
        falsify(&mut acted);
    }
    // Cut JSON of the right type: the reader must not take it for a refusal.
    let garbage = "{\"resultCode\":\"00\",\"resultMsg\":\"\u{c815}\u{c0c1}\",\"tid\":\"INI";
    let garbage = answer::with_type(StatusCode::OK, "application/json;charset=UTF-8", garbage);
    let right = answer::json(StatusCode::OK, &acted);
    twist::twisted(sim, &twist, right, garbage).await
}

/// Ten won more than the books have.
fn falsify(answer: &mut Answer) {
    for name in ["price", "prtcPrice"] {
        if let Some(Value::String(price)) = answer.get_mut(name)
            && let Ok(right) = price.parse::<u64>()
        {
            *price = (right + 10).to_string();
        }
    }
}

fn twist_of(sim: &Simulator, request: &Request) -> Option<Twist> {
    if !sim.faults.is_empty() {
        let target = target(sim, request);
        if let Some(twist) = sim.faults.take(request.command.operation(), &target) {
            return Some(twist);
        }
    }
    match &request.command {
        Command::PayCard { card, .. } => card.at_charge.as_ref().map(super::cards::Magic::twist),
        Command::IssueKey { card, .. } => card.issue_declined.clone().map(Twist::Decline),
        Command::Charge { key_digest, .. } => {
            let books = sim.books();
            books
                .key(key_digest)?
                .magic
                .as_ref()
                .map(super::cards::Magic::twist)
        }
        _ => None,
    }
}

fn target(sim: &Simulator, request: &Request) -> Target {
    let mid = request.merchant.mid;
    let of_sale = |order_id: &str, amount| Target {
        pg: Pg::Inicis,
        order_id: Some(order_id.to_owned()),
        mid: mid.to_owned(),
        amount: Some(amount),
    };
    let of_tid = |tid: &str, amount: Option<u64>| {
        let books = sim.books();
        let found = books.by_tid(tid);
        Target {
            pg: Pg::Inicis,
            order_id: found.map(|transaction| transaction.order_id.clone()),
            mid: mid.to_owned(),
            amount: amount.or(found.map(|transaction| transaction.amount)),
        }
    };
    match &request.command {
        Command::PayCard { sale, .. }
        | Command::IssueAccount { sale, .. }
        | Command::IssueKey { sale, .. }
        | Command::Charge { sale, .. } => of_sale(&sale.order_id, sale.amount),
        Command::PartialRefund { tid, asked, .. } => of_tid(tid, Some(asked.price)),
        Command::Refund { tid, .. }
        | Command::CloseAccount { tid }
        | Command::Shipment { tid, .. }
        | Command::AcceptRejection { tid }
        | Command::StoreSales { tid } => of_tid(tid, None),
        Command::IssueReceipt(asked) => Target {
            pg: Pg::Inicis,
            order_id: None,
            mid: mid.to_owned(),
            amount: Some(asked.amount),
        },
        Command::CancelReceipt { tid } => of_receipt(sim, mid, tid),
        Command::Inquiry { tid, order_id } if order_id.is_empty() => {
            if sim.books().receipt(tid).is_some() {
                return of_receipt(sim, mid, tid);
            }
            of_tid(tid, None)
        }
        Command::Inquiry { order_id, .. } => {
            let amount = sim
                .books()
                .by_order(mid, order_id)
                .map(|found| found.amount);
            Target {
                pg: Pg::Inicis,
                order_id: Some(order_id.clone()),
                mid: mid.to_owned(),
                amount,
            }
        }
    }
}

/// A receipt is matched by its amount.
fn of_receipt(sim: &Simulator, mid: &str, tid: &str) -> Target {
    Target {
        pg: Pg::Inicis,
        order_id: None,
        mid: mid.to_owned(),
        amount: sim.books().receipt(tid).map(|receipt| receipt.amount),
    }
}
