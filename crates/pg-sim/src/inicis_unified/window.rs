//! The window: who identifies, who one is, and back to the merchant.
//!
//! What the merchant's page sent is carried along and checked again at each step; the transaction
//! is made when somebody has been identified.

use std::sync::Arc;

use axum::Router;
use axum::extract::State as Shared;
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use http::HeaderMap;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::request::Wanted;
use super::seed::token;
use super::{MID, result};
use crate::answer;
use crate::clock::Stamp;
use crate::identity::page::{self as form, ACT, Brought, Known, Played};
use crate::identity::{self, Birth, Magic, Person, State, Verification};
use crate::inicis::Fields;
use crate::pages::{Frame, base, hidden, page};
use crate::pg::Pg;
use crate::simulator::Simulator;

/// Codes of the window are an invention: the PG's table is not public.
const LEFT: (&str, &str) = ("9801", "사용자가 인증을 취소했습니다");
const FAILED: (&str, &str) = ("9802", "인증에 실패했습니다");
const USED: (&str, &str) = ("9803", "이미 사용된 mTxId입니다");
/// What the ids of transactions begin with: the merchant's follows.
const ID_PREFIX: &str = "SIMIAS";

/// The pages, below the PG's base path.
pub(super) fn routes() -> Router<Arc<Simulator>> {
    Router::new()
        .route("/auth", post(start))
        .route("/act", post(act))
        .route("/id/auth", post(start_identity))
        .route("/id/act", post(act_identity))
}

async fn start(Shared(sim): Shared<Arc<Simulator>>, body: Bytes) -> Response {
    page(started(&sim, &body, false))
}

async fn start_identity(Shared(sim): Shared<Arc<Simulator>>, body: Bytes) -> Response {
    page(started(&sim, &body, true))
}

async fn act(Shared(sim): Shared<Arc<Simulator>>, headers: HeaderMap, body: Bytes) -> Response {
    acted(&sim, (&body, false), &headers).await
}

async fn act_identity(
    Shared(sim): Shared<Arc<Simulator>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    acted(&sim, (&body, true), &headers).await
}

fn started(sim: &Simulator, body: &[u8], is_identity: bool) -> String {
    match Wanted::read(body, is_identity) {
        Ok(wanted) if is_used(sim, &wanted) => shown(&wanted, &failed(&wanted, USED)),
        Ok(wanted) => who(sim, &wanted, None),
        Err(why) => error(why, is_identity),
    }
}

async fn acted(
    sim: &Simulator,
    (body, is_identity): (&[u8], bool),
    headers: &HeaderMap,
) -> Response {
    let text = match Wanted::read(body, is_identity) {
        Ok(wanted) if wanted.text(ACT) == "confirm" => {
            match confirm(sim, &wanted, form::person(&wanted.fields), &base(headers)) {
                Ok(brought) => shown(&wanted, &brought),
                Err(wrong) => who(sim, &wanted, Some(wrong)),
            }
        }
        Ok(wanted) => shown(&wanted, &failed(&wanted, LEFT)),
        Err(why) => error(why, is_identity),
    };
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    page(text)
}

/// What the browser of a person brings who does what is asked.
pub(crate) fn play(
    sim: &Simulator,
    fields: Fields,
    played: Played,
    base: &str,
) -> Result<Brought, String> {
    let wanted = Wanted::of(fields)?;
    if played.leaves {
        return Ok(failed(&wanted, LEFT));
    }
    let birth = birth(&wanted);
    let person = played.person(&known(&wanted, &birth), &wanted.agencies());
    confirm(sim, &wanted, person, base).map_err(ToOwned::to_owned)
}

/// A merchant's id of a request is good for one person.
fn is_used(sim: &Simulator, wanted: &Wanted) -> bool {
    let books = sim.books();
    let mut all = books.verifications().iter();
    all.any(|one| one.pg == Pg::InicisUnified && one.order_id == wanted.text("mTxId"))
}

const fn frame(is_identity: bool) -> Frame<'static> {
    Frame {
        pg: ["KG이니시스 통합인증", "KG Inicis unified authentication"],
        footer: [
            "아무에게도 인증 요청이 가지 않습니다.",
            "Nobody is asked to authenticate.",
        ],
        files: if is_identity {
            "../../inicis/stdpay/stdjs"
        } else {
            "../inicis/stdpay/stdjs"
        },
    }
}

fn shown(wanted: &Wanted, brought: &Brought) -> String {
    brought.page(&frame(wanted.is_identity()))
}

fn error(why: &str, is_identity: bool) -> String {
    frame(is_identity).refusal("인증 창을 열 수 없습니다", why)
}

/// `YYMMDD` and the digit behind it, of the person whom the merchant names.
fn birth(wanted: &Wanted) -> String {
    let birth = Birth::date(wanted.text("userBirth")).map(|date| Birth {
        date,
        male: true,
        foreign: false,
    });
    birth.map(Birth::number).unwrap_or_default()
}

fn known<'a>(wanted: &'a Wanted, birth: &'a str) -> Known<'a> {
    Known {
        name: wanted.text("userName"),
        phone: wanted.text("userPhone"),
        birth,
        is_fixed: wanted.is_fixed(),
        chosen: "",
    }
    .or_typed(&wanted.fields)
}

fn who(sim: &Simulator, wanted: &Wanted, wrong: Option<&str>) -> String {
    let title = "간편 인증";
    let today = Stamp::of(sim.clock.now_ms()).day();
    let body = format!(
        "<h1>{title}</h1>\n<form method=\"post\" action=\"act\">\n{}{}\
         <p class=\"message\">{today}, {MID} <span lang=\"en\">asks who you are</span></p>\n\
         {}{}</form>",
        hidden(form::carried(&wanted.fields)),
        form::alert(wrong),
        form::person_fields(
            &known(wanted, &birth(wanted)),
            ["인증 기관", "Authenticate with"],
            &wanted.agencies()
        ),
        form::buttons("confirm", ["인증 완료", "I have authenticated"]),
    );
    frame(wanted.is_identity()).document(title, &body)
}

/// What the browser brings, or what the window says to have the form filled in again.
fn confirm(
    sim: &Simulator,
    wanted: &Wanted,
    person: Option<Person>,
    base: &str,
) -> Result<Brought, &'static str> {
    if is_used(sim, wanted) {
        return Ok(failed(wanted, USED));
    }
    let person = person.filter(|one| is_offered(wanted, one));
    let person =
        person.ok_or("이름, 생년월일, 휴대폰 번호를 확인해 주세요 (check what you wrote)")?;
    if wanted.is_fixed() && !is_expected(wanted, &person) {
        return Err("요청된 사람이 아닙니다 (somebody else was asked for)");
    }
    match Magic::of(&person.phone) {
        Some(Magic::Person) => return Err("명의자 정보가 일치하지 않습니다 (not their phone)"),
        Some(Magic::Carrier | Magic::Wrong | Magic::Expired) => {
            return Ok(failed(wanted, FAILED));
        }
        Some(Magic::Silent | Magic::Late | Magic::Lost | Magic::Bare) | None => {}
    }
    let tid = enter(sim, wanted);
    if identity::identified(sim, &tid, person).is_err() {
        return Ok(failed(wanted, FAILED));
    }
    let result_url = format!("{base}/inicis-unified{}", result::PATH);
    let token = token(&tid);
    let fields = [
        ("resultCode", "0000"),
        ("resultMsg", "%EC%84%B1%EA%B3%B5"),
        ("authRequestUrl", result_url.as_str()),
        ("txId", tid.as_str()),
        ("token", token.as_str()),
    ];
    Ok(Brought::new(wanted.text("successUrl"), fields))
}

fn is_offered(wanted: &Wanted, person: &Person) -> bool {
    let agencies = wanted.agencies();
    agencies.iter().any(|(code, _)| *code == person.carrier)
}

fn is_expected(wanted: &Wanted, person: &Person) -> bool {
    person.name == wanted.text("userName")
        && person.phone == wanted.text("userPhone")
        && person.birth.compact() == wanted.text("userBirth")
}

fn enter(sim: &Simulator, wanted: &Wanted) -> String {
    identity::prepare(
        sim,
        Verification {
            pg: Pg::InicisUnified,
            mid: MID.to_owned(),
            order_id: wanted.text("mTxId").to_owned(),
            tid: format!("{ID_PREFIX}{MID}"),
            user_id: None,
            service: Some(wanted.text("reqSvcCd").to_owned()),
            age_limit: None,
            target_url: None,
            person: None,
            messages: 0,
            tries: 0,
            at_ms: 0,
            state: State::Prepared,
        },
    )
}

/// Only code and message are certain where it failed. The message is encoded once more.
fn failed(wanted: &Wanted, (code, message): (&str, &str)) -> Brought {
    let message = utf8_percent_encode(message, NON_ALPHANUMERIC).to_string();
    let fields = [("resultCode", code), ("resultMsg", message.as_str())];
    Brought::new(wanted.text("failUrl"), fields)
}
