//! Identity verifications when answers are lost and processes die: no id stays stuck, and no one
//! is verified twice.

use naru_connector::Secret;
use naru_domain::identity::{IdentityMethod, IdentityState, IdentityStatus};
use naru_domain::payment::Failure;
use naru_domain::{ChannelKey, IdentityVerificationId, StoreId};
use naru_engine::admin::NewChannel;
use naru_engine::identity::{
    IdentityPersonView, IdentityView, RequestedPerson, SendIdentityRequest,
};
use naru_engine::records::Queue;
use naru_engine::{Answer, Fault};
use naru_pg_sim::{DANAL_CPID, DANAL_PASSWORD};

use crate::support::{Bed, Cut, STORE, call};

const DANAL: &str = "channel-key-danal";
const PHONE: &str = "01012345678";

pub async fn bed() -> Bed {
    let bed = Bed::new().await;
    let text = |text: &str| text.to_owned();
    let channel = NewChannel {
        store_id: StoreId::new(STORE),
        name: text("danal"),
        key: Some(ChannelKey::new(DANAL)),
        id: None,
        pg_provider: text("DANAL"),
        pg_merchant_id: text(DANAL_CPID),
        is_test: true,
        is_simulated: true,
        secrets: [(text("cp_password"), Secret::new(DANAL_PASSWORD))].into(),
        options: [(text("uas_url"), text("http://pg.test/danal/uas/"))].into(),
    };
    bed.engine.create_channel(channel).await.unwrap();
    bed
}

fn id() -> IdentityVerificationId {
    IdentityVerificationId::new("i")
}

pub fn request() -> SendIdentityRequest {
    SendIdentityRequest {
        id: id(),
        channel: ChannelKey::new(DANAL),
        person: RequestedPerson {
            name: Some("홍길동".to_owned()),
            phone_number: Some(PHONE.to_owned()),
            ..RequestedPerson::default()
        },
        identity_number: Some(Secret::new("9001011")),
        carrier: "KT".to_owned(),
        method: IdentityMethod::Sms,
        ip_address: None,
        custom_data: None,
        merchant_uid: None,
        bypass: serde_json::Value::Null,
    }
}

pub async fn send(bed: &Bed) -> Result<Answer, Fault> {
    bed.engine.send_identity(call(), request()).await
}

pub async fn confirm(bed: &Bed, otp: &str) -> Result<Answer, Fault> {
    let otp = Some(Secret::new(otp));
    bed.engine.confirm_identity(call(), id(), otp).await
}

pub async fn read(bed: &Bed) -> IdentityView {
    let store = StoreId::new(STORE);
    bed.engine
        .identity_verification(&store, &id())
        .await
        .unwrap()
}

async fn status(bed: &Bed) -> IdentityStatus {
    read(bed).await.verification.shown().unwrap().status()
}

pub async fn otp(bed: &Bed) -> String {
    let found = bed.look(&format!("/otp?phone={PHONE}")).await;
    found["otp"].as_str().unwrap().to_owned()
}

fn code(answer: &Result<Answer, Fault>) -> &str {
    match answer {
        Err(Fault::PgProvider { pg_code, .. }) => pg_code,
        other => panic!("not a PG's refusal: {other:?}"),
    }
}

/// The id takes another request, which succeeds.
async fn is_not_stuck(bed: &Bed) {
    send(bed).await.unwrap();
    let otp = otp(bed).await;
    let answer = confirm(bed, &otp).await;
    assert!(
        matches!(answer, Ok(Answer::IdentityVerified { .. })),
        "{answer:?}"
    );
    let view = read(bed).await;
    let IdentityPersonView::Verified(person) = view.person else {
        panic!("nobody verified")
    };
    assert_eq!(person.name, "홍길동");
    assert_eq!(person.ci.unwrap().len(), 88);
}

#[tokio::test]
async fn a_process_that_dies_in_a_send_leaves_an_id_that_takes_another() {
    for cut in [
        &[Cut::HangBefore][..],
        &[Cut::None, Cut::HangBefore],
        &[Cut::None, Cut::HangAfter],
    ] {
        let mut bed = bed().await;
        let ticket = bed.ticket("0123456789abcdef", "{}");
        bed.wire.script(cut);
        let (engine, mut context) = (bed.engine.clone(), call());
        context.ticket = Some(ticket.clone());
        bed.crash_in(async move { engine.send_identity(context, request()).await })
            .await;
        assert_eq!(status(&bed).await, IdentityStatus::Ready);
        assert_eq!(
            send(&bed).await,
            Err(Fault::IdentityVerificationAlreadySent)
        );
        let replay = bed.engine.replay(&ticket).await;
        assert_eq!(replay, Err(Fault::IdempotencyOutstandingRequest));
        bed.settle().await;
        let replay = bed.engine.replay(&ticket).await.unwrap().unwrap();
        assert_eq!(code(&replay), Failure::OUTCOME_UNKNOWN);
        assert_eq!(status(&bed).await, IdentityStatus::Failed);
        is_not_stuck(&bed).await;
    }
}

#[tokio::test]
async fn a_send_whose_answer_is_lost_fails_at_once() {
    for (cut, expected) in [
        (&[Cut::Refused][..], Failure::NOT_SENT),
        (&[Cut::Before], Failure::OUTCOME_UNKNOWN),
        (&[Cut::After], Failure::OUTCOME_UNKNOWN),
        (&[Cut::None, Cut::Refused], Failure::OUTCOME_UNKNOWN),
        (&[Cut::None, Cut::After], Failure::OUTCOME_UNKNOWN),
        (&[Cut::None, Cut::Silence], Failure::OUTCOME_UNKNOWN),
    ] {
        let bed = bed().await;
        bed.wire.script(cut);
        let answer = send(&bed).await;
        assert_eq!(code(&answer), expected, "{cut:?}");
        let view = read(&bed).await;
        let state = &view.verification.attempts[0].state;
        assert!(matches!(state, IdentityState::Failed { .. }), "{state:?}");
        is_not_stuck(&bed).await;
    }
}

#[tokio::test]
async fn a_confirmation_that_never_arrived_may_be_repeated() {
    for (cut, expected) in [
        (Cut::Refused, Failure::NOT_SENT),
        (Cut::Before, Failure::OUTCOME_UNKNOWN),
        (Cut::Silence, Failure::OUTCOME_UNKNOWN),
    ] {
        let bed = bed().await;
        send(&bed).await.unwrap();
        let otp = otp(&bed).await;
        bed.wire.script(&[cut]);
        assert_eq!(code(&confirm(&bed, &otp).await), expected);
        assert_eq!(status(&bed).await, IdentityStatus::Ready);
        confirm(&bed, &otp).await.unwrap();
        assert_eq!(status(&bed).await, IdentityStatus::Verified);
    }
}

#[tokio::test]
async fn a_confirmation_that_only_the_pg_knows_of_ends_the_attempt_when_repeated() {
    for cut in [&[Cut::After][..], &[Cut::None, Cut::After]] {
        let bed = bed().await;
        send(&bed).await.unwrap();
        let password = otp(&bed).await;
        bed.wire.script(cut);
        let lost = confirm(&bed, &password).await;
        assert_eq!(code(&lost), Failure::OUTCOME_UNKNOWN);
        assert_eq!(status(&bed).await, IdentityStatus::Ready);
        // The PG tells only once.
        assert_eq!(code(&confirm(&bed, &password).await), "1103");
        assert_eq!(status(&bed).await, IdentityStatus::Failed);
        is_not_stuck(&bed).await;
    }
}

#[tokio::test]
async fn a_process_that_dies_in_a_confirmation_has_counted_the_try() {
    let mut bed = bed().await;
    send(&bed).await.unwrap();
    let ticket = bed.ticket("0123456789abcdef", "{}");
    bed.wire.script(&[Cut::HangBefore]);
    let (engine, mut context) = (bed.engine.clone(), call());
    context.ticket = Some(ticket.clone());
    let wrong = Some(Secret::new("000"));
    bed.crash_in(async move { engine.confirm_identity(context, id(), wrong).await })
        .await;
    let view = read(&bed).await;
    let state = &view.verification.attempts[0].state;
    assert!(
        matches!(state, IdentityState::Sent { confirms: 1, .. }),
        "{state:?}"
    );
    bed.settle().await;
    let replay = bed.engine.replay(&ticket).await.unwrap().unwrap();
    assert_eq!(code(&replay), Failure::OUTCOME_UNKNOWN);
    let otp = otp(&bed).await;
    confirm(&bed, &otp).await.unwrap();
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_leaves_the_attempt_open() {
    for cut in [Cut::Refused, Cut::Before, Cut::After] {
        let bed = bed().await;
        send(&bed).await.unwrap();
        bed.wire.script(&[cut]);
        let answer = bed.engine.resend_identity(call(), id()).await;
        assert!(
            matches!(answer, Err(Fault::PgProvider { .. })),
            "{answer:?}"
        );
        let otp = otp(&bed).await;
        confirm(&bed, &otp).await.unwrap();
    }
}

#[tokio::test]
async fn of_many_at_once_one_is_sent_and_one_verifies() {
    let bed = bed().await;
    let sends = futures_util::future::join_all((0..20).map(|_| send(&bed))).await;
    assert_eq!(sends.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(read(&bed).await.verification.attempts.len(), 1);
    let password = otp(&bed).await;
    let confirms = futures_util::future::join_all((0..5).map(|_| confirm(&bed, &password))).await;
    assert_eq!(confirms.iter().filter(|answer| answer.is_ok()).count(), 1);
    assert_eq!(status(&bed).await, IdentityStatus::Verified);
}

#[tokio::test]
async fn an_attempt_ends_in_time_whatever_the_process_lived_through() {
    let mut bed = bed().await;
    send(&bed).await.unwrap();
    bed.restart();
    let expire = async |bed: &Bed| {
        let lease = (1_000, false);
        let jobs = bed
            .engine
            .claim(Queue::Deadline, 10, lease, Vec::new())
            .await;
        for job in jobs.unwrap() {
            bed.engine.run(job).await.unwrap();
        }
    };
    bed.time.pass_ms(599_000);
    expire(&bed).await;
    assert_eq!(status(&bed).await, IdentityStatus::Ready);
    bed.engine.resend_identity(call(), id()).await.unwrap();
    bed.time.pass_ms(2_000);
    expire(&bed).await;
    assert_eq!(
        status(&bed).await,
        IdentityStatus::Ready,
        "the message gave it more time"
    );
    bed.time.pass_ms(600_000);
    expire(&bed).await;
    assert_eq!(status(&bed).await, IdentityStatus::Failed);
    is_not_stuck(&bed).await;
}
