//! Cash receipts: by themselves, and with a deposit.

use naru_testkit::{Answer, MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, sorted, text, with};

async fn issue(app: &TestApp, body: &Value) -> Answer {
    app.post("/cash-receipts").json(body).send().await
}

async fn read(app: &TestApp, id: &str) -> Answer {
    app.get(&path(id)).send().await
}

async fn cancel(app: &TestApp, id: &str) -> Answer {
    app.post(&format!("{}/cancel", path(id))).send().await
}

fn path(id: &str) -> String {
    format!("/payments/{id}/cash-receipt")
}

/// The code of a PG's refusal.
fn code(answer: Answer) -> String {
    let code = text(&answer.body["pgCode"]);
    answer.refused(502, "PG_PROVIDER");
    code
}

/// A server on which a virtual account with a receipt for a person waits as `id`.
async fn app_with_account(id: &str) -> (TestApp, String) {
    let app = app().await;
    let wish = json!({ "type": "PERSONAL", "customerIdentityNumber": "01012345678" });
    let body = with(
        bodies::virtual_account(),
        "/method/virtualAccount/cashReceipt",
        wish,
    );
    let request = app.post(&format!("/payments/{id}/instant")).json(&body);
    request.send().await.ok();
    let number = text(&app.books().await[0]["accountNumber"]);
    (app, number)
}

async fn payment(app: &TestApp, id: &str) -> Value {
    app.get(&format!("/payments/{id}")).send().await.ok()
}

/// Gives money of a deposit back.
async fn refund(app: &TestApp, id: &str, amount: Option<i64>) {
    let body = with(bodies::cancel(), "/refundAccount", bodies::refund_account());
    let body = with(body, "/amount", json!(amount));
    let request = app.post(&format!("/payments/{id}/cancel")).json(&body);
    request.send().await.ok();
}

#[tokio::test]
async fn a_receipt_of_a_sale_made_elsewhere_is_issued_shown_and_cancelled() {
    let app = app().await;
    let body = with(bodies::cash_receipt("r-1"), "/amount/taxFree", json!(120));
    let issued = issue(&app, &body).await.ok()["cashReceipt"].clone();
    assert_eq!(text(&issued["issueNumber"]).len(), 9);
    let shown = read(&app, "r-1").await.ok();
    for (name, value) in [
        ("status", json!("ISSUED")),
        ("paymentId", json!("r-1")),
        ("storeId", json!(MAIN.store_id)),
        ("merchantId", json!(MAIN.merchant_id)),
        ("amount", json!(1000)),
        ("taxFreeAmount", json!(120)),
        ("vatAmount", json!(80)),
        ("currency", json!("KRW")),
        ("orderName", json!("나룻배 표")),
        ("isManual", json!(true)),
        ("type", json!("PERSONAL")),
        ("pgReceiptId", issued["pgReceiptId"].clone()),
        ("issueNumber", issued["issueNumber"].clone()),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert_eq!(shown["channel"]["key"], MAIN.channels[0]);
    assert_eq!(shown["statusUpdatedAt"], shown["issuedAt"]);
    assert!(!shown.to_string().contains("01012345678"));
    app.get("/payments/r-1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    let cancelled = cancel(&app, "r-1").await.ok();
    assert_eq!(cancelled["cancelledAmount"], 1000);
    let shown = read(&app, "r-1").await.ok();
    assert_eq!(shown["status"], "CANCELLED");
    assert_eq!(shown["cancelledAt"], cancelled["cancelledAt"]);
    assert_eq!(app.receipts().await[0]["state"], "CANCELLED");
    cancel(&app, "r-1")
        .await
        .refused(404, "CASH_RECEIPT_NOT_ISSUED");
    issue(&app, &body).await.ok();
    assert_eq!(read(&app, "r-1").await.ok()["status"], "ISSUED");
}

#[tokio::test]
async fn one_receipt_for_each_payment_id_and_store() {
    let app = app().await;
    let body = bodies::cash_receipt("r-2");
    issue(&app, &body).await.ok();
    let again = issue(&app, &body).await;
    again.refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
    // The id counts for its store.
    let request = app.post("/cash-receipts").secret(SUB.secret).json(&body);
    request.send().await.ok();
    assert_eq!(app.receipts().await.len(), 2);
    app.get(&path("r-2"))
        .secret(OTHER.secret)
        .send()
        .await
        .refused(404, "CASH_RECEIPT_NOT_FOUND");
}

#[tokio::test]
async fn nothing_is_found_where_nothing_was_tried() {
    let app = app_with_payment("r-3").await;
    for id in ["r-3", "nothing", "%00", "%20"] {
        read(&app, id).await.refused(404, "CASH_RECEIPT_NOT_FOUND");
        cancel(&app, id)
            .await
            .refused(404, "CASH_RECEIPT_NOT_FOUND");
    }
}

#[tokio::test]
async fn whoever_has_no_right_is_refused() {
    let app = app().await;
    let body = bodies::cash_receipt("r-4");
    issue(&app, &body).await.ok();
    let named = |path: &str| format!("{path}?storeId={}", MAIN.store_id);
    let requests = || {
        [
            app.post("/cash-receipts")
                .json(&with(body.clone(), "/storeId", json!(MAIN.store_id))),
            app.get("/cash-receipts")
                .json(&json!({ "filter": { "storeId": MAIN.store_id } })),
            app.get(&named(&path("r-4"))),
            app.post(&named(&format!("{}/cancel", path("r-4")))),
        ]
    };
    for request in requests() {
        request
            .anonymous()
            .send()
            .await
            .refused(401, "UNAUTHORIZED");
    }
    for request in requests() {
        let foreign = request.secret(OTHER.secret).send().await;
        foreign.refused(403, "FORBIDDEN");
    }
    for channel in ["nothing", OTHER.channels[0]] {
        let body = with(body.clone(), "/channelKey", json!(channel));
        issue(&app, &body).await.refused(404, "CHANNEL_NOT_FOUND");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_named() {
    let app = app().await;
    for (pointer, value, field) in [
        ("/paymentId", json!(""), "paymentId"),
        ("/paymentId", json!("a\u{7}"), "paymentId"),
        ("/channelKey", json!(" "), "channelKey"),
        ("/type", json!("NO_RECEIPT"), "type"),
        ("/orderName", json!(""), "orderName"),
        ("/currency", json!("USD"), "currency"),
        ("/amount/total", json!(0), "amount.total"),
        ("/amount/taxFree", json!(-1), "amount.taxFree"),
        ("/amount/taxFree", json!(1001), "amount"),
        ("/amount/vat", json!(1001), "amount"),
        (
            "/customer/identityNumber",
            json!("x"),
            "customer.identityNumber",
        ),
        (
            "/customer/identityNumber",
            json!("123"),
            "customer.identityNumber",
        ),
        (
            "/customer/phoneNumber",
            json!("home"),
            "customer.phoneNumber",
        ),
        ("/paidAt", json!("today"), "paidAt"),
        (
            "/businessRegistrationNumber",
            json!("1"),
            "businessRegistrationNumber",
        ),
    ] {
        let body = with(bodies::cash_receipt("r-5"), pointer, value);
        issue(&app, &body).await.refused_field(field);
    }
    // A business has ten digits.
    let corporate = with(bodies::cash_receipt("r-5"), "/type", json!("CORPORATE"));
    issue(&app, &corporate)
        .await
        .refused_field("customer.identityNumber");
    read(&app, "r-5")
        .await
        .refused(404, "CASH_RECEIPT_NOT_FOUND");
    let corporate = with(corporate, "/customer/identityNumber", json!("123-45-67890"));
    let corporate = with(corporate, "/paidAt", json!("2026-01-01T09:00:00+09:00"));
    issue(&app, &corporate).await.ok();
    assert_eq!(read(&app, "r-5").await.ok()["type"], "CORPORATE");
    assert_eq!(app.receipts().await[0]["type"], "CORPORATE");
}

#[tokio::test]
async fn a_refused_issue_is_shown_as_failed_and_may_be_tried_again() {
    let app = app().await;
    let body = bodies::cash_receipt("r-6");
    app.fault("issue_cash_receipt", "decline").await;
    assert_eq!(code(issue(&app, &body).await), "120049");
    let failed = read(&app, "r-6").await.ok();
    assert_eq!(failed["status"], "ISSUE_FAILED");
    assert_eq!(failed["orderName"], "나룻배 표");
    assert!(failed.get("amount").is_none());
    cancel(&app, "r-6")
        .await
        .refused(404, "CASH_RECEIPT_NOT_ISSUED");
    issue(&app, &body).await.ok();
    assert_eq!(read(&app, "r-6").await.ok()["status"], "ISSUED");
}

#[tokio::test]
async fn the_pgs_word_that_there_is_one_already_is_passed_on() {
    let app = app().await;
    let fault = json!({
        "operation": "issue_cash_receipt", "kind": "decline", "code": "500659",
    });
    app.pg.control("POST", "/faults", &fault).await;
    let told = issue(&app, &bodies::cash_receipt("r-7")).await;
    told.refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
    assert_eq!(read(&app, "r-7").await.ok()["status"], "ISSUE_FAILED");
}

#[tokio::test]
async fn an_issue_whose_answer_was_lost_is_never_sent_again() {
    let app = app().await;
    let body = bodies::cash_receipt("r-8");
    app.fault("issue_cash_receipt", "drop_after").await;
    assert_eq!(code(issue(&app, &body).await), "NARU_OUTCOME_UNKNOWN");
    read(&app, "r-8")
        .await
        .refused(404, "CASH_RECEIPT_NOT_FOUND");
    assert_eq!(code(issue(&app, &body).await), "NARU_OUTCOME_UNKNOWN");
    assert_eq!(code(cancel(&app, "r-8").await), "NARU_OUTCOME_UNKNOWN");
    assert_eq!(app.receipts().await.len(), 1);
    let list = app.get("/cash-receipts").json(&json!({})).send().await.ok();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn a_cancellation_whose_answer_was_lost_is_found_out() {
    let app = app().await;
    issue(&app, &bodies::cash_receipt("r-9")).await.ok();
    app.fault("cancel_cash_receipt", "decline").await;
    assert_eq!(code(cancel(&app, "r-9").await), "120049");
    // It was carried out, and the inquiry says so at once.
    app.fault("cancel_cash_receipt", "drop_after").await;
    cancel(&app, "r-9").await.ok();
    assert_eq!(read(&app, "r-9").await.ok()["status"], "CANCELLED");
    // It never came, which is sure only later.
    issue(&app, &bodies::cash_receipt("r-10")).await.ok();
    app.fault("cancel_cash_receipt", "drop_before").await;
    assert_eq!(code(cancel(&app, "r-10").await), "NARU_OUTCOME_UNKNOWN");
    assert_eq!(read(&app, "r-10").await.ok()["status"], "ISSUED");
    let last = app.receipts().await[1].clone();
    assert_eq!(last["state"], "ISSUED");
}

#[tokio::test]
async fn repeated_requests_are_answered_as_before() {
    let app = app().await;
    let body = bodies::cash_receipt("r-11");
    let issue = || {
        let request = app.post("/cash-receipts").json(&body);
        request.idempotency_key("issue-of-a-receipt-1").send()
    };
    let (first, again) = (issue().await, issue().await);
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(first.ok(), again.ok());
    let cancel = || {
        let request = app.post(&format!("{}/cancel", path("r-11")));
        request.idempotency_key("cancel-of-a-receipt-1").send()
    };
    let (first, again) = (cancel().await, cancel().await);
    assert!(!first.is_replayed() && again.is_replayed());
    assert_eq!(first.ok(), again.ok());
    assert_eq!(app.receipts().await.len(), 1);
}

#[tokio::test]
async fn a_deposit_brings_its_receipt_which_follows_the_money() {
    let (app, number) = app_with_account("r-12").await;
    let early = issue(&app, &bodies::cash_receipt("r-12")).await;
    early.refused_field("paymentId");
    app.deposit(&number).await;
    let shown = read(&app, "r-12").await.ok();
    let of_pg = app.receipts().await[0].clone();
    for (name, value) in [
        ("status", json!("ISSUED")),
        ("isManual", json!(false)),
        ("amount", json!(1000)),
        ("type", json!("PERSONAL")),
        ("issueNumber", of_pg["issueNumber"].clone()),
        ("pgReceiptId", of_pg["pgReceiptId"].clone()),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let paid = payment(&app, "r-12").await;
    assert_eq!(paid["cashReceipt"]["status"], "ISSUED");
    assert_eq!(paid["cashReceipt"]["issueNumber"], of_pg["issueNumber"]);
    assert_eq!(paid["cashReceiptIssuanceStatus"], "ISSUED");
    let again = issue(&app, &bodies::cash_receipt("r-12")).await;
    again.refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
    refund(&app, "r-12", Some(400)).await;
    assert_eq!(read(&app, "r-12").await.ok()["amount"], 600);
    assert_eq!(app.receipts().await[0]["amount"], 600);
    refund(&app, "r-12", None).await;
    let gone = read(&app, "r-12").await.ok();
    assert_eq!(gone["status"], "CANCELLED");
    assert_eq!(
        payment(&app, "r-12").await["cashReceipt"]["status"],
        "CANCELLED"
    );
    assert_eq!(app.receipts().await[0]["state"], "CANCELLED");
    cancel(&app, "r-12")
        .await
        .refused(404, "CASH_RECEIPT_NOT_ISSUED");
}

#[tokio::test]
async fn the_receipt_of_a_deposit_may_be_cancelled_by_itself_and_replaced() {
    let (app, number) = app_with_account("r-13").await;
    app.deposit(&number).await;
    let cancelled = cancel(&app, "r-13").await.ok();
    assert_eq!(cancelled["cancelledAmount"], 1000);
    let paid = payment(&app, "r-13").await;
    assert_eq!(
        (&paid["status"], &paid["cashReceipt"]["status"]),
        (&json!("PAID"), &json!("CANCELLED"))
    );
    let body = with(bodies::cash_receipt("r-13"), "/amount/total", json!(700));
    issue(&app, &body).await.ok();
    let shown = payment(&app, "r-13").await["cashReceipt"].clone();
    assert_eq!(
        (&shown["status"], &shown["totalAmount"]),
        (&json!("ISSUED"), &json!(700))
    );
    // One asked for by itself does not follow the money.
    refund(&app, "r-13", None).await;
    let stays = read(&app, "r-13").await.ok();
    assert_eq!(
        (&stays["status"], &stays["amount"], &stays["isManual"]),
        (&json!("ISSUED"), &json!(700), &json!(true))
    );
    let gone = payment(&app, "r-13").await;
    assert_eq!(
        (&gone["status"], &gone["cashReceipt"]["status"]),
        (&json!("CANCELLED"), &json!("ISSUED"))
    );
    cancel(&app, "r-13").await.ok();
    let gone = payment(&app, "r-13").await;
    assert_eq!(gone["cashReceipt"]["status"], "CANCELLED");
}

async fn ids(app: &TestApp, filter: &Value) -> Vec<String> {
    let body = json!({ "filter": filter, "page": { "size": 100 } });
    let list = app.get("/cash-receipts").json(&body).send().await.ok();
    sorted(&list, "paymentId")
}

/// Four of them, a minute apart: with a deposit, cancelled, failed, of a sub-store.
async fn four() -> TestApp {
    let (app, number) = app_with_account("account").await;
    app.deposit(&number).await;
    app.move_clock_s(60).await;
    issue(&app, &bodies::cash_receipt("cancelled")).await.ok();
    cancel(&app, "cancelled").await.ok();
    app.move_clock_s(60).await;
    app.fault("issue_cash_receipt", "decline").await;
    let failed = with(bodies::cash_receipt("failed"), "/orderName", json!("Tea"));
    issue(&app, &failed).await.refused(502, "PG_PROVIDER");
    app.move_clock_s(60).await;
    let sub = with(bodies::cash_receipt("sub"), "/type", json!("CORPORATE"));
    let sub = with(sub, "/customer/identityNumber", json!("1234567890"));
    let request = app.post("/cash-receipts").secret(SUB.secret).json(&sub);
    request.send().await.ok();
    app
}

#[tokio::test]
async fn every_filter_finds_what_it_says() {
    let app = four().await;
    let all = ["account", "cancelled", "failed", "sub"];
    assert_eq!(ids(&app, &json!({})).await, all);
    let pg_receipt_id = read(&app, "account").await.ok()["pgReceiptId"].clone();
    let past = app.now().plus_seconds(-150).to_string();
    for (filter, expected) in [
        (json!({"paymentId": "sub"}), &["sub"][..]),
        (
            json!({"storeId": MAIN.store_id}),
            &["account", "cancelled", "failed"],
        ),
        (json!({"storeId": SUB.store_id}), &["sub"]),
        (json!({"statuses": ["ISSUED"]}), &["account", "sub"]),
        (
            json!({"statuses": ["CANCELLED", "FAILED"]}),
            &["cancelled", "failed"],
        ),
        (json!({"statuses": []}), &all),
        (json!({"isManual": true}), &["cancelled", "failed", "sub"]),
        (json!({"isManual": false}), &["account"]),
        (json!({"isTest": true}), &all),
        (json!({"isTest": false}), &[]),
        (json!({"types": ["CORPORATE"]}), &["sub"]),
        (
            json!({"types": ["PERSONAL"]}),
            &["account", "cancelled", "failed"],
        ),
        (json!({"orderName": "tea"}), &["failed"]),
        (
            json!({"orderName": "나룻배"}),
            &["account", "cancelled", "sub"],
        ),
        (json!({"orderName": "배 표"}), &[]),
        (json!({"orderName": " "}), &all),
        (json!({"pgReceiptId": pg_receipt_id}), &["account"]),
        (json!({"pgMerchantId": "INIpayTest"}), &all),
        (json!({"pgMerchantId": "INIBillTst"}), &[]),
        (json!({"pgProviders": ["INICIS_V2"]}), &all),
        (json!({"pgProviders": ["KCP_V2"]}), &[]),
        (json!({"pgCompanies": ["INICIS"]}), &all),
        (json!({"pgCompanies": ["KCP"]}), &[]),
        (json!({"version": "V2"}), &all),
        (json!({"version": "V1"}), &[]),
        (json!({"until": past}), &["account"]),
        (json!({"from": past}), &["cancelled", "failed", "sub"]),
        (json!({"timeRangeField": "CANCELLED_AT"}), &["cancelled"]),
        (
            json!({"timeRangeField": "STATUS_UPDATED_AT", "from": past}),
            &["cancelled", "failed", "sub"],
        ),
        (json!({"statuses": ["ISSUED"], "isManual": true}), &["sub"]),
    ] {
        assert_eq!(ids(&app, &filter).await, expected, "{filter}");
    }
    let body = json!({ "filter": { "from": "yesterday" } });
    let list = app.get("/cash-receipts").json(&body).send().await;
    list.refused_field("filter.from");
}

#[tokio::test]
async fn lists_are_sorted_and_paged_and_show_who_may_see() {
    let app = four().await;
    let listed = async |body: Value| {
        let list = app.get("/cash-receipts").json(&body).send().await.ok();
        let items = list["items"].as_array().expect("a list").iter();
        let ids: Vec<String> = items.map(|item| text(&item["paymentId"])).collect();
        (ids.join(" "), list["page"]["totalCount"].clone())
    };
    for (sort, expected) in [
        (json!({}), "sub failed cancelled account"),
        (json!({"order": "ASC"}), "account cancelled failed sub"),
        (
            json!({"by": "STATUS_UPDATED_AT"}),
            "sub failed cancelled account",
        ),
    ] {
        let found = listed(json!({ "sort": sort })).await;
        assert_eq!(found, (expected.to_owned(), json!(4)), "{sort}");
    }
    let cancelled = json!({
        "filter": { "timeRangeField": "CANCELLED_AT" }, "sort": { "by": "CANCELLED_AT" },
    });
    assert_eq!(listed(cancelled).await.0, "cancelled");
    let second = json!({ "page": { "number": 1, "size": 3 } });
    assert_eq!(listed(second).await, ("account".to_owned(), json!(4)));
    let foreign = app.get("/cash-receipts").secret(OTHER.secret);
    let foreign = foreign.json(&json!({})).send().await.ok();
    assert_eq!(foreign["items"], json!([]));
    let sub = app.get("/cash-receipts").secret(SUB.secret);
    let sub = sub.json(&json!({})).send().await.ok();
    assert_eq!(sorted(&sub, "paymentId"), ["sub"]);
    let list = app
        .get("/cash-receipts")
        .json(&json!({ "page": { "size": 0 } }));
    list.send().await.refused_field("page.size");
}
