//! Cash receipts that a transfer in a window brings: the PG says that it issued one, and no id.

use naru_domain::{MethodKind, WindowWishes};
use naru_engine::Device;
use naru_engine::windows::OpenPaymentWindow;
use naru_testkit::{TestApp, window};
use serde_json::{Value, json};

use crate::{app, text};

async fn transfer(app: &TestApp, payment: &str, (device, hides): (Device, bool)) -> Value {
    let asked = OpenPaymentWindow {
        method: MethodKind::Transfer,
        device,
        wishes: WindowWishes {
            hides_cash_receipt: hides,
            ..WindowWishes::default()
        },
        ..window(payment)
    };
    let opened = app.open_window(asked).await.expect("a window");
    let brought = app.play(&opened, &json!({ "bank": "88" })).await;
    let back = app.engine.window_returned(opened.attempt, brought).await;
    back.expect("a return");
    app.get(&format!("/payments/{payment}")).send().await.ok()
}

async fn receipt(app: &TestApp, payment: &str) -> Value {
    let path = format!("/payments/{payment}/cash-receipt");
    app.get(&path).send().await.ok()
}

#[tokio::test]
async fn a_transfers_receipt_is_the_payments() {
    let app = app().await;
    for (device, number) in [(Device::Pc, 0), (Device::Mobile, 9)] {
        let id = format!("tr-{device:?}");
        let paid = transfer(&app, &id, (device, false)).await;
        assert_eq!(paid["status"], "PAID");
        assert_eq!(paid["cashReceiptIssuanceStatus"], "ISSUED");
        let shown = &paid["cashReceipt"];
        assert_eq!(
            (&shown["status"], &shown["type"], &shown["totalAmount"]),
            (&json!("ISSUED"), &json!("PERSONAL"), &json!(1000))
        );
        // Only phones are told the tax office's number.
        assert_eq!(text(&shown["issueNumber"]).len(), number);
        assert_eq!(shown.get("pgReceiptId"), None);
        let kept = receipt(&app, &id).await;
        assert_eq!(
            (&kept["status"], &kept["isManual"], &kept["amount"]),
            (&json!("ISSUED"), &json!(false), &json!(1000))
        );
    }
}

#[tokio::test]
async fn it_is_not_issued_twice_and_goes_with_its_money() {
    let app = app().await;
    transfer(&app, "tr-1", (Device::Pc, false)).await;
    let again = json!({
        "paymentId": "tr-1", "channelKey": naru_testkit::MAIN.channels[0], "type": "PERSONAL",
        "orderName": "tea", "currency": "KRW", "amount": { "total": 1000 },
        "customer": { "identityNumber": "01012345678", "name": "홍길동",
                      "email": "hong@shop.test", "phoneNumber": "01012345678" },
    });
    app.post("/cash-receipts")
        .json(&again)
        .send()
        .await
        .refused(409, "CASH_RECEIPT_ALREADY_ISSUED");
    let cancel = app
        .post("/payments/tr-1/cash-receipt/cancel")
        .json(&json!({}))
        .send()
        .await;
    assert_eq!(cancel.body["pgCode"], "NARU_UNSUPPORTED");
    cancel.refused(502, "PG_PROVIDER");
    assert_eq!(receipt(&app, "tr-1").await["status"], "ISSUED");
    let part = json!({ "reason": "x", "amount": 400 });
    for (body, amount, status) in [
        (part, 600, "ISSUED"),
        (json!({ "reason": "x" }), 600, "CANCELLED"),
    ] {
        app.post("/payments/tr-1/cancel")
            .json(&body)
            .send()
            .await
            .ok();
        let kept = receipt(&app, "tr-1").await;
        assert_eq!(
            (&kept["amount"], &kept["status"]),
            (&json!(amount), &json!(status))
        );
    }
}

#[tokio::test]
async fn who_was_not_asked_for_one_gets_none() {
    let app = app().await;
    for device in [Device::Pc, Device::Mobile] {
        let id = format!("tr-none-{device:?}");
        let paid = transfer(&app, &id, (device, true)).await;
        assert_eq!(
            (&paid["status"], paid.get("cashReceipt")),
            (&json!("PAID"), None)
        );
        let path = format!("/payments/{id}/cash-receipt");
        app.get(&path)
            .send()
            .await
            .refused(404, "CASH_RECEIPT_NOT_FOUND");
    }
}
