//! Random requests to every operation: whatever is sent, in JSON or as a form, the answer is an
//! envelope that the contract lists, and never our fault.
//!
//! `NARU_RANDOM_REQUESTS` and `NARU_RANDOM_SEED` as in the tests of the other face.

use naru_testkit::MAIN;
use naru_testkit::random::{Random, percent_encoded};
use serde_json::{Map, Value};

use crate::{Bed, text};

/// Requests to one server.
const PER_BED: u64 = 150;
const REQUESTS: u64 = 3_000;
const OUR_FAULT: &str = "일시적인 오류가 발생하였습니다. 잠시 후 다시 시도해주세요.";

fn setting(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Ids that exist, beside some that don't.
fn known(imp_uid: &str, now: i64) -> Vec<(&'static str, String)> {
    let own = |end: &'static str, text: &str| (end, text.to_owned());
    vec![
        own("imp_uid", imp_uid),
        own("merchant_uid", "r-0"),
        own("merchant_uid", "r-1"),
        own("merchant_uid", "r-2"),
        own("customer_uid", "c-1"),
        own("channel_key", MAIN.channels[0]),
        own("channel_key", MAIN.channels[1]),
        own("card_number", "4111111111111111"),
        own("expiry", "2031-12"),
        own("birth", "900101"),
        own("pwd_2digit", "12"),
        own("vbank_code", "088"),
        own("vbank_due", &(now + 86_400).to_string()),
        own("schedule_at", &(now + 3_600).to_string()),
        own("schedule_from", &now.to_string()),
        own("schedule_to", &(now + 86_400).to_string()),
        own("from", &now.to_string()),
        own("to", &(now + 86_400).to_string()),
        own("phone", "01012345678"),
        own("gender_digit", "1"),
        own("identifier", "01012345678"),
        own("buyer_name", "홍길동"),
        own("buyer_tel", "01012345678"),
        own("buyer_email", "hong@shop.test"),
        own("payment_status", "all"),
    ]
}

fn path(template: &str, random: &mut Random) -> String {
    let parts = template
        .split('/')
        .map(|part| match part.strip_prefix('{') {
            Some(name) => percent_encoded(&random.text(name.trim_end_matches('}'))),
            None => part.to_owned(),
        });
    parts.collect::<Vec<_>>().join("/")
}

/// The fields of a call: those of the query, and those of the body.
fn fields(spec: &Value, document: &Value, random: &mut Random) -> [Map<String, Value>; 2] {
    let [mut query, mut body] = [Map::new(), Map::new()];
    for parameter in spec["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        let is_left_out = match parameter["required"].as_bool() {
            Some(true) => random.once_in(40),
            _ => random.once_in(2),
        };
        if is_left_out {
            continue;
        }
        // Some say both a type and a schema; the schema is the one that is meant.
        let schema = if parameter["schema"].is_object() {
            &parameter["schema"]
        } else {
            parameter
        };
        // Numbers that mean something are known as texts, and may be sent as texts.
        let is_known = random.once_in(2);
        let value = if is_known && schema["type"] == "integer" {
            Value::String(random.text(name))
        } else {
            random.value(document, schema, name)
        };
        match parameter["in"].as_str() {
            Some("query") => query.insert(name.to_owned(), value),
            Some("formData") => body.insert(name.to_owned(), value),
            _ => None,
        };
    }
    [query, body]
}

/// As a form: nested names in brackets.
fn form(prefix: &str, value: &Value, out: &mut Vec<String>) {
    let named = |name: &str| match prefix {
        "" => name.to_owned(),
        prefix => format!("{prefix}[{name}]"),
    };
    match value {
        Value::Object(fields) => {
            for (name, one) in fields {
                form(&named(name), one, out);
            }
        }
        Value::Array(items) => {
            for (index, one) in items.iter().enumerate() {
                form(&named(&index.to_string()), one, out);
            }
        }
        Value::String(text) => out.push(format!("{prefix}={}", percent_encoded(text))),
        other => out.push(format!("{prefix}={}", percent_encoded(&other.to_string()))),
    }
}

async fn send(bed: &Bed, document: &Value, random: &mut Random) {
    let paths: Vec<(&String, &Value)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .collect();
    let (template, item) = *random.pick(&paths);
    let methods: Vec<(&String, &Value)> = item.as_object().expect("methods").iter().collect();
    let (method, spec) = *random.pick(&methods);
    let [query, body] = fields(spec, document, random);
    let mut pairs = Vec::new();
    form("", &Value::Object(query), &mut pairs);
    let path = format!("{}?{}", path(template, random), pairs.join("&"));
    let method = method.to_uppercase();
    let request = bed.anonymous(&method, &path);
    let request = request.header("authorization", &bed.token);
    let body = Value::Object(body);
    let request = if random.once_in(3) {
        let mut pairs = Vec::new();
        form("", &body, &mut pairs);
        request.form(&pairs.join("&"))
    } else {
        request.json(&body)
    };
    let answer = request.send().await;
    assert_ne!(answer.body["message"], OUR_FAULT, "{method} {path}\n{body}");
}

#[tokio::test]
async fn every_answer_is_an_envelope_that_the_contract_lists() {
    let text_of = include_str!("../../../../spec/v1.openapi.json");
    let document: Value = serde_json::from_str(text_of).expect("a document");
    let first = setting("NARU_RANDOM_SEED", 1);
    let beds = setting("NARU_RANDOM_REQUESTS", REQUESTS).div_ceil(PER_BED);
    for seed in first..first + beds {
        let bed = Bed::new().await;
        bed.save("c-1").await;
        let paid = bed.pay("r-0", 1_000).await;
        let now = bed.app.now().as_seconds();
        let mut random = Random::new(seed, known(&text(&paid["imp_uid"]), now));
        println!("NARU_RANDOM_SEED={seed}");
        for _ in 0..PER_BED {
            send(&bed, &document, &mut random).await;
        }
    }
}
