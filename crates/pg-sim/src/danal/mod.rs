//! The simulated Danal: identity verification by UAS, over one address.
//!
//! `ITEMSEND`, the window and `CONFIRM` are the PG's; `OTPSEND`, `OTPCONFIRM` and `OTPRESEND`
//! stand where its server API is not public, and are an invention that the documents of this
//! project describe.

mod window;

pub(crate) use window::play;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::StatusCode;

use crate::answer;
use crate::faults::{Step, Twist};
use crate::identity::{
    self, Asked, Birth, Magic, Person, Refusal, State, Verification, Voice, Way, carry_out,
};
use crate::pg::Pg;
use crate::simulator::Simulator;

/// The merchant id of the sandbox. Danal publishes none for tests, so it is an invention.
pub const CPID: &str = "B010000000";
/// Its password.
pub const CPPWD: &str = "naru-danal-test";

/// The paths of the PG, to be nested under its base path.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/uas/", post(handle))
        .route("/uas", post(handle))
        .merge(window::routes())
}

type Pairs = HashMap<String, String>;

async fn handle(Shared(sim): Shared<Arc<Simulator>>, body: Bytes) -> Response {
    sim.count_call();
    let Ok(pairs) = serde_html_form::from_bytes::<Vec<(String, String)>>(&body) else {
        return refused("9000", "the form can't be read");
    };
    let pairs: Pairs = pairs.into_iter().collect();
    match text(&pairs, "TXTYPE") {
        "ITEMSEND" => item_send(&sim, &pairs).await,
        "OTPSEND" => otp_send(&sim, &pairs).await,
        "OTPCONFIRM" => otp_confirm(&sim, &pairs).await,
        "OTPRESEND" => otp_resend(&sim, &pairs).await,
        "CONFIRM" => confirm(&sim, &pairs).await,
        _ => refused("9001", "TXTYPE is not known"),
    }
}

fn text<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.get(name).map_or("", |value| value.trim())
}

/// `NAME=value&…`, percent-encoded.
fn says(pairs: &[(&str, &str)]) -> Response {
    let body: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let value =
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            format!("{name}={value}")
        })
        .collect();
    answer::with_type(StatusCode::OK, "text/plain;charset=UTF-8", body.join("&"))
}

fn refused(code: &str, message: &str) -> Response {
    says(&[("RETURNMSG", message), ("RETURNCODE", code)])
}

const VOICE: Voice = Voice {
    declined: |code| refused(code, "거절되었습니다"),
    garbage: || {
        answer::with_type(
            StatusCode::OK,
            "text/plain;charset=UTF-8",
            "RETURNMSG=%EC%A0",
        )
    },
};

fn refusal(why: Refusal) -> Response {
    let (code, message) = spoken(why);
    refused(code, message)
}

/// The code and the text of a refusal. The PG's own table is not public: these are ours.
const fn spoken(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::NoSuch => ("9002", "거래가 없습니다"),
        Refusal::Person => ("1001", "명의자 정보가 일치하지 않습니다"),
        Refusal::Carrier => ("1002", "통신사 장애입니다"),
        Refusal::Age => ("1003", "이용 가능한 나이가 아닙니다"),
        Refusal::Wrong => ("1201", "인증번호가 일치하지 않습니다"),
        Refusal::Waiting => ("1202", "앱에서 아직 인증하지 않았습니다"),
        Refusal::Messages => ("1203", "인증번호 발송 횟수를 초과했습니다"),
        Refusal::Expired => ("1101", "인증 시간이 지났습니다"),
        Refusal::Tries => ("1102", "인증번호 입력 횟수를 초과했습니다"),
        Refusal::Told => ("1103", "이미 확인된 거래입니다"),
        Refusal::Denied => ("1104", "앱에서 인증을 거절했습니다"),
        Refusal::TooYoung => ("1106", "이용 가능한 나이가 아닙니다"),
    }
}

fn done() -> Response {
    refused("0000", "정상")
}

/// What a call on a transaction is about.
fn asked(sim: &Simulator, tid: &str, step: Step, magic: Option<Twist>) -> Asked<'static> {
    let order_id = sim
        .books()
        .verification(tid)
        .map(|found| found.order_id.clone());
    Asked {
        pg: Pg::Danal,
        step,
        mid: CPID,
        order_id,
        magic,
    }
}

async fn item_send(sim: &Simulator, pairs: &Pairs) -> Response {
    let fixed = [("SERVICE", "UAS"), ("AUTHTYPE", "36"), ("CHARSET", "UTF-8")];
    for (name, value) in fixed {
        if text(pairs, name) != value {
            return refused("9003", &format!("{name} must be {value}"));
        }
    }
    if text(pairs, "CPID") != CPID || text(pairs, "CPPWD") != CPPWD {
        return refused("9004", "CPID or CPPWD is wrong");
    }
    if text(pairs, "CPTITLE").is_empty() || text(pairs, "ORDERID").is_empty() {
        return refused("9005", "CPTITLE or ORDERID is missing");
    }
    let limit = text(pairs, "AGELIMIT");
    let age_limit = limit.parse().ok();
    if !limit.is_empty() && (limit.len() != 3 || age_limit.is_none()) {
        return refused("9006", "AGELIMIT must be three digits");
    }
    let order_id = text(pairs, "ORDERID").to_owned();
    let asked = Asked {
        pg: Pg::Danal,
        step: Step::Prepare,
        mid: CPID,
        order_id: Some(order_id.clone()),
        magic: None,
    };
    let said = |name| Some(text(pairs, name).to_owned()).filter(|text| !text.is_empty());
    let (user_id, target_url) = (said("USERID"), said("TARGETURL"));
    carry_out(sim, asked, &VOICE, || {
        let tid = identity::prepare(
            sim,
            Verification {
                pg: Pg::Danal,
                mid: CPID.to_owned(),
                order_id,
                tid: String::new(),
                user_id,
                service: None,
                age_limit,
                target_url,
                person: None,
                messages: 0,
                tries: 0,
                at_ms: 0,
                state: State::Prepared,
            },
        );
        says(&[("RETURNCODE", "0000"), ("RETURNMSG", "정상"), ("TID", &tid)])
    })
    .await
}

fn person(pairs: &Pairs) -> Option<Person> {
    let way = way(pairs)?;
    let phone = text(pairs, "PHONE");
    let is_phone = (10..=11).contains(&phone.len()) && phone.bytes().all(|b| b.is_ascii_digit());
    let carriers = ["SKT", "KTF", "LGT", "SKT_MVNO", "KT_MVNO", "LGT_MVNO"];
    let carrier = text(pairs, "CARRIER");
    let name = text(pairs, "NAME");
    if !is_phone || !carriers.contains(&carrier) || name.is_empty() {
        return None;
    }
    let birth = match (text(pairs, "IDEN"), way) {
        ("", Way::App) => Birth::of_phone(phone),
        (number, _) => Birth::of_number(number)?,
    };
    Some(Person {
        way,
        name: name.to_owned(),
        phone: phone.to_owned(),
        carrier: carrier.to_owned(),
        birth,
    })
}

fn way(pairs: &Pairs) -> Option<Way> {
    match text(pairs, "METHOD") {
        "SMS" => Some(Way::Sms),
        "APP" => Some(Way::App),
        _ => None,
    }
}

async fn otp_send(sim: &Simulator, pairs: &Pairs) -> Response {
    let Some(person) = person(pairs) else {
        return refused("9007", "METHOD, NAME, PHONE, CARRIER or IDEN is wrong");
    };
    let tid = text(pairs, "TID");
    let magic = Magic::of(&person.phone).and_then(Magic::at_send);
    let asked = asked(sim, tid, Step::Send, magic);
    carry_out(sim, asked, &VOICE, || {
        match identity::send(sim, tid, person) {
            Ok(()) => done(),
            Err(why) => refusal(why),
        }
    })
    .await
}

async fn otp_confirm(sim: &Simulator, pairs: &Pairs) -> Response {
    let tid = text(pairs, "TID");
    let known = sim.books().verification(tid).and_then(Verification::way);
    if known.is_some() && known != way(pairs) {
        return refused("9008", "METHOD is not that of the transaction");
    }
    let asked = asked(sim, tid, Step::Confirm, None);
    let otp = pairs.get("OTP").map(String::as_str);
    carry_out(sim, asked, &VOICE, || {
        match identity::confirm(sim, tid, otp) {
            Ok(()) => done(),
            Err(why) => refusal(why),
        }
    })
    .await
}

async fn otp_resend(sim: &Simulator, pairs: &Pairs) -> Response {
    let tid = text(pairs, "TID");
    let asked = asked(sim, tid, Step::Resend, None);
    carry_out(sim, asked, &VOICE, || match identity::resend(sim, tid) {
        Ok(()) => done(),
        Err(why) => refusal(why),
    })
    .await
}

async fn confirm(sim: &Simulator, pairs: &Pairs) -> Response {
    let tid = text(pairs, "TID");
    let found = sim.books().verification(tid).cloned();
    if text(pairs, "CONFIRMOPTION") == "1" {
        let order_id = found.as_ref().map_or("", |found| found.order_id.as_str());
        if text(pairs, "CPID") != CPID || text(pairs, "ORDERID") != order_id {
            return refused("9009", "CPID or ORDERID is not that of the transaction");
        }
    }
    let with_number = text(pairs, "IDENOPTION") == "0";
    let magic = found
        .and_then(|found| found.magic())
        .and_then(Magic::at_result);
    let asked = asked(sim, tid, Step::Result, magic);
    carry_out(sim, asked, &VOICE, || match identity::result(sim, tid) {
        Ok(found) => told(&found, with_number),
        Err(why) => refusal(why),
    })
    .await
}

fn told(found: &Verification, with_number: bool) -> Response {
    let Some(person) = &found.person else {
        return refusal(Refusal::NoSuch);
    };
    let (number, date) = (person.birth.number(), person.birth.compact());
    let (ci, di) = (person.ci(), person.di(&found.mid));
    // The order of the fields is not fixed.
    let mut pairs = vec![("ORDERID", found.order_id.as_str()), ("NAME", &person.name)];
    if with_number {
        pairs.push(("IDEN", &number));
    } else {
        pairs.push(("DOB", &date));
        pairs.push(("SEX", if person.birth.male { "1" } else { "2" }));
    }
    if found.magic() != Some(Magic::Bare) {
        pairs.extend([
            ("CI", ci.as_str()),
            ("DI", &di),
            ("PHONE", &person.phone),
            ("CARRIER", &person.carrier),
        ]);
    }
    pairs.extend(found.user_id.as_deref().map(|id| ("USERID", id)));
    pairs.extend([
        ("TID", found.tid.as_str()),
        ("RETURNMSG", "정상"),
        ("RETURNCODE", "0000"),
    ]);
    says(&pairs)
}
