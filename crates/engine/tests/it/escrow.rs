//! Escrow: actions whose process dies, and the PG's news of what the customer says.

use std::net::IpAddr;

use bytes::Bytes;
use naru_connector::{InboundRequest, NoticeAnswer, Party, Secret, StoreSaleAsked};
use naru_domain::payment::{EscrowState, Failure, Shipment, Status};
use naru_domain::{ChannelKey, Currency, PaymentId};
use naru_engine::admin::NewChannel;
use naru_engine::payments::{CallContext, ShipmentRequest};
use naru_engine::records::{NoticeRecord, NoticeState};
use naru_engine::{Answer, Engine, Fault};
use naru_store::{Query, tables};
use serde_json::{Value, json};

use crate::groups::card_channel;
use crate::support::{Bed, Cut, call, cancel, card_payment};

const CHANNEL: &str = "channel-key-escrow";
/// The address that the PG sends from, where a channel names it.
const PG: &str = "203.238.37.15";

fn channel() -> NewChannel {
    let keys = [
        ("iniapi_key", "yERbIlJ3NhTeObsA"),
        ("iniapi_iv", "tOGDXbfoajk2DQ=="),
    ];
    let mut new = NewChannel {
        pg_merchant_id: "iniescrow0".to_owned(),
        ..card_channel(CHANNEL)
    };
    for (name, key) in keys {
        new.secrets.insert(name.to_owned(), Secret::new(key));
    }
    new
}

/// A bed on which the payment "a" of 1,000 won is held; the PG's id of it.
async fn held() -> (Bed, String) {
    held_through(channel()).await
}

async fn held_through(channel: NewChannel) -> (Bed, String) {
    let bed = Bed::new().await;
    bed.engine.put_channel(channel).await.unwrap();
    let mut request = card_payment("a", false);
    request.order.is_escrow = true;
    request.method.channel = ChannelKey::new(CHANNEL).into();
    bed.engine.pay_instantly(call(), request).await.unwrap();
    let books = bed.transactions().await;
    let tid = books[0]["pgTxId"].as_str().unwrap().to_owned();
    (bed, tid)
}

fn id() -> PaymentId {
    PaymentId::new("a")
}

fn shipment(number: &str, is_change: bool) -> ShipmentRequest {
    let party = Party {
        name: Some("Hong Gildong".to_owned()),
        phone_number: Some("01000000000".to_owned()),
        zipcode: Some("04524".to_owned()),
        address: Some("Seoul".to_owned()),
    };
    ShipmentRequest {
        shipment: Shipment {
            company: "CJ".to_owned(),
            invoice_number: number.to_owned(),
            sent_at: naru_domain::Timestamp::from_micros(1_767_225_600_000_000),
            applied_at: naru_domain::Timestamp::default(),
        },
        is_change,
        sender: party.clone(),
        receiver: party,
        product_count: 1,
    }
}

fn sales() -> Vec<StoreSaleAsked> {
    vec![StoreSaleAsked {
        business_number: "1234567890".to_owned(),
        name: "shop".to_owned(),
        total: 1_000,
        tax_free: Some(0),
        vat: Some(91),
        supply: Some(909),
        currency: Currency::krw(),
    }]
}

/// What merchants and operators ask of a PG about a payment that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Register,
    Change,
    Accept,
    Sales,
}

const DEEDS: [Deed; 4] = [Deed::Register, Deed::Change, Deed::Accept, Deed::Sales];

impl Deed {
    async fn go(self, engine: &Engine, context: CallContext) -> Result<Answer, Fault> {
        match self {
            Self::Register => {
                engine
                    .tell_shipment(context, id(), shipment("1", false))
                    .await
            }
            Self::Change => {
                engine
                    .tell_shipment(context, id(), shipment("2", true))
                    .await
            }
            Self::Accept => engine.accept_rejection(context, id()).await,
            Self::Sales => engine.register_store_sales(context, id(), sales()).await,
        }
    }

    /// A bed on which nothing but the deed is left to do.
    async fn stage(self) -> (Bed, String) {
        let (bed, tid) = held().await;
        if matches!(self, Self::Change | Self::Accept) {
            Self::Register.go(&bed.engine, call()).await.unwrap();
        }
        if self == Self::Accept {
            says(&bed, &tid, "reject").await;
            hears(&bed, &tid).await;
        }
        (bed, tid)
    }
}

/// The customer's word, by the simulator's control.
async fn says(bed: &Bed, tid: &str, word: &str) {
    let said = bed.control(&format!("/escrows/{tid}/{word}")).await;
    assert!(said["escrow"].is_object(), "{said}");
}

/// The PG's notice of the latest news, as the PG sends it.
async fn notice(bed: &Bed, tid: &str, peer: Option<IpAddr>) -> InboundRequest {
    let seen = bed.look(&format!("/escrows/{tid}")).await;
    let latest = seen["news"].as_array().unwrap().last().unwrap().clone();
    form(&seen["transaction"], &latest, peer)
}

fn form(transaction: &Value, news: &Value, peer: Option<IpAddr>) -> InboundRequest {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let tid = text(&transaction["pgTxId"]);
    let body = format!(
        "id_merchant=iniescrow0&no_oid={}&no_tid={tid}&dt_req=20260101090000&cl_status={}\
         &cl_paymethod=0&price={}&msg_deny=&tid_org={tid}",
        text(&transaction["orderId"]),
        text(&news["clStatus"]),
        transaction["amount"],
    );
    InboundRequest {
        content_type: Some("application/x-www-form-urlencoded;charset=UTF-8".to_owned()),
        body: Bytes::from(body),
        peer,
    }
}

async fn deliver(bed: &Bed, notice: &InboundRequest) -> NoticeAnswer {
    bed.engine.take_notice("INICIS_V2", notice).await.unwrap()
}

/// Naru hears of the latest news and looks into it.
async fn hears(bed: &Bed, tid: &str) {
    let notice = notice(bed, tid, None).await;
    assert_eq!(deliver(bed, &notice).await.body, "cd_rslt=0000");
    bed.settle().await;
}

async fn state(bed: &Bed) -> EscrowState {
    bed.read("a").await.payment.escrow.unwrap().state
}

async fn notices(bed: &Bed) -> Vec<NoticeState> {
    let query = Query::of(&tables::NOTICES, 100);
    let found = bed.engine.store().list::<NoticeRecord>(query).await;
    found.unwrap().iter().map(|one| one.value.state).collect()
}

#[tokio::test]
async fn a_rejected_sale_goes_from_shipment_to_money_back() {
    let (bed, tid) = held().await;
    for deed in [Deed::Register, Deed::Change] {
        deed.go(&bed.engine, call()).await.unwrap();
    }
    let early = Deed::Accept.go(&bed.engine, call()).await;
    assert!(
        matches!(early, Err(Fault::InvalidRequest { .. })),
        "{early:?}"
    );
    says(&bed, &tid, "reject").await;
    hears(&bed, &tid).await;
    let escrow = bed.read("a").await.payment.escrow.unwrap();
    assert_eq!(escrow.state, EscrowState::Rejected);
    assert_eq!(escrow.shipment.unwrap().invoice_number, "2");
    let cancelled = bed.engine.cancel_payment(call(), id(), cancel(None)).await;
    assert!(
        matches!(cancelled, Err(Fault::PgProvider { .. })),
        "the PG's rule"
    );
    Deed::Accept.go(&bed.engine, call()).await.unwrap();
    assert_eq!(state(&bed).await, EscrowState::RejectConfirmed);
    hears(&bed, &tid).await;
    assert_eq!(state(&bed).await, EscrowState::RejectConfirmed);
    bed.engine
        .cancel_payment(call(), id(), cancel(None))
        .await
        .unwrap();
    hears(&bed, &tid).await;
    assert_eq!(state(&bed).await, EscrowState::Cancelled);
    assert_eq!(bed.status("a").await, Status::Cancelled);
    assert!(bed.books().await.is_empty());
}

#[tokio::test]
async fn an_action_whose_process_dies_ends_unclear_and_is_never_sent_again() {
    for deed in DEEDS {
        for cut in [Cut::HangBefore, Cut::HangAfter] {
            let (mut bed, tid) = deed.stage().await;
            let before = bed.read("a").await.payment;
            let ticket = bed.ticket("0123456789abcdef", "{}");
            let mut context = call();
            context.ticket = Some(ticket.clone());
            bed.wire.script(&[cut]);
            let engine = bed.engine.clone();
            bed.crash_in(async move { deed.go(&engine, context).await })
                .await;
            let what = format!("{deed:?} {cut:?}");
            assert!(bed.read("a").await.payment.action.is_some(), "{what}");
            let replay = bed.engine.replay(&ticket).await;
            assert_eq!(replay, Err(Fault::IdempotencyOutstandingRequest), "{what}");
            let calls = bed.look("/books").await["calls"].clone();
            // Until no answer can come any more.
            bed.settle().await;
            bed.settle().await;
            let after = bed.read("a").await.payment;
            assert_eq!(after.action, None, "{what}");
            assert_eq!(after.status(), Status::Paid, "{what}");
            let kept = |it: &naru_domain::payment::Payment| {
                it.escrow.clone().map(|it| (it.state, it.shipment))
            };
            assert_eq!(kept(&after), kept(&before), "{what}: nobody knows");
            let replay = bed.engine.replay(&ticket).await.unwrap().unwrap();
            assert!(
                matches!(&replay, Err(Fault::PgProvider { pg_code, .. })
                    if pg_code == Failure::OUTCOME_UNKNOWN),
                "{what}: {replay:?}"
            );
            assert_eq!(
                bed.look("/books").await["calls"],
                calls,
                "{what}: sent again"
            );
            // What the PG did, its notice tells.
            let told = match (deed, cut) {
                (Deed::Register, Cut::HangAfter) => Some(EscrowState::Registered),
                (Deed::Accept, Cut::HangAfter) => Some(EscrowState::RejectConfirmed),
                _ => None,
            };
            if let Some(told) = told {
                hears(&bed, &tid).await;
                let escrow = bed.read("a").await.payment.escrow.unwrap();
                assert_eq!(escrow.state, told, "{what}");
                assert_eq!(escrow.shipment.unwrap().invoice_number, "1", "{what}");
            }
            // Another action is not held up.
            let next = Deed::Sales.go(&bed.engine, call()).await;
            assert!(next.is_ok(), "{what}: {next:?}");
        }
    }
}

#[tokio::test]
async fn with_an_idempotency_key_an_action_is_done_once_and_answered_again() {
    for deed in DEEDS {
        let (bed, _tid) = deed.stage().await;
        let ticket = bed.ticket("0123456789abcdef", "{}");
        let context = || CallContext {
            ticket: Some(ticket.clone()),
            ..call()
        };
        let first = deed.go(&bed.engine, context()).await;
        assert!(first.is_ok(), "{deed:?}: {first:?}");
        let calls = bed.look("/books").await["calls"].clone();
        assert_eq!(
            bed.engine.replay(&ticket).await,
            Ok(Some(first)),
            "{deed:?}"
        );
        let again = deed.go(&bed.engine, context()).await;
        assert_eq!(again, Err(Fault::IdempotencyOutstandingRequest), "{deed:?}");
        assert_eq!(bed.look("/books").await["calls"], calls, "{deed:?}");
        let other = bed.ticket("0123456789abcdef", "{\"a\":1}");
        let other = bed.engine.replay(&other).await;
        assert!(
            matches!(other, Err(Fault::InvalidRequest { .. })),
            "{deed:?}"
        );
    }
}

#[tokio::test]
async fn an_action_that_never_left_or_was_refused_changes_nothing() {
    for deed in DEEDS {
        let (bed, _tid) = deed.stage().await;
        let before = bed.read("a").await.payment.escrow;
        bed.wire.script(&[Cut::Refused]);
        let never = deed.go(&bed.engine, call()).await;
        assert!(
            matches!(&never, Err(Fault::PgProvider { pg_code, .. })
                if pg_code == Failure::NOT_SENT),
            "{deed:?}: {never:?}"
        );
        assert_eq!(bed.read("a").await.payment.escrow, before, "{deed:?}");
        let then = deed.go(&bed.engine, call()).await;
        assert!(then.is_ok(), "{deed:?}: {then:?}");
    }
}

#[tokio::test]
async fn silence_confirms_after_the_pgs_time_and_says_so() {
    let (bed, tid) = held().await;
    Deed::Register.go(&bed.engine, call()).await.unwrap();
    bed.control_with("/clock", &json!({ "advance": "P9D" }))
        .await;
    hears(&bed, &tid).await;
    let automatically = EscrowState::Confirmed {
        automatically: true,
    };
    assert_eq!(state(&bed).await, automatically);
    // Whatever comes late changes nothing.
    let seen = bed.look(&format!("/escrows/{tid}")).await;
    let late = form(&seen["transaction"], &seen["news"][0], None);
    assert_eq!(deliver(&bed, &late).await.body, "cd_rslt=0000");
    bed.settle().await;
    assert_eq!(state(&bed).await, automatically);
}

#[tokio::test]
async fn notices_come_twice_and_out_of_turn_and_before_the_answer() {
    let (mut bed, tid) = held().await;
    bed.wire.script(&[Cut::HangAfter]);
    let engine = bed.engine.clone();
    bed.crash_in(async move { Deed::Register.go(&engine, call()).await })
        .await;
    // The action is still under way when the PG's notice of it comes.
    hears(&bed, &tid).await;
    let payment = bed.read("a").await.payment;
    assert!(payment.action.is_some());
    let told = payment.told_shipment().unwrap();
    assert_eq!(told.invoice_number, "1");
    assert_eq!(state(&bed).await, EscrowState::Registered);
    bed.settle().await;
    let payment = bed.read("a").await.payment;
    assert_eq!(payment.action, None);
    let escrow = payment.escrow.unwrap();
    assert_eq!(escrow.state, EscrowState::Registered);
    assert_eq!(escrow.shipment.unwrap().invoice_number, "1");
    says(&bed, &tid, "confirm").await;
    let said = notice(&bed, &tid, None).await;
    for _ in 0..2 {
        assert_eq!(deliver(&bed, &said).await.body, "cd_rslt=0000");
    }
    bed.settle().await;
    assert_eq!(
        state(&bed).await,
        EscrowState::Confirmed {
            automatically: false
        }
    );
    assert_eq!(notices(&bed).await, [NoticeState::Done; 2], "one of each");
}

#[tokio::test]
async fn a_notice_that_knows_less_than_the_pg_moves_nothing() {
    let (bed, tid) = held().await;
    Deed::Register.go(&bed.engine, call()).await.unwrap();
    says(&bed, &tid, "reject").await;
    let right = notice(&bed, &tid, None).await;
    let text = String::from_utf8(right.body.to_vec()).unwrap();
    for (from, to) in [
        (tid.as_str(), "INIAPICARDiniescrow020260101000000000000"),
        ("price=1000", "price=999"),
        ("no_oid=", "no_oid=0"),
    ] {
        let wrong = InboundRequest {
            body: Bytes::from(text.replace(from, to)),
            ..right.clone()
        };
        // The sender is believed to be the PG: it gets its answer, and nothing moves.
        assert_eq!(deliver(&bed, &wrong).await.body, "cd_rslt=0000", "{to}");
        bed.settle().await;
        assert_eq!(state(&bed).await, EscrowState::Registered, "{to}");
    }
    // The same event with wrong facts before does not hide the right one.
    hears(&bed, &tid).await;
    assert_eq!(state(&bed).await, EscrowState::Rejected);
}

#[tokio::test]
async fn only_an_address_of_the_channel_is_believed() {
    for (ips, forged) in [
        (None, PG),
        (Some(PG), "127.0.0.1"),
        (Some(PG), "203.238.37.16"),
    ] {
        let mut real = channel();
        real.is_simulated = false;
        let base = "https://pg.test/inicis".to_owned();
        real.options.insert("iniapi_base".to_owned(), base);
        real.options
            .insert("unconfirmed".to_owned(), "true".to_owned());
        if let Some(ips) = ips {
            real.options.insert("notice_ips".to_owned(), ips.to_owned());
        }
        let (bed, tid) = held_through(real).await;
        Deed::Register.go(&bed.engine, call()).await.unwrap();
        says(&bed, &tid, "reject").await;
        for peer in [None, Some(forged.parse().unwrap())] {
            let forged = notice(&bed, &tid, peer).await;
            let answer = deliver(&bed, &forged).await;
            assert_eq!(answer.status, 403);
            assert_eq!(answer.body, "cd_rslt=9999&msg_rslt=refused");
        }
        assert!(notices(&bed).await.is_empty(), "nothing of it is kept");
        bed.settle().await;
        assert_eq!(state(&bed).await, EscrowState::Registered);
        if ips.is_some() {
            let right = notice(&bed, &tid, Some(PG.parse().unwrap())).await;
            assert_eq!(deliver(&bed, &right).await.body, "cd_rslt=0000");
            bed.settle().await;
            assert_eq!(state(&bed).await, EscrowState::Rejected);
        }
    }
}

#[tokio::test]
async fn a_notice_for_another_merchant_id_of_ours_moves_nothing() {
    let (bed, tid) = held().await;
    Deed::Register.go(&bed.engine, call()).await.unwrap();
    says(&bed, &tid, "reject").await;
    let right = notice(&bed, &tid, None).await;
    let text = String::from_utf8(right.body.to_vec()).unwrap();
    let foreign = InboundRequest {
        body: Bytes::from(text.replace("id_merchant=iniescrow0", "id_merchant=INIpayTest")),
        ..right
    };
    assert_eq!(deliver(&bed, &foreign).await.body, "cd_rslt=0000");
    bed.settle().await;
    assert_eq!(state(&bed).await, EscrowState::Registered);
    assert_eq!(notices(&bed).await, [NoticeState::Refuted]);
}

#[tokio::test]
async fn a_refund_at_the_pgs_console_ends_the_escrow_and_is_a_difference() {
    let (bed, tid) = held().await;
    bed.control_with("/console/cancel", &json!({ "pgTxId": tid }))
        .await;
    hears(&bed, &tid).await;
    assert_eq!(state(&bed).await, EscrowState::Cancelled);
    // Nobody asked Naru for it: the payment stays as it was, and the books differ.
    assert_eq!(bed.status("a").await, Status::Paid);
    let told = Deed::Register.go(&bed.engine, call()).await;
    assert!(matches!(told, Err(Fault::PgProvider { .. })), "{told:?}");
    assert_eq!(state(&bed).await, EscrowState::Cancelled);
}

#[tokio::test]
async fn an_operator_accepts_a_rejection_once() {
    let (bed, tid) = held().await;
    let accept = async |payment: &str| {
        let store = naru_domain::StoreId::new(crate::support::STORE);
        let payment = PaymentId::new(payment);
        bed.engine
            .accept_rejection_by_operator(&store, payment)
            .await
    };
    assert_eq!(accept("nothing").await, Err(Fault::PaymentNotFound));
    assert!(matches!(
        accept("a").await,
        Err(Fault::InvalidRequest { .. })
    ));
    Deed::Register.go(&bed.engine, call()).await.unwrap();
    says(&bed, &tid, "reject").await;
    hears(&bed, &tid).await;
    accept("a").await.unwrap();
    assert_eq!(state(&bed).await, EscrowState::RejectConfirmed);
    assert!(matches!(
        accept("a").await,
        Err(Fault::InvalidRequest { .. })
    ));
    let other = naru_domain::StoreId::new("store-other");
    let other = bed.engine.accept_rejection_by_operator(&other, id()).await;
    assert!(
        matches!(other, Err(Fault::InvalidRequest { .. })),
        "{other:?}"
    );
}
