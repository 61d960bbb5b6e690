//! Identity verification: the connectors of Danal and KCP against the simulated PGs, and what they
//! make of answers that are odd.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use naru_connector::{
    Answer, BeginError, Call, ChannelSettings, ConfirmIdentity, Connector, IdentityOperation,
    IdentityOutcome, IdentityPerson, Input, Inquire, Operation, OperationKind, Outcome, Request,
    ResendIdentity, Secret, SendError, SendIdentity, Sent, Step, Support, VerifiedIdentity,
};
use naru_domain::Timestamp;
use naru_domain::identity::IdentityMethod;
use naru_pg_sim::{
    DANAL_CPID, DANAL_PASSWORD, KCP_CERTIFICATE, KCP_PRIVATE_KEY, KCP_SITE_CODE, Simulator,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const ORDER_ID: &str = "0198d2f6c6d07d3ba3a1f2e4b5c60708";
const PHONE: &str = "01012345678";

const PGS: [&str; 2] = ["DANAL", "KCP_V2"];

fn settings(pg: &str) -> ChannelSettings {
    let (merchant_id, secrets, option) = match pg {
        "DANAL" => (
            DANAL_CPID,
            vec![("cp_password", DANAL_PASSWORD)],
            ("uas_url", "http://simulator.example.com/danal/uas/"),
        ),
        _ => (
            KCP_SITE_CODE,
            vec![
                ("certificate", KCP_CERTIFICATE),
                ("private_key", KCP_PRIVATE_KEY),
            ],
            ("api_base", "http://simulator.example.com/kcp"),
        ),
    };
    ChannelSettings {
        merchant_id: merchant_id.to_owned(),
        secrets: secrets
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .collect(),
        options: BTreeMap::from([(option.0.to_owned(), option.1.to_owned())]),
        is_simulated: true,
    }
}

fn connector(pg: &str) -> &'static dyn Connector {
    naru_connectors::connector(pg).unwrap()
}

fn send(method: IdentityMethod, phone: &str) -> SendIdentity {
    SendIdentity {
        order_id: ORDER_ID.to_owned(),
        person: IdentityPerson {
            id: Some("customer-1".to_owned()),
            name: "홍길동".to_owned(),
            phone_number: phone.to_owned(),
            identity_number: (method == IdentityMethod::Sms).then(|| Secret::new("9001012")),
        },
        carrier: "LGU_MVNO".to_owned(),
        method,
        ip_address: "203.0.113.7".to_owned(),
        bypass: json!({
            "danal": { "AGELIMIT": "19", "CPTITLE": "나루 상점", "IsCarrier": "SKT" },
            "kcpV2": { "media_type": "MC02", "cp_sms_msg": "나루 [000000]" },
        }),
    }
}

fn operation(send: SendIdentity) -> Operation {
    Operation::Identity(IdentityOperation::Send(send))
}

fn confirm(pg_tx_id: &str, otp: Option<&str>) -> Operation {
    Operation::Identity(IdentityOperation::Confirm(ConfirmIdentity {
        order_id: ORDER_ID.to_owned(),
        pg_tx_id: pg_tx_id.to_owned(),
        method: match otp {
            Some(_) => IdentityMethod::Sms,
            None => IdentityMethod::App,
        },
        otp: otp.map(Secret::new),
    }))
}

fn resend(pg_tx_id: &str) -> Operation {
    Operation::Identity(IdentityOperation::Resend(ResendIdentity {
        order_id: ORDER_ID.to_owned(),
        pg_tx_id: pg_tx_id.to_owned(),
    }))
}

fn begin(
    pg: &str,
    operation: &Operation,
    settings: &ChannelSettings,
) -> Result<Box<dyn naru_connector::Exchange>, BeginError> {
    let call = Call {
        settings,
        at: Timestamp::from(jiff::Timestamp::now()),
        server_ip: "127.0.0.1",
    };
    connector(pg).begin(operation, &call)
}

struct Shop {
    pg: &'static str,
    router: Router,
}

impl Shop {
    fn new(pg: &'static str) -> Self {
        let router = Simulator::open(None).unwrap().router();
        Self { pg, router }
    }

    async fn call(&self, method: http::Method, path: &str, body: Bytes) -> Result<Answer, String> {
        let request = http::Request::builder().method(method).uri(path);
        let request = request.body(Body::from(body)).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await;
        body.map_err(|error| error.to_string()).map(|body| Answer {
            status,
            headers: Vec::new(),
            body,
        })
    }

    async fn control(&self, method: http::Method, path: &str, body: &Value) -> Value {
        let answer = self
            .call(method, path, Bytes::from(body.to_string()))
            .await
            .unwrap();
        serde_json::from_slice(&answer.body).unwrap()
    }

    async fn otp(&self, phone: &str) -> String {
        let path = format!("/otp?phone={phone}");
        let found = self.control(http::Method::GET, &path, &Value::Null).await;
        found["otp"].as_str().unwrap().to_owned()
    }

    async fn arrive(&self, request: Request) -> Input {
        let path = request.url.parse::<http::Uri>().unwrap().path().to_owned();
        match self.call(request.method, &path, request.body).await {
            Ok(answer) => Input::Answered(answer),
            Err(detail) => Input::Failed(SendError {
                sent: Sent::Perhaps,
                detail,
            }),
        }
    }

    async fn run(&self, operation: &Operation) -> Outcome {
        let settings = settings(self.pg);
        connector(self.pg).check_settings(&settings).unwrap();
        let mut exchange = begin(self.pg, operation, &settings).unwrap();
        let mut input = Input::Start;
        loop {
            match exchange.step(input) {
                Step::Send(request) => input = self.arrive(request).await,
                Step::Done(outcome) => return outcome,
            }
        }
    }

    async fn sent(&self, method: IdentityMethod, phone: &str) -> String {
        match self.run(&operation(send(method, phone))).await {
            Outcome::Identity(IdentityOutcome::Sent { pg_tx_id }) => pg_tx_id,
            other => panic!("not sent: {other:?}"),
        }
    }
}

fn verified(outcome: Outcome) -> VerifiedIdentity {
    match outcome {
        Outcome::Identity(IdentityOutcome::Verified(person)) => *person,
        other => panic!("not verified: {other:?}"),
    }
}

fn refusal(outcome: &Outcome) -> (&str, bool) {
    match outcome {
        Outcome::Identity(IdentityOutcome::StillOpen(decline)) => (&decline.code, true),
        Outcome::Declined(decline) => (&decline.code, false),
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_message_is_sent_resent_and_confirmed() {
    for (pg, wrong) in PGS.into_iter().zip(["1201", "CT11"]) {
        let shop = Shop::new(pg);
        let id = shop.sent(IdentityMethod::Sms, PHONE).await;
        let outcome = shop.run(&confirm(&id, Some("nope"))).await;
        assert_eq!(refusal(&outcome), (wrong, true));
        let resent = shop.run(&resend(&id)).await;
        let Outcome::Identity(IdentityOutcome::Sent { pg_tx_id }) = resent else {
            panic!("not sent again: {resent:?}")
        };
        assert_eq!(pg_tx_id, id);
        let otp = shop.otp(PHONE).await;
        let person = verified(shop.run(&confirm(&id, Some(&otp))).await);
        assert_eq!(person.name, "홍길동");
        assert_eq!(person.birth_date, "1990-01-01");
        assert_eq!(person.gender.as_deref(), Some("FEMALE"));
        assert_eq!(person.phone_number.as_deref(), Some(PHONE));
        assert_eq!(person.carrier.as_deref(), Some("LGU_MVNO"));
        assert_eq!(person.is_foreigner, Some(false));
        let ci = person.ci.unwrap();
        assert!(ci.expose().len() == 88 && ci.expose().ends_with("=="));
        assert_eq!(person.di.unwrap().expose().len(), 64);
        assert!(!person.raw.expose().is_empty());
        let again = shop.run(&confirm(&id, Some(&otp))).await;
        assert!(!refusal(&again).1, "told once");
    }
}

#[tokio::test]
async fn an_app_is_asked_and_answered() {
    for (pg, (waiting, denied)) in PGS.into_iter().zip([("1202", "1104"), ("CT12", "CT24")]) {
        for approve in [true, false] {
            let shop = Shop::new(pg);
            let id = shop.sent(IdentityMethod::App, PHONE).await;
            let outcome = shop.run(&confirm(&id, None)).await;
            assert_eq!(refusal(&outcome), (waiting, true));
            let answer = json!({ "phone": PHONE, "approve": approve });
            shop.control(http::Method::POST, "/app-approvals", &answer)
                .await;
            let outcome = shop.run(&confirm(&id, None)).await;
            if approve {
                assert_eq!(verified(outcome).name, "홍길동");
            } else {
                assert_eq!(refusal(&outcome), (denied, false));
            }
        }
    }
}

#[tokio::test]
async fn what_the_contract_does_not_give_is_left_out() {
    for pg in PGS {
        let shop = Shop::new(pg);
        let phone = "01090000008";
        let id = shop.sent(IdentityMethod::Sms, phone).await;
        let otp = shop.otp(phone).await;
        let person = verified(shop.run(&confirm(&id, Some(&otp))).await);
        let given = (person.ci, person.di, person.phone_number, person.carrier);
        assert_eq!(given, (None, None, None, None));
    }
}

#[tokio::test]
async fn refusals_and_lost_answers() {
    for (pg, (carrier, expired)) in PGS.into_iter().zip([("1002", "1101"), ("CT02", "CT21")]) {
        let shop = Shop::new(pg);
        let down = shop
            .run(&operation(send(IdentityMethod::Sms, "01090000001")))
            .await;
        assert_eq!(refusal(&down), (carrier, false));
        let old = "01090000005";
        let id = shop.sent(IdentityMethod::Sms, old).await;
        let otp = shop.otp(old).await;
        let outcome = shop.run(&confirm(&id, Some(&otp))).await;
        assert_eq!(refusal(&outcome), (expired, false));
        let lost = "01090000007";
        let id = shop.sent(IdentityMethod::Sms, lost).await;
        let otp = shop.otp(lost).await;
        let outcome = shop.run(&confirm(&id, Some(&otp))).await;
        assert!(matches!(outcome, Outcome::Unknown(_)), "{outcome:?}");
        for step in ["identity_prepare", "identity_send"] {
            let fault = json!({ "operation": step, "kind": "garbage" });
            shop.control(http::Method::POST, "/faults", &fault).await;
            let outcome = shop.run(&operation(send(IdentityMethod::Sms, PHONE))).await;
            assert!(
                matches!(outcome, Outcome::Unknown(_)),
                "{pg} {step}: {outcome:?}"
            );
        }
    }
}

#[test]
fn the_pgs_rules_are_checked_before_anything_is_sent() {
    type Row = (&'static str, fn(&mut SendIdentity), &'static str);
    let table: [Row; 9] = [
        ("DANAL", |send| send.carrier = "KTF".to_owned(), "operator"),
        (
            "DANAL",
            |send| send.person.identity_number = None,
            "customer.identityNumber",
        ),
        (
            "DANAL",
            |send| send.bypass["danal"]["AGELIMIT"] = json!("nineteen"),
            "bypass.danal.AGELIMIT",
        ),
        (
            "DANAL",
            |send| send.bypass["danal"]["CPTITLE"] = json!(1),
            "bypass.danal.CPTITLE",
        ),
        (
            "KCP_V2",
            |send| send.bypass = Value::Null,
            "bypass.kcpV2.media_type",
        ),
        (
            "KCP_V2",
            |send| send.bypass["kcpV2"]["cp_sms_msg"] = json!("no place"),
            "bypass.kcpV2.cp_sms_msg",
        ),
        (
            "KCP_V2",
            |send| send.person.name = "a|b".to_owned(),
            "customer.name",
        ),
        (
            "KCP_V2",
            |send| send.person.identity_number = None,
            "customer.identityNumber",
        ),
        ("KCP_V2", |send| send.carrier = "SKM".to_owned(), "operator"),
    ];
    for (pg, spoil, field) in table {
        let mut wanted = send(IdentityMethod::Sms, PHONE);
        spoil(&mut wanted);
        let refused = begin(pg, &operation(wanted), &settings(pg)).err();
        assert!(
            matches!(refused, Some(BeginError::Invalid { field: found, .. }) if found == field),
            "{pg} {field}"
        );
    }
    for pg in PGS {
        let Operation::Identity(IdentityOperation::Confirm(mut without)) = confirm("t", Some("1"))
        else {
            panic!("a confirmation")
        };
        without.otp = None;
        let without = Operation::Identity(IdentityOperation::Confirm(without));
        let refused = begin(pg, &without, &settings(pg)).err();
        assert!(matches!(
            refused,
            Some(BeginError::Invalid { field: "otp", .. })
        ));
    }
}

#[test]
fn messages_are_unconfirmed_and_payments_are_not_there() {
    for pg in PGS {
        let capabilities = connector(pg).capabilities();
        for kind in OperationKind::ALL {
            let expected = match kind {
                OperationKind::SendIdentity
                | OperationKind::ConfirmIdentity
                | OperationKind::ResendIdentity => Support::Unconfirmed,
                OperationKind::OpenIdentityWindow if pg == "DANAL" => Support::Confirmed,
                _ => Support::None,
            };
            assert_eq!(capabilities.support(*kind), expected);
        }
        let mut real = settings(pg);
        real.is_simulated = false;
        for (name, url) in [
            ("uas_url", "https://uas.example.com/"),
            ("api_base", "https://a.b"),
        ] {
            if let Some(option) = real.options.get_mut(name) {
                url.clone_into(option);
            }
        }
        let send = operation(send(IdentityMethod::Sms, PHONE));
        let refused = begin(pg, &send, &real).err();
        assert!(matches!(refused, Some(BeginError::Unsupported(_))));
        let on = ("unconfirmed".to_owned(), "true".to_owned());
        real.options.extend([on]);
        assert!(connector(pg).check_settings(&real).is_ok());
        assert!(begin(pg, &send, &real).is_ok());
        let order_id = ORDER_ID.to_owned();
        let inquiry = Operation::Inquire(Inquire::ByOrder { order_id });
        let refused = begin(pg, &inquiry, &real).err();
        assert!(matches!(refused, Some(BeginError::Unsupported(_))));
    }
}

#[test]
fn wrong_settings_are_refused_by_name() {
    let check = |pg: &str, spoil: &dyn Fn(&mut ChannelSettings)| {
        let mut spoilt = settings(pg);
        spoil(&mut spoilt);
        connector(pg).check_settings(&spoilt).unwrap_err().name
    };
    let option = |name: &'static str, value: &'static str| {
        move |settings: &mut ChannelSettings| {
            settings.options.insert(name.to_owned(), value.to_owned());
        }
    };
    let secret = |name: &'static str, value: &'static str| {
        move |settings: &mut ChannelSettings| {
            settings.secrets.insert(name.to_owned(), Secret::new(value));
        }
    };
    let clear = |settings: &mut ChannelSettings| settings.secrets.clear();
    let merchant = |settings: &mut ChannelSettings| settings.merchant_id = "a b".to_owned();
    assert_eq!(check("DANAL", &merchant), "merchant_id");
    assert_eq!(check("DANAL", &clear), "cp_password");
    assert_eq!(check("DANAL", &option("uas_url", "ftp://x")), "uas_url");
    assert_eq!(check("DANAL", &option("title", " ")), "title");
    assert_eq!(check("DANAL", &option("unconfirmed", "yes")), "unconfirmed");
    assert_eq!(check("DANAL", &option("other", "x")), "options");
    assert_eq!(check("DANAL", &secret("other", "x")), "secrets");
    assert_eq!(check("KCP_V2", &merchant), "merchant_id");
    assert_eq!(check("KCP_V2", &clear), "certificate");
    assert_eq!(check("KCP_V2", &secret("certificate", "x")), "certificate");
    for key in [
        "x",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ] {
        assert_eq!(check("KCP_V2", &secret("private_key", key)), "private_key");
    }
    assert_eq!(check("KCP_V2", &option("web_siteid", "x")), "web_siteid");
    assert_eq!(check("KCP_V2", &option("api_base", "x")), "api_base");
    assert_eq!(
        check("KCP_V2", &option("answer_timeout_ms", "1")),
        "answer_timeout_ms"
    );
}

/// A whole answer of success, for as far as the exchange goes with it.
fn answers_of(pg: &str) -> Vec<Vec<u8>> {
    let danal = "RETURNCODE=0000&TID=20260101090000000000001&NAME=%ED%99%8D&IDEN=9001011";
    let kcp = json!({
        "res_cd": "0000", "up_hash": "A", "cert_no": "1", "enc_cert_data2": "B", "dn_hash": "C",
        "user_name": "홍", "birth_day": "19900101",
    });
    let whole = if pg == "DANAL" {
        danal.to_owned()
    } else {
        kcp.to_string()
    };
    vec![whole.into_bytes(); 4]
}

/// Drives an exchange with these answers.
fn driven(pg: &str, operation: &Operation, answers: Vec<Vec<u8>>, status: u16) -> Outcome {
    let mut exchange = begin(pg, operation, &settings(pg)).unwrap();
    let mut input = Input::Start;
    for body in answers {
        match exchange.step(input) {
            Step::Done(outcome) => return outcome,
            Step::Send(_) => {
                input = Input::Answered(Answer {
                    status,
                    headers: Vec::new(),
                    body: Bytes::from(body),
                });
            }
        }
    }
    match exchange.step(input) {
        Step::Done(outcome) => outcome,
        Step::Send(_) => panic!("an exchange without end"),
    }
}

fn steps() -> [Operation; 3] {
    let otp = Some("123456");
    [
        operation(send(IdentityMethod::Sms, PHONE)),
        confirm("tid", otp),
        resend("tid"),
    ]
}

proptest! {
    #[test]
    fn odd_answers_never_panic_and_never_succeed(
        pg in prop::sample::select(&PGS[..]),
        step in 0..3_usize,
        whole in 0..3_usize,
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut answers = answers_of(pg);
        answers.truncate(whole);
        answers.push(body);
        answers.extend(vec![Vec::new(); 4]);
        let outcome = driven(pg, &steps()[step], answers, 200);
        let needed = [2, if pg == "DANAL" { 2 } else { 3 }, 1][step];
        let is_success = matches!(
            outcome,
            Outcome::Identity(IdentityOutcome::Sent { .. } | IdentityOutcome::Verified(_))
        );
        prop_assert_eq!(is_success, whole >= needed, "{:?}", outcome);
    }

    #[test]
    fn other_statuses_are_unclear(
        pg in prop::sample::select(&PGS[..]),
        step in 0..3_usize,
        status in 300..600_u16,
    ) {
        let outcome = driven(pg, &steps()[step], answers_of(pg), status);
        prop_assert!(matches!(outcome, Outcome::Unknown(_)));
    }
}
