//! Whatever bytes come in, nothing panics, and nothing but a proper answer is a success.

use naru_connector::InboundRequest;
use naru_connector::tax::{InvoiceCall, TaxOperation, TaxOutcome};
use proptest::prelude::*;
use serde_json::Value;

use super::support::{operations, outcome, popbill};

fn value() -> impl Strategy<Value = Value> {
    let texts = vec![
        "1",
        "0",
        "-1",
        "-11000005",
        "100",
        "300",
        "304",
        "600",
        "20260102",
        "20260102120000",
        "20260230",
        "999999",
        "SUC001",
        "",
        " ",
        "9223372036854775807",
        "한글한글한글한글",
        "2",
        "3",
    ];
    let leaf = prop_oneof![
        prop::sample::select(texts).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-2_i64..4).prop_map(Value::from),
        prop::sample::select(vec![100_i64, 200, 300, 303, 304, 305, 400, 500, 600])
            .prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
        ".{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map(name(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    let names = vec![
        "code",
        "message",
        "ntsConfirmNum",
        "ntsconfirmNum",
        "stateCode",
        "issueDT",
        "ntssendDT",
        "ntsresultDT",
        "ntssendErrCode",
        "openYN",
        "openDT",
        "closeDownState",
        "closeDownStateDate",
        "url",
        "regDT",
        "expireDT",
        "issuerDN",
        "subjectDN",
        "oid",
        "state",
        "stateDate",
        "taxType",
        "typeDate",
        "result",
        "accountName",
        "corpName",
        "attachedFile",
        "displayName",
    ];
    prop::sample::select(names).prop_map(str::to_owned)
}

fn operation() -> impl Strategy<Value = TaxOperation> {
    (0..operations().len()).prop_map(|at| operations().swap_remove(at))
}

/// Whether the operation changes something at the provider.
fn changes(operation: &TaxOperation) -> bool {
    matches!(
        operation,
        TaxOperation::Invoice { .. } | TaxOperation::Join(_)
    )
}

proptest! {
    #[test]
    fn bytes_that_are_no_json_are_unclear(
        operation in operation(),
        status in 100_u16..600,
        body in prop::collection::vec(any::<u8>(), 0..200)
            .prop_filter("no JSON", |body| serde_json::from_slice::<Value>(body).is_err()),
    ) {
        let outcome = outcome(&operation, status, body);
        let is_unclear = matches!(outcome, TaxOutcome::Unknown { .. });
        prop_assert!(is_unclear);
    }

    #[test]
    fn odd_fields_never_panic_and_never_succeed(
        operation in operation(),
        status in prop_oneof![Just(200_u16), 100_u16..600],
        fields in prop::collection::hash_map(name(), value(), 0..12),
    ) {
        let body = serde_json::to_vec(&fields).unwrap();
        let outcome = outcome(&operation, status, body);
        let code = match fields.get("code") {
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(Value::Number(number)) => number.to_string().parse::<i64>().ok(),
            _ => None,
        };
        let is_success = !matches!(
            outcome,
            TaxOutcome::Unknown { .. } | TaxOutcome::Refused(_) | TaxOutcome::Seen(None)
                | TaxOutcome::Answer(false)
        );
        let is_deletion = matches!(
            operation,
            TaxOperation::Invoice { call: InvoiceCall::Delete, .. }
        );
        if status != 200 {
            prop_assert!(!is_success || is_deletion && code == Some(-11_000_005));
        }
        if changes(&operation) && is_success {
            prop_assert!(code == Some(1) || is_deletion && code == Some(-11_000_005));
        }
        if let TaxOperation::Invoice {
            call: InvoiceCall::Issue(_) | InvoiceCall::DraftAndIssue(_),
            ..
        } = &operation
        {
            let has_number = matches!(
                &outcome,
                TaxOutcome::Done { approval_number: Some(number) } if !number.is_empty()
            );
            prop_assert!(!is_success || has_number);
        }
        if let TaxOutcome::Refused(problem) = &outcome {
            prop_assert!(!problem.code.is_empty());
        }
    }

    #[test]
    fn notices_of_any_bytes_never_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
        let request = InboundRequest { content_type: None, body: body.into(), peer: None };
        prop_assert!(popbill().read_notification(&request).is_err());
    }

    #[test]
    fn notices_of_odd_fields_never_panic(
        fields in prop::collection::hash_map(
            prop::sample::select(vec!["corpNum", "invoicerMgtKey", "invoiceeMgtKey", "eventType"])
                .prop_map(str::to_owned),
            value(),
            0..5,
        ),
    ) {
        let body = serde_json::to_vec(&fields).unwrap();
        let request = InboundRequest { content_type: None, body: body.into(), peer: None };
        if let Ok(read) = popbill().read_notification(&request) {
            prop_assert!(!read.notice.brn.is_empty());
            prop_assert!(read.notice.supplier_key.is_some() || read.notice.recipient_key.is_some());
        }
    }
}
