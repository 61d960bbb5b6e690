//! What the browser brings, and what the PG tells at the address that it brought.
//!
//! Invariants: nobody is asked at an address that is not the PG's; the answer must be about our
//! request and merchant; where one person was to answer, it is compared with the answer.

use bytes::Bytes;
use naru_connector::{
    Answer, BeginError, Decline, IdentityOutcome, InboundRequest, Outcome, Rejected, Request,
    Returned, ReturnedIdentityWindow, Secret, VerifiedIdentity,
};
use serde_json::{Map, Value, json};

use super::contract::Contract;
use super::seed::Seed;
use super::{m_tx_id, window};
use crate::exchange::{Exchanged, unknown};
use crate::form::{Form, unescaped};
use crate::identity::{birth_date, invalid, no_notices};

/// Success.
const DONE: &str = "0000";
/// Another person than the merchant asked for has answered. Ours: the PG has no code for it.
const OTHER_PERSON: &str = "NARU_OTHER_PERSON";

/// What the browser brings of a person who has answered.
struct Brought {
    url: String,
    tx_id: String,
    token: String,
}

pub(super) fn read_return(
    request: &InboundRequest,
    contract: &Contract,
) -> Result<Returned, Rejected> {
    let rejected = |reason: &str| Rejected {
        reason: reason.to_owned(),
        ..no_notices(request)
    };
    let form = Form::read(&request.body, Some("charset=utf-8"));
    let form = form.ok_or_else(|| rejected("the browser brought too many fields"))?;
    let code = form.get("resultCode");
    let code = code.ok_or_else(|| rejected("the browser brought no `resultCode`"))?;
    if code != DONE {
        // Encoded once more than the form is.
        let message = unescaped(form.get("resultMsg").unwrap_or_default());
        return Ok(Returned::Refused(Decline {
            code: code.to_owned(),
            message,
        }));
    }
    let said = |name: &str| form.get(name).unwrap_or_default().to_owned();
    let brought = Brought {
        url: said("authRequestUrl"),
        tx_id: said("txId"),
        token: said("token"),
    };
    if !contract.is_result_url(&brought.url) {
        return Err(rejected("`authRequestUrl` is no address of the PG"));
    }
    if brought.tx_id.get(6..16) != Some(&contract.mid) {
        return Err(rejected("`txId` is another merchant's"));
    }
    if Seed::new(&brought.token, contract.seed_iv.expose()).is_none() {
        return Err(rejected("`token` is no key"));
    }
    let authentication = json!([brought.url, brought.tx_id, brought.token]);
    Ok(Returned::Authenticated {
        order_id: None,
        authentication: Secret::new(authentication.to_string()),
    })
}

/// Asks who it was.
pub(super) fn finish(
    one: &ReturnedIdentityWindow,
    contract: Contract,
) -> Result<Exchanged, BeginError> {
    let [url, tx_id, token] = serde_json::from_str(one.authentication.expose())
        .map_err(|_| invalid("authentication", "can't be read"))?;
    let brought = Brought { url, tx_id, token };
    let fixed = window::is_fixed(&one.window)?
        .then(|| window::expected(&one.window))
        .transpose()?;
    let id = m_tx_id(&one.window.order_id).to_owned();
    let body = json!({ "mid": contract.mid, "txId": brought.tx_id });
    let request = Request {
        method: http::Method::POST,
        url: brought.url.clone(),
        headers: vec![("content-type", "application/json;charset=utf-8".to_owned())],
        body: Bytes::from(body.to_string()),
        timeout_ms: contract.answer_timeout_ms,
        write_within_ms: None,
    };
    Ok(Exchanged::new(request, move |answer| {
        read(answer, (&brought, &id), &contract, fixed.as_ref())
    }))
}

fn read(
    answer: &Answer,
    (brought, id): (&Brought, &str),
    contract: &Contract,
    fixed: Option<&[String; 3]>,
) -> Outcome {
    if answer.status != 200 {
        return unknown(format!("the PG answered {}", answer.status));
    }
    let Ok(Value::Object(fields)) = serde_json::from_slice(&answer.body) else {
        return unknown("the PG's answer is no JSON object");
    };
    let said = |name: &str| text(&fields, name);
    match said("resultCode") {
        Some(DONE) => {}
        Some(code) => {
            return Outcome::Declined(Decline {
                code: code.to_owned(),
                message: unescaped(said("resultMsg").unwrap_or_default()),
            });
        }
        None => return unknown("the PG's answer has no code"),
    }
    if said("mTxId") != Some(id) || said("txId") != Some(&brought.tx_id) {
        return unknown("the PG's answer is about another request");
    }
    let Some(seed) = Seed::new(&brought.token, contract.seed_iv.expose()) else {
        return unknown("the browser brought no key");
    };
    let plain = |name: &str| seed.decrypt(said(name)?).filter(|text| !text.is_empty());
    let phone = plain("userPhone");
    let (Some(name), Some(birth)) = (plain("userName"), plain("userBirthday")) else {
        return unknown("the PG's answer does not say who it was");
    };
    let Some(birth_date) = birth_date(&birth) else {
        return unknown("the PG's answer has no birth date");
    };
    let found = [Some(name.as_str()), phone.as_deref(), Some(birth.as_str())];
    if let Some(fixed) = fixed
        && fixed.each_ref().map(|text| Some(text.as_str())) != found
    {
        return Outcome::Declined(Decline {
            code: OTHER_PERSON.to_owned(),
            message: "요청한 사람과 다른 사람이 인증했습니다".to_owned(),
        });
    }
    Outcome::Identity(IdentityOutcome::Verified(Box::new(VerifiedIdentity {
        pg_tx_id: Some(brought.tx_id.clone()),
        name,
        birth_date,
        gender: match plain("userGender").as_deref() {
            Some("M") => Some("MALE".to_owned()),
            Some("F") => Some("FEMALE".to_owned()),
            _ => None,
        },
        phone_number: phone,
        carrier: None,
        is_foreigner: match plain("isForeign").as_deref() {
            Some("0") => Some(false),
            Some("1") => Some(true),
            _ => None,
        },
        ci: plain("userCi").map(Secret::new),
        di: plain("userDi").map(Secret::new),
        raw: Secret::new(String::from_utf8_lossy(&answer.body).into_owned()),
    })))
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    fields
        .get(name)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}
