//! Inquiry: what the PG's books say, by its transaction id or by our order id.
//!
//! Version 2 of the INIAPI, whose inquiry succeeds with `SUCCESS`. By order id it needs the PG's
//! contract that refuses duplicate order ids. Invariants: "not found" only if the PG says so in
//! its code for that (suffix 623); any other refusal, and books that contradict themselves or
//! use a word that we don't know, are unclear.
//!
//! Confidence: `APPROVAL`, `CANCEL` and `PART_CANCEL` from six integrations; the states of
//! virtual accounts (`NON_DEPOSIT` and so on) from one; the flag `depositStatus` carries the
//! letters of version 1 here, our reading.

use naru_connector::{
    Answer, Approval, BeginError, Deposit, Inquire, Outcome, RefundInBooks, Transaction,
    TransactionState,
};
use naru_domain::{CardPayment, Currency, Method, Timestamp, VirtualAccount};

use super::card::{UnknownCurrency, card_info, reported_currency};
use super::codes;
use super::contract::Merchant;
use super::exchange::{OneShot, unknown};
use super::receipt;
use super::reply::{FOUND, Fields, Reply, Verdict};
use super::window_result::{self, Told};
use super::wire::{Context, V2};
use crate::kst;

/// Inquiry.
pub(super) fn inquire(inquire: &Inquire, context: &Context<'_>) -> Result<OneShot, BeginError> {
    let (name, id) = match inquire {
        Inquire::ByTransaction { pg_tx_id } => ("tid", pg_tx_id),
        Inquire::ByOrder { .. } if !context.contract.order_id_inquiry => {
            return Err(BeginError::Unsupported(
                "inquiry by order id needs the PG's duplicate order id prevention contract\nhint: \
                 with that contract, set the channel's option `order_id_inquiry`"
                    .to_owned(),
            ));
        }
        Inquire::ByOrder { order_id } => ("oid", order_id),
        Inquire::CashReceipt { pg_receipt_id } => ("tid", pg_receipt_id),
    };
    let request = context.v2(&V2 {
        path: "inquiry",
        kind: "inquiry",
        data: vec![(name, id.clone())],
        list: None,
    });
    let asked = Asked {
        name,
        id: id.clone(),
        at: context.at,
        merchant: context.contract.merchant.clone(),
    };
    Ok(OneShot::new(request, move |answer| {
        read(answer, &asked).unwrap_or_else(unknown)
    }))
}

/// What the reading needs of the request.
struct Asked {
    /// `tid` or `oid`.
    name: &'static str,
    id: String,
    at: Timestamp,
    merchant: Merchant,
}

/// The outcome; the error is why it is unclear.
fn read(answer: &Answer, asked: &Asked) -> Result<Outcome, String> {
    let reply = Reply::read(answer)?;
    match reply.verdict(FOUND) {
        Verdict::Success => {}
        Verdict::Refused(decline) if codes::is_not_found(&decline.code) => {
            return Ok(Outcome::NotFound);
        }
        Verdict::Refused(decline) => {
            return Err(format!("the PG refused the inquiry with {}", decline.code));
        }
        Verdict::Unclear(reason) => return Err(reason),
    }
    let fields = reply.fields();
    if fields.contradicts(asked.name, &asked.id) || fields.contradicts("mid", &asked.merchant.mid) {
        return Err("the PG's answer is about another transaction".to_owned());
    }
    let price = fields
        .amount("price")
        .ok_or("the PG's books have no price")?;
    let method = fields.text("paymethod").unwrap_or_default();
    let found = match &*method {
        "VBank" | "Vacct" => account(fields, price, asked)?,
        "" => return Err("the PG's books have no method".to_owned()),
        name => paid(fields, price, name)?,
    };
    let pg_tx_id = fields
        .string("tid")
        .ok_or("the PG's books have no transaction id")?;
    Ok(Outcome::Found(Box::new(Transaction {
        state: found.state,
        order_id: fields.string("oid"),
        cancelled_total: found.cancelled.total,
        cancelled_at: found.cancelled.at,
        pg_cancellation_id: found.cancelled.id,
        refunds: refunds(fields, found.cancelled.total),
        approval: Approval {
            cash_receipt: None,
            receipt_url: asked.merchant.receipt_url(&pg_tx_id),
            pg_tx_id,
            amount: price,
            currency: found.currency,
            at: found.at.or_else(|| approved_at(fields)).unwrap_or(asked.at),
            method: found.method,
            pg_billing_key: None,
            escrow: None,
            raw: reply.raw(),
        },
        deposit: found.deposit,
    })))
}

/// What depends on the method.
struct Found {
    state: TransactionState,
    currency: Option<Currency>,
    method: Method,
    /// When the money came, if not when the transaction was approved.
    at: Option<Timestamp>,
    cancelled: Cancelled,
    deposit: Option<Deposit>,
}

#[derive(Default)]
struct Cancelled {
    total: i64,
    at: Option<Timestamp>,
    id: Option<String>,
}

fn approved_at(fields: Fields<'_>) -> Option<Timestamp> {
    fields.time("approvedDate", "approvedTime")
}

/// Everything that was paid at once.
fn paid(fields: Fields<'_>, price: i64, name: &str) -> Result<Found, String> {
    let status = fields.text("transactionStatus").unwrap_or_default();
    let (state, cancelled) = match &*status {
        "APPROVAL" => (TransactionState::Approved, Cancelled::default()),
        "PART_CANCEL" => part_cancelled(fields, price)?,
        "CANCEL" => (TransactionState::Cancelled, whole_cancelled(fields, price)),
        _ => return Err("the PG's books have a state that is not known".to_owned()),
    };
    let info = fields.inside("cardInfo");
    let currency = match info {
        Some(info) => reported_currency(info, "currencyCode")
            .map_err(|UnknownCurrency| "the PG's books have a currency that is not known")?,
        None => None,
    };
    let told = Told {
        method: name,
        easy_pay: None,
        card_code: None,
        asked_provider: None,
        bank: None,
        phone: None,
        approval_number: fields.string("applNum"),
    };
    let card = || info.map(card_payment).unwrap_or_default();
    let method = window_result::method(&told, card)
        .ok_or("the PG's books have a method that is not known")?;
    Ok(Found {
        state,
        currency,
        method,
        at: None,
        cancelled,
        deposit: None,
    })
}

fn card_payment(info: Fields<'_>) -> CardPayment {
    let mut card = card_info(info);
    card.name = info.string("issuerName");
    let months = info
        .text("quota")
        .and_then(|text| text.parse().ok())
        .unwrap_or(0);
    let months: u16 = if months == 1 { 0 } else { months };
    CardPayment {
        card,
        approval_number: info.string("approvedNumber"),
        installment_months: months,
        is_interest_free: months > 1 && info.is_on("isInterestFree"),
        point_used: false,
    }
}

fn whole_cancelled(fields: Fields<'_>, price: i64) -> Cancelled {
    let last = parts(fields).and_then(|parts| parts.into_iter().last());
    let at = fields
        .time("cancelDate", "cancelTime")
        .or_else(|| fields.time("refundDate", "refundTime"))
        .or_else(|| last.and_then(part_at));
    Cancelled {
        total: price,
        at,
        id: last.and_then(|part| part.string("tid")),
    }
}

/// The partial refunds that the books list, if they list any.
fn parts(fields: Fields<'_>) -> Option<Vec<Fields<'_>>> {
    fields
        .list("partCancelTransInfo")
        .filter(|parts| !parts.is_empty())
}

/// Every refund that the books list. Nothing where they list none but say that money went back:
/// a refund of everything at once stands in no list.
fn refunds(fields: Fields<'_>, cancelled_total: i64) -> Option<Vec<RefundInBooks>> {
    let Some(parts) = parts(fields) else {
        return (cancelled_total == 0).then(Vec::new);
    };
    parts
        .into_iter()
        .map(|part| {
            Some(RefundInBooks {
                id: part.string("tid"),
                amount: part.amount("requestPrice")?,
                at: part_at(part),
            })
        })
        .collect()
}

fn part_at(part: Fields<'_>) -> Option<Timestamp> {
    part.time("requestDate", "requestTime")
}

/// A transaction refunded in part: by its list of refunds, checked against what is left where
/// the books say that; else by what is left.
fn part_cancelled(fields: Fields<'_>, price: i64) -> Result<(TransactionState, Cancelled), String> {
    let left = fields.amount("availablePartCancelPrice");
    let cancelled = if let Some(parts) = parts(fields) {
        let total = parts.iter().try_fold(0_i64, |sum, part| {
            sum.checked_add(part.amount("requestPrice").filter(|amount| *amount > 0)?)
        });
        let total = total.ok_or("the PG's books have a refund without amount")?;
        // A transaction that takes no more partial refunds may say that nothing is left.
        if fields.is_on("availablePartCancel") && left.is_some_and(|left| left != price - total) {
            return Err("the PG's books contradict themselves about what is left".to_owned());
        }
        // The newest; of several in one second, the last in the list.
        let last = parts.into_iter().max_by_key(|part| part_at(*part));
        Cancelled {
            total,
            at: last.and_then(part_at),
            id: last.and_then(|part| part.string("tid")),
        }
    } else {
        let left = left.ok_or("the PG's books don't say what is left")?;
        let at = fields.time("cancelDate", "cancelTime");
        Cancelled {
            total: price - left,
            at,
            id: None,
        }
    };
    match cancelled.total {
        1.. if cancelled.total < price => Ok((TransactionState::Approved, cancelled)),
        // Refunded in parts until nothing was left.
        1.. if cancelled.total == price => Ok((TransactionState::Cancelled, cancelled)),
        _ => Err("the PG's books have refunded more than was paid, or nothing".to_owned()),
    }
}

/// Whether money has come in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paid {
    No,
    Yes,
}

/// Where a virtual account stands, by the state and the deposit flag together.
fn account_state(
    fields: Fields<'_>,
    info: Fields<'_>,
    price: i64,
) -> Result<(TransactionState, Paid, Cancelled), String> {
    let status = fields.text("transactionStatus").unwrap_or_default();
    let flag = match info.text("depositStatus").as_deref() {
        Some("Y" | "DEPOSIT_COMPLETED") => Some(Paid::Yes),
        Some("N" | "C" | "NON_DEPOSIT") => Some(Paid::No),
        _ => None,
    };
    let found = match (&*status, flag) {
        ("NON_DEPOSIT", None | Some(Paid::No)) | ("APPROVAL", Some(Paid::No)) => {
            (TransactionState::Waiting, Paid::No, Cancelled::default())
        }
        ("DEPOSIT_COMPLETED", None | Some(Paid::Yes)) | ("APPROVAL", Some(Paid::Yes)) => {
            (TransactionState::Approved, Paid::Yes, Cancelled::default())
        }
        ("PART_CANCEL", None | Some(Paid::Yes)) => {
            let (state, cancelled) = part_cancelled(fields, price)?;
            (state, Paid::Yes, cancelled)
        }
        ("REFUND_COMPLETED", None | Some(Paid::Yes)) | ("CANCEL", Some(Paid::Yes)) => (
            TransactionState::Cancelled,
            Paid::Yes,
            whole_cancelled(fields, price),
        ),
        // Closed before the deposit that was waited for: nothing was taken, so none went back.
        ("CANCEL", flag) if flag.is_some() || info.text("depositAmount").is_none() => {
            let closed = Cancelled {
                total: 0,
                ..whole_cancelled(fields, 0)
            };
            (TransactionState::Cancelled, Paid::No, closed)
        }
        // WAITING_FOR_REFUND and DEPOSIT_CANCELED are on their way to another state.
        _ => return Err("the PG's books have a state that is not settled or not known".to_owned()),
    };
    Ok(found)
}

fn account(fields: Fields<'_>, price: i64, asked: &Asked) -> Result<Found, String> {
    let now = asked.at;
    let info = fields
        .inside("vacctInfo")
        .ok_or("the PG's books have no virtual account")?;
    let account_number = info
        .string("accountNumber")
        .ok_or("the PG's books have no account number")?;
    let (state, paid, cancelled) = account_state(fields, info, price)?;
    let mut deposit = match paid {
        // A short or excess deposit, perhaps: told, but it changes no state.
        Paid::No => deposit(info, now).ok(),
        Paid::Yes => Some(deposit(info, now)?),
    };
    if let Some(deposit) = &mut deposit {
        let info = fields.inside("cashReceiptInfo");
        deposit.cash_receipt = info.and_then(|info| receipt::of_deposit(info, &asked.merchant));
    }
    let method = Method::VirtualAccount(VirtualAccount {
        bank: info.text("bankCode").and_then(|code| codes::bank(&code)),
        account_number,
        is_fixed: false,
        remittee_name: info.string("accountName"),
        remitter_name: deposit
            .as_ref()
            .and_then(|deposit| deposit.remitter_name.clone()),
        expires_at: expires_at(info),
        issued_at: approved_at(fields),
        refund: None,
    });
    let at = deposit
        .as_ref()
        .filter(|_| paid == Paid::Yes)
        .map(|deposit| deposit.at);
    Ok(Found {
        state,
        currency: Some(Currency::krw()),
        method,
        at,
        cancelled,
        deposit,
    })
}

/// A deposit. Without an amount it can't be compared with the order, so it is unclear.
fn deposit(info: Fields<'_>, now: Timestamp) -> Result<Deposit, String> {
    let amount = info.amount("depositAmount").filter(|amount| *amount > 0);
    Ok(Deposit {
        amount: amount.ok_or("the PG's books have a deposit without amount")?,
        remitter_name: info
            .string("depositName")
            .or_else(|| info.string("senderName")),
        at: info.time("depositDate", "depositTime").unwrap_or(now),
        cash_receipt: None,
    })
}

/// A deadline of a date alone is that day's last second.
fn expires_at(info: Fields<'_>) -> Option<Timestamp> {
    let date = info.text("validDate")?;
    let (date, joined) = date.split_at_checked(8)?;
    match (joined, info.text("validTime")) {
        ("", Some(time)) => kst::read(date, &time),
        ("", None) => kst::read(date, "235959"),
        (time, _) => kst::read(date, time),
    }
}
