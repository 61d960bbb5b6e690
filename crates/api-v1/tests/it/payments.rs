//! Reading payments.

use naru_testkit::OTHER;
use serde_json::{Value, json};

use crate::{Bed, onetime, text};

const NOT_FOUND: &str = "존재하지 않는 결제정보입니다.";

#[tokio::test]
async fn a_payment_has_every_field_and_nothing_is_left_out() {
    let bed = Bed::new().await;
    let body = json!({
        "custom_data": { "a": 1 }, "buyer_addr": "", "card_quota": 0,
        "notice_url": ["http://shop.test/a"],
    });
    let body = crate::merged(onetime("order-1", 1_000), &body);
    let asking = bed.post("/subscribe/payments/onetime").json(&body);
    let paid = asking.header("user-agent", "shop/1").send().await.ok();
    let imp_uid = text(&paid["imp_uid"]);
    let digits = imp_uid.strip_prefix("imps_").unwrap();
    assert!(digits.len() == 12 && digits.bytes().all(|byte| byte.is_ascii_digit()));
    let read = bed.get(&format!("/payments/{imp_uid}")).send().await.ok();
    assert_eq!(read, paid);
    let expected = json!({
        "merchant_uid": "order-1", "pay_method": "card", "channel": "api",
        "pg_provider": "html5_inicis", "emb_pg_provider": null, "pg_id": "INIpayTest",
        "sandbox": true, "escrow": false, "bank_code": null, "bank_name": null, "card_quota": 0,
        "vbank_code": null, "vbank_name": null, "vbank_num": null, "vbank_holder": null,
        "vbank_date": 0, "vbank_issued_at": 0, "name": "나룻배 표", "amount": 1000,
        "cancel_amount": 0, "currency": "KRW", "buyer_name": "홍길동",
        "buyer_email": "hong@shop.test", "buyer_tel": "010-1234-5678", "buyer_addr": "",
        "buyer_postcode": null, "custom_data": "{\"a\":1}", "user_agent": "shop/1",
        "status": "paid", "failed_at": 0, "cancelled_at": 0, "fail_reason": null,
        "cancel_reason": null, "cancel_history": [], "cancel_receipt_urls": [],
        "cash_receipt_issued": false, "customer_uid": null, "customer_uid_usage": null,
        "promotion": null,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&paid[name], value, "{name}");
    }
    assert!(paid["paid_at"].as_i64().unwrap() > 0 && paid["started_at"].as_i64().unwrap() > 0);
    assert!(paid["apply_num"].is_string() && paid["pg_tid"].is_string());
    // Every field of the contract is there, but for those of operations that are not.
    let missing: Vec<_> = ["deposit_history"]
        .iter()
        .filter(|it| paid.get(**it).is_some())
        .collect();
    assert!(missing.is_empty());
}

#[tokio::test]
async fn lookups_find_what_there_is_and_say_what_there_is_not() {
    let bed = Bed::new().await;
    let paid = bed.pay("order-1", 1_000).await;
    let imp_uid = text(&paid["imp_uid"]);
    for path in [
        "/payments/imps_000000000000",
        "/payments/nonsense",
        "/payments/find/none",
        "/payments/find/order-1/failed",
        "/payments/findAll/none",
        "/payments/findAll/order-1?page=2",
        "/payments?imp_uid[]=none",
        "/payments",
    ] {
        assert_eq!(
            bed.get(path).send().await.refused(404, -1),
            NOT_FOUND,
            "{path}"
        );
    }
    let hidden = bed.get(&format!("/payments/{imp_uid}?include_sandbox=false"));
    assert_eq!(hidden.send().await.refused(404, -1), NOT_FOUND);
    bed.get(&format!("/payments/{imp_uid}?include_sandbox=true"))
        .send()
        .await
        .ok();
    let some = bed
        .get(&format!("/payments?imp_uid[]={imp_uid}&imp_uid[]=none"))
        .send()
        .await;
    assert_eq!((some.status, &some.body["response"][0]), (207, &paid));
    let many = (0..101)
        .map(|i| format!("imp_uid[]={i}"))
        .collect::<Vec<_>>()
        .join("&");
    let too_many = bed.get(&format!("/payments?{many}")).send().await;
    assert!(!too_many.refused(200, 1).is_empty());
    let balance = bed
        .get(&format!("/payments/{imp_uid}/balance"))
        .send()
        .await;
    assert_eq!(
        balance.refused(404, -1),
        "(현재는 PAYCO, KCP만 지원됩니다) 결제건에 대한 금액상세정보가 확인되지 않습니다. \
         결제 상태가 paid 또는 cancelled가 아닌 경우 확인되지 않습니다."
    );
    let other = bed.log_in(&OTHER).await;
    for path in [
        format!("/payments/{imp_uid}"),
        "/payments/find/order-1".to_owned(),
    ] {
        let foreign = bed.get(&path).header("authorization", &other);
        assert_eq!(foreign.send().await.refused(404, -1), NOT_FOUND);
    }
}

#[tokio::test]
async fn every_attempt_has_an_imp_uid_of_its_own() {
    let bed = Bed::new().await;
    let mut body = onetime("order-1", 1_000);
    body["card_number"] = json!("9000000000120049");
    let declined = bed
        .post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await;
    assert!(
        declined
            .refused(200, -1)
            .starts_with("카드정보 인증에 실패하였습니다. [120049]")
    );
    let failed = bed.get("/payments/find/order-1").send().await.ok();
    assert_eq!(failed["status"], "failed");
    assert!(failed["failed_at"].as_i64().unwrap() > 0 && failed["fail_reason"].is_string());
    bed.app.move_clock_s(10).await;
    let paid = bed.pay("order-1", 1_000).await;
    assert_ne!(paid["imp_uid"], failed["imp_uid"]);
    let find = async |path: &str| bed.get(path).send().await.ok();
    assert_eq!(
        find("/payments/find/order-1").await["imp_uid"],
        paid["imp_uid"]
    );
    assert_eq!(
        find("/payments/find/order-1/failed").await["imp_uid"],
        failed["imp_uid"]
    );
    assert_eq!(
        find("/payments/find/order-1?sorting=started").await["status"],
        "failed"
    );
    let all = find("/payments/findAll/order-1").await;
    assert_eq!(
        (&all["total"], &all["previous"], &all["next"]),
        (&json!(2), &json!(0), &json!(0))
    );
    assert_eq!(all["list"][0]["imp_uid"], paid["imp_uid"]);
    assert_eq!(find("/payments/findAll/order-1?limit=1").await["next"], 2);
    let second = find("/payments/findAll/order-1?limit=1&page=2").await;
    assert_eq!(
        (&second["previous"], &second["list"][0]["status"]),
        (&json!(1), &json!("failed"))
    );
    let failed_uid = text(&failed["imp_uid"]);
    let read = find(&format!("/payments/{failed_uid}")).await;
    assert_eq!(read["status"], "failed");
}

#[tokio::test]
async fn lists_by_status_add_up() {
    let bed = Bed::new().await;
    for number in 0..5 {
        bed.pay(&format!("paid-{number}"), 1_000).await;
    }
    for number in 0..3 {
        let uid = format!("cancelled-{number}");
        bed.pay(&uid, 1_000).await;
        let body = json!({ "merchant_uid": uid, "amount": 100 });
        bed.post("/payments/cancel").json(&body).send().await.ok();
    }
    let mut body = onetime("failed-0", 1_000);
    body["card_number"] = json!("9000000000120049");
    bed.post("/subscribe/payments/onetime")
        .json(&body)
        .send()
        .await
        .refused(200, -1);
    let total = async |status: &str| {
        let list: Value = bed
            .get(&format!("/payments/status/{status}"))
            .send()
            .await
            .ok();
        list["total"].as_i64().unwrap()
    };
    let mut sum = 0;
    for (status, count) in [("ready", 0), ("paid", 5), ("cancelled", 3), ("failed", 1)] {
        assert_eq!(total(status).await, count, "{status}");
        sum += count;
    }
    assert_eq!(total("all").await, sum);
    let page = bed
        .get("/payments/status/paid?limit=2&page=2&sorting=paid")
        .send()
        .await
        .ok();
    assert_eq!(
        (
            &page["previous"],
            &page["next"],
            page["list"].as_array().unwrap().len()
        ),
        (&json!(1), &json!(3), 2)
    );
    let empty = bed.get("/payments/status/ready").send().await.ok();
    assert_eq!(
        empty,
        json!({ "total": 0, "previous": 0, "next": 0, "list": [] })
    );
}

#[tokio::test]
async fn windows_are_inclusive_and_bounded() {
    let bed = Bed::new().await;
    let paid = bed.pay("order-1", 1_000).await;
    let at = paid["paid_at"].as_i64().unwrap();
    let total = async |query: &str| {
        let list = bed
            .get(&format!("/payments/status/paid?{query}"))
            .send()
            .await
            .ok();
        list["total"].as_i64().unwrap()
    };
    assert_eq!(total(&format!("from={at}&to={at}")).await, 1);
    assert_eq!(total(&format!("from={}&to={}", at + 1, at + 2)).await, 0);
    assert_eq!(total(&format!("from={}&to={}", at - 2, at - 1)).await, 0);
    for path in [
        "/payments/status/absurd".to_owned(),
        format!("/payments/status/paid?from={}&to={at}", at - 91 * 86_400),
        format!("/payments/status/paid?from={at}&to={}", at - 1),
        "/payments/status/paid?from=x".to_owned(),
        "/payments/status/paid?limit=1001".to_owned(),
        "/payments/status/paid?limit=0".to_owned(),
        "/payments/status/paid?sorting=price".to_owned(),
        "/payments/status/paid?page=2".to_owned(),
    ] {
        assert!(
            !bed.get(&path).send().await.refused(400, -1).is_empty(),
            "{path}"
        );
    }
    let absurd = bed.get("/payments/status/absurd").send().await;
    assert_eq!(absurd.refused(400, -1), "지원되지 않는 상태값입니다.");
    assert_eq!(total("page=0").await, 1, "as one client counts");
}
