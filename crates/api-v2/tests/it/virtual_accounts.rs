//! Virtual accounts: issue, deposit, close, refund.

use naru_testkit::{TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, app_with_payment, text, with};

async fn issue(app: &TestApp, id: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{id}/instant"))
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn an_account_is_issued_and_paid_into() {
    let app = app().await;
    let answer = issue(&app, "v-1", &bodies::virtual_account()).await.ok();
    assert!(!text(&answer["payment"]["pgTxId"]).is_empty());
    let read = app.get("/payments/v-1").send().await.ok();
    assert_eq!(read["status"], "VIRTUAL_ACCOUNT_ISSUED");
    let method = &read["method"];
    assert_eq!(method["type"], "PaymentMethodVirtualAccount");
    assert_eq!(
        (&method["bank"], &method["accountType"]),
        (&json!("SHINHAN"), &json!("NORMAL"))
    );
    assert!(method["expiredAt"].is_string() && method["issuedAt"].is_string());
    // Waiting is not payable a second time.
    issue(&app, "v-1", &bodies::card_payment())
        .await
        .refused(409, "ALREADY_PAID");
    app.deposit(&text(&method["accountNumber"])).await;
    let read = app.get("/payments/v-1").send().await.ok();
    assert_eq!(read["status"], "PAID");
    assert!(read["method"]["remitterName"].is_string());
    app.settle().await;
    let read = app.get("/payments/v-1").send().await.ok();
    let triggers: Vec<_> = read["webhooks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["trigger"].clone())
        .collect();
    assert_eq!(triggers, [Value::Null, json!("VIRTUAL_ACCOUNT_DEPOSIT")]);
}

#[tokio::test]
async fn money_of_an_account_goes_back_to_a_bank_account() {
    let app = app().await;
    issue(&app, "v-2", &bodies::virtual_account()).await.ok();
    let read = app.get("/payments/v-2").send().await.ok();
    app.deposit(&text(&read["method"]["accountNumber"])).await;
    let cancel = |body: &Value| app.post("/payments/v-2/cancel").json(body);
    cancel(&bodies::cancel())
        .send()
        .await
        .refused_field("refundAccount");
    let body = with(bodies::cancel(), "/refundAccount", bodies::refund_account());
    cancel(&body).send().await.ok();
    let read = app.get("/payments/v-2").send().await.ok();
    assert_eq!(read["status"], "CANCELLED");
    assert_eq!(read["method"]["refundStatus"], "COMPLETED");
    assert!(!read.to_string().contains("110123456789"));
}

#[tokio::test]
async fn a_closed_account_is_a_failed_payment() {
    let app = app().await;
    issue(&app, "v-3", &bodies::virtual_account()).await.ok();
    let close = || app.post("/payments/v-3/virtual-account/close");
    let closed = close().send().await.ok();
    assert!(text(&closed["closedAt"]).ends_with('Z'));
    let read = app.get("/payments/v-3").send().await.ok();
    assert_eq!(read["status"], "FAILED");
    assert_eq!(read["method"]["type"], "PaymentMethodVirtualAccount");
    close()
        .send()
        .await
        .refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
}

/// Money that came is there: the PG counts it as paid, and so does the payment.
#[tokio::test]
async fn a_deposit_after_the_close_pays() {
    let app = app().await;
    let path = "/payments/va-late";
    let request = app.post(&format!("{path}/instant"));
    request.json(&bodies::virtual_account()).send().await.ok();
    let close = app.post(&format!("{path}/virtual-account/close"));
    close.send().await.ok();
    assert_eq!(app.get(path).send().await.ok()["status"], "FAILED");
    let number = app.books().await[0]["accountNumber"].clone();
    app.deposit(number.as_str().expect("a number")).await;
    assert_eq!(app.get(path).send().await.ok()["status"], "PAID");
}

#[tokio::test]
async fn only_a_waiting_account_can_be_closed() {
    let app = app_with_payment("v-4").await;
    let close = |id: &str| app.post(&format!("/payments/{id}/virtual-account/close"));
    close("v-4")
        .send()
        .await
        .refused(409, "PAYMENT_NOT_WAITING_FOR_DEPOSIT");
    close("nothing")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    close("%00").send().await.refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn a_refusal_to_close_is_a_502() {
    let app = app().await;
    issue(&app, "v-5", &bodies::virtual_account()).await.ok();
    app.fault("close_virtual_account", "decline").await;
    let close = app.post("/payments/v-5/virtual-account/close").send().await;
    close.refused(502, "PG_PROVIDER");
    assert_eq!(
        app.get("/payments/v-5").send().await.ok()["status"],
        "VIRTUAL_ACCOUNT_ISSUED"
    );
}

#[tokio::test]
async fn bad_input_is_refused() {
    let app = app().await;
    let account = "/method/virtualAccount";
    let field = "method.virtualAccount";
    let past = json!({"dueDate": "2020-01-01T00:00:00+09:00"});
    for (pointer, value, named) in [
        ("/bank", json!("BANK"), ".bank"),
        ("/bank", Value::Null, ".bank"),
        ("/expiry", Value::Null, ".expiry"),
        ("/expiry", json!({}), ".expiry"),
        (
            "/expiry",
            json!({"validHours": 1, "dueDate": "2099-01-01T00:00:00Z"}),
            ".expiry",
        ),
        ("/expiry", json!({"validHours": 0}), ".expiry.validHours"),
        ("/expiry", json!({"validHours": -3}), ".expiry.validHours"),
        (
            "/expiry",
            json!({"validHours": 2_147_483_647}),
            ".expiry.validHours",
        ),
        (
            "/expiry",
            json!({"validHours": 2_147_483_648_u32}),
            ".expiry.validHours",
        ),
        ("/expiry", past, ".expiry.dueDate"),
        ("/expiry", json!({"dueDate": "tomorrow"}), ".expiry.dueDate"),
        (
            "/expiry",
            json!({"dueDate": "2099-13-01T00:00:00Z"}),
            ".expiry.dueDate",
        ),
        (
            "/expiry",
            json!({"dueDate": "9999-01-01T00:00:00Z"}),
            ".expiry.dueDate",
        ),
        ("/option", json!({"type": "ODD"}), ".option.type"),
        ("/option", json!({"type": "FIXED"}), ".option.fixed"),
        (
            "/option",
            json!({"type": "FIXED", "fixed": {}}),
            ".option.fixed",
        ),
        (
            "/option",
            json!({"type": "FIXED", "fixed": {"pgAccountId": "1", "accountNumber": "2"}}),
            ".option.fixed",
        ),
        (
            "/cashReceipt",
            json!({"type": "PERSONAL", "customerIdentityNumber": "x"}),
            ".cashReceipt.customerIdentityNumber",
        ),
        ("/remitteeName", json!("n".repeat(201)), ".remitteeName"),
    ] {
        let body = with(
            bodies::virtual_account(),
            &format!("{account}{pointer}"),
            value,
        );
        issue(&app, "v-6", &body)
            .await
            .refused_field(&format!("{field}{named}"));
    }
    assert!(app.books().await.is_empty());
}

#[tokio::test]
async fn due_dates_fixed_numbers_and_cash_receipts_are_taken() {
    let app = app().await;
    let due = app.now().plus_seconds(3 * 86_400).whole_seconds();
    let mut body = bodies::virtual_account();
    let account = &mut body["method"]["virtualAccount"];
    account["expiry"] = json!({ "dueDate": due.to_string() });
    account["option"] = json!({"type": "FIXED", "fixed": {"accountNumber": "9876543210"}});
    account["cashReceipt"] = json!({"type": "PERSONAL", "customerIdentityNumber": "010-1234-5678"});
    issue(&app, "v-7", &body).await.ok();
    let read = app.get("/payments/v-7").send().await.ok();
    assert_eq!(read["method"]["accountNumber"], "9876543210");
    assert_eq!(read["method"]["accountType"], "FIXED");
    assert!(!read.to_string().contains("01012345678\",\"type"));
}
