//! Schedules: made, due, read, revoked.

use naru_testkit::{MAIN, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, issue, read_schedule, schedule, text, with};

async fn make(app: &TestApp, payment: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{payment}/schedule"))
        .json(body)
        .send()
        .await
}

async fn revoke(app: &TestApp, body: &Value) -> naru_testkit::Answer {
    app.delete("/payment-schedules").json(body).send().await
}

#[tokio::test]
async fn a_schedule_waits_then_pays() {
    let app = app().await;
    let key = issue(&app).await;
    let due = app.now().plus_seconds(3_600);
    let mut body = bodies::schedule(&key, due);
    body["payment"]["customData"] = json!("mine");
    body["payment"]["amount"]["total"] = json!(60_000);
    body["payment"]["installmentMonth"] = json!(3);
    let made = make(&app, "s-1", &body).await.ok();
    let id = text(&made["schedule"]["id"]);
    app.settle().await;
    app.get("/payments/s-1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    let waits = read_schedule(&app, &id).await;
    assert_eq!(waits["status"], "SCHEDULED");
    assert_eq!(waits["timeToPay"], due.to_string());
    assert_eq!(
        (&waits["paymentId"], &waits["billingKey"], &waits["storeId"]),
        (&json!("s-1"), &json!(key), &json!(MAIN.store_id))
    );
    assert_eq!(
        (
            &waits["totalAmount"],
            &waits["taxFreeAmount"],
            &waits["vatAmount"]
        ),
        (&json!(60_000), &json!(0), &json!(5_455))
    );
    assert_eq!(
        (&waits["customData"], &waits["installmentMonth"]),
        (&json!("mine"), &json!(3))
    );
    assert!(waits.get("startedAt").is_none() && waits.get("completedAt").is_none());
    app.move_clock_s(3_599).await;
    app.settle().await;
    assert!(app.captures().await.is_empty(), "not a second too early");
    app.move_clock_s(1).await;
    app.settle().await;
    let done = read_schedule(&app, &id).await;
    assert_eq!(done["status"], "SUCCEEDED");
    assert!(text(&done["startedAt"]) <= text(&done["completedAt"]));
    let paid = app.get("/payments/s-1").send().await.ok();
    assert_eq!(
        (&paid["status"], &paid["scheduleId"], &paid["billingKey"]),
        (&json!("PAID"), &json!(id), &json!(key))
    );
    assert_eq!(paid["customData"], "mine");
    assert_eq!(app.receiver.events("s-1"), ["Transaction.Paid"]);
    assert_eq!(app.captures().await, [60_000]);
    for (is_scheduled, count) in [(true, 1), (false, 0)] {
        let filter = json!({"filter": {"isScheduled": is_scheduled,
            "until": app.now().plus_seconds(9).to_string()}});
        let list = app.get("/payments").json(&filter).send().await.ok();
        assert_eq!(list["page"]["totalCount"], count, "{is_scheduled}");
    }
    let words = json!({"filter": {"textSearch": [{"field": "SCHEDULE_ID", "value": id}],
        "until": app.now().plus_seconds(9).to_string()}});
    let list = app.get("/payments").json(&words).send().await.ok();
    assert_eq!(list["page"]["totalCount"], 1);
}

#[tokio::test]
async fn a_schedule_that_is_due_now_begins_now() {
    let app = app().await;
    let key = issue(&app).await;
    let now = schedule(&app, "s-2", &key, 0).await;
    let a_minute_ago = schedule(&app, "s-3", &key, -55).await;
    app.settle().await;
    for id in [now, a_minute_ago] {
        assert_eq!(read_schedule(&app, &id).await["status"], "SUCCEEDED");
    }
    let past = bodies::schedule(&key, app.now().plus_seconds(-61));
    make(&app, "s-4", &past).await.refused_field("timeToPay");
}

#[tokio::test]
async fn a_declined_charge_fails_the_schedule_and_tells_why_on_the_payment() {
    let app = app().await;
    let magic = bodies::card_number("9000000001120054");
    let body = with(bodies::billing_key(), "/method/card/credential", magic);
    let issued = app.post("/billing-keys").json(&body).send().await.ok();
    let key = text(&issued["billingKeyInfo"]["billingKey"]);
    let id = schedule(&app, "s-5", &key, 10).await;
    app.move_clock_s(10).await;
    app.settle().await;
    let failed = read_schedule(&app, &id).await;
    assert_eq!(failed["status"], "FAILED");
    assert!(failed["completedAt"].is_string());
    let payment = app.get("/payments/s-5").send().await.ok();
    assert_eq!(
        (&payment["status"], &payment["failure"]["pgCode"]),
        (&json!("FAILED"), &json!("120054"))
    );
    assert_eq!(payment["scheduleId"], json!(id));
    assert_eq!(app.receiver.events("s-5"), ["Transaction.Failed"]);
    // No second try by itself; the id may be scheduled, or paid, again.
    app.move_clock_s(86_400).await;
    app.settle().await;
    let attempts = app.get("/payments/s-5/transactions").send().await.ok();
    assert_eq!(attempts["items"].as_array().unwrap().len(), 1);
    let again = schedule(&app, "s-5", &issue(&app).await, 0).await;
    app.settle().await;
    assert_eq!(read_schedule(&app, &again).await["status"], "SUCCEEDED");
    assert_eq!(read_schedule(&app, &id).await["status"], "FAILED");
}

#[tokio::test]
async fn a_schedule_whose_channel_is_gone_fails_and_is_announced() {
    let app = app().await;
    let key = issue(&app).await;
    let id = schedule(&app, "s-6", &key, 10).await;
    let channel = naru_domain::ChannelKey::new(MAIN.channels[1]);
    app.engine.switch_channel(&channel, false).await.unwrap();
    app.move_clock_s(10).await;
    app.settle().await;
    assert_eq!(read_schedule(&app, &id).await["status"], "FAILED");
    let payment = app.get("/payments/s-6").send().await.ok();
    assert_eq!(payment["failure"]["pgCode"], "NARU_SCHEDULE_REFUSED");
    assert_eq!(payment["scheduleId"], json!(id));
    assert_eq!(app.receiver.events("s-6"), ["Transaction.Failed"]);
    assert!(app.captures().await.is_empty());
}

#[tokio::test]
async fn what_is_wrong_is_said_when_the_schedule_is_made() {
    let app = app().await;
    let key = issue(&app).await;
    let good = || bodies::schedule(&key, app.now().plus_seconds(60));
    for (pointer, value, field) in [
        ("/timeToPay", json!("tomorrow"), "timeToPay"),
        ("/timeToPay", json!("2030-01-01T00:00:00"), "timeToPay"),
        ("/timeToPay", Value::Null, "timeToPay"),
        ("/payment", Value::Null, "payment"),
        ("/payment/billingKey", json!(""), "payment.billingKey"),
        ("/payment/orderName", json!(""), "payment.orderName"),
        ("/payment/amount/total", json!(0), "payment.amount.total"),
        (
            "/payment/installmentMonth",
            json!(61),
            "payment.installmentMonth",
        ),
        (
            "/payment/noticeUrls",
            json!(["ftp://x"]),
            "payment.noticeUrls[0]",
        ),
    ] {
        let body = with(good(), pointer, value);
        make(&app, "s-7", &body).await.refused_field(field);
    }
    // What the PG's own rules refuse is said now too, not at night.
    let nameless = with(good(), "/payment/customer/name", Value::Null);
    make(&app, "s-7", &nameless)
        .await
        .refused(400, "INVALID_REQUEST");
    for channel in [MAIN.channels[0], "channel-key-unknown"] {
        let body = with(good(), "/payment/channelKey", json!(channel));
        make(&app, "s-7", &body)
            .await
            .refused(400, "INVALID_REQUEST");
    }
    let parts = with(good(), "/payment/amount/taxFree", json!(1001));
    make(&app, "s-7", &parts)
        .await
        .refused(409, "SUM_OF_PARTS_EXCEEDS_TOTAL_AMOUNT");
    let unknown = bodies::schedule("billing-key-unknown", app.now());
    make(&app, "s-7", &unknown)
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    app.post("/payments/s-7/pre-register")
        .json(&json!({"totalAmount": 999}))
        .send()
        .await
        .ok();
    let message = make(&app, "s-7", &good())
        .await
        .refused(400, "INVALID_REQUEST");
    assert!(message.contains("`amount.total`"), "{message}");
    make(&app, "s-8", &good()).await.ok();
}

#[tokio::test]
async fn schedules_that_are_not_there_are_not_found() {
    let app = app().await;
    for id in ["nothing", "%00", "%20"] {
        let answer = app.get(&format!("/payment-schedules/{id}")).send().await;
        answer.refused(404, "PAYMENT_SCHEDULE_NOT_FOUND");
    }
}

#[tokio::test]
async fn schedules_are_revoked_by_id() {
    let app = app().await;
    let key = issue(&app).await;
    let first = schedule(&app, "s-9", &key, 60).await;
    let second = schedule(&app, "s-10", &key, 60).await;
    let third = schedule(&app, "s-11", &key, 60).await;
    let body = json!({"scheduleIds": [first, second, first]});
    let revoked = revoke(&app, &body).await.ok();
    assert_eq!(revoked["revokedScheduleIds"], json!([first, second]));
    let read = read_schedule(&app, &first).await;
    assert_eq!(
        (&read["status"], &read["revokedAt"]),
        (&json!("REVOKED"), &revoked["revokedAt"])
    );
    app.move_clock_s(120).await;
    app.settle().await;
    assert_eq!(app.captures().await, [1000], "only the third");
    assert_eq!(read_schedule(&app, &third).await["status"], "SUCCEEDED");
    assert!(
        app.receiver.events("s-9").is_empty(),
        "no webhook of its own"
    );
    app.get("/payments/s-9")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    // The payment is free again.
    app.post("/payments/s-9/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    schedule(&app, "s-10", &key, 60).await;
}

#[tokio::test]
async fn all_are_revoked_or_none() {
    let app = app().await;
    let key = issue(&app).await;
    let processed = schedule(&app, "s-12", &key, 0).await;
    app.settle().await;
    let revoked = schedule(&app, "s-13", &key, 60).await;
    revoke(&app, &json!({"scheduleIds": [revoked]})).await.ok();
    let waits = schedule(&app, "s-14", &key, 60).await;
    let other_key = issue(&app).await;
    for (ids, status, error) in [
        (
            json!([waits, processed]),
            409,
            "PAYMENT_SCHEDULE_ALREADY_PROCESSED",
        ),
        (
            json!([waits, revoked]),
            409,
            "PAYMENT_SCHEDULE_ALREADY_REVOKED",
        ),
        (json!([waits, "nothing"]), 404, "PAYMENT_SCHEDULE_NOT_FOUND"),
        (json!([waits, "a\u{0}"]), 400, "INVALID_REQUEST"),
    ] {
        let body = json!({"scheduleIds": ids});
        revoke(&app, &body).await.refused(status, error);
    }
    let mismatch = json!({"billingKey": other_key, "scheduleIds": [waits]});
    revoke(&app, &mismatch)
        .await
        .refused(404, "PAYMENT_SCHEDULE_NOT_FOUND");
    assert_eq!(read_schedule(&app, &waits).await["status"], "SCHEDULED");
    let match_ = json!({"billingKey": key, "scheduleIds": [waits]});
    revoke(&app, &match_).await.ok();
    assert_eq!(read_schedule(&app, &waits).await["status"], "REVOKED");
}

#[tokio::test]
async fn all_that_wait_on_a_key_are_revoked_by_the_key() {
    let app = app().await;
    let (key, other) = (issue(&app).await, issue(&app).await);
    let done = schedule(&app, "s-15", &key, 0).await;
    app.settle().await;
    let mut wait = Vec::new();
    for number in 16..19 {
        wait.push(schedule(&app, &format!("s-{number}"), &key, 60).await);
    }
    let elsewhere = schedule(&app, "s-19", &other, 60).await;
    let body = json!({"billingKey": key});
    let revoked = revoke(&app, &body).await.ok();
    let mut ids: Vec<String> = revoked["revokedScheduleIds"]
        .as_array()
        .unwrap()
        .iter()
        .map(text)
        .collect();
    ids.sort();
    wait.sort();
    assert_eq!(ids, wait);
    assert_eq!(read_schedule(&app, &done).await["status"], "SUCCEEDED");
    assert_eq!(read_schedule(&app, &elsewhere).await["status"], "SCHEDULED");
    let none = revoke(&app, &body).await.ok();
    assert_eq!(none, json!({"revokedScheduleIds": []}));
    app.delete(&format!("/billing-keys/{key}"))
        .send()
        .await
        .ok();
    revoke(&app, &body)
        .await
        .refused(409, "BILLING_KEY_ALREADY_DELETED");
    revoke(&app, &json!({"billingKey": "billing-key-unknown"}))
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    for neither in [json!({}), json!({"scheduleIds": []})] {
        revoke(&app, &neither).await.refused_field("scheduleIds");
    }
    let many: Vec<_> = (0..1_001).map(|n| format!("id-{n}")).collect();
    revoke(&app, &json!({"scheduleIds": many}))
        .await
        .refused_field("scheduleIds");
}

#[tokio::test]
async fn a_revocation_may_come_in_the_query() {
    let app = app().await;
    let key = issue(&app).await;
    let id = schedule(&app, "s-20", &key, 60).await;
    let path = format!("/payment-schedules?requestBody=%7B%22scheduleIds%22:+%5B%22{id}%22%5D%7D");
    let revoked = app.delete(&path).send().await.ok();
    assert_eq!(revoked["revokedScheduleIds"], json!([id]));
}

#[tokio::test]
async fn repeated_calls_are_answered_as_before() {
    let app = app().await;
    let key = issue(&app).await;
    let body = bodies::schedule(&key, app.now().plus_seconds(60));
    let make = || {
        app.post("/payments/s-21/schedule")
            .idempotency_key("0123456789abcdef-s")
            .json(&body)
            .send()
    };
    let first = make().await;
    let again = make().await;
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    let id = text(&first.ok()["schedule"]["id"]);
    let revoke = || {
        app.delete("/payment-schedules")
            .idempotency_key("0123456789abcdef-r")
            .json(&json!({"scheduleIds": [id]}))
            .send()
    };
    let first = revoke().await;
    let again = revoke().await;
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    first.ok();
}

#[tokio::test]
async fn schedules_of_others_are_as_if_they_were_not() {
    let app = app().await;
    let key = issue(&app).await;
    let id = schedule(&app, "s-22", &key, 60).await;
    for secret in [naru_testkit::OTHER.secret, naru_testkit::SUB.secret] {
        app.get(&format!("/payment-schedules/{id}"))
            .secret(secret)
            .send()
            .await
            .refused(404, "PAYMENT_SCHEDULE_NOT_FOUND");
        let by_id = json!({"scheduleIds": [id]});
        let by_key = json!({"billingKey": key});
        let gone = |body: &Value| {
            app.delete("/payment-schedules")
                .secret(secret)
                .json(body)
                .send()
        };
        gone(&by_id)
            .await
            .refused(404, "PAYMENT_SCHEDULE_NOT_FOUND");
        gone(&by_key).await.refused(404, "BILLING_KEY_NOT_FOUND");
        let body = bodies::schedule(&key, app.now());
        app.post("/payments/s-23/schedule")
            .secret(secret)
            .json(&body)
            .send()
            .await
            .refused(404, "BILLING_KEY_NOT_FOUND");
    }
    assert_eq!(read_schedule(&app, &id).await["status"], "SCHEDULED");
}
