//! Session tokens: given for a request that is signed with the partner's key.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use ring::hmac;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{LINK_ID, SECRET_KEY, codes, refuse, refused};
use crate::answer;
use crate::simulator::Simulator;

/// How far a request's date may be from the business clock.
const SKEW_MS: i64 = 10 * 60 * 1_000;
/// How long a token works.
const LIFE_MS: i64 = 30 * 60 * 1_000;

#[derive(Deserialize)]
struct Asked {
    access_id: String,
    scope: Vec<String>,
}

fn key() -> hmac::Key {
    let bytes = STANDARD.decode(SECRET_KEY).unwrap_or_default();
    hmac::Key::new(hmac::HMAC_SHA256, &bytes)
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// `POST /{ServiceID}/Token`
pub(crate) async fn give(
    State(sim): State<Arc<Simulator>>,
    Path(service): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    sim.count_call();
    let denied = |why: &str| refuse(codes::BAD_TOKEN, why);
    let date = header(&headers, "x-lh-date");
    let at = date
        .parse::<jiff::Timestamp>()
        .map(jiff::Timestamp::as_millisecond);
    let now = sim.clock.now_ms();
    if !at.is_ok_and(|at| (at - now).abs() <= SKEW_MS) {
        return denied("x-lh-date is not now");
    }
    let mut lines = vec!["POST".to_owned(), STANDARD.encode(Sha256::digest(&body))];
    lines.push(date.to_owned());
    let forwarded = header(&headers, "x-lh-forwarded");
    if !forwarded.is_empty() {
        lines.push(forwarded.to_owned());
    }
    lines.push("2.0".to_owned());
    lines.push(format!("/{service}/Token"));
    let signed = header(&headers, "authorization");
    let signature = signed
        .strip_prefix(&format!("LINKHUB {LINK_ID} "))
        .and_then(|text| STANDARD.decode(text).ok());
    let text = lines.join("\n");
    let is_ours = signature
        .is_some_and(|signature| hmac::verify(&key(), text.as_bytes(), &signature).is_ok());
    if !is_ours || header(&headers, "x-lh-version") != "2.0" {
        return denied("the signature is not the partner's");
    }
    let Ok(asked) = serde_json::from_slice::<Asked>(&body) else {
        return denied("the body is not {access_id, scope}");
    };
    if !asked.scope.iter().any(|scope| scope == "member") {
        return denied("the scope lacks `member`");
    }
    if !sim.asp().company(&asked.access_id).is_member {
        return refuse(codes::NO_MEMBER, "연동회원이 아닙니다.");
    }
    let expires = now + LIFE_MS;
    let claims = format!("{}:{expires}", asked.access_id);
    let tag = hmac::sign(&key(), claims.as_bytes());
    let token = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(&claims),
        URL_SAFE_NO_PAD.encode(tag.as_ref())
    );
    let expiration = jiff::Timestamp::from_millisecond(expires).unwrap_or_default();
    answer::json(
        StatusCode::OK,
        &json!({
            "session_token": token,
            "serviceID": service,
            "linkID": LINK_ID,
            "usercode": asked.access_id,
            "ipaddress": "127.0.0.1",
            "expiration": expiration.to_string(),
            "scope": asked.scope,
            "partnercode": "0000",
        }),
    )
}

/// The company in whose name a call is made: that of its token.
pub(crate) struct Acting(pub(crate) String);

impl FromRequestParts<Arc<Simulator>> for Acting {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        sim: &Arc<Simulator>,
    ) -> Result<Self, Self::Rejection> {
        acting(sim, &parts.headers)
            .map(Self)
            .map_err(|denied| *denied)
    }
}

fn acting(sim: &Simulator, headers: &HeaderMap) -> Result<String, Box<Response>> {
    let denied = || refused(codes::BAD_TOKEN, "the session token is not valid");
    let token = header(headers, "authorization")
        .strip_prefix("Bearer ")
        .ok_or_else(denied)?;
    let (claims, tag) = token.split_once('.').ok_or_else(denied)?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| denied())?;
    let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| denied())?;
    hmac::verify(&key(), &claims, &tag).map_err(|_| denied())?;
    let claims = String::from_utf8(claims).map_err(|_| denied())?;
    let (company, expires) = claims.split_once(':').ok_or_else(denied)?;
    let is_live = expires
        .parse::<i64>()
        .is_ok_and(|expires| sim.clock.now_ms() < expires);
    if !is_live {
        return Err(denied());
    }
    Ok(company.to_owned())
}
