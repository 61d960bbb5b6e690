//! Many at once on one payment: money moves once.

use naru_testkit::bodies;
use serde_json::json;

use crate::{app, app_with_payment};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_payments_of_one_id_one_captures() {
    let app = app().await;
    let requests = (0..50).map(|_| {
        let request = app
            .post("/payments/many/instant")
            .json(&bodies::card_payment());
        tokio::spawn(request.send())
    });
    let mut paid = 0;
    for answer in requests.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == 200 {
            paid += 1;
        } else {
            answer.refused(409, "ALREADY_PAID");
        }
    }
    assert_eq!(paid, 1);
    assert_eq!(app.captures().await, [1000]);
    app.settle().await;
    assert_eq!(app.receiver.events("many"), ["Transaction.Paid"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_twenty_partial_cancellations_only_what_was_paid_goes_back() {
    let app = app_with_payment("shared").await;
    let body = json!({"reason": "r", "amount": 300});
    let requests = (0..20).map(|_| {
        let request = app.post("/payments/shared/cancel").json(&body);
        tokio::spawn(request.send())
    });
    let mut done = 0;
    for answer in requests.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        if answer.status == 200 {
            done += 1;
        } else {
            answer.refused(409, "CANCEL_AMOUNT_EXCEEDS_CANCELLABLE_AMOUNT");
        }
    }
    assert_eq!(done, 3);
    let read = app.get("/payments/shared").send().await.ok();
    assert_eq!(read["amount"]["cancelled"], 900);
    assert_eq!(app.books().await[0]["cancelledAmount"], 900);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_its_payment() {
    let app = app().await;
    app.fault("pay_card", "late").await;
    let request = app
        .post("/payments/gone/instant")
        .json(&bodies::card_payment());
    let running = tokio::spawn(request.send());
    tokio::time::sleep(std::time::Duration::from_millis(60)).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    app.engine.drain().await;
    assert_eq!(
        app.get("/payments/gone").send().await.ok()["status"],
        "PAID"
    );
}
