//! Schedules through crashes and unclear answers: one attempt each, whatever happens (design 2a.9).

use naru_domain::payment::{AttemptState, Failure, Status};
use naru_domain::{PaymentId, ScheduleId, StoreId};
use naru_engine::records::Queue;
use naru_engine::schedules::RevokeSchedules;
use naru_engine::{Answer, Fault};
use naru_store_memory::Fault as CommitFault;

use crate::groups::{card_channels, channels_of, group, issue};
use crate::support::{Bed, Cut, STORE, call, card_payment, schedule_request};

/// A bed with a schedule that is due.
async fn due() -> (Bed, ScheduleId) {
    let bed = Bed::new().await;
    let key = bed.key().await;
    let id = bed.schedule("a", &key, 60).await;
    bed.time.pass_ms(60_000);
    (bed, id)
}

async fn failure_code(bed: &Bed, payment: &str) -> String {
    let payment = bed.read(payment).await.payment;
    match &payment.shown().unwrap().state {
        AttemptState::Failed { failure, .. } | AttemptState::Reversed { failure, .. } => {
            failure.pg_code.clone()
        }
        other => panic!("{other:?}"),
    }
}

async fn events(bed: &Bed, payment: &str) -> Vec<String> {
    let webhooks = bed.read(payment).await.webhooks;
    webhooks.into_iter().map(|webhook| webhook.event).collect()
}

/// Charges in the PG's books, whatever became of them.
async fn charges(bed: &Bed) -> usize {
    let is_charge = |row: &&serde_json::Value| row["kind"] != "BILLING_KEY";
    bed.transactions().await.iter().filter(is_charge).count()
}

#[tokio::test]
async fn a_schedule_that_is_due_pays_and_is_announced() {
    let (bed, id) = due().await;
    bed.settle().await;
    assert_eq!(bed.schedule_state(&id).await, "SUCCEEDED");
    assert_eq!(bed.status("a").await, Status::Paid);
    let payment = bed.read("a").await.payment;
    assert_eq!(payment.attempts[0].schedule, Some(id));
    assert_eq!(events(&bed, "a").await, ["Transaction.Paid"]);
    assert!(bed.due_schedules().await.is_empty(), "its job is gone");
}

/// The process dies at each point between the lease and the result.
#[tokio::test]
async fn a_crash_at_the_wire_charges_once_or_not_at_all() {
    for (cut, state, sales, event) in [
        (Cut::HangBefore, "FAILED", 0, "Transaction.Failed"),
        (Cut::HangAfter, "SUCCEEDED", 1, "Transaction.Paid"),
    ] {
        let (mut bed, id) = due().await;
        bed.wire.script(&[cut]);
        let job = bed.due_schedules().await.remove(0);
        let engine = bed.engine.clone();
        bed.crash_in(async move { engine.run(job).await }).await;
        assert_eq!(bed.schedule_state(&id).await, "STARTED", "{cut:?}");
        bed.settle().await;
        assert_eq!(bed.schedule_state(&id).await, state, "{cut:?}");
        assert_eq!(charges(&bed).await, sales, "{cut:?}");
        assert_eq!(bed.books().await.len(), sales, "kept: nobody was told");
        assert_eq!(events(&bed, "a").await, [event]);
        if sales == 0 {
            assert_eq!(failure_code(&bed, "a").await, Failure::NOT_SENT);
        }
        bed.time.pass_ms(86_400_000);
        bed.settle().await;
        assert_eq!(charges(&bed).await, sales, "never sent again");
    }
}

#[tokio::test]
async fn a_crash_before_the_intent_leaves_the_schedule_to_the_next_start() {
    let (mut bed, id) = due().await;
    let leased = bed.due_schedules().await;
    assert_eq!(leased.len(), 1);
    bed.restart();
    assert_eq!(bed.schedule_state(&id).await, "SCHEDULED");
    bed.settle().await;
    assert_eq!(bed.schedule_state(&id).await, "SUCCEEDED");
    assert_eq!(charges(&bed).await, 1);
}

/// Each commit of the run fails once, before or after it took effect.
#[tokio::test]
async fn commits_that_fail_change_nothing_about_it() {
    for fault in [CommitFault::Before, CommitFault::After] {
        for passed in 0..4 {
            let (bed, id) = due().await;
            let job = bed.due_schedules().await.remove(0);
            bed.store.pass_next(passed);
            bed.store.fail_next(fault);
            let _ = bed.engine.run(job).await;
            bed.settle().await;
            bed.settle().await;
            assert_eq!(
                bed.schedule_state(&id).await,
                "SUCCEEDED",
                "{fault:?} {passed}"
            );
            assert_eq!(charges(&bed).await, 1);
            assert_eq!(events(&bed, "a").await, ["Transaction.Paid"]);
        }
    }
}

/// The store goes away after so many commits, and comes back with another process.
#[tokio::test]
async fn a_store_that_is_away_does_not_make_it_twice() {
    for passed in 0..3 {
        let (mut bed, id) = due().await;
        let job = bed.due_schedules().await.remove(0);
        bed.store.pass_next(passed);
        // The commit itself and putting the job back, four tries each.
        for _ in 0..8 {
            bed.store.fail_next(CommitFault::Before);
        }
        let _ = bed.engine.run(job).await;
        bed.restart();
        bed.settle().await;
        let state = bed.schedule_state(&id).await;
        assert_eq!(state, "SUCCEEDED", "{passed}");
        assert_eq!(charges(&bed).await, 1, "{passed}");
    }
}

#[tokio::test]
async fn an_answer_that_was_lost_is_found_out_and_kept() {
    for (cuts, first, last, sales) in [
        (vec![Cut::After, Cut::Before], "PENDING", "SUCCEEDED", 1),
        (vec![Cut::Before, Cut::Before], "PENDING", "FAILED", 0),
        (vec![Cut::After], "SUCCEEDED", "SUCCEEDED", 1),
        (vec![Cut::Refused], "FAILED", "FAILED", 0),
    ] {
        let (bed, id) = due().await;
        bed.wire.script(&cuts);
        let began = bed.time.read();
        let job = bed.due_schedules().await.remove(0);
        bed.engine.run(job).await.unwrap();
        assert_eq!(bed.schedule_state(&id).await, first, "{cuts:?}");
        let took = bed.time.read().as_millis() - began.as_millis();
        assert!(
            took < 10_000,
            "the lane is not held for the whole budget: {took} ms"
        );
        bed.settle().await;
        assert_eq!(bed.schedule_state(&id).await, last, "{cuts:?}");
        assert_eq!(bed.books().await.len(), sales, "what was taken is kept");
        assert_eq!(events(&bed, "a").await.len(), 1, "{cuts:?}");
    }
}

#[tokio::test]
async fn two_nodes_with_one_job_charge_once() {
    for _ in 0..10 {
        let (bed, id) = due().await;
        let other = bed.another_node();
        let mine = bed.due_schedules().await.remove(0);
        // The lease runs out while the first node is slow.
        bed.time.pass_ms(2_000);
        let lease = (1_000, false);
        let theirs = other.claim(Queue::Schedule, 1, lease, Vec::new()).await;
        let theirs = theirs.unwrap().remove(0);
        let (one, two) = tokio::join!(bed.engine.run(mine), other.run(theirs));
        one.unwrap();
        two.unwrap();
        bed.settle().await;
        assert_eq!(bed.schedule_state(&id).await, "SUCCEEDED");
        assert_eq!(bed.read("a").await.payment.attempts.len(), 1);
        assert_eq!(charges(&bed).await, 1);
    }
}

#[tokio::test]
async fn what_was_missed_while_the_server_was_down_runs_oldest_first() {
    let mut bed = Bed::new().await;
    let key = bed.key().await;
    for (payment, seconds) in [("c", 300), ("a", 100), ("d", 400), ("b", 200)] {
        bed.schedule(payment, &key, seconds).await;
    }
    bed.restart();
    bed.time.pass_ms(7 * 86_400_000);
    bed.settle().await;
    let mut paid = Vec::new();
    for payment in ["a", "b", "c", "d"] {
        let payment = bed.read(payment).await.payment;
        assert_eq!(payment.status(), Status::Paid);
        paid.push(payment.attempts[0].id.order_id());
    }
    let books: Vec<String> = bed.books().await.into_iter().map(|row| row.0).collect();
    assert_eq!(books, paid);
}

#[tokio::test]
async fn a_revocation_and_a_begin_exclude_each_other() {
    let (bed, id) = due().await;
    let job = bed.due_schedules().await.remove(0);
    let request = RevokeSchedules {
        billing_key: None,
        ids: vec![id.clone()],
    };
    bed.engine
        .revoke_schedules(call(), request.clone())
        .await
        .unwrap();
    // A worker that had leased it before finds it revoked.
    bed.engine.run(job).await.unwrap();
    bed.settle().await;
    assert_eq!(bed.schedule_state(&id).await, "REVOKED");
    assert_eq!(charges(&bed).await, 0);
    let payment = bed
        .engine
        .payment(&StoreId::new(STORE), &PaymentId::new("a"))
        .await;
    assert_eq!(payment.err(), Some(Fault::PaymentNotFound));
    let again = bed.engine.revoke_schedules(call(), request).await;
    assert_eq!(again, Err(Fault::PaymentScheduleAlreadyRevoked));
}

#[tokio::test]
async fn a_schedule_waits_while_money_of_its_payment_goes_back() {
    let bed = Bed::new().await;
    let key = bed.key().await;
    // Told that it is unknown, then found: the money goes back.
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    let told = bed
        .engine
        .pay_instantly(call(), card_payment("a", false))
        .await;
    assert_eq!(told, Err(Fault::outcome_unknown()));
    let at = bed.time.read();
    let early = bed
        .engine
        .schedule_payment(call(), schedule_request("a", &key, at))
        .await;
    assert_eq!(early, Err(Fault::AlreadyPaidOrWaiting));
    // The resolver finds it; the reversal can't be made yet.
    bed.wire.always(Cut::None);
    let jobs = bed
        .engine
        .claim(Queue::Resolve, 10, (1_000, true), Vec::new());
    for job in jobs.await.unwrap() {
        bed.engine.run(job).await.unwrap();
    }
    assert_eq!(bed.status("a").await, Status::Failed);
    let id = bed.schedule("a", &key, 0).await;
    bed.wire.always(Cut::Before);
    let job = bed.due_schedules().await.remove(0);
    let began = bed.time.read();
    bed.engine.run(job).await.unwrap();
    assert_eq!(bed.time.read(), began, "it does not wait in its lane");
    assert_eq!(bed.schedule_state(&id).await, "SCHEDULED", "it comes again");
    bed.wire.always(Cut::None);
    bed.settle().await;
    assert_eq!(bed.schedule_state(&id).await, "SUCCEEDED");
    let held: i64 = bed.books().await.iter().map(|row| row.1 - row.2).sum();
    assert_eq!(held, 1_000);
}

/// Where a channel group allows failover, the schedule goes with the attempt that takes over.
#[tokio::test]
async fn a_schedule_follows_a_failover() {
    let mut bed = Bed::new().await;
    let channels = ["channel-key-a", "channel-key-b"];
    card_channels(&bed.engine, &channels).await;
    let shares = channels.map(|channel| (channel, if channel == channels[0] { 100 } else { 0 }));
    let group = group(&bed.engine, &shares, 1).await.id;
    let issued = bed.engine.issue_billing_key(call(), issue(&group)).await;
    let Ok(Answer::BillingKeyIssued { billing_key, .. }) = issued else {
        panic!("{issued:?}")
    };
    let paid = bed.schedule("a", &billing_key, 60).await;
    let crashed = bed.schedule("b", &billing_key, 61).await;
    bed.time.pass_ms(60_500);
    bed.wire.script(&[Cut::Refused]);
    let job = bed.due_schedules().await.remove(0);
    bed.engine.run(job).await.unwrap();
    assert_eq!(bed.schedule_state(&paid).await, "SUCCEEDED");
    let view = bed.read("a").await;
    assert_eq!(channels_of(&view), channels);
    let of_schedule = |id: &ScheduleId| Some(id.clone());
    let schedules = view.payment.attempts.iter().map(|one| one.schedule.clone());
    let schedules = schedules.collect::<Vec<_>>();
    assert_eq!(schedules, [of_schedule(&paid), of_schedule(&paid)]);
    assert_eq!(events(&bed, "a").await, ["Transaction.Paid"]);
    // And a crash behind it is found out as any other.
    bed.time.pass_ms(1_000);
    bed.wire.script(&[Cut::Refused, Cut::HangAfter]);
    let job = bed.due_schedules().await.remove(0);
    let engine = bed.engine.clone();
    bed.crash_in(async move { engine.run(job).await }).await;
    assert_eq!(bed.schedule_state(&crashed).await, "STARTED");
    bed.settle().await;
    assert_eq!(bed.schedule_state(&crashed).await, "SUCCEEDED");
    assert_eq!(bed.books().await.len(), 2);
}
