//! Schedules and the comparison of books on every store: races of those who make, revoke and
//! carry out, and two nodes that share the work.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::join_all;
use naru_engine::Engine;
use naru_engine::index::Looks;
use naru_engine::reconcile::DifferenceFilter;
use naru_engine::records::{JobRecord, Queue};
use naru_store::Versioned;
use naru_testkit::{TestApp, bodies};
use serde_json::{Value, json};

use crate::stores::every_store;
use crate::{issue, read_schedule, schedule, text};

/// A little more than the delay before a first comparison.
const DELAY_S: i64 = 601;

type Jobs = Vec<Versioned<JobRecord>>;

/// Leases what is due; also what another node holds, as if that had died.
async fn lease(engine: &Engine, queue: Queue, limit: u32, is_takeover: bool) -> Jobs {
    let lease = (60_000, is_takeover);
    let jobs = engine.claim(queue, limit, lease, Vec::new()).await;
    jobs.expect("a lease")
}

fn ids(jobs: &Jobs) -> BTreeSet<String> {
    jobs.iter().map(|job| job.value.id.clone()).collect()
}

async fn run(engine: &Engine, jobs: Jobs) {
    let runs = jobs.into_iter().map(|job| engine.run(job));
    for done in join_all(runs).await {
        done.expect("a run");
    }
}

/// Charges of billing keys in the PG's books, by order id.
async fn charges(app: &TestApp) -> Vec<String> {
    let books = app.books().await;
    let charges = books.iter().filter(|row| row["kind"] == "BILLING");
    charges.map(|row| text(&row["orderId"])).collect()
}

/// Payments in the order of their names, with the schedules that are due now.
async fn due(app: &TestApp, prefix: &str, count: usize) -> Vec<(String, String)> {
    let key = issue(app).await;
    let mut made = Vec::new();
    for number in 0..count {
        let payment = format!("{prefix}-{number}");
        let id = schedule(app, &payment, &key, 0).await;
        made.push((payment, id));
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_making_revoking_paying_and_carrying_out_at_once_one_counts() {
    for on in every_store().await {
        let app = &on.app;
        let key = issue(app).await;
        for round in 0..10 {
            let payment = format!("n-race-{round}");
            let id = schedule(app, &payment, &key, 0).await;
            let revoke = app.delete("/payment-schedules");
            let revoke = revoke.json(&json!({"scheduleIds": [id]}));
            let later = bodies::schedule(&key, app.now().plus_seconds(3_600));
            let make = app.post(&format!("/payments/{payment}/schedule"));
            let pay = app.post(&format!("/payments/{payment}/instant"));
            let (revoke, make, pay) = (
                tokio::spawn(revoke.send()),
                tokio::spawn(make.json(&later).send()),
                tokio::spawn(pay.json(&bodies::card_payment()).send()),
            );
            app.settle().await;
            let (revoke, make, pay) = tokio::join!(revoke, make, pay);
            let (revoke, make, pay) = (revoke.unwrap(), make.unwrap(), pay.unwrap());
            app.settle().await;
            let outcome = read_schedule(app, &id).await["status"].clone();
            let read = app.get(&format!("/payments/{payment}")).send().await;
            let others = [make.status, pay.status].map(|status| usize::from(status == 200));
            let name = app.engine.store().name();
            if revoke.status == 200 {
                assert_eq!(outcome, "REVOKED", "{name}");
                assert!(
                    others[0] + others[1] <= 1,
                    "{name}: {} {}",
                    make.body,
                    pay.body
                );
                assert_eq!(
                    read.status == 200,
                    pay.status == 200,
                    "{name}: {}",
                    read.body
                );
            } else {
                revoke.refused(409, "PAYMENT_SCHEDULE_ALREADY_PROCESSED");
                assert_eq!((outcome, others), (json!("SUCCEEDED"), [0, 0]), "{name}");
                assert_eq!(read.ok()["scheduleId"], json!(id));
            }
            let path = format!("/payments/{payment}/transactions");
            let attempts = app.get(&path).send().await;
            let count = attempts.body["items"].as_array().map_or(0, Vec::len);
            assert!(count <= 1, "{name}: {}", attempts.body);
        }
        let held: i64 = app.captures().await.iter().sum();
        let body = json!({"page": {"size": 100}});
        let list = app.get("/payments").json(&body).send().await.ok();
        let paid = list["items"].as_array().unwrap().iter();
        let paid: i64 = paid.filter_map(|one| one["amount"]["paid"].as_i64()).sum();
        assert_eq!(held, paid, "the PG holds what was paid");
    }
}

#[tokio::test]
async fn two_nodes_share_what_is_due() {
    for on in every_store().await {
        let (app, other) = (&on.app, on.another_node().await);
        let made = due(app, "n-share", 20).await;
        let (mine, theirs) = (
            lease(&app.engine, Queue::Schedule, 10, false).await,
            lease(&other.engine, Queue::Schedule, 20, false).await,
        );
        assert_eq!((mine.len(), theirs.len()), (10, 10));
        assert!(ids(&mine).is_disjoint(&ids(&theirs)));
        assert!(
            lease(&app.engine, Queue::Schedule, 10, false)
                .await
                .is_empty()
        );
        tokio::join!(run(&app.engine, mine), run(&other.engine, theirs));
        all_charged_once(app, &made).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_hold_the_same_schedules_charge_each_once() {
    for on in every_store().await {
        let (app, other) = (&on.app, on.another_node().await);
        let made = due(app, "n-same", 20).await;
        let mine = lease(&app.engine, Queue::Schedule, 20, false).await;
        // As after a lease that ran out while its node was slow.
        let theirs = lease(&other.engine, Queue::Schedule, 20, true).await;
        assert_eq!(ids(&mine), ids(&theirs));
        let (one, two) = (app.engine.clone(), other.engine.clone());
        let one = tokio::spawn(async move { run(&one, mine).await });
        let two = tokio::spawn(async move { run(&two, theirs).await });
        one.await.unwrap();
        two.await.unwrap();
        all_charged_once(app, &made).await;
    }
}

async fn all_charged_once(app: &TestApp, made: &[(String, String)]) {
    app.settle().await;
    let charges = charges(app).await;
    let distinct: BTreeSet<&String> = charges.iter().collect();
    let name = app.engine.store().name();
    assert_eq!(
        (charges.len(), distinct.len()),
        (made.len(), made.len()),
        "{name}"
    );
    for (payment, id) in made {
        assert_eq!(
            read_schedule(app, id).await["status"],
            "SUCCEEDED",
            "{name}"
        );
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        assert_eq!(
            (&read["status"], &read["scheduleId"]),
            (&json!("PAID"), &json!(id))
        );
        assert_eq!(app.receiver.events(payment), ["Transaction.Paid"], "{name}");
    }
}

async fn inquiries(app: &TestApp) -> i64 {
    let load = app.pg.control("GET", "/load", &Value::Null).await;
    let counts = load["operations"].as_array().expect("counts").iter();
    let of_inquiries = counts.filter(|one| one["operation"] == "inquiry");
    of_inquiries.filter_map(|one| one["calls"].as_i64()).sum()
}

#[tokio::test]
async fn two_nodes_compare_each_payment_once() {
    for on in every_store().await {
        let (app, other) = (&on.app, on.another_node().await);
        let name = app.engine.store().name();
        for number in 0..3 {
            let path = format!("/payments/n-books-{number}/instant");
            app.post(&path)
                .json(&bodies::card_payment())
                .send()
                .await
                .ok();
        }
        app.settle().await;
        let paid = app.get("/payments/n-books-1").send().await.ok();
        let body = json!({"pgTxId": paid["pgTxId"], "amount": 300});
        app.pg.control("POST", "/console/cancel", &body).await;
        app.move_clock_s(DELAY_S).await;
        other.engine.load_clock_offset().await.unwrap();

        // Both see to it; each merchant has one job.
        app.engine.ensure_comparisons().await.unwrap();
        other.engine.ensure_comparisons().await.unwrap();
        let mine = lease(&app.engine, Queue::Compare, 10, false).await;
        let jobs: BTreeSet<String> = ids(&mine);
        assert_eq!(jobs.len(), mine.len(), "{name}");
        assert!(!mine.is_empty());
        let theirs = lease(&other.engine, Queue::Compare, 10, false).await;
        assert!(theirs.is_empty(), "{name}: leased to the other node");

        // The first node dies, the second takes its jobs over; then the first was only slow.
        let before = inquiries(app).await;
        let theirs = lease(&other.engine, Queue::Compare, 10, true).await;
        assert_eq!(ids(&theirs), jobs, "{name}");
        run(&other.engine, theirs).await;
        assert_eq!(
            inquiries(app).await,
            before + 3,
            "{name}: one for each payment"
        );
        run(&app.engine, mine).await;
        // What is open is looked at again an hour later, nothing else before a day is over.
        assert_eq!(inquiries(app).await, before + 3, "{name}: not once more");
        let all = DifferenceFilter::default();
        let found = app.engine.differences(&all, (10, 0)).await.unwrap();
        let found: Vec<_> = found
            .items
            .iter()
            .map(|one| (one.payment_id.to_string(), one.ours, one.theirs))
            .collect();
        assert_eq!(found, [("n-books-1".to_owned(), 0, 300)], "{name}");
    }
}

/// Payments of one node, each paid and cancelled in part.
async fn pay_and_cancel(app: &TestApp, prefix: &str, count: usize) {
    let making = (0..count).map(|number| async move {
        let path = format!("/payments/{prefix}-{number}");
        let paid = app.post(&format!("{path}/instant"));
        paid.json(&bodies::card_payment()).send().await.ok();
        let body = json!({"reason": "r", "amount": 100});
        let cancelled = app.post(&format!("{path}/cancel"));
        cancelled.json(&body).send().await.ok();
    });
    join_all(making).await;
}

#[tokio::test]
async fn a_walk_meets_each_event_once_while_two_nodes_write_and_index() {
    const EACH: usize = 10;
    for on in every_store().await {
        let (app, other) = (&on.app, on.another_node().await);
        let is_walking = AtomicBool::new(true);
        let index = async |engine: &Engine| {
            let mut looks = Looks::default();
            while is_walking.load(Ordering::Relaxed) {
                engine.index_results().await.expect("indexing");
                engine.index_left(&mut looks, 3).await.expect("indexing");
                tokio::task::yield_now().await;
            }
        };
        let walk = async {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            while seen.len() < 4 * EACH {
                let body = json!({"size": 3, "cursor": cursor});
                let list = app.get("/payment-events-by-cursor").json(&body);
                let list = list.send().await.ok();
                for item in list["items"].as_array().expect("items") {
                    cursor = text(&item["cursor"]);
                    let event = &item["paymentEvent"];
                    seen.push((text(&event["paymentId"]), text(&event["type"])));
                }
                tokio::task::yield_now().await;
            }
            is_walking.store(false, Ordering::Relaxed);
            seen
        };
        let (.., mut seen) = tokio::join!(
            pay_and_cancel(app, "w-one", EACH),
            pay_and_cancel(&other, "w-two", EACH),
            index(&app.engine),
            index(&other.engine),
            walk
        );
        seen.sort();
        let mut all = Vec::new();
        for prefix in ["w-one", "w-two"] {
            for number in 0..EACH {
                for kind in ["PARTIAL_CANCELLED", "PAID"] {
                    all.push((format!("{prefix}-{number}"), kind.to_owned()));
                }
            }
        }
        all.sort();
        assert_eq!(seen, all, "{}", app.engine.store().name());
    }
}
