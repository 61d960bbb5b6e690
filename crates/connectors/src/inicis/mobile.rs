//! The window for phones, INIpay Mobile: its form, what comes back, approval and net cancel.
//!
//! Answers are pairs, not JSON. Invariant: as in `standard`.

use bytes::Bytes;
use naru_connector::{
    Answer, Approval, AuthenticatedWindow, BeginError, IssuedAccount, KeyIssue, OpenWindow,
    Outcome, Refunded, Rejected, Request, Returned, Secret, WindowForm,
};
use naru_domain::{Card, CardPayment, Method, MethodKind, Timestamp, VirtualAccount};
use serde_json::{Map, Value};

use super::contract::{self, Merchant};
use super::exchange::{OneShot, unknown};
use super::standard::refused;
use super::window::{self, Authentication, rejected};
use super::window_result::{self, Told, ToldReceipt};
use super::wire::Context;
use super::{codes, options, reply, rules, sign};
use crate::form::{self, Form};
use crate::kst;

/// Success of the window and of its approval.
const DONE: &str = "00";

/// Who pays, where the page does not say.
const SOMEBODY: &str = "구매자";

/// What of an answer is kept: nothing in these is secret, and numbers are masked.
const KEPT: [&str; 15] = [
    "P_STATUS",
    "P_RMESG1",
    "P_TID",
    "P_TYPE",
    "P_SRC_CODE",
    "P_AUTH_DT",
    "P_MID",
    "P_OID",
    "P_AMT",
    "P_AUTH_NO",
    "P_FN_CD1",
    "P_FN_NM",
    "P_CARD_NUM",
    "P_CARD_INTEREST",
    "P_CARD_CHECKFLAG",
];

/// What the page's form holds (manual of INIpay Mobile, request).
pub(super) fn form(window: &OpenWindow, context: &Context<'_>) -> Result<WindowForm, BeginError> {
    let order = &window.order;
    rules::won_only(&order.currency, "currency")?;
    let customer = &order.customer;
    if window.key_issue == KeyIssue::WithPayment {
        // The guide leaves these out on phones for payments only.
        rules::buyer(customer)?;
    }
    // The PG wants a name; the contract's guide lets pages leave it out on phones.
    let name = customer.name.as_deref().unwrap_or(SOMEBODY);
    let name = rules::person_name(name, "customer.name.full")?;
    let (amount, at) = (
        order.amount.total.to_string(),
        context.at.as_millis().to_string(),
    );
    let options = options::mobile(window)?;
    let mut reserved = vec!["centerCd=Y".to_owned()];
    // A direct call of an easy-pay provider has no escrow.
    let is_escrow = order.is_escrow && window.method != MethodKind::EasyPay;
    let mut fields = vec![
        ("P_INI_PAYMENT", options.method),
        ("P_MID", context.contract.merchant.mid.clone()),
        ("P_OID", order.order_id.clone()),
        ("P_AMT", amount.clone()),
        ("P_GOODS", rules::goods_name(&order.name, "orderName")?),
        ("P_UNAME", name),
        ("P_NEXT_URL", window.return_url.clone()),
        ("P_CHARSET", "utf8".to_owned()),
        ("P_TIMESTAMP", at.clone()),
        ("P_TAX", order.amount.vat.to_string()),
        ("P_TAXFREE", order.amount.tax_free.to_string()),
    ];
    if let Some(phone) = customer.phone_number.as_deref() {
        fields.push(("P_MOBILE", rules::phone(phone, "customer.phoneNumber")?));
    }
    if let Some(email) = customer.email.as_deref() {
        fields.push(("P_EMAIL", rules::email_address(email, "customer.email")?));
    }
    if let Some(hash_key) = contract::mobile_hash_key(context.settings) {
        let hash = sign::check_fake([&amount, &order.order_id, &at], &hash_key);
        fields.push(("P_CHKFAKE", hash));
        reserved.push("amt_hash=Y".to_owned());
    }
    if window.method == MethodKind::VirtualAccount {
        // Deposits into accounts of this window are told here, and not where those of the window
        // for computers are.
        fields.push(("P_NOTI_URL", window.notice_url.clone()));
    }
    if let Some(until) = window.account_expires_at {
        fields.push(("P_VBANK_DT", kst::date(until)));
        fields.push(("P_VBANK_TM", kst::hour_minute(until)));
    }
    if is_escrow {
        reserved.push("useescrow=Y".to_owned());
    }
    reserved.extend(options.tokens);
    fields.extend(options.fields);
    fields.push(("P_RESERVED", reserved.join("&")));
    Ok(WindowForm {
        script: None,
        close_script: None,
        action: Some(context.contract.places.mobile_window()),
        // Also where results come in UTF-8.
        charset: "euc-kr",
        fields,
    })
}

/// Reads what the browser brought back. It names no order: that is in the address it came to.
pub(super) fn returned(form: &Form, context: &Context<'_>) -> Result<Returned, Rejected> {
    let status = form.get("P_STATUS").unwrap_or_default();
    if status != DONE {
        return Ok(Returned::Refused(refused(status, form.get("P_RMESG1"))));
    }
    let idc = form.get("idc_name").unwrap_or_default();
    let place = context.contract.places.mobile(idc);
    let place = place.ok_or_else(|| rejected("the window's centre is not known"))?;
    if form.get("P_REQ_URL") != Some(&format!("{place}/smart/payReq.ini")) {
        return Err(rejected("the window names an address that is not the PG's"));
    }
    let is_id = |tid: &&str| tid.len() <= 128 && tid.bytes().all(|c| c.is_ascii_graphic());
    let Some(tid) = form.get("P_TID").filter(is_id) else {
        return Err(rejected("the window brought no transaction id back"));
    };
    let authentication = Authentication::Mobile {
        tid: tid.to_owned(),
        idc: idc.to_owned(),
        timestamp: context.at.as_millis().to_string(),
    };
    Ok(Returned::Authenticated {
        order_id: None,
        authentication: authentication.sealed(),
    })
}

fn post(
    idc: &str,
    (path, fields): (&str, &[(&'static str, String)]),
    context: &Context<'_>,
) -> Result<Request, BeginError> {
    let place = context.contract.places.mobile(idc);
    let place = place.ok_or_else(window::no_centre)?;
    Ok(Request {
        method: http::Method::POST,
        url: format!("{place}{path}"),
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
        )],
        body: Bytes::from(form::encode(fields)),
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
    at: Timestamp,
    merchant: Merchant,
}

/// Approval: the money is taken, or the account issued.
pub(super) fn approve(
    window: &AuthenticatedWindow,
    [tid, idc]: [&str; 2],
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let fields = [
        ("P_MID", context.contract.merchant.mid.clone()),
        ("P_TID", tid.to_owned()),
    ];
    let request = post(idc, ("/smart/payReq.ini", &fields), context)?;
    let asked = Asked {
        order_id: window.order.order_id.clone(),
        method: window.method,
        easy_pay_provider: window.easy_pay_provider.clone(),
        key_issue: window.key_issue,
        at: context.at,
        merchant: context.contract.merchant.clone(),
    };
    Ok(OneShot::new(request, move |answer| {
        acted(answer, |form| match asked.method {
            MethodKind::VirtualAccount => issued(form, &asked),
            MethodKind::Card
            | MethodKind::Transfer
            | MethodKind::Mobile
            | MethodKind::GiftCertificate
            | MethodKind::EasyPay => approved(form, &asked),
        })
    }))
}

/// Net cancel: by what the window authenticated.
pub(super) fn net_cancel(
    window: &AuthenticatedWindow,
    [tid, idc, timestamp]: [&str; 3],
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let (amount, order_id) = (
        window.order.amount.total.to_string(),
        window.order.order_id.clone(),
    );
    let mut fields = vec![
        ("P_TID", tid.to_owned()),
        ("P_MID", context.contract.merchant.mid.clone()),
        ("P_AMT", amount.clone()),
        ("P_OID", order_id.clone()),
    ];
    if let Some(hash_key) = contract::mobile_hash_key(context.settings) {
        let hash = sign::check_fake([&amount, &order_id, timestamp], &hash_key);
        fields.push(("P_TIMESTAMP", timestamp.to_owned()));
        fields.push(("P_CHKFAKE", hash));
    }
    let request = post(idc, ("/smart/payNetCancel.ini", &fields), context)?;
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

fn acted(answer: &Answer, done: impl FnOnce(&Form) -> Outcome) -> Outcome {
    if answer.status != 200 {
        return unknown(format!("the PG answered with status {}", answer.status));
    }
    // Asked for in UTF-8 (`P_CHARSET`); what is not read whole is no value.
    let Some(form) = Form::read(&answer.body, Some("charset=utf-8")) else {
        return unknown("the PG's answer has too many fields");
    };
    let Some(status) = form.get("P_STATUS") else {
        return unknown("the PG's answer has no result code");
    };
    if status == DONE {
        return done(&form);
    }
    if let Some(meaning) = codes::unclear(status) {
        return unknown(format!("the PG answered {status}: {meaning}"));
    }
    let decline = refused(status, form.get("P_RMESG1"));
    if decline.code != status {
        return unknown("the PG's answer has no result code");
    }
    Outcome::Declined(decline)
}

fn is_stranger(form: &Form, asked: &Asked) -> bool {
    let contradicts = |name: &str, expected: &str| form.get(name).is_some_and(|it| it != expected);
    contradicts("P_OID", &asked.order_id) || contradicts("P_MID", &asked.merchant.mid)
}

fn amount(form: &Form) -> Option<i64> {
    let text = form.get("P_AMT")?;
    let is_digits = text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok()).flatten()
}

/// 14 digits, or nothing.
fn time(form: &Form) -> Option<Timestamp> {
    let text = form.get("P_AUTH_DT")?;
    kst::read(text.get(..8)?, text.get(8..)?)
}

fn approved(form: &Form, asked: &Asked) -> Outcome {
    if is_stranger(form, asked) {
        return unknown("the PG's answer is about another order");
    }
    let (Some(pg_tx_id), Some(amount)) = (form.get("P_TID"), amount(form)) else {
        return unknown("the PG's approval has no transaction id or no amount");
    };
    let Some(method) = method(form, asked) else {
        return unknown("the PG's approval has a method that is not known");
    };
    let text = |name: &str| form.get(name).map(str::to_owned);
    let receipt = ToldReceipt {
        code: text("P_CSHR_CODE"),
        kind: text("P_CSHR_TYPE"),
        issue_number: text("P_CSHR_AUTH_NO"),
    };
    Outcome::Approved(Approval {
        cash_receipt: window_result::cash_receipt(&method, receipt),
        receipt_url: asked.merchant.receipt_url(pg_tx_id),
        pg_tx_id: pg_tx_id.to_owned(),
        amount,
        // This window takes won only, and its answers name no currency.
        currency: None,
        escrow: None,
        pg_billing_key: form
            .get("P_HPP_BILLKEY")
            .filter(|_| asked.key_issue == KeyIssue::WithPayment)
            .map(Secret::new),
        at: time(form).unwrap_or(asked.at),
        method,
        raw: raw(form),
    })
}

/// By what it was paid.
fn method(form: &Form, asked: &Asked) -> Option<Method> {
    let told = Told {
        method: form.get("P_TYPE").unwrap_or_default(),
        easy_pay: form.get("P_SRC_CODE"),
        card_code: form.get("P_FN_CD1"),
        asked_provider: asked.easy_pay_provider.as_deref(),
        bank: form.get("P_FN_CD1").and_then(codes::bank),
        phone: form.get("P_HPP_NUM"),
        approval_number: form
            .get("P_AUTH_NO")
            .or(form.get("P_APPL_NUM"))
            .map(str::to_owned),
    };
    window_result::method(&told, || {
        let months = form.get("P_RMESG2").and_then(|text| text.parse().ok());
        let months: u16 = months.unwrap_or_default();
        CardPayment {
            card: card(form),
            approval_number: form.get("P_AUTH_NO").map(str::to_owned),
            installment_months: if months == 1 { 0 } else { months },
            is_interest_free: months > 1 && form.get("P_CARD_INTEREST") == Some("1"),
            point_used: false,
        }
    })
}

fn card(form: &Form) -> Card {
    let code = form.get("P_FN_CD1");
    let (issuer, brand) = code.map_or((None, None), codes::card_company);
    let number = form.get("P_CARD_NUM");
    let masked = number.map(|number| reply::mask_numbers(number, false).into_owned());
    let bin = masked.as_deref().and_then(|number| number.get(..6));
    // Both spellings are seen.
    let kind = form.get("P_CARD_CHECKFLAG").or(form.get("P_CARD_CHECKFLG"));
    let owner = form.get("CARD_CorpFlag").or(form.get("CARD_CorpFlg"));
    Card {
        publisher: None,
        issuer,
        brand,
        kind: kind.and_then(codes::card_kind),
        owner: owner.and_then(codes::card_owner),
        bin: bin
            .filter(|bin| bin.bytes().all(|byte| byte.is_ascii_digit()))
            .map(str::to_owned),
        name: form.get("P_FN_NM").map(str::to_owned),
        masked_number: masked,
    }
}

fn issued(form: &Form, asked: &Asked) -> Outcome {
    if is_stranger(form, asked) {
        return unknown("the PG's answer is about another order");
    }
    let (Some(pg_tx_id), Some(number)) = (form.get("P_TID"), form.get("P_VACT_NUM")) else {
        return unknown("the PG's issue has no transaction id or no account number");
    };
    let at = time(form).unwrap_or(asked.at);
    let until = form.get("P_VACT_DATE").zip(form.get("P_VACT_TIME"));
    Outcome::AccountIssued(IssuedAccount {
        pg_tx_id: pg_tx_id.to_owned(),
        amount: amount(form),
        at,
        account: VirtualAccount {
            bank: form.get("P_VACT_BANK_CODE").and_then(codes::bank),
            is_fixed: false,
            account_number: number.to_owned(),
            remittee_name: form.get("P_VACT_NAME").map(str::to_owned),
            remitter_name: None,
            expires_at: until.and_then(|(date, time)| kst::read(date, time)),
            issued_at: Some(at),
            refund: None,
        },
        escrow: None,
        raw: raw(form),
    })
}

/// The answer as it may be kept.
fn raw(form: &Form) -> String {
    let pairs = KEPT.iter().filter_map(|name| {
        let text = reply::mask_numbers(form.get(name)?, *name != "P_CARD_NUM").into_owned();
        Some(((*name).to_owned(), Value::String(text)))
    });
    Value::Object(pairs.collect::<Map<_, _>>()).to_string()
}
