//! Random commands through both faces: whatever was done on whichever, the two views of each
//! payment, key and schedule agree (P7), and so do the PG's books.

use naru_testkit::{MAIN, bodies};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Bed, onetime, text};

/// Ids of payments, few enough to meet again.
const IDS: [&str; 2] = ["order-0", "order-1"];
const KEY: &str = "customer-1";
const DUE_S: i64 = 90;

#[derive(Debug, Clone, Copy)]
enum Face {
    V1,
    V2,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Card(Face, usize),
    Account(Face, usize),
    Deposit(usize),
    Cancel(Face, usize, Option<i64>),
    Close(Face, usize),
    SaveKey,
    Charge(Face, usize),
    DeleteKey(Face),
    Schedule(Face, usize),
    Unschedule(Face, usize),
    Retry(usize),
    ComesDue,
    /// The PG declines the next of these.
    Declines(&'static str),
}

fn face() -> impl Strategy<Value = Face> {
    prop_oneof![Just(Face::V1), Just(Face::V2)]
}

fn step() -> impl Strategy<Value = Step> {
    let id = || 0..IDS.len();
    let amount = prop_oneof![
        Just(None),
        Just(Some(100)),
        Just(Some(300)),
        Just(Some(5_000))
    ];
    prop_oneof![
        3 => (face(), id()).prop_map(|(face, id)| Step::Card(face, id)),
        2 => (face(), id()).prop_map(|(face, id)| Step::Account(face, id)),
        2 => id().prop_map(Step::Deposit),
        6 => (face(), id(), amount).prop_map(|(face, id, amount)| Step::Cancel(face, id, amount)),
        1 => (face(), id()).prop_map(|(face, id)| Step::Close(face, id)),
        2 => Just(Step::SaveKey),
        2 => (face(), id()).prop_map(|(face, id)| Step::Charge(face, id)),
        1 => face().prop_map(Step::DeleteKey),
        3 => (face(), id()).prop_map(|(face, id)| Step::Schedule(face, id)),
        1 => (face(), id()).prop_map(|(face, id)| Step::Unschedule(face, id)),
        1 => id().prop_map(Step::Retry),
        2 => Just(Step::ComesDue),
        2 => prop_oneof![Just("pay_card"), Just("charge_billing_key"), Just("partial_refund")]
            .prop_map(Step::Declines),
    ]
}

/// Does it; whether it is refused is not asked here.
async fn go(bed: &Bed, step: Step) {
    match step {
        Step::Deposit(at) => deposit(bed, id_of(at)).await,
        Step::ComesDue => bed.app.move_clock_s(DUE_S).await,
        Step::Declines(operation) => bed.app.fault(operation, "decline").await,
        Step::SaveKey => {
            let path = format!("/subscribe/customers/{KEY}");
            v1(bed, path, crate::card_of_customer()).await;
        }
        Step::Retry(at) => {
            let path = format!("/subscribe/payments/schedule/{}/retry", id_of(at));
            v1(bed, path, json!({})).await;
        }
        Step::Card(face, _)
        | Step::Account(face, _)
        | Step::Cancel(face, ..)
        | Step::Close(face, _)
        | Step::Charge(face, _)
        | Step::DeleteKey(face)
        | Step::Schedule(face, _)
        | Step::Unschedule(face, _) => match face {
            Face::V1 => on_v1(bed, step).await,
            Face::V2 => on_v2(bed, step).await,
        },
    }
    bed.app.settle().await;
}

fn id_of(index: usize) -> &'static str {
    IDS[index % IDS.len()]
}

async fn v1(bed: &Bed, path: String, body: Value) {
    bed.post(&path).json(&body).send().await;
}

async fn v2(bed: &Bed, path: String, body: Value) {
    bed.app.post(&path).json(&body).send().await;
}

async fn on_v1(bed: &Bed, step: Step) {
    let now = bed.app.now().as_seconds();
    let (path, body) = match step {
        Step::Card(_, at) => ("/subscribe/payments/onetime", onetime(id_of(at), 1_000)),
        Step::Account(_, at) => {
            let body = json!({
                "merchant_uid": id_of(at), "amount": 1_000, "name": "표", "vbank_code": "088",
                "vbank_due": now + 86_400, "vbank_holder": "나루상사", "buyer_name": "홍길동",
                "buyer_email": "hong@shop.test", "buyer_tel": "010-1234-5678",
            });
            ("/vbanks", body)
        }
        Step::Cancel(_, at, amount) => {
            let body = json!({
                "merchant_uid": id_of(at), "amount": amount, "refund_account": "110123456789",
                "refund_bank": "088", "refund_holder": "홍길동",
            });
            ("/payments/cancel", body)
        }
        Step::Close(_, at) => return close(bed, id_of(at)).await,
        Step::DeleteKey(_) => {
            let path = format!("/subscribe/customers/{KEY}");
            bed.delete(&path).send().await;
            return;
        }
        Step::Charge(_, at) => {
            let body = json!({ "customer_uid": KEY, "merchant_uid": id_of(at), "amount": 1_000 });
            ("/subscribe/payments/again", body)
        }
        Step::Schedule(_, at) => {
            let item = json!({
                "merchant_uid": id_of(at), "amount": 1_000, "name": "표",
                "schedule_at": now + DUE_S,
            });
            let body = json!({ "customer_uid": KEY, "schedules": [item] });
            ("/subscribe/payments/schedule", body)
        }
        Step::Unschedule(_, at) => {
            let body = json!({ "merchant_uid": id_of(at) });
            ("/subscribe/payments/unschedule", body)
        }
        other => panic!("{other:?} has no face"),
    };
    v1(bed, path.to_owned(), body).await;
}

async fn close(bed: &Bed, id: &str) {
    let found = bed.get(&format!("/payments/find/{id}")).send().await;
    if let Some(imp_uid) = found.body["response"]["imp_uid"].as_str() {
        bed.delete(&format!("/vbanks/{imp_uid}")).send().await;
    }
}

async fn on_v2(bed: &Bed, step: Step) {
    let path = |at: usize, what: &str| format!("/payments/{}/{what}", id_of(at));
    let (path, body) = match step {
        Step::Card(_, at) => (path(at, "instant"), bodies::card_payment()),
        Step::Account(_, at) => (path(at, "instant"), bodies::virtual_account()),
        Step::Cancel(_, at, amount) => {
            let account = json!({
                "bank": "SHINHAN", "number": "110123456789", "holderName": "홍길동",
            });
            let mut body = json!({ "reason": "x", "refundAccount": account });
            if let Some(amount) = amount {
                body["amount"] = json!(amount);
            }
            (path(at, "cancel"), body)
        }
        Step::Close(_, at) => (path(at, "virtual-account/close"), json!({})),
        Step::Charge(_, at) => (path(at, "billing-key"), bodies::charge(KEY)),
        Step::Schedule(_, at) => {
            let due = bed.app.now().plus_seconds(DUE_S);
            (path(at, "schedule"), bodies::schedule(KEY, due))
        }
        Step::DeleteKey(_) => {
            bed.app.delete(&format!("/billing-keys/{KEY}")).send().await;
            return;
        }
        Step::Unschedule(..) => {
            let body = json!({ "billingKey": KEY });
            bed.app
                .delete("/payment-schedules")
                .json(&body)
                .send()
                .await;
            return;
        }
        other => panic!("{other:?} has no face"),
    };
    v2(bed, path, body).await;
}

async fn deposit(bed: &Bed, id: &str) {
    let found = bed.get(&format!("/payments/find/{id}")).send().await.body;
    let found = &found["response"];
    if found["status"] == "ready"
        && let Some(number) = found["vbank_num"].as_str()
    {
        bed.app.deposit(number).await;
    }
}

/// Holds what both faces say of a payment against each other; gives what is kept of it.
async fn compare(bed: &Bed, id: &str) -> i64 {
    let one = bed.get(&format!("/payments/find/{id}")).send().await;
    let other = bed.app.get(&format!("/payments/{id}")).send().await;
    if one.status == 404 || other.status == 404 {
        assert_eq!((one.status, other.status), (404, 404), "{id}");
        return 0;
    }
    let (v1, v2) = (one.ok(), other.ok());
    let at = format!("{v1}\n{v2}");
    let status = match v2["status"].as_str().unwrap_or_default() {
        "READY" | "PAY_PENDING" | "VIRTUAL_ACCOUNT_ISSUED" => "ready",
        "PAID" => "paid",
        "PARTIAL_CANCELLED" | "CANCELLED" => "cancelled",
        _ => "failed",
    };
    assert_eq!(v1["status"], status, "{at}");
    let amount = &v2["amount"];
    assert_eq!(v1["amount"], amount["total"], "{at}");
    assert_eq!(v1["cancel_amount"], amount["cancelled"], "{at}");
    assert_eq!(v1["currency"], v2["currency"], "{at}");
    assert_eq!(v1["name"], v2["orderName"], "{at}");
    let seconds = |name: &str| {
        let moment = v2[name].as_str().map(str::parse::<naru_domain::Timestamp>);
        moment.map_or(0, |moment| moment.expect("a moment").as_seconds())
    };
    if status == "failed" {
        assert_eq!(v1["failed_at"], seconds("failedAt"), "{at}");
    } else {
        assert_eq!(v1["paid_at"], seconds("paidAt"), "{at}");
        assert_eq!(v1["cancelled_at"], seconds("cancelledAt"), "{at}");
    }
    let method = &v2["method"];
    assert_eq!(v1["vbank_num"], method["accountNumber"], "{at}");
    assert_eq!(v1["apply_num"], method["approvalNumber"], "{at}");
    assert_eq!(v1["customer_uid"], v2["billingKey"], "{at}");
    let history = v1["cancel_history"].as_array().expect("a list").len();
    let succeeded = v2["cancellations"].as_array().map_or(0, |all| {
        all.iter()
            .filter(|one| one["status"] == "SUCCEEDED")
            .count()
    });
    assert_eq!(history, succeeded, "{at}");
    let transaction = text(&v2["transactionId"]);
    let by_uid = bed.get(&format!("/payments/{transaction}")).send().await;
    assert_eq!(by_uid.ok(), v1, "{at}");
    let number = |value: &Value| value.as_i64().expect("a number");
    let paid = match status {
        "paid" | "cancelled" => number(&v1["amount"]),
        _ => 0,
    };
    paid - number(&v1["cancel_amount"])
}

async fn compare_schedule(bed: &Bed, id: &str) {
    let path = format!("/subscribe/payments/schedule/{id}");
    let one = bed.get(&path).send().await;
    let filter = json!({ "filter": {
        "storeId": MAIN.store_id, "from": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z",
    }, "sort": { "by": "CREATED_AT", "order": "DESC" }, "page": { "size": 100 } });
    let all = bed
        .app
        .get("/payment-schedules")
        .json(&filter)
        .send()
        .await
        .ok();
    let items = all["items"].as_array().expect("items");
    let other = items.iter().find(|item| item["paymentId"] == id);
    let Some(v2) = other else {
        assert_eq!(one.status, 404, "{id}");
        return;
    };
    let v1 = one.ok();
    let (status, payment) = match v2["status"].as_str().unwrap_or_default() {
        "SCHEDULED" => ("scheduled", false),
        "REVOKED" => ("revoked", false),
        "SUCCEEDED" | "FAILED" => ("executed", true),
        _ => ("executed", false),
    };
    let at = format!("{v1}\n{v2}");
    assert_eq!(v1["schedule_status"], status, "{at}");
    assert_eq!(v1["payment_status"].is_string(), payment, "{at}");
    assert_eq!(v1["amount"], v2["totalAmount"], "{at}");
    assert_eq!(v1["customer_uid"], v2["billingKey"], "{at}");
}

async fn compare_key(bed: &Bed) {
    let one = bed.get(&format!("/subscribe/customers/{KEY}")).send().await;
    let other = bed.app.get(&format!("/billing-keys/{KEY}")).send().await;
    let is_issued = other.body["status"] == "ISSUED";
    assert_eq!(
        one.body["code"] == 0,
        is_issued,
        "{}\n{}",
        one.body,
        other.body
    );
}

async fn walk(steps: Vec<Step>) {
    let bed = Bed::new().await;
    for step in steps {
        go(&bed, step).await;
        let mut kept = 0;
        for id in IDS {
            kept += compare(&bed, id).await;
            compare_schedule(&bed, id).await;
        }
        compare_key(&bed).await;
        assert_eq!(kept, books(&bed).await, "the PG's books, after {step:?}");
    }
}

/// What the PG holds of the sales that it took. It writes a closed account down as one that was
/// given back whole.
async fn books(bed: &Bed) -> i64 {
    let rows = bed.app.books().await;
    let sum = |name: &str| {
        let taken = rows.iter().filter(|row| {
            ["APPROVED", "CANCELLED", "DEPOSITED"].contains(&row["state"].as_str().unwrap_or(""))
        });
        taken.filter_map(|row| row[name].as_i64()).sum::<i64>()
    };
    sum("amount") - sum("cancelledAmount")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn both_faces_tell_the_same(steps in prop::collection::vec(step(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(walk(steps));
    }
}
