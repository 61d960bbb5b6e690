//! The audit log: an act is in it before it begins; pages and filters; what it does not take.

use std::collections::BTreeMap;

use naru_engine::records::{ActOutcome, ActVia};
use naru_engine::{ActEnd, ActFilter, Actor, Fault, NewAct};

use crate::support::Bed;

fn act(actor: &str, operation: &str, store: Option<&str>) -> NewAct {
    NewAct {
        actor: Actor {
            name: actor.to_owned(),
            via: ActVia::CommandLine,
            address: Some("127.0.0.1".to_owned()),
        },
        operation: operation.to_owned(),
        store_id: store.map(str::to_owned),
        subject: None,
        details: BTreeMap::new(),
    }
}

#[tokio::test]
async fn an_act_is_in_the_log_before_it_begins_and_says_what_became_of_it() {
    let bed = Bed::new().await;
    let engine = &bed.engine;
    let new = act("hong", "channels.create", Some("store-1")).with("name", "main");
    let begun = engine.begin_act(new).await.unwrap();
    let page = engine.acts(&ActFilter::default(), None, 10).await.unwrap();
    assert_eq!(page.acts.len(), 1);
    assert_eq!(page.acts[0].outcome, ActOutcome::Begun);
    assert_eq!(page.acts[0].ended_at, None);
    let end = ActEnd {
        subject: Some("channel-key-1".to_owned()),
        ..ActEnd::refused("`name` is taken")
    };
    engine.end_act(begun, end).await;
    let page = engine.acts(&ActFilter::default(), None, 10).await.unwrap();
    let [found] = page.acts.as_slice() else {
        panic!("{page:?}")
    };
    assert_eq!(found.outcome, ActOutcome::Refused);
    assert_eq!(found.reason.as_deref(), Some("`name` is taken"));
    assert_eq!(found.begun.subject.as_deref(), Some("channel-key-1"));
    assert_eq!(found.begun.store_id.as_deref(), Some("store-1"));
    assert_eq!(found.begun.details["name"], "main");
    assert!(found.ended_at.is_some());
}

#[tokio::test]
async fn what_can_not_be_written_down_is_not_done() {
    let bed = Bed::new().await;
    bed.store.set_unavailable(true);
    let mut is_done = false;
    let doing = async {
        is_done = true;
        Ok::<(), Fault>(())
    };
    let refused = bed
        .engine
        .acted(act("hong", "stores.create", None), doing)
        .await;
    assert!(refused.is_err());
    assert!(!is_done);
}

/// Twenty-five acts, a second each; every fifth is of `kim` in the store `a`.
async fn with_acts() -> Bed {
    let bed = Bed::new().await;
    let engine = &bed.engine;
    for turn in 0..25 {
        let (actor, store) = if turn % 5 == 0 {
            ("kim", "a")
        } else {
            ("hong", "b")
        };
        let begun = engine
            .begin_act(act(actor, "keys.create", Some(store)))
            .await;
        let begun = begun.unwrap();
        if turn % 2 == 0 {
            engine.end_act(begun, ActEnd::done()).await;
        }
        bed.time.pass_ms(1_000);
    }
    bed
}

#[tokio::test]
async fn pages_follow_each_other() {
    let bed = with_acts().await;
    let engine = &bed.engine;
    let all = ActFilter::default();
    let mut seen = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page = engine.acts(&all, after.as_deref(), 7).await.unwrap();
        assert!(page.acts.len() <= 7);
        seen.extend(page.acts.into_iter().map(|act| act.begun.id));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(
        seen.is_sorted_by(|one, next| one > next),
        "the latest first, none twice"
    );
}

#[tokio::test]
async fn filters_find_acts_by_either_row() {
    let bed = with_acts().await;
    let engine = &bed.engine;
    let count = async |filter: ActFilter| engine.acts(&filter, None, 100).await.unwrap().acts.len();
    let by = |actor: &str| ActFilter {
        actor: Some(actor.to_owned()),
        ..ActFilter::default()
    };
    assert_eq!(count(by("kim")).await, 5);
    assert_eq!(count(by("hong")).await, 20);
    assert_eq!(count(by("lee")).await, 0);
    let of_store = ActFilter {
        store_id: Some("a".to_owned()),
        ..by("kim")
    };
    assert_eq!(count(of_store).await, 5);
    let since = ActFilter {
        since: Some(bed.engine.clock().business().plus_millis(-10_500)),
        ..ActFilter::default()
    };
    assert_eq!(count(since).await, 10);

    // The store of one that makes it is known at its end only.
    let begun = engine
        .begin_act(act("hong", "stores.create", None))
        .await
        .unwrap();
    let end = ActEnd {
        store_id: Some("new".to_owned()),
        ..ActEnd::done()
    };
    engine.end_act(begun, end).await;
    let of_new = ActFilter {
        store_id: Some("new".to_owned()),
        ..ActFilter::default()
    };
    assert_eq!(count(of_new).await, 1);
}
