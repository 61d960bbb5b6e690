//! Cash receipts at the wire: processes that die, answers that are lost, deposits that come beside.

use bytes::Bytes;
use naru_connector::{CashReceiptWish, InboundRequest, Secret};
use naru_domain::cash_receipt::{CashReceipt, ReceiptKind, ReceiptState};
use naru_domain::payment::Failure;
use naru_domain::{Amount, ChannelKey, Currency, Customer, PaymentId, StoreId};
use naru_engine::cash_receipts::IssueReceiptRequest;
use naru_engine::payments::PayMethod;
use naru_engine::records::CashReceiptRecord;
use naru_engine::{Answer, Fault};
use naru_store::{Query, tables};
use serde_json::Value;

use crate::support::{Bed, CHANNEL, Cut, STORE, account_payment, call};

const NUMBER: &str = "01012345678";

fn request(id: &str) -> IssueReceiptRequest {
    IssueReceiptRequest {
        payment_id: PaymentId::new(id),
        channel: ChannelKey::new(CHANNEL),
        kind: ReceiptKind::Personal,
        order_name: "order".to_owned(),
        amount: Amount::new(1_000, None, None).unwrap(),
        currency: Currency::krw(),
        identity: Secret::new(NUMBER),
        customer: Customer::default(),
    }
}

/// What is kept, whether or not it is shown.
async fn kept(bed: &Bed) -> Vec<CashReceipt> {
    let query = Query::of(&tables::CASH_RECEIPTS, 100);
    let found = bed.engine.store().list::<CashReceiptRecord>(query).await;
    found.unwrap().into_iter().map(|row| row.value.0).collect()
}

async fn at_pg(bed: &Bed) -> Vec<Value> {
    let books = bed.look("/books").await;
    books["cashReceipts"].as_array().unwrap().clone()
}

fn is_unknown<T: std::fmt::Debug>(answer: &Result<T, Fault>) -> bool {
    matches!(answer, Err(Fault::PgProvider { pg_code, .. }) if pg_code == Failure::OUTCOME_UNKNOWN)
}

pub async fn issue(bed: &Bed, id: &str) {
    let answer = bed.engine.issue_cash_receipt(call(), request(id)).await;
    assert!(
        matches!(answer, Ok(Answer::CashReceiptIssued { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_issue_that_the_process_did_not_live_to_see_ends_as_unclear() {
    for cut in [Cut::HangBefore, Cut::HangAfter] {
        let mut bed = Bed::new().await;
        let ticket = bed.ticket("0123456789abcdef", "{}");
        let mut context = call();
        context.ticket = Some(ticket.clone());
        bed.wire.script(&[cut]);
        let engine = bed.engine.clone();
        bed.crash_in(async move { engine.issue_cash_receipt(context, request("a")).await })
            .await;
        assert_eq!(kept(&bed).await[0].state, ReceiptState::Issuing);
        let replay = bed.engine.replay(&ticket).await;
        assert_eq!(replay, Err(Fault::IdempotencyOutstandingRequest));
        // Once no answer can come any more, which takes a minute.
        bed.settle().await;
        bed.settle().await;
        assert_eq!(kept(&bed).await[0].state, ReceiptState::Unclear);
        let replay = bed.engine.replay(&ticket).await.unwrap().unwrap();
        assert!(is_unknown(&replay), "{replay:?}");
        let again = bed.engine.issue_cash_receipt(call(), request("a")).await;
        assert!(is_unknown(&again), "{again:?}");
        let issued = usize::from(cut == Cut::HangAfter);
        assert_eq!(at_pg(&bed).await.len(), issued, "sent once at most");
        let read = bed
            .engine
            .cash_receipt(&StoreId::new(STORE), &PaymentId::new("a"))
            .await;
        assert_eq!(read, Err(Fault::CashReceiptNotFound));
    }
}

#[tokio::test]
async fn an_issue_that_was_surely_not_sent_has_failed() {
    let bed = Bed::new().await;
    bed.wire.script(&[Cut::Refused]);
    let answer = bed.engine.issue_cash_receipt(call(), request("a")).await;
    assert!(
        matches!(&answer, Err(Fault::PgProvider { pg_code, .. }) if pg_code == Failure::NOT_SENT),
        "{answer:?}"
    );
    issue(&bed, "a").await;
    assert_eq!(at_pg(&bed).await.len(), 1);
}

#[tokio::test]
async fn of_many_requests_at_once_one_is_sent() {
    let bed = Bed::new().await;
    let all = (0..8).map(|_| bed.engine.issue_cash_receipt(call(), request("a")));
    let answers = futures_util::future::join_all(all).await;
    let issued = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!(issued, 1, "{answers:?}");
    let refused = answers
        .iter()
        .filter(|answer| **answer == Err(Fault::CashReceiptAlreadyIssued));
    assert_eq!(refused.count(), 7, "{answers:?}");
    assert_eq!(at_pg(&bed).await.len(), 1);
}

#[tokio::test]
async fn a_cancellation_that_the_process_did_not_live_to_see_is_found_out() {
    for (cut, cancelled) in [(Cut::HangBefore, false), (Cut::HangAfter, true)] {
        let mut bed = Bed::new().await;
        issue(&bed, "a").await;
        let ticket = bed.ticket("0123456789abcdef", "{}");
        let mut context = call();
        context.ticket = Some(ticket.clone());
        bed.wire.script(&[cut]);
        let engine = bed.engine.clone();
        bed.crash_in(async move {
            engine
                .cancel_cash_receipt(context, PaymentId::new("a"))
                .await
        })
        .await;
        bed.settle().await;
        let state = kept(&bed).await[0].state.clone();
        assert_eq!(
            matches!(state, ReceiptState::Cancelled { .. }),
            cancelled,
            "{state:?}"
        );
        let told = bed.engine.replay(&ticket).await.unwrap().unwrap();
        assert_eq!(told.is_ok(), cancelled, "{told:?}");
        let books = at_pg(&bed).await[0]["state"].clone();
        assert_eq!(books == "CANCELLED", cancelled, "the books agree");
        if !cancelled {
            let again = bed
                .engine
                .cancel_cash_receipt(call(), PaymentId::new("a"))
                .await;
            assert!(again.is_ok(), "{again:?}");
        }
    }
}

/// The PG's inquiry may know no receipts: then a cancellation is given up after an hour, and one
/// that is asked for again is answered by what the PG says of the first.
#[tokio::test]
async fn a_cancellation_that_cannot_be_inquired_is_given_up_and_may_be_repeated() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    let answer = bed
        .engine
        .cancel_cash_receipt(call(), PaymentId::new("a"))
        .await;
    assert!(is_unknown(&answer), "{answer:?}");
    bed.settle().await;
    let is_cancelling = |state: &ReceiptState| {
        matches!(
            state,
            ReceiptState::Issued {
                cancelling: true,
                ..
            }
        )
    };
    assert!(is_cancelling(&kept(&bed).await[0].state));
    bed.time.pass_ms(3_600_000);
    bed.settle().await;
    assert!(!is_cancelling(&kept(&bed).await[0].state));
    bed.wire.always(Cut::None);
    let again = bed
        .engine
        .cancel_cash_receipt(call(), PaymentId::new("a"))
        .await;
    assert!(
        matches!(
            again,
            Ok(Answer::CashReceiptCancelled { amount: 1_000, .. })
        ),
        "{again:?}"
    );
}

#[tokio::test]
async fn the_number_that_names_the_customer_is_nowhere_in_the_clear() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    for table in tables::ALL {
        let rows = bed.engine.store().scan(Query::of(table, 1_000)).await;
        for row in rows.unwrap() {
            let text = format!("{row:?}");
            assert!(!text.contains(NUMBER), "{}: {text}", table.name);
        }
    }
    assert!(kept(&bed).await[0].identity.is_some(), "sealed");
}

/// Pays into the account of `a`; gives the form of the notice, with the receipt that came with it.
async fn pay_in(bed: &Bed) -> String {
    let number = bed.transactions().await[0]["accountNumber"].clone();
    let path = format!("/virtual-accounts/{}/deposit", number.as_str().unwrap());
    let done = bed.control(&path).await;
    let deposit = done["depositPgTxId"].as_str().unwrap();
    let order = &done["account"]["transaction"]["orderId"];
    let receipt = at_pg(bed).await.last().unwrap().clone();
    format!(
        "id_merchant=INIpayTest&no_tid={deposit}&no_oid={}&no_vacct=1&amt_input=1000\
         &dt_trans=20260101&tm_trans=090000&type_msg=0200&dt_cshr=20260101&tm_cshr=090001\
         &no_cshr_appl={}&no_cshr_tid={}",
        order.as_str().unwrap(),
        receipt["issueNumber"].as_str().unwrap(),
        receipt["pgReceiptId"].as_str().unwrap(),
    )
}

async fn notify(bed: &Bed, form: &str) {
    let notice = InboundRequest {
        content_type: Some("application/x-www-form-urlencoded".to_owned()),
        body: Bytes::from(form.to_owned()),
        peer: None,
    };
    let taken = bed.engine.take_notice("INICIS_V2", &notice).await.unwrap();
    assert_eq!(taken.body, "OK");
    bed.settle().await;
}

async fn account_with_receipt(bed: &Bed) {
    let mut payment = account_payment("a");
    if let PayMethod::VirtualAccount { cash_receipt, .. } = &mut payment.method.method {
        *cash_receipt = CashReceiptWish::Personal(Secret::new(NUMBER));
    }
    bed.engine.pay_instantly(call(), payment).await.unwrap();
}

#[tokio::test]
async fn a_notice_that_comes_twice_brings_one_receipt() {
    let bed = Bed::new().await;
    account_with_receipt(&bed).await;
    let form = pay_in(&bed).await;
    notify(&bed, &form).await;
    notify(&bed, &form).await;
    let kept = kept(&bed).await;
    assert_eq!((kept.len(), kept[0].event_count), (1, 1));
    assert!(!kept[0].is_manual && kept[0].identity.is_none());
    assert!(matches!(kept[0].state, ReceiptState::Issued { .. }));
}

/// A receipt is asked for by itself where none was asked for with the payment, and yet the deposit
/// brings one: neither is forgotten.
#[tokio::test]
async fn a_receipt_that_comes_beside_another_is_shown_by_the_payment() {
    let bed = Bed::new().await;
    bed.engine
        .pay_instantly(call(), account_payment("a"))
        .await
        .unwrap();
    issue(&bed, "a").await;
    let form = pay_in(&bed).await.replace("no_cshr_tid=", "no_cshr_tid=X");
    notify(&bed, &form).await;
    let receipts = kept(&bed).await;
    assert_eq!((receipts.len(), receipts[0].is_manual), (1, true));
    let payment = bed.read("a").await.payment;
    let shown = payment.captured().unwrap().1.cash_receipt.clone().unwrap();
    assert!(shown.issued.pg_receipt_id.unwrap().starts_with('X'));
    assert!(!shown.is_manual);
}
