//! Schedules against payments and billing keys, one after the other and at once.

use naru_testkit::{Answer, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, issue, read_schedule, schedule, text, with};

async fn make(app: &TestApp, payment: &str, key: &str) -> Answer {
    let body = bodies::schedule(key, app.now().plus_seconds(60));
    app.post(&format!("/payments/{payment}/schedule"))
        .json(&body)
        .send()
        .await
}

#[tokio::test]
async fn what_is_paid_or_waits_is_not_scheduled() {
    let app = app_with_payment("c-1").await;
    let key = issue(&app).await;
    make(&app, "c-1", &key)
        .await
        .refused(409, "ALREADY_PAID_OR_WAITING");
    app.post("/payments/c-2/instant")
        .json(&bodies::virtual_account())
        .send()
        .await
        .ok();
    make(&app, "c-2", &key)
        .await
        .refused(409, "ALREADY_PAID_OR_WAITING");
    app.post("/payments/c-1/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    make(&app, "c-1", &key)
        .await
        .refused(409, "ALREADY_PAID_OR_WAITING");
    // A failed attempt is no hindrance.
    let declined = bodies::card_number("9000000000120049");
    let declined = with(bodies::card_payment(), "/method/card/credential", declined);
    let answer = app.post("/payments/c-3/instant").json(&declined);
    answer.send().await.refused(502, "PG_PROVIDER");
    make(&app, "c-3", &key).await.ok();
}

#[tokio::test]
async fn while_a_schedule_waits_nothing_else_begins_its_payment() {
    let app = app().await;
    let key = issue(&app).await;
    let id = schedule(&app, "c-4", &key, 60).await;
    make(&app, "c-4", &key)
        .await
        .refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
    app.post("/payments/c-4/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
    app.post("/payments/c-4/billing-key")
        .json(&bodies::charge(&key))
        .send()
        .await
        .refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
    // For everything else it does not exist yet.
    for request in [
        app.get("/payments/c-4"),
        app.get("/payments/c-4/transactions"),
        app.post("/payments/c-4/cancel").json(&bodies::cancel()),
        app.post("/payments/c-4/virtual-account/close"),
        app.post("/payments/c-4/resend-webhook").json(&json!({})),
    ] {
        request.send().await.refused(404, "PAYMENT_NOT_FOUND");
    }
    let list = app.get("/payments").send().await.ok();
    assert_eq!(list["page"]["totalCount"], 0);
    app.move_clock_s(60).await;
    app.settle().await;
    assert_eq!(read_schedule(&app, &id).await["status"], "SUCCEEDED");
    make(&app, "c-4", &key)
        .await
        .refused(409, "ALREADY_PAID_OR_WAITING");
    // The same id in another store is another payment.
    app.post("/payments/c-4/instant")
        .secret(naru_testkit::SUB.secret)
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
}

#[tokio::test]
async fn a_key_is_not_deleted_while_a_schedule_lives_on_it() {
    let app = app().await;
    let key = issue(&app).await;
    let path = format!("/billing-keys/{key}");
    let first = schedule(&app, "c-5", &key, 60).await;
    schedule(&app, "c-6", &key, 120).await;
    app.delete(&path)
        .send()
        .await
        .refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
    app.delete("/payment-schedules")
        .json(&json!({"scheduleIds": [first]}))
        .send()
        .await
        .ok();
    app.delete(&path)
        .send()
        .await
        .refused(409, "PAYMENT_SCHEDULE_ALREADY_EXISTS");
    app.move_clock_s(120).await;
    app.settle().await;
    app.delete(&path).send().await.ok();
    make(&app, "c-7", &key)
        .await
        .refused(409, "BILLING_KEY_ALREADY_DELETED");
    app.delete(&path)
        .send()
        .await
        .refused(409, "BILLING_KEY_ALREADY_DELETED");
}

/// How many of several calls at once were answered with success; the others must be refused so.
async fn won(requests: Vec<naru_testkit::RequestBuilder>, others: &[&str]) -> Vec<bool> {
    let tasks = requests
        .into_iter()
        .map(|request| tokio::spawn(request.send()));
    let mut won = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        let answer = task.await.expect("a task");
        let error = answer.body["type"].as_str().unwrap_or_default();
        assert!(
            answer.status == 200 || others.contains(&error),
            "{}",
            answer.body
        );
        won.push(answer.status == 200);
    }
    won
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_payment_and_schedules_of_one_id_at_once_one_wins() {
    let app = app().await;
    let key = issue(&app).await;
    for round in 0..20 {
        let id = format!("c-race-{round}");
        let at = app.now().plus_seconds(3_600);
        let mut requests = Vec::new();
        for _ in 0..3 {
            requests.push(
                app.post(&format!("/payments/{id}/schedule"))
                    .json(&bodies::schedule(&key, at)),
            );
            requests.push(
                app.post(&format!("/payments/{id}/instant"))
                    .json(&bodies::card_payment()),
            );
        }
        let others = [
            "PAYMENT_SCHEDULE_ALREADY_EXISTS",
            "ALREADY_PAID_OR_WAITING",
            "ALREADY_PAID",
        ];
        let won = won(requests, &others).await;
        assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_deletion_and_schedules_on_a_key_at_once_no_schedule_is_on_a_deleted_key() {
    let app = app().await;
    for round in 0..20 {
        let key = issue(&app).await;
        let at = app.now().plus_seconds(3_600);
        let mut requests = vec![app.delete(&format!("/billing-keys/{key}"))];
        for number in 0..5 {
            let path = format!("/payments/c-del-{round}-{number}/schedule");
            requests.push(app.post(&path).json(&bodies::schedule(&key, at)));
        }
        if round % 2 == 1 {
            requests.reverse();
        }
        let mut won = won(
            requests,
            &[
                "PAYMENT_SCHEDULE_ALREADY_EXISTS",
                "BILLING_KEY_ALREADY_DELETED",
            ],
        )
        .await;
        if round % 2 == 1 {
            won.reverse();
        }
        let scheduled = won[1..].iter().filter(|won| **won).count();
        assert!(
            if won[0] {
                scheduled == 0
            } else {
                scheduled > 0
            },
            "{won:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_schedules_on_one_key_at_once_are_all_made() {
    let app = app().await;
    let key = issue(&app).await;
    let at = app.now().plus_seconds(3_600);
    let requests = (0..100).map(|number| {
        app.post(&format!("/payments/c-many-{number}/schedule"))
            .json(&bodies::schedule(&key, at))
    });
    let won = won(requests.collect(), &[]).await;
    assert_eq!(won.len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_is_revoked_or_begun_never_both() {
    let app = app().await;
    let key = issue(&app).await;
    for round in 0..20 {
        let payment = format!("c-rev-{round}");
        let id = schedule(&app, &payment, &key, 0).await;
        let revoke = app
            .delete("/payment-schedules")
            .json(&json!({"scheduleIds": [id]}));
        let revoke = tokio::spawn(revoke.send());
        app.settle().await;
        let answer = revoke.await.unwrap();
        app.settle().await;
        let paid = app.get(&format!("/payments/{payment}")).send().await;
        let status = text(&read_schedule(&app, &id).await["status"]);
        if answer.status == 200 {
            assert_eq!((status.as_str(), paid.status), ("REVOKED", 404));
        } else {
            answer.refused(409, "PAYMENT_SCHEDULE_ALREADY_PROCESSED");
            assert_eq!((status.as_str(), paid.status), ("SUCCEEDED", 200));
        }
    }
    let items: Vec<Value> = app.books().await;
    let sales = items.iter().filter(|row| row["kind"] != "BILLING_KEY");
    let mut ids: Vec<&str> = sales.map(|row| row["orderId"].as_str().unwrap()).collect();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
}
