//! The page of a window: where it says it stands, and what a browser can do there.

use naru_domain::MethodKind;
use naru_domain::payment::Failure;
use naru_engine::windows::{OpenedWindow, WindowPage, WindowState};
use naru_engine::{Device, EngineConfig, Fault};
use naru_testkit::{TestApp, TestAppOptions, key_window, window};
use serde_json::{Value, json};

use crate::{app, text};

/// The token in the address of a window's page.
fn token(opened: &OpenedWindow) -> &str {
    opened.page_url.rsplit('/').next().expect("an address")
}

async fn page(app: &TestApp, opened: &OpenedWindow) -> WindowPage {
    let page = app.engine.window_page(token(opened)).await;
    page.expect("a page")
}

async fn bring(app: &TestApp, opened: &OpenedWindow, extra: &Value) {
    let brought = app.play(opened, extra).await;
    let taken = app.engine.bring_to_window(token(opened), brought).await;
    taken.expect("taken");
}

async fn status(app: &TestApp, payment: &str) -> String {
    let read = app.get(&format!("/payments/{payment}")).send().await.ok();
    text(&read["status"])
}

#[tokio::test]
async fn the_page_makes_the_same_form_anew() {
    let app = app().await;
    for device in [Device::Pc, Device::Mobile] {
        let mut asked = window(&format!("page-{device:?}"));
        asked.method = MethodKind::VirtualAccount;
        asked.account_expires_at = Some(app.now().plus_seconds(3_600));
        asked.device = device;
        let opened = app.open_window(asked).await.expect("a window");
        let shown = page(&app, &opened).await;
        let WindowState::Open(form) = shown.state else {
            panic!("{shown:?}");
        };
        // Whatever depends on the moment is signed anew.
        let fixed = |form: &naru_engine::WindowForm| {
            let signed = [
                "timestamp",
                "signature",
                "verification",
                "P_TIMESTAMP",
                "P_CHKFAKE",
            ];
            let mut fields = form.fields.clone();
            fields.retain(|(name, _)| !signed.contains(name));
            (fields, form.action.clone(), form.script.clone())
        };
        assert_eq!(fixed(&form), fixed(&opened.form));
    }
}

#[tokio::test]
async fn the_page_says_what_became_of_a_payment() {
    let app = app().await;
    let opened = app.open_window(window("page-paid")).await.expect("opened");
    bring(&app, &opened, &Value::Null).await;
    let shown = page(&app, &opened).await;
    assert!(matches!(shown.state, WindowState::Paid), "{shown:?}");
    assert_eq!((shown.total, shown.name.as_str()), (1000, "tea"));
    // Leaving afterwards changes nothing.
    app.engine
        .leave_window_page(token(&opened))
        .await
        .expect("left");
    assert_eq!(status(&app, "page-paid").await, "PAID");

    let opened = app.open_window(window("page-no")).await.expect("opened");
    bring(&app, &opened, &json!({ "card": "9000000000120049" })).await;
    let shown = page(&app, &opened).await;
    let WindowState::Failed(failure) = shown.state else {
        panic!("{shown:?}");
    };
    assert_eq!(failure.pg_code, "120049");
}

#[tokio::test]
async fn a_customer_who_leaves_ends_the_attempt_once() {
    let app = app().await;
    let opened = app.open_window(window("page-left")).await.expect("opened");
    let late = app.play(&opened, &Value::Null).await;
    for _ in 0..2 {
        app.engine
            .leave_window_page(token(&opened))
            .await
            .expect("left");
    }
    let shown = page(&app, &opened).await;
    let WindowState::Failed(failure) = shown.state else {
        panic!("{shown:?}");
    };
    assert_eq!(failure.pg_code, Failure::WINDOW_LEFT);
    assert!(failure.pg_message.contains("취소"), "shops look for it");
    // The other tab of the same customer comes back: no money is taken.
    let taken = app.engine.bring_to_window(token(&opened), late).await;
    taken.expect("taken");
    assert!(app.captures().await.is_empty());
    assert_eq!(status(&app, "page-left").await, "FAILED");
}

#[tokio::test]
async fn two_windows_of_one_payment_take_the_money_once_and_both_say_paid() {
    let app = app().await;
    let first = app.open_window(window("page-two")).await.expect("opened");
    let second = app.open_window(window("page-two")).await.expect("opened");
    bring(&app, &first, &Value::Null).await;
    bring(&app, &second, &Value::Null).await;
    for opened in [&first, &second] {
        let shown = page(&app, opened).await;
        assert!(matches!(shown.state, WindowState::Paid), "{shown:?}");
    }
    assert_eq!(app.captures().await.len(), 1);

    let mut account = window("page-account");
    account.method = MethodKind::VirtualAccount;
    account.account_expires_at = Some(app.now().plus_seconds(3_600));
    let card = app
        .open_window(window("page-account"))
        .await
        .expect("opened");
    let account = app.open_window(account).await.expect("opened");
    bring(&app, &account, &Value::Null).await;
    bring(&app, &card, &Value::Null).await;
    let shown = page(&app, &card).await;
    assert!(
        matches!(shown.state, WindowState::AccountIssued(_)),
        "{shown:?}"
    );
}

#[tokio::test]
async fn a_billing_keys_window_has_a_page_too() {
    let app = app().await;
    let opened = app.open_key_window(key_window()).await.expect("opened");
    let shown = page(&app, &opened).await;
    assert!(shown.issues_key() && matches!(shown.state, WindowState::Open(_)));
    bring(&app, &opened, &Value::Null).await;
    let shown = page(&app, &opened).await;
    assert!(matches!(shown.state, WindowState::KeyIssued), "{shown:?}");

    let left = app.open_key_window(key_window()).await.expect("opened");
    app.engine
        .leave_window_page(token(&left))
        .await
        .expect("left");
    let shown = page(&app, &left).await;
    let WindowState::Failed(failure) = shown.state else {
        panic!("{shown:?}");
    };
    assert_eq!(failure.pg_code, Failure::WINDOW_LEFT);
}

#[tokio::test]
async fn a_page_is_over_after_its_time() {
    let options = TestAppOptions {
        config: Some(EngineConfig {
            window_ms: -1,
            ..EngineConfig::default()
        }),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    let opened = app.open_window(window("page-late")).await.expect("opened");
    let key = app.open_key_window(key_window()).await.expect("opened");
    for late in [&opened, &key] {
        let shown = page(&app, late).await;
        let WindowState::Failed(failure) = shown.state else {
            panic!("{shown:?}");
        };
        assert_eq!(failure.pg_code, Failure::WINDOW_EXPIRED);
    }
    // Looking has ended it: the payment says the same.
    assert_eq!(status(&app, "page-late").await, "FAILED");
}

#[tokio::test]
async fn a_token_of_nobodys_opens_nothing() {
    let app = app().await;
    let opened = app.open_window(window("page-own")).await.expect("opened");
    let own = token(&opened).to_owned();
    let (name, signature) = own.split_once('.').expect("a signature");
    let other = app.open_window(window("page-other")).await.expect("opened");
    let (other_name, _) = token(&other).split_once('.').expect("a signature");
    for forged in [
        String::new(),
        name.to_owned(),
        format!("{other_name}.{signature}"),
        own.replace("window-", "payment-token-"),
    ] {
        let page = app.engine.window_page(&forged).await;
        assert!(matches!(page, Err(Fault::PaymentNotFound)), "{forged}");
        let left = app.engine.leave_window_page(&forged).await;
        assert!(matches!(left, Err(Fault::PaymentNotFound)), "{forged}");
    }
}
