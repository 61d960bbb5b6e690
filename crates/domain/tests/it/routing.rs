//! Channel groups: weights, sessions, draws.

use naru_domain::routing::{
    ChannelGroup, PAST_SESSIONS_MAX, Route, RoutingRefusal, SCHEDULED_MAX, Session, check_routes,
    draw,
};
use naru_domain::{ChannelGroupId, ChannelKey, StoreId, Timestamp};
use proptest::prelude::*;

const HOUR_S: i64 = 3_600;

fn key(name: &str) -> ChannelKey {
    ChannelKey::new(name)
}

fn routes(shares: &[(&str, u8, bool)]) -> Vec<Route> {
    let route = |(name, weight, is_on): &(&str, u8, bool)| Route {
        channel: key(name),
        weight: *weight,
        is_on: *is_on,
    };
    shares.iter().map(route).collect()
}

fn hour(number: i64) -> Timestamp {
    Timestamp::default().plus_seconds(number * HOUR_S)
}

/// A group that is A alone since hour 1.
fn group() -> ChannelGroup {
    ChannelGroup {
        id: ChannelGroupId::new("channel-group-test-1"),
        store_id: StoreId::new("store-1"),
        name: "cards".to_owned(),
        is_test: true,
        failover_tries_max: 0,
        sessions: vec![Session {
            starts_at: hour(1),
            routes: routes(&[("A", 100, true)]),
        }],
        created_at: hour(1),
        deleted_at: None,
    }
}

fn at(starts_at: Timestamp, shares: &[(&str, u8, bool)]) -> Session {
    Session {
        starts_at,
        routes: routes(shares),
    }
}

fn names(session: Option<&Session>) -> String {
    let routes = session.map_or(&[][..], |session| &session.routes);
    let names: Vec<_> = routes.iter().map(|route| route.channel.as_str()).collect();
    names.join(" ")
}

#[test]
fn routes_make_a_whole_of_one_to_ten_channels() {
    let eleven = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K"].map(|one| (one, 10, true));
    for (shares, refusal) in [
        (&[][..], RoutingRefusal::NoChannels),
        (&eleven, RoutingRefusal::TooManyChannels),
        (
            &[("A", 50, true), ("A", 50, true)],
            RoutingRefusal::ChannelTwice(key("A")),
        ),
        (
            &[("A", 50, true), ("B", 49, true)],
            RoutingRefusal::SumIsNot100(99),
        ),
        (
            &[("A", 50, true), ("B", 51, true)],
            RoutingRefusal::SumIsNot100(101),
        ),
        (&[("A", 255, true)], RoutingRefusal::SumIsNot100(255)),
        (
            &[("A", 100, true), ("B", 100, false)],
            RoutingRefusal::SumIsNot100(200),
        ),
    ] {
        assert_eq!(check_routes(&routes(shares)), Err(refusal));
    }
    assert_eq!(check_routes(&routes(&eleven[..10])), Ok(()));
    let half_off = [("A", 0, true), ("B", 100, false)];
    assert_eq!(check_routes(&routes(&half_off)), Ok(()));
}

#[test]
fn a_change_is_for_a_whole_hour_in_the_future() {
    let share = &[("B", 100, true)][..];
    let now = hour(5).plus_seconds(1);
    let refusal = |session: Session| group().schedule(session, now).map(|_| ());
    let half = hour(6).plus_seconds(HOUR_S / 2);
    assert_eq!(refusal(at(half, share)), Err(RoutingRefusal::NotAWholeHour));
    let micro = Timestamp::from_micros(hour(6).as_micros() + 1);
    assert_eq!(
        refusal(at(micro, share)),
        Err(RoutingRefusal::NotAWholeHour)
    );
    assert_eq!(
        refusal(at(hour(5), share)),
        Err(RoutingRefusal::NotInTheFuture)
    );
    assert_eq!(refusal(at(hour(6), share)), Ok(()));
    let uneven = at(half, &[("B", 99, true)]);
    assert_eq!(refusal(uneven), Err(RoutingRefusal::SumIsNot100(99)));
    let scheduled = group().schedule(at(hour(6), share), now).unwrap();
    assert_eq!(
        scheduled.schedule(at(hour(6), share), now),
        Err(RoutingRefusal::AlreadyScheduled)
    );
}

#[test]
fn a_scheduled_change_applies_from_its_hour_on_and_past_sessions_are_kept() {
    let group = group()
        .schedule(at(hour(8), &[("C", 100, true)]), hour(2))
        .unwrap()
        .schedule(at(hour(6), &[("B", 100, true)]), hour(2))
        .unwrap();
    for (now, expected) in [
        (hour(0), "A"),
        (hour(2), "A"),
        (Timestamp::from_micros(hour(6).as_micros() - 1), "A"),
        (hour(6), "B"),
        (hour(8), "C"),
        (hour(9_000), "C"),
    ] {
        assert_eq!(names(group.session(now)), expected, "at {now}");
    }
    let group = group.set(routes(&[("D", 100, true)]), hour(7)).unwrap();
    assert_eq!(names(group.session(hour(7))), "D");
    assert_eq!(
        names(group.session(hour(8))),
        "C",
        "what is scheduled stays"
    );
    let starts: Vec<_> = group.sessions.iter().map(|one| one.starts_at).collect();
    assert_eq!(starts, [hour(1), hour(6), hour(7), hour(8)]);
}

#[test]
fn a_scheduled_change_can_be_taken_back_a_past_one_cannot() {
    let group = group()
        .schedule(at(hour(6), &[("B", 100, true)]), hour(2))
        .unwrap();
    assert_eq!(
        group.clone().cancel_schedule(hour(7), hour(2)),
        Err(RoutingRefusal::NotScheduled)
    );
    assert_eq!(
        group.clone().cancel_schedule(hour(6), hour(6)),
        Err(RoutingRefusal::NotScheduled)
    );
    let group = group.cancel_schedule(hour(6), hour(2)).unwrap();
    assert_eq!(names(group.session(hour(9))), "A");
}

#[test]
fn one_channel_is_switched_and_keeps_its_weight() {
    let group = group()
        .set(routes(&[("A", 70, true), ("B", 30, true)]), hour(2))
        .unwrap()
        .switch(&key("A"), false, hour(3))
        .unwrap();
    let now = group.session(hour(3)).unwrap();
    assert_eq!(now.routes, routes(&[("A", 70, false), ("B", 30, true)]));
    assert_eq!(
        group.switch(&key("C"), true, hour(4)),
        Err(RoutingRefusal::NotAMember(key("C")))
    );
}

#[test]
fn a_deleted_group_changes_no_more() {
    let share = routes(&[("B", 100, true)]);
    let gone = group().delete(hour(3)).unwrap();
    let deleted = |changed: Result<ChannelGroup, RoutingRefusal>| {
        assert_eq!(changed, Err(RoutingRefusal::Deleted));
    };
    deleted(gone.clone().set(share, hour(4)));
    deleted(gone.clone().switch(&key("A"), true, hour(4)));
    deleted(gone.clone().schedule(at(hour(9), &[]), hour(4)));
    deleted(gone.clone().cancel_schedule(hour(9), hour(4)));
    deleted(gone.delete(hour(4)));
}

#[test]
fn sessions_are_bounded() {
    let share = || routes(&[("A", 100, true)]);
    let mut kept = group();
    for number in 2..400 {
        kept = kept.set(share(), hour(number)).unwrap();
    }
    assert_eq!(kept.sessions.len(), PAST_SESSIONS_MAX);
    assert_eq!(kept.session(hour(400)).unwrap().starts_at, hour(399));
    let mut full = group();
    for number in 2..=i64::try_from(SCHEDULED_MAX).unwrap() + 1 {
        full = full
            .schedule(at(hour(number), &[("A", 100, true)]), hour(1))
            .unwrap();
    }
    let one_more = at(hour(1_000), &[("A", 100, true)]);
    assert_eq!(
        full.schedule(one_more, hour(1)),
        Err(RoutingRefusal::TooManyScheduled)
    );
}

/// A generator of test numbers: the same from run to run.
fn numbers() -> impl FnMut(u64) -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move |bound| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    }
}

#[test]
fn draws_follow_the_weights() {
    const DRAWS: u32 = 10_000;
    let mut below = numbers();
    let mut hits = [0_u32; 3];
    for _ in 0..DRAWS {
        // 10 to 30 to 0: the rest of the hundred is switched off, or holds no key.
        let drawn = draw(vec![(0, 10), (1, 30), (2, 0)], 1, &mut below);
        hits[drawn[0]] += 1;
    }
    assert_eq!(
        hits[2], 0,
        "what weighs nothing is not drawn beside what does"
    );
    let share = f64::from(hits[0]) / f64::from(DRAWS);
    // Four standard deviations.
    assert!((share - 0.25).abs() < 0.018, "{share}");
}

#[test]
fn where_all_weigh_nothing_each_has_the_same_chance() {
    let mut below = numbers();
    let mut hits = [0_u32; 4];
    for _ in 0..10_000 {
        hits[draw(vec![(0, 0), (1, 0), (2, 0), (3, 0)], 1, &mut below)[0]] += 1;
    }
    assert!(
        hits.iter().all(|hits| (2_300..2_700).contains(hits)),
        "{hits:?}"
    );
}

proptest! {
    #[test]
    fn a_draw_gives_each_candidate_once(
        weights in proptest::collection::vec(0..=100_u8, 0..10),
        count in 0..12_usize,
        ticket in any::<u64>(),
    ) {
        let candidates: Vec<_> = weights.iter().copied().enumerate().collect();
        // Even a chance that breaks its promise draws somebody.
        let mut drawn = draw(candidates, count, |_| ticket);
        prop_assert_eq!(drawn.len(), count.min(weights.len()));
        drawn.sort_unstable();
        drawn.dedup();
        prop_assert_eq!(drawn.len(), count.min(weights.len()));
    }
}
