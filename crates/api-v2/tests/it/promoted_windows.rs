//! Promotions in payment windows: nothing is reserved before the approval, and no other card than
//! the promotion's pays.

use naru_domain::payment::{Failure, OrderDetails};
use naru_domain::{Amount, CardWishes, ChannelKey, MethodKind, WindowWishes};
use naru_engine::windows::{OpenPaymentWindow, OpenedWindow, WindowEnd};
use naru_engine::{Device, Fault};
use naru_testkit::{MAIN, TestApp, window};
use serde_json::{Value, json};

use crate::promotions::{app_with_promotion, create, spent, ten_percent};
use crate::text;

/// A window of 6,000 won at the cards of LOTTE.
fn promoted(payment: &str, id: &str, device: Device) -> OpenPaymentWindow {
    let asked = window(payment);
    OpenPaymentWindow {
        order: OrderDetails {
            amount: Amount::new(6_000, None, None).expect("an amount"),
            promotion_id: Some(id.to_owned()),
            ..asked.order
        },
        wishes: at("LOTTE_CARD"),
        device,
        ..asked
    }
}

fn at(company: &str) -> WindowWishes {
    WindowWishes {
        card: Some(CardWishes {
            company: Some(company.to_owned()),
            ..CardWishes::default()
        }),
        ..WindowWishes::default()
    }
}

async fn open(app: &TestApp, asked: OpenPaymentWindow) -> OpenedWindow {
    app.open_window(asked).await.expect("a window")
}

async fn read(app: &TestApp, payment: &str) -> Value {
    app.get(&format!("/payments/{payment}")).send().await.ok()
}

fn failure(end: &WindowEnd) -> &str {
    match end {
        WindowEnd::Failed(failure) => &failure.pg_code,
        WindowEnd::Done { .. } | WindowEnd::NeedsConfirmation { .. } => panic!("{end:?}"),
    }
}

#[tokio::test]
async fn a_window_shows_and_charges_the_lower_price() {
    for device in [Device::Pc, Device::Mobile] {
        let (app, id) = app_with_promotion().await;
        let opened = open(&app, promoted("pw-1", &id, device)).await;
        let token = opened.page_url.rsplit('/').next().expect("a token");
        let page = app.engine.window_page(token).await.expect("a page");
        assert_eq!((page.total, page.discount), (5_400, 600));
        // An open window may never be come back from.
        assert_eq!(spent(&app, &id).await, 0);
        let back = app.come_back(&opened).await.expect("a return");
        assert!(matches!(back.end, WindowEnd::Done { .. }), "{back:?}");
        assert_eq!(spent(&app, &id).await, 600);
        assert_eq!(app.captures().await, [5_400]);
        let paid = read(&app, "pw-1").await;
        assert_eq!(
            (&paid["status"], &paid["promotionId"]),
            (&json!("PAID"), &json!(id))
        );
        let amount = &paid["amount"];
        assert_eq!(
            (&amount["total"], &amount["discount"], &amount["paid"]),
            (&json!(6_000), &json!(600), &json!(5_400))
        );
    }
}

#[tokio::test]
async fn a_window_that_is_not_at_the_promotions_cards_is_refused() {
    let (app, id) = app_with_promotion().await;
    let base = || promoted("pw-2", &id, Device::Pc);
    for asked in [
        OpenPaymentWindow {
            wishes: WindowWishes::default(),
            ..base()
        },
        OpenPaymentWindow {
            wishes: at("SHINHAN_CARD"),
            ..base()
        },
        OpenPaymentWindow {
            method: MethodKind::Transfer,
            wishes: WindowWishes::default(),
            ..base()
        },
    ] {
        let refused = app.open_window(asked).await;
        assert!(
            matches!(refused, Err(Fault::PromotionPayMethodDoesNotMatch)),
            "{refused:?}"
        );
    }
    app.get("/payments/pw-2")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn a_promotion_of_another_store_is_none_and_one_that_is_over_takes_nothing_off() {
    let (app, _) = app_with_promotion().await;
    let foreign = create(&app, ten_percent(&app, naru_testkit::OTHER.store_id)).await;
    let refused = app
        .open_window(promoted("pw-3", &foreign, Device::Pc))
        .await;
    assert!(
        matches!(refused, Err(Fault::InvalidRequest { .. })),
        "{refused:?}"
    );
    let mut over = ten_percent(&app, MAIN.store_id);
    over.start_at = Some(app.now().plus_seconds(86_400));
    let over = create(&app, over).await;
    let opened = open(&app, promoted("pw-3", &over, Device::Pc)).await;
    app.come_back(&opened).await.expect("a return");
    assert_eq!(app.captures().await, [6_000]);
}

/// The form of a page is the browser's: what it leaves out, or whose card it gives, is found out
/// at the approval.
#[tokio::test]
async fn money_of_another_card_goes_back() {
    let (app, id) = app_with_promotion().await;
    let opened = open(&app, promoted("pw-4", &id, Device::Pc)).await;
    let mut form = opened.form.clone();
    form.fields.retain(|(name, _)| *name != "ini_cardcode");
    let other = json!({ "card": "5200000000000000" });
    let brought = app.play_form(&form, &other).await;
    let back = app.engine.window_returned(opened.attempt, brought).await;
    let back = back.expect("a return");
    assert_eq!(failure(&back.end), Failure::PROMOTION_CARD);
    app.settle().await;
    assert!(app.captures().await.is_empty());
    assert_eq!(spent(&app, &id).await, 0);
    assert_eq!(text(&read(&app, "pw-4").await["status"]), "FAILED");
}

/// A promotion with one discount left, two windows open.
async fn two_windows() -> (TestApp, String, [OpenedWindow; 2]) {
    let (app, _) = app_with_promotion().await;
    let mut small = ten_percent(&app, MAIN.store_id);
    small.total_budget = 700;
    let id = create(&app, small).await;
    let first = open(&app, promoted("pw-5", &id, Device::Pc)).await;
    let second = open(&app, promoted("pw-6", &id, Device::Pc)).await;
    (app, id, [first, second])
}

#[tokio::test]
async fn a_window_whose_discount_is_gone_takes_no_money() {
    let (app, id, [first, second]) = two_windows().await;
    app.come_back(&first).await.expect("a return");
    let back = app.come_back(&second).await.expect("a return");
    assert_eq!(failure(&back.end), Failure::PROMOTION_SPENT);
    assert_eq!(app.captures().await, [5_400]);
    assert_eq!(spent(&app, &id).await, 600);
    assert_eq!(text(&read(&app, "pw-6").await["status"]), "FAILED");
    app.settle().await;
    assert_eq!(
        app.receiver.events("pw-6"),
        ["Transaction.Ready", "Transaction.Failed"]
    );
    // Asked anew, it costs what it costs.
    let opened = open(&app, promoted("pw-6", &id, Device::Pc)).await;
    app.come_back(&opened).await.expect("a return");
    assert_eq!(app.captures().await, [5_400, 6_000]);
}

#[tokio::test]
async fn so_does_one_that_its_merchant_confirms_too_late() {
    let (app, id, [first, second]) = two_windows().await;
    let key = ChannelKey::new(MAIN.channels[0]);
    app.come_back(&first).await.expect("a return");
    let cancelled = json!({ "reason": "x" });
    app.post("/payments/pw-5/cancel")
        .json(&cancelled)
        .send()
        .await
        .ok();
    let manual = app.engine.set_manual_confirm(&key, true).await;
    manual.expect("a channel with windows");
    let third = open(&app, promoted("pw-7", &id, Device::Pc)).await;
    let back = app.come_back(&third).await.expect("a return");
    let WindowEnd::NeedsConfirmation { payment_token } = back.end else {
        panic!("{back:?}");
    };
    // The budget came back with the refund, and goes to another.
    app.come_back(&second).await.expect("a return");
    assert_eq!(app.captures().await, [5_400]);
    let confirm = || {
        app.post("/payments/pw-7/confirm")
            .json(&json!({ "paymentToken": payment_token }))
            .send()
    };
    let refused = confirm().await;
    assert_eq!(refused.body["pgCode"], Failure::PROMOTION_SPENT);
    refused.refused(502, "PG_PROVIDER");
    confirm().await.refused(400, "INVALID_PAYMENT_TOKEN");
    assert_eq!(text(&read(&app, "pw-7").await["status"]), "FAILED");
    assert_eq!(spent(&app, &id).await, 600);
}
