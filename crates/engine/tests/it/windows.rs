//! Windows: a process that dies, and answers that are lost, at each place of an approval and of a
//! net cancel (design 2a.1 to 2a.3).

use naru_connector::{Device, InboundRequest};
use naru_domain::payment::{AttemptState, Discrepancy, Failure, Status};
use naru_domain::{AttemptId, ChannelKey, MethodKind, PaymentId, StoreId};
use naru_engine::payments::ChannelChoice;
use naru_engine::records::AuthenticationRecord;
use naru_engine::windows::{Back, ConfirmPayment, OpenPaymentWindow, WindowEnd};
use naru_engine::{Answer, Engine, Fault};
use naru_store_memory::Fault as StoreFault;
use serde_json::json;

use crate::groups::card_channel;
use crate::support::{Bed, CHANNEL, Cut, STORE, call, card_payment};

/// A channel through which the PG can't be asked by order id.
const BLIND: &str = "channel-key-blind";

/// The same among the simulated ones: somebody made it in a sandbox without the option.
const PLAIN: &str = "channel-key-plain";

/// A bed whose channels wait for the merchant.
async fn bed() -> Bed {
    let bed = Bed::new().await;
    let mut blind = card_channel(BLIND);
    blind.is_simulated = false;
    blind.options.remove("order_id_inquiry");
    for (name, value) in [
        ("iniapi_base", "https://pg.test/inicis"),
        ("stdpay_base", "https://pg.test/inicis/stdpay"),
        ("mobile_base", "https://pg.test/inicis/mobile"),
    ] {
        blind.options.insert(name.to_owned(), value.to_owned());
    }
    bed.engine.put_channel(blind).await.unwrap();
    let mut plain = card_channel(PLAIN);
    plain.options.remove("order_id_inquiry");
    bed.engine.put_channel(plain).await.unwrap();
    for key in [CHANNEL, BLIND, PLAIN] {
        let key = ChannelKey::new(key);
        bed.engine.set_manual_confirm(&key, true).await.unwrap();
    }
    bed
}

fn asked(payment: &str, channel: &str, device: Device) -> OpenPaymentWindow {
    OpenPaymentWindow {
        issues_key: false,
        payment_id: PaymentId::new(payment),
        order: card_payment(payment, false).order,
        method: MethodKind::Card,
        channel: ChannelKey::new(channel).into(),
        device,
        account_expires_at: None,
        confirm_url: None,
        opener: None,
        wishes: naru_domain::WindowWishes::default(),
    }
}

/// What the customer's browser brings back.
async fn authenticated(bed: &Bed, asked: OpenPaymentWindow) -> (AttemptId, InboundRequest) {
    let blind = ChannelChoice::Channel(ChannelKey::new(BLIND));
    let scheme = if asked.channel == blind {
        "https"
    } else {
        "http"
    };
    let device = match asked.device {
        Device::Pc => "pc",
        Device::Mobile => "mobile",
    };
    let opened = bed.engine.open_payment_window(call(), asked).await.unwrap();
    let fields: serde_json::Map<String, serde_json::Value> = opened
        .form
        .fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect();
    let body = json!({
        "device": device, "fields": fields, "base": format!("{scheme}://pg.test/inicis"),
    });
    let played = bed.control_with("/windows", &body).await;
    let brought = InboundRequest {
        content_type: None,
        body: played["form"].as_str().unwrap().to_owned().into(),
        peer: None,
    };
    (opened.attempt, brought)
}

pub async fn token(bed: &Bed, payment: &str, channel: &str) -> (AttemptId, String) {
    let (attempt, brought) = authenticated(bed, asked(payment, channel, Device::Pc)).await;
    let back = bed.engine.window_returned(attempt, brought).await.unwrap();
    let WindowEnd::NeedsConfirmation { payment_token } = back.end else {
        panic!("{back:?}");
    };
    (attempt, payment_token)
}

pub async fn confirm(engine: &Engine, payment: &str, token: &str) -> Result<Answer, Fault> {
    let request = ConfirmPayment {
        payment_token: token.to_owned(),
        tx_id: None,
        currency: None,
        total: None,
        tax_free: None,
        is_test: None,
        skip_webhook: false,
    };
    engine
        .confirm_payment(call(), PaymentId::new(payment), request)
        .await
}

/// Whether what the customer authenticated is still kept.
async fn is_kept(bed: &Bed, attempt: AttemptId) -> bool {
    let key = vec![attempt.order_id().into()];
    let found = bed.engine.store().load::<AuthenticationRecord>(key).await;
    found.unwrap().is_some()
}

fn code(result: Result<Answer, Fault>) -> String {
    match result {
        Err(Fault::PgProvider { pg_code, .. }) => pg_code,
        other => panic!("{other:?}"),
    }
}

fn failed_code(state: &AttemptState) -> &str {
    match state {
        AttemptState::Failed { failure, .. } => &failure.pg_code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_authenticated_is_sealed_and_forgotten_at_the_end() {
    let bed = bed().await;
    let (attempt, token) = token(&bed, "a", CHANNEL).await;
    let key = vec![attempt.order_id().into()];
    let row = bed.engine.store().load::<AuthenticationRecord>(key).await;
    let kept = format!("{:?}", row.unwrap().unwrap());
    assert!(!kept.contains("AUTH/"), "sealed: {kept}");
    confirm(&bed.engine, "a", &token).await.unwrap();
    assert_eq!(bed.status("a").await, Status::Paid);
    assert!(!is_kept(&bed, attempt).await);
    assert_eq!(bed.books().await.len(), 1);
}

#[tokio::test]
async fn a_process_that_dies_before_the_intent_leaves_the_payment_waiting() {
    let mut bed = bed().await;
    let (attempt, token) = token(&bed, "a", CHANNEL).await;
    // The intent's commit reaches nobody, however often it is tried.
    for _ in 0..8 {
        bed.store.fail_next(StoreFault::Before);
    }
    let answer = confirm(&bed.engine, "a", &token).await;
    assert!(
        matches!(answer, Err(Fault::Unavailable { .. })),
        "{answer:?}"
    );
    bed.restart();
    assert_eq!(bed.status("a").await, Status::Ready);
    assert!(is_kept(&bed, attempt).await);
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn between_intent_and_send_nothing_was_taken() {
    let mut bed = bed().await;
    let (attempt, token) = token(&bed, "a", CHANNEL).await;
    bed.wire.script(&[Cut::HangBefore]);
    let engine = bed.engine.clone();
    bed.crash_in(async move { confirm(&engine, "a", &token).await })
        .await;
    assert_eq!(bed.status("a").await, Status::PayPending);
    bed.settle().await;
    let payment = bed.read("a").await.payment;
    assert_eq!(failed_code(&payment.attempts[0].state), Failure::NOT_SENT);
    assert!(!is_kept(&bed, attempt).await);
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn an_approval_that_the_process_did_not_live_to_see_is_found_by_inquiry() {
    let mut bed = bed().await;
    let (attempt, token) = token(&bed, "a", CHANNEL).await;
    bed.wire.script(&[Cut::HangAfter]);
    let engine = bed.engine.clone();
    bed.crash_in(async move { confirm(&engine, "a", &token).await })
        .await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
    assert!(!is_kept(&bed, attempt).await);
    assert_eq!(bed.books().await.len(), 1);
}

#[tokio::test]
async fn a_customers_return_survives_a_crash_as_well() {
    let mut bed = bed().await;
    let key = ChannelKey::new(CHANNEL);
    bed.engine.set_manual_confirm(&key, false).await.unwrap();
    for (payment, cut, status) in [
        ("a", Cut::HangBefore, Status::Failed),
        ("b", Cut::HangAfter, Status::Paid),
    ] {
        let asked = asked(payment, CHANNEL, Device::Mobile);
        let (attempt, brought) = authenticated(&bed, asked).await;
        bed.wire.script(&[cut]);
        let engine = bed.engine.clone();
        bed.crash_in(async move { engine.window_returned(attempt, brought).await })
            .await;
        bed.settle().await;
        assert_eq!(bed.status(payment).await, status, "{payment}");
        assert!(!is_kept(&bed, attempt).await);
    }
    assert_eq!(bed.books().await.len(), 1);
}

#[tokio::test]
async fn where_the_pg_can_not_be_asked_a_lost_approval_is_undone() {
    for (channel, device) in [
        (BLIND, Device::Pc),
        (BLIND, Device::Mobile),
        (PLAIN, Device::Pc),
        (PLAIN, Device::Mobile),
    ] {
        let bed = bed().await;
        let (attempt, brought) = authenticated(&bed, asked("a", channel, device)).await;
        bed.wire.script(&[Cut::After]);
        let back = pays(&bed, attempt, brought).await;
        assert_eq!(back, Failure::NET_CANCELLED);
        assert_eq!(bed.status("a").await, Status::Failed);
        assert!(!is_kept(&bed, attempt).await);
        assert!(bed.books().await.is_empty(), "given back");
        // The payment may be tried again.
        let (attempt, brought) = authenticated(&bed, asked("a", channel, device)).await;
        let back = bed.engine.window_returned(attempt, brought).await.unwrap();
        confirmed(&bed, back).await.unwrap();
        assert_eq!(bed.books().await.len(), 1);
    }
}

#[tokio::test]
async fn who_opens_another_window_meanwhile_is_told_soon() {
    let bed = bed().await;
    let (_, token) = token(&bed, "a", CHANNEL).await;
    let fault = json!({ "operation": "inquiry", "kind": "garbage", "times": 1000 });
    bed.control_with("/faults", &fault).await;
    bed.wire.script(&[Cut::After]);
    let opens = async {
        while bed.status("a").await != Status::PayPending {
            tokio::task::yield_now().await;
        }
        let before = bed.time.read();
        let again = asked("a", CHANNEL, Device::Pc);
        let again = bed.engine.open_payment_window(call(), again).await;
        (again, bed.time.read().as_millis() - before.as_millis())
    };
    let (first, (again, waited_ms)) = tokio::join!(confirm(&bed.engine, "a", &token), opens);
    assert_eq!(code(first), Failure::OUTCOME_UNKNOWN);
    let Err(Fault::PgProvider { pg_code, .. }) = again else {
        panic!("{again:?}")
    };
    assert_eq!(pg_code, Failure::OUTCOME_UNKNOWN);
    assert!((1_000..10_000).contains(&waited_ms), "{waited_ms} ms");
}

/// Comes back, confirms, and gives the code of the failure.
async fn pays(bed: &Bed, attempt: AttemptId, brought: InboundRequest) -> String {
    let back = bed.engine.window_returned(attempt, brought).await.unwrap();
    code(confirmed(bed, back).await)
}

async fn confirmed(bed: &Bed, back: Back) -> Result<Answer, Fault> {
    let WindowEnd::NeedsConfirmation { payment_token } = back.end else {
        panic!("{back:?}");
    };
    confirm(&bed.engine, back.payment_id.as_str(), &payment_token).await
}

#[tokio::test]
async fn a_net_cancel_that_the_process_did_not_live_to_see_is_done_again() {
    for cut in [Cut::HangBefore, Cut::HangAfter] {
        let mut bed = bed().await;
        let (attempt, token) = token(&bed, "a", BLIND).await;
        // The approval is lost, then the process dies at its undoing.
        bed.wire.script(&[Cut::After, cut]);
        let engine = bed.engine.clone();
        bed.crash_in(async move { confirm(&engine, "a", &token).await })
            .await;
        assert!(is_kept(&bed, attempt).await, "needed to undo it");
        bed.settle().await;
        let payment = bed.read("a").await.payment;
        let failed = failed_code(&payment.attempts[0].state);
        assert_eq!(failed, Failure::NET_CANCELLED, "{cut:?}");
        assert!(!is_kept(&bed, attempt).await);
        assert!(bed.books().await.is_empty());
    }
}

#[tokio::test]
async fn a_net_cancel_that_the_pg_refuses_needs_a_person() {
    let bed = bed().await;
    let (attempt, token) = token(&bed, "a", BLIND).await;
    let fault = json!({ "operation": "net_cancel", "kind": "decline", "times": 1000 });
    bed.control_with("/faults", &fault).await;
    bed.wire.script(&[Cut::After]);
    let told = code(confirm(&bed.engine, "a", &token).await);
    assert_eq!(told, Failure::OUTCOME_UNKNOWN);
    // Not believed before the approval can't arrive any more.
    assert_eq!(bed.status("a").await, Status::PayPending);
    bed.time.pass_ms(11 * 60_000);
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Failed);
    assert!(!is_kept(&bed, attempt).await);
    let found = bed.discrepancies().await;
    assert!(
        matches!(
            &found[..],
            [one] if matches!(one.discrepancy, Discrepancy::UnclearApproval { amount: 1000, .. })
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn results_whose_commit_looks_failed_are_not_approved_twice() {
    let bed = bed().await;
    let (_, token) = token(&bed, "a", CHANNEL).await;
    bed.store.fail_next(StoreFault::After);
    bed.store.pass_next(1);
    bed.store.fail_next(StoreFault::After);
    confirm(&bed.engine, "a", &token).await.unwrap();
    assert_eq!(bed.status("a").await, Status::Paid);
    assert_eq!(bed.books().await.len(), 1);
}

#[tokio::test]
async fn two_nodes_confirm_once() {
    let bed = bed().await;
    let (_, token) = token(&bed, "a", CHANNEL).await;
    let other = bed.another_node();
    let (one, two) = tokio::join!(
        confirm(&bed.engine, "a", &token),
        confirm(&other, "a", &token)
    );
    let answers = [one, two];
    assert_eq!(answers.iter().filter(|one| one.is_ok()).count(), 1);
    assert!(answers.contains(&Err(Fault::AlreadyPaid)), "{answers:?}");
    assert_eq!(bed.books().await.len(), 1);
}

#[tokio::test]
async fn nobody_confirms_and_the_wait_ends() {
    let bed = bed().await;
    let (attempt, _) = token(&bed, "a", CHANNEL).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Ready);
    bed.time.pass_ms(31 * 60_000);
    bed.settle().await;
    let payment = bed.read("a").await.payment;
    assert_eq!(
        failed_code(&payment.attempts[0].state),
        Failure::WINDOW_EXPIRED
    );
    assert!(!is_kept(&bed, attempt).await);
    let store = StoreId::new(STORE);
    let view = bed
        .engine
        .payment(&store, &PaymentId::new("a"))
        .await
        .unwrap();
    let events: Vec<_> = view.webhooks.iter().map(|one| one.event.as_str()).collect();
    assert_eq!(events, ["Transaction.Ready", "Transaction.Failed"]);
}
