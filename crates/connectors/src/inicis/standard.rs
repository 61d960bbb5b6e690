//! The window for computers, INIStdPay: its form, what comes back, approval and net cancel.
//!
//! Invariants: an approval has the transaction id and the price that the PG reported, or it is
//! unclear; a net cancel says exactly what the approval said.

use bytes::Bytes;
use naru_connector::{
    Answer, Approval, AuthenticatedWindow, BeginError, Decline, IssuedAccount, IssuedKey, KeyIssue,
    OpenWindow, Outcome, Refunded, Rejected, Request, Returned, Secret, WindowForm,
};
use naru_domain::payment::Failure;
use naru_domain::{Card, CardPayment, Method, MethodKind, Timestamp, VirtualAccount};

use super::card::reported_currency;
use super::contract::{self, Merchant};
use super::exchange::{OneShot, unknown};
use super::reply::{self, Fields, Reply, Verdict};
use super::window::{self, Authentication, rejected};
use super::window_result::{self, Told, ToldReceipt};
use super::wire::Context;
use super::{codes, options, rules, sign};
use crate::form::{self, Form};
use crate::hash::sha256;
use crate::kst;

/// Success of the window and of its approval.
const DONE: &str = "0000";

/// What the page's form holds (manual of INIStdPay, request).
pub(super) fn form(window: &OpenWindow, context: &Context<'_>) -> Result<WindowForm, BeginError> {
    let order = &window.order;
    let takes_usd = window.method == MethodKind::Card;
    let currency = rules::currency(&order.currency, takes_usd)?;
    let options = options::pc(window)?;
    let buyer = rules::buyer(&order.customer)?;
    let goods_name = rules::goods_name(&order.name, "orderName")?;
    let sign_key = contract::sign_key(context.settings)?;
    let (price, at) = (order.amount.total.to_string(), milliseconds(context.at));
    let signed = [
        ("oid", order.order_id.as_str()),
        ("price", &price),
        ("timestamp", &at),
    ];
    let keyed = [signed.as_slice(), &[("signKey", sign_key.as_str())]].concat();
    let mut fields = vec![
        ("version", "1.0".to_owned()),
        ("mid", context.contract.merchant.mid.clone()),
        ("oid", order.order_id.clone()),
        ("goodname", goods_name),
        ("price", price.clone()),
        ("currency", currency.to_owned()),
        ("buyername", buyer.name),
        ("buyertel", buyer.tel),
        ("buyeremail", buyer.email),
        ("timestamp", at.clone()),
        ("use_chkfake", "Y".to_owned()),
        ("signature", sign::hash_pairs(&signed)),
        ("verification", sign::hash_pairs(&keyed)),
        ("mKey", sha256(&sign_key)),
        ("returnUrl", window.return_url.clone()),
        ("closeUrl", window.close_url.clone()),
        ("acceptmethod", accepted(window, options.tokens)),
        ("gopaymethod", options.method),
        ("charset", "UTF-8".to_owned()),
        ("tax", order.amount.vat.to_string()),
        ("taxfree", order.amount.tax_free.to_string()),
    ];
    fields.extend(options.fields);
    Ok(WindowForm {
        script: Some(context.contract.places.script("INIStdPay.js")),
        close_script: Some(context.contract.places.script("INIStdPay_close.js")),
        action: None,
        charset: "utf-8",
        fields,
    })
}

/// Without `centerCd` the PG would not name its centre.
fn accepted(window: &OpenWindow, wished: Vec<String>) -> String {
    let mut tokens = vec!["centerCd(Y)".to_owned()];
    tokens.extend(wished);
    if let Some(until) = window.account_expires_at {
        let (date, time) = (kst::date(until), kst::hour_minute(until));
        tokens.push(format!("vbank({date}{time})"));
    }
    if window.order.is_escrow {
        tokens.push("useescrow".to_owned());
    }
    if window.key_issue == KeyIssue::Instead {
        tokens.push("BILLAUTH(Card)".to_owned());
    }
    tokens.join(":")
}

fn milliseconds(at: Timestamp) -> String {
    at.as_millis().to_string()
}

/// Reads what the browser brought back.
pub(super) fn returned(form: &Form, context: &Context<'_>) -> Result<Returned, Rejected> {
    let code = form.get("resultCode").unwrap_or_default();
    if code != DONE {
        return Ok(Returned::Refused(refused(code, form.get("resultMsg"))));
    }
    if form.get("mid") != Some(&context.contract.merchant.mid) {
        return Err(rejected("the window was another merchant's"));
    }
    let idc = form.get("idc_name").unwrap_or_default();
    let place = context.contract.places.stdpay(idc);
    let place = place.ok_or_else(|| rejected("the window's centre is not known"))?;
    let is_ours = |name: &str, path: &str| form.get(name) == Some(&format!("{place}{path}"));
    if !is_ours("authUrl", "/api/payAuth") || !is_ours("netCancelUrl", "/api/netCancel") {
        return Err(rejected("the window names an address that is not the PG's"));
    }
    let Some(token) = form.get("authToken").filter(|token| token.len() <= 8_192) else {
        return Err(rejected("the window brought no token back"));
    };
    let authentication = Authentication::Pc {
        token: token.to_owned(),
        idc: idc.to_owned(),
        timestamp: milliseconds(context.at),
    };
    Ok(Returned::Authenticated {
        order_id: form
            .get("orderNumber")
            .or_else(|| form.get("MOID"))
            .map(str::to_owned),
        authentication: authentication.sealed(),
    })
}

/// Codes of a customer who left differ between versions, and may be absent.
pub(super) fn refused(code: &str, message: Option<&str>) -> Decline {
    let is_code = (1..=20).contains(&code.len()) && code.bytes().all(|c| c.is_ascii_alphanumeric());
    Decline {
        code: if is_code { code } else { Failure::WINDOW_LEFT }.to_owned(),
        message: message
            .map(|text| text.chars().take(200).collect())
            .unwrap_or_default(),
    }
}

fn request(
    window: &AuthenticatedWindow,
    [token, idc, timestamp]: [&str; 3],
    (path, context): (&str, &Context<'_>),
) -> Result<Request, BeginError> {
    let sign_key = contract::sign_key(context.settings)?;
    let signed = [("authToken", token), ("timestamp", timestamp)];
    let keyed = [signed.as_slice(), &[("signKey", sign_key.as_str())]].concat();
    let place = context.contract.places.stdpay(idc);
    let place = place.ok_or_else(window::no_centre)?;
    let body = form::encode(&[
        ("mid", context.contract.merchant.mid.clone()),
        ("authToken", token.to_owned()),
        ("timestamp", timestamp.to_owned()),
        ("signature", sign::hash_pairs(&signed)),
        ("verification", sign::hash_pairs(&keyed)),
        ("charset", "UTF-8".to_owned()),
        ("format", "JSON".to_owned()),
        // The PG refuses another amount than the one authenticated.
        ("price", window.order.amount.total.to_string()),
    ]);
    Ok(Request {
        method: http::Method::POST,
        url: format!("{place}{path}"),
        headers: vec![
            (
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
            ),
            ("accept", "application/json".to_owned()),
        ],
        body: Bytes::from(body),
        timeout_ms: context.contract.answer_timeout_ms,
        write_within_ms: None,
    })
}

/// What the reading of an approval needs of the request.
struct Asked {
    order_id: String,
    method: MethodKind,
    easy_pay_provider: Option<String>,
    key_issue: KeyIssue,
    timestamp: String,
    at: Timestamp,
    merchant: Merchant,
}

/// Approval: the money is taken, or the account issued.
pub(super) fn approve(
    window: &AuthenticatedWindow,
    said: [&str; 3],
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let request = request(window, said, ("/api/payAuth", context))?;
    let [_, _, timestamp] = said;
    let asked = Asked {
        order_id: window.order.order_id.clone(),
        method: window.method,
        easy_pay_provider: window.easy_pay_provider.clone(),
        key_issue: window.key_issue,
        timestamp: timestamp.to_owned(),
        at: context.at,
        merchant: context.contract.merchant.clone(),
    };
    Ok(OneShot::new(request, move |answer| {
        acted(answer, |reply| match asked.method {
            _ if asked.key_issue == KeyIssue::Instead => key_issued(reply, &asked),
            MethodKind::VirtualAccount => issued(reply, &asked),
            MethodKind::Card
            | MethodKind::Transfer
            | MethodKind::Mobile
            | MethodKind::GiftCertificate
            | MethodKind::EasyPay => approved(reply, &asked),
        })
    }))
}

/// Net cancel: it says what the approval said, and undoes it if it happened.
pub(super) fn net_cancel(
    window: &AuthenticatedWindow,
    said: [&str; 3],
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let request = request(window, said, ("/api/netCancel", context))?;
    let at = context.at;
    Ok(OneShot::new(request, move |answer| {
        acted(answer, |_| {
            Outcome::Refunded(Refunded {
                pg_cancellation_id: None,
                at,
            })
        })
    }))
}

fn acted(answer: &Answer, done: impl FnOnce(&Reply) -> Outcome) -> Outcome {
    let reply = match Reply::read(answer) {
        Ok(reply) => reply,
        Err(reason) => return unknown(reason),
    };
    match reply.verdict(DONE) {
        Verdict::Success => done(&reply),
        Verdict::Refused(decline) => Outcome::Declined(decline),
        Verdict::Unclear(reason) => unknown(reason),
    }
}

/// Why an answer can't be about what was asked, if it can't.
fn stranger(fields: Fields<'_>, asked: &Asked) -> Option<&'static str> {
    if fields.contradicts("MOID", &asked.order_id) || fields.contradicts("mid", &asked.merchant.mid)
    {
        return Some("the PG's answer is about another order");
    }
    let signature = fields.text("authSignature")?;
    let said = |name| fields.text(name).unwrap_or_default();
    let (order_id, mid) = (said("MOID"), said("mid"));
    let (price, stamp) = (said("TotPrice"), asked.timestamp.as_str());
    // Which values are signed in which order follows from the last digit (the manual's sample).
    let (moid, mid, price, stamp) = (
        ("MOID", &*order_id),
        ("mid", &*mid),
        ("TotPrice", &*price),
        ("tstamp", stamp),
    );
    let parts: &[(&str, &str)] = match asked.timestamp.bytes().last() {
        Some(b'1') => &[moid, mid, stamp],
        Some(b'2') => &[moid, stamp, mid],
        Some(b'3') => &[mid, moid, stamp],
        Some(b'4') => &[mid, stamp, moid],
        Some(b'5') => &[stamp, mid, moid],
        Some(b'6') => &[stamp, moid, mid],
        Some(b'7') => &[price, mid, stamp],
        Some(b'8') => &[price, stamp, mid],
        Some(b'9') => &[price, moid, stamp],
        _ => &[price, stamp, moid],
    };
    let joined: Vec<String> = parts
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    (sha256(&joined.join("&")) != *signature).then_some("the PG's answer was changed on its way")
}

fn approved(reply: &Reply, asked: &Asked) -> Outcome {
    let fields = reply.fields();
    if let Some(reason) = stranger(fields, asked) {
        return unknown(reason);
    }
    let Some(pg_tx_id) = fields.string("tid") else {
        return unknown("the PG's approval has no transaction id");
    };
    let Some(amount) = fields.amount("TotPrice") else {
        return unknown("the PG's approval has no price");
    };
    let Ok(currency) = reported_currency(fields, "currency") else {
        return unknown("the PG's approval is in a currency that was not expected");
    };
    let Some(method) = method(fields, asked) else {
        return unknown("the PG's approval has a method that is not known");
    };
    Outcome::Approved(Approval {
        cash_receipt: window_result::cash_receipt(&method, told_receipt(fields)),
        receipt_url: asked.merchant.receipt_url(&pg_tx_id),
        pg_tx_id,
        amount,
        currency,
        // Its answer does not say.
        escrow: None,
        pg_billing_key: phone_key(fields, asked),
        at: fields.time("applDate", "applTime").unwrap_or(asked.at),
        method,
        raw: reply.raw(),
    })
}

/// The key of a phone bill that was issued with the payment. Both spellings are seen of cards'
/// keys.
fn phone_key(fields: Fields<'_>, asked: &Asked) -> Option<Secret> {
    if asked.key_issue != KeyIssue::WithPayment {
        return None;
    }
    let key = fields
        .string("HPP_Billkey")
        .or_else(|| fields.string("HPP_BillKey"));
    key.map(Secret::new)
}

/// By what it was paid.
fn method(fields: Fields<'_>, asked: &Asked) -> Option<Method> {
    let [name, letter, code, phone] =
        ["payMethod", "CARD_SrcCode", "CARD_Code", "HPP_Num"].map(|name| fields.text(name));
    let told = Told {
        method: name.as_deref().unwrap_or_default(),
        easy_pay: letter.as_deref(),
        card_code: code.as_deref(),
        asked_provider: asked.easy_pay_provider.as_deref(),
        bank: fields
            .text("ACCT_BankCode")
            .and_then(|code| codes::bank(&code)),
        phone: phone.as_deref(),
        approval_number: fields
            .string("applNum")
            .or_else(|| fields.string("BCSH_ApplNum")),
    };
    window_result::method(&told, || {
        let quota = fields.text("CARD_Quota").and_then(|text| text.parse().ok());
        let months: u16 = quota.unwrap_or_default();
        CardPayment {
            card: card(fields),
            approval_number: fields.string("applNum"),
            installment_months: if months == 1 { 0 } else { months },
            is_interest_free: months > 1 && fields.is_on("CARD_Interest"),
            point_used: fields.is_on("CARD_Point"),
        }
    })
}

/// What the answer says of a cash receipt. Both spellings are seen.
fn told_receipt(fields: Fields<'_>) -> ToldReceipt {
    ToldReceipt {
        code: fields
            .string("CSHR_ResultCode")
            .or_else(|| fields.string("CSHRResultCode")),
        kind: fields.string("CSHR_Type"),
        issue_number: None,
    }
}

/// The billing key of a window. No money moves, whatever price was shown.
fn key_issued(reply: &Reply, asked: &Asked) -> Outcome {
    let fields = reply.fields();
    if let Some(reason) = stranger(fields, asked) {
        return unknown(reason);
    }
    // Both spellings are seen.
    let key = fields
        .string("CARD_BillKey")
        .or_else(|| fields.string("CARD_Billkey"));
    let Some(key) = key else {
        return unknown("the PG's answer has no billing key");
    };
    Outcome::KeyIssued(IssuedKey {
        pg_billing_key: Secret::new(key),
        pg_tx_id: fields.string("tid"),
        card: card(fields),
        at: fields.time("applDate", "applTime").unwrap_or(asked.at),
    })
}

/// A card as the answer describes it. Contracts may hide the number and the company.
fn card(fields: Fields<'_>) -> Card {
    let code = fields.text("CARD_Code");
    let (issuer, brand) = code.map_or((None, None), |code| codes::card_company(&code));
    let number = fields.text("CARD_Num");
    let masked = number.map(|number| reply::mask_numbers(&number, false).into_owned());
    let bin = masked.as_deref().and_then(|number| number.get(..6));
    Card {
        publisher: None,
        issuer,
        brand,
        kind: fields
            .text("CARD_CheckFlag")
            .and_then(|flag| codes::card_kind(&flag)),
        owner: fields
            .text("CARD_CorpFlag")
            .and_then(|flag| codes::card_owner(&flag)),
        bin: bin
            .filter(|bin| bin.bytes().all(|byte| byte.is_ascii_digit()))
            .map(str::to_owned),
        name: fields.string("P_FN_NM"),
        masked_number: masked,
    }
}

fn issued(reply: &Reply, asked: &Asked) -> Outcome {
    let fields = reply.fields();
    if let Some(reason) = stranger(fields, asked) {
        return unknown(reason);
    }
    let (Some(pg_tx_id), Some(account_number)) = (fields.string("tid"), fields.string("VACT_Num"))
    else {
        return unknown("the PG's issue has no transaction id or no account number");
    };
    let at = fields.time("applDate", "applTime").unwrap_or(asked.at);
    Outcome::AccountIssued(IssuedAccount {
        pg_tx_id,
        amount: fields.amount("TotPrice"),
        at,
        account: VirtualAccount {
            bank: fields
                .text("VACT_BankCode")
                .and_then(|code| codes::bank(&code)),
            is_fixed: false,
            account_number,
            remittee_name: fields.string("VACT_Name"),
            remitter_name: None,
            expires_at: fields.time("VACT_Date", "VACT_Time"),
            issued_at: Some(at),
            refund: None,
        },
        escrow: None,
        raw: reply.raw(),
    })
}
