//! Documents as the store keeps them. They must keep loading, and loading them must lose nothing:
//! a field that is added later needs a default, and a name that changes needs an alias.
//!
//! A fixture is never rewritten to make a test pass: stores hold documents like it.

use std::collections::BTreeSet;

use naru_domain::billing_key::{self, BillingKey, BillingKeyEvent};
use naru_domain::identity::{self, IdentityEvent, IdentityVerification};
use naru_domain::payment::{Event, Payment, Status, apply};
use naru_domain::schedule::{self, Schedule, ScheduleEvent};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Loads a document and checks that writing it again says the same.
fn load<T: DeserializeOwned + Serialize>(text: &str) -> T {
    let stored: Value = serde_json::from_str(text).unwrap();
    let loaded: T = serde_json::from_value(stored.clone()).unwrap();
    assert_eq!(serde_json::to_value(&loaded).unwrap(), stored);
    loaded
}

#[test]
fn a_stored_card_payment_with_a_partial_refund_loads() {
    let payment: Payment = load(include_str!("../fixtures/payment-partial-cancelled.json"));
    let events: Vec<Event> = load(include_str!("../fixtures/events-partial-cancelled.json"));
    assert_eq!(payment.status(), Status::PartialCancelled);
    assert_eq!(events.iter().fold(None, apply), Some(payment));
}

#[test]
fn a_stored_account_payment_with_a_surplus_loads() {
    let payment: Payment = load(include_str!("../fixtures/payment-surplus-deposit.json"));
    let events: Vec<Event> = load(include_str!("../fixtures/events-surplus-deposit.json"));
    assert_eq!(payment.status(), Status::Paid);
    assert_eq!(events.iter().fold(None, apply), Some(payment));
}

#[test]
fn every_kind_of_stored_event_loads() {
    let texts = [
        include_str!("../fixtures/events-partial-cancelled.json"),
        include_str!("../fixtures/events-surplus-deposit.json"),
        include_str!("../fixtures/events-other.json"),
        include_str!("../fixtures/events-actions.json"),
    ];
    let events = texts.into_iter().flat_map(load::<Vec<Event>>);
    let kinds: BTreeSet<&str> = events.map(|event| event.kind()).collect();
    assert_eq!(kinds.len(), 20, "{kinds:?}");
}

#[test]
fn a_document_without_the_fields_that_have_defaults_loads() {
    let text = include_str!("../fixtures/payment-partial-cancelled.json");
    let mut stored: Value = serde_json::from_str(text).unwrap();
    for attempt in stored["attempts"].as_array_mut().unwrap() {
        let order = attempt["order"].as_object_mut().unwrap();
        order.remove("products");
        order.remove("notice_urls");
        order.remove("country");
        order.insert("unheard_of".to_owned(), Value::Null);
    }
    let payment: Payment = serde_json::from_value(stored).unwrap();
    assert!(payment.attempts[0].order.products.is_empty());
}

#[test]
fn a_stored_billing_key_loads() {
    let key: BillingKey = load(include_str!("../fixtures/billing-key.json"));
    let events: Vec<BillingKeyEvent> = load(include_str!("../fixtures/billing-key-events.json"));
    assert_eq!(events.iter().fold(None, billing_key::apply), Some(key));
}

#[test]
fn a_stored_identity_verification_loads() {
    let found: IdentityVerification = load(include_str!("../fixtures/identity.json"));
    let events: Vec<IdentityEvent> = load(include_str!("../fixtures/identity-events.json"));
    let kinds: BTreeSet<&str> = events.iter().map(IdentityEvent::kind).collect();
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    assert_eq!(events.iter().fold(None, identity::apply), Some(found));
}

#[test]
fn a_stored_schedule_loads() {
    let found: Schedule = load(include_str!("../fixtures/schedule.json"));
    let [done, failed, revoked] = [
        include_str!("../fixtures/schedule-events.json"),
        include_str!("../fixtures/schedule-events-failed.json"),
        include_str!("../fixtures/schedule-events-revoked.json"),
    ]
    .map(load::<Vec<ScheduleEvent>>);
    let all = [&done, &failed, &revoked].into_iter().flatten();
    let kinds: BTreeSet<&str> = all.map(ScheduleEvent::kind).collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    let folded = |events: &[ScheduleEvent]| events.iter().fold(None, schedule::apply).unwrap();
    assert_eq!(folded(&failed).state.name(), "FAILED");
    assert_eq!(folded(&revoked).state.name(), "REVOKED");
    assert_eq!(folded(&done), found);
}
