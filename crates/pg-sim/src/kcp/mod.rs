//! The simulated NHN KCP: identity verification over `/std/certpass`, JSON both ways.
//!
//! `HAS`, `CHK` and `DEC` are the PG's; `REQ`, `OTP` and `RSD` stand where its server API is not
//! public, and are an invention that the documents of this project describe. Invariant: a call
//! whose signature does not fit the merchant's certificate never reaches the books.

mod merchant;

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

pub use merchant::{CERTIFICATE, PRIVATE_KEY, SITE_CODE};

use crate::answer;
use crate::faults::{Step, Twist};
use crate::identity::{
    self, Asked, Birth, Magic, Person, Refusal, State, Verification, Voice, Way, carry_out,
};
use crate::pg::Pg;
use crate::simulator::Simulator;

/// The paths of the PG, to be nested under its base path.
pub(crate) fn routes() -> Router<Arc<Simulator>> {
    Router::new().route("/std/certpass", post(handle))
}

/// The fields of a call.
struct Call(Map<String, Value>);

impl Call {
    fn text(&self, name: &str) -> &str {
        self.0
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
    }

    /// Whether the merchant is known and has signed these values.
    fn is_signed(&self, values: &[&str]) -> bool {
        let kind = self.text("ct_type");
        let mut text = format!("{SITE_CODE}^{kind}");
        for value in values {
            let _ = write!(text, "^{value}");
        }
        self.text("site_cd") == SITE_CODE
            && self.text("kcp_cert_info") == merchant::certificate_line()
            && merchant::verifies(&text, self.text("kcp_sign_data"))
    }
}

async fn handle(Shared(sim): Shared<Arc<Simulator>>, body: Bytes) -> Response {
    sim.count_call();
    let Ok(Value::Object(fields)) = serde_json::from_slice(&body) else {
        return refused("CT90", "the body is no JSON object");
    };
    let call = Call(fields);
    if call.text("ordr_idxx").is_empty() || call.text("ordr_idxx").len() > 40 {
        return refused("CT91", "ordr_idxx must have 1 to 40 characters");
    }
    let cert_no = call.text("cert_no");
    let signed = match call.text("ct_type") {
        "HAS" => vec![call.text("make_req_dt")],
        "REQ" => vec![call.text("up_hash")],
        "CHK" => vec![cert_no, call.text("dn_hash")],
        "OTP" | "RSD" | "DEC" => vec![cert_no],
        _ => return refused("CT92", "ct_type is not known"),
    };
    if !call.is_signed(&signed) {
        return refused("CT93", "site_cd, kcp_cert_info or kcp_sign_data is wrong");
    }
    match call.text("ct_type") {
        "HAS" => has(&sim, &call).await,
        "REQ" => req(&sim, &call).await,
        "OTP" => otp(&sim, &call).await,
        "RSD" => rsd(&sim, &call).await,
        "CHK" => chk(&sim, &call),
        _ => dec(&sim, &call).await,
    }
}

fn refused(code: &str, message: &str) -> Response {
    answer::json(
        StatusCode::OK,
        &json!({ "res_cd": code, "res_msg": message }),
    )
}

fn done(mut more: Value) -> Response {
    more["res_cd"] = json!("0000");
    more["res_msg"] = json!("정상처리");
    answer::json(StatusCode::OK, &more)
}

const VOICE: Voice = Voice {
    declined: |code| refused(code, "거절되었습니다"),
    garbage: || {
        let body = "{\"res_cd\":\"0000\",\"res_msg\":\"";
        answer::with_type(StatusCode::OK, "application/json;charset=UTF-8", body)
    },
};

fn refusal(refusal: Refusal) -> Response {
    let (code, message) = match refusal {
        Refusal::NoSuch => ("CT94", "거래가 없습니다"),
        Refusal::Person => ("CT01", "명의자 정보가 일치하지 않습니다"),
        Refusal::Carrier => ("CT02", "통신사 장애입니다"),
        Refusal::Age | Refusal::TooYoung => ("CT03", "이용 가능한 나이가 아닙니다"),
        Refusal::Wrong => ("CT11", "인증번호가 일치하지 않습니다"),
        Refusal::Waiting => ("CT12", "앱에서 아직 인증하지 않았습니다"),
        Refusal::Messages => ("CT13", "인증번호 발송 횟수를 초과했습니다"),
        Refusal::Expired => ("CT21", "인증 시간이 지났습니다"),
        Refusal::Tries => ("CT22", "인증번호 입력 횟수를 초과했습니다"),
        Refusal::Told => ("CT23", "이미 확인된 거래입니다"),
        Refusal::Denied => ("CT24", "앱에서 인증을 거절했습니다"),
    };
    refused(code, message)
}

/// A hash that binds texts of one order together.
fn hash(parts: &[&str]) -> String {
    let mut hex = String::new();
    for byte in Sha256::digest(parts.join("^")) {
        let _ = write!(hex, "{byte:02X}");
    }
    hex
}

fn asked(call: &Call, step: Step, magic: Option<Twist>) -> Asked<'static> {
    Asked {
        pg: Pg::Kcp,
        step,
        mid: SITE_CODE,
        order_id: Some(call.text("ordr_idxx").to_owned()),
        magic,
    }
}

async fn has(sim: &Simulator, call: &Call) -> Response {
    let stamp = call.text("make_req_dt");
    if stamp.len() != 12 || !stamp.bytes().all(|b| b.is_ascii_digit()) {
        return refused("CT95", "make_req_dt must be yyMMddHHmmss");
    }
    let up_hash = hash(&["up", SITE_CODE, call.text("ordr_idxx")]);
    carry_out(sim, asked(call, Step::Prepare, None), &VOICE, || {
        done(json!({
            "up_hash": up_hash,
            "kcp_merchant_time": stamp,
            "kcp_cert_lib_ver": "naru",
        }))
    })
    .await
}

fn person(call: &Call) -> Option<Person> {
    let way = match call.text("cert_way") {
        "SMS" => Way::Sms,
        "APP" => Way::App,
        _ => return None,
    };
    let phone = call.text("phone_no");
    let carrier = call.text("comm_id");
    let fits = (10..=11).contains(&phone.len())
        && phone.bytes().all(|b| b.is_ascii_digit())
        && ["SKT", "KTF", "LGT", "SKM", "KTM", "LGM"].contains(&carrier)
        && ["MC01", "MC02"].contains(&call.text("media_type"))
        && !call.text("user_name").is_empty();
    if !fits {
        return None;
    }
    let flag = |name: &str| match call.text(name) {
        "01" => Some(true),
        "02" => Some(false),
        _ => None,
    };
    let birth = match (call.text("birth_day"), way) {
        ("", Way::App) => Birth::of_phone(phone),
        (day, _) => Birth {
            date: Birth::date(day)?,
            male: flag("sex_code")?,
            foreign: !flag("local_code")?,
        },
    };
    Some(Person {
        way,
        name: call.text("user_name").to_owned(),
        phone: phone.to_owned(),
        carrier: carrier.to_owned(),
        birth,
    })
}

async fn req(sim: &Simulator, call: &Call) -> Response {
    let order_id = call.text("ordr_idxx").to_owned();
    if call.text("up_hash") != hash(&["up", SITE_CODE, &order_id]) {
        return refused("CT96", "up_hash is not that of the order");
    }
    let Some(person) = person(call) else {
        return refused("CT97", "a field of the person is missing or wrong");
    };
    let message = call.text("cp_sms_msg");
    if !message.is_empty() && !message.contains("[000000]") {
        return refused("CT98", "cp_sms_msg must contain [000000]");
    }
    let magic = Magic::of(&person.phone).and_then(Magic::at_send);
    carry_out(sim, asked(call, Step::Send, magic), &VOICE, || {
        let cert_no = identity::prepare(
            sim,
            Verification {
                pg: Pg::Kcp,
                mid: SITE_CODE.to_owned(),
                order_id,
                tid: String::new(),
                user_id: None,
                age_limit: None,
                service: None,
                target_url: None,
                person: None,
                messages: 0,
                tries: 0,
                at_ms: 0,
                state: State::Prepared,
            },
        );
        match identity::send(sim, &cert_no, person) {
            Ok(()) => done(json!({ "cert_no": cert_no })),
            Err(why) => refusal(why),
        }
    })
    .await
}

/// The transaction of a call, if the order id is that of it.
fn of_call(sim: &Simulator, call: &Call) -> Option<Verification> {
    let books = sim.books();
    let found = books.verification(call.text("cert_no"))?;
    (found.order_id == call.text("ordr_idxx")).then(|| found.clone())
}

/// What is opened by `DEC`, and what binds it to the order.
fn sealed(found: &Verification) -> (String, String) {
    let data = STANDARD.encode(hash(&["data", &found.tid]));
    (data, hash(&["dn", SITE_CODE, &found.tid, &found.order_id]))
}

async fn otp(sim: &Simulator, call: &Call) -> Response {
    let Some(found) = of_call(sim, call) else {
        return refusal(Refusal::NoSuch);
    };
    let given = call.text("otp");
    carry_out(
        sim,
        asked(call, Step::Confirm, None),
        &VOICE,
        || match identity::confirm(sim, &found.tid, Some(given)) {
            Ok(()) => {
                let (data, dn_hash) = sealed(&found);
                done(json!({ "enc_cert_data2": data, "dn_hash": dn_hash }))
            }
            Err(why) => refusal(why),
        },
    )
    .await
}

async fn rsd(sim: &Simulator, call: &Call) -> Response {
    let Some(found) = of_call(sim, call) else {
        return refusal(Refusal::NoSuch);
    };
    carry_out(
        sim,
        asked(call, Step::Resend, None),
        &VOICE,
        || match identity::resend(sim, &found.tid) {
            Ok(()) => done(json!({ "cert_no": found.tid })),
            Err(why) => refusal(why),
        },
    )
    .await
}

fn chk(sim: &Simulator, call: &Call) -> Response {
    match of_call(sim, call) {
        Some(found) if call.text("dn_hash") == sealed(&found).1 => done(json!({})),
        Some(_) => refused("CT99", "dn_hash is not that of the result"),
        None => refusal(Refusal::NoSuch),
    }
}

async fn dec(sim: &Simulator, call: &Call) -> Response {
    let Some(found) = of_call(sim, call) else {
        return refusal(Refusal::NoSuch);
    };
    if call.text("enc_cert_Data") != sealed(&found).0 {
        return refused("CT99", "enc_cert_Data is not that of the result");
    }
    let magic = found.magic().and_then(Magic::at_result);
    carry_out(
        sim,
        asked(call, Step::Result, magic),
        &VOICE,
        || match identity::result(sim, &found.tid) {
            Ok(found) => told(&found),
            Err(why) => refusal(why),
        },
    )
    .await
}

fn told(found: &Verification) -> Response {
    let Some(person) = &found.person else {
        return refusal(Refusal::NoSuch);
    };
    let flag = |yes: bool| if yes { "01" } else { "02" };
    let mut fields = json!({
        "user_name": person.name,
        "birth_day": person.birth.compact(),
        "sex_code": flag(person.birth.male),
        "local_code": flag(!person.birth.foreign),
    });
    if found.magic() != Some(Magic::Bare) {
        fields["phone_no"] = json!(person.phone);
        fields["comm_id"] = json!(person.carrier);
        fields["ci"] = json!(person.ci());
        fields["di"] = json!(person.di(&found.mid));
    }
    done(fields)
}
