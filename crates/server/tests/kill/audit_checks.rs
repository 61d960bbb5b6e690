//! The audit's own tests: a small world in which everything fits, and what it says when one thing
//! is changed. An audit that finds nothing proves something only if it would have found it.

use serde_json::{Value, json};

use crate::api::{Heard, Told};
use crate::audit::audit;
use crate::facts::{Facts, Sale};
use crate::history::{Call, History, What};
use crate::receiver::Received;

struct World {
    history: History,
    facts: Facts,
    received: Received,
}

impl World {
    /// One payment of 1,000, of which 300 were cancelled.
    fn paid() -> Self {
        let cancellation = json!({"id": "c1", "status": "SUCCEEDED", "totalAmount": 300});
        let payment = json!({
            "id": "p1", "status": "PARTIAL_CANCELLED", "transactionId": "t1", "pgTxId": "pg1",
            "amount": {"total": 1000, "paid": 1000, "cancelled": 300},
            "cancellations": [cancellation], "webhooks": [{"status": "SUCCEEDED"}]
        });
        let body = json!({"amount": {"total": 1000}});
        let paid = json!({"payment": {"pgTxId": "pg1"}});
        let cancelled = json!({"cancellation": cancellation});
        let mut world = Self {
            history: History::default(),
            facts: Facts::default(),
            received: Received::default(),
        };
        world.call(What::Card, body, told(200, paid));
        world.call(What::Cancel, json!({"amount": 300}), told(200, cancelled));
        world.facts.payments.insert("p1".to_owned(), Some(payment));
        world.facts.sales.push(sale("APPROVED", 1000, 300));
        world.webhook("Transaction.Paid", "");
        world.webhook("Transaction.PartialCancelled", "c1");
        world
    }

    fn call(&mut self, what: What, body: Value, heard: Heard) {
        self.history.calls.push(Call {
            payment: "p1".to_owned(),
            what,
            path: String::new(),
            body,
            key: None,
            heard,
        });
    }

    fn webhook(&mut self, kind: &str, cancellation: &str) {
        let mut data = json!({"paymentId": "p1", "transactionId": "t1"});
        if !cancellation.is_empty() {
            data["cancellationId"] = json!(cancellation);
        }
        self.received
            .bodies
            .push(json!({"type": kind, "data": data}));
    }

    fn payment(&mut self) -> &mut Value {
        self.facts.payments.get_mut("p1").unwrap().as_mut().unwrap()
    }

    /// What the audit finds after a change.
    fn after(change: impl FnOnce(&mut Self)) -> String {
        let mut world = Self::paid();
        change(&mut world);
        audit(&world.history, &world.facts, &world.received).join("\n")
    }
}

fn told(status: u16, body: Value) -> Heard {
    Heard::Told(Told {
        status,
        is_replay: false,
        body,
    })
}

fn sale(state: &str, amount: i64, cancelled: i64) -> Sale {
    Sale {
        state: state.to_owned(),
        amount,
        cancelled,
        payment: Some("p1".to_owned()),
        attempt: "t1".to_owned(),
    }
}

/// A schedule for the payment, and what it came to.
fn scheduled(world: &mut World, status: &str) {
    let answer = json!({"schedule": {"id": "s1"}});
    let body = json!({"payment": {"amount": {"total": 1000}}});
    world.history.calls[0].what = What::Schedule;
    world.history.calls[0].body = body;
    world.history.calls[0].heard = told(200, answer);
    world.facts.schedules = vec![json!({"id": "s1", "paymentId": "p1", "status": status})];
    world.payment()["scheduleId"] = json!("s1");
}

/// A schedule that was revoked, and so no payment.
fn revoked(world: &mut World) {
    scheduled(world, "REVOKED");
    world.history.calls.truncate(1);
    world.call(What::Revoke, json!({}), told(200, json!({})));
    world.facts.payments.insert("p1".to_owned(), None);
    world.facts.sales.clear();
    world.received.bodies.clear();
}

/// A change, and words of the finding it must lead to.
type Case = (fn(&mut World), &'static str);

#[test]
fn what_fits_is_not_found_fault_with() {
    assert_eq!(World::after(|_| {}), "");
}

#[test]
fn what_was_answered_and_is_not_so_is_found() {
    let cases: &[Case] = &[
        (
            |w| _ = w.facts.payments.insert("p1".to_owned(), None),
            "there is no payment",
        ),
        (
            |w| w.payment()["status"] = json!("FAILED"),
            "answered as paid",
        ),
        (|w| w.payment()["status"] = json!("PAY_PENDING"), "at rest"),
        (
            |w| w.payment()["amount"]["total"] = json!(1001),
            "answered as paid",
        ),
        (|w| w.payment()["pgTxId"] = json!("pg2"), "reads `pg2`"),
        (
            |w| w.payment()["cancellations"] = json!([]),
            "the cancellation `c1` was answered",
        ),
        (
            |w| w.payment()["cancellations"][0]["status"] = json!("FAILED"),
            "was answered, it reads",
        ),
        (
            |w| w.payment()["cancellations"][0]["status"] = json!("REQUESTED"),
            "at rest",
        ),
        (
            |w| w.payment()["cancellations"][0]["totalAmount"] = json!(299),
            "in cancellations",
        ),
        (|w| w.facts.unread.push("p2".to_owned()), "p2"),
    ];
    check(cases);
}

#[test]
fn money_that_does_not_fit_is_found() {
    let cases: &[Case] = &[
        (|w| w.facts.sales[0].cancelled = 299, "the PG holds 701"),
        (|w| w.facts.sales[0].amount = 1001, "the PG holds 701"),
        (|w| w.facts.sales.clear(), "the PG holds 0"),
        (|w| w.facts.sales[0].payment = None, "nobody asked"),
        (
            |w| w.facts.sales[0].attempt = "t2".to_owned(),
            "sold as None",
        ),
        (
            |w| w.facts.sales.push(sale("APPROVED", 500, 0)),
            "more than one capture",
        ),
        (
            |w| w.facts.sales.push(sale("CANCELLED", 500, 500)),
            "sold 2 times",
        ),
    ];
    check(cases);
}

#[test]
fn what_nobody_asked_for_is_found() {
    let declined = |w: &mut World| {
        let body = json!({"type": "PG_PROVIDER", "pgCode": "120049"});
        w.history.calls[0].heard = told(502, body);
    };
    assert!(World::after(declined).contains("every caller was told of failure"));
    let lost = |w: &mut World| w.history.calls[0].heard = Heard::Lost;
    assert_eq!(World::after(lost), "", "a lost answer may mean either");
    let uncancelled = |w: &mut World| _ = w.history.calls.pop();
    assert!(World::after(uncancelled).contains("cancellations unanswered"));
}

#[test]
fn webhooks_that_do_not_fit_are_found() {
    let cases: &[Case] = &[
        (
            |w| _ = w.received.bodies.remove(0),
            "no webhook `Transaction.Paid`",
        ),
        (|w| _ = w.received.bodies.pop(), "webhooks do not fit"),
        (|w| w.webhook("Transaction.Failed", ""), "told of failure"),
        (
            |w| w.received.wrongs.push("bad signature".to_owned()),
            "bad signature",
        ),
        (
            |w| w.payment()["webhooks"] = json!([]),
            "no webhook that succeeded",
        ),
    ];
    check(cases);
}

#[test]
fn schedules_that_do_not_fit_are_found() {
    assert_eq!(World::after(|w| scheduled(w, "SUCCEEDED")), "");
    let done = |w: &mut World| scheduled(w, "SUCCEEDED");
    let lost = |w: &mut World| {
        scheduled(w, "SUCCEEDED");
        w.history.calls[0].heard = Heard::Lost;
    };
    assert_eq!(World::after(lost), "", "a lost answer may mean either");
    for (change, words) in [
        (
            |w: &mut World| w.facts.schedules.clear(),
            "the schedule `s1` was answered",
        ),
        (
            |w| w.facts.schedules[0]["status"] = json!("SCHEDULED"),
            "reads `SCHEDULED` at rest",
        ),
        (
            |w| w.facts.schedules[0]["status"] = json!("STARTED"),
            "reads `STARTED` at rest",
        ),
        (
            |w| w.facts.schedules[0]["status"] = json!("FAILED"),
            "FAILED, but the payment",
        ),
        (
            |w| w.facts.schedules[0]["status"] = json!("REVOKED"),
            "REVOKED, but there is a payment",
        ),
        (
            |w| w.payment()["scheduleId"] = json!("s2"),
            "the payment is of `s2`",
        ),
        (
            |w| w.payment()["amount"]["total"] = json!(1001),
            "to be paid by schedule",
        ),
        (
            |w| w.facts.sales.push(sale("DECLINED", 1000, 0)),
            "1 schedules, sold 2 times",
        ),
        (
            |w| w.facts.schedules[0]["paymentId"] = json!("p2"),
            "nobody asked for",
        ),
        (
            |w| w.history.calls[0].heard = told(400, json!({"type": "INVALID_REQUEST"})),
            "made, though every caller was refused",
        ),
        (
            |w| {
                let again = w.facts.schedules[0].clone();
                w.facts.schedules.push(again);
            },
            "made 2 times",
        ),
    ] as [Case; 11]
    {
        let found = World::after(|w| {
            done(w);
            change(w);
        });
        assert!(found.contains(words), "expected `{words}`, found `{found}`");
    }
}

#[test]
fn revocations_that_do_not_fit_are_found() {
    assert_eq!(World::after(revoked), "");
    for (change, words) in [
        (
            |w: &mut World| w.facts.sales.push(sale("APPROVED", 1000, 0)),
            "sold 1 times",
        ),
        (|w| _ = w.history.calls.pop(), "nobody revoked it"),
        (
            |w| w.facts.schedules[0]["status"] = json!("SUCCEEDED"),
            "was answered as revoked",
        ),
        (
            |w| w.facts.schedules[0]["status"] = json!("FAILED"),
            "there is no payment",
        ),
    ] as [Case; 4]
    {
        let found = World::after(|w| {
            revoked(w);
            change(w);
        });
        assert!(found.contains(words), "expected `{words}`, found `{found}`");
    }
}

fn check(cases: &[Case]) {
    for (change, words) in cases {
        let found = World::after(change);
        assert!(found.contains(words), "expected `{words}`, found `{found}`");
    }
}
