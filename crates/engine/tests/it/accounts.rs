//! Deposits to virtual accounts: design 2a.8 and P3.

use bytes::Bytes;
use naru_connector::{InboundRequest, NoticeAnswer};
use naru_domain::payment::{AttemptState, Discrepancy, Failure, Status};
use naru_domain::{ChannelKey, PaymentId};
use naru_engine::payments::CallContext;
use naru_engine::{Answer, Fault};
use serde_json::Value;

use crate::groups::card_channel;
use crate::support::{Bed, Cut, account_payment, call};

/// The number of the account that waits, from the PG's own books.
async fn account_number(bed: &Bed) -> String {
    let books = bed.transactions().await;
    let number = &books[0]["accountNumber"];
    number.as_str().unwrap().to_owned()
}

/// A customer pays in; gives the PG's id of the deposit, and the order id.
pub async fn pay_in(bed: &Bed) -> (String, String) {
    let number = account_number(bed).await;
    let done = bed
        .control(&format!("/virtual-accounts/{number}/deposit"))
        .await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let account = &done["account"];
    (
        text(&account["deposits"][0]["pgTxId"]),
        text(&account["transaction"]["orderId"]),
    )
}

/// A notice as the PG sends it.
pub async fn notify(bed: &Bed, deposit: &str, order: &str) {
    notify_of(bed, (deposit, order), 1_000).await;
}

async fn notify_of(bed: &Bed, (deposit, order): (&str, &str), amount: i64) {
    let notice = form(deposit, order, amount);
    let taken = bed.engine.take_notice("INICIS_V2", &notice).await.unwrap();
    assert_eq!(taken.body, "OK");
}

fn form(deposit: &str, order: &str, amount: i64) -> InboundRequest {
    let form = format!(
        "id_merchant=INIpayTest&no_tid={deposit}&no_oid={order}&no_vacct=1&amt_input={amount}\
         &dt_trans=20260101&tm_trans=090000&type_msg=0200"
    );
    InboundRequest {
        content_type: Some("application/x-www-form-urlencoded".to_owned()),
        body: Bytes::from(form),
        peer: None,
    }
}

/// What the sender of a notice of 1,000 won is answered.
async fn deliver(bed: &Bed, (deposit, order): (&str, &str), peer: Option<&str>) -> NoticeAnswer {
    let notice = InboundRequest {
        peer: peer.map(|peer| peer.parse().unwrap()),
        ..form(deposit, order, 1_000)
    };
    bed.engine.take_notice("INICIS_V2", &notice).await.unwrap()
}

pub async fn issue(bed: &Bed, id: &str) {
    let answer = bed.engine.pay_instantly(call(), account_payment(id)).await;
    assert!(matches!(answer, Ok(Answer::Payment { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_deposit_waits_for_as_long_as_the_pg_cannot_be_asked() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    let (deposit, order) = pay_in(&bed).await;
    bed.wire.always(Cut::Before);
    notify(&bed, &deposit, &order).await;
    for _ in 0..15 {
        bed.settle().await;
    }
    assert_eq!(bed.status("a").await, Status::VirtualAccountIssued);
    bed.wire.always(Cut::None);
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
}

#[tokio::test]
async fn a_deposit_waits_for_the_answer_of_its_issue() {
    let mut bed = Bed::new().await;
    bed.wire.script(&[Cut::HangAfter]);
    bed.wire.always(Cut::Before);
    let engine = bed.engine.clone();
    bed.crash_in(async move { engine.pay_instantly(call(), account_payment("a")).await })
        .await;
    let (deposit, order) = pay_in(&bed).await;
    notify(&bed, &deposit, &order).await;
    for _ in 0..15 {
        bed.settle().await;
    }
    bed.wire.always(Cut::None);
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
}

#[tokio::test]
async fn a_deposit_for_an_issue_that_counts_as_never_sent_is_recorded() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::Denied]);
    let answer = bed.engine.pay_instantly(call(), account_payment("a")).await;
    assert!(
        matches!(&answer, Err(Fault::PgProvider { pg_code, .. }) if pg_code == Failure::NOT_SENT),
        "{answer:?}"
    );
    let (deposit, order) = pay_in(&bed).await;
    notify(&bed, &deposit, &order).await;
    bed.settle().await;
    let attempt = bed.read("a").await.payment.attempts[0].clone();
    assert!(
        matches!(attempt.state, AttemptState::Reversing { .. }),
        "{:?}",
        attempt.state
    );
    let found = bed.discrepancies().await;
    assert!(
        matches!(
            found.as_slice(),
            [one] if matches!(one.discrepancy, Discrepancy::Surplus { amount: 1_000, .. })
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_notice_that_comes_twice_is_one_deposit() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    let (deposit, order) = pay_in(&bed).await;
    notify(&bed, &deposit, &order).await;
    notify(&bed, &deposit, &order).await;
    bed.settle().await;
    notify(&bed, &deposit, &order).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
    let found = bed.discrepancies().await;
    assert!(found.is_empty(), "{found:?}");
}

/// A customer who pays twice must not lose the money, though the PG's inquiry shows one deposit.
#[tokio::test]
async fn a_second_deposit_is_recorded_and_changes_no_state() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    let (deposit, order) = pay_in(&bed).await;
    notify(&bed, &deposit, &order).await;
    bed.settle().await;
    notify_of(&bed, ("D2", &order), 1_000).await;
    notify_of(&bed, ("D3", &order), 5).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
    let found: Vec<Discrepancy> = bed
        .discrepancies()
        .await
        .into_iter()
        .map(|one| one.discrepancy)
        .collect();
    let second = |amount, id: &str| Discrepancy::SecondDeposit {
        amount,
        pg_deposit_id: id.to_owned(),
    };
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&second(1_000, "D2")), "{found:?}");
    assert!(found.contains(&second(5, "D3")), "{found:?}");
}

#[tokio::test]
async fn a_false_notice_does_not_stand_in_the_way_of_the_true_one() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    let (deposit, order) = pay_in(&bed).await;
    notify(&bed, &deposit, &"0".repeat(32)).await;
    notify(&bed, &deposit, &order).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
}

#[tokio::test]
async fn a_deposit_told_from_elsewhere_is_refused_and_not_kept() {
    let bed = Bed::new().await;
    let mut real = card_channel("channel-key-real");
    real.is_simulated = false;
    for (name, value) in [
        ("iniapi_base", "https://pg.test/inicis"),
        ("unconfirmed", "true"),
        ("notice_ips", "203.0.113.9"),
    ] {
        real.options.insert(name.to_owned(), value.to_owned());
    }
    bed.engine.put_channel(real).await.unwrap();
    let mut request = account_payment("a");
    request.method.channel = ChannelKey::new("channel-key-real").into();
    bed.engine.pay_instantly(call(), request).await.unwrap();
    let (deposit, order) = pay_in(&bed).await;
    for peer in [None, Some("203.0.113.8")] {
        let taken = deliver(&bed, (&deposit, &order), peer).await;
        assert_eq!((taken.status, taken.body), (403, "FAIL"));
    }
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::VirtualAccountIssued);
    let taken = deliver(&bed, (&deposit, &order), Some("203.0.113.9")).await;
    assert_eq!(taken.body, "OK");
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
}

#[tokio::test]
async fn a_notice_that_was_refuted_counts_when_it_comes_again() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    let order = bed.read("a").await.payment.attempts[0].id.order_id();
    // The PG's books lag behind its own notice, for longer than we ask.
    notify(&bed, "D1", &order).await;
    for _ in 0..15 {
        bed.settle().await;
    }
    pay_in(&bed).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::VirtualAccountIssued);
    notify(&bed, "D1", &order).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
}

#[tokio::test]
async fn a_closing_whose_answer_is_unclear_is_remembered_as_it_was_told() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    let ticket = bed.ticket("0123456789abcdef", "{}");
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    let context = CallContext {
        ticket: Some(ticket.clone()),
        ..call()
    };
    let id = PaymentId::new("a");
    let told = bed.engine.close_virtual_account(context, id).await;
    assert_eq!(told, Err(Fault::outcome_unknown()));
    let replayed = bed.engine.replay(&ticket).await;
    assert_eq!(replayed, Ok(Some(Err(Fault::outcome_unknown()))));
    bed.wire.always(Cut::None);
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Failed, "closed");
    let replayed = bed.engine.replay(&ticket).await;
    assert_eq!(replayed, Ok(Some(Err(Fault::outcome_unknown()))));
}
