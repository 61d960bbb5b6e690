//! `getPayment`, `getPaymentTransactions`: what a payment looks like in each status.

use naru_engine::EngineConfig;
use naru_testkit::{MAIN, TestApp, TestAppOptions, bodies};
use serde_json::json;

use crate::{app, app_with_payment, text, with};

fn is_whole(time: &str) -> bool {
    time.len() == "2026-01-01T00:00:00Z".len() && time.ends_with('Z')
}

#[tokio::test]
async fn a_paid_payment_shows_what_the_contract_promises() {
    let app = app_with_payment("r-1").await;
    let paid = app.get("/payments/r-1").send().await.ok();
    assert_eq!(paid["status"], "PAID");
    assert_eq!(
        (&paid["id"], &paid["storeId"]),
        (&json!("r-1"), &json!(MAIN.store_id))
    );
    assert_eq!(paid["merchantId"], MAIN.merchant_id);
    assert_eq!(paid["version"], "V2");
    assert_eq!(paid["promotionId"], "");
    assert_eq!(paid["isCulturalExpense"], false);
    assert_eq!(paid["disputes"], json!([]));
    for absent in [
        "products",
        "customData",
        "country",
        "escrow",
        "cancellations",
        "webhookz",
    ] {
        assert!(paid.get(absent).is_none(), "{absent}");
    }
    assert!(is_whole(&text(&paid["paidAt"])));
    assert_eq!(paid["paidAt"], paid["statusChangedAt"]);
    assert!(text(&paid["updatedAt"]).ends_with('Z'));
    assert_eq!(paid["channel"]["type"], "TEST");
    assert_eq!(paid["channel"]["key"], MAIN.channels[0]);
    assert_eq!(paid["channel"]["pgProvider"], "INICIS_V2");
    assert_eq!(paid["channel"]["pgMerchantId"], "INIpayTest");
    let method = &paid["method"];
    assert_eq!(method["type"], "PaymentMethodCard");
    assert_eq!(
        method["installment"],
        json!({"month": 0, "isInterestFree": false})
    );
    assert!(!text(&method["approvalNumber"]).is_empty());
    assert!(!paid.to_string().contains("4111111111111111"));
    assert!(!text(&paid["pgResponse"]).is_empty());
    assert_eq!(paid["amount"]["vat"], 91);
}

#[tokio::test]
async fn a_transaction_is_an_attempt_with_its_own_webhooks() {
    let app = app().await;
    let declined = bodies::card_number("9000000000120049");
    let declined = with(bodies::card_payment(), "/method/card/credential", declined);
    let pay = |body: &serde_json::Value| app.post("/payments/r-2/instant").json(body);
    pay(&declined).send().await.refused(502, "PG_PROVIDER");
    pay(&bodies::card_payment()).send().await.ok();
    app.settle().await;
    let payment = app.get("/payments/r-2").send().await.ok();
    let all = app.get("/payments/r-2/transactions").send().await.ok();
    let [failed, paid] = all["items"].as_array().unwrap().as_slice() else {
        panic!("two transactions: {all}");
    };
    assert_eq!(paid["id"], payment["transactionId"]);
    assert_eq!(
        (&failed["paymentId"], &paid["paymentId"]),
        (&json!("r-2"), &json!("r-2"))
    );
    assert_eq!(failed["webhooks"].as_array().unwrap().len(), 1);
    assert_eq!(failed["webhooks"][0]["paymentStatus"], "FAILED");
    assert_eq!(paid["webhooks"][0]["paymentStatus"], "PAID");
    assert_eq!(payment["webhooks"].as_array().unwrap().len(), 2);
    assert!(
        text(&failed["id"]) < text(&paid["id"]),
        "ids are ordered by time"
    );
}

#[tokio::test]
async fn an_unknown_payment_is_not_found_whatever_its_id() {
    let app = app().await;
    let long = "x".repeat(5000);
    for id in [
        "nothing",
        "%20",
        "%00",
        "%2e%2e",
        "'%20OR%201=1",
        "%ED%95%9C",
        &long,
    ] {
        for tail in ["", "/transactions"] {
            let path = format!("/payments/{id}{tail}");
            app.get(&path)
                .send()
                .await
                .refused(404, "PAYMENT_NOT_FOUND");
        }
    }
    // Not UTF-8: no id at all.
    let message = app
        .get("/payments/%ff")
        .send()
        .await
        .refused(400, "INVALID_REQUEST");
    assert!(message.contains("path"));
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_pending_and_ends_failed_with_the_money_given_back() {
    let config = EngineConfig {
        request_budget_ms: 300,
        ..EngineConfig::default()
    };
    let options = TestAppOptions {
        config: Some(config),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    // The PG captures and its answer is lost; nobody answers inquiries either.
    app.faults("inquiry", "http_500", 1_000).await;
    app.fault("pay_card", "drop_after").await;
    let pay = || {
        let request = app.post("/payments/r-3/instant");
        request.json(&bodies::card_payment()).send()
    };
    let answer = pay().await;
    assert_eq!(answer.body["pgCode"], "NARU_OUTCOME_UNKNOWN");
    answer.refused(502, "PG_PROVIDER");
    let read = app.get("/payments/r-3").send().await.ok();
    assert_eq!(read["status"], "PAY_PENDING");
    let filter = json!({"filter": {"status": ["PENDING"]}});
    let list = app.get("/payments").json(&filter).send().await.ok();
    assert_eq!(list["items"][0]["id"], "r-3");
    // Nothing new is begun meanwhile, and nothing can be cancelled.
    assert_eq!(pay().await.body["pgCode"], "NARU_OUTCOME_UNKNOWN");
    let cancel = app.post("/payments/r-3/cancel").json(&bodies::cancel());
    cancel.send().await.refused(409, "PAYMENT_NOT_PAID");
    app.clear_faults().await;
    for _ in 0..3 {
        app.resolve_all().await;
    }
    let read = app.get("/payments/r-3").send().await.ok();
    assert_eq!(read["status"], "FAILED");
    assert!(app.captures().await.is_empty());
    pay().await.ok();
}
