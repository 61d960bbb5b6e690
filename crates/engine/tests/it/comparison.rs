//! Our books against the PG's, by inquiry: what is found, what ends by itself, and that no
//! payment is ever changed.

use naru_domain::payment::Status;
use naru_domain::{ChannelKey, DifferenceKind, PaymentId, StoreId};
use naru_engine::admin::NewChannel;
use naru_engine::payments::{ChannelChoice, PayInstantly, PayRequest};
use naru_engine::reconcile::{Compared, DifferenceFilter};
use naru_engine::records::{DifferenceRecord, DifferenceState, Queue};
use naru_engine::{Fault, Secret};
use serde_json::json;

use crate::support::{Bed, CHANNEL, Cut, STORE, account_payment, call, cancel, card_payment};

const DAY_MS: i64 = 86_400_000;
/// A little more than the delay before a first comparison.
const DELAY_MS: i64 = 601_000;

fn store() -> StoreId {
    StoreId::new(STORE)
}

/// A bed whose PG lives on the same day.
async fn bed() -> Bed {
    let bed = Bed::new().await;
    let start = json!({ "set": "2026-01-01T00:00:00Z" });
    bed.control_with("/clock", &start).await;
    // The first turn of all: walks begin where the store is now.
    turn(&bed).await;
    bed
}

async fn pay(bed: &Bed, id: &str) -> String {
    let paid = bed.engine.pay_instantly(call(), card_payment(id, false));
    paid.await.unwrap();
    let payment = bed.read(id).await.payment;
    payment.captured().unwrap().1.pg_tx_id.clone()
}

/// Turns until there is nothing to do at once.
async fn turn(bed: &Bed) {
    for _ in 0..50 {
        if !bed.engine.compare_turn(&store()).await.unwrap() {
            return;
        }
    }
    panic!("there is always something more to do");
}

async fn calls(bed: &Bed) -> i64 {
    let bytes = bed.download("/books?pg=inicis").await;
    let books: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    books["calls"].as_i64().unwrap()
}

async fn all(bed: &Bed) -> Vec<DifferenceRecord> {
    let filter = DifferenceFilter::default();
    bed.engine
        .differences(&filter, (100, 0))
        .await
        .unwrap()
        .items
}

/// The differences as (kind, ours, theirs, state).
async fn found(bed: &Bed) -> Vec<(DifferenceKind, i64, i64, DifferenceState)> {
    all(bed)
        .await
        .iter()
        .map(|one| (one.kind, one.ours, one.theirs, one.state))
        .collect()
}

#[tokio::test]
async fn books_that_agree_have_no_differences_and_are_asked_once_and_on_the_next_days() {
    let bed = bed().await;
    pay(&bed, "a").await;
    pay(&bed, "b").await;
    bed.engine
        .cancel_payment(call(), PaymentId::new("b"), cancel(Some(300)))
        .await
        .unwrap();
    let before = calls(&bed).await;
    turn(&bed).await;
    assert_eq!(calls(&bed).await, before, "they are too young");
    bed.time.pass_ms(DELAY_MS);
    turn(&bed).await;
    turn(&bed).await;
    assert_eq!(calls(&bed).await, before + 2);
    for day in 1..=5 {
        bed.time.pass_ms(DAY_MS);
        turn(&bed).await;
        assert_eq!(calls(&bed).await, before + 2 + 2 * day.min(3), "day {day}");
    }
    assert_eq!(found(&bed).await, []);
}

#[tokio::test]
async fn a_cancellation_at_the_pgs_console_is_found_and_no_payment_is_changed() {
    let bed = bed().await;
    let tid = pay(&bed, "a").await;
    pay(&bed, "b").await;
    let body = json!({ "pgTxId": tid });
    bed.control_with("/console/cancel", &body).await;
    let before = bed.read("a").await.payment;
    bed.time.pass_ms(DELAY_MS);
    turn(&bed).await;
    let kind = DifferenceKind::CancelledAmount;
    assert_eq!(found(&bed).await, [(kind, 0, 1_000, DifferenceState::Open)]);
    assert_eq!(bed.read("a").await.payment, before);
    assert_eq!(bed.status("a").await, Status::Paid);
    let one = &all(&bed).await[0];
    assert_eq!(one.payment_id, PaymentId::new("a"));
    assert_eq!(one.channel, ChannelKey::new(CHANNEL));
    // The next days find the same one again.
    for _ in 0..5 {
        bed.time.pass_ms(DAY_MS);
        turn(&bed).await;
    }
    let again = &all(&bed).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].found_at, one.found_at);
    assert!(again[0].checked_at > one.checked_at);
}

#[tokio::test]
async fn a_wrong_answer_is_a_difference_that_ends_by_itself() {
    let bed = bed().await;
    pay(&bed, "a").await;
    let fault = json!({ "operation": "inquiry", "kind": "wrong_amount" });
    bed.control_with("/faults", &fault).await;
    bed.time.pass_ms(DELAY_MS);
    turn(&bed).await;
    let kind = DifferenceKind::CapturedAmount;
    assert_eq!(
        found(&bed).await,
        [(kind, 1_000, 1_010, DifferenceState::Open)]
    );
    // Open ones are looked at again after an hour.
    turn(&bed).await;
    assert_eq!(found(&bed).await[0].3, DifferenceState::Open);
    bed.time.pass_ms(3_601_000);
    turn(&bed).await;
    assert_eq!(
        found(&bed).await,
        [(kind, 1_000, 1_010, DifferenceState::Resolved)]
    );
    assert!(all(&bed).await[0].ended_at.is_some());
}

#[tokio::test]
async fn what_the_pg_has_lost_and_what_it_took_unknown_to_us_are_found() {
    let bed = bed().await;
    let tid = pay(&bed, "lost").await;
    bed.control_with("/console/forget", &json!({ "pgTxId": tid }))
        .await;
    // It arrives, although the sender believes that it never left.
    bed.wire.script(&[Cut::Denied]);
    let failed = bed
        .engine
        .pay_instantly(call(), card_payment("taken", false));
    assert!(matches!(failed.await, Err(Fault::PgProvider { .. })));
    bed.time.pass_ms(DELAY_MS);
    // The PG's clock is real time, so the first is not younger than the second.
    turn(&bed).await;
    let mut found = found(&bed).await;
    found.sort_by_key(|one| one.0);
    assert_eq!(
        found,
        [
            (DifferenceKind::MissingAtPg, 1_000, 0, DifferenceState::Open),
            (DifferenceKind::TakenAtPg, 0, 1_000, DifferenceState::Open),
        ]
    );
    assert_eq!(bed.status("taken").await, Status::Failed);
}

#[tokio::test]
async fn a_deposit_whose_notice_never_came_is_found() {
    let bed = bed().await;
    let issued = bed.engine.pay_instantly(call(), account_payment("a"));
    issued.await.unwrap();
    bed.time.pass_ms(DELAY_MS);
    turn(&bed).await;
    assert_eq!(found(&bed).await, []);
    let number = bed.transactions().await[0]["accountNumber"].clone();
    let number = number.as_str().unwrap();
    bed.control(&format!("/virtual-accounts/{number}/deposit"))
        .await;
    bed.time.pass_ms(DAY_MS);
    turn(&bed).await;
    let kind = DifferenceKind::TakenAtPg;
    assert_eq!(found(&bed).await, [(kind, 0, 1_000, DifferenceState::Open)]);
    assert_eq!(bed.status("a").await, Status::VirtualAccountIssued);
}

#[tokio::test]
async fn a_pg_that_does_not_answer_is_waited_for_and_then_told() {
    let bed = bed().await;
    pay(&bed, "a").await;
    pay(&bed, "b").await;
    bed.time.pass_ms(DELAY_MS);
    bed.wire.always(Cut::Before);
    for _ in 0..9 {
        turn(&bed).await;
        assert_eq!(found(&bed).await, []);
    }
    turn(&bed).await;
    let kind = DifferenceKind::NotAnswered;
    assert_eq!(found(&bed).await, [(kind, 1_000, 0, DifferenceState::Open)]);
    // Once it answers, the walk goes on and what was told ends.
    bed.wire.always(Cut::None);
    bed.time.pass_ms(3_601_000);
    turn(&bed).await;
    assert_eq!(
        found(&bed).await,
        [(kind, 1_000, 0, DifferenceState::Resolved)]
    );
}

#[tokio::test]
async fn what_is_under_way_is_left_alone() {
    let bed = bed().await;
    pay(&bed, "a").await;
    bed.wire.always(Cut::Before);
    bed.engine
        .cancel_payment(call(), PaymentId::new("a"), cancel(None))
        .await
        .unwrap();
    bed.wire.always(Cut::None);
    let (store, here, nowhere) = (store(), PaymentId::new("a"), PaymentId::new("x"));
    let said = bed.engine.compare_payment(&store, &here);
    assert_eq!(said.await.unwrap(), Compared::UnderWay);
    let none = bed.engine.compare_payment(&store, &nowhere);
    assert_eq!(none.await.unwrap_err(), Fault::PaymentNotFound);
}

#[tokio::test]
async fn a_person_accepts_a_difference_until_its_figures_change() {
    let bed = bed().await;
    let tid = pay(&bed, "a").await;
    let part = json!({ "pgTxId": tid, "amount": 300 });
    bed.control_with("/console/cancel", &part).await;
    let payment = PaymentId::new("a");
    let own = store();
    let compare = async || bed.engine.compare_payment(&own, &payment).await.unwrap();
    assert_eq!(
        compare().await,
        Compared::Done {
            inquiries: 1,
            open: 1
        }
    );
    let id = all(&bed).await[0].id();
    let store = own.clone();
    for (id, note) in [(id.as_str(), ""), ("nothing", "why")] {
        let refused = bed.engine.accept_difference((&store, id), note.to_owned());
        assert!(matches!(refused.await, Err(Fault::InvalidRequest { .. })));
    }
    let accepted = bed
        .engine
        .accept_difference((&store, &id), "given back by phone".to_owned());
    assert_eq!(accepted.await.unwrap().state, DifferenceState::Accepted);
    assert_eq!(
        compare().await,
        Compared::Done {
            inquiries: 1,
            open: 0
        }
    );
    assert_eq!(
        all(&bed).await[0].note.as_deref(),
        Some("given back by phone")
    );
    bed.control_with("/console/cancel", &part).await;
    assert_eq!(
        compare().await,
        Compared::Done {
            inquiries: 1,
            open: 1
        }
    );
    let now = &all(&bed).await[0];
    assert_eq!((now.theirs, now.state), (600, DifferenceState::Open));
    assert_eq!(now.note, None);
}

/// A test channel at the PG itself, as far as Naru knows.
async fn real_test_channel(bed: &Bed) -> ChannelKey {
    let found_channels = bed.engine.channels(Some(&store())).await.unwrap();
    let ours = &found_channels[0];
    let mut options = ours.options.clone();
    for name in ["iniapi_base", "shop_url"] {
        let address = options[name].replace("http:", "https:");
        options.insert(name.to_owned(), address);
    }
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "ItEQKi3rY7uvDS8l"),
        ("iniapi_iv", "HYb3yQ4f65QL89=="),
    ];
    let channel = NewChannel {
        store_id: store(),
        name: "the PG's own test system".to_owned(),
        key: Some(ChannelKey::new("channel-key-real")),
        id: None,
        pg_provider: ours.pg_provider.clone(),
        pg_merchant_id: ours.pg_merchant_id.clone(),
        is_test: true,
        is_simulated: false,
        secrets: secrets
            .into_iter()
            .map(|(name, key)| (name.to_owned(), Secret::new(key)))
            .collect(),
        options,
    };
    bed.engine.create_channel(channel).await.unwrap().key
}

#[tokio::test]
async fn what_a_pg_cancels_of_a_test_channel_is_exempt_and_marked() {
    let bed = bed().await;
    let asked = card_payment("a", false);
    let asked = PayRequest {
        method: PayInstantly {
            channel: ChannelChoice::Channel(real_test_channel(&bed).await),
            ..asked.method
        },
        ..asked
    };
    bed.engine.pay_instantly(call(), asked).await.unwrap();
    let tid = bed.transactions().await[0]["pgTxId"].clone();
    bed.control_with("/console/cancel", &json!({ "pgTxId": tid }))
        .await;
    let payment = PaymentId::new("a");
    let compared = bed
        .engine
        .compare_payment(&store(), &payment)
        .await
        .unwrap();
    assert_eq!(
        compared,
        Compared::Done {
            inquiries: 1,
            open: 0
        }
    );
    let kind = DifferenceKind::CancelledAmount;
    assert_eq!(
        found(&bed).await,
        [(kind, 0, 1_000, DifferenceState::Exempt)]
    );
    // A lost payment is as bad there as anywhere.
    bed.control_with("/console/forget", &json!({ "pgTxId": tid }))
        .await;
    let compared = bed
        .engine
        .compare_payment(&store(), &payment)
        .await
        .unwrap();
    assert_eq!(
        compared,
        Compared::Done {
            inquiries: 1,
            open: 1
        }
    );
}

#[tokio::test]
async fn a_turn_keeps_to_its_rate() {
    let bed = bed().await;
    for number in 0..30 {
        pay(&bed, &format!("p{number}")).await;
    }
    bed.time.pass_ms(DELAY_MS);
    let (began, before) = (bed.time.read(), calls(&bed).await);
    let is_more = bed.engine.compare_turn(&store()).await.unwrap();
    let took_ms = bed.time.read().as_millis() - began.as_millis();
    // Two per second for ten seconds.
    assert_eq!(calls(&bed).await - before, 20);
    assert!(is_more && took_ms >= 10_000, "{took_ms}");
    assert!(!bed.engine.compare_turn(&store()).await.unwrap());
    assert_eq!(calls(&bed).await - before, 30);
}

#[tokio::test]
async fn one_job_for_each_merchant_is_leased_and_never_over() {
    let bed = bed().await;
    pay(&bed, "a").await;
    let body = json!({ "pgTxId": bed.transactions().await[0]["pgTxId"] });
    bed.control_with("/console/cancel", &body).await;
    bed.time.pass_ms(DELAY_MS);
    bed.engine.ensure_comparisons().await.unwrap();
    bed.engine.ensure_comparisons().await.unwrap();
    let claim = async || {
        let jobs = bed
            .engine
            .claim(Queue::Compare, 10, (15_000, false), Vec::new());
        jobs.await.unwrap()
    };
    let mut jobs = claim().await;
    assert_eq!(jobs.len(), 1);
    assert!(claim().await.is_empty(), "another node has it");
    bed.engine.run(jobs.remove(0)).await.unwrap();
    assert_eq!(found(&bed).await.len(), 1);
    assert!(claim().await.is_empty(), "it rests");
    bed.time.pass_ms(30_000);
    assert_eq!(claim().await.len(), 1);
}

#[tokio::test]
async fn what_no_settlement_has_in_time_is_found_where_they_are_collected() {
    let bed = bed().await;
    pay(&bed, "a").await;
    bed.time.pass_ms(40 * DAY_MS);
    turn(&bed).await;
    assert_eq!(found(&bed).await, [], "nothing is collected");

    bed.engine
        .enrol(&store(), "2026-01-01".parse().ok())
        .await
        .unwrap();
    let offset = json!({ "advance": "P40D" });
    bed.control_with("/clock", &offset).await;
    pay(&bed, "b").await;
    bed.time.pass_ms(31 * DAY_MS + DELAY_MS);
    turn(&bed).await;
    let kind = DifferenceKind::NotSettled;
    assert_eq!(found(&bed).await, [(kind, 1_000, 0, DifferenceState::Open)]);
    assert_eq!(all(&bed).await[0].payment_id, PaymentId::new("b"));
}
