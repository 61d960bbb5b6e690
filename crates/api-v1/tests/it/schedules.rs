//! Payments that begin by themselves: made, moved, taken back, tried again, listed.

use naru_engine::records::PayloadFormat;
use serde_json::{Value, json};

use crate::{Bed, merged, text};

const BASE: &str = "/subscribe/payments/schedule";
/// More than the minute of grace of a schedule, and far less than a token lives.
const STEP_S: i64 = 120;

/// An item of a call: a thousand won, due in so many seconds.
fn item(bed: &Bed, merchant_uid: &str, in_s: i64) -> Value {
    json!({
        "merchant_uid": merchant_uid, "amount": 1_000, "name": "정기 승선권",
        "schedule_at": bed.app.now().as_seconds() + in_s,
    })
}

async fn schedule(bed: &Bed, merchant_uids: &[&str], in_s: i64) -> Value {
    let items: Vec<Value> = merchant_uids
        .iter()
        .map(|uid| item(bed, uid, in_s))
        .collect();
    let body = json!({ "customer_uid": "c-1", "schedules": items });
    bed.post(BASE).json(&body).send().await.ok()
}

async fn bed_with_customer() -> Bed {
    let bed = Bed::new().await;
    bed.save("c-1").await;
    bed
}

async fn read(bed: &Bed, merchant_uid: &str) -> Value {
    bed.get(&format!("{BASE}/{merchant_uid}")).send().await.ok()
}

async fn due(bed: &Bed, in_s: i64) {
    bed.app.move_clock_s(in_s).await;
    bed.app.settle().await;
}

/// A schedule of a card that the PG declines, come due.
async fn declined(bed: &Bed, merchant_uid: &str) {
    schedule(bed, &[merchant_uid], STEP_S).await;
    bed.app.fault("charge_billing_key", "decline").await;
    due(bed, STEP_S).await;
    let read = read(bed, merchant_uid).await;
    assert_eq!(read["payment_status"], "failed", "{read}");
}

#[tokio::test]
async fn what_is_scheduled_waits_and_is_charged_once() {
    let bed = bed_with_customer().await;
    let made = schedule(&bed, &["s-1", "s-2"], STEP_S).await;
    let uids: Vec<&str> = made
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["merchant_uid"].as_str().unwrap())
        .collect();
    assert_eq!(uids, ["s-1", "s-2"], "in the order of the request");
    let waits = read(&bed, "s-1").await;
    assert_eq!(
        (
            &waits["schedule_status"],
            &waits["payment_status"],
            &waits["imp_uid"],
            &waits["executed_at"],
            &waits["customer_uid"],
            &waits["buyer_name"],
        ),
        (
            &json!("scheduled"),
            &Value::Null,
            &Value::Null,
            &json!(0),
            &json!("c-1"),
            &json!("홍길동"),
        )
    );
    bed.get("/payments/find/s-1").send().await.refused(404, -1);
    due(&bed, STEP_S).await;
    let done = read(&bed, "s-1").await;
    assert_eq!(
        (&done["schedule_status"], &done["payment_status"]),
        (&json!("executed"), &json!("paid"))
    );
    assert!(done["executed_at"].as_i64().unwrap() >= done["schedule_at"].as_i64().unwrap());
    let payment = bed.get("/payments/find/s-1").send().await.ok();
    assert_eq!(
        (&payment["imp_uid"], &payment["customer_uid_usage"]),
        (&done["imp_uid"], &json!("payment.scheduled"))
    );
    assert!(text(&payment["imp_uid"]).starts_with("imps_"));
    due(&bed, STEP_S).await;
    assert_eq!(bed.app.captures().await, [1_000, 1_000]);
}

#[tokio::test]
async fn all_or_none_and_why() {
    let bed = Bed::new().await;
    let call = async |body: &Value| bed.post(BASE).json(body).send().await;
    let body = json!({ "customer_uid": "c-1", "schedules": [item(&bed, "s-1", STEP_S)] });
    assert_eq!(
        call(&body).await.refused(200, 1),
        "등록된 고객정보가 없습니다."
    );
    bed.save("c-1").await;
    for (place, value) in [
        ("schedules", json!([])),
        ("schedules", json!([{ "merchant_uid": "s-1" }])),
        ("schedules", json!([item(&bed, "s-1", -10)])),
        (
            "schedules",
            json!([item(&bed, "s-1", 60), item(&bed, "s-1", 61)]),
        ),
        (
            "schedules",
            json!([
                item(&bed, "s-1", 60),
                merged(item(&bed, "s-2", 60), &json!({"amount": 0}))
            ]),
        ),
        (
            "schedules",
            json!([merged(
                item(&bed, "s-1", 60),
                &json!({"schedule_at": 1_700_000_000_000_i64})
            )]),
        ),
        ("customer_uid", Value::Null),
    ] {
        call(&merged(body.clone(), &json!({ place: value })))
            .await
            .refused(200, 1);
    }
    // One that is taken takes the others with it.
    call(&body).await.ok();
    let two = json!([item(&bed, "s-2", STEP_S), item(&bed, "s-1", STEP_S)]);
    let again = call(&merged(body, &json!({ "schedules": two }))).await;
    let message = again.refused(200, 1);
    assert!(
        message.contains("이미") && message.contains("s-1"),
        "{message}"
    );
    bed.get(&format!("{BASE}/s-2"))
        .send()
        .await
        .refused(404, -1);
    assert_eq!(bed.app.captures().await, [0_i64; 0]);
}

#[tokio::test]
async fn a_card_that_comes_along_is_checked_and_kept() {
    let bed = Bed::new().await;
    let with_card = |number: &str, checking: i64| {
        let card = merged(crate::card(), &json!({ "card_number": number }));
        let order = merged(
            item(&bed, "s-1", STEP_S),
            &json!({ "buyer_name": "홍길동", "buyer_email": "hong@shop.test",
                     "buyer_tel": "010-1234-5678" }),
        );
        let body = json!({
            "customer_uid": "c-1", "schedules": [order], "checking_amount": checking,
        });
        merged(card, &body)
    };
    for checking in [0, 100] {
        let bad = bed
            .post(BASE)
            .json(&with_card("9000-0000-0012-0049", checking))
            .send()
            .await;
        let message = bad.refused(200, 1);
        assert!(
            message.starts_with("카드정보 확인에 실패하였습니다. "),
            "{message}"
        );
    }
    bed.get("/subscribe/customers/c-1")
        .send()
        .await
        .refused(200, 1);
    let made = bed
        .post(BASE)
        .json(&with_card("4111-1111-1111-1111", 100))
        .send()
        .await
        .ok();
    assert_eq!(made[0]["merchant_uid"], "s-1");
    let kept = bed.get("/subscribe/customers/c-1").send().await.ok();
    assert_eq!(kept["customer_name"], "홍길동");
    // What was taken to check the card was given back.
    let books = bed.app.books().await;
    let checked: Vec<(&Value, &Value)> = books
        .iter()
        .filter(|one| one["amount"] == 100)
        .map(|one| (&one["state"], &one["cancelledAmount"]))
        .collect();
    assert_eq!(checked.last(), Some(&(&json!("CANCELLED"), &json!(100))));
}

#[tokio::test]
async fn one_that_waits_is_moved() {
    let bed = bed_with_customer().await;
    schedule(&bed, &["s-1"], STEP_S).await;
    let path = format!("{BASE}/s-1");
    let now = bed.app.now().as_seconds();
    for wrong in [json!({}), json!({ "schedule_at": now - 1 })] {
        bed.put(&path).json(&wrong).send().await.refused(400, -1);
    }
    bed.put(&format!("{BASE}/nothing"))
        .json(&json!({ "schedule_at": now + 60 }))
        .send()
        .await
        .refused(404, -1);
    let later = json!({ "schedule_at": now + 2 * STEP_S });
    let moved = bed.put(&path).json(&later).send().await.ok();
    assert_eq!(moved["schedule_at"], now + 2 * STEP_S);
    due(&bed, STEP_S).await;
    assert!(bed.app.captures().await.is_empty(), "not at the old time");
    let sooner = json!({ "schedule_at": bed.app.now().as_seconds() + 1 });
    bed.put(&path).json(&sooner).send().await.ok();
    due(&bed, 2).await;
    assert_eq!(read(&bed, "s-1").await["payment_status"], "paid");
    bed.put(&path).json(&later).send().await.refused(400, -1);
    due(&bed, 2 * STEP_S).await;
    assert_eq!(bed.app.captures().await, [1_000]);
}

#[tokio::test]
async fn what_failed_is_charged_at_once_or_scheduled_anew() {
    let bed = bed_with_customer().await;
    let act = async |merchant_uid: &str, what: &str| {
        let at = bed.app.now().as_seconds() + STEP_S;
        bed.post(&format!("{BASE}/{merchant_uid}/{what}"))
            .json(&json!({ "schedule_at": at }))
            .send()
            .await
    };
    for what in ["retry", "reschedule"] {
        act("nothing", what).await.refused(404, -1);
    }
    schedule(&bed, &["s-0"], 100 * STEP_S).await;
    for what in ["retry", "reschedule"] {
        act("s-0", what).await.refused(400, -1);
    }
    declined(&bed, "s-1").await;
    let paid = act("s-1", "retry").await.ok();
    assert_eq!(
        (&paid["merchant_uid"], &paid["status"]),
        (&json!("s-1"), &json!("paid"))
    );
    for what in ["retry", "reschedule"] {
        act("s-1", what).await.refused(400, -1);
    }
    declined(&bed, "s-2").await;
    let anew = act("s-2", "reschedule").await.ok();
    assert_eq!(anew["schedule_status"], "scheduled");
    act("s-2", "reschedule").await.refused(400, -1);
    due(&bed, STEP_S).await;
    assert_eq!(read(&bed, "s-2").await["payment_status"], "paid");
    let attempts = bed.get("/payments/findAll/s-2").send().await.ok();
    assert_eq!(attempts["total"], 2);
    // Without its card nothing is tried again.
    declined(&bed, "s-3").await;
    bed.delete("/subscribe/customers/c-1").send().await.ok();
    for what in ["retry", "reschedule"] {
        act("s-3", what).await.refused(404, -1);
    }
    assert_eq!(bed.app.captures().await, [1_000, 1_000]);
}

#[tokio::test]
async fn what_waits_is_taken_back() {
    let bed = bed_with_customer().await;
    let unschedule = async |body: &Value| {
        bed.post("/subscribe/payments/unschedule")
            .json(body)
            .send()
            .await
    };
    let nothing = "취소할 예약결제 기록이 존재하지 않습니다.";
    for body in [
        json!({ "customer_uid": "c-1" }),
        json!({ "customer_uid": "nobody" }),
        json!({ "merchant_uid": "s-1" }),
    ] {
        assert_eq!(unschedule(&body).await.refused(200, 1), nothing);
    }
    unschedule(&json!({})).await.refused(200, 1);
    schedule(&bed, &["s-1", "s-2", "s-3", "s-4"], STEP_S).await;
    let one = unschedule(&json!({ "merchant_uid": "s-1" })).await.ok();
    assert_eq!(
        (&one[0]["merchant_uid"], &one[0]["schedule_status"]),
        (&json!("s-1"), &json!("revoked"))
    );
    assert!(one[0]["revoked_at"].as_i64().unwrap() > 0);
    // Those that wait among those named, on that customer's key.
    let other = json!({ "customer_uid": "c-2", "merchant_uid": ["s-2"] });
    assert_eq!(unschedule(&other).await.refused(200, 1), nothing);
    let two = json!({ "customer_uid": "c-1", "merchant_uid": ["s-1", "s-2", "s-2"] });
    let two = unschedule(&two).await.ok();
    assert_eq!(two.as_array().unwrap().len(), 1);
    let rest = bed
        .post("/subscribe/payments/unschedule")
        .form("customer_uid=c-1")
        .send()
        .await
        .ok();
    assert_eq!(rest.as_array().unwrap().len(), 2);
    due(&bed, STEP_S).await;
    assert!(bed.app.captures().await.is_empty());
    // The id is free again.
    schedule(&bed, &["s-1"], STEP_S).await;
    assert_eq!(read(&bed, "s-1").await["schedule_status"], "scheduled");
}

#[tokio::test]
async fn lists_are_pages_of_a_half_open_window() {
    let bed = bed_with_customer().await;
    schedule(&bed, &["s-1"], STEP_S).await;
    schedule(&bed, &["s-2"], 2 * STEP_S).await;
    schedule(&bed, &["s-3"], 3 * STEP_S).await;
    let one = json!({ "merchant_uid": "s-2" });
    let revoke = bed.post("/subscribe/payments/unschedule").json(&one);
    revoke.send().await.ok();
    let at = async |uid| read(&bed, uid).await["schedule_at"].as_i64().unwrap();
    // A second may have passed between the first and the last.
    let (from, last) = (at("s-1").await, at("s-3").await);
    let list = async |path: String| {
        let page = bed.get(&path).send().await.ok();
        let items = page["list"].as_array().unwrap();
        let uids = items.iter().map(|one| text(&one["merchant_uid"]));
        (page["total"].as_i64().unwrap(), uids.collect::<Vec<_>>())
    };
    let window = format!("{BASE}?schedule_from={from}&schedule_to={last}");
    assert_eq!(
        list(window.clone()).await,
        (2, vec!["s-2".to_owned(), "s-1".to_owned()])
    );
    let window = format!("{BASE}?from={from}&to={}", last + 1);
    assert_eq!(list(format!("{window}&limit=1&page=2")).await.1, ["s-2"]);
    assert_eq!(
        list(format!("{window}&sorting=scheduled")).await.1,
        ["s-1", "s-2", "s-3"]
    );
    assert_eq!(
        list(format!("{window}&schedule_status=revoked")).await.1,
        ["s-2"]
    );
    for path in [
        "/subscribe/customers/c-1/schedules".to_owned(),
        format!("{BASE}/customers/c-1"),
    ] {
        let of_customer = format!("{path}?from={from}&to={}", from + 1);
        assert_eq!(list(of_customer).await.1, ["s-1"]);
        let waiting = format!(
            "{path}?from={from}&to={}&schedule-status=scheduled",
            from + 9_000
        );
        assert_eq!(list(waiting).await.1, ["s-3", "s-1"]);
        let nobody = path.replace("c-1", "nobody");
        assert_eq!(
            list(format!("{nobody}?from={from}&to={}", from + 1))
                .await
                .0,
            0
        );
    }
    for query in [
        String::new(),
        format!("?schedule_from={from}"),
        format!("?schedule_from={from}&schedule_to={}", from - 1),
        format!("?schedule_from={from}&schedule_to={}", from + 94 * 86_400),
        format!(
            "?schedule_from={from}&schedule_to={}&schedule_status=done",
            from + 1
        ),
        format!("?schedule_from={from}&schedule_to={}&page=3", from + 1),
    ] {
        bed.get(&format!("{BASE}{query}"))
            .send()
            .await
            .refused(400, -1);
    }
}

#[tokio::test]
async fn each_outcome_is_told() {
    let bed = bed_with_customer().await;
    crate::webhooks::endpoint(&bed, PayloadFormat::Json).await;
    schedule(&bed, &["s-1"], STEP_S).await;
    due(&bed, STEP_S).await;
    declined(&bed, "s-2").await;
    let told = |merchant_uid: &str| -> Vec<String> {
        let seen = bed.app.receiver.deliveries();
        seen.iter()
            .filter(|one| one.body["merchant_uid"] == merchant_uid)
            .map(|one| text(&one.body["status"]))
            .collect()
    };
    assert_eq!(
        (told("s-1"), told("s-2")),
        (vec!["paid".to_owned()], vec!["failed".to_owned()])
    );
}
