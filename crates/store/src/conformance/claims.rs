//! Cases: leases on jobs. Leases make workers efficient, versions make them correct.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::rows::{claim, commit, conflict, delete, get, insert, job, key, last_key, update};
use crate::tables::JOBS;
use crate::{Claim, Row, Store, Value};
use naru_domain::Timestamp;

async fn claimed(store: &dyn Store, claim: Claim) -> Vec<String> {
    store
        .claim(claim)
        .await
        .unwrap()
        .iter()
        .map(last_key)
        .collect()
}

pub(super) async fn claim_takes_due_jobs_of_its_queue_in_order(store: &dyn Store) {
    let jobs = vec![
        job("late", "mail", None, 1_001),
        job("z-first", "mail", None, -5),
        job("b-tie", "mail", None, 500),
        job("a-tie", "mail", None, 500),
        job("on-time", "mail", None, 1_000),
        job("other", "post", None, 1),
    ];
    insert(store, &JOBS, jobs).await;
    let undated = Row {
        columns: vec!["mail".into(), Value::Null, Value::Null, Value::Null],
        ..job("no-date", "mail", None, 0)
    };
    insert(store, &JOBS, vec![undated]).await;
    assert_eq!(
        claimed(store, claim(50)).await,
        ["z-first", "a-tie", "b-tie", "on-time"]
    );
    assert_eq!(claimed(store, claim(50)).await, [""; 0]);
    assert_eq!(
        claimed(
            store,
            Claim {
                queue: "post",
                ..claim(50)
            }
        )
        .await,
        ["other"]
    );
    assert_eq!(
        claimed(
            store,
            Claim {
                queue: "nobody",
                ..claim(50)
            }
        )
        .await,
        [""; 0]
    );
    let later = Claim {
        due: Timestamp::from_micros(1_001),
        ..claim(50)
    };
    assert_eq!(claimed(store, later).await, ["late"]);
}

pub(super) async fn claimed_job_is_not_claimed_again_before_its_lease_ends(store: &dyn Store) {
    insert(store, &JOBS, vec![job("j", "mail", None, 0)]).await;
    let first = store.claim(claim(0)).await.unwrap();
    assert_eq!(first[0].version, 2, "the version to finish with");
    assert_eq!(
        first[0].columns[3],
        Value::from(100),
        "the end of the lease"
    );
    assert_eq!(get(store, &JOBS, key(["j"])).await, Some(first[0].clone()));
    assert!(claimed(store, claim(0)).await.is_empty());
    assert!(claimed(store, claim(99)).await.is_empty());
    let second = store.claim(claim(100)).await.unwrap();
    assert_eq!(second[0].version, 3);
    assert!(claimed(store, claim(100)).await.is_empty());
}

pub(super) async fn claim_stops_at_its_limit(store: &dyn Store) {
    let jobs = (0..5)
        .map(|n| job(&format!("j{n}"), "mail", None, n))
        .collect();
    insert(store, &JOBS, jobs).await;
    assert!(
        claimed(
            store,
            Claim {
                limit: 0,
                ..claim(0)
            }
        )
        .await
        .is_empty()
    );
    assert_eq!(
        claimed(
            store,
            Claim {
                limit: 2,
                ..claim(0)
            }
        )
        .await,
        ["j0", "j1"]
    );
    assert_eq!(
        claimed(
            store,
            Claim {
                limit: 2,
                ..claim(0)
            }
        )
        .await,
        ["j2", "j3"]
    );
    assert_eq!(
        claimed(
            store,
            Claim {
                limit: 2,
                ..claim(0)
            }
        )
        .await,
        ["j4"]
    );
}

pub(super) async fn busy_lanes_are_left_alone(store: &dyn Store) {
    let jobs = vec![
        job("a", "mail", Some("shop-1"), 1),
        job("b", "mail", Some("shop-2"), 2),
        job("c", "mail", Some("가게"), 3),
        job("d", "mail", None, 4),
    ];
    insert(store, &JOBS, jobs).await;
    let busy = |lanes: &[&str]| Claim {
        busy: lanes.iter().map(|lane| (*lane).to_owned()).collect(),
        ..claim(0)
    };
    let all_busy = claimed(store, busy(&["shop-1", "shop-2", "가게", "shop-3"])).await;
    assert_eq!(all_busy, ["d"], "a job without a lane is never busy");
    assert_eq!(
        claimed(store, busy(&["shop-1", "가게", "a\0b"])).await,
        ["b"]
    );
    assert_eq!(claimed(store, busy(&[])).await, ["a", "c"]);
}

pub(super) async fn a_busy_lane_full_of_due_jobs_hides_no_other_lane(store: &dyn Store) {
    let mut jobs: Vec<Row> = (0..3_000)
        .map(|n| job(&format!("busy{n:04}"), "mail", Some("lane-b"), 5))
        .collect();
    jobs.extend([
        job("z", "mail", Some("lane-a"), 8),
        job("y", "mail", Some("lane-c"), 7),
        job("x", "mail", None, 9),
        job("w", "mail", Some("lane-c"), 1_001),
        job("v", "post", Some("lane-c"), 1),
    ]);
    for some in jobs.chunks(500) {
        insert(store, &JOBS, some.to_vec()).await;
    }
    let beside = || Claim {
        busy: vec!["lane-b".to_owned()],
        limit: 2,
        ..claim(0)
    };
    assert_eq!(claimed(store, beside()).await, ["y", "z"]);
    assert_eq!(claimed(store, beside()).await, ["x"]);
    assert!(claimed(store, beside()).await.is_empty());
    assert_eq!(
        claimed(
            store,
            Claim {
                limit: 2,
                ..claim(0)
            }
        )
        .await,
        ["busy0000", "busy0001"]
    );
    // Those at the front are leased, by whomever: the next are found behind them.
    let many = Claim {
        limit: 1_500,
        ..claim(0)
    };
    assert_eq!(claimed(store, many).await.len(), 1_500);
    let next = Claim {
        limit: 1,
        ..claim(0)
    };
    assert_eq!(claimed(store, next).await, ["busy1502"]);
}

pub(super) async fn claims_at_once_share_nothing(store: &dyn Store) {
    let jobs = (0..40)
        .map(|n| job(&format!("j{n:02}"), "mail", None, n))
        .collect();
    insert(store, &JOBS, jobs).await;
    let mut seen = BTreeSet::new();
    // A claim may come back short while others hold the rows it looked at, never wrong; so go on
    // until a round finds nothing.
    for _ in 0..50 {
        let round = (0..8).map(|_| {
            claimed(
                store,
                Claim {
                    limit: 3,
                    ..claim(0)
                },
            )
        });
        let round: Vec<_> = join_all(round).await.into_iter().flatten().collect();
        if round.is_empty() {
            break;
        }
        for id in round {
            assert!(seen.insert(id.clone()), "{id} was leased twice");
        }
    }
    assert_eq!(seen.len(), 40, "every job was leased");
}

pub(super) async fn late_finisher_loses_to_the_new_lease(store: &dyn Store) {
    insert(store, &JOBS, vec![job("j", "mail", None, 0)]).await;
    let slow = store.claim(claim(0)).await.unwrap().remove(0);
    let quick = store.claim(claim(200)).await.unwrap().remove(0);
    let finish = |row: &Row| delete(&JOBS, row.key.clone(), Some(row.version));
    assert_eq!(conflict(store, vec![finish(&slow)]).await, "jobs");
    assert_eq!(
        conflict(store, vec![update(&JOBS, slow.clone(), slow.version)]).await,
        "jobs"
    );
    commit(store, vec![finish(&quick)]).await;
    assert_eq!(conflict(store, vec![finish(&quick)]).await, "jobs");
    assert!(claimed(store, claim(900)).await.is_empty());
}

pub(super) async fn claim_keeps_the_rest_of_the_row(store: &dyn Store) {
    let first = job("j", "mail", Some("shop-1"), 7);
    insert(store, &JOBS, vec![first.clone()]).await;
    let mut want = Row {
        version: 2,
        ..first
    };
    want.columns[3] = 100.into();
    assert_eq!(store.claim(claim(0)).await.unwrap(), [want.clone()]);
    // A job put off: new due time, lease given back, claimed again when due.
    let put_off = job("j", "mail", Some("shop-1"), 1_500);
    commit(store, vec![update(&JOBS, put_off, 2)]).await;
    assert!(claimed(store, claim(500)).await.is_empty());
    let later = Claim {
        due: Timestamp::from_micros(1_500),
        ..claim(500)
    };
    assert_eq!(claimed(store, later).await, ["j"]);
}
