//! Escrow logistics and store receipts.

use naru_domain::{ChannelKey, StoreId};
use naru_engine::Secret;
use naru_engine::admin::NewChannel;
use naru_testkit::{Answer, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, text, with};

const CHANNEL: &str = "channel-key-escrow";

/// A server with a channel of the PG's escrow test merchant, on which `id` is paid in escrow.
async fn app_with_escrow(id: &str) -> TestApp {
    let app = app().await;
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "yERbIlJ3NhTeObsA"),
        ("iniapi_iv", "tOGDXbfoajk2DQ=="),
    ];
    let options = [
        ("iniapi_base", "http://pg.test/inicis"),
        ("shop_url", "http://shop.test"),
        ("order_id_inquiry", "true"),
    ];
    let channel = NewChannel {
        store_id: StoreId::new("store-main"),
        name: "escrow".to_owned(),
        key: Some(ChannelKey::new(CHANNEL)),
        id: None,
        pg_provider: "INICIS_V2".to_owned(),
        pg_merchant_id: "iniescrow0".to_owned(),
        is_test: true,
        is_simulated: true,
        secrets: secrets
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .collect(),
        options: options.into_iter().map(owned).collect(),
    };
    app.engine.create_channel(channel).await.expect("a channel");
    pay(&app, id, CHANNEL).await;
    app
}

async fn pay(app: &TestApp, id: &str, channel: &str) {
    let body = with(bodies::card_payment(), "/channelKey", json!(channel));
    let body = with(body, "/isEscrow", json!(true));
    app.post(&format!("/payments/{id}/instant"))
        .json(&body)
        .send()
        .await
        .ok();
}

fn logistics(number: &str) -> Value {
    let party = json!({
        "name": "홍길동", "phoneNumber": "02-123-4567", "zipcode": "04524",
        "address": { "addressLine1": "중구 1", "addressLine2": "2층", "city": "서울시" },
    });
    json!({
        "sender": party, "receiver": party,
        "logistics": {
            "company": "CJ", "invoiceNumber": number, "sentAt": "2026-01-02T09:30:00+09:00",
        },
        "products": [{ "id": "1", "name": "표", "amount": 1000, "quantity": 1 }],
    })
}

/// The code of a PG's refusal.
fn code(answer: Answer) -> String {
    let code = text(&answer.body["pgCode"]);
    answer.refused(502, "PG_PROVIDER");
    code
}

fn path(id: &str) -> String {
    format!("/payments/{id}/escrow/logistics")
}

#[tokio::test]
async fn a_shipment_is_told_corrected_and_shown() {
    let app = app_with_escrow("e-1").await;
    let read = async || app.get("/payments/e-1").send().await.ok()["escrow"].clone();
    assert_eq!(read().await, json!({ "status": "BEFORE_REGISTERED" }));
    let told = app.post(&path("e-1")).json(&logistics("1")).send().await;
    let told = told.ok();
    assert_eq!(told["invoiceNumber"], "1");
    assert_eq!(told["sentAt"], "2026-01-02T00:30:00Z");
    assert!(told["appliedAt"].is_string());
    let changed = app
        .request("PATCH", &path("e-1"))
        .json(&logistics("2"))
        .send()
        .await
        .ok();
    assert!(changed["modifiedAt"].is_string());
    let escrow = read().await;
    assert_eq!(
        (
            &escrow["status"],
            &escrow["company"],
            &escrow["invoiceNumber"]
        ),
        (&json!("REGISTERED"), &json!("CJ"), &json!("2"))
    );
    // What was sent is undone only once its rejection was accepted: the PG's rule.
    let cancel = app.post("/payments/e-1/cancel").json(&bodies::cancel());
    assert_eq!(code(cancel.send().await), "550685");
    let again = app.post(&path("e-1")).json(&logistics("3")).send().await;
    again.refused(502, "PG_PROVIDER");
}

#[tokio::test]
async fn a_sale_that_was_not_sent_is_cancelled_with_its_escrow() {
    let app = app_with_escrow("e-2").await;
    app.post("/payments/e-2/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    let read = app.get("/payments/e-2").send().await.ok();
    assert_eq!(read["escrow"]["status"], "CANCELLED");
    let told = app.post(&path("e-2")).json(&logistics("1")).send().await;
    told.refused(409, "PAYMENT_NOT_PAID");
    let changed = app
        .request("PATCH", &path("e-2"))
        .json(&logistics("1"))
        .send()
        .await;
    changed.refused(409, "PAYMENT_NOT_PAID");
    app.post("/payments/e-2/escrow/complete")
        .json(&json!({}))
        .send()
        .await
        .refused(409, "PAYMENT_NOT_PAID");
    app.post("/payments/e-2/register-store-receipt")
        .json(&sales(json!(91)))
        .send()
        .await
        .refused(409, "PAYMENT_NOT_PAID");
}

#[tokio::test]
async fn escrow_is_what_the_pg_says_it_is() {
    let app = app().await;
    // The PG takes it, but without the contract as an ordinary payment.
    pay(&app, "e-3", "channel-key-main").await;
    let read = app.get("/payments/e-3").send().await.ok();
    assert!(read.get("escrow").is_none());
    let told = app.post(&path("e-3")).json(&logistics("1")).send().await;
    told.refused_field("paymentId");
}

#[tokio::test]
async fn a_purchase_is_confirmed_on_the_pgs_page_only() {
    let app = app_with_escrow("e-4").await;
    let confirm = async |id: &str| {
        app.post(&format!("/payments/{id}/escrow/complete"))
            .json(&json!({}))
            .send()
            .await
    };
    assert_eq!(code(confirm("e-4").await), "NARU_UNSUPPORTED");
    confirm("nothing").await.refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn what_the_pg_needs_of_a_shipment_is_named() {
    let app = app_with_escrow("e-5").await;
    for (pointer, value, field) in [
        ("/products", json!([]), "products"),
        ("/sender", Value::Null, "sender.name"),
        ("/sender/phoneNumber", Value::Null, "sender.phoneNumber"),
        ("/receiver/zipcode", json!(""), "receiver.zipcode"),
        ("/receiver/address", Value::Null, "receiver.address"),
        (
            "/logistics/invoiceNumber",
            json!(" "),
            "logistics.invoiceNumber",
        ),
        ("/logistics/sentAt", json!("today"), "logistics.sentAt"),
    ] {
        let body = with(logistics("1"), pointer, value);
        let told = app.post(&path("e-5")).json(&body).send().await;
        told.refused_field(field);
    }
    for id in ["nothing", "%00"] {
        let told = app.post(&path(id)).json(&logistics("1")).send().await;
        told.refused(404, "PAYMENT_NOT_FOUND");
    }
}

#[tokio::test]
async fn an_unclear_answer_is_told_and_a_refusal_changes_nothing() {
    let app = app_with_escrow("e-6").await;
    app.fault("register_shipment", "decline").await;
    let told = app.post(&path("e-6")).json(&logistics("1")).send().await;
    told.refused(502, "PG_PROVIDER");
    app.fault("register_shipment", "garbage").await;
    let told = app.post(&path("e-6")).json(&logistics("1")).send().await;
    assert_eq!(code(told), "NARU_OUTCOME_UNKNOWN");
    app.fault("register_shipment", "decline").await;
    let told = app
        .request("PATCH", &path("e-6"))
        .json(&logistics("1"))
        .send()
        .await;
    told.refused(502, "PG_PROVIDER");
    let read = app.get("/payments/e-6").send().await.ok();
    assert_eq!(read["escrow"]["status"], "BEFORE_REGISTERED");
}

fn sales(vat: Value) -> Value {
    let item = json!({
        "storeBusinessRegistrationNumber": "123-45-67890", "storeName": "가게",
        "totalAmount": 1000, "taxFreeAmount": 0, "supplyAmount": 909, "currency": "KRW",
    });
    json!({ "items": [with(item, "/vatAmount", vat)] })
}

#[tokio::test]
async fn sales_of_other_stores_are_registered() {
    let app = app_with_payment("s-1").await;
    let register = async |id: &str, body: &Value| {
        app.post(&format!("/payments/{id}/register-store-receipt"))
            .json(body)
            .send()
            .await
    };
    register("s-1", &sales(json!(91))).await.ok();
    register("s-1", &json!({ "items": [] }))
        .await
        .refused_field("items");
    for vat in [Value::Null, json!(90)] {
        register("s-1", &sales(vat))
            .await
            .refused(400, "INVALID_REQUEST");
    }
    register("nothing", &sales(json!(91)))
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    app.fault("register_store_sales", "decline").await;
    register("s-1", &sales(json!(91)))
        .await
        .refused(502, "PG_PROVIDER");
}

/// A PG's id of the money that was taken.
async fn pg_tx_id(app: &TestApp, id: &str) -> String {
    let read = app.get(&format!("/payments/{id}")).send().await.ok();
    text(&read["pgTxId"])
}

async fn escrow_of(app: &TestApp, id: &str) -> Value {
    let read = app.get(&format!("/payments/{id}")).send().await.ok();
    read["escrow"].clone()
}

#[tokio::test]
async fn what_the_customer_says_is_shown() {
    for (word, id, status) in [
        ("confirm", "e-7", "CONFIRMED"),
        ("reject", "e-8", "REJECTED"),
    ] {
        let app = app_with_escrow(id).await;
        app.post(&path(id)).json(&logistics("1")).send().await.ok();
        app.customer_says(&pg_tx_id(&app, id).await, word).await;
        let escrow = escrow_of(&app, id).await;
        assert_eq!(escrow["status"], status);
        assert_eq!(escrow["invoiceNumber"], "1");
        let automatic = &escrow["isAutomaticallyConfirmed"];
        let expected = if word == "confirm" {
            json!(false)
        } else {
            Value::Null
        };
        assert_eq!(*automatic, expected);
        // Lists and single attempts show the same.
        let list = app.get("/payments").send().await.ok();
        assert_eq!(list["items"][0]["escrow"], escrow);
        let attempts = app.get(&format!("/payments/{id}/transactions"));
        assert_eq!(attempts.send().await.ok()["items"][0]["escrow"], escrow);
    }
}

#[tokio::test]
async fn an_accepted_rejection_is_shown_and_lets_the_money_go_back() {
    let app = app_with_escrow("e-9").await;
    app.post(&path("e-9"))
        .json(&logistics("1"))
        .send()
        .await
        .ok();
    app.customer_says(&pg_tx_id(&app, "e-9").await, "reject")
        .await;
    let cancel = || app.post("/payments/e-9/cancel").json(&bodies::cancel());
    assert_eq!(code(cancel().send().await), "550685");
    let store = StoreId::new("store-main");
    let payment = naru_domain::PaymentId::new("e-9");
    let accepted = app.engine.accept_rejection_by_operator(&store, payment);
    accepted.await.expect("an acceptance");
    assert_eq!(escrow_of(&app, "e-9").await["status"], "REJECT_CONFIRMED");
    cancel().send().await.ok();
    let read = app.get("/payments/e-9").send().await.ok();
    assert_eq!(read["status"], "CANCELLED");
    assert_eq!(read["escrow"]["status"], "CANCELLED");
    assert_eq!(read["escrow"]["invoiceNumber"], "1");
}

#[tokio::test]
async fn with_an_idempotency_key_each_of_them_is_done_once() {
    let app = app_with_escrow("e-10").await;
    let calls = async || {
        let books = app.pg.control("GET", "/books", &Value::Null).await;
        books["calls"].as_u64().expect("a number")
    };
    let receipts = "/payments/e-10/register-store-receipt";
    for (index, (method, path, body)) in [
        ("POST", path("e-10"), logistics("1")),
        ("PATCH", path("e-10"), logistics("2")),
        ("POST", receipts.to_owned(), sales(json!(91))),
    ]
    .into_iter()
    .enumerate()
    {
        let send = || {
            let request = app.request(method, &path).json(&body);
            request
                .idempotency_key(&format!("0123456789abcdef-{index}"))
                .send()
        };
        let before = calls().await;
        let (first, again) = (send().await, send().await);
        assert_eq!(calls().await, before + 1, "{method} {path}");
        assert!(
            !first.is_replayed() && again.is_replayed(),
            "{method} {path}"
        );
        assert_eq!((first.status, &first.bytes), (again.status, &again.bytes));
        first.ok();
    }
}

#[tokio::test]
async fn another_stores_payment_is_not_found_and_its_name_is_forbidden() {
    let app = app_with_escrow("e-11").await;
    let complete = json!({});
    for (method, path, body) in [
        ("POST", path("e-11"), logistics("1")),
        ("PATCH", path("e-11"), logistics("1")),
        (
            "POST",
            "/payments/e-11/escrow/complete".to_owned(),
            complete,
        ),
        (
            "POST",
            "/payments/e-11/register-store-receipt".to_owned(),
            sales(json!(91)),
        ),
    ] {
        let request = app.request(method, &path).json(&body);
        let foreign = request.secret(naru_testkit::OTHER.secret).send().await;
        foreign.refused(404, "PAYMENT_NOT_FOUND");
        let named = app.request(
            method,
            &format!("{path}?storeId={}", naru_testkit::OTHER.store_id),
        );
        let body = with(body, "/storeId", json!(naru_testkit::OTHER.store_id));
        named.json(&body).send().await.refused(403, "FORBIDDEN");
    }
    assert_eq!(escrow_of(&app, "e-11").await["status"], "BEFORE_REGISTERED");
}

#[tokio::test]
async fn as_many_sales_as_one_call_takes() {
    let app = app_with_payment("s-2").await;
    let many = |count: usize| {
        let one = sales(json!(91))["items"][0].clone();
        json!({ "items": vec![one; count] })
    };
    let register = async |count: usize| {
        let request = app.post("/payments/s-2/register-store-receipt");
        request.json(&many(count)).send().await
    };
    register(101).await.refused_field("items");
    register(100).await.ok();
}
