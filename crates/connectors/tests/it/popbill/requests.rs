//! Each operation's request, against our digest of the vendor's manual and SDKs.

use http::Method;
use naru_connector::tax::{InvoiceCall, TaxOperation};
use naru_connector::{BeginError, Request, Secret};
use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{Issuance, ModificationReason, Purpose, Taxation};
use serde_json::{Value, json};

use super::support::{
    RECIPIENT, SUPPLIER, begin, body, brn, contract, driven, file, full, holder, join, note,
    popbill, reference, step, written,
};

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let found = request.headers.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.as_str())
}

/// Method, path with query, override, scope of the token, body.
fn line(operation: &TaxOperation) -> (Method, String, Option<String>, Option<String>, Value) {
    let settings = contract(&[("unconfirmed", "true")]);
    let (token, call, _) = driven(operation, &settings);
    assert_eq!(header(&call, "x-pb-version"), Some("1.0"));
    let bearer = token.is_some().then_some("Bearer T0KEN");
    assert_eq!(header(&call, "authorization"), bearer);
    let path = call.url.strip_prefix("https://popbill-test.linkhub.co.kr");
    let verb = header(&call, "x-http-method-override").map(str::to_owned);
    let scope = token.map(|token| {
        let asked = body(&token);
        assert_eq!(asked["scope"][0], "member");
        format!("{}/{}", asked["access_id"], asked["scope"][1]).replace('"', "")
    });
    let path = path.unwrap().to_owned();
    (call.method.clone(), path, verb, scope, body(&call))
}

#[test]
fn a_token_is_asked_for_as_the_vector_wants() {
    let operation = TaxOperation::Inquire(naru_connector::tax::InvoiceRef {
        // The vector's company is not valid by its check digit, so its body is held in `token.rs`.
        acting: brn(SUPPLIER),
        side: Side::Supplier,
        key: "k".to_owned(),
    });
    for (forwarded, has) in [(None, false), (Some("*"), true)] {
        let options: Vec<_> = forwarded
            .map(|ip| ("forwarded_ip", ip))
            .into_iter()
            .collect();
        let (token, _, _) = driven(&operation, &contract(&options));
        let token = token.unwrap();
        assert_eq!(token.url, "https://auth.linkhub.co.kr/POPBILL_TEST/Token");
        assert_eq!(token.method, Method::POST);
        assert_eq!(
            token.body,
            br#"{"access_id":"1234567891","scope":["member","110"]}"#[..]
        );
        assert_eq!(header(&token, "x-lh-date"), Some("2026-01-02T03:04:05Z"));
        assert_eq!(header(&token, "x-lh-version"), Some("2.0"));
        assert_eq!(header(&token, "x-lh-forwarded"), forwarded);
        assert_eq!(header(&token, "x-lh-forwarded").is_some(), has);
        let signed = header(&token, "authorization").unwrap();
        let signature = signed.strip_prefix("LINKHUB NARU ").unwrap();
        assert_eq!(signature.len(), 44);
    }
}

#[test]
fn live_contracts_speak_to_live_hosts() {
    let mut live = contract(&[]);
    live.options.remove("is_test");
    let (token, call, _) = driven(&TaxOperation::Certificate(brn(SUPPLIER)), &live);
    assert_eq!(
        token.unwrap().url,
        "https://auth.linkhub.co.kr/POPBILL/Token"
    );
    assert_eq!(
        call.url,
        "https://popbill.linkhub.co.kr/Taxinvoice/Certificate"
    );
    let fixed = contract(&[
        ("auth_base", "https://static-auth.linkhub.co.kr/"),
        ("api_base", "https://static-popbill.linkhub.co.kr/"),
    ]);
    let (token, call, _) = driven(&TaxOperation::Certificate(brn(SUPPLIER)), &fixed);
    assert_eq!(
        token.unwrap().url,
        "https://static-auth.linkhub.co.kr/POPBILL_TEST/Token"
    );
    assert_eq!(
        call.url,
        "https://static-popbill.linkhub.co.kr/Taxinvoice/Certificate"
    );
}

#[test]
fn steps_are_posts_with_an_override() {
    use InvoiceCall as Do;
    let memo = json!({ "memo": "메모" });
    let issue = json!({ "memo": "메모", "forceIssue": true, "emailSubject": "제목" });
    for (side, call, verb, expected) in [
        (Side::Recipient, Do::Request(note()), "REQUEST", &memo),
        (
            Side::Recipient,
            Do::CancelRequest(note()),
            "CANCELREQUEST",
            &memo,
        ),
        (Side::Supplier, Do::Refuse(note()), "REFUSE", &memo),
        (Side::Supplier, Do::Issue(note()), "ISSUE", &issue),
        (
            Side::Supplier,
            Do::CancelIssuance(note()),
            "CANCELISSUE",
            &memo,
        ),
        (Side::Supplier, Do::SendToNts, "NTS", &Value::Null),
        (Side::Supplier, Do::Delete, "DELETE", &Value::Null),
        (Side::Recipient, Do::Delete, "DELETE", &Value::Null),
    ] {
        let (path, acting) = match side {
            Side::Supplier => ("/Taxinvoice/SELL/sell-1", SUPPLIER),
            Side::Recipient => ("/Taxinvoice/BUY/buy_1", RECIPIENT),
        };
        let scope = Some(format!("{acting}/110"));
        let verb = Some(verb.to_owned());
        let wanted = (Method::POST, path.to_owned(), verb, scope, expected.clone());
        assert_eq!(line(&step(side, call)), wanted);
    }
    let detach = step(Side::Supplier, Do::Detach("a b.PBF".to_owned()));
    let (method, path, verb, _, content) = line(&detach);
    assert_eq!(method, Method::POST);
    assert_eq!(path, "/Taxinvoice/SELL/sell-1/Files/a%20b.PBF");
    assert_eq!(verb.as_deref(), Some("DELETE"));
    assert_eq!(content, Value::Null);
}

#[test]
fn new_documents_are_posted_to_one_path() {
    use InvoiceCall as Do;
    let forward = || written(full(Issuance::Forward));
    let reverse = || written(full(Issuance::Reverse));
    for (side, call, verb, path) in [
        (Side::Supplier, Do::Draft(forward()), None, "/Taxinvoice"),
        (
            Side::Recipient,
            Do::DraftAndRequest(reverse()),
            Some("REQUEST"),
            "/Taxinvoice",
        ),
        (
            Side::Supplier,
            Do::DraftAndIssue(forward()),
            Some("ISSUE"),
            "/Taxinvoice",
        ),
        (
            Side::Supplier,
            Do::Update(forward()),
            Some("PATCH"),
            "/Taxinvoice/SELL/sell-1",
        ),
    ] {
        let (method, at, with, _, content) = line(&step(side, call));
        assert_eq!(
            (method, at.as_str(), with.as_deref()),
            (Method::POST, path, verb)
        );
        assert_eq!(content["writeDate"], "20260102");
    }
    for call in [Do::DraftAndRequest(forward()), Do::DraftAndIssue(reverse())] {
        let wrong = begin(&step(Side::Supplier, call), &contract(&[]));
        assert!(matches!(wrong, Err(BeginError::Unsupported(_))));
    }
}

#[test]
fn a_document_has_every_field_under_the_vendors_name() {
    let draft = InvoiceCall::Draft(written(full(Issuance::Reverse)));
    let (.., document) = line(&step(Side::Recipient, draft));
    let party = |prefix: &str, first: &str, number: &str, key: &str, name: &str| {
        let field = |name: &str| format!("{prefix}{name}");
        let contact = |name: &str| format!("{prefix}{name}{first}");
        json!({
            field("CorpNum"): number, field("MgtKey"): key, field("TaxRegID"): "0001",
            field("CorpName"): name, field("CEOName"): "김나루", field("Addr"): "서울 성동구",
            field("BizType"): "도매", field("BizClass"): "식품",
            contact("ContactName"): "이담당", contact("DeptName"): "재무",
            contact("TEL"): "02-1234-5678", contact("HP"): "010-1234-5678",
            contact("Email"): "tax@example.com",
        })
    };
    let mut expected = json!({
        "writeDate": "20260102", "issueType": "역발행", "chargeDirection": "역과금",
        "taxType": "과세", "purposeType": "청구",
        "supplyCostTotal": "-10000", "taxTotal": "-1000", "totalAmount": "-11000",
        "cash": "-1000", "chkBill": "-2000", "note": "-3000", "credit": "-5000",
        "serialNum": "S-1", "kwon": 1, "ho": 2,
        "remark1": "비고1", "remark2": "비고2", "remark3": "비고3",
        "modifyCode": 3, "orgNTSConfirmNum": "202512314100000000000001",
        "invoiceeType": "사업자", "invoicerSMSSendYN": true,
        "detailList": [{
            "serialNum": 1, "purchaseDT": "20260101", "itemName": "사과", "spec": "상자",
            "qty": "-2.5", "unitCost": "4000.00", "supplyCost": "-10000", "tax": "-1000",
            "remark": "반품",
        }],
        "addContactList": [
            { "serialNum": 1, "contactName": "박추가", "email": "more@example.com" },
        ],
        "memo": "메모", "forceIssue": true,
    });
    for half in [
        party("invoicer", "", SUPPLIER, "sell-1", "나루상사"),
        party("invoicee", "1", RECIPIENT, "buy_1", "포구유통"),
    ] {
        for (name, value) in half.as_object().unwrap() {
            expected[name] = value.clone();
        }
    }
    assert_eq!(document, expected);
}

#[test]
fn kinds_of_invoices_have_the_vendors_words() {
    let document = |change: &dyn Fn(&mut naru_domain::b2b::tax_invoice::Document)| {
        let mut document = full(Issuance::Forward);
        change(&mut document);
        line(&step(Side::Supplier, InvoiceCall::Draft(written(document)))).4
    };
    let forward = document(&|_| ());
    assert_eq!(forward["issueType"], "정발행");
    assert_eq!(forward["chargeDirection"], "정과금");
    for (taxation, word) in [
        (Taxation::Taxable, "과세"),
        (Taxation::ZeroRated, "영세"),
        (Taxation::Exempt, "면세"),
    ] {
        assert_eq!(document(&|one| one.taxation = taxation)["taxType"], word);
    }
    for (purpose, word) in [
        (Purpose::Receipt, "영수"),
        (Purpose::Claim, "청구"),
        (Purpose::Unsaid, "없음"),
    ] {
        assert_eq!(document(&|one| one.purpose = purpose)["purposeType"], word);
    }
    for (reason, code) in [
        (ModificationReason::EntryError, 1),
        (ModificationReason::SupplyCostChange, 2),
        (ModificationReason::Return, 3),
        (ModificationReason::ContractCancellation, 4),
        (ModificationReason::LocalLetterOfCredit, 5),
        (ModificationReason::DuplicateIssuance, 6),
    ] {
        let modified = document(&|one| {
            if let Some(modification) = &mut one.modification {
                modification.reason = reason;
            }
        });
        assert_eq!(modified["modifyCode"], code);
    }
    let plain = document(&|one| one.modification = None);
    assert!(plain.get("modifyCode").is_none() && plain.get("orgNTSConfirmNum").is_none());
}

#[test]
fn look_ups_and_members() {
    let get = |path: &str, scope: Option<&str>| {
        (
            Method::GET,
            path.to_owned(),
            None,
            scope.map(str::to_owned),
            Value::Null,
        )
    };
    let own = Some("1234567891/110");
    for (operation, expected) in [
        (
            TaxOperation::Inquire(reference(Side::Supplier)),
            get("/Taxinvoice/SELL/sell-1", own),
        ),
        (
            TaxOperation::Files(reference(Side::Recipient)),
            get("/Taxinvoice/BUY/buy_1/Files", Some("9876543215/110")),
        ),
        (
            TaxOperation::IsMember(brn(RECIPIENT)),
            get("/Join?CorpNum=9876543215&LID=NARU", None),
        ),
        (
            TaxOperation::IsContactIdTaken {
                acting: brn(SUPPLIER),
                contact_id: "a&b".to_owned(),
            },
            get("/IDCheck?ID=a%26b", None),
        ),
        (
            TaxOperation::CertificatePage(brn(SUPPLIER)),
            get("/Member?TG=CERT", own),
        ),
        (
            TaxOperation::Certificate(brn(SUPPLIER)),
            get("/Taxinvoice/Certificate", own),
        ),
        (
            TaxOperation::CheckCertificate(brn(SUPPLIER)),
            get("/Taxinvoice/CertCheck", own),
        ),
        (
            TaxOperation::CompanyState {
                acting: brn(SUPPLIER),
                brn: brn(RECIPIENT),
            },
            get("/CloseDown?CN=9876543215", Some("1234567891/170")),
        ),
        (
            TaxOperation::BusinessInfo {
                acting: brn(SUPPLIER),
                brn: brn(RECIPIENT),
            },
            get("/BizInfo/Check?CN=9876543215", Some("1234567891/171")),
        ),
    ] {
        assert_eq!(line(&operation), expected);
    }
    let (method, path, verb, scope, content) = line(&holder("110222333444"));
    assert_eq!((method, verb, content), (Method::POST, None, Value::Null));
    assert_eq!(path, "/EasyFin/AccountCheck?c=0088&n=110222333444");
    assert_eq!(scope.as_deref(), Some("1234567891/182"));
}

#[test]
fn a_company_joins_without_a_token() {
    let (method, path, verb, scope, content) = line(&join("1234567080", "newcompany"));
    assert_eq!((method, path.as_str()), (Method::POST, "/Join"));
    assert_eq!((verb, scope), (None, None));
    assert_eq!(
        content,
        json!({
            "LinkID": "NARU", "CorpNum": "1234567080", "CorpName": "새회사", "CEOName": "새대표",
            "Addr": "부산", "BizType": "소매", "BizClass": "잡화", "ID": "newcompany",
            "Password": "Passw0rd!", "ContactName": "새담당", "ContactEmail": "new@example.com",
            "ContactTEL": "051-1",
        })
    );
}

#[test]
fn a_file_is_the_one_part_of_a_form() {
    let attach = step(Side::Supplier, InvoiceCall::Attach(file("견적\"\r\n.pdf")));
    let (_, call, _) = driven(&attach, &contract(&[]));
    assert!(call.url.ends_with("/Taxinvoice/SELL/sell-1/Files"));
    assert_eq!(header(&call, "x-http-method-override"), None);
    let kind = header(&call, "content-type").unwrap();
    let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
    let head = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"Filedata\"; \
         filename=\"견적___.pdf\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    );
    let end = format!("\r\n--{boundary}--\r\n");
    let expected = [head.as_bytes(), &file("").bytes, end.as_bytes()].concat();
    assert_eq!(call.body, expected);
    let (_, again, _) = driven(&attach, &contract(&[]));
    assert_eq!(again.body, call.body);
}

#[test]
fn banks_that_are_not_known_are_refused() {
    let mut operation = holder("110222333444");
    if let TaxOperation::AccountHolder { bank, .. } = &mut operation {
        *bank = "MISC_FOREIGN_BANK".to_owned();
    }
    let refused = begin(&operation, &contract(&[]));
    assert!(matches!(
        refused,
        Err(BeginError::Invalid { field: "bank", .. })
    ));
}

#[test]
fn guesses_are_refused_unless_they_are_wanted() {
    let check = TaxOperation::IsContactIdTaken {
        acting: brn(SUPPLIER),
        contact_id: "somebody".to_owned(),
    };
    let refused = begin(&check, &contract(&[]));
    assert!(matches!(refused, Err(BeginError::Unsupported(_))));
    assert!(begin(&check, &contract(&[("unconfirmed", "true")])).is_ok());
    let mut simulated = contract(&[]);
    simulated.is_simulated = true;
    assert!(begin(&check, &simulated).is_ok());
}

#[test]
fn contracts_are_checked() {
    let check = |options: &[(&str, &str)], key: Option<&str>| {
        let mut settings = contract(options);
        if let Some(key) = key {
            let secret = Secret::new(key);
            settings.secrets.insert("secret_key".to_owned(), secret);
        }
        popbill()
            .check_settings(&settings)
            .map_err(|error| error.name)
    };
    assert_eq!(check(&[], None), Ok(()));
    assert_eq!(check(&[], Some("no base64!")), Err("secret_key"));
    assert_eq!(check(&[], Some("")), Err("secret_key"));
    let plain = [("api_base", "http://popbill.example.com")];
    assert_eq!(check(&plain, None), Err("api_base"));
    let plain = [("auth_base", "http://auth.example.com")];
    assert_eq!(check(&plain, None), Err("auth_base"));
    let mut settings = contract(&[]);
    settings.options.remove("link_id");
    assert!(popbill().check_settings(&settings).is_err());
    let mut settings = contract(&[]);
    settings.secrets.clear();
    assert!(popbill().check_settings(&settings).is_err());
}
