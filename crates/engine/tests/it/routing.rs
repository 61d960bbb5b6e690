//! Channel groups: what is drawn, what is recorded, what an administrator may do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use naru_domain::payment::AttemptState;
use naru_domain::routing::Session;
use naru_domain::{ChannelGroupId, ChannelKey, MerchantId, StoreId};
use naru_engine::admin::{ChannelGroupChange, NewChannelGroup, NewStore};
use naru_engine::payments::CallContext;
use naru_engine::{Engine, Entropy, Fault};

use crate::groups::{by_group, card_channel, card_channels, channels_of, group, new_group, route};
use crate::support::{Bed, Cut, STORE, call};

const A: &str = "channel-key-a";
const B: &str = "channel-key-b";
const HOUR_S: i64 = 3_600;

/// The same bytes from run to run.
struct Seeded(AtomicU64);

impl Entropy for Seeded {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let before = self.0.load(Ordering::SeqCst);
            let mut state = before ^ (before << 13);
            state ^= state >> 7;
            state ^= state << 17;
            self.0.store(state, Ordering::SeqCst);
            *byte = state.to_le_bytes()[3];
        }
    }
}

async fn bed() -> (Bed, ChannelGroupId) {
    let bed = Bed::new().await;
    card_channels(&bed.engine, &[A, B]).await;
    let group = group(&bed.engine, &[(A, 50), (B, 50)], 0).await;
    (bed, group.id)
}

fn refused<T>(result: Result<T, Fault>) -> String {
    match result {
        Err(Fault::InvalidRequest { message }) => message,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("accepted"),
    }
}

async fn drawn(engine: &Engine, group: &ChannelGroupId, count: usize) -> Vec<String> {
    let mut channels = Vec::new();
    for number in 0..count {
        let id = format!("drawn-{number}");
        engine
            .pay_instantly(call(), by_group(&id, group))
            .await
            .unwrap();
        let view = engine
            .payment(&StoreId::new(STORE), &naru_domain::PaymentId::new(id))
            .await
            .unwrap();
        channels.extend(channels_of(&view).into_iter().map(str::to_owned));
    }
    channels
}

#[tokio::test]
async fn draws_are_of_the_engines_entropy_and_both_channels_are_drawn() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bed = Bed::with(Arc::new(Seeded(AtomicU64::new(88_172_645_463_325_252)))).await;
        card_channels(&bed.engine, &[A, B]).await;
        let group = group(&bed.engine, &[(A, 30), (B, 70)], 0).await;
        runs.push(drawn(&bed.engine, &group.id, 60).await);
    }
    assert_eq!(runs[0], runs[1], "the same entropy, the same draws");
    let to_a = runs[0].iter().filter(|key| *key == A).count();
    assert!((8..=30).contains(&to_a), "{to_a} of 60 at a weight of 30");
}

#[tokio::test]
async fn the_drawn_channel_is_on_disk_before_the_pg_hears_of_it() {
    let (mut bed, group) = bed().await;
    bed.wire.script(&[Cut::HangBefore]);
    let (engine, id) = (bed.engine.clone(), group.clone());
    bed.crash_in(async move { engine.pay_instantly(call(), by_group("a", &id)).await })
        .await;
    let attempt = bed.read("a").await.payment.attempts[0].clone();
    assert_eq!(attempt.state, AttemptState::Sending);
    assert!([A, B].contains(&attempt.channel.key.as_str()));
    let recorded = attempt.channel_group.unwrap();
    assert_eq!((recorded.id, recorded.name.as_str()), (group, "cards"));
    assert!(recorded.is_test);
}

#[tokio::test]
async fn channels_that_are_off_are_never_drawn() {
    let (bed, group) = bed().await;
    let off = |channel: &str, is_on| ChannelGroupChange {
        switches: vec![(ChannelKey::new(channel), is_on)],
        ..ChannelGroupChange::default()
    };
    bed.engine
        .change_channel_group(&group, off(A, false))
        .await
        .unwrap();
    assert!(
        drawn(&bed.engine, &group, 20)
            .await
            .iter()
            .all(|key| key == B)
    );
    // Off as a channel, not only in the group.
    bed.engine
        .switch_channel(&ChannelKey::new(B), false)
        .await
        .unwrap();
    let pay = || bed.engine.pay_instantly(call(), by_group("a", &group));
    assert_eq!(pay().await, Err(Fault::ChannelGroupOff));
    bed.engine
        .change_channel_group(&group, off(A, true))
        .await
        .unwrap();
    assert!(pay().await.is_ok());
    assert_eq!(channels_of(&bed.read("a").await), [A]);
}

#[tokio::test]
async fn a_scheduled_change_applies_by_itself_at_its_hour() {
    let (bed, group) = bed().await;
    let now = bed.engine.clock().business();
    let hour = naru_domain::Timestamp::from_micros(
        now.plus_seconds(2 * HOUR_S).as_micros() / (HOUR_S * 1_000_000) * (HOUR_S * 1_000_000),
    );
    let session = Session {
        starts_at: hour,
        routes: vec![route(A, 0, false), route(B, 100, true)],
    };
    bed.engine
        .schedule_channel_group(&group, session)
        .await
        .unwrap();
    let before = drawn(&bed.engine, &group, 40).await;
    assert!(before.iter().any(|key| key == A), "not yet");
    bed.engine
        .set_clock_offset(2 * HOUR_S * 1_000)
        .await
        .unwrap();
    for number in 0..20 {
        let id = format!("after-{number}");
        bed.engine
            .pay_instantly(call(), by_group(&id, &group))
            .await
            .unwrap();
        assert_eq!(channels_of(&bed.read(&id).await), [B]);
    }
}

#[tokio::test]
async fn a_group_of_others_and_a_deleted_one_are_none() {
    let (bed, group) = bed().await;
    let none = Err(Fault::ChannelGroupNotFound);
    let pay = |context: CallContext, id: &ChannelGroupId| {
        bed.engine.pay_instantly(context, by_group("a", id))
    };
    let unknown = ChannelGroupId::new("channel-group-test-unknown");
    assert_eq!(pay(call(), &unknown).await, none);
    let mut foreign = call();
    let mut store = naru_engine::records::StoreRecord::clone(&foreign.store);
    store.id = StoreId::new("store-foreign");
    foreign.store = Arc::new(store);
    assert_eq!(pay(foreign, &group).await, none);
    let mut below = call();
    let mut store = naru_engine::records::StoreRecord::clone(&below.store);
    store.parent = Some(StoreId::new(STORE));
    store.id = StoreId::new("store-below");
    below.store = Arc::new(store);
    assert!(
        pay(below, &group).await.is_ok(),
        "a sub-store uses its parent's"
    );
    bed.engine.delete_channel_group(&group).await.unwrap();
    assert_eq!(pay(call(), &group).await, none);
    let again = bed.engine.delete_channel_group(&group).await;
    assert_eq!(refused(again), "the channel group was deleted");
    assert!(
        bed.engine
            .channel_groups(&StoreId::new(STORE))
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn names_are_unique_in_a_store_and_free_after_a_deletion() {
    let (bed, first) = bed().await;
    let engine = &bed.engine;
    let taken = "the store has a channel group `cards` already; names are unique";
    let second = || engine.create_channel_group(new_group(&[(A, 100)]));
    assert_eq!(refused(second().await), taken);
    let rename = |name: &str| ChannelGroupChange {
        name: Some(name.to_owned()),
        ..ChannelGroupChange::default()
    };
    engine
        .change_channel_group(&first, rename("others"))
        .await
        .unwrap();
    let second = second().await.unwrap();
    let renamed = engine.change_channel_group(&first, rename(" cards ")).await;
    assert_eq!(refused(renamed), taken);
    engine.delete_channel_group(&second.id).await.unwrap();
    engine
        .change_channel_group(&first, rename("cards"))
        .await
        .unwrap();
    for name in ["", "  ", "a\nb", &"n".repeat(101)] {
        refused(engine.change_channel_group(&first, rename(name)).await);
    }
}

#[tokio::test]
async fn a_group_takes_channels_of_its_store_and_environment_only() {
    let (bed, _) = bed().await;
    let engine = &bed.engine;
    let create = |name: &str, new: NewChannelGroup| {
        engine.create_channel_group(NewChannelGroup {
            name: name.to_owned(),
            ..new
        })
    };
    let unknown = create("1", new_group(&[("channel-key-unknown", 100)])).await;
    assert!(refused(unknown).contains("no channel of the store"));
    let live = NewChannelGroup {
        is_test: false,
        ..new_group(&[(A, 100)])
    };
    let message = refused(create("2", live).await);
    assert_eq!(
        message,
        format!("`{A}` is a test channel, the group is of live channels")
    );
    let other = NewStore {
        name: "other".to_owned(),
        id: Some(StoreId::new("store-other")),
        merchant_id: Some(MerchantId::new("merchant-other")),
        parent: None,
    };
    engine.create_store(other).await.unwrap();
    let foreign = naru_engine::admin::NewChannel {
        store_id: StoreId::new("store-other"),
        ..card_channel("channel-key-other")
    };
    engine.create_channel(foreign).await.unwrap();
    let foreign = create("3", new_group(&[("channel-key-other", 100)])).await;
    assert!(refused(foreign).contains("no channel of the store"));
    let uneven = create("4", new_group(&[(A, 99)])).await;
    assert!(refused(uneven).contains("sum to 99"));
    let eager = NewChannelGroup {
        failover_tries_max: 10,
        ..new_group(&[(A, 100)])
    };
    assert!(refused(create("5", eager).await).contains("at most 9"));
    let live = NewChannelGroup {
        id: None,
        ..new_group(&[(A, 100)])
    };
    let made = create("6", live).await.unwrap();
    assert!(made.id.as_str().starts_with("channel-group-test-"));
}
