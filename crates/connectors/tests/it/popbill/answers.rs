//! Answers as outcomes: only what is surely a success is one.

use naru_connector::tax::{CertificateKind, HolderProblem, InvoiceCall, TaxOperation, TaxOutcome};
use naru_connector::{Input, SendError, Sent, Step};
use naru_domain::b2b::tax_invoice::{Issuance, Seen};
use naru_domain::b2b::{BusinessStatus, Side, TaxpayerKind};
use serde_json::{Value, json};

use super::support::{
    RECIPIENT, SUPPLIER, answer, begin, brn, contract, full, holder, needs_token, note, operations,
    outcome, outcome_with, reference, step, written,
};

fn with(operation: &TaxOperation, body: &Value) -> TaxOutcome {
    outcome(operation, 200, body.to_string())
}

fn issue() -> TaxOperation {
    step(Side::Supplier, InvoiceCall::Issue(note()))
}

#[track_caller]
fn refused(outcome: &TaxOutcome, code: &str) {
    let TaxOutcome::Refused(problem) = outcome else {
        panic!("not refused: {outcome:?}")
    };
    assert_eq!(problem.code, code);
}

#[track_caller]
fn unknown(outcome: &TaxOutcome) {
    assert!(matches!(outcome, TaxOutcome::Unknown { .. }), "{outcome:?}");
}

#[test]
fn an_issue_has_its_approval_number_or_is_unclear() {
    let issue_now = step(
        Side::Supplier,
        InvoiceCall::DraftAndIssue(written(full(Issuance::Forward))),
    );
    for operation in [issue(), issue_now] {
        let done = with(
            &operation,
            &json!({ "code": 1, "ntsConfirmNum": "202601024100000000000001" }),
        );
        let TaxOutcome::Done { approval_number } = done else {
            panic!("{done:?}")
        };
        assert_eq!(approval_number.as_deref(), Some("202601024100000000000001"));
        for body in [
            json!({ "code": 1 }),
            json!({ "code": 1, "ntsConfirmNum": "" }),
            json!({ "code": 1, "ntsConfirmNum": null }),
            json!({ "ntsConfirmNum": "202601024100000000000001" }),
            json!({ "code": 0, "ntsConfirmNum": "202601024100000000000001" }),
            json!({ "code": 2, "ntsConfirmNum": "202601024100000000000001" }),
            json!([]),
        ] {
            unknown(&with(&operation, &body));
        }
        refused(
            &with(&operation, &json!({ "code": -12_000_004 })),
            "-12000004",
        );
    }
}

#[test]
fn refusals_have_the_vendors_code_in_every_status() {
    let body = r#"{"code":-11000003,"message":"처리할 수 없는 상태입니다."}"#;
    for operation in operations() {
        for status in [400, 401, 403, 404, 500] {
            let outcome = outcome(&operation, status, body);
            if matches!(operation, TaxOperation::CheckCertificate(_)) {
                assert!(matches!(outcome, TaxOutcome::Answer(false)), "{outcome:?}");
            } else {
                refused(&outcome, "-11000003");
            }
        }
    }
}

#[test]
fn other_answers_are_unclear() {
    for operation in operations() {
        for (status, body) in [
            (200, "<html>"),
            (200, ""),
            (502, "<html>Bad Gateway</html>"),
            (503, r#"{"message":"no code"}"#),
            (
                500,
                r#"{"code":1,"ntsConfirmNum":"202601024100000000000001"}"#,
            ),
            (
                302,
                r#"{"code":1,"url":"https://x.example.com","result":100}"#,
            ),
            (201, r#"{"code":1}"#),
        ] {
            unknown(&outcome(&operation, status, body));
        }
    }
}

#[test]
fn what_was_surely_not_sent_is_told_apart() {
    for operation in operations() {
        for (sent, is_known) in [(Sent::No, true), (Sent::Perhaps, false)] {
            let error = SendError {
                sent,
                detail: "cut".to_owned(),
            };
            let outcome = outcome_with(&operation, &contract(&[]), Input::Failed(error));
            let is_not_sent = matches!(outcome, TaxOutcome::NotSent { .. });
            assert_eq!(is_not_sent, is_known, "{outcome:?}");
            assert!(is_known || matches!(outcome, TaxOutcome::Unknown { .. }));
        }
    }
}

/// Nothing can have happened before the token is there.
#[test]
fn without_a_token_nothing_is_sent() {
    for operation in operations().into_iter().filter(needs_token) {
        let failed = Input::Failed(SendError {
            sent: Sent::Perhaps,
            detail: "cut".to_owned(),
        });
        let inputs = [
            Input::Answered(answer(200, "{}")),
            Input::Answered(answer(200, r#"{"session_token":""}"#)),
            Input::Answered(answer(200, "no JSON")),
            Input::Answered(answer(500, r#"{"session_token":"T"}"#)),
            Input::Answered(answer(401, r#"{"code":-99010010,"message":"x"}"#)),
            failed,
        ];
        for input in inputs {
            let mut exchange = begin(&operation, &contract(&[])).unwrap();
            assert!(matches!(exchange.step(Input::Start), Step::Send(_)));
            let Step::Done(outcome) = exchange.step(input) else {
                panic!("a call without a token")
            };
            assert!(matches!(outcome, TaxOutcome::NotSent { .. }), "{outcome:?}");
        }
    }
}

#[test]
fn what_is_gone_is_deleted_and_not_seen() {
    let gone = r#"{"code":-11000005,"message":"해당 문서가 없습니다."}"#;
    let delete = step(Side::Supplier, InvoiceCall::Delete);
    assert!(matches!(
        outcome(&delete, 400, gone),
        TaxOutcome::Done {
            approval_number: None
        }
    ));
    let inquiry = TaxOperation::Inquire(reference(Side::Supplier));
    assert!(matches!(
        outcome(&inquiry, 400, gone),
        TaxOutcome::Seen(None)
    ));
    refused(&outcome(&issue(), 400, gone), "-11000005");
}

fn info(state: i64) -> Value {
    json!({
        "stateCode": state, "issueDT": "20260102120000",
        "ntsconfirmNum": "202601024100000000000001", "ntssendDT": "20260105150200",
        "ntsresultDT": "20260105152200", "ntssendErrCode": "SUC001", "openYN": false,
    })
}

#[test]
fn states_have_what_belongs_to_them() {
    let inquiry = TaxOperation::Inquire(reference(Side::Supplier));
    let seen = |body: &Value| match with(&inquiry, body) {
        TaxOutcome::Seen(Some(seen)) => Some(seen.seen),
        TaxOutcome::Unknown { .. } => None,
        other => panic!("{other:?}"),
    };
    let kind = |seen: &Seen| match seen {
        Seen::Drafted => 100,
        Seen::Requested => 200,
        Seen::Issued(_) => 300,
        Seen::BeforeSending(_) => 301,
        Seen::WaitingSending(_) => 302,
        Seen::Sending(..) => 303,
        Seen::SendingCompleted(..) => 304,
        Seen::SendingFailed(..) => 305,
        Seen::RequestRefused => 400,
        Seen::RequestCancelled => 500,
        Seen::IssuanceCancelled(..) => 600,
    };
    for state in [100, 200, 300, 301, 302, 303, 304, 305, 400, 500, 600] {
        let found = seen(&info(state)).unwrap();
        assert_eq!(kind(&found), state);
        if let Some(issued) = found.issued() {
            assert_eq!(issued.at, "2026-01-02T03:00:00Z".parse().unwrap());
            assert_eq!(issued.approval_number, "202601024100000000000001");
        }
    }
    for (states, missing) in [
        (&[300, 301, 302, 303, 304, 305, 600][..], "ntsconfirmNum"),
        (&[300, 301, 302, 303, 304, 305, 600], "issueDT"),
        (&[303, 304, 305], "ntssendDT"),
        (&[304, 305], "ntsresultDT"),
        (&[304, 305], "ntssendErrCode"),
        (&[100, 200, 300, 400], "stateCode"),
    ] {
        for state in states {
            let mut body = info(*state);
            body.as_object_mut().unwrap().remove(missing);
            assert_eq!(seen(&body), None, "{state} without {missing}");
        }
    }
    for state in [0, 101, 306, 700, -1] {
        assert_eq!(seen(&info(state)), None, "{state}");
    }
}

#[test]
fn results_are_read_in_full() {
    let inquiry = TaxOperation::Inquire(reference(Side::Supplier));
    let mut body = info(305);
    body["ntssendErrCode"] = json!("ERR009");
    body["openYN"] = json!(true);
    body["openDT"] = json!("20260102130000");
    let TaxOutcome::Seen(Some(found)) = with(&inquiry, &body) else {
        panic!("not seen")
    };
    assert_eq!(
        found.opened_at,
        Some("2026-01-02T04:00:00Z".parse().unwrap())
    );
    let Seen::SendingFailed(_, sent_at, result) = found.seen else {
        panic!("not failed")
    };
    assert_eq!(sent_at, "2026-01-05T06:02:00Z".parse().unwrap());
    assert_eq!(result.code, "ERR009");
    assert_eq!(result.text, "issued after the business was closed");
    let mut body = info(600);
    body["closeDownState"] = json!(2);
    body["closeDownStateDate"] = json!("20251231");
    let TaxOutcome::Seen(Some(found)) = with(&inquiry, &body) else {
        panic!("not seen")
    };
    let Seen::IssuanceCancelled(_, Some(closure)) = found.seen else {
        panic!("not closed")
    };
    assert!(!closure.is_suspended);
    assert_eq!(closure.on, Some("2025-12-31".parse().unwrap()));
}

#[test]
fn company_states() {
    let operation = TaxOperation::CompanyState {
        acting: brn(SUPPLIER),
        brn: brn(RECIPIENT),
    };
    let state = |state: Value, tax: Value| {
        let body = json!({ "corpNum": RECIPIENT, "state": state, "taxType": tax,
            "typeDate": "20200101", "stateDate": "20251231" });
        match with(&operation, &body) {
            TaxOutcome::CompanyState(found) => found,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        state(json!("0"), Value::Null).status,
        BusinessStatus::NotFound
    );
    assert_eq!(
        state(json!("1"), json!("10")).status,
        BusinessStatus::InBusiness
    );
    assert_eq!(
        state(json!(1), json!(10)).status,
        BusinessStatus::InBusiness
    );
    assert_eq!(
        state(Value::Null, Value::Null).status,
        BusinessStatus::CheckFailed
    );
    for (code, is_suspended) in [("2", false), ("3", true)] {
        let BusinessStatus::Ended(closure) = state(json!(code), json!("10")).status else {
            panic!("in business")
        };
        assert_eq!(closure.is_suspended, is_suspended);
    }
    for (code, kind) in [
        ("10", TaxpayerKind::General),
        ("20", TaxpayerKind::Exempt),
        ("30", TaxpayerKind::Simplified),
        ("31", TaxpayerKind::SimplifiedIssuer),
        ("40", TaxpayerKind::AssignedNumber),
    ] {
        assert_eq!(state(json!("1"), json!(code)).taxpayer, Some(kind));
    }
    assert_eq!(state(json!("1"), json!("99")).taxpayer, None);
    unknown(&with(&operation, &json!([])));
    unknown(&with(&operation, &json!({})));
    refused(
        &with(&operation, &json!({ "code": -14_000_001 })),
        "-14000001",
    );
}

#[test]
fn account_holders_and_guesses() {
    let operation = holder("110222333444");
    let body = json!({ "result": 100, "accountName": "홍길동" });
    assert!(
        matches!(with(&operation, &body), TaxOutcome::AccountHolder { name } if name == "홍길동")
    );
    unknown(&with(&operation, &json!({ "result": 100 })));
    unknown(&with(&operation, &json!({})));
    for (result, problem) in [
        (200, HolderProblem::NotFound),
        (201, HolderProblem::Suspended),
        (202, HolderProblem::ForeignExchange),
        (300, HolderProblem::RegularMaintenance),
        (301, HolderProblem::SystemFailure),
        (302, HolderProblem::SystemMaintenance),
        (303, HolderProblem::Communication),
    ] {
        let body = json!({ "result": result, "resultMessage": "x" });
        refused(&with(&operation, &body), &result.to_string());
        let input = Input::Answered(answer(200, body.to_string()));
        let settings = contract(&[("unconfirmed", "true")]);
        let found = outcome_with(&operation, &settings, input);
        assert!(matches!(found, TaxOutcome::NoAccountHolder(one) if one == problem));
    }
}

#[test]
fn certificates() {
    let operation = TaxOperation::Certificate(brn(SUPPLIER));
    let body = json!({
        "regDT": "20260102120000", "expireDT": "20270102120000", "issuerDN": "CN=CA",
        "subjectDN": "CN=나루상사", "oid": "1.2.410.200004.5.2.1.6.68",
        "regContactName": "김나루", "regContactID": "naru-sandbox",
    });
    let TaxOutcome::Certificate(Some(found)) = with(&operation, &body) else {
        panic!("no certificate")
    };
    assert_eq!(found.kind, CertificateKind::ETax);
    assert_eq!(found.expires_at, "2027-01-02T03:00:00Z".parse().unwrap());
    assert_eq!(found.registrant_id, "naru-sandbox");
    for missing in ["regDT", "expireDT", "issuerDN", "subjectDN", "oid"] {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(missing);
        unknown(&with(&operation, &body));
    }
    // The code for "none" is a guess: without leave to guess it is the provider's refusal.
    let none = r#"{"code":-12000004,"message":"x"}"#;
    refused(&outcome(&operation, 400, none), "-12000004");
    let settings = contract(&[("unconfirmed", "true")]);
    let found = outcome_with(&operation, &settings, Input::Answered(answer(400, none)));
    assert!(matches!(found, TaxOutcome::Certificate(None)));
}

#[test]
fn business_data_has_a_result() {
    let operation = TaxOperation::BusinessInfo {
        acting: brn(SUPPLIER),
        brn: brn(RECIPIENT),
    };
    let body = json!({ "result": 100, "corpName": "포구유통", "CEOName": "김", "addr": "서울",
        "addrDetail": "3층", "companyRegNum": "" });
    let TaxOutcome::BusinessInfo(found) = with(&operation, &body) else {
        panic!("no data")
    };
    assert_eq!(
        (found.name.as_str(), found.address.as_str()),
        ("포구유통", "서울 3층")
    );
    assert_eq!(found.corporate_number, None);
    refused(&with(&operation, &json!({ "result": 300 })), "300");
    unknown(&with(&operation, &json!({})));
    refused(
        &with(&operation, &json!({ "code": -10_000_001 })),
        "-10000001",
    );
}

#[test]
fn pages_files_and_members() {
    let page = TaxOperation::CertificatePage(brn(SUPPLIER));
    let body = json!({ "url": "https://popbill.example.com/x" });
    assert!(matches!(with(&page, &body), TaxOutcome::Page { .. }));
    unknown(&with(&page, &json!({ "url": "" })));
    let files = TaxOperation::Files(reference(Side::Supplier));
    let body = json!([{ "serialNum": 1, "displayName": "a.pdf", "attachedFile": "1.PBF" }]);
    let TaxOutcome::Files(found) = with(&files, &body) else {
        panic!("no files")
    };
    assert_eq!(
        (found[0].id.as_str(), found[0].name.as_str()),
        ("1.PBF", "a.pdf")
    );
    unknown(&with(&files, &json!({ "code": 1 })));
    unknown(&with(&files, &json!([{ "displayName": "a.pdf" }])));
    let member = TaxOperation::IsMember(brn(RECIPIENT));
    for (code, expected) in [(0, false), (1, true)] {
        let found = with(&member, &json!({ "code": code }));
        assert!(matches!(found, TaxOutcome::Answer(yes) if yes == expected));
    }
    unknown(&with(&member, &json!({ "code": 2 })));
}
