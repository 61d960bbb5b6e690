//! Whatever bytes come in, nothing panics, and nothing but a proper answer is a success.

use naru_connector::{InboundRequest, Input, NoticeContent, Outcome, Step};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::operations::{answer, begin, inicis, operation, settings};

const KINDS: [&str; 12] = [
    "pay_card",
    "issue_account",
    "close_account",
    "issue_key",
    "charge_key",
    "refund",
    "inquire_transaction",
    "shipment",
    "accept_rejection",
    "issue_receipt",
    "cancel_receipt",
    "inquire_receipt",
];

fn outcome(kind: &str, status: u16, body: Vec<u8>) -> Outcome {
    let mut exchange = begin(&operation(&json!({ "kind": kind })), &settings()).unwrap();
    assert!(matches!(exchange.step(Input::Start), Step::Send(_)));
    match exchange.step(Input::Answered(answer(status, body))) {
        Step::Done(outcome) => outcome,
        Step::Send(_) => panic!("a second request"),
    }
}

fn is_unclear(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Unknown(_))
}

/// Values that the PG's fields have or almost have.
fn field_value() -> impl Strategy<Value = Value> {
    let texts = vec![
        "00",
        "01",
        "SUCCESS",
        "",
        "1000",
        "-1",
        "9223372036854775807",
        "[500623]x",
        "[",
        "[]",
        "20260101",
        "090000",
        "APPROVAL",
        "CANCEL",
        "PART_CANCEL",
        "Card",
        "VBank",
        "Y",
        "N",
        "한글",
    ];
    let leaf = prop_oneof![
        prop::sample::select(texts).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map(field_name(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn field_name() -> impl Strategy<Value = String> {
    let names = vec![
        "resultCode",
        "resultMsg",
        "detailResultCode",
        "tid",
        "prtcTid",
        "price",
        "vacct",
        "billKey",
        "authNo",
        "cashReceiptInfo",
        "approvedNumber",
        "approvedDate",
        "approvedTime",
        "cancelDate",
        "cancelTime",
        "cardCode",
        "cardNum",
        "payDate",
        "payTime",
        "transactionStatus",
        "paymethod",
        "cardInfo",
        "vacctInfo",
        "accountNumber",
        "depositStatus",
        "depositAmount",
        "availablePartCancelPrice",
        "partCancelTransInfo",
        "requestPrice",
        "validDate",
        "validTime",
        "payAuthQuota",
        "quota",
    ];
    prop::sample::select(names).prop_map(str::to_owned)
}

proptest! {
    #[test]
    fn bytes_that_are_no_json_are_unclear(
        kind in prop::sample::select(&KINDS[..]),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(is_unclear(&outcome(kind, 200, body)));
    }

    #[test]
    fn objects_of_odd_fields_never_panic(
        kind in prop::sample::select(&KINDS[..]),
        fields in prop::collection::hash_map(field_name(), field_value(), 0..12),
    ) {
        let body = serde_json::to_vec(&fields).unwrap();
        let says = fields.get("resultCode").and_then(Value::as_str);
        let success = if kind == "inquire_transaction" { "SUCCESS" } else { "00" };
        let outcome = outcome(kind, 200, body);
        if says != Some(success) {
            let is_no_success = matches!(
                outcome,
                Outcome::Unknown(_) | Outcome::Declined(_) | Outcome::NotFound
            );
            prop_assert!(is_no_success);
        }
    }

    #[test]
    fn another_status_is_unclear(
        kind in prop::sample::select(&KINDS[..]),
        status in (100_u16..600).prop_filter("not 200", |status| *status != 200),
    ) {
        let refusal = br#"{"resultCode":"01"}"#.to_vec();
        prop_assert!(is_unclear(&outcome(kind, status, refusal)));
    }

    #[test]
    fn notices_of_any_bytes_never_panic(
        body in prop::collection::vec(any::<u8>(), 0..300),
        content_type in prop::option::of(".{0,40}"),
    ) {
        let request = InboundRequest { content_type, body: body.into(), peer: None };
        prop_assert!(inicis().notice_merchant(&request).is_err());
        prop_assert!(inicis().read_notification(&request, &settings()).is_err());
    }

    #[test]
    fn notices_of_odd_fields_never_panic(
        values in prop::collection::vec("[0-9a-zA-Z%+]{0,40}", 8),
    ) {
        let names = [
            "id_merchant=INIpayTest&no_tid", "no_oid", "no_vacct", "amt_input", "dt_trans",
            "tm_trans",
            "nm_input", "no_msgseq",
        ];
        let pairs: Vec<_> =
            names.iter().zip(&values).map(|(name, value)| format!("{name}={value}")).collect();
        let body = pairs.join("&");
        let request = InboundRequest { content_type: None, body: body.into(), peer: None };
        if let Ok(notice) = inicis().read_notification(&request, &settings()) {
            let NoticeContent::Deposit(deposit) = notice.content else {
                panic!("no deposit")
            };
            prop_assert!(deposit.amount > 0 && !notice.event_id.is_empty());
        }
    }
}
