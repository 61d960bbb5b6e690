//! The master key is replaced: nothing is lost, whatever dies on the way, and nothing new is made
//! with a former one.

use naru_domain::{ChannelKey, StoreId};
use naru_engine::identity::IdentityPersonView;
use naru_engine::records::{
    EventRecord, IdentityRecord, LedgerRecord, SettingRecord, V1TokenRecord,
};
use naru_engine::{Answer, Engine, Fault};
use naru_store::{Commit, Query, Record, Store as _, Versioned, tables};
use naru_store_memory::Fault as StoreFault;

use crate::audit::audit;
use crate::groups::card_channel;
use crate::rotation_bed::{
    Full, IDEMPOTENCY, NEW_KEY, all_opens, charge, full, named, refund, rows_of,
};
use crate::support::{Bed, MASTER_KEY, STORE};
use crate::{identity, windows};

async fn list<R: Record>(bed: &Bed) -> Vec<R> {
    let found = bed.engine.store().list::<R>(Query::of(R::TABLE, 1_000));
    let found = found.await.unwrap();
    found.into_iter().map(|one| one.value).collect()
}

/// What everybody who has a part in it finds.
async fn works(full: &Full, engine: &Engine, payment: &str) {
    charge(engine, &full.key, payment).await.unwrap();
    let id = identity::request().id;
    let store = StoreId::new(STORE);
    let found = engine.identity_verification(&store, &id).await.unwrap();
    let IdentityPersonView::Verified(person) = found.person else {
        panic!("nobody verified")
    };
    assert_eq!(person.name, "홍길동");
    assert_eq!(named(engine, "홍길동").await, 1);
    assert_eq!(named(engine, "임꺽정").await, 0);
}

#[tokio::test]
async fn with_a_new_key_everything_is_known_and_the_old_one_opens_nothing() {
    let full = full().await;
    // Something of everything.
    assert_eq!(
        full.sealing_tables().await,
        [
            "authentications",
            "billing_keys",
            "cash_receipts",
            "channels",
            "events",
            "idempotency",
            "identity_verifications",
            "payments",
            "tax_contracts",
            "webhook_endpoints",
        ]
    );
    let engine = full.replaced(false).await;
    // Before anything is sealed anew, and after it.
    works(&full, &engine, "first").await;
    let sealed = all_opens(&engine).await;
    let done = engine.reseal_all(|_, _| {}).await.unwrap();
    assert!(done.is_complete, "{done:?}");
    assert!(done.written > 10, "{done:?}");
    assert_eq!(full.sealed_under(MASTER_KEY).await, 0);
    assert_eq!(all_opens(&engine).await, sealed);
    works(&full, &engine, "second").await;
    assert_eq!(audit(&full.bed, 10).await.1, Vec::<String>::new());
    let old = full.with_key(MASTER_KEY);
    let refused = old.check_master_key().await.unwrap_err().to_string();
    assert!(refused.contains("was changed to"), "{refused}");
    let another = full.with_key(3);
    let refused = another.check_master_key().await.unwrap_err().to_string();
    assert!(refused.contains("was sealed with"), "{refused}");
}

#[tokio::test]
async fn a_row_is_still_what_its_events_say() {
    let full = full().await;
    let engine = full.replaced(false).await;
    engine.reseal_all(|_, _| {}).await.unwrap();
    let mut events = list::<EventRecord>(&full.bed).await;
    events.retain(|event| event.subject_id == "i:i");
    let [IdentityRecord(found)] = list::<IdentityRecord>(&full.bed).await.try_into().unwrap();
    let began = &events[0].event["attempt"];
    let attempt = serde_json::to_value(&found.attempts[0]).unwrap();
    for same in ["person", "keys", "address_key"] {
        assert_eq!(began[same], attempt[same], "{same}");
    }
    assert!(attempt["address_key"].is_null());
    let verified = &events[events.len() - 1].event;
    assert_eq!(verified["person"], attempt["state"]["person"]);
    assert_eq!(verified["keys"], attempt["state"]["keys"]);
}

#[tokio::test]
async fn a_request_that_is_repeated_after_it_is_answered_and_not_done_again() {
    let full = full().await;
    let engine = full.replaced(false).await;
    let store = StoreId::new(STORE);
    let ticket = |engine: &Engine, body: &str| {
        engine.ticket(&store, ("POST", "/x", ""), IDEMPOTENCY, body.as_bytes())
    };
    for _ in 0..2 {
        let answer = refund(&engine, ticket(&engine, "{}")).await;
        assert!(
            matches!(answer, Ok(Answer::Cancellation { .. })),
            "{answer:?}"
        );
        let payment = full.bed.read("account").await.payment;
        assert_eq!(payment.cancellations.len(), 1);
        let other = refund(&engine, ticket(&engine, r#"{"other":1}"#)).await;
        assert!(
            matches!(other, Err(Fault::InvalidRequest { .. })),
            "{other:?}"
        );
        engine.reseal_all(|_, _| {}).await.unwrap();
    }
}

#[tokio::test]
async fn who_was_logged_in_logs_in_again() {
    let full = full().await;
    let bearer = format!("Bearer {}", full.access);
    full.bed.engine.authenticate(&bearer).await.unwrap();
    full.bed.engine.v1_caller(&full.v1_token).await.unwrap();
    let engine = full.replaced(false).await;
    let refused = engine.authenticate(&bearer).await.map(|_| ());
    assert_eq!(refused, Err(Fault::Unauthorized));
    let refused = engine.refresh(&full.refresh).await.map(|_| ());
    assert_eq!(refused, Err(Fault::Unauthorized));
    let refused = engine.v1_caller(&full.v1_token).await.map(|_| ());
    assert_eq!(refused, Err(Fault::Unauthorized));
    let (key, secret) = &full.v1;
    let token = engine.v1_token(key, secret.expose()).await.unwrap();
    engine.v1_caller(&token.text).await.unwrap();
}

#[tokio::test]
async fn a_v1_token_of_a_former_key_is_not_told_again() {
    let full = full().await;
    let [before] = list::<V1TokenRecord>(&full.bed).await.try_into().unwrap();
    let engine = full.replaced(false).await;
    // A node that had not heard of it yet.
    let mut unit = Commit::new(uuid::Uuid::now_v7());
    unit.upsert(&before).unwrap();
    engine.store().commit(unit).await.unwrap();
    let (key, secret) = &full.v1;
    let token = engine.v1_token(key, secret.expose()).await.unwrap();
    assert_ne!(token.text, full.v1_token);
    engine.v1_caller(&token.text).await.unwrap();
}

#[tokio::test]
async fn a_window_that_is_open_comes_to_its_end_unless_the_key_is_leaked() {
    for is_leaked in [false, true] {
        let full = full().await;
        let engine = full.replaced(is_leaked).await;
        let done = windows::confirm(&engine, "window", &full.window).await;
        assert_eq!(done.is_ok(), !is_leaked, "{done:?}");
    }
}

/// Each commit of a rotation, lost or made by a process that dies with it.
#[tokio::test]
async fn a_crash_anywhere_leaves_a_store_that_one_of_the_keys_opens() {
    for fault in [StoreFault::Before, StoreFault::After] {
        for passed in 0.. {
            let full = full().await;
            let sealed = all_opens(&full.bed.engine).await;
            full.bed.store.pass_next(passed);
            // As often as the engine asks again.
            (0..4).for_each(|_| full.bed.store.fail_next(fault));
            let dying = full.with_key(NEW_KEY);
            let replaced = dying.replace_master_key(&[MASTER_KEY; 32], false).await;
            let was_cut = match replaced {
                Ok(()) => {
                    dying.check_master_key().await.unwrap();
                    let done = dying.reseal_all(|_, _| {}).await;
                    !done.is_ok_and(|done| done.is_complete)
                }
                Err(_) => true,
            };
            // Faults that nothing met.
            for _ in 0..passed + 4 {
                let unit = Commit::new(uuid::Uuid::now_v7());
                let _met = full.bed.store.commit(unit).await;
            }
            full.bed.store.crash();
            let old = full.with_key(MASTER_KEY);
            let new = full.with_key(NEW_KEY);
            let opens = [
                old.check_master_key().await.is_ok(),
                new.check_master_key().await.is_ok(),
            ];
            assert!(opens[0] != opens[1], "{fault:?} {passed} {opens:?}");
            let opening = if opens[0] { &old } else { &new };
            assert_eq!(all_opens(opening).await, sealed, "{fault:?} {passed}");
            // Once more, to the end.
            let again = full.with_key(NEW_KEY);
            if opens[0] {
                let old = [MASTER_KEY; 32];
                again.replace_master_key(&old, false).await.unwrap();
            }
            again.check_master_key().await.unwrap();
            assert!(again.reseal_all(|_, _| {}).await.unwrap().is_complete);
            assert_eq!(full.sealed_under(MASTER_KEY).await, 0);
            assert_eq!(all_opens(&again).await, sealed);
            if !was_cut && passed > 3 {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_node_that_slept_through_it_seals_nothing() {
    let full = full().await;
    let sleeper = full.bed.another_node();
    sleeper.check_master_key().await.unwrap();
    let engine = full.replaced(false).await;
    assert!(engine.reseal_all(|_, _| {}).await.unwrap().is_complete);
    let refused = sleeper.create_channel(card_channel("late")).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused, Fault::Internal { .. }), "{refused:?}");
    assert_eq!(full.sealed_under(MASTER_KEY).await, 0);
    let channel = engine.existing_channel(&ChannelKey::new("late")).await;
    assert!(channel.is_err());
}

#[tokio::test]
async fn a_former_key_is_dropped_when_its_time_is_over_and_nothing_needs_it() {
    for (is_leaked, days) in [(false, 60), (true, 15)] {
        let full = full().await;
        let engine = full.replaced(is_leaked).await;
        let former = async || engine.master_keys().await.unwrap().unwrap().former;
        full.days_pass(days);
        engine.sweep_expired().await.unwrap();
        assert_eq!(former().await.len(), 1, "things are sealed under it");
        engine.reseal_all(|_, _| {}).await.unwrap();
        assert_eq!(former().await.len(), 0);

        let full = self::full().await;
        let engine = full.replaced(is_leaked).await;
        engine.reseal_all(|_, _| {}).await.unwrap();
        let former = async || engine.master_keys().await.unwrap().unwrap().former;
        full.days_pass(days - 1);
        engine.sweep_expired().await.unwrap();
        assert!(former().await[0].is_resealed);
        full.days_pass(1);
        engine.sweep_expired().await.unwrap();
        assert_eq!(former().await.len(), 0);
        let fresh = full.with_key(NEW_KEY);
        fresh.check_master_key().await.unwrap();
        assert!(all_opens(&fresh).await > 10);
        works(&full, &fresh, "later").await;
    }
}

#[tokio::test]
async fn what_cannot_be_opened_is_named_and_keeps_the_former_key() {
    let full = full().await;
    let store = full.bed.engine.store();
    let rows = store.scan(Query::of(&tables::CHANNELS, 1)).await.unwrap();
    let mut row = rows[0].clone();
    let at = row.body.find("s1.").unwrap() + 20;
    let other = if row.body.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    row.body.replace_range(at..=at, other);
    let mut unit = Commit::new(uuid::Uuid::now_v7());
    let expected = row.version;
    let name = format!("channels {}", card_key(&row));
    unit.writes.push(naru_store::Write::Update {
        table: &tables::CHANNELS,
        row,
        expected,
    });
    store.commit(unit).await.unwrap();
    let looked = full.bed.engine.look_at_sealed(|_, _| {}).await.unwrap();
    assert_eq!(looked.unopened, std::slice::from_ref(&name));
    let engine = full.replaced(false).await;
    let done = engine.reseal_all(|_, _| {}).await.unwrap();
    assert_eq!(done.unopened, [name]);
    assert!(!done.is_complete);
    assert_eq!(
        full.sealed_under(MASTER_KEY).await,
        1,
        "the rest is sealed anew"
    );
    full.days_pass(100);
    engine.sweep_expired().await.unwrap();
    let keys = engine.master_keys().await.unwrap().unwrap();
    assert!(!keys.former[0].is_resealed, "{keys:?}");
}

fn card_key(row: &naru_store::Row) -> String {
    match &row.key[0] {
        naru_store::Value::Text(text) => text.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_row_of_a_long_table_is_looked_at_once() {
    let full = full().await;
    let before = all_rows(&full.bed.engine).await;
    let event = list::<EventRecord>(&full.bed).await[0].clone();
    let mut unit = Commit::new(uuid::Uuid::now_v7());
    for number in 0..350_i64 {
        // Three stores of uneven subjects: pages end in the middle of each.
        let added = EventRecord {
            store_id: StoreId::new(format!("store-{}", number % 3)),
            subject_id: format!("p:{}", number % 7),
            sequence: number,
            ..event.clone()
        };
        unit.insert(&added).unwrap();
    }
    full.bed.store.commit(unit).await.unwrap();
    assert_eq!(all_rows(&full.bed.engine).await, before + 350);
}

async fn all_rows(engine: &Engine) -> u64 {
    engine.look_at_sealed(|_, _| {}).await.unwrap().rows
}

/// A node with the new key may write back what it had read before it was sealed anew.
#[tokio::test]
async fn what_moves_behind_the_pass_is_found_by_the_next() {
    let full = full().await;
    let store = full.bed.engine.store();
    let rows = store.scan(Query::of(&tables::CHANNELS, 1)).await.unwrap();
    let engine = full.replaced(false).await;
    let mut before = Some(rows[0].clone());
    let done = engine.reseal_all(|table, _| {
        if table == &tables::EVENTS
            && let Some(row) = before.take()
        {
            let mut unit = Commit::new(uuid::Uuid::now_v7());
            unit.writes
                .push(naru_store::Write::Upsert(&tables::CHANNELS, row));
            // A store in memory is ready at once.
            let mut commit = store.commit(unit);
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(commit.as_mut().poll(&mut context).is_ready());
        }
    });
    assert!(done.await.unwrap().is_complete);
    assert!(before.is_none());
    assert_eq!(full.sealed_under(MASTER_KEY).await, 0);
}

#[tokio::test]
async fn keys_are_replaced_again_and_again_but_not_without_end() {
    let full = full().await;
    full.replaced(false).await;
    for key in NEW_KEY..NEW_KEY + 3 {
        // The second and third time, nothing was sealed anew before.
        let engine = full.with_key(key + 1);
        engine.replace_master_key(&[key; 32], false).await.unwrap();
        engine.check_master_key().await.unwrap();
        works(&full, &engine, &format!("payment-{key}")).await;
    }
    let last = NEW_KEY + 3;
    let engine = full.with_key(last + 1);
    let refused = engine.replace_master_key(&[last; 32], false).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("still kept"), "{refused}");
    let wrong = engine.replace_master_key(&[99; 32], false).await;
    let wrong = wrong.unwrap_err().to_string();
    assert!(wrong.contains("another one"), "{wrong}");
    let engine = full.with_key(last);
    engine.check_master_key().await.unwrap();
    assert!(engine.reseal_all(|_, _| {}).await.unwrap().is_complete);
    for key in MASTER_KEY..last {
        assert_eq!(full.sealed_under(key).await, 0);
    }
    works(&full, &engine, "last").await;
}

#[tokio::test]
async fn customers_are_told_apart_across_it() {
    let full = full().await;
    let numbers = async |bed: &Bed| -> Vec<i64> {
        let entries = list::<LedgerRecord>(bed).await;
        let mut all: Vec<i64> = entries.iter().filter_map(|one| one.customer).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let before = numbers(&full.bed).await;
    assert_eq!(before.len(), 1);
    let engine = full.replaced(false).await;
    charge(&engine, &full.key, "after").await.unwrap();
    while engine.index_changed(100).await.unwrap() > 0 {}
    assert_eq!(numbers(&full.bed).await.len(), 2);
    engine.reseal_all(|_, _| {}).await.unwrap();
    let after = numbers(&full.bed).await;
    assert_eq!(after.len(), 1);
    assert_ne!(after, before);
}

#[tokio::test]
async fn nodes_that_run_are_known_and_forgotten() {
    let full = full().await;
    let node = full.bed.another_node();
    assert!(node.node_runs("one").await.unwrap());
    let engine = full.with_key(NEW_KEY);
    assert_eq!(engine.running_nodes(None).await.unwrap(), 1);
    node.node_stops("one").await.unwrap();
    assert_eq!(engine.running_nodes(None).await.unwrap(), 0);
    // One that was killed.
    assert!(node.node_runs("two").await.unwrap());
    let engine = full.replaced(false).await;
    let new = naru_engine::KeyRing::new(&[NEW_KEY; 32]).unwrap();
    assert_eq!(engine.running_nodes(Some(new.id())).await.unwrap(), 1);
    assert!(
        !node.node_runs("two").await.unwrap(),
        "it hears of the new key"
    );
    assert!(engine.node_runs("three").await.unwrap());
    assert_eq!(engine.running_nodes(Some(new.id())).await.unwrap(), 1);
    full.bed.time.pass_ms(60_000);
    assert_eq!(engine.running_nodes(None).await.unwrap(), 0);
    let rows = rows_of(&full.bed, &tables::SETTINGS).await;
    full.days_pass(1);
    engine.sweep_expired().await.unwrap();
    assert_eq!(rows_of(&full.bed, &tables::SETTINGS).await, rows - 2);
}

#[tokio::test]
async fn a_store_that_was_never_served_has_no_key_to_replace() {
    let bed = Bed::new().await;
    assert_eq!(bed.engine.master_keys().await.unwrap(), None);
    let new = bed.node_with_key(NEW_KEY);
    assert!(
        new.replace_master_key(&[MASTER_KEY; 32], false)
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_former_key_that_is_damaged_stops_the_start() {
    let full = full().await;
    full.replaced(false).await;
    let key = vec!["former_master_keys".into()];
    let store = full.bed.engine.store();
    let found: Versioned<SettingRecord> = store.load(key).await.unwrap().unwrap();
    let mut unit = Commit::new(uuid::Uuid::now_v7());
    let value = SettingRecord {
        value: found.value.value.replace("s1.", "s2."),
        ..found.value
    };
    let version = found.version;
    unit.update(&Versioned { version, value }).unwrap();
    store.commit(unit).await.unwrap();
    assert!(full.with_key(NEW_KEY).check_master_key().await.is_err());
}
