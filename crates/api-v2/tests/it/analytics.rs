//! The 17 operations under `/analytics`, over payments whose figures are worked out by hand.
//!
//! | Korean time | What | Won |
//! | --- | --- | --- |
//! | 31 January 2030 (Thursday) 23:10 | a: card, customer 1 | 1,000 |
//! | 23:20 | b: card, customer 2 | 3,000 |
//! | 1 February 00:05 | c: card, customer 1 | 2,000 |
//! | 00:10 | d: virtual account, customer 3 | – |
//! | 00:15 | e: card, declined | – |
//! | 00:20 | f: card, in dollars | – |
//! | 01:10 | the deposit of d | 5,000 |
//! | 01:20 | b is cancelled in part | −500 |
//! | 2 February 00:05 | c is cancelled | −2,000 |

use naru_domain::Timestamp;
use naru_testkit::{MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, text, with};

/// Every operation, with whether it takes a unit of time.
const OPERATIONS: [(&str, bool); 16] = [
    ("charts/payment", true),
    ("charts/payment-insight", false),
    ("charts/average-amount", true),
    ("charts/payment-method", false),
    ("charts/payment-method-trend", true),
    ("charts/card", true),
    ("charts/card-company", true),
    ("charts/easy-pay", true),
    ("charts/easy-pay-provider", true),
    ("charts/pg-company", false),
    ("charts/pg-company-trend", true),
    ("cancellation-rate", false),
    ("charts/payment-status", false),
    ("charts/payment-status/by-method", false),
    ("charts/payment-status/by-pg-company", false),
    ("charts/payment-status/by-payment-client", false),
];
const USAGE: &str = "/analytics/overseas-payment-usage";
/// From a's hour to the end of d's, in UTC.
const EVENING: (&str, &str) = ("2030-01-31T14:00:00Z", "2030-01-31T17:00:00Z");
/// January and February in Korea.
const MONTHS: (&str, &str) = ("2029-12-31T15:00:00Z", "2030-02-28T15:00:00Z");

async fn clock(app: &TestApp, at: &str) {
    let at: Timestamp = at.parse().expect("a time");
    app.move_clock_s(at.as_seconds() - app.now().as_seconds())
        .await;
}

async fn pay(app: &TestApp, id: &str, body: Value) {
    let path = format!("/payments/{id}/instant");
    app.post(&path).json(&body).send().await;
}

fn card(amount: i64, phone: &str) -> Value {
    let body = with(bodies::card_payment(), "/amount/total", json!(amount));
    with(body, "/customer/phoneNumber", json!(phone))
}

async fn cancel(app: &TestApp, id: &str, amount: i64) {
    let body = json!({"amount": amount, "reason": "test"});
    let path = format!("/payments/{id}/cancel");
    app.post(&path).json(&body).send().await.ok();
}

async fn filled() -> TestApp {
    let app = app().await;
    clock(&app, "2030-01-31T14:10:00Z").await;
    pay(&app, "a", card(1_000, "010-1111-0001")).await;
    clock(&app, "2030-01-31T14:20:00Z").await;
    pay(&app, "b", card(3_000, "01011110002")).await;
    clock(&app, "2030-01-31T15:05:00Z").await;
    pay(&app, "c", card(2_000, "01011110001")).await;
    clock(&app, "2030-01-31T15:10:00Z").await;
    let account = with(bodies::virtual_account(), "/amount/total", json!(5_000));
    let account = with(account, "/customer/phoneNumber", json!("01011110003"));
    pay(&app, "d", account).await;
    let declined = bodies::card_number("9000000000120049");
    let declined = with(
        card(700, "01011110004"),
        "/method/card/credential",
        declined,
    );
    pay(&app, "e", declined).await;
    let dollars = with(card(900, "01011110001"), "/currency", json!("USD"));
    pay(&app, "f", dollars).await;
    clock(&app, "2030-01-31T16:10:00Z").await;
    let read = app.get("/payments/d").send().await.ok();
    app.deposit(&text(&read["method"]["accountNumber"])).await;
    clock(&app, "2030-01-31T16:20:00Z").await;
    cancel(&app, "b", 500).await;
    clock(&app, "2030-02-01T15:05:00Z").await;
    cancel(&app, "c", 2_000).await;
    app.settle().await;
    app
}

/// A body that every operation takes.
fn body((from, until): (&str, &str)) -> Value {
    json!({
        "from": from, "until": until, "currency": "KRW", "excludeCancelled": false,
        "timeGranularity": {"hour": {}}, "timezoneHourOffset": 9,
        "cardCompanies": [], "easyPayProviders": [], "pgCompanies": [],
        "excludesFromRemainders": [],
    })
}

fn net(body: Value) -> Value {
    with(body, "/excludeCancelled", json!(true))
}

fn by_month(body: Value, offset: i64) -> Value {
    let month = json!({"month": {"timezoneHourOffset": offset}});
    with(body, "/timeGranularity", month)
}

async fn ask(app: &TestApp, path: &str, body: &Value) -> Value {
    let path = format!("/analytics/{path}");
    app.get(&path).json(body).send().await.ok()
}

fn stats(chart: &Value) -> &Vec<Value> {
    chart["stats"].as_array().expect("stats")
}

/// The slots of a chart: time, amount, count.
fn slots(chart: &Value) -> Vec<(String, i64, i64)> {
    let int = |value: &Value| value.as_i64().expect("an integer");
    let slot = |one: &Value| {
        (
            text(&one["timestamp"]),
            int(&one["amount"]),
            int(&one["count"]),
        )
    };
    stats(chart).iter().map(slot).collect()
}

fn slot(time: &str, amount: i64, count: i64) -> (String, i64, i64) {
    (time.to_owned(), amount, count)
}

#[tokio::test]
async fn payments_by_hour_gross_and_net() {
    let app = filled().await;
    let hours = |last: i64| {
        [
            slot("2030-01-31T14:00:00Z", 4_000, 2),
            slot("2030-01-31T15:00:00Z", 2_000, 1),
            slot("2030-01-31T16:00:00Z", last, 1),
        ]
    };
    let gross = body(EVENING);
    let without = with(gross.clone(), "/excludeCancelled", Value::Null);
    for body in [&gross, &without] {
        let chart = ask(&app, "charts/payment", body).await;
        assert_eq!(slots(&chart), hours(5_000));
    }
    // What was cancelled is taken off where it was cancelled.
    let chart = ask(&app, "charts/payment", &net(gross)).await;
    assert_eq!(slots(&chart), hours(4_500));
    // Only a cancellation: below zero, and no payment.
    let next_day = ("2030-02-01T15:00:00Z", "2030-02-01T16:00:00Z");
    let chart = ask(&app, "charts/payment", &net(body(next_day))).await;
    assert_eq!(slots(&chart), [slot("2030-02-01T15:00:00Z", -2_000, 0)]);
    let chart = ask(&app, "charts/payment", &body(next_day)).await;
    assert_eq!(slots(&chart), [slot("2030-02-01T15:00:00Z", 0, 0)]);
}

#[tokio::test]
async fn the_offset_says_which_month_it_was() {
    let app = filled().await;
    let chart = ask(&app, "charts/payment", &by_month(body(MONTHS), 9)).await;
    assert_eq!(
        slots(&chart),
        [
            slot("2029-12-31T15:00:00Z", 4_000, 2),
            slot("2030-01-31T15:00:00Z", 7_000, 2),
        ]
    );
    let chart = ask(&app, "charts/payment", &net(by_month(body(MONTHS), 9))).await;
    assert_eq!(
        slots(&chart),
        [
            slot("2029-12-31T15:00:00Z", 4_000, 2),
            slot("2030-01-31T15:00:00Z", 4_500, 2),
        ]
    );
    let in_utc = ("2030-01-01T00:00:00Z", "2030-03-01T00:00:00Z");
    let chart = ask(&app, "charts/payment", &net(by_month(body(in_utc), 0))).await;
    assert_eq!(
        slots(&chart),
        [
            slot("2030-01-01T00:00:00Z", 10_500, 4),
            slot("2030-02-01T00:00:00Z", -2_000, 0),
        ]
    );
}

#[tokio::test]
async fn hours_are_those_of_the_stores_time_zone() {
    let app = filled().await;
    let store = naru_domain::StoreId::new(MAIN.store_id);
    app.engine
        .set_time_zone(&store, "Asia/Kolkata")
        .await
        .expect("a zone");
    let chart = ask(&app, "charts/payment", &body(EVENING)).await;
    assert_eq!(
        slots(&chart),
        [
            slot("2030-01-31T13:30:00Z", 4_000, 2),
            slot("2030-01-31T14:30:00Z", 2_000, 1),
            slot("2030-01-31T15:30:00Z", 5_000, 1),
            slot("2030-01-31T16:30:00Z", 0, 0),
        ]
    );
    assert!(app.engine.set_time_zone(&store, "Nowhere").await.is_err());
}

#[tokio::test]
async fn best_and_worst_of_what_occurs_in_the_period() {
    let app = filled().await;
    // Three hours: 23, 0 and 1 o'clock; too short for days.
    let found = ask(&app, "charts/payment-insight", &body(EVENING)).await;
    assert_eq!(found, json!({"highestHourInDay": 1, "lowestHourInDay": 0}));
    let in_utc = with(body(EVENING), "/timezoneHourOffset", json!(0));
    let found = ask(&app, "charts/payment-insight", &in_utc).await;
    assert_eq!(
        found,
        json!({"highestHourInDay": 16, "lowestHourInDay": 15})
    );
    // Gross: 4,000 on the 31st, a Thursday; 7,000 on the 1st, a Friday. Of equals the earliest.
    let found = ask(&app, "charts/payment-insight", &body(MONTHS)).await;
    let gross = json!({
        "highestDateInMonth": 1, "lowestDateInMonth": 2,
        "highestDayInWeek": "FRI", "lowestDayInWeek": "SUN",
        "highestHourInDay": 1, "lowestHourInDay": 2,
    });
    assert_eq!(found, gross);
    // Net: 2,000 back on the 2nd, a Saturday, at midnight.
    let found = ask(&app, "charts/payment-insight", &net(body(MONTHS))).await;
    let net = json!({
        "highestDateInMonth": 1, "lowestDateInMonth": 2,
        "highestDayInWeek": "FRI", "lowestDayInWeek": "SAT",
        "highestHourInDay": 1, "lowestHourInDay": 0,
    });
    // Hour 0: 2,000 and 2,000 back; hour 2 and the others: nothing either.
    assert_eq!(found, net);
    // A week, but no month.
    let week = ("2030-01-26T15:00:00Z", "2030-02-02T15:00:00Z");
    let found = ask(&app, "charts/payment-insight", &body(week)).await;
    assert_eq!(found["highestDayInWeek"], "FRI");
    assert!(found.get("highestDateInMonth").is_none());
}

#[tokio::test]
async fn averages_of_payments_and_customers() {
    let app = filled().await;
    let averages = async |body: &Value| {
        let chart = ask(&app, "charts/average-amount", body).await;
        let of = |one: &Value| {
            let int = |name: &str| one[name].as_i64().expect("an integer");
            (int("paymentAverageAmount"), int("customerAverageAmount"))
        };
        let slots: Vec<_> = stats(&chart).iter().map(of).collect();
        (slots, of(&chart["summary"]))
    };
    // Two customers, then one of them again, then a third.
    assert_eq!(
        averages(&body(EVENING)).await,
        (
            vec![(2_000, 2_000), (2_000, 2_000), (5_000, 5_000)],
            (2_750, 3_667)
        )
    );
    assert_eq!(
        averages(&net(body(EVENING))).await,
        (
            vec![(2_000, 2_000), (2_000, 2_000), (4_500, 4_500)],
            (2_625, 3_500)
        )
    );
    let nothing = ("2029-01-01T00:00:00Z", "2029-01-01T01:00:00Z");
    assert_eq!(averages(&body(nothing)).await, (vec![(0, 0)], (0, 0)));
}

#[tokio::test]
async fn methods_and_pg_companies() {
    let app = filled().await;
    let chart = ask(&app, "charts/payment-method", &body(EVENING)).await;
    let card = |amount, count| json!({"paymentMethod": "CARD", "amount": amount, "count": count});
    let account = json!({"paymentMethod": "VIRTUAL_ACCOUNT", "amount": 5_000, "count": 1});
    assert_eq!(chart, json!({"stats": [card(6_000, 3), account]}));
    let chart = ask(&app, "charts/payment-method", &net(body(EVENING))).await;
    assert_eq!(chart, json!({"stats": [card(5_500, 3), account]}));
    let chart = ask(&app, "charts/payment-method-trend", &net(body(EVENING))).await;
    let lines: Vec<_> = stats(&chart)
        .iter()
        .map(|one| {
            format!(
                "{} {} {}",
                text(&one["timestamp"]),
                text(&one["paymentMethod"]),
                one["amount"]
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "2030-01-31T14:00:00Z CARD 4000",
            "2030-01-31T15:00:00Z CARD 2000",
            "2030-01-31T16:00:00Z CARD -500",
            "2030-01-31T16:00:00Z VIRTUAL_ACCOUNT 5000",
        ]
    );
    let chart = ask(&app, "charts/pg-company", &body(EVENING)).await;
    let inicis = json!({"pgCompany": "INICIS", "amount": 11_000, "count": 4});
    assert_eq!(chart, json!({ "stats": [inicis] }));
    let trend = async |companies: Value| {
        let body = with(body(EVENING), "/pgCompanies", companies);
        slots(&ask(&app, "charts/pg-company-trend", &body).await)
    };
    let all = [
        slot("2030-01-31T14:00:00Z", 4_000, 2),
        slot("2030-01-31T15:00:00Z", 2_000, 1),
        slot("2030-01-31T16:00:00Z", 5_000, 1),
    ];
    assert_eq!(trend(json!([])).await, all);
    assert_eq!(trend(json!(["INICIS", "KCP"])).await, all);
    assert_eq!(trend(json!(["KCP"])).await, []);
}

#[tokio::test]
async fn cards_and_their_companies() {
    let app = filled().await;
    let chart = ask(&app, "charts/card", &net(body(EVENING))).await;
    let cards = [
        slot("2030-01-31T14:00:00Z", 4_000, 2),
        slot("2030-01-31T15:00:00Z", 2_000, 1),
        slot("2030-01-31T16:00:00Z", -500, 0),
    ];
    assert_eq!(slots(&chart), cards);
    let paid = app.get("/payments/a").send().await.ok();
    let company = &paid["method"]["card"]["issuer"];
    let named = with(body(EVENING), "/cardCompanies", json!([company]));
    let chart = ask(&app, "charts/card-company", &net(named)).await;
    assert_eq!(slots(&chart), cards);
    assert_eq!(stats(&chart)[0]["cardCompany"], *company);
    assert_eq!(chart["remainderStats"], json!([]));
    assert_eq!(
        chart["summary"],
        json!({"totalAmount": 5_500, "totalCount": 3})
    );
    // Not named, they are among the others; left out, nowhere.
    let chart = ask(&app, "charts/card-company", &net(body(EVENING))).await;
    assert_eq!(chart["stats"], json!([]));
    assert_eq!(slots(&json!({"stats": chart["remainderStats"]})), cards);
    let left_out = with(body(EVENING), "/excludesFromRemainders", json!([company]));
    let chart = ask(&app, "charts/card-company", &left_out).await;
    let nothing = json!({"totalAmount": 0, "totalCount": 0});
    assert_eq!(
        chart,
        json!({"stats": [], "remainderStats": [], "summary": nothing})
    );
    // Nobody paid with a wallet.
    let chart = ask(&app, "charts/easy-pay", &body(EVENING)).await;
    assert!(
        slots(&chart)
            .iter()
            .all(|(_, amount, count)| (*amount, *count) == (0, 0))
    );
    let wallets = with(body(EVENING), "/easyPayProviders", json!(["KAKAOPAY"]));
    let chart = ask(&app, "charts/easy-pay-provider", &wallets).await;
    assert_eq!(
        chart,
        json!({"stats": [], "remainderStats": [], "summary": nothing})
    );
}

#[tokio::test]
async fn the_part_that_was_cancelled() {
    let app = filled().await;
    for (period, want) in [
        // 500 of 11,000; with the day after, 2,500 of 11,000.
        (EVENING, "0.045455"),
        (MONTHS, "0.227273"),
        // Nothing was taken.
        (("2030-02-01T15:00:00Z", "2030-02-01T16:00:00Z"), "0.0"),
    ] {
        let found = ask(&app, "cancellation-rate", &body(period)).await;
        assert_eq!(found["cancellationRate"].to_string(), want, "{period:?}");
    }
}

#[tokio::test]
async fn statuses_are_those_of_now() {
    let app = filled().await;
    let stat = |status: &str, amount: i64, count: i64, ratio: i64, quartiles: [i64; 3]| {
        let [first, median, third] = quartiles;
        json!({
            "paymentStatus": status, "amount": amount, "count": count, "averageRatio": ratio,
            "firstQuantile": first, "median": median, "thirdQuantile": third,
        })
    };
    let chart = ask(&app, "charts/payment-status", &body(MONTHS)).await;
    assert_eq!(
        chart,
        json!({"stats": [
            stat("CANCELLED", 2_000, 1, 20, [2_000; 3]),
            stat("FAILED", 700, 1, 20, [700; 3]),
            stat("PAID", 6_000, 2, 40, [1_000, 1_000, 5_000]),
            stat("PARTIAL_CANCELLED", 3_000, 1, 20, [3_000; 3]),
        ]})
    );
    // By when they came to it: c was cancelled the day after.
    let chart = ask(&app, "charts/payment-status", &body(EVENING)).await;
    assert_eq!(stats(&chart).len(), 3);
    assert_eq!(stats(&chart)[0], stat("FAILED", 700, 1, 25, [700; 3]));
}

#[tokio::test]
async fn statuses_by_method_pg_company_and_client() {
    let app = filled().await;
    let lines = async |path: &str, key: &str| {
        let chart = ask(
            &app,
            &format!("charts/payment-status/{path}"),
            &body(MONTHS),
        )
        .await;
        let line = |one: &Value| {
            let (key, status) = (text(&one[key]), text(&one["paymentStatus"]));
            format!("{key} {status} {} {}", one["amount"], one["count"])
        };
        stats(&chart).iter().map(line).collect::<Vec<_>>()
    };
    assert_eq!(
        lines("by-method", "paymentMethod").await,
        [
            "CARD CANCELLED 2000 1",
            "CARD FAILED 700 1",
            "CARD PAID 1000 1",
            "CARD PARTIAL_CANCELLED 3000 1",
            "VIRTUAL_ACCOUNT PAID 5000 1",
        ]
    );
    for (path, key, name) in [
        ("by-pg-company", "pgCompany", "INICIS"),
        ("by-payment-client", "paymentClientType", "API"),
    ] {
        let want = [
            "CANCELLED 2000 1",
            "FAILED 700 1",
            "PAID 6000 2",
            "PARTIAL_CANCELLED 3000 1",
        ];
        let want: Vec<_> = want.iter().map(|line| format!("{name} {line}")).collect();
        assert_eq!(lines(path, key).await, want);
    }
}

#[tokio::test]
async fn overseas_is_another_currency_than_the_won() {
    let app = app().await;
    let is_using = async || app.get(USAGE).send().await.ok()["isUsing"].clone();
    pay(&app, "won", bodies::card_payment()).await;
    app.settle().await;
    assert_eq!(is_using().await, false);
    let declined = bodies::card_number("9000000000120049");
    let declined = with(bodies::card_payment(), "/method/card/credential", declined);
    pay(&app, "declined", with(declined, "/currency", json!("USD"))).await;
    app.settle().await;
    assert_eq!(is_using().await, false);
    pay(
        &app,
        "usd",
        with(bodies::card_payment(), "/currency", json!("USD")),
    )
    .await;
    app.settle().await;
    assert_eq!(is_using().await, true);
    // Another merchant's is no business of theirs.
    let other = app.get(USAGE).secret(OTHER.secret).send().await.ok();
    assert_eq!(other["isUsing"], false);
    app.get(USAGE)
        .anonymous()
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn currencies_are_counted_apart() {
    let app = filled().await;
    let dollars = with(body(EVENING), "/currency", json!("USD"));
    let chart = ask(&app, "charts/payment-method", &dollars).await;
    let card = json!({"paymentMethod": "CARD", "amount": 900, "count": 1});
    assert_eq!(chart, json!({ "stats": [card] }));
}

#[tokio::test]
async fn figures_are_of_all_stores_that_the_caller_may_see() {
    let app = filled().await;
    let call = app.post("/payments/s/instant").secret(SUB.secret);
    call.json(&bodies::card_payment()).send().await.ok();
    app.settle().await;
    let day = ("2030-02-01T15:00:00Z", "2030-02-01T16:00:00Z");
    let count = async |secret: &str| {
        let call = app.get("/analytics/charts/payment").secret(secret);
        let chart = call.json(&body(day)).send().await.ok();
        slots(&chart)[0].2
    };
    assert_eq!(count(SUB.secret).await, 1);
    assert_eq!(count(MAIN.secret).await, 1);
    assert_eq!(count(OTHER.secret).await, 0);
}

#[tokio::test]
async fn every_operation_asks_for_a_credential_and_a_period() {
    let app = app().await;
    for (path, has_unit) in OPERATIONS {
        let path = format!("/analytics/{path}");
        app.get(&path)
            .anonymous()
            .json(&body(EVENING))
            .send()
            .await
            .refused(401, "UNAUTHORIZED");
        let empty = app.get(&path).json(&body(EVENING)).send().await;
        empty.ok();
        // The body may come as a query, here as elsewhere.
        let query = body(EVENING)
            .to_string()
            .replace('{', "%7B")
            .replace('}', "%7D");
        let query = query
            .replace('"', "%22")
            .replace('[', "%5B")
            .replace(']', "%5D");
        app.get(&format!("{path}?requestBody={query}"))
            .send()
            .await
            .ok();
        let mut bad = vec![
            ("from", "/from", json!("yesterday")),
            ("from", "/from", Value::Null),
            ("until", "/until", json!("2030-02-30T00:00:00Z")),
            ("until", "/until", json!(EVENING.0)),
            ("currency", "/currency", json!("WON")),
        ];
        if has_unit {
            let month = |offset: i64| json!({"month": {"timezoneHourOffset": offset}});
            bad.extend([
                ("timeGranularity", "/timeGranularity", json!({})),
                ("timeGranularity", "/timeGranularity", json!({"minute": {}})),
                (
                    "timeGranularity",
                    "/timeGranularity",
                    json!({"day": {"timezoneHourOffset": 9}}),
                ),
                (
                    "timeGranularity",
                    "/timeGranularity",
                    json!({"week": {"timezoneHourOffset": 9}}),
                ),
                (
                    "timeGranularity",
                    "/timeGranularity",
                    json!({"hour": {}, "month": {"timezoneHourOffset": 9}}),
                ),
                ("timezoneHourOffset", "/timeGranularity", month(15)),
                ("until", "/until", json!("2035-01-31T00:00:00Z")),
            ]);
        }
        for (field, pointer, value) in bad {
            let body = with(body(EVENING), pointer, value);
            app.get(&path).json(&body).send().await.refused_field(field);
        }
    }
    let bad = with(body(EVENING), "/timezoneHourOffset", json!(-13));
    let call = app.get("/analytics/charts/payment-insight").json(&bad);
    call.send().await.refused_field("timezoneHourOffset");
    let many: Vec<&str> = vec!["BC_CARD"; 201];
    let bad = with(body(EVENING), "/cardCompanies", json!(many));
    let call = app.get("/analytics/charts/card-company").json(&bad);
    call.send().await.refused_field("cardCompanies");
}
