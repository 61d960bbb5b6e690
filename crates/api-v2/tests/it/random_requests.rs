//! Random requests to every operation: whatever is sent, the answer is one that the contract
//! lists, and never our fault.
//!
//! `NARU_RANDOM_REQUESTS=100000 cargo xtask test -- -p naru-api-v2 random` runs for longer;
//! `NARU_RANDOM_SEED` begins elsewhere. A failure names the seed that repeats it.

use naru_testkit::random::{Random, percent_encoded};
use naru_testkit::{MAIN, MAIN_BRN, OTHER_BRN, TestApp, bodies};
use naru_wire_v2::Operation;
use serde_json::Value;

/// Requests to one server.
const PER_APP: u64 = 150;
const REQUESTS: u64 = 3_000;

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Ids that exist, beside some that don't.
fn known(key: &str) -> Vec<(&'static str, String)> {
    let own = |end: &'static str, text: &str| (end, text.to_owned());
    vec![
        own("storeid", MAIN.store_id),
        own("channelkey", MAIN.channels[0]),
        own("channelkey", MAIN.channels[1]),
        own("channelkey", MAIN.identity_channels[0]),
        own("billingkey", key),
        own("paymentid", "r-0"),
        own("paymentid", "r-1"),
        own("paymentid", "r-2"),
        own("identityverificationid", "i-0"),
        own("apisecret", MAIN.secret),
        own("brn", MAIN_BRN),
        own("brn", OTHER_BRN),
        own("number", "4111111111111111"),
        own("expirymonth", "12"),
        own("expiryyear", "31"),
        own("registrationnumber", "900101"),
        own("twodigits", "12"),
        own("from", "2026-01-01T00:00:00Z"),
        own("until", "2027-01-01T00:00:00Z"),
        own("documentkey", "R-1"),
        own("taxinvoicekey", "R-1"),
        own("counterpartyid", "partner"),
    ]
}

fn path(operation: Operation, random: &mut Random) -> String {
    let parts: Vec<String> = operation
        .path()
        .split('/')
        .map(|part| match part.strip_prefix('{') {
            Some(name) => percent_encoded(&random.text(name.trim_end_matches('}'))),
            None => part.to_owned(),
        })
        .collect();
    parts.join("/")
}

fn query(spec: &Value, document: &Value, random: &mut Random) -> String {
    let parameters = spec["parameters"].as_array().into_iter().flatten();
    let mut pairs = Vec::new();
    for parameter in parameters.filter(|one| one["in"] == "query") {
        let name = parameter["name"].as_str().unwrap_or_default();
        if name == "requestBody" || random.once_in(3) {
            continue;
        }
        let value = match name {
            "test" => "true".to_owned(),
            _ => match random.value(document, &parameter["schema"], name) {
                Value::String(text) => text,
                other => other.to_string(),
            },
        };
        pairs.push(format!("{name}={}", percent_encoded(&value)));
    }
    pairs.join("&")
}

async fn send(app: &TestApp, document: &Value, random: &mut Random) {
    let all: Vec<Operation> = Operation::ALL
        .iter()
        .copied()
        .filter(|operation| naru_wire_v2::is_served(*operation))
        .collect();
    let operation = *random.pick(&all);
    let method = operation.method();
    let spec = &document["paths"][operation.path()][method.to_lowercase()];
    let schema = &spec["requestBody"]["content"]["application/json"]["schema"];
    let mut query = query(spec, document, random);
    let body = (!schema.is_null()).then(|| random.value(document, schema, ""));
    let in_query = method == "GET" && random.once_in(2);
    if let Some(body) = body.as_ref().filter(|_| in_query) {
        query = format!("{query}&requestBody={}", percent_encoded(&body.to_string()));
    }
    let path = format!("{}?{query}", path(operation, random));
    let request = app.request(method, &path).by_chance();
    let answer = match body {
        Some(body) if !in_query => request.json(&body).send().await,
        _ => request.send().await,
    };
    assert!(
        answer.status != 500 && answer.status != 503,
        "{method} {path}: {}",
        answer.body
    );
}

#[tokio::test]
async fn every_answer_is_one_that_the_contract_lists() {
    let text = include_str!("../../../../spec/v2.openapi.json");
    let document: Value = serde_json::from_str(text).expect("a document");
    let first = setting("NARU_RANDOM_SEED", 1);
    let apps = setting("NARU_RANDOM_REQUESTS", REQUESTS).div_ceil(PER_APP);
    for seed in first..first + apps {
        let app = crate::b2b::app().await;
        let key = crate::issue(&app).await;
        app.post("/payments/r-0/instant")
            .json(&bodies::card_payment())
            .send()
            .await
            .ok();
        let mut random = Random::new(seed, known(&key));
        println!("NARU_RANDOM_SEED={seed}");
        for _ in 0..PER_APP {
            send(&app, &document, &mut random).await;
        }
    }
}
