//! What a caller may not see, it can't tell from what does not exist (P9); sub-stores.

use naru_testkit::{MAIN, OTHER, SUB, bodies};
use serde_json::{Value, json};

use crate::{app, issue, sorted, with};

#[tokio::test]
async fn a_store_that_is_not_ours_is_forbidden_whether_or_not_it_exists() {
    let app = app().await;
    let mut answers = Vec::new();
    for store in [OTHER.store_id, "store-that-does-not-exist", "", "a\u{0}"] {
        let encoded = store.replace('\u{0}', "%00");
        let list = json!({"filter": {"storeId": store}});
        let report = crate::reconciliations::query(&json!({
            "dateRange": {"from": "2026-01-01", "until": "2026-01-31"},
            "filter": {"storeIds": [store]},
        }));
        for request in [
            app.get(&format!("/payments/x?storeId={encoded}")),
            app.get(&format!("/payments/x/transactions?storeId={encoded}")),
            app.get(&format!("/billing-keys/x?storeId={encoded}")),
            app.delete(&format!("/billing-keys/x?storeId={encoded}")),
            app.post(&format!(
                "/payments/x/virtual-account/close?storeId={encoded}"
            )),
            app.get("/payments").json(&list),
            app.get(&format!(
                "/payment-reconciliations/settlements/vat-report{report}"
            )),
            app.get(&format!(
                "/payment-reconciliations/transactions/vat-report{report}"
            )),
            app.get("/billing-keys").json(&list),
            app.get("/payment-schedules").json(&list),
            app.get(&format!("/payment-schedules/x?storeId={encoded}")),
            app.delete("/payment-schedules")
                .json(&json!({"storeId": store, "billingKey": "x"})),
            app.post("/payments/x/schedule").json(&with(
                bodies::schedule("x", app.now()),
                "/payment/storeId",
                json!(store),
            )),
            app.post("/payments/x/instant").json(&with(
                bodies::card_payment(),
                "/storeId",
                json!(store),
            )),
            app.post("/payments/x/billing-key").json(&with(
                bodies::charge("x"),
                "/storeId",
                json!(store),
            )),
            app.post("/payments/x/cancel")
                .json(&with(bodies::cancel(), "/storeId", json!(store))),
            app.post("/payments/x/pre-register")
                .json(&json!({"storeId": store})),
            app.post("/payments/x/resend-webhook")
                .json(&json!({"storeId": store})),
            app.post("/payments/x/escrow/complete")
                .json(&json!({"storeId": store})),
            app.post("/billing-keys")
                .json(&with(bodies::billing_key(), "/storeId", json!(store))),
        ] {
            let answer = request.send().await;
            answers.push(answer.bytes.clone());
            answer.refused(403, "FORBIDDEN");
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "the answers differ");
}

#[tokio::test]
async fn what_belongs_to_another_merchant_is_not_found() {
    let app = app().await;
    let foreign = with(
        bodies::card_payment(),
        "/channelKey",
        json!(OTHER.channels[0]),
    );
    app.post("/payments/x-1/instant")
        .secret(OTHER.secret)
        .json(&foreign)
        .send()
        .await
        .ok();
    let key = issue(&app).await;
    let mut seen = Vec::new();
    for id in ["x-1", "x-nothing"] {
        let answer = app.get(&format!("/payments/{id}")).send().await;
        seen.push(answer.bytes.clone());
        answer.refused(404, "PAYMENT_NOT_FOUND");
        let answer = app
            .post(&format!("/payments/{id}/cancel"))
            .json(&bodies::cancel());
        answer.send().await.refused(404, "PAYMENT_NOT_FOUND");
    }
    assert_eq!(seen[0], seen[1]);
    let path = format!("/billing-keys/{key}");
    app.get(&path)
        .secret(OTHER.secret)
        .send()
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    app.delete(&path)
        .secret(OTHER.secret)
        .send()
        .await
        .refused(404, "BILLING_KEY_NOT_FOUND");
    let charge = app.post("/payments/x-2/billing-key").secret(OTHER.secret);
    let answer = charge.json(&bodies::charge(&key)).send().await;
    answer.refused(404, "BILLING_KEY_NOT_FOUND");
    // The same id is free in every store.
    app.post("/payments/x-1/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    let list = app.get("/payments").secret(OTHER.secret).send().await.ok();
    assert_eq!(list["page"]["totalCount"], 1);
}

#[tokio::test]
async fn a_parent_names_its_sub_store_and_not_the_reverse() {
    let app = app().await;
    let body = with(bodies::card_payment(), "/storeId", json!(SUB.store_id));
    app.post("/payments/s-1/instant")
        .json(&body)
        .send()
        .await
        .ok();
    // Without its name, the payment of a sub-store is not found.
    app.get("/payments/s-1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    let path = format!("/payments/s-1?storeId={}", SUB.store_id);
    assert_eq!(app.get(&path).send().await.ok()["storeId"], SUB.store_id);
    // The sub-store's own credential sees it.
    app.get("/payments/s-1")
        .secret(SUB.secret)
        .send()
        .await
        .ok();
    let path = format!("/payments/s-1?storeId={}", MAIN.store_id);
    app.get(&path)
        .secret(SUB.secret)
        .send()
        .await
        .refused(403, "FORBIDDEN");
    app.post("/payments/s-2/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    let ids = |list: &Value| sorted(list, "id");
    let list = app.get("/payments").send().await.ok();
    assert_eq!(ids(&list), ["s-1", "s-2"]);
    let list = app.get("/payments").secret(SUB.secret).send().await.ok();
    assert_eq!(ids(&list), ["s-1"]);
    let own = json!({"filter": {"storeId": MAIN.store_id}});
    let list = app.get("/payments").json(&own).send().await.ok();
    assert_eq!(ids(&list), ["s-2"]);
}
