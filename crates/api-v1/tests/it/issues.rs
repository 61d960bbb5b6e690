//! A billing key issued in a window: a payment on this face, a billing key alone on the other, and
//! no money in any book.

use naru_domain::{MethodKind, OfferPeriod, StoreId};
use naru_engine::audit::AuditPart;
use naru_store::{Query, tables};
use naru_testkit::{MAIN, OTHER};
use serde_json::{Value, json};

use crate::windows::{bed, end, open, order, play};
use crate::{Bed, merged, text};

/// What a page gives to `IMP.request_pay` that has a card registered.
pub fn issue(merchant_uid: &str, more: &Value) -> Value {
    let key = json!({
        "channelKey": MAIN.channels[1], "customer_uid": "customer-1", "amount": 0,
        "custom_data": { "cart": 7 },
    });
    order(merchant_uid, &merged(key, more))
}

/// The issue as its callback is told.
pub async fn issued(bed: &Bed, merchant_uid: &str, more: &Value) -> Value {
    let token = open(bed, &issue(merchant_uid, more)).await;
    let told = play(bed, &token, &Value::Null).await;
    assert_eq!(told["success"], true, "{told}");
    told
}

async fn find(bed: &Bed, path: &str) -> Value {
    bed.get(&format!("/payments/{path}")).send().await.ok()
}

#[tokio::test]
async fn an_issue_reads_as_a_payment_of_nothing() {
    let bed = bed().await;
    let told = issued(&bed, "order-1", &json!({})).await;
    let imp_uid = text(&told["imp_uid"]);
    assert!(
        imp_uid
            .strip_prefix("imp_")
            .is_some_and(|rest| rest.len() == 12),
        "{imp_uid}"
    );
    let read = find(&bed, &imp_uid).await;
    let expected = json!({
        "imp_uid": imp_uid, "merchant_uid": "order-1", "pay_method": "card", "channel": "pc",
        "pg_provider": "html5_inicis", "emb_pg_provider": null, "pg_tid": read["pg_tid"],
        "pg_id": read["pg_id"], "sandbox": true, "escrow": false, "apply_num": null,
        "bank_code": null, "bank_name": null, "card_code": read["card_code"],
        "card_name": read["card_name"], "card_issuer_code": read["card_issuer_code"],
        "card_issuer_name": read["card_issuer_name"],
        "card_publisher_code": read["card_publisher_code"],
        "card_publisher_name": read["card_publisher_name"], "card_quota": 0,
        "card_number": read["card_number"], "card_type": read["card_type"],
        "vbank_code": null, "vbank_name": null, "vbank_num": null, "vbank_holder": null,
        "vbank_date": 0, "vbank_issued_at": 0, "name": "나룻배 표", "amount": 0,
    });
    let rest = json!({
        "cancel_amount": 0, "currency": "KRW", "buyer_name": "홍길동",
        "buyer_email": "hong@shop.test", "buyer_tel": "010-1234-5678", "buyer_addr": null,
        "buyer_postcode": null, "custom_data": "{\"cart\":7}", "user_agent": "a browser",
        "status": "paid", "started_at": read["started_at"], "paid_at": read["paid_at"],
        "failed_at": 0, "cancelled_at": 0, "fail_reason": null, "cancel_reason": null,
        "receipt_url": null, "cancel_history": [], "cancel_receipt_urls": [],
        "cash_receipt_issued": false, "customer_uid": "customer-1",
        "customer_uid_usage": "issue", "promotion": null,
    });
    assert_eq!(read, merged(expected, &rest));
    let now = bed.app.engine.clock().business().as_seconds();
    for at in ["started_at", "paid_at"] {
        let at = read[at].as_i64().unwrap();
        assert!((now - 60..=now).contains(&at), "{read}");
    }
    let kept = bed.get("/subscribe/customers/customer-1").send().await.ok();
    for field in [
        "card_name",
        "card_code",
        "card_number",
        "card_type",
        "pg_id",
    ] {
        assert!(!read[field].is_null(), "{field}: {read}");
        assert_eq!(read[field], kept[field], "{field}");
    }
    assert!(!read["pg_tid"].is_null(), "{read}");
    // The callback says the same.
    for (told_as, field) in [
        ("status", "status"),
        ("pay_method", "pay_method"),
        ("paid_amount", "amount"),
        ("pg_tid", "pg_tid"),
        ("paid_at", "paid_at"),
        ("merchant_uid", "merchant_uid"),
        ("customer_uid", "customer_uid"),
    ] {
        assert_eq!(told[told_as], read[field], "{told_as}");
    }
    assert_eq!(told["custom_data"], json!({ "cart": 7 }));
}

#[tokio::test]
async fn it_is_found_by_each_of_its_ids() {
    let bed = bed().await;
    let told = issued(&bed, "order-1", &json!({})).await;
    let imp_uid = text(&told["imp_uid"]);
    let read = find(&bed, &imp_uid).await;
    for path in [
        "find/order-1",
        "find/order-1/paid",
        "find/order-1/all",
        "find/order-1?sorting=updated",
    ] {
        assert_eq!(find(&bed, path).await, read, "{path}");
    }
    for path in ["findAll/order-1", "findAll/order-1/paid"] {
        let page = find(&bed, path).await;
        assert_eq!(page["total"], 1, "{path}");
        assert_eq!(page["list"], json!([read]), "{path}");
    }
    for path in [
        "find/order-1/ready",
        "find/order-1/failed",
        "find/order-1/cancelled",
        "findAll/order-1/failed",
        "find/order-2",
        "find/order-",
    ] {
        let found = bed.get(&format!("/payments/{path}")).send().await;
        assert_eq!(found.refused(404, -1), "존재하지 않는 결제정보입니다.");
    }
    let one = format!("?imp_uid[]={imp_uid}&merchant_uid[]=order-1");
    let several = bed.get(&format!("/payments{one}")).send().await.ok();
    assert_eq!(several, json!([read]), "one that is meant by both ids");
    let some = bed.get(&format!("/payments{one}&imp_uid[]=imp_1"));
    let some = some.send().await;
    assert_eq!((some.status, &some.body["response"]), (207, &json!([read])));
    let spaced = issued(&bed, "order 3", &json!({})).await;
    let found = find(&bed, "find/order+3").await;
    assert_eq!(found["imp_uid"], spaced["imp_uid"]);
}

#[tokio::test]
async fn another_store_and_a_caller_without_tests_do_not_see_it() {
    let bed = bed().await;
    let told = issued(&bed, "order-1", &json!({})).await;
    let imp_uid = text(&told["imp_uid"]);
    let other = bed.log_in(&OTHER).await;
    for path in [imp_uid.as_str(), "find/order-1", "findAll/order-1"] {
        let asked = bed.get(&format!("/payments/{path}"));
        let found = asked.header("authorization", &other).send().await;
        found.refused(404, -1);
    }
    let live = format!("/payments/{imp_uid}?include_sandbox=false");
    bed.get(&live).send().await.refused(404, -1);
}

#[tokio::test]
async fn a_window_reads_by_where_it_stands() {
    let bed = bed().await;
    let token = open(&bed, &issue("order-1", &json!({}))).await;
    let waits = find(&bed, "find/order-1").await;
    assert_eq!(
        (&waits["status"], &waits["paid_at"], &waits["failed_at"]),
        (&json!("ready"), &json!(0), &json!(0))
    );
    assert_eq!(
        (&waits["customer_uid_usage"], &waits["card_number"]),
        (&json!("issue"), &Value::Null)
    );
    let told = play(&bed, &token, &json!({ "action": "leave" })).await;
    assert_eq!(told["success"], false);
    let failed = find(&bed, &text(&told["imp_uid"])).await;
    assert_eq!(failed["imp_uid"], waits["imp_uid"]);
    assert_eq!(
        (&failed["status"], &failed["paid_at"]),
        (&json!("failed"), &json!(0))
    );
    assert!(failed["failed_at"].as_i64().unwrap() > 0);
    assert_eq!(failed["fail_reason"], told["error_msg"]);
    // Nothing was registered.
    bed.get("/subscribe/customers/customer-1")
        .send()
        .await
        .refused(200, 1);
    // What the PG refuses reads so as well.
    bed.app.move_clock_s(60).await;
    let token = open(&bed, &issue("order-1", &json!({}))).await;
    bed.app.fault("approve_window", "decline").await;
    assert_eq!(play(&bed, &token, &Value::Null).await["success"], false);
    assert_eq!(end(&bed, &token).await["status"], "failed");
    let page = find(&bed, "findAll/order-1/failed").await;
    assert_eq!(page["total"], 2);
    let newest_first = &page["list"];
    assert_eq!(newest_first[1]["imp_uid"], waits["imp_uid"]);
    assert_ne!(newest_first[0]["imp_uid"], waits["imp_uid"]);
}

#[tokio::test]
async fn what_the_window_shows_is_not_what_was_paid() {
    let bed = bed().await;
    let told = issued(&bed, "order-1", &json!({ "amount": 3_900 })).await;
    assert_eq!(told["paid_amount"], 0);
    assert_eq!(find(&bed, "find/order-1").await["amount"], 0);
}

#[tokio::test]
async fn an_issue_and_payments_may_share_a_merchant_uid() {
    let bed = bed().await;
    let first = issued(&bed, "order-1", &json!({})).await;
    bed.app.move_clock_s(60).await;
    let body = json!({
        "customer_uid": "customer-1", "merchant_uid": "order-1", "amount": 1_000,
        "name": "나룻배 표",
    });
    let paid = bed.post("/subscribe/payments/again").json(&body).send();
    let paid = paid.await.ok();
    bed.app.move_clock_s(60).await;
    let second = issued(&bed, "order-1", &json!({})).await;
    let page = find(&bed, "findAll/order-1").await;
    let ids = page["list"].as_array().unwrap().iter();
    let ids: Vec<_> = ids.map(|one| one["imp_uid"].clone()).collect();
    let expected = [&second, &paid, &first].map(|one| one["imp_uid"].clone());
    assert_eq!(ids, expected);
    let page = find(&bed, "findAll/order-1?limit=1&page=2&sorting=started").await;
    assert_eq!(
        (&page["total"], &page["previous"], &page["next"]),
        (&json!(3), &json!(1), &json!(3))
    );
    assert_eq!(page["list"][0]["imp_uid"], paid["imp_uid"]);
    let several = bed
        .get("/payments?merchant_uid[]=order-1")
        .send()
        .await
        .ok();
    assert_eq!(
        several[0]["imp_uid"], paid["imp_uid"],
        "the payment is what counts"
    );
    let body = json!({ "merchant_uid": "order-1" });
    let cancelled = bed.post("/payments/cancel").json(&body).send().await.ok();
    assert_eq!(cancelled["imp_uid"], paid["imp_uid"]);
}

#[tokio::test]
async fn v2_has_a_billing_key_and_no_payment_of_it() {
    let bed = bed().await;
    let told = issued(&bed, "order-1", &json!({ "amount": 3_900 })).await;
    bed.app.settle().await;
    for id in ["order-1", &text(&told["imp_uid"])] {
        let path = format!("/payments/{id}");
        let found = bed.app.get(&path).send().await;
        found.refused(404, "PAYMENT_NOT_FOUND");
    }
    let key = bed.app.get("/billing-keys/customer-1").send().await.ok();
    assert_eq!(
        (&key["status"], &key["customData"], &key["issueId"]),
        (&json!("ISSUED"), &json!("{\"cart\":7}"), &json!("order-1"))
    );
    for path in ["/payments", "/payment-schedules"] {
        let list = bed.app.get(path).send().await.ok();
        assert_eq!(list["page"]["totalCount"], 0, "{path}");
    }
    let keys = bed.app.get("/billing-keys").send().await.ok();
    assert_eq!(keys["page"]["totalCount"], 1);
    assert!(bed.app.captures().await.is_empty());
    let all = bed.get("/payments/status/all").send().await.ok();
    assert_eq!(all["total"], 0, "lists are of payments");
}

#[tokio::test]
async fn there_is_nothing_to_cancel() {
    let bed = bed().await;
    let told = issued(&bed, "order-1", &json!({})).await;
    for body in [
        json!({ "imp_uid": told["imp_uid"] }),
        json!({ "merchant_uid": "order-1" }),
    ] {
        let answer = bed.post("/payments/cancel").json(&body).send().await;
        assert_eq!(answer.refused(200, 1), "취소할 결제건이 존재하지 않습니다.");
    }
    // Deleting the key leaves what happened as it is.
    bed.delete("/subscribe/customers/customer-1")
        .send()
        .await
        .ok();
    assert_eq!(find(&bed, "find/order-1").await["status"], "paid");
}

/// A key of a phone bill comes with its first payment, which is one on both faces.
#[tokio::test]
async fn a_payment_whose_window_issued_its_key_says_so() {
    let bed = Bed::new().await;
    let mut asked = naru_testkit::window("order-1");
    asked.issues_key = true;
    asked.method = MethodKind::Mobile;
    asked.wishes.product_type = Some("REAL".to_owned());
    asked.wishes.offer_period = Some(OfferPeriod::Interval("1m".to_owned()));
    let opened = bed.app.open_window(asked).await.unwrap();
    assert_eq!(
        find(&bed, "find/order-1").await["customer_uid_usage"],
        Value::Null,
        "no key yet"
    );
    bed.app.come_back(&opened).await.unwrap();
    let paid = bed.app.get("/payments/order-1").send().await.ok();
    let found = find(&bed, "find/order-1").await;
    assert_eq!(
        (&found["status"], &found["amount"], &found["customer_uid"]),
        (&json!("paid"), &json!(1000), &paid["billingKey"])
    );
    assert_eq!(found["customer_uid_usage"], "issue");
}

/// Nothing that reads money sees an issue: no payment, no facts of one, no entry of the ledger, and
/// the audit has nothing to say.
#[tokio::test]
async fn no_book_knows_of_it() {
    let bed = bed().await;
    issued(&bed, "order-1", &json!({ "amount": 3_900 })).await;
    bed.app.settle().await;
    let engine = &bed.app.engine;
    let books = [
        &tables::PAYMENTS,
        &tables::PAYMENT_FACTS,
        &tables::LEDGER,
        &tables::COMPARISONS,
        &tables::DISCREPANCIES,
    ];
    for table in books {
        let rows = engine.store().scan(Query::of(table, 10)).await.unwrap();
        assert!(rows.is_empty(), "{}: {rows:?}", table.name);
    }
    let store = StoreId::new(MAIN.store_id);
    for part in AuditPart::ALL {
        let page = engine.audit(&store, (part, None), 100).await.unwrap();
        assert!(page.findings.is_empty(), "{:?}", page.findings);
    }
}
