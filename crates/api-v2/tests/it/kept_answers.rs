//! A payment that is asked for again: the answer is kept, and gives way to every change.

use naru_testkit::{TestApp, bodies};
use serde_json::{Value, json};

use crate::app_with_payment;

async fn read(app: &TestApp) -> Value {
    app.get("/payments/kept-1").send().await.ok()
}

#[tokio::test]
async fn a_read_shows_each_change_at_once() {
    let app = app_with_payment("kept-1").await;
    app.settle().await;
    let paid = read(&app).await;
    assert_eq!(paid["status"], "PAID");
    // Unchanged, whichever of them was kept.
    for _ in 0..3 {
        assert_eq!(read(&app).await, paid);
    }
    let mut part = bodies::cancel();
    part["amount"] = json!(100);
    app.post("/payments/kept-1/cancel")
        .json(&part)
        .send()
        .await
        .ok();
    let cancelled = read(&app).await;
    assert_eq!(cancelled["status"], "PARTIAL_CANCELLED");
    assert_eq!(cancelled["cancellations"][0]["totalAmount"], 100);
    // Another commit, of a webhook alone.
    let webhooks = |payment: &Value| payment["webhooks"].clone();
    app.settle().await;
    let delivered = read(&app).await;
    assert_ne!(webhooks(&delivered), webhooks(&cancelled));
    assert_eq!(read(&app).await, delivered);
}
