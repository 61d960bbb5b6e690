//! The window for phones: approval and net cancel (`payReq.ini`, `payNetCancel.ini`). Answers are
//! pairs in UTF-8, which is what the windows are asked for.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::act;
use super::banks;
use super::crypto;
use super::fields::Fields;
use super::run::is_of_type;
use super::ways;
use super::window::{self, Authenticated, Device};
use crate::answer;
use crate::clock::Stamp;
use crate::faults::{Operation, Twist};
use crate::ledger::{Kind, Transaction};
use crate::simulator::Simulator;
use crate::twist;

type Pairs = Vec<(&'static str, String)>;

/// `POST /mobile/smart/payReq.ini`.
pub(crate) async fn approve(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    sim.count_call();
    let (fields, one) = match verified(&sim, &headers, &body) {
        Ok(verified) => verified,
        Err(code) => return pairs(&refused(code)),
    };
    let ordered = sim.faults.take(Operation::ApproveWindow, &one.target());
    let twist = ordered.or_else(|| one.magic());
    let acted = match &twist {
        Some(twist) if !twist.acts() => Pairs::new(),
        Some(Twist::Decline(code)) => {
            act::decline_window(&sim, &one, code);
            refused(code)
        }
        _ => match act::approve_window(&sim, fields.text("P_TID"), Device::Mobile) {
            Ok((taken, key)) => approved(&taken, key, one.hides_receipt),
            Err(refusal) => refused(&refusal.code),
        },
    };
    respond(&sim, twist, acted).await
}

/// `POST /mobile/smart/payNetCancel.ini`.
pub(crate) async fn net_cancel(
    State(sim): State<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    sim.count_call();
    let checked = verified(&sim, &headers, &body).and_then(|(fields, one)| {
        let says = |name: &str, value: &str| fields.text(name) == value;
        if !says("P_AMT", &one.amount.to_string()) || !says("P_OID", &one.order_id) {
            return Err("S106");
        }
        let hash = fields.text("P_CHKFAKE");
        if let (Some(key), false) = (one.merchant.mobile_key, hash.is_empty()) {
            let [amount, order, at] = ["P_AMT", "P_OID", "P_TIMESTAMP"].map(|n| fields.text(n));
            if hash != crypto::check_fake([amount, order, at, key]) {
                return Err("S103");
            }
        }
        Ok((fields, one))
    });
    let (fields, one) = match checked {
        Ok(checked) => checked,
        Err(code) => return pairs(&refused(code)),
    };
    let twist = sim.faults.take(Operation::NetCancel, &one.target());
    let acted = match &twist {
        Some(twist) if !twist.acts() => Pairs::new(),
        Some(Twist::Decline(code)) => refused(code),
        _ => match window::undo(&sim, fields.text("P_TID")) {
            Some(_) => vec![
                ("P_STATUS", "00".to_owned()),
                ("P_RMESG1", "정상처리되었습니다.".to_owned()),
                ("P_TID", fields.text("P_TID").to_owned()),
            ],
            None => refused("S105"),
        },
    };
    respond(&sim, twist, acted).await
}

fn verified(
    sim: &Simulator,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Fields, Authenticated), &'static str> {
    if !is_of_type(headers, "application/x-www-form-urlencoded") {
        return Err("S101");
    }
    let fields = Fields::from_form(body).ok_or("S101")?;
    let one = window::find(sim, fields.text("P_TID")).ok_or("S104")?;
    if one.merchant.mid != fields.text("P_MID") {
        return Err("S102");
    }
    Ok((fields, one))
}

fn refused(code: &str) -> Pairs {
    let text = window::refuse(code).message();
    vec![("P_STATUS", code.to_owned()), ("P_RMESG1", text)]
}

fn approved(taken: &Transaction, key: Option<String>, hides_receipt: bool) -> Pairs {
    let at = Stamp::of(taken.at_ms);
    let mut fields = vec![
        ("P_STATUS", "00".to_owned()),
        ("P_RMESG1", "정상처리되었습니다.".to_owned()),
        ("P_TID", taken.tid.clone()),
        ("P_AUTH_DT", at.compact()),
        ("P_MID", taken.mid.clone()),
        ("P_OID", taken.order_id.clone()),
        ("P_AMT", taken.amount.to_string()),
    ];
    if let Some(card) = &taken.card {
        fields.extend([
            ("P_TYPE", "CARD".to_owned()),
            ("P_SRC_CODE", taken.with.clone().unwrap_or_default()),
            ("P_RMESG2", card.quota.clone()),
            ("P_FN_CD1", card.facts.code.clone()),
            ("P_FN_NM", "모의카드".to_owned()),
            ("P_AUTH_NO", card.auth_code.clone()),
            ("P_CARD_NUM", card.facts.masked.clone()),
            ("P_CARD_INTEREST", "0".to_owned()),
            ("P_CARD_CHECKFLAG", "0".to_owned()),
            ("CARD_CorpFlag", "0".to_owned()),
        ]);
    }
    if let Some(account) = &taken.account {
        let until = Stamp::of(account.valid_until_ms);
        fields.extend([
            ("P_TYPE", "VBANK".to_owned()),
            ("P_VACT_NUM", account.number.clone()),
            ("P_VACT_BANK_CODE", account.bank_code.clone()),
            ("P_VACT_DATE", until.date()),
            ("P_VACT_TIME", until.time()),
            ("P_VACT_NAME", account.holder.clone()),
        ]);
    }
    let with = taken.with.clone().unwrap_or_default();
    match taken.kind {
        Kind::Transfer => fields.extend([
            ("P_TYPE", "BANK".to_owned()),
            ("P_FN_NM", banks::name(&with).unwrap_or_default().to_owned()),
            ("P_FN_CD1", with),
        ]),
        Kind::Phone => fields.extend([
            ("P_TYPE", "MOBILE".to_owned()),
            ("P_HPP_CORP", "***".to_owned()),
            ("P_HPP_NUM", with),
            ("P_APPL_NUM", act::number_from(&taken.tid, 8)),
        ]),
        Kind::Gift => fields.extend([
            ("P_TYPE", ways::gift_on_phones(&with).to_owned()),
            ("P_AUTH_NO", act::number_from(&taken.tid, 8)),
        ]),
        Kind::Card | Kind::Billing | Kind::BillingKey | Kind::VirtualAccount => {}
    }
    if taken.kind == Kind::Transfer && !hides_receipt {
        fields.extend([
            ("P_CSHR_CODE", "220000".to_owned()),
            ("P_CSHR_TYPE", "0".to_owned()),
            ("P_CSHR_AMT", taken.amount.to_string()),
            ("P_CSHR_AUTH_NO", act::number_from(&taken.tid, 9)),
        ]);
    }
    fields.extend(key.map(|key| ("P_HPP_BILLKEY", key)));
    fields
}

fn pairs(fields: &Pairs) -> Response {
    let text = serde_html_form::to_string(fields).unwrap_or_default();
    answer::with_type(StatusCode::OK, "text/html;charset=UTF-8", text)
}

async fn respond(sim: &Simulator, twist: Option<Twist>, mut acted: Pairs) -> Response {
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    let Some(twist) = twist else {
        return pairs(&acted);
    };
    if twist == Twist::WrongAmount {
        for (name, value) in &mut acted {
            if *name == "P_AMT"
                && let Ok(right) = value.parse::<u64>()
            {
                *value = (right + 10).to_string();
            }
        }
    }
    let garbage = answer::with_type(StatusCode::OK, "text/html;charset=UTF-8", "P_STATUS");
    let right = pairs(&acted);
    twist::twisted(sim, &twist, right, garbage).await
}
