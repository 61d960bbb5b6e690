//! Billing keys that several channels hold: issue, charge, delete, and crashes in each.

use naru_domain::billing_key::{BillingKeyState, IssueOutcome};
use naru_domain::payment::Failure;
use naru_domain::{BillingKeyId, ChannelGroupId, ChannelKey, ChannelSnapshot, StoreId};
use naru_engine::admin::ChannelGroupChange;
use naru_engine::{Answer, BillingKeyView, ChannelFailure, ChannelFailureReason, Fault};

use crate::groups::{
    card_channels, channels_of, charge, group, issue, key_channel, new_group, route,
};
use crate::support::{Bed, Cut, STORE, call};

const A: &str = "channel-key-a";
const B: &str = "channel-key-b";
const C: &str = "channel-key-c";

/// A bed whose channels A, B and C are of the PG that can delete keys, in a group.
async fn bed() -> (Bed, ChannelGroupId) {
    let bed = Bed::new().await;
    for key in [A, B, C] {
        key_channel(&bed.engine, key, &[]).await;
    }
    let group = group(&bed.engine, &[(A, 10), (B, 30), (C, 60)], 0).await;
    (bed, group.id)
}

async fn issued(bed: &Bed, group: &ChannelGroupId) -> BillingKeyId {
    match bed.engine.issue_billing_key(call(), issue(group)).await {
        Ok(Answer::BillingKeyIssued { billing_key, .. }) => billing_key,
        other => panic!("{other:?}"),
    }
}

async fn read(bed: &Bed, key: &BillingKeyId) -> BillingKeyView {
    let store = StoreId::new(STORE);
    bed.engine.billing_key(&store, key).await.unwrap()
}

async fn delete(bed: &Bed, key: &BillingKeyId) -> Result<Answer, Fault> {
    bed.engine
        .delete_billing_key(call(), key.clone(), (None, None), false)
        .await
}

async fn set(bed: &Bed, group: &ChannelGroupId, shares: &[(&str, u8, bool)]) {
    let change = ChannelGroupChange {
        routes: Some(
            shares
                .iter()
                .map(|(channel, weight, is_on)| route(channel, *weight, *is_on))
                .collect(),
        ),
        ..ChannelGroupChange::default()
    };
    bed.engine
        .change_channel_group(group, change)
        .await
        .unwrap();
}

/// The channels that ten charges went through.
async fn charged(bed: &Bed, key: &BillingKeyId, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for number in 0..10 {
        let id = format!("{name}-{number}");
        bed.engine
            .pay_with_billing_key(call(), charge(&id, key, None))
            .await
            .unwrap();
        found.push(channels_of(&bed.read(&id).await)[0].to_owned());
    }
    found.sort();
    found.dedup();
    found
}

fn keys(channels: &[ChannelSnapshot]) -> Vec<&str> {
    channels.iter().map(|one| one.key.as_str()).collect()
}

fn codes(failures: &[ChannelFailure]) -> Vec<(&str, String)> {
    let code = |one: &ChannelFailureReason| match one {
        ChannelFailureReason::InvalidRequest { .. } => "INVALID_REQUEST".to_owned(),
        ChannelFailureReason::Pg { failure } => failure.pg_code.clone(),
    };
    let failures = failures.iter();
    failures
        .map(|one| (one.channel.key.as_str(), code(&one.why)))
        .collect()
}

#[tokio::test]
async fn a_key_is_issued_at_every_channel_that_is_on_whatever_its_weight() {
    let (bed, group) = bed().await;
    set(&bed, &group, &[(A, 100, true), (B, 0, true), (C, 0, false)]).await;
    let answer = bed.engine.issue_billing_key(call(), issue(&group)).await;
    let Ok(Answer::BillingKeyIssued {
        billing_key,
        channels,
        failures,
        ..
    }) = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!((keys(&channels), failures), (vec![A, B], Vec::new()));
    let key = read(&bed, &billing_key).await;
    assert_eq!(key.channel_group.unwrap().id, group);
    assert_eq!(key.channels.len(), 2);
}

#[tokio::test]
async fn one_channel_is_enough_and_the_others_are_told_one_by_one() {
    let (bed, group) = bed().await;
    key_channel(&bed.engine, A, &["refuses_issue"]).await;
    key_channel(&bed.engine, C, &["forbids"]).await;
    let answer = bed.engine.issue_billing_key(call(), issue(&group)).await;
    let Ok(Answer::BillingKeyIssued {
        billing_key,
        channels,
        failures,
        ..
    }) = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(keys(&channels), [B]);
    assert_eq!(
        codes(&failures),
        [(A, "REFUSED".to_owned()), (C, "INVALID_REQUEST".to_owned())]
    );
    assert_eq!(charged(&bed, &billing_key, "a").await, [B]);
}

#[tokio::test]
async fn where_no_channel_issues_the_answer_names_each() {
    let (bed, group) = bed().await;
    for key in [A, B, C] {
        key_channel(&bed.engine, key, &["refuses_issue"]).await;
    }
    let ticket = bed.ticket("0123456789abcdef", "{}");
    let mut context = call();
    context.ticket = Some(ticket.clone());
    let answer = bed.engine.issue_billing_key(context, issue(&group)).await;
    let Err(Fault::ChannelSpecific {
        failures,
        succeeded,
    }) = &answer
    else {
        panic!("{answer:?}")
    };
    let refused = || "REFUSED".to_owned();
    assert_eq!(
        codes(failures),
        [(A, refused()), (B, refused()), (C, refused())]
    );
    assert!(succeeded.is_empty());
    assert_eq!(bed.engine.replay(&ticket).await.unwrap(), Some(answer));
    for key in [A, B, C] {
        key_channel(&bed.engine, key, &["forbids"]).await;
    }
    let answer = bed.engine.issue_billing_key(call(), issue(&group)).await;
    assert!(
        matches!(answer, Err(Fault::ChannelSpecific { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn answers_that_are_lost_fail_at_their_channel() {
    let (bed, group) = bed().await;
    bed.wire.script(&[Cut::After, Cut::None, Cut::Refused]);
    let answer = bed.engine.issue_billing_key(call(), issue(&group)).await;
    let Ok(Answer::BillingKeyIssued {
        channels, failures, ..
    }) = answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(keys(&channels), [B]);
    assert_eq!(
        codes(&failures),
        [
            (A, Failure::OUTCOME_UNKNOWN.to_owned()),
            (C, Failure::NOT_SENT.to_owned())
        ]
    );
}

#[tokio::test]
async fn a_crash_in_the_issue_keeps_what_was_answered_by_then() {
    let (mut bed, group) = bed().await;
    let ticket = bed.ticket("0123456789abcdef", "{}");
    bed.wire
        .script(&[Cut::None, Cut::HangAfter, Cut::HangBefore]);
    let (engine, mut context) = (bed.engine.clone(), call());
    context.ticket = Some(ticket.clone());
    let request = issue(&group);
    bed.crash_in(async move { engine.issue_billing_key(context, request).await })
        .await;
    assert_eq!(
        bed.engine.replay(&ticket).await,
        Err(Fault::IdempotencyOutstandingRequest)
    );
    bed.settle().await;
    let replay = bed.engine.replay(&ticket).await.unwrap();
    // Whether the first answer was on disk when the process died is chance; that the issue ends is
    // not.
    match replay {
        Some(Ok(Answer::BillingKeyIssued {
            channels, failures, ..
        })) => assert_eq!((keys(&channels), failures.len()), (vec![A], 2)),
        Some(Err(Fault::ChannelSpecific { failures, .. })) => assert_eq!(failures.len(), 3),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn charges_follow_the_present_weights_among_channels_that_hold_the_key() {
    let bed = Bed::new().await;
    for key in [A, B, C] {
        key_channel(&bed.engine, key, &[]).await;
    }
    let group = bed
        .engine
        .create_channel_group(new_group(&[(B, 50), (C, 50)]))
        .await
        .unwrap()
        .id;
    let key = issued(&bed, &group).await;
    set(&bed, &group, &[(A, 90, true), (B, 10, true), (C, 0, true)]).await;
    assert_eq!(
        charged(&bed, &key, "later").await,
        [B],
        "A holds no key, C weighs nothing"
    );
    set(&bed, &group, &[(A, 100, true), (B, 0, true), (C, 0, false)]).await;
    assert_eq!(
        charged(&bed, &key, "nothing").await,
        [B],
        "one of them anyway"
    );
    set(&bed, &group, &[(A, 100, true)]).await;
    let pay = |id: &str, channel| {
        bed.engine
            .pay_with_billing_key(call(), charge(id, &key, channel))
    };
    assert_eq!(pay("removed", None).await, Err(Fault::ChannelGroupOff));
    assert!(pay("named", Some(C)).await.is_ok());
    assert_eq!(channels_of(&bed.read("named").await), [C]);
    assert_eq!(
        bed.read("named").await.payment.attempts[0].channel_group,
        None
    );
    assert_eq!(pay("a", Some(A)).await, Err(Fault::ChannelNotFound));
    bed.engine.delete_channel_group(&group).await.unwrap();
    assert_eq!(pay("gone", None).await, Err(Fault::ChannelGroupNotFound));
    bed.engine
        .switch_channel(&ChannelKey::new(C), false)
        .await
        .unwrap();
    assert_eq!(pay("off", Some(C)).await, Err(Fault::ChannelNotFound));
}

#[tokio::test]
async fn a_deletion_that_one_pg_refuses_is_finished_by_the_next() {
    let (bed, group) = bed().await;
    let key = issued(&bed, &group).await;
    key_channel(&bed.engine, B, &["refuses_delete"]).await;
    let answer = delete(&bed, &key).await;
    let Err(Fault::ChannelSpecific {
        failures,
        succeeded,
    }) = &answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!(codes(failures), [(B, "REFUSED".to_owned())]);
    assert_eq!(keys(succeeded), [A, C]);
    assert!(matches!(
        read(&bed, &key).await.state,
        BillingKeyState::Issued { .. }
    ));
    assert_eq!(charged(&bed, &key, "still").await, [B]);
    key_channel(&bed.engine, B, &[]).await;
    let answer = delete(&bed, &key).await;
    assert!(
        matches!(answer, Ok(Answer::BillingKeyDeleted { .. })),
        "{answer:?}"
    );
    assert_eq!(
        delete(&bed, &key).await,
        Err(Fault::BillingKeyAlreadyDeleted)
    );
}

#[tokio::test]
async fn a_deletion_whose_answer_is_lost_is_asked_for_again() {
    for cut in [Cut::Before, Cut::After, Cut::Refused] {
        let (bed, group) = bed().await;
        let key = issued(&bed, &group).await;
        bed.wire.script(&[cut]);
        let answer = delete(&bed, &key).await;
        assert!(
            matches!(answer, Err(Fault::ChannelSpecific { .. })),
            "{answer:?}"
        );
        let answer = delete(&bed, &key).await;
        assert!(answer.is_ok(), "{answer:?}");
    }
}

#[tokio::test]
async fn a_crash_in_the_deletion_is_ended_by_telling_the_pgs_again() {
    for cut in [Cut::HangBefore, Cut::HangAfter] {
        let (mut bed, group) = bed().await;
        let key = issued(&bed, &group).await;
        let ticket = bed.ticket("0123456789abcdef", "{}");
        bed.wire.script(&[Cut::None, cut]);
        let (engine, mut context, id) = (bed.engine.clone(), call(), key.clone());
        context.ticket = Some(ticket.clone());
        bed.crash_in(async move {
            engine
                .delete_billing_key(context, id, (None, None), false)
                .await
        })
        .await;
        let pay = bed
            .engine
            .pay_with_billing_key(call(), charge("a", &key, None))
            .await;
        assert_eq!(
            pay,
            Err(Fault::ChannelGroupOff),
            "nobody wants a charge now"
        );
        bed.settle().await;
        assert!(matches!(
            read(&bed, &key).await.state,
            BillingKeyState::Deleted { .. }
        ));
        let replay = bed.engine.replay(&ticket).await.unwrap();
        assert!(
            matches!(replay, Some(Ok(Answer::BillingKeyDeleted { .. }))),
            "{replay:?}"
        );
    }
}

#[tokio::test]
async fn where_a_pg_has_no_call_the_key_is_gone_there_at_once() {
    let bed = Bed::new().await;
    card_channels(&bed.engine, &[A]).await;
    key_channel(&bed.engine, B, &[]).await;
    let group = group(&bed.engine, &[(A, 50), (B, 50)], 0).await.id;
    let key = issued(&bed, &group).await;
    let outcomes = read(&bed, &key).await.channels;
    assert!(
        outcomes
            .iter()
            .all(|one| matches!(one.outcome, IssueOutcome::Issued { .. }))
    );
    key_channel(&bed.engine, B, &["refuses_delete"]).await;
    let answer = delete(&bed, &key).await;
    let Err(Fault::ChannelSpecific {
        failures,
        succeeded,
    }) = &answer
    else {
        panic!("{answer:?}")
    };
    assert_eq!((keys(succeeded), failures.len()), (vec![A], 1));
    key_channel(&bed.engine, B, &[]).await;
    assert!(delete(&bed, &key).await.is_ok());
}

#[tokio::test]
async fn two_deletions_at_once_are_one() {
    let (bed, group) = bed().await;
    let key = issued(&bed, &group).await;
    let (one, other) = tokio::join!(delete(&bed, &key), delete(&bed, &key));
    let outcomes = [one, other];
    let done = outcomes.iter().filter(|one| one.is_ok()).count();
    assert_eq!(done, 1, "{outcomes:?}");
    assert!(
        outcomes.contains(&Err(Fault::BillingKeyAlreadyDeleted)),
        "{outcomes:?}"
    );
}
