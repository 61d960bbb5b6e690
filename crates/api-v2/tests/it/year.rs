//! A year passes at once, with something of every kind pending: all that falls due does so, in
//! order, once.

use naru_testkit::{MAIN, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, issue, read_schedule, text, with};

const DAY_S: i64 = 86_400;

/// Schedules in the order in which they are made; the amounts say in which they are due.
async fn schedules(app: &TestApp, key: &str) -> Vec<(i64, String)> {
    let mut made = Vec::new();
    for (amount, seconds) in [
        (1_005, 364 * DAY_S),
        (1_001, 1),
        (1_004, 200 * DAY_S),
        (1_002, 30),
        (1_003, 30 * DAY_S),
        (1_006, 400 * DAY_S),
    ] {
        let body = bodies::schedule(key, app.now().plus_seconds(seconds));
        let body = with(body, "/payment/amount/total", json!(amount));
        let path = format!("/payments/year-{amount}/schedule");
        let answer = app.post(&path).json(&body).send().await.ok();
        made.push((amount, text(&answer["schedule"]["id"])));
    }
    made.sort();
    made
}

async fn pay(app: &TestApp) -> naru_testkit::Answer {
    app.post("/payments/year-paid/instant")
        .idempotency_key("0123456789abcdef-year")
        .json(&bodies::card_payment())
        .send()
        .await
}

async fn refresh(app: &TestApp, tokens: &Value) -> naru_testkit::Answer {
    app.post("/token/refresh")
        .json(&json!({"refreshToken": tokens["refreshToken"]}))
        .send()
        .await
}

#[tokio::test]
async fn everything_that_falls_due_within_a_year_does_so_in_order_and_once() {
    let app = app().await;
    let key = issue(&app).await;
    app.settle().await;
    let tokens = app.post("/login/api-secret");
    let tokens = tokens.json(&json!({"apiSecret": MAIN.secret}));
    let tokens = tokens.send().await.ok();
    let bearer = format!("Bearer {}", text(&tokens["accessToken"]));
    // A webhook whose first delivery fails: five more are to come.
    app.receiver.answer_with(500);
    pay(&app).await.ok();
    app.settle().await;
    assert_eq!(app.receiver.events("year-paid"), ["Transaction.Paid"]);
    app.receiver.answer_with(200);
    let account = app.post("/payments/year-account/instant");
    let account = account.json(&bodies::virtual_account());
    account.send().await.ok();
    app.settle().await;
    let schedules = schedules(&app, &key).await;
    assert!(pay(&app).await.is_replayed());

    app.move_clock_s(365 * DAY_S).await;
    app.settle().await;
    app.settle().await;

    let due = [1_001, 1_002, 1_003, 1_004, 1_005];
    let charged: Vec<i64> = app.captures().await.into_iter().skip(1).collect();
    assert_eq!(charged, due, "oldest first, each once");
    for (amount, id) in &schedules {
        let schedule = read_schedule(&app, id).await;
        let (status, events) = if due.contains(amount) {
            ("SUCCEEDED", vec!["Transaction.Paid".to_owned()])
        } else {
            ("SCHEDULED", Vec::new())
        };
        assert_eq!(schedule["status"], status, "{amount}");
        assert_eq!(app.receiver.events(&format!("year-{amount}")), events);
    }
    let again = ["Transaction.Paid", "Transaction.Paid"];
    assert_eq!(app.receiver.events("year-paid"), again, "one more delivery");

    let with_token = app
        .get("/payments/year-paid")
        .header("authorization", &bearer);
    with_token.send().await.refused(401, "UNAUTHORIZED");
    refresh(&app, &tokens).await.refused(401, "UNAUTHORIZED");
    // The key has been forgotten: the call runs anew, and finds the payment paid.
    let anew = pay(&app).await;
    assert!(!anew.is_replayed());
    anew.refused(409, "ALREADY_PAID");
    app.engine.sweep_expired().await.unwrap();

    let account = app.get("/payments/year-account").send().await.ok();
    assert_eq!(account["status"], "VIRTUAL_ACCOUNT_ISSUED");
    assert!(text(&account["method"]["expiredAt"]) < app.now().to_string());

    // The rest of the second year: what was left, and nothing again.
    app.move_clock_s(100 * DAY_S).await;
    app.settle().await;
    let charged: Vec<i64> = app.captures().await.into_iter().skip(1).collect();
    assert_eq!(charged, [1_001, 1_002, 1_003, 1_004, 1_005, 1_006]);
    assert_eq!(app.receiver.events("year-paid"), again);
}
