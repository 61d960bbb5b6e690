//! Cash receipts on their own: issue, cancellation, inquiry.
//!
//! Version 1 of the INIAPI (receipt Issue/Receipt, refund Refund/Receipt). The issue has no order
//! id, so a lost answer can't be looked up: it is unclear for good. A cancellation is looked up by
//! the receipt's own id. Confidence: issue from three integrations, cancellation from the manual;
//! that version 2's inquiry knows receipts is our reading. It is sent all the same: it changes
//! nothing, and if the PG does not know it, the cancellation stays unclear.

use naru_connector::{
    Answer, BeginError, CancelCashReceipt, IssueCashReceipt, Outcome, ReceiptFound, Refunded,
};
use naru_domain::Timestamp;
use naru_domain::cash_receipt::{IssuedReceipt, ReceiptKind};

use super::contract::Merchant;
use super::exchange::{OneShot, unknown};
use super::reply::{self, FOUND, Fields, Reply, Verdict};
use super::wire::{Context, V1, V2};
use super::{codes, rules};

/// Issue of a receipt.
pub(super) fn issue(
    issue: &IssueCashReceipt,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let currency = rules::won_only(&issue.currency, "currency")?;
    let goods_name = rules::goods_name(&issue.name, "orderName")?;
    let field = "customer.identityNumber";
    let identity = rules::receipt_identity(issue.kind, &issue.identity, field)?;
    let identity = context.encrypt(&identity);
    let amount = issue.amount;
    let price = amount.total.to_string();
    // The tax-free part is inside the supply, as the one integration that has both sends it.
    let supply = (amount.total - amount.vat).to_string();
    let service = "0".to_owned();

    let mut fields = vec![
        ("goodName", goods_name),
        ("crPrice", price.clone()),
        ("supPrice", supply.clone()),
        ("tax", amount.vat.to_string()),
        ("srcvPrice", service.clone()),
        ("regNum", identity.clone()),
        ("useOpt", context.contract.use_opt(issue.kind).to_owned()),
        ("currency", currency.to_owned()),
    ];
    let customer = &issue.customer;
    if let Some(name) = customer.name.as_deref() {
        fields.push(("buyerName", rules::person_name(name, "customer.name")?));
    }
    if let Some(email) = customer.email.as_deref() {
        fields.push(("buyerEmail", rules::email_address(email, "customer.email")?));
    }
    if let Some(tel) = customer.phone_number.as_deref() {
        fields.push(("buyerTel", rules::phone(tel, "customer.phoneNumber")?));
    }
    let request = context.v1(V1 {
        resource: "receipt",
        kind: "Issue",
        paymethod: "Receipt",
        signed: vec![price, supply, service, identity],
        fields,
    });
    let (at, merchant) = (context.at, context.contract.merchant.clone());
    Ok(OneShot::new(request, move |answer| {
        let outcome = reply::acted(answer, |reply| issued(reply, &merchant, at));
        if let Outcome::Declined(decline) = &outcome
            && codes::is_issued_before(&decline.code)
        {
            return Outcome::Receipt(ReceiptFound::IssuedBefore(decline.clone()));
        }
        outcome
    }))
}

fn issued(reply: &Reply, merchant: &Merchant, at: Timestamp) -> Outcome {
    let fields = reply.fields();
    let (Some(pg_receipt_id), Some(issue_number)) = (fields.string("tid"), fields.string("authNo"))
    else {
        return unknown("the PG's receipt has no id or no number");
    };
    Outcome::Receipt(ReceiptFound::Issued(IssuedReceipt {
        url: merchant.cash_receipt_url(&pg_receipt_id),
        pg_receipt_id: Some(pg_receipt_id),
        issue_number,
        at: fields.time("authDate", "authTime").unwrap_or(at),
    }))
}

/// Cancellation of a receipt.
pub(super) fn cancel(
    cancel: &CancelCashReceipt,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let reason = rules::reason(&cancel.reason)?;
    let request = context.v1(V1 {
        resource: "refund",
        kind: "Refund",
        paymethod: "Receipt",
        signed: vec![cancel.pg_receipt_id.clone()],
        fields: vec![("tid", cancel.pg_receipt_id.clone()), ("msg", reason)],
    });
    let at = context.at;
    Ok(OneShot::new(request, move |answer| {
        // A receipt is cancelled whole and has no money: cancelled before is what was asked for.
        let reply = Reply::read(answer).ok();
        let code = reply.as_ref().and_then(Reply::refusal);
        if code.is_some_and(codes::is_already_cancelled) {
            return Outcome::Refunded(Refunded {
                pg_cancellation_id: None,
                at,
            });
        }
        reply::acted(answer, |reply| {
            let fields = reply.fields();
            Outcome::Refunded(Refunded {
                pg_cancellation_id: fields.string("cshrCancelNum"),
                at: fields.time("cancelDate", "cancelTime").unwrap_or(at),
            })
        })
    }))
}

/// Inquiry of a receipt.
pub(super) fn inquire(pg_receipt_id: &str, context: &Context<'_>) -> OneShot {
    let request = context.v2(&V2 {
        path: "inquiry",
        kind: "inquiry",
        data: vec![("tid", pg_receipt_id.to_owned())],
        list: None,
    });
    let id = pg_receipt_id.to_owned();
    OneShot::new(request, move |answer| {
        standing(answer, &id).unwrap_or_else(unknown)
    })
}

fn standing(answer: &Answer, id: &str) -> Result<Outcome, String> {
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
    if fields.contradicts("tid", id) {
        return Err("the PG's answer is about another receipt".to_owned());
    }
    let cancelled_at = match fields.text("transactionStatus").as_deref() {
        Some("APPROVAL") => None,
        Some("CANCEL") => Some(
            fields
                .time("cancelDate", "cancelTime")
                .ok_or("the PG's books don't say when the receipt was cancelled")?,
        ),
        _ => return Err("the PG's books have a state that is not known".to_owned()),
    };
    Ok(Outcome::Receipt(ReceiptFound::InBooks { cancelled_at }))
}

/// The receipt of a deposit, as an inquiry of the payment shows it. The names of these fields are
/// our reading: no public text has them.
pub(super) fn of_deposit(info: Fields<'_>, merchant: &Merchant) -> Option<IssuedReceipt> {
    let pg_receipt_id = info.string("tid")?;
    Some(IssuedReceipt {
        url: merchant.cash_receipt_url(&pg_receipt_id),
        issue_number: info.string("approvedNumber")?,
        at: info.time("approvedDate", "approvedTime")?,
        pg_receipt_id: Some(pg_receipt_id),
    })
}

/// The wire's flag of a receipt's kind.
pub(super) const fn flag(kind: ReceiptKind, is_from_one: bool) -> &'static str {
    match (kind, is_from_one) {
        (ReceiptKind::Personal, false) => "0",
        (ReceiptKind::Personal, true) | (ReceiptKind::Corporate, false) => "1",
        (ReceiptKind::Corporate, true) => "2",
    }
}
