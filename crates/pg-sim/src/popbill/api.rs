//! The provider's API about invoices. Each call acts for the company of its token.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::response::Response;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::books::AspBooks;
use super::invoice::{File, Invoice, Side};
use super::notice::tell;
use super::token::Acting;
use super::{LINK_ID, accepted, codes, move_on, nts, refuse, refused, rules};
use crate::answer;
use crate::clock::Stamp;
use crate::faults::{Operation, Target, TaxStep, Twist};
use crate::pg::Pg;
use crate::simulator::Simulator;
use crate::twist::twisted;

const FILES_MAX: usize = 5;
/// The operator's number in approval numbers.
const OPERATOR: &str = "41000000";

/// Lets a call happen, as an ordered fault wants it.
pub(super) async fn faulty(
    sim: &Arc<Simulator>,
    (step, key): (TaxStep, Option<String>),
    act: impl FnOnce() -> Response,
) -> Response {
    sim.count_call();
    let target = Target {
        pg: Pg::Popbill,
        order_id: key,
        mid: LINK_ID.to_owned(),
        amount: None,
    };
    let twist = if sim.faults.is_empty() {
        None
    } else {
        sim.faults.take(Operation::Tax(step), &target)
    };
    let garbage = || answer::with_type(StatusCode::OK, "application/json", "{\"code\":");
    let right = match &twist {
        Some(Twist::Decline(_)) => refuse(codes::BAD_DOCUMENT, "시뮬레이터가 거절했습니다."),
        Some(twist) if !twist.acts() => garbage(),
        Some(_) | None => act(),
    };
    if sim.asp_settled().await.is_err() {
        return answer::books_failed();
    }
    match twist {
        None => right,
        Some(twist) => twisted(sim, &twist, right, garbage()).await,
    }
}

fn verb(headers: &HeaderMap) -> &str {
    headers
        .get("x-http-method-override")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// `POST /Taxinvoice`: a draft; with REQUEST or ISSUE the next step with it.
pub(crate) async fn write(
    State(sim): State<Arc<Simulator>>,
    Acting(company): Acting,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let verb = verb(&headers).to_owned();
    let document: Map<String, Value> = match serde_json::from_slice(&body) {
        Ok(document) => document,
        Err(_) => return refuse(codes::BAD_DOCUMENT, "JSON"),
    };
    let key = ["invoiceeMgtKey", "invoicerMgtKey"]
        .into_iter()
        .find_map(|name| document.get(name)?.as_str().map(str::to_owned));
    faulty(&sim, (TaxStep::Command, key), || {
        create(&sim, &company, &verb, document).unwrap_or_else(|refused| *refused)
    })
    .await
}

fn create(
    sim: &Arc<Simulator>,
    company: &str,
    verb: &str,
    document: Map<String, Value>,
) -> Result<Response, Box<Response>> {
    rules::check(&document)?;
    let now = sim.clock.now_ms();
    let is_forced = document.get("forceIssue") == Some(&Value::Bool(true));
    let memo = memo_of(&document);
    let mut books = sim.asp();
    let mut invoice = Invoice {
        item_key: books.next_item_key(),
        document,
        state: 100,
        registered_ms: now,
        changed_ms: now,
        memo,
        issued_ms: None,
        confirm_number: None,
        send_at_ms: None,
        sent_ms: None,
        result_ms: None,
        result_code: None,
        opened_ms: None,
        files: Vec::new(),
        files_ever: 0,
    };
    rules::check_keys(&books, &invoice, company)?;
    let event = match verb {
        "" => None,
        "REQUEST" if invoice.is_reverse() => {
            invoice.state = 200;
            Some("Request")
        }
        "ISSUE" if !invoice.is_reverse() => {
            rules::can_sign(&books, &invoice, now, is_forced)?;
            sign(&mut invoice, now);
            Some("Issue")
        }
        _ => {
            return Err(refused(
                codes::WRONG_STATE,
                "발행유형에 맞지 않는 요청입니다.",
            ));
        }
    };
    books.put(invoice.clone());
    drop(books);
    Ok(told(sim, &invoice, event))
}

fn sign(invoice: &mut Invoice, now: i64) {
    let day = Stamp::of(now).date();
    let number: u64 = invoice.item_key.parse().unwrap_or(0);
    invoice.state = 300;
    invoice.issued_ms = Some(now);
    invoice.confirm_number = Some(format!("{day}{OPERATOR}{number:08x}"));
    invoice.send_at_ms = Some(nts::send_at(now));
}

fn done(invoice: &Invoice) -> Response {
    match &invoice.confirm_number {
        Some(number) if invoice.state == 300 => answer::json(
            StatusCode::OK,
            &json!({ "code": 1, "message": "성공", "ntsConfirmNum": number }),
        ),
        Some(_) | None => accepted(),
    }
}

/// A step of an invoice that exists.
pub(crate) enum Act {
    Change(Map<String, Value>),
    Issue { is_forced: bool },
    Request,
    CancelRequest,
    Refuse,
    CancelIssue,
    SendNow,
    Delete,
}

/// The invoice that a path names, in the name of the company whose token the call has.
pub(crate) struct Named {
    company: String,
    side: Side,
    key: String,
}

impl FromRequestParts<Arc<Simulator>> for Named {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        sim: &Arc<Simulator>,
    ) -> Result<Self, Self::Rejection> {
        #[derive(Deserialize)]
        struct InPath {
            side: String,
            key: String,
        }
        let Acting(company) = Acting::from_request_parts(parts, sim).await?;
        let named = Path::<InPath>::from_request_parts(parts, sim).await.ok();
        named
            .and_then(|Path(named)| {
                Some(Self {
                    company,
                    side: Side::of(&named.side)?,
                    key: named.key,
                })
            })
            .ok_or_else(|| refuse(codes::BAD_DOCUMENT, "SELL, BUY"))
    }
}

impl Named {
    /// Lets something be done with the invoice, if there is one.
    async fn with(
        &self,
        sim: &Arc<Simulator>,
        step: TaxStep,
        act: impl FnOnce(&mut AspBooks, Invoice) -> Response,
    ) -> Response {
        faulty(sim, (step, Some(self.key.clone())), || {
            let mut books = sim.asp();
            match books.find(self.side, &self.company, &self.key).cloned() {
                Some(invoice) => act(&mut books, invoice),
                None => refuse(codes::NOT_FOUND, "해당 문서가 없습니다."),
            }
        })
        .await
    }
}

/// `POST /Taxinvoice/{SELL|BUY}/{key}` with the step in `X-HTTP-Method-Override`.
pub(crate) async fn step(
    State(sim): State<Arc<Simulator>>,
    named: Named,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let fields: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
    let is_forced = fields.get("forceIssue") == Some(&Value::Bool(true));
    let memo = memo_of(&fields);
    let act = match verb(&headers) {
        "PATCH" => Act::Change(fields),
        "ISSUE" => Act::Issue { is_forced },
        "REQUEST" => Act::Request,
        "CANCELREQUEST" => Act::CancelRequest,
        "REFUSE" => Act::Refuse,
        "CANCELISSUE" => Act::CancelIssue,
        "NTS" => Act::SendNow,
        "DELETE" => Act::Delete,
        _ => return refuse(codes::BAD_DOCUMENT, "X-HTTP-Method-Override"),
    };
    let place = (named.side, named.key.as_str());
    carry_out(&sim, &named.company, place, (act, &memo)).await
}

/// What one side lets the other know with a step.
fn memo_of(fields: &Map<String, Value>) -> String {
    let memo = fields.get("memo").and_then(Value::as_str);
    memo.unwrap_or_default().to_owned()
}

/// Takes a step in a company's name.
pub(crate) async fn carry_out(
    sim: &Arc<Simulator>,
    company: &str,
    (side, key): (Side, &str),
    (act, memo): (Act, &str),
) -> Response {
    move_on(sim);
    faulty(sim, (TaxStep::Command, Some(key.to_owned())), || {
        take(sim, company, (side, key), (act, memo)).unwrap_or_else(|refused| *refused)
    })
    .await
}

fn must(holds: bool) -> Result<(), Box<Response>> {
    if holds {
        return Ok(());
    }
    Err(refused(codes::WRONG_STATE, "처리할 수 없는 상태입니다."))
}

fn take(
    sim: &Arc<Simulator>,
    company: &str,
    (side, key): (Side, &str),
    (act, memo): (Act, &str),
) -> Result<Response, Box<Response>> {
    let now = sim.clock.now_ms();
    let mut books = sim.asp();
    let mut invoice = books
        .find(side, company, key)
        .cloned()
        .ok_or_else(|| refused(codes::NOT_FOUND, "해당 문서가 없습니다."))?;
    let state = invoice.state;
    let event = match act {
        Act::Change(document) => {
            must(state == 100)?;
            rules::check(&document)?;
            invoice.document = document;
            rules::check_keys(&books, &invoice, company)?;
            None
        }
        Act::Issue { is_forced } => {
            must(side == Side::Sell)?;
            must(state == if invoice.is_reverse() { 200 } else { 100 })?;
            rules::can_sign(&books, &invoice, now, is_forced)?;
            sign(&mut invoice, now);
            Some("Issue")
        }
        Act::Request => {
            must(side == Side::Buy && invoice.is_reverse() && state == 100)?;
            invoice.state = 200;
            Some("Request")
        }
        Act::CancelRequest => {
            must(side == Side::Buy && state == 200)?;
            invoice.state = 500;
            Some("CancelRequest")
        }
        Act::Refuse => {
            must(side == Side::Sell && state == 200)?;
            invoice.state = 400;
            Some("Refuse")
        }
        Act::CancelIssue => {
            must(side == Side::Sell && state == 300)?;
            invoice.state = 600;
            invoice.send_at_ms = None;
            Some("CancelIssue")
        }
        Act::SendNow => {
            // The supplier's, who issued it.
            must(side == Side::Sell && state == 300)?;
            invoice.state = 302;
            invoice.send_at_ms = Some(now);
            Some("NTS")
        }
        Act::Delete => {
            must([100, 305, 400, 500, 600].contains(&state))?;
            books.remove(&invoice.item_key);
            return Ok(accepted());
        }
    };
    if event.is_some() {
        memo.clone_into(&mut invoice.memo);
    }
    invoice.changed_ms = now;
    books.put(invoice.clone());
    drop(books);
    Ok(told(sim, &invoice, event))
}

/// Tells the partner of a step, and gives the answer to it.
fn told(sim: &Arc<Simulator>, invoice: &Invoice, event: Option<&str>) -> Response {
    if let Some(event) = event {
        tell(sim, invoice, event);
    }
    done(invoice)
}

/// `GET /Taxinvoice/{SELL|BUY}/{key}`
pub(crate) async fn info(State(sim): State<Arc<Simulator>>, named: Named) -> Response {
    move_on(&sim);
    let show = |books: &mut AspBooks, invoice: Invoice| {
        let buyer = books.company(invoice.company(Side::Buy));
        let state = (buyer.state.as_str(), buyer.state_date.as_str());
        answer::json(StatusCode::OK, &invoice.info(Some(state)))
    };
    named.with(&sim, TaxStep::Inquiry, show).await
}

/// `GET /Taxinvoice/{SELL|BUY}/{key}/Files`
pub(crate) async fn files(State(sim): State<Arc<Simulator>>, named: Named) -> Response {
    let list = |_: &mut AspBooks, invoice: Invoice| {
        let files = (1..)
            .zip(&invoice.files)
            .map(|(number, file): (i32, &File)| {
                json!({
                    "serialNum": number,
                    "displayName": file.name,
                    "attachedFile": file.id,
                    "regDT": Stamp::of(file.at_ms).compact(),
                })
            });
        answer::json(StatusCode::OK, &files.collect::<Vec<_>>())
    };
    named.with(&sim, TaxStep::Inquiry, list).await
}

/// The name and length of the one part of a form.
fn part_of(headers: &HeaderMap, body: &[u8]) -> Option<(String, usize)> {
    let content_type = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let boundary = content_type.split_once("boundary=")?.1;
    let text = String::from_utf8_lossy(body);
    let head = text.split_once("\r\n\r\n")?.0;
    if !head.contains("name=\"Filedata\"") {
        return None;
    }
    let name = head.split_once("filename=\"")?.1.split_once('"')?.0;
    let end = format!("\r\n--{boundary}--\r\n");
    let begins = body.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let size = body.len().checked_sub(begins + end.len())?;
    body.ends_with(end.as_bytes())
        .then(|| (name.to_owned(), size))
}

/// `POST /Taxinvoice/{SELL|BUY}/{key}/Files`
pub(crate) async fn attach(
    State(sim): State<Arc<Simulator>>,
    named: Named,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some((name, size)) = part_of(&headers, &body) else {
        return refuse(codes::BAD_DOCUMENT, "Filedata");
    };
    let now = sim.clock.now_ms();
    let add = |books: &mut AspBooks, mut invoice: Invoice| {
        if invoice.state != 100 {
            return refuse(codes::WRONG_STATE, "처리할 수 없는 상태입니다.");
        }
        if invoice.files.len() >= FILES_MAX {
            return refuse(codes::TOO_MANY_FILES, "첨부파일은 5개까지입니다.");
        }
        invoice.files_ever += 1;
        let id = format!("{}-{}.PBF", invoice.item_key, invoice.files_ever);
        invoice.files.push(File {
            id,
            name,
            size,
            at_ms: now,
        });
        books.put(invoice);
        accepted()
    };
    named.with(&sim, TaxStep::Command, add).await
}

#[derive(Deserialize)]
pub(crate) struct OfFile {
    file: String,
}

/// `POST /Taxinvoice/{SELL|BUY}/{key}/Files/{file}` DELETE
pub(crate) async fn detach(
    State(sim): State<Arc<Simulator>>,
    named: Named,
    Path(OfFile { file }): Path<OfFile>,
    headers: HeaderMap,
) -> Response {
    if verb(&headers) != "DELETE" {
        return refuse(codes::BAD_DOCUMENT, "X-HTTP-Method-Override");
    }
    let remove = |books: &mut AspBooks, mut invoice: Invoice| {
        let before = invoice.files.len();
        invoice.files.retain(|one| one.id != file);
        if invoice.state != 100 || invoice.files.len() == before {
            return refuse(codes::WRONG_STATE, "처리할 수 없는 상태입니다.");
        }
        books.put(invoice);
        accepted()
    };
    named.with(&sim, TaxStep::Command, remove).await
}
