//! Cash receipts: each command in every state, and what the PG's own doing changes.

use naru_domain::cash_receipt::{
    CashReceipt, IssueEnd, IssuedReceipt, ReceiptEvent, ReceiptKind, ReceiptRefusal, ReceiptState,
    ReceiptStatus, apply, begin,
};
use naru_domain::{Currency, MerchantId, PaymentId, StoreId};

use crate::support::{at, channel, failure, won};
use crate::tables::{assert_table, row};

fn receipt() -> CashReceipt {
    CashReceipt {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        payment_id: PaymentId::new("order-1"),
        channel: channel(),
        order_name: "tea".to_owned(),
        amount: won(1000),
        currency: Currency::krw(),
        kind: Some(ReceiptKind::Personal),
        is_manual: true,
        identity: None,
        send_by: at(1),
        requested_at: at(0),
        status_changed_at: at(0),
        state: ReceiptState::Issuing,
        event_count: 0,
    }
}

fn issued() -> IssuedReceipt {
    IssuedReceipt {
        pg_receipt_id: Some("receipt-1".to_owned()),
        issue_number: "123456789".to_owned(),
        url: None,
        at: at(2),
    }
}

const STATES: [&str; 6] = [
    "Issuing",
    "Unclear",
    "Failed",
    "Issued",
    "Cancelling",
    "Cancelled",
];

fn in_state(name: &str) -> CashReceipt {
    let then = |events: &[ReceiptEvent]| {
        let first = begin(None, receipt()).unwrap();
        let first = apply(None, &first);
        events.iter().fold(first, apply).unwrap()
    };
    let issued = ReceiptEvent::Issued { issued: issued() };
    match name {
        "Issuing" => then(&[]),
        "Unclear" => then(&[ReceiptEvent::IssueUnclear { at: at(3) }]),
        "Failed" => then(&[ReceiptEvent::IssueFailed {
            failure: failure("NO"),
            at: at(3),
        }]),
        "Issued" => then(&[issued]),
        "Cancelling" => then(&[issued, ReceiptEvent::Cancelling { send_by: at(4) }]),
        "Cancelled" => then(&[issued, ReceiptEvent::Cancelled { at: at(5) }]),
        unknown => panic!("no sample of `{unknown}`"),
    }
}

fn name(result: &Result<ReceiptEvent, ReceiptRefusal>) -> String {
    match result {
        Ok(event) => event.kind().trim_start_matches("CashReceipt").to_owned(),
        Err(ReceiptRefusal::NothingToDo) => "–".to_owned(),
        Err(refusal) => format!("{refusal:?}"),
    }
}

#[test]
fn each_command_in_every_state() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| {
            let receipt_is = in_state(state);
            let send_by = receipt_is.send_by;
            let end = |end| name(&receipt_is.end_issue(send_by, (end, at(9))));
            row([
                state,
                &name(&begin(Some(&receipt_is), receipt())),
                &end(IssueEnd::Issued(issued())),
                &end(IssueEnd::Failed(failure("NO"))),
                &end(IssueEnd::Unclear),
                &name(&receipt_is.cancel(at(8))),
                &name(&receipt_is.end_cancel(send_by, (Ok(at(8)), at(9)))),
                &name(&receipt_is.end_cancel(send_by, (Err(failure("NO")), at(9)))),
                receipt_is.status().map_or("–", ReceiptStatus::name),
            ])
        })
        .collect();
    // State | another issue | issued | failed | unclear | cancel | cancelled | not | status
    assert_table(
        &rows,
        "
Issuing | InFlight | Issued | IssueFailed | IssueUnclear | InFlight | – | – | –
Unclear | Unclear | Issued | IssueFailed | – | Unclear | – | – | –
Failed | Began | – | – | – | NotIssued | – | – | FAILED
Issued | AlreadyIssued | – | – | – | Cancelling | Cancelled | – | ISSUED
Cancelling | AlreadyIssued | – | – | – | InFlight | Cancelled | CancelFailed | ISSUED
Cancelled | Began | – | – | – | NotIssued | – | – | CANCELLED
",
    );
}

#[test]
fn a_report_of_an_earlier_try_is_no_news() {
    let again = begin(
        Some(&in_state("Failed")),
        CashReceipt {
            send_by: at(50),
            ..receipt()
        },
    )
    .unwrap();
    let again = apply(Some(in_state("Failed")), &again).unwrap();
    assert_eq!(again.event_count, 3, "events go on being counted");
    let late = again.end_issue(at(1), (IssueEnd::Issued(issued()), at(60)));
    assert_eq!(late, Err(ReceiptRefusal::NothingToDo));
}

#[test]
fn a_failure_ends_its_own_cancellation_only() {
    let running = in_state("Cancelling");
    let late = running.end_cancel(at(3), (Err(failure("NO")), at(9)));
    assert_eq!(late, Err(ReceiptRefusal::NothingToDo));
    let found = running.end_cancel(at(3), (Ok(at(5)), at(9))).unwrap();
    let gone = apply(Some(running), &found).unwrap();
    assert!(matches!(gone.state, ReceiptState::Cancelled { .. }));
}

#[test]
fn a_cancellation_that_was_refused_leaves_the_receipt_issued() {
    let refused = ReceiptEvent::CancelFailed {
        failure: failure("NO"),
        at: at(6),
    };
    let after = apply(Some(in_state("Cancelling")), &refused).unwrap();
    assert!(after.cancel(at(7)).is_ok());
    assert_eq!(after.issued(), Some(&issued()));
}

#[test]
fn only_receipts_of_payments_follow_them() {
    let nothing = Err(ReceiptRefusal::NothingToDo);
    assert_eq!(in_state("Issued").follow(won(600), at(9)), nothing);
    let mut automatic = in_state("Issued");
    automatic.is_manual = false;
    let smaller = automatic.follow(won(600), at(9)).unwrap();
    let smaller = apply(Some(automatic), &smaller).unwrap();
    assert_eq!(smaller.amount.total, 600);
    let gone = smaller.follow(naru_domain::Amount::ZERO, at(10)).unwrap();
    let gone = apply(Some(smaller), &gone).unwrap();
    assert!(matches!(gone.state, ReceiptState::Cancelled { .. }));
    assert_eq!(gone.amount.total, 600);
}

#[test]
fn stored_events_load() {
    let text = include_str!("../fixtures/cash-receipt-events.json");
    let events: Vec<ReceiptEvent> = serde_json::from_str(text).unwrap();
    let kinds: std::collections::BTreeSet<&str> = events.iter().map(ReceiptEvent::kind).collect();
    assert_eq!(kinds.len(), 8, "{kinds:?}");
    let receipt = events.iter().fold(None, apply).unwrap();
    let stored: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_value(&events).unwrap(), stored);
    let kept = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<CashReceipt>(&kept).unwrap(), receipt);
}
