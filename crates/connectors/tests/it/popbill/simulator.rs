//! The connector against the simulated provider, which was written from the same documents without
//! knowing it. In process, no sockets.

use axum::Router;
use axum::body::{Body, to_bytes};
use naru_connector::tax::{HolderProblem, InvoiceCall, TaxOperation, TaxOutcome};
use naru_connector::{Answer, Call, ChannelSettings, Input, Request, Secret, Step};
use naru_domain::Timestamp;
use naru_domain::b2b::tax_invoice::{Document, Issuance, Seen};
use naru_domain::b2b::{BusinessStatus, CivilDate, Side, TaxpayerKind};
use naru_pg_sim::{POPBILL_LINK_ID, POPBILL_SECRET_KEY, Simulator};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::support::{
    RECIPIENT, SUPPLIER, brn, contract, file, holder, join, note, plain, popbill, reference, step,
    written,
};

struct Asp {
    router: Router,
    settings: ChannelSettings,
}

impl Asp {
    fn new() -> Self {
        let base = "http://simulator.example.com/popbill";
        let mut settings = contract(&[
            ("link_id", POPBILL_LINK_ID),
            ("auth_base", &format!("{base}/auth")),
            ("api_base", &format!("{base}/api")),
        ]);
        let key = Secret::new(POPBILL_SECRET_KEY);
        settings.secrets.insert("secret_key".to_owned(), key);
        settings.is_simulated = true;
        popbill().check_settings(&settings).unwrap();
        Self {
            router: Simulator::open(None).unwrap().router(),
            settings,
        }
    }

    async fn call(&self, request: http::Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            headers: Vec::new(),
            body,
        }
    }

    async fn send(&self, request: Request) -> Answer {
        let uri = request.url.parse::<http::Uri>().unwrap();
        let path = uri.path_and_query().unwrap().as_str();
        let mut builder = http::Request::builder().method(request.method).uri(path);
        for (name, value) in request.headers {
            builder = builder.header(name, value);
        }
        let request = builder.body(Body::from(request.body)).unwrap();
        self.call(request).await
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let answer = self.call(request).await;
        assert_eq!(answer.status, 200, "{path}: {:?}", answer.body);
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn now(&self) -> Timestamp {
        let request = http::Request::get("/clock").body(Body::empty()).unwrap();
        let clock: Value = serde_json::from_slice(&self.call(request).await.body).unwrap();
        let now = clock["now"].as_str().unwrap();
        now.parse::<jiff::Timestamp>().unwrap().into()
    }

    async fn run(&self, operation: &TaxOperation) -> TaxOutcome {
        let call = Call {
            settings: &self.settings,
            at: self.now().await,
            server_ip: "127.0.0.1",
        };
        let mut exchange = popbill().begin(operation, &call).unwrap();
        let mut input = Input::Start;
        loop {
            match exchange.step(input) {
                Step::Send(request) => input = Input::Answered(self.send(request).await),
                Step::Done(outcome) => return outcome,
            }
        }
    }

    async fn document(&self, issuance: Issuance) -> Document {
        plain(issuance, &CivilDate::in_korea(self.now().await).to_string())
    }

    async fn done(&self, operation: &TaxOperation) -> Option<String> {
        match self.run(operation).await {
            TaxOutcome::Done { approval_number } => approval_number,
            other => panic!("not done: {other:?}"),
        }
    }

    async fn refused(&self, operation: &TaxOperation) -> String {
        match self.run(operation).await {
            TaxOutcome::Refused(problem) => problem.code,
            other => panic!("not refused: {other:?}"),
        }
    }

    async fn seen(&self) -> Option<Seen> {
        let by = |side| TaxOperation::Inquire(reference(side));
        match (
            self.run(&by(Side::Supplier)).await,
            self.run(&by(Side::Recipient)).await,
        ) {
            (TaxOutcome::Seen(one), TaxOutcome::Seen(same)) => {
                assert_eq!(one, same);
                one.map(|seen| seen.seen)
            }
            other => panic!("not seen: {other:?}"),
        }
    }

    async fn company(&self, number: &str, says: Value) {
        self.control("PUT", &format!("/popbill/companies/{number}"), says)
            .await;
    }
}

fn supplier(call: InvoiceCall) -> TaxOperation {
    step(Side::Supplier, call)
}

fn recipient(call: InvoiceCall) -> TaxOperation {
    step(Side::Recipient, call)
}

#[tokio::test]
async fn a_reverse_invoice_goes_all_the_way_to_the_tax_office() {
    let asp = Asp::new();
    assert_eq!(asp.seen().await, None);
    let document = asp.document(Issuance::Reverse).await;
    asp.done(&recipient(InvoiceCall::Draft(written(document.clone()))))
        .await;
    assert_eq!(asp.seen().await, Some(Seen::Drafted));
    let mut changed = document;
    changed.remarks = vec!["고침".to_owned()];
    asp.done(&recipient(InvoiceCall::Update(written(changed))))
        .await;
    asp.done(&recipient(InvoiceCall::Request(note()))).await;
    assert_eq!(asp.seen().await, Some(Seen::Requested));
    let number = asp.done(&supplier(InvoiceCall::Issue(note()))).await;
    let number = number.unwrap();
    assert_eq!(number.len(), 24);
    let Some(Seen::Issued(issued)) = asp.seen().await else {
        panic!("not issued")
    };
    assert_eq!(issued.approval_number, number);
    asp.done(&supplier(InvoiceCall::SendToNts)).await;
    assert!(matches!(asp.seen().await, Some(Seen::WaitingSending(_))));
    asp.control("POST", "/clock", json!({ "advance": "PT3M" }))
        .await;
    assert!(matches!(asp.seen().await, Some(Seen::Sending(..))));
    asp.control("POST", "/clock", json!({ "advance": "PT20M" }))
        .await;
    let Some(Seen::SendingCompleted(issued, _, result)) = asp.seen().await else {
        panic!("not accepted")
    };
    assert_eq!(
        (issued.approval_number, result.code.as_str()),
        (number, "SUC001")
    );
    let cancel = supplier(InvoiceCall::CancelIssuance(note()));
    assert_eq!(asp.refused(&cancel).await, "-11000003");
    assert_eq!(
        asp.refused(&supplier(InvoiceCall::Delete)).await,
        "-11000003"
    );
}

#[tokio::test]
async fn a_forward_invoice_is_issued_at_once_cancelled_and_deleted_and_its_key_is_free() {
    let asp = Asp::new();
    let document = asp.document(Issuance::Forward).await;
    let issue = supplier(InvoiceCall::DraftAndIssue(written(document)));
    let first = asp.done(&issue).await.unwrap();
    assert_eq!(asp.refused(&issue).await, "-11000002", "the key is taken");
    asp.done(&supplier(InvoiceCall::CancelIssuance(note())))
        .await;
    assert!(matches!(
        asp.seen().await,
        Some(Seen::IssuanceCancelled(..))
    ));
    assert_eq!(asp.refused(&issue).await, "-11000002", "and stays taken");
    asp.done(&supplier(InvoiceCall::Delete)).await;
    assert_eq!(asp.seen().await, None);
    asp.done(&supplier(InvoiceCall::Delete)).await;
    assert_ne!(asp.done(&issue).await.unwrap(), first);
}

#[tokio::test]
async fn requests_are_refused_and_taken_back() {
    for (side, call, expected) in [
        (
            Side::Supplier,
            InvoiceCall::Refuse(note()),
            Seen::RequestRefused,
        ),
        (
            Side::Recipient,
            InvoiceCall::CancelRequest(note()),
            Seen::RequestCancelled,
        ),
    ] {
        let asp = Asp::new();
        let document = asp.document(Issuance::Reverse).await;
        let request = recipient(InvoiceCall::DraftAndRequest(written(document)));
        asp.done(&request).await;
        let delete = recipient(InvoiceCall::Delete);
        assert_eq!(asp.refused(&delete).await, "-11000003");
        asp.done(&step(side, call)).await;
        assert_eq!(asp.seen().await, Some(expected));
        let issue = supplier(InvoiceCall::Issue(note()));
        assert_eq!(asp.refused(&issue).await, "-11000003");
        asp.done(&delete).await;
        asp.done(&request).await;
    }
}

#[tokio::test]
async fn a_supplier_needs_a_certificate_that_is_good() {
    let asp = Asp::new();
    let check = TaxOperation::CheckCertificate(brn(SUPPLIER));
    let read = TaxOperation::Certificate(brn(SUPPLIER));
    let document = asp.document(Issuance::Reverse).await;
    asp.done(&recipient(InvoiceCall::DraftAndRequest(written(document))))
        .await;
    let issue = supplier(InvoiceCall::Issue(note()));
    asp.company(SUPPLIER, json!({ "certificate": "NONE" }))
        .await;
    assert_eq!(asp.refused(&issue).await, "-12000004");
    assert!(matches!(asp.run(&check).await, TaxOutcome::Answer(false)));
    assert!(matches!(
        asp.run(&read).await,
        TaxOutcome::Certificate(None)
    ));
    asp.company(SUPPLIER, json!({ "certificate": "EXPIRED" }))
        .await;
    assert_eq!(asp.refused(&issue).await, "-12000005");
    assert!(matches!(asp.run(&check).await, TaxOutcome::Answer(false)));
    let TaxOutcome::Certificate(Some(expired)) = asp.run(&read).await else {
        panic!("no certificate")
    };
    assert!(expired.expires_at < asp.now().await);
    assert_eq!(asp.seen().await, Some(Seen::Requested));
    asp.company(SUPPLIER, json!({ "certificate": "VALID" }))
        .await;
    assert!(matches!(asp.run(&check).await, TaxOutcome::Answer(true)));
    assert!(asp.done(&issue).await.is_some());
}

#[tokio::test]
async fn what_a_closed_company_issued_fails_at_the_tax_office() {
    let asp = Asp::new();
    let closed = json!({ "state": "CLOSED", "stateDate": "20250101" });
    asp.company(SUPPLIER, closed).await;
    let document = asp.document(Issuance::Forward).await;
    asp.done(&supplier(InvoiceCall::DraftAndIssue(written(document))))
        .await;
    asp.control("POST", "/clock", json!({ "advance": "P5D" }))
        .await;
    let Some(Seen::SendingFailed(_, _, result)) = asp.seen().await else {
        panic!("not failed")
    };
    assert_eq!(result.code, "ERR009");
    asp.done(&supplier(InvoiceCall::Delete)).await;
}

#[tokio::test]
async fn files_are_attached_listed_and_taken_off() {
    let asp = Asp::new();
    let document = asp.document(Issuance::Forward).await;
    asp.done(&supplier(InvoiceCall::Draft(written(document))))
        .await;
    for name in ["하나.pdf", "둘.pdf"] {
        asp.done(&supplier(InvoiceCall::Attach(file(name)))).await;
    }
    let list = TaxOperation::Files(reference(Side::Supplier));
    let names = |outcome: TaxOutcome| match outcome {
        TaxOutcome::Files(files) => files,
        other => panic!("no files: {other:?}"),
    };
    let before = names(asp.run(&list).await);
    assert_eq!(
        (before[0].name.as_str(), before[1].name.as_str()),
        ("하나.pdf", "둘.pdf")
    );
    asp.done(&supplier(InvoiceCall::Detach(before[0].id.clone())))
        .await;
    asp.done(&supplier(InvoiceCall::Attach(file("셋.pdf"))))
        .await;
    let after = names(asp.run(&list).await);
    assert_eq!(after[0], before[1]);
    assert_eq!(after[1].name, "셋.pdf");
    assert_ne!(after[1].id, after[0].id, "an id is one file's");
    for name in ["넷.pdf", "다섯.pdf", "여섯.pdf"] {
        asp.done(&supplier(InvoiceCall::Attach(file(name)))).await;
    }
    let sixth = supplier(InvoiceCall::Attach(file("일곱.pdf")));
    assert_eq!(asp.refused(&sixth).await, "-11000006");
}

#[tokio::test]
async fn a_company_joins_once_and_its_log_in_name_is_taken() {
    let asp = Asp::new();
    let number = "1234567080";
    let is_member = TaxOperation::IsMember(brn(number));
    let is_taken = TaxOperation::IsContactIdTaken {
        acting: brn(SUPPLIER),
        contact_id: "newcompany".to_owned(),
    };
    for question in [&is_member, &is_taken] {
        assert!(matches!(asp.run(question).await, TaxOutcome::Answer(false)));
    }
    asp.done(&join(number, "newcompany")).await;
    for question in [&is_member, &is_taken] {
        assert!(matches!(asp.run(question).await, TaxOutcome::Answer(true)));
    }
    assert_eq!(asp.refused(&join(number, "another")).await, "-10000002");
    let taken = join("2208162517", "newcompany");
    assert_eq!(asp.refused(&taken).await, "-10000003");
    let page = TaxOperation::CertificatePage(brn(number));
    let TaxOutcome::Page { url } = asp.run(&page).await else {
        panic!("no page");
    };
    assert!(url.contains("/popbill/certificate?"));
}

#[tokio::test]
async fn look_ups() {
    let asp = Asp::new();
    let state = TaxOperation::CompanyState {
        acting: brn(SUPPLIER),
        brn: brn(RECIPIENT),
    };
    asp.company(
        RECIPIENT,
        json!({ "state": "SUSPENDED", "stateDate": "20251231", "taxType": "30" }),
    )
    .await;
    let TaxOutcome::CompanyState(found) = asp.run(&state).await else {
        panic!("no state")
    };
    let BusinessStatus::Ended(closure) = found.status else {
        panic!("in business")
    };
    assert!(closure.is_suspended && closure.on.is_some());
    assert_eq!(found.taxpayer, Some(TaxpayerKind::Simplified));
    asp.company(RECIPIENT, json!({ "state": "UNKNOWN" })).await;
    let TaxOutcome::CompanyState(found) = asp.run(&state).await else {
        panic!("no state")
    };
    assert_eq!(
        (found.status, found.taxpayer),
        (BusinessStatus::NotFound, None)
    );
    let data = TaxOperation::BusinessInfo {
        acting: brn(SUPPLIER),
        brn: brn(RECIPIENT),
    };
    assert_eq!(asp.refused(&data).await, "300");
    asp.company(RECIPIENT, json!({ "state": "ACTIVE" })).await;
    assert!(
        matches!(asp.run(&data).await, TaxOutcome::BusinessInfo(found) if found.name == "포구유통")
    );
    asp.control("POST", "/popbill/maintenance", json!({ "on": true }))
        .await;
    assert_eq!(asp.refused(&state).await, "-14000001");
    assert!(matches!(
        asp.run(&holder("110222333444")).await,
        TaxOutcome::AccountHolder { name } if name == "홍길동"
    ));
    for (number, problem) in [
        ("4040000000", HolderProblem::NotFound),
        ("4060000000", HolderProblem::ForeignExchange),
        ("4090000000", HolderProblem::Suspended),
        ("5000000000", HolderProblem::SystemFailure),
        ("5020000000", HolderProblem::Communication),
        ("5030000000", HolderProblem::SystemMaintenance),
        ("5040000000", HolderProblem::RegularMaintenance),
    ] {
        let found = asp.run(&holder(number)).await;
        assert!(
            matches!(found, TaxOutcome::NoAccountHolder(one) if one == problem),
            "{number}"
        );
    }
}

#[tokio::test]
async fn another_partners_key_gets_no_token() {
    let mut asp = Asp::new();
    let other = Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    asp.settings.secrets.insert("secret_key".to_owned(), other);
    let outcome = asp.run(&supplier(InvoiceCall::SendToNts)).await;
    assert!(matches!(outcome, TaxOutcome::NotSent { reason } if reason.contains("-99010010")));
}
