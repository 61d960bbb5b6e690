//! Recorded exchanges: `fixtures/inicis/*.json`, each an operation, the request that it must make
//! byte for byte in meaning, and answers with the outcomes that they must give. Requests were
//! computed without this crate, from the manual's rules.

use std::collections::BTreeMap;
use std::path::Path;

use naru_connector::{
    Answer, ChannelSettings, Input, Outcome, ReceiptFound, Request, Secret, Step,
};
use naru_domain::Timestamp;
use serde_json::{Map, Value, json};

use crate::operations::{answer, begin, billing_settings, operation, settings};

fn fixtures() -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/inicis");
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (
                name,
                serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap(),
            )
        })
        .collect()
}

fn settings_of(fixture: &Value) -> ChannelSettings {
    let overrides = fixture
        .get("settings")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let is_billing = overrides.get("merchant") == Some(&json!("billing"));
    let mut settings = if is_billing {
        billing_settings()
    } else {
        settings()
    };
    let options = overrides.iter().filter(|(name, _)| *name != "merchant");
    settings
        .options
        .extend(options.map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned())));
    settings
}

/// What is sent, in the fixture's form.
fn request_json(request: &Request) -> Value {
    assert_eq!(request.method, http::Method::POST);
    assert_eq!(request.timeout_ms, 30_000);
    let body = std::str::from_utf8(&request.body).unwrap();
    let header = |name| {
        request
            .headers
            .iter()
            .find(|(found, _)| *found == name)
            .unwrap()
            .1
            .as_str()
    };
    assert_eq!(header("accept"), "application/json");
    match header("content-type") {
        "application/x-www-form-urlencoded; charset=utf-8" => {
            json!({ "url": request.url, "form": form(body) })
        }
        "application/json; charset=utf-8" => {
            let json: Value = serde_json::from_str(body).unwrap();
            json!({ "url": request.url, "json": json })
        }
        other => panic!("{other}"),
    }
}

/// Reads a form with a decoder of its own.
fn form(body: &str) -> Map<String, Value> {
    let unescape = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            (bytes, rest) = match first {
                b'%' => {
                    let pair = std::str::from_utf8(&after[..2]).unwrap();
                    bytes.push(u8::from_str_radix(pair, 16).unwrap());
                    (bytes, &after[2..])
                }
                byte => {
                    bytes.push(*byte);
                    (bytes, after)
                }
            };
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = body.split('&').map(|pair| pair.split_once('=').unwrap());
    let fields: Vec<_> = pairs
        .map(|(name, value)| (unescape(name), json!(unescape(value))))
        .collect();
    let count = fields.len();
    let map: Map<String, Value> = fields.into_iter().collect();
    assert_eq!(map.len(), count, "a field was sent twice");
    map
}

/// An outcome in the fixture's form: no nulls, points in time as text, raw text left out.
fn outcome_json(outcome: Outcome) -> Value {
    let mut json = match outcome {
        Outcome::Approved(approval) => json!({ "approved": approval }),
        Outcome::AccountIssued(issued) => json!({ "account_issued": issued }),
        Outcome::KeyIssued(issued) => json!({ "key_issued": {
            "pg_billing_key": issued.pg_billing_key.expose(),
            "pg_tx_id": issued.pg_tx_id,
            "card": issued.card,
            "at": issued.at,
        }}),
        Outcome::KeyDeleted { at } => json!({ "key_deleted": { "at": at } }),
        Outcome::Acted(acted) => json!({ "acted": acted }),
        Outcome::Receipt(ReceiptFound::Issued(issued)) => json!({ "receipt": issued }),
        Outcome::Receipt(ReceiptFound::InBooks { cancelled_at }) => {
            json!({ "receipt_in_books": { "cancelled_at": cancelled_at } })
        }
        Outcome::Receipt(ReceiptFound::IssuedBefore(decline)) => {
            json!({ "receipt_before": decline })
        }
        Outcome::Refunded(refunded) => json!({ "refunded": refunded }),
        Outcome::Identity(_) => json!({ "identity": {} }),
        Outcome::AccountClosed { at } => json!({ "account_closed": { "at": at } }),
        Outcome::Found(found) => json!({ "found": {
            "state": format!("{:?}", found.state),
            "order_id": found.order_id,
            "cancelled_total": found.cancelled_total,
            "cancelled_at": found.cancelled_at,
            "pg_cancellation_id": found.pg_cancellation_id,
            "approval": found.approval,
            "deposit": found.deposit.map(|deposit| json!({
                "amount": deposit.amount,
                "remitter_name": deposit.remitter_name,
                "at": deposit.at,
                "cash_receipt": deposit.cash_receipt,
            })),
        }}),
        Outcome::NotFound => json!("not_found"),
        Outcome::Declined(decline) => json!({ "declined": decline }),
        Outcome::Unknown(unknown) => json!({ "unknown": unknown.reason }),
        Outcome::NotSent { reason } => json!({ "not_sent": reason }),
    };
    readable(&mut json);
    json
}

fn readable(json: &mut Value) {
    let Value::Object(fields) = json else { return };
    if let Some(Value::String(raw)) = fields.remove("raw") {
        let raw: Value = serde_json::from_str(&raw).unwrap();
        let text = raw.to_string();
        assert!(raw.is_object());
        assert!(
            !text.contains(crate::operations::BILL_KEY),
            "a billing key is kept: {text}"
        );
        assert!(
            !text.contains("4111111111111111"),
            "a card number is kept: {text}"
        );
    }
    fields.retain(|_, value| !value.is_null());
    for (name, value) in fields {
        let is_time = name == "at" || name.ends_with("_at");
        if let (true, Some(micros)) = (is_time, value.as_i64()) {
            *value = json!(Timestamp::from_micros(micros).to_string());
        }
        readable(value);
    }
}

fn recorded_answer(case: &Value) -> Answer {
    let status = u16::try_from(case["status"].as_u64().unwrap()).unwrap();
    let body = match &case["answer"] {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    answer(status, body)
}

#[test]
fn recorded_exchanges_give_their_requests_and_outcomes() {
    let mut cases = 0;
    for (name, fixture) in fixtures() {
        let (operation, settings) = (operation(&fixture["operation"]), settings_of(&fixture));
        for case in fixture["cases"].as_array().unwrap() {
            let mut exchange = begin(&operation, &settings).unwrap();
            let Step::Send(request) = exchange.step(Input::Start) else {
                panic!("{name}")
            };
            assert_eq!(request_json(&request), fixture["request"], "{name}");
            let step = exchange.step(Input::Answered(recorded_answer(case)));
            let Step::Done(outcome) = step else {
                panic!("{name}")
            };
            assert_eq!(
                outcome_json(outcome),
                case["outcome"],
                "{name}: {}",
                case["name"]
            );
            cases += 1;
        }
    }
    assert!(cases > 150, "{cases}");
}

#[test]
fn requests_never_hold_card_data_in_the_clear() {
    for (name, fixture) in fixtures() {
        let mut exchange =
            begin(&operation(&fixture["operation"]), &settings_of(&fixture)).unwrap();
        let Step::Send(request) = exchange.step(Input::Start) else {
            panic!("{name}")
        };
        let body = std::str::from_utf8(&request.body).unwrap();
        for secret in [
            "4111111111111111",
            "900101",
            "2812",
            "11022233344455",
            "ItEQKi3rY7uvDS8l",
        ] {
            assert!(!body.contains(secret), "{name}");
        }
        assert!(!format!("{request:?}").contains("moid"), "{name}");
    }
}

#[test]
fn an_answer_in_cp949_is_read() {
    let operation = operation(&json!({ "kind": "refund" }));
    let mut exchange = begin(&operation, &settings()).unwrap();
    assert!(matches!(exchange.step(Input::Start), Step::Send(_)));
    let body = b"{\"resultCode\":\"01\",\"resultMsg\":\"[500667]\xC8\xAB\xB1\xE6\xB5\xBF\"}";
    let Step::Done(outcome) = exchange.step(Input::Answered(answer(200, &body[..]))) else {
        panic!("not over")
    };
    let expected = json!({ "declined": { "code": "500667", "message": "[500667]홍길동" } });
    assert_eq!(outcome_json(outcome), expected);
}

#[test]
fn inquiry_by_order_needs_its_contract() {
    let operation = operation(&json!({ "kind": "inquire_order" }));
    let refusal = begin(&operation, &settings()).err().unwrap();
    assert!(
        matches!(refusal, naru_connector::BeginError::Unsupported(_)),
        "{refusal}"
    );
    let mut settings = settings();
    settings
        .secrets
        .insert("iniapi_key".to_owned(), Secret::new("short"));
    let refusal = begin(&operation, &settings).err().unwrap();
    assert!(
        matches!(refusal, naru_connector::BeginError::Settings(_)),
        "{refusal}"
    );
}
