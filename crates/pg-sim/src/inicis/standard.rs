//! The window for computers: approval and net cancel (`payAuth`, `netCancel`).

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::act;
use super::banks;
use super::crypto;
use super::fields::{Fields, digits};
use super::inquiry;
use super::merchants::{self, SIGN_KEY};
use super::run::{Answer, is_of_type};
use super::window::{self, Authenticated, Device};
use crate::answer;
use crate::clock::Stamp;
use crate::faults::{Operation, Twist};
use crate::ledger::{Kind, Transaction};
use crate::simulator::Simulator;
use crate::twist;

/// `POST /stdpay/api/payAuth`.
pub(crate) async fn approve(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    sim.count_call();
    let (fields, one) = match verified(&sim, &headers, &body) {
        Ok(verified) => verified,
        Err(code) => return answer::json(StatusCode::OK, &refused(code)),
    };
    let ordered = sim.faults.take(Operation::ApproveWindow, &one.target());
    let twist = ordered.or_else(|| one.magic());
    let acted = match &twist {
        Some(twist) if !twist.acts() => Answer::new(),
        Some(Twist::Decline(code)) => {
            act::decline_window(&sim, &one, code);
            refused(code)
        }
        _ => match act::approve_window(&sim, fields.text("authToken"), Device::Pc) {
            Ok((taken, key)) => approved(&taken, key, (&one, fields.text("timestamp"))),
            Err(refusal) => refused(&refusal.code),
        },
    };
    respond(&sim, twist, acted).await
}

/// `POST /stdpay/api/netCancel`.
pub(crate) async fn net_cancel(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    sim.count_call();
    let (fields, one) = match verified(&sim, &headers, &body) {
        Ok(verified) => verified,
        Err(code) => return answer::json(StatusCode::OK, &refused(code)),
    };
    let twist = sim.faults.take(Operation::NetCancel, &one.target());
    let acted = match &twist {
        Some(twist) if !twist.acts() => Answer::new(),
        Some(Twist::Decline(code)) => refused(code),
        _ => match window::undo(&sim, fields.text("authToken")) {
            Some(at) => success(json!({ "applDate": at.date(), "applTime": at.time() })),
            None => refused("S105"),
        },
    };
    respond(&sim, twist, acted).await
}

/// The fields, and what was authenticated. The error is a code: `S` and three digits, which are
/// ours, since the windows' codes are not public.
fn verified(
    sim: &Simulator,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Fields, Authenticated), &'static str> {
    if !is_of_type(headers, "application/x-www-form-urlencoded") {
        return Err("S101");
    }
    let fields = Fields::from_form(body).ok_or("S101")?;
    let needed = [
        "mid",
        "authToken",
        "timestamp",
        "signature",
        "verification",
        "charset",
        "format",
    ];
    let is_there = needed.iter().all(|name| !fields.text(name).is_empty());
    if !is_there || fields.text("format") != "JSON" {
        return Err("S101");
    }
    digits(fields.text("timestamp"), 13..=13).ok_or("S101")?;
    merchants::find(fields.text("mid")).ok_or("S102")?;
    let signed = [
        ("authToken", fields.text("authToken")),
        ("timestamp", fields.text("timestamp")),
    ];
    let keyed = [signed.as_slice(), &[("signKey", SIGN_KEY)]].concat();
    if fields.text("signature") != crypto::sorted_pairs(&signed)
        || fields.text("verification") != crypto::sorted_pairs(&keyed)
    {
        return Err("S103");
    }
    let one = window::find(sim, fields.text("authToken")).ok_or("S104")?;
    if one.merchant.mid != fields.text("mid") {
        return Err("S102");
    }
    let price = fields.text("price");
    if !price.is_empty() && price != one.amount.to_string() {
        return Err("S106");
    }
    Ok((fields, one))
}

fn success(fields: Value) -> Answer {
    let mut answer = Answer::new();
    answer.insert("resultCode".to_owned(), json!("0000"));
    answer.insert("resultMsg".to_owned(), json!("정상처리되었습니다."));
    if let Value::Object(fields) = fields {
        answer.extend(fields);
    }
    answer
}

fn refused(code: &str) -> Answer {
    let mut answer = Answer::new();
    answer.insert("resultCode".to_owned(), json!(code));
    let text = window::refuse(code).message();
    answer.insert("resultMsg".to_owned(), json!(text));
    answer
}

fn approved(
    taken: &Transaction,
    key: Option<String>,
    (one, timestamp): (&Authenticated, &str),
) -> Answer {
    let at = Stamp::of(taken.at_ms);
    // Of a billing key the price that was shown, although none was taken.
    let price = one.amount.to_string();
    let mut fields = json!({
        "tid": taken.tid, "mid": taken.mid, "MOID": taken.order_id, "TotPrice": price,
        "goodName": taken.goods_name, "currency": taken.currency.pg_name(), "payDevice": "PC",
        "applDate": at.date(), "applTime": at.time(),
        "authSignature": signature(timestamp, taken, &price),
    });
    let more = if let Some(card) = &taken.card {
        json!({
            "payMethod": "Card", "CARD_SrcCode": taken.with,
            "applNum": card.auth_code, "CARD_Num": card.facts.masked,
            "CARD_Code": card.facts.code, "CARD_BankCode": "00", "CARD_Quota": card.quota,
            "CARD_Interest": if card.interest_free { "1" } else { "0" }, "CARD_CheckFlag": "0",
            "CARD_CorpFlag": "0", "CARD_PRTC_CODE": "1", "CARD_Point": "", "P_FN_NM": "모의카드",
        })
    } else if let Some(account) = &taken.account {
        let until = Stamp::of(account.valid_until_ms);
        json!({
            "payMethod": "VBank", "VACT_Num": account.number, "VACT_BankCode": account.bank_code,
            "VACT_Name": account.holder, "VACT_InputName": taken.buyer.name,
            "VACT_Date": until.date(), "VACT_Time": until.time(),
        })
    } else {
        let with = taken.with.as_deref().unwrap_or_default();
        let mut more = json!({ "payMethod": inquiry::pay_method(taken) });
        match taken.kind {
            Kind::Transfer => {
                more["ACCT_BankCode"] = json!(with);
                more["ACCT_BankName"] = json!(banks::name(with));
                if !one.hides_receipt {
                    more["CSHR_ResultCode"] = json!("220000");
                    more["CSHR_Type"] = json!("0");
                }
            }
            Kind::Phone => {
                more["HPP_Num"] = json!(with);
                more["HPP_Corp"] = json!("***");
            }
            _ => more["applNum"] = json!(act::number_from(&taken.tid, 8)),
        }
        more
    };
    if let (Some(fields), Value::Object(more)) = (fields.as_object_mut(), more) {
        fields.extend(more);
        let name = match taken.kind {
            Kind::Phone => "HPP_Billkey",
            _ => "CARD_BillKey",
        };
        fields.extend(key.map(|key| (name.to_owned(), json!(key))));
    }
    success(fields)
}

/// Which values are signed in which order follows from the last digit of the time stamp.
fn signature(timestamp: &str, taken: &Transaction, price: &str) -> String {
    let moid = format!("MOID={}", taken.order_id);
    let mid = format!("mid={}", taken.mid);
    let price = format!("TotPrice={price}");
    let stamp = format!("tstamp={timestamp}");
    let order = match timestamp.bytes().last() {
        Some(b'1') => [moid, mid, stamp],
        Some(b'2') => [moid, stamp, mid],
        Some(b'3') => [mid, moid, stamp],
        Some(b'4') => [mid, stamp, moid],
        Some(b'5') => [stamp, mid, moid],
        Some(b'6') => [stamp, moid, mid],
        Some(b'7') => [price, mid, stamp],
        Some(b'8') => [price, stamp, mid],
        Some(b'9') => [price, moid, stamp],
        _ => [price, stamp, moid],
    };
    crypto::sha256_hex(&order.join("&"))
}

async fn respond(sim: &Simulator, twist: Option<Twist>, mut acted: Answer) -> Response {
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    let Some(twist) = twist else {
        return answer::json(StatusCode::OK, &acted);
    };
    if twist == Twist::WrongAmount
        && let Some(Value::String(price)) = acted.get_mut("TotPrice")
        && let Ok(right) = price.parse::<u64>()
    {
        *price = (right + 10).to_string();
        // What was changed on purpose is not meant to be noticed by its signature.
        acted.remove("authSignature");
    }
    let garbage = "{\"resultCode\":\"0000\",\"tid\":\"Stdpay";
    let garbage = answer::with_type(StatusCode::OK, "application/json;charset=UTF-8", garbage);
    let right = answer::json(StatusCode::OK, &acted);
    twist::twisted(sim, &twist, right, garbage).await
}
