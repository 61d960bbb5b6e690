//! The answer to an inquiry, in both versions.
//!
//! Reads only. A declined sale and the issue of a billing key are no transactions to an inquiry:
//! the PG knows approvals. Not found is status `9` in v1; in v2 the documents only say that the
//! code is not `SUCCESS`, so it is the generic `01` with code 623 in the message.

use serde_json::{Value, json};

use super::act::success;
use super::banks;
use super::codes::{Reason, Refusal};
use super::commands::Version;
use super::notice::DEPOSITOR_BANK;
use super::run::Answer;
use crate::books::Books;
use crate::clock::Stamp;
use crate::ledger::{Account, CardPart, Deposit, Kind, State, Transaction};

/// Looks a transaction up by its id, its order id, or both.
pub(crate) fn find<'a>(
    books: &'a Books,
    mid: &str,
    tid: &str,
    order_id: &str,
) -> Result<&'a Transaction, Reason> {
    let found = if tid.is_empty() {
        books.by_order(mid, order_id)
    } else {
        books.by_tid(tid)
    };
    let found = found.filter(|it| !matches!(it.state, State::Declined | State::Issued));
    let found = found.ok_or(Reason::NoTransaction)?;
    if found.mid != mid {
        return Err(Reason::OtherMerchant);
    }
    if !order_id.is_empty() && found.order_id != order_id {
        return Err(Reason::OrderMismatch);
    }
    Ok(found)
}

/// Writes the answer.
pub(crate) fn answer(
    version: Version,
    found: Result<&Transaction, Reason>,
) -> Result<Answer, Refusal> {
    match (version, found) {
        (Version::V1, Ok(found)) => Ok(v1(found)),
        (Version::V2, Ok(found)) => Ok(v2(found)),
        (Version::V1, Err(Reason::NoTransaction)) => Ok(success(json!({ "status": "9" }))),
        (_, Err(reason)) => Err(reason.of("500")),
    }
}

/// `N` waits, `Y` deposited, `C` closed before an exact deposit.
fn deposit_status(found: &Transaction) -> &'static str {
    let closed = found.account.as_ref().is_some_and(|account| account.closed);
    match found.state {
        State::Waiting => "N",
        State::Cancelled if closed => "C",
        _ => "Y",
    }
}

fn v1(found: &Transaction) -> Answer {
    let status = match (found.kind, found.state) {
        (Kind::VirtualAccount, State::Cancelled) if deposit_status(found) == "Y" => "1",
        (Kind::VirtualAccount, _) => deposit_status(found),
        (_, State::Cancelled) => "1",
        _ => "0",
    };
    let at = Stamp::of(found.at_ms);
    success(json!({
        "tid": found.tid,
        "oid": found.order_id,
        "price": found.amount.to_string(),
        "status": status,
        "paymethod": pay_method(found),
        "applNum": found.card.as_ref().map_or("", |card| card.auth_code.as_str()),
        "applDate": at.date(),
        "applTime": at.time(),
    }))
}

/// As the approvals name it too.
pub(crate) fn pay_method(found: &Transaction) -> &str {
    match found.kind {
        Kind::VirtualAccount => "VBank",
        Kind::Card | Kind::Billing | Kind::BillingKey => "Card",
        Kind::Transfer => "DirectBank",
        Kind::Phone => "HPP",
        Kind::Gift => found.with.as_deref().unwrap_or("Culture"),
    }
}

fn v2(found: &Transaction) -> Answer {
    let at = Stamp::of(found.at_ms);
    let cancelled = found.cancelled_at_ms.map(Stamp::of);
    let status = match found.state {
        State::Cancelled => "CANCEL",
        _ if found.partials.is_empty() => "APPROVAL",
        _ => "PART_CANCEL",
    };
    let cancellable = if found.state == State::Approved {
        found.remaining()
    } else {
        0
    };
    let parts: Vec<Value> = found.partials.iter().map(part).collect();
    let mut answer = success(json!({
        "tid": found.tid,
        "mid": found.mid,
        "oid": found.order_id,
        "price": found.amount.to_string(),
        "goodsName": found.goods_name,
        "paymethod": pay_method(found),
        "approvedDate": at.date(),
        "approvedTime": at.time(),
        "buyerName": found.buyer.name,
        "buyerTel": found.buyer.tel,
        "buyerMail": found.buyer.mail,
        "transactionStatus": status,
        "availablePartCancel": cancellable > 0,
        "availablePartCancelPrice": cancellable.to_string(),
        "cancelDate": cancelled.map(Stamp::date),
        "cancelTime": cancelled.map(Stamp::time),
        "partCancelTransInfo": parts,
    }));
    answer.insert("resultCode".to_owned(), json!("SUCCESS"));
    if let Some(part) = &found.card {
        answer.insert("cardInfo".to_owned(), card(found, part));
    }
    if let Some(part) = &found.account {
        answer.insert("vacctInfo".to_owned(), account(found, part));
    }
    answer
}

fn part(part: &crate::ledger::PartCancel) -> Value {
    let at = Stamp::of(part.at_ms);
    json!({
        "tid": part.tid,
        "requestDate": at.date(),
        "requestTime": at.time(),
        "requestPrice": part.price.to_string(),
    })
}

fn card(found: &Transaction, card: &CardPart) -> Value {
    json!({
        "approvedNumber": card.auth_code,
        "cardNumber": card.facts.masked,
        "cardCode": card.facts.code,
        "issuerName": banks::card_company(&card.facts.code),
        "quota": card.quota,
        "isInterestFree": card.interest_free,
        "currencyCode": found.currency.pg_name(),
    })
}

/// The deposit that an inquiry tells of: the one that completed the payment, else the latest.
fn told_deposit<'a>(found: &Transaction, account: &'a Account) -> Option<&'a Deposit> {
    let exact = account
        .deposits
        .iter()
        .find(|deposit| deposit.amount == found.amount);
    let completed = exact.filter(|_| deposit_status(found) == "Y");
    completed.or(account.deposits.last())
}

fn account(found: &Transaction, account: &Account) -> Value {
    let deposit = told_deposit(found, account);
    let at = deposit.map(|deposit| Stamp::of(deposit.at_ms));
    json!({
        "accountNumber": account.number,
        "bankCode": account.bank_code,
        "bankName": banks::name(&account.bank_code),
        "accountName": account.holder,
        "senderName": deposit.map(|_| found.buyer.name.as_str()),
        "validDate": Stamp::of(account.valid_until_ms).date(),
        "depositStatus": deposit_status(found),
        "depositAmount": deposit.map(|deposit| deposit.amount.to_string()),
        "depositBankCode": deposit.map(|_| DEPOSITOR_BANK),
        "depositBankName": deposit.and_then(|_| banks::name(DEPOSITOR_BANK)),
        "depositName": deposit.map(|_| found.buyer.name.as_str()),
        "depositDate": at.map(Stamp::date),
        "depositTime": at.map(Stamp::time),
    })
}
