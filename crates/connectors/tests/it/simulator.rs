//! The connector against the simulated PG, which was written from the same documents without
//! knowing it: what one signs the other checks. In process, no sockets.

use axum::Router;
use axum::body::{Body, to_bytes};
use naru_connector::{
    Answer, Call, ChannelSettings, Input, Operation, Outcome, Request, Step, TransactionState,
};
use naru_domain::{Amount, Method, Timestamp};
use naru_pg_sim::Simulator;
use serde_json::json;
use tower::ServiceExt as _;

use crate::operations::{billing_settings, inicis, operation, settings};

const ORDER_ID: &str = "0198d2f6c6d07d3ba3a1f2e4b5c60708";

struct Shop {
    router: Router,
    settings: ChannelSettings,
}

impl Shop {
    fn new(mut settings: ChannelSettings) -> Self {
        settings.is_simulated = true;
        let base = (
            "iniapi_base".to_owned(),
            "http://simulator.example.com/inicis".to_owned(),
        );
        settings
            .options
            .extend([base, ("order_id_inquiry".to_owned(), "true".to_owned())]);
        Self {
            router: Simulator::open(None).unwrap().router(),
            settings,
        }
    }

    async fn call(&self, method: http::Method, path: &str, request: Option<Request>) -> Answer {
        let mut builder = http::Request::builder().method(method).uri(path);
        let (headers, body) = request.map_or((Vec::new(), Body::from("{}")), |request| {
            (request.headers, Body::from(request.body))
        });
        if headers.is_empty() {
            builder = builder.header("content-type", "application/json");
        }
        for (name, value) in headers {
            builder = builder.header(name, value);
        }
        let response = self
            .router
            .clone()
            .oneshot(builder.body(body).unwrap())
            .await
            .unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            headers: Vec::new(),
            body,
        }
    }

    async fn run(&self, operation: &Operation) -> Outcome {
        inicis().check_settings(&self.settings).unwrap();
        let at = Timestamp::from(jiff::Timestamp::now());
        let call = Call {
            settings: &self.settings,
            at,
            server_ip: "127.0.0.1",
        };
        let mut exchange = inicis().begin(operation, &call).unwrap();
        let mut input = Input::Start;
        loop {
            match exchange.step(input) {
                Step::Send(request) => {
                    let path = request.url.parse::<http::Uri>().unwrap().path().to_owned();
                    let method = request.method.clone();
                    input = Input::Answered(self.call(method, &path, Some(request)).await);
                }
                Step::Done(outcome) => return outcome,
            }
        }
    }

    /// An operation under the order id that Naru would send, with overrides.
    async fn run_json(&self, mut json: serde_json::Value) -> Outcome {
        json["order_id"] = json!(ORDER_ID);
        let mut operation = operation(&json);
        if let Operation::IssueVirtualAccount(issue) = &mut operation {
            issue.expires_at = Timestamp::from(jiff::Timestamp::now()).plus_seconds(86_400);
        }
        self.run(&operation).await
    }

    async fn inquire(&self, tid: &str) -> naru_connector::Transaction {
        let by_tid = self
            .run_json(json!({ "kind": "inquire_transaction", "tid": tid }))
            .await;
        let by_order = self.run_json(json!({ "kind": "inquire_order" })).await;
        let (Outcome::Found(found), Outcome::Found(same)) = (by_tid, by_order) else {
            panic!("not found")
        };
        assert_eq!(found, same);
        assert_eq!(found.order_id.as_deref(), Some(ORDER_ID));
        *found
    }
}

fn refund(tid: &str, total: i64, remaining: i64, is_first: bool) -> serde_json::Value {
    json!({
        "kind": "refund",
        "tid": tid,
        "total": total,
        "remaining": remaining,
        "is_first": is_first,
    })
}

#[tokio::test]
async fn a_card_is_charged_refunded_in_part_and_then_whole() {
    let shop = Shop::new(settings());
    let Outcome::Approved(approval) = shop.run_json(json!({ "kind": "pay_card" })).await else {
        panic!("not approved")
    };
    assert_eq!(approval.amount, 1000);
    let Method::Card(payment) = &approval.method else {
        panic!("no card")
    };
    assert!(payment.approval_number.is_some());
    let tid = approval.pg_tx_id.as_str();
    let found = shop.inquire(tid).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Approved, 0)
    );
    assert_eq!(
        (found.approval.amount, found.approval.at),
        (1000, approval.at)
    );

    let Outcome::Refunded(part) = shop.run_json(refund(tid, 300, 700, true)).await else {
        panic!("not refunded")
    };
    let found = shop.inquire(tid).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Approved, 300)
    );
    assert_eq!(found.pg_cancellation_id, part.pg_cancellation_id);
    assert!(part.pg_cancellation_id.is_some());

    // The PG refuses it, which does not say that no copy of it was carried out.
    let wrong = shop.run_json(refund(tid, 300, 300, false)).await;
    assert!(matches!(wrong, Outcome::Unknown(_)), "{wrong:?}");
    assert_eq!(shop.inquire(tid).await.cancelled_total, 300);

    let rest = shop.run_json(refund(tid, 700, 0, false)).await;
    assert!(matches!(rest, Outcome::Refunded(_)), "{rest:?}");
    let found = shop.inquire(tid).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Cancelled, 1000)
    );
}

#[tokio::test]
async fn a_whole_refund_again_is_unclear_and_the_books_tell() {
    let shop = Shop::new(settings());
    let Outcome::Approved(approval) = shop.run_json(json!({ "kind": "pay_card" })).await else {
        panic!("not approved")
    };
    let whole = refund(&approval.pg_tx_id, 1000, 0, true);
    let first = shop.run_json(whole.clone()).await;
    assert!(matches!(first, Outcome::Refunded(_)), "{first:?}");
    let again = shop.run_json(whole).await;
    assert!(matches!(again, Outcome::Unknown(_)), "{again:?}");
    let found = shop.inquire(&approval.pg_tx_id).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Cancelled, 1000)
    );
    assert!(found.cancelled_at.is_some());
}

#[tokio::test]
async fn refusals_carry_the_card_companys_code() {
    let shop = Shop::new(settings());
    let declined = shop
        .run_json(json!({ "kind": "pay_card", "number": "9000000000120049" }))
        .await;
    let Outcome::Declined(decline) = declined else {
        panic!("not refused: {declined:?}")
    };
    assert_eq!(decline.code, "120049");
    let unknown = json!({ "kind": "inquire_transaction", "tid": crate::operations::CARD_TID });
    assert!(matches!(shop.run_json(unknown).await, Outcome::NotFound));
    assert!(matches!(
        shop.run_json(json!({ "kind": "inquire_order" })).await,
        Outcome::NotFound
    ));
}

#[tokio::test]
async fn an_order_id_is_charged_once() {
    let shop = Shop::new(settings());
    let first = shop.run_json(json!({ "kind": "pay_card" })).await;
    assert!(matches!(first, Outcome::Approved(_)), "{first:?}");
    let again = shop.run_json(json!({ "kind": "pay_card" })).await;
    assert!(matches!(again, Outcome::Unknown(_)), "{again:?}");
}

#[tokio::test]
async fn a_billing_key_is_issued_and_charged() {
    let shop = Shop::new(billing_settings());
    let issued = shop.run(&operation(&json!({ "kind": "issue_key" }))).await;
    let Outcome::KeyIssued(issued) = issued else {
        panic!("not issued: {issued:?}")
    };
    let key = issued.pg_billing_key.expose();
    let charge = json!({ "kind": "charge_key", "bill_key": key, "total": 50_000, "months": 3 });
    let Outcome::Approved(approval) = shop.run_json(charge).await else {
        panic!("not approved")
    };
    assert_eq!(approval.amount, 50_000);
    assert!(!approval.raw.contains(key));
    let Method::Card(payment) = &approval.method else {
        panic!("no card")
    };
    assert_eq!(payment.installment_months, 3);
    let found = shop.inquire(&approval.pg_tx_id).await;
    assert_eq!(found.state, TransactionState::Approved);
    let unknown = shop
        .run_json(json!({ "kind": "charge_key", "bill_key": "no-such-key" }))
        .await;
    let Outcome::Declined(decline) = unknown else {
        panic!("not refused: {unknown:?}")
    };
    assert_eq!(decline.code, "1195");
}

#[tokio::test]
async fn a_virtual_account_waits_is_paid_and_refunded() {
    let shop = Shop::new(settings());
    let issued = shop
        .run_json(json!({ "kind": "issue_account", "remittee": "나루상점" }))
        .await;
    let Outcome::AccountIssued(issued) = issued else {
        panic!("not issued: {issued:?}")
    };
    assert_eq!(issued.account.bank.as_deref(), Some("SHINHAN"));
    assert!(!issued.account.is_fixed);
    let found = shop.inquire(&issued.pg_tx_id).await;
    assert_eq!(
        (found.state, found.deposit),
        (TransactionState::Waiting, None)
    );
    let Method::VirtualAccount(account) = found.approval.method else {
        panic!("no account")
    };
    assert_eq!(account.account_number, issued.account.account_number);

    let path = format!(
        "/virtual-accounts/{}/deposit",
        issued.account.account_number
    );
    let deposited = shop.call(http::Method::POST, &path, None).await;
    assert_eq!(deposited.status, 200, "{:?}", deposited.body);
    let found = shop.inquire(&issued.pg_tx_id).await;
    assert_eq!(found.state, TransactionState::Approved);
    assert_eq!(found.deposit.unwrap().amount, 1000);

    let mut back = refund(&issued.pg_tx_id, 400, 600, true);
    back["method"] = json!("account");
    back["account"] = json!({ "bank": "TOSS", "number": "100012345678", "holder": "홍길동" });
    let Outcome::Refunded(part) = shop.run_json(back.clone()).await else {
        panic!("not refunded")
    };
    assert!(part.pg_cancellation_id.is_some());
    let found = shop.inquire(&issued.pg_tx_id).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Approved, 400)
    );
    back["total"] = json!(600);
    back["remaining"] = json!(0);
    back["is_first"] = json!(false);
    let rest = shop.run_json(back).await;
    assert!(matches!(rest, Outcome::Refunded(_)), "{rest:?}");
    let found = shop.inquire(&issued.pg_tx_id).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Cancelled, 1000)
    );
}

#[tokio::test]
async fn a_deposited_account_is_refunded_whole() {
    let shop = Shop::new(settings());
    let issued = shop.run_json(json!({ "kind": "issue_account" })).await;
    let Outcome::AccountIssued(issued) = issued else {
        panic!("not issued: {issued:?}")
    };
    let path = format!(
        "/virtual-accounts/{}/deposit",
        issued.account.account_number
    );
    assert_eq!(shop.call(http::Method::POST, &path, None).await.status, 200);
    let mut back = refund(&issued.pg_tx_id, 1000, 0, true);
    back["method"] = json!("account");
    back["account"] = json!({ "bank": "SHINHAN", "number": "110222333444", "holder": "홍길동" });
    let whole = shop.run_json(back).await;
    assert!(matches!(whole, Outcome::Refunded(_)), "{whole:?}");
    let found = shop.inquire(&issued.pg_tx_id).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Cancelled, 1000)
    );
}

#[tokio::test]
async fn a_waiting_account_is_closed() {
    let shop = Shop::new(settings());
    let fixed = json!({ "kind": "issue_account", "fixed_number": "79012345678901" });
    let issued = shop.run_json(fixed).await;
    let Outcome::AccountIssued(issued) = issued else {
        panic!("not issued: {issued:?}")
    };
    assert!(issued.account.is_fixed);
    let close = json!({ "kind": "close_account", "tid": issued.pg_tx_id });
    let closed = shop.run_json(close).await;
    assert!(
        matches!(closed, Outcome::AccountClosed { .. }),
        "{closed:?}"
    );
    let found = shop.inquire(&issued.pg_tx_id).await;
    assert_eq!(
        (found.state, found.cancelled_total),
        (TransactionState::Cancelled, 0)
    );
}

#[tokio::test]
async fn tax_parts_and_dollars_are_taken() {
    let shop = Shop::new(settings());
    let amount = Amount::new(110_000, Some(10_000), None).unwrap();
    let order = json!({ "kind": "pay_card", "total": amount.total, "tax_free": amount.tax_free });
    let paid = shop.run_json(order).await;
    assert!(matches!(paid, Outcome::Approved(_)), "{paid:?}");
    let shop = Shop::new(settings());
    let paid = shop
        .run_json(json!({ "kind": "pay_card", "currency": "USD", "total": 1250 }))
        .await;
    let Outcome::Approved(approval) = paid else {
        panic!("not approved: {paid:?}")
    };
    let usd = Some(naru_domain::Currency::new("USD"));
    assert_eq!((approval.amount, &approval.currency), (1250, &usd));
    let found = shop.inquire(&approval.pg_tx_id).await;
    assert_eq!(found.approval.currency, usd);
}
