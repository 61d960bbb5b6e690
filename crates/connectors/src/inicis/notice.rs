//! Deposit notices: the PG posts a form, in EUC-KR, to the URL registered for the merchant id,
//! and wants `OK` as plain text, or it sends the notice again.
//!
//! A notice is a hint: nothing in it is signed, and state moves only on what an inquiry says
//! (design 2a.8). Invariants: the same notice again has the same event id; a name that could not
//! be decoded whole is left out rather than stored broken; a refused notice is never answered
//! `OK`. Confidence: four integrations; that `no_tid` is the deposit's own id and not the issue's
//! is our reading.

use naru_connector::{
    ChannelSettings, DepositNotice, InboundRequest, NoticeAnswer, Notification, Rejected,
};

use super::contract;
use crate::form::Form;
use crate::kst;

/// More than any notice is long.
const BODY_BYTES_MAX: usize = 64 * 1024;

fn answer(status: u16, body: &'static str) -> NoticeAnswer {
    NoticeAnswer {
        status,
        content_type: "text/plain; charset=utf-8",
        body,
    }
}

fn rejected(reason: &str) -> Rejected {
    Rejected {
        reason: reason.to_owned(),
        answer: answer(400, "FAIL"),
    }
}

fn read_form(request: &InboundRequest) -> Result<Form, Rejected> {
    if request.body.len() > BODY_BYTES_MAX {
        return Err(rejected("the notice is too long"));
    }
    Form::read(&request.body, request.content_type.as_deref())
        .ok_or_else(|| rejected("the notice has too many fields"))
}

/// A field of visible ASCII of a bounded length.
fn id<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    let is_id = |text: &&str| text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic());
    form.get(name).filter(is_id)
}

fn merchant(form: &Form) -> Result<&str, Rejected> {
    id(form, "id_merchant")
        .filter(|mid| mid.len() == 10 && mid.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .ok_or_else(|| rejected("the notice has no merchant id"))
}

/// For which merchant id a notice is.
pub(super) fn notice_merchant(request: &InboundRequest) -> Result<String, Rejected> {
    merchant(&read_form(request)?).map(str::to_owned)
}

/// Reads a notice.
pub(super) fn read(
    request: &InboundRequest,
    settings: &ChannelSettings,
) -> Result<Notification, Rejected> {
    check_sender(request, settings)?;
    let form = read_form(request)?;
    if merchant(&form)? != settings.merchant_id {
        return Err(rejected("the notice is for another merchant id"));
    }
    // 0200 is the banks' message of a deposit; the manual names no other.
    if form.get("type_msg").is_some_and(|kind| kind != "0200") {
        return Err(rejected("the notice is of another type than a deposit"));
    }
    let order_id = id(&form, "no_oid").ok_or_else(|| rejected("the notice has no order id"))?;
    let account_number =
        id(&form, "no_vacct").ok_or_else(|| rejected("the notice has no account number"))?;
    let (Some(date), Some(time)) = (form.get("dt_trans"), form.get("tm_trans")) else {
        return Err(rejected("the notice has no time"));
    };
    let at = kst::read(date, time).ok_or_else(|| rejected("the notice has no time"))?;
    let deposit_id = match (id(&form, "no_tid"), id(&form, "no_msgseq")) {
        (Some(tid), _) => tid.to_owned(),
        // The banks number their messages by day.
        (None, Some(number)) => format!("{date}-{account_number}-{number}"),
        (None, None) => return Err(rejected("the notice has no id")),
    };
    Ok(Notification {
        event_id: deposit_id.clone(),
        order_id: order_id.to_owned(),
        deposit: DepositNotice {
            account_number: account_number.to_owned(),
            amount: amount(&form).ok_or_else(|| rejected("the notice has no amount"))?,
            remitter_name: form.get("nm_input").map(str::to_owned),
            at,
            pg_deposit_id: deposit_id,
        },
        answer: answer(200, "OK"),
    })
}

/// The amount; the banks' messages may pad it with zeros.
fn amount(form: &Form) -> Option<i64> {
    let text = form.get("amt_input")?;
    let is_digits = text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits
        .then(|| text.parse().ok())
        .flatten()
        .filter(|amount| *amount > 0)
}

/// With a list of addresses, only they may send notices; not asked for in the sandbox, where
/// the simulator is at home on loopback.
fn check_sender(request: &InboundRequest, settings: &ChannelSettings) -> Result<(), Rejected> {
    if settings.is_simulated {
        return Ok(());
    }
    let ips = contract::notice_ips(settings).map_err(|error| rejected(&error.to_string()))?;
    let is_known = |peer| ips.contains(&std::net::IpAddr::to_canonical(&peer));
    if ips.is_empty() || request.peer.is_some_and(is_known) {
        return Ok(());
    }
    let reason = "the notice is from an address that is not in `notice_ips`".to_owned();
    Err(Rejected {
        reason,
        answer: answer(403, "FAIL"),
    })
}
