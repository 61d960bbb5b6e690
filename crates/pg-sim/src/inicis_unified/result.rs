//! Where the merchant's server asks who it was: once, in JSON, answered encrypted.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::MID;
use super::seed::{encrypted, token};
use crate::answer;
use crate::faults::Step;
use crate::identity::{self, Asked, Magic, Person, Refusal, Verification, Voice, carry_out};
use crate::inicis::Fields;
use crate::pg::Pg;
use crate::simulator::Simulator;

pub(super) const PATH: &str = "/result";
/// Kakao tells no CI.
const WITHOUT_CI: &str = "KAKAO";

pub(super) fn routes() -> Router<Arc<Simulator>> {
    Router::new().route(PATH, post(tell))
}

/// Codes of refusals are an invention: the PG's table is not public.
fn refused(code: &str, message: &str) -> Response {
    let body = json!({ "resultCode": code, "resultMsg": message });
    answer::json(StatusCode::OK, &body)
}

const VOICE: Voice = Voice {
    declined: |code| refused(code, "거절되었습니다"),
    garbage: || answer::with_type(StatusCode::OK, "application/json", "{\"resultCode\":\"00"),
};

async fn tell(Shared(sim): Shared<Arc<Simulator>>, body: Bytes) -> Response {
    sim.count_call();
    let fields = std::str::from_utf8(&body).ok().and_then(Fields::from_json);
    let Some(fields) = fields else {
        return refused("9901", "the body is no JSON object");
    };
    let tid = fields.text("txId");
    let found = sim.books().verification(tid).cloned();
    let Some(found) = found.filter(|one| one.pg == Pg::InicisUnified && fields.text("mid") == MID)
    else {
        return refused("9902", "mid or txId is wrong");
    };
    let asked = Asked {
        pg: Pg::InicisUnified,
        step: Step::Result,
        mid: MID,
        order_id: Some(found.order_id.clone()),
        magic: found.magic().and_then(Magic::at_result),
    };
    carry_out(&sim, asked, &VOICE, || match identity::result(&sim, tid) {
        Ok(found) => told(&found),
        Err(Refusal::Told) => refused("9903", "이미 조회된 거래입니다"),
        Err(_) => refused("9904", "인증이 완료되지 않은 거래입니다"),
    })
    .await
}

fn told(found: &Verification) -> Response {
    let Some(person) = &found.person else {
        return refused("9904", "인증이 완료되지 않은 거래입니다");
    };
    let service = found.service.as_deref().unwrap_or("01");
    let mut body: Map<String, Value> = [
        ("resultCode", "0000"),
        ("resultMsg", "%EC%84%B1%EA%B3%B5"),
        ("txId", &found.tid),
        ("mTxId", &found.order_id),
        ("svcCd", service),
        ("providerDevCd", &person.carrier),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect();
    let token = token(&found.tid);
    for (name, value) in private(found, person, service) {
        body.insert(name.to_owned(), encrypted(&token, &value).into());
    }
    answer::json(StatusCode::OK, &body)
}

fn private(found: &Verification, person: &Person, service: &str) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("userName", person.name.clone()),
        ("userPhone", person.phone.clone()),
        ("userBirthday", person.birth.compact()),
    ];
    let is_bare = found.magic() == Some(Magic::Bare);
    if !is_bare && person.carrier != WITHOUT_CI {
        fields.push(("userCi", person.ci()));
    }
    if service == "03" {
        let flag = |is: bool, [yes, no]: [&str; 2]| if is { yes } else { no }.to_owned();
        fields.push(("userGender", flag(person.birth.male, ["M", "F"])));
        fields.push(("isForeign", flag(person.birth.foreign, ["1", "0"])));
        if !is_bare {
            fields.push(("userDi", person.di(&found.mid)));
        }
    }
    fields
}
