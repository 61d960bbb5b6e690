//! Identity verification in windows: the connectors of Danal and of KG Inicis's unified
//! authentication against the simulated PGs' pages, and what they refuse.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use naru_connector::{
    Answer, BeginError, Call, ChannelSettings, Connector, Device, Exchange, ExpectedPerson,
    IdentityOperation, IdentityOutcome, InboundRequest, Input, OpenIdentityWindow, Operation,
    Outcome, Rejected, Returned, ReturnedIdentityWindow, Secret, Step, VerifiedIdentity,
    WindowForm,
};
use naru_domain::Timestamp;
use naru_pg_sim::{
    DANAL_CPID, DANAL_PASSWORD, INICIS_UNIFIED_API_KEY, INICIS_UNIFIED_MID, INICIS_UNIFIED_SEED_IV,
    Simulator,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const ORDER_ID: &str = "0198d2f6c6d07d3ba3a1f2e4b5c60708";
const BACK: &str = "https://naru.example.com/w/token";
const DANAL: &str = "DANAL";
const UNIFIED: &str = "INICIS_UNIFIED";

fn settings(pg: &str, changes: &[(&str, &str)]) -> ChannelSettings {
    let (merchant_id, secrets, options) = match pg {
        DANAL => (
            DANAL_CPID,
            vec![("cp_password", DANAL_PASSWORD)],
            vec![
                ("uas_url", "http://simulator.example.com/danal/uas/"),
                (
                    "window_url",
                    "http://simulator.example.com/danal/Danal/WebAuth/",
                ),
            ],
        ),
        _ => (
            INICIS_UNIFIED_MID,
            vec![
                ("api_key", INICIS_UNIFIED_API_KEY),
                ("seed_iv", INICIS_UNIFIED_SEED_IV),
            ],
            vec![("sa_url", "http://simulator.example.com/inicis-unified")],
        ),
    };
    let options = options.into_iter().chain(changes.iter().copied());
    ChannelSettings {
        merchant_id: merchant_id.to_owned(),
        secrets: secrets
            .into_iter()
            .map(|(name, value)| (name.to_owned(), Secret::new(value)))
            .collect(),
        options: options
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        is_simulated: true,
    }
}

fn nobody(bypass: Value) -> OpenIdentityWindow {
    OpenIdentityWindow {
        order_id: ORDER_ID.to_owned(),
        person: ExpectedPerson::default(),
        device: Device::Pc,
        bypass,
        return_url: BACK.to_owned(),
    }
}

fn somebody(bypass: Value) -> OpenIdentityWindow {
    OpenIdentityWindow {
        person: ExpectedPerson {
            id: Some("customer-1".to_owned()),
            name: Some("홍길동".to_owned()),
            phone_number: Some("01012345678".to_owned()),
            birth_date: Some("19900101".to_owned()),
            carrier: Some("LGU_MVNO".to_owned()),
        },
        ..nobody(bypass)
    }
}

fn fixed(flag: &str) -> Value {
    json!({ "inicisUnified": { "flgFixedUser": flag } })
}

/// A page's form: where it goes, and its fields.
struct Form {
    action: String,
    fields: BTreeMap<String, String>,
}

/// The simulated PGs, a channel at one of them, and its customer.
struct Shop {
    pg: &'static str,
    settings: ChannelSettings,
    router: Router,
}

impl Shop {
    fn new(pg: &'static str, changes: &[(&str, &str)]) -> Self {
        Self {
            pg,
            settings: settings(pg, changes),
            router: Simulator::open(None).unwrap().router(),
        }
    }

    fn connector(&self) -> &'static dyn Connector {
        naru_connectors::connector(self.pg).unwrap()
    }

    fn at(&self) -> Call<'_> {
        Call {
            settings: &self.settings,
            at: Timestamp::from(jiff::Timestamp::now()),
            server_ip: "127.0.0.1",
        }
    }

    fn begin(&self, one: IdentityOperation) -> Result<Box<dyn Exchange>, BeginError> {
        let operation = Operation::Identity(one);
        self.connector().begin(&operation, &self.at())
    }

    async fn control(&self, path: &str) -> Value {
        let request = http::Request::get(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    async fn post(&self, url: &str, body: impl Into<Body>) -> Answer {
        let request = http::Request::builder()
            .method("POST")
            .uri(url)
            .header("host", "simulator.example.com");
        let request = request.body(body.into()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer {
            status,
            headers: Vec::new(),
            body,
        }
    }

    async fn finish(&self, mut exchange: Box<dyn Exchange>) -> Outcome {
        let mut input = Input::Start;
        loop {
            match exchange.step(input) {
                Step::Send(request) => {
                    input = Input::Answered(self.post(&request.url, request.body).await);
                }
                Step::Done(outcome) => return outcome,
            }
        }
    }

    /// Prepares a window: the PG's id of it, and the form that opens it.
    async fn open(&self, window: &OpenIdentityWindow) -> (String, WindowForm) {
        let exchange = self.begin(IdentityOperation::Prepare(window.clone()));
        let outcome = self.finish(exchange.unwrap()).await;
        let Outcome::Identity(IdentityOutcome::Sent { pg_tx_id }) = outcome else {
            panic!("not prepared: {outcome:?}");
        };
        let form = self
            .connector()
            .open_identity_window(window, &pg_tx_id, &self.at());
        (pg_tx_id, form.unwrap())
    }

    /// Sends a form as a browser does, and reads the form of the page that comes.
    async fn browse(&self, form: &Form, typed: &[(&str, &str)]) -> Form {
        let mut fields = form.fields.clone();
        fields.extend(
            typed
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let answer = self.post(&form.action, encoded(&fields)).await;
        read(&answer.body, &form.action)
    }

    fn taken(&self, form: &Form) -> Result<Returned, Rejected> {
        assert_eq!(form.action, BACK);
        self.taken_raw(encoded(&form.fields))
    }

    fn taken_raw(&self, body: String) -> Result<Returned, Rejected> {
        let request = InboundRequest {
            content_type: Some("application/x-www-form-urlencoded".to_owned()),
            body: Bytes::from(body),
            peer: None,
        };
        self.connector().read_return(&request, &self.at())
    }

    async fn told(
        &self,
        (window, pg_tx_id): (&OpenIdentityWindow, &str),
        authentication: Secret,
    ) -> Outcome {
        let one = ReturnedIdentityWindow {
            window: window.clone(),
            pg_tx_id: pg_tx_id.to_owned(),
            authentication,
        };
        match self.begin(IdentityOperation::Finish(one)) {
            Ok(exchange) => self.finish(exchange).await,
            Err(error) => panic!("not begun: {error}"),
        }
    }
}

fn encoded(fields: &BTreeMap<String, String>) -> String {
    serde_html_form::to_string(fields).unwrap()
}

/// The first form of a page: where it goes, seen from `from`, and its fields as they stand.
fn read(page: &[u8], from: &str) -> Form {
    let text = std::str::from_utf8(page).unwrap();
    let form = text
        .split_once("<form")
        .unwrap_or_else(|| panic!("{text}"))
        .1;
    let form = form.split_once("</form>").unwrap().0;
    let attribute = |tag: &str, name: &str| {
        let at = tag.split_once(&format!(" {name}=\""))?.1;
        Some(at.split_once('"')?.0.to_owned())
    };
    let mut fields = BTreeMap::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input ")) {
        let name = attribute(tag, "name").unwrap();
        fields.insert(name, attribute(tag, "value").unwrap_or_default());
    }
    if let Some((_, select)) = form.split_once("<select") {
        let first = select.split_once("<option").unwrap().1;
        let first = attribute(first, "value").unwrap();
        fields.insert(attribute(select, "name").unwrap(), first);
    }
    let action = attribute(form, "action").unwrap();
    let action = if action.starts_with("http") {
        action
    } else {
        format!("{}/{action}", from.rsplit_once('/').unwrap().0)
    };
    Form { action, fields }
}

/// The form of a window as the page at `public_url` shows it.
fn opening(form: &WindowForm) -> Form {
    let fields = form.fields.iter();
    Form {
        action: form.action.clone().unwrap(),
        fields: fields
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

fn verified(outcome: Outcome) -> VerifiedIdentity {
    match outcome {
        Outcome::Identity(IdentityOutcome::Verified(person)) => *person,
        other => panic!("not verified: {other:?}"),
    }
}

fn brought(returned: Result<Returned, Rejected>) -> Secret {
    match returned.unwrap() {
        Returned::Authenticated { authentication, .. } => authentication,
        Returned::Refused(why) => panic!("refused: {why:?}"),
    }
}

fn code(returned: Result<Returned, Rejected>) -> String {
    match returned.unwrap() {
        Returned::Refused(why) => why.code,
        Returned::Authenticated { .. } => panic!("authenticated"),
    }
}

fn invalid(error: &BeginError) -> &'static str {
    match error {
        BeginError::Invalid { field, .. } => field,
        other => panic!("another error: {other}"),
    }
}

const CONFIRM: [(&str, &str); 1] = [("naru_act", "confirm")];
const LEAVE: [(&str, &str); 1] = [("naru_act", "leave")];

#[tokio::test]
async fn danal_asks_by_message_in_its_window() {
    for device in [Device::Pc, Device::Mobile] {
        let shop = Shop::new(DANAL, &[]);
        let window = OpenIdentityWindow {
            device,
            ..somebody(json!({ "danal": { "AGELIMIT": "19" } }))
        };
        let (tid, form) = shop.open(&window).await;
        let form = opening(&form);
        let place = match device {
            Device::Pc => "WebAuth/Web/Start.php",
            Device::Mobile => "WebAuth/Mobile/Start.php",
        };
        assert!(form.action.ends_with(place), "{}", form.action);
        assert_eq!(form.fields["IsCarrier"], "MVNO");
        let who = shop.browse(&form, &[]).await;
        assert_eq!(
            who.fields["naru_phone"], "01012345678",
            "what is known is filled in"
        );
        assert_eq!(who.fields["naru_carrier"], "SKT_MVNO");
        let password = shop.browse(&who, &[("naru_act", "ask")]).await;
        let wrong = [("naru_act", "confirm"), ("naru_otp", "nope")];
        let password = shop.browse(&password, &wrong).await;
        let otp = shop.control("/otp?phone=01012345678").await["otp"].clone();
        let right = [CONFIRM[0], ("naru_otp", otp.as_str().unwrap())];
        let back = shop.browse(&password, &right).await;
        let authentication = brought(shop.taken(&back));
        let person = verified(shop.told((&window, &tid), authentication.clone()).await);
        assert_eq!(person.name, "홍길동");
        assert_eq!(person.birth_date, "1990-01-01");
        assert_eq!(person.carrier.as_deref(), Some("SKT_MVNO"));
        assert_eq!(person.pg_tx_id, None, "known before");
        assert!(person.ci.is_some() && person.di.is_some());
        let again = shop.told((&window, &tid), authentication).await;
        assert!(matches!(again, Outcome::Declined(_)), "told once");
    }
}

#[tokio::test]
async fn danal_is_left_and_takes_no_foreign_transaction() {
    let shop = Shop::new(DANAL, &[]);
    let window = nobody(Value::Null);
    let (tid, form) = shop.open(&window).await;
    let who = shop.browse(&opening(&form), &[]).await;
    let back = shop.browse(&who, &LEAVE).await;
    assert_eq!(code(shop.taken(&back)), "NARU_WINDOW_LEFT");
    assert_eq!(
        code(shop.taken_raw("RETURNCODE=1102&RETURNMSG=no".to_owned())),
        "1102"
    );

    let foreign = brought(shop.taken_raw("TID=202601010000000000000001".to_owned()));
    let one = ReturnedIdentityWindow {
        window,
        pg_tx_id: tid,
        authentication: foreign,
    };
    let refused = shop.begin(IdentityOperation::Finish(one)).err().unwrap();
    assert_eq!(invalid(&refused), "TID");
}

#[tokio::test]
async fn unified_authentication_tells_who_it_was_once_and_encrypted() {
    for (service, place) in [("01", "/auth"), ("03", "/id/auth")] {
        let shop = Shop::new(UNIFIED, &[("service", service)]);
        let window = nobody(fixed("N"));
        let (id, form) = shop.open(&window).await;
        assert_eq!(id, "", "the PG has none yet");
        let form = opening(&form);
        assert!(form.action.ends_with(&format!("/inicis-unified{place}")));
        let who = shop.browse(&form, &[]).await;
        let back = shop.browse(&who, &CONFIRM).await;
        let authentication = brought(shop.taken(&back));
        let outcome = shop.told((&window, ""), authentication.clone()).await;
        let person = verified(outcome);
        assert_eq!(person.name, "홍길동");
        assert_eq!(person.birth_date, "1990-01-01");
        assert_eq!(person.phone_number.as_deref(), Some("01012345678"));
        assert_eq!(
            person.pg_tx_id.as_deref(),
            Some(back.fields["txId"].as_str())
        );
        assert_eq!(person.ci.unwrap().expose().len(), 88);
        let is_identity = service == "03";
        assert_eq!(person.di.is_some(), is_identity);
        assert_eq!(person.gender.as_deref(), is_identity.then_some("MALE"));
        assert_eq!(person.is_foreigner, is_identity.then_some(false));
        assert!(!person.raw.expose().contains("홍길동"));
        let again = shop.told((&window, ""), authentication).await;
        assert!(matches!(again, Outcome::Declined(_)), "told once");
        // Its id of ours is used up.
        let back = shop.browse(&form, &[]).await;
        assert_eq!(code(shop.taken(&back)), "9803");
    }
}

#[tokio::test]
async fn only_the_expected_person_will_do() {
    let shop = Shop::new(UNIFIED, &[]);
    let window = somebody(fixed("Y"));
    let (_, form) = shop.open(&window).await;
    let who = shop.browse(&opening(&form), &[]).await;
    let other = [CONFIRM[0], ("naru_name", "임꺽정")];
    let still = shop.browse(&who, &other).await;
    assert!(
        still.action.ends_with("/act"),
        "the PG refuses: {}",
        still.action
    );
    let back = shop.browse(&who, &CONFIRM).await;
    let authentication = brought(shop.taken(&back));
    let wanted = OpenIdentityWindow {
        person: ExpectedPerson {
            name: Some("임꺽정".to_owned()),
            ..window.person.clone()
        },
        ..window.clone()
    };
    // A PG that lets anybody through is found out.
    let outcome = shop.told((&wanted, ""), authentication).await;
    let Outcome::Declined(why) = outcome else {
        panic!("taken: {outcome:?}");
    };
    assert_eq!(why.code, "NARU_OTHER_PERSON");
}

#[tokio::test]
async fn unified_authentication_is_left_and_failed() {
    let shop = Shop::new(UNIFIED, &[]);
    let (_, form) = shop.open(&nobody(fixed("N"))).await;
    let who = shop.browse(&opening(&form), &[]).await;
    let back = shop.browse(&who, &LEAVE).await;
    let Ok(Returned::Refused(why)) = shop.taken(&back) else {
        panic!("not refused");
    };
    assert_eq!(
        why.message, "사용자가 인증을 취소했습니다",
        "decoded once more"
    );
    let carrier = [CONFIRM[0], ("naru_phone", "01090000001")];
    let back = shop.browse(&who, &carrier).await;
    assert_eq!(code(shop.taken(&back)), "9802");
}

#[test]
fn what_the_browser_brings_is_not_believed() {
    let shop = Shop::new(UNIFIED, &[]);
    let mid = INICIS_UNIFIED_MID;
    let right = BTreeMap::from([
        ("resultCode".to_owned(), "0000".to_owned()),
        (
            "authRequestUrl".to_owned(),
            "http://simulator.example.com/inicis-unified/result".to_owned(),
        ),
        (
            "txId".to_owned(),
            format!("SIMIAS{mid}202601010000000000000001"),
        ),
        ("token".to_owned(), "BwcHBwcHBwcHBwcHBwcHBw==".to_owned()),
    ]);
    assert!(shop.taken_raw(encoded(&right)).is_ok());
    for (name, value) in [
        ("resultCode", ""),
        ("authRequestUrl", ""),
        (
            "authRequestUrl",
            "http://simulator.example.com.evil.test/result",
        ),
        (
            "authRequestUrl",
            "http://simulator.example.com/inicis-unifiedx/result",
        ),
        ("txId", ""),
        ("txId", "SIMIASINIiasOthr202601010000000000000001"),
        ("token", "BwcH"),
        ("token", ""),
    ] {
        let mut wrong = right.clone();
        wrong.insert(name.to_owned(), value.to_owned());
        assert!(shop.taken_raw(encoded(&wrong)).is_err(), "{name}: {value}");
    }
    // In production it is one of two hosts.
    let mut real = shop;
    real.settings.is_simulated = false;
    real.settings.options.clear();
    for (url, is_right) in [
        ("https://kssa.inicis.com/result/1", true),
        ("https://fcsa.inicis.com/result/1", true),
        ("https://kssa.inicis.com.evil.test/result", false),
        ("http://kssa.inicis.com/result", false),
        ("https://kssa.inicis.com@evil.test/", false),
    ] {
        let mut brought = right.clone();
        brought.insert("authRequestUrl".to_owned(), url.to_owned());
        assert_eq!(real.taken_raw(encoded(&brought)).is_ok(), is_right, "{url}");
    }
}

/// What is wrong with an expected person.
type Spoil = fn(&mut ExpectedPerson);

#[test]
fn what_a_window_needs() {
    let shop = Shop::new(UNIFIED, &[]);
    let refusal = |window: OpenIdentityWindow| {
        let error = shop.begin(IdentityOperation::Prepare(window)).err();
        invalid(&error.expect("a refusal"))
    };
    let flag = "bypass.inicisUnified.flgFixedUser";
    assert_eq!(refusal(nobody(Value::Null)), flag);
    assert_eq!(refusal(nobody(fixed("X"))), flag);
    assert_eq!(refusal(nobody(fixed("Y"))), "customer.name.full");
    let spoils: [(Spoil, &str); 4] = [
        (
            |person| person.name = Some("가".repeat(26)),
            "customer.name.full",
        ),
        (
            |person| person.phone_number = Some("02-123".to_owned()),
            "customer.phoneNumber",
        ),
        (|person| person.birth_date = None, "customer.birthYear"),
        (
            |person| person.birth_date = Some("19900231".to_owned()),
            "customer.birthYear",
        ),
    ];
    for (spoil, field) in spoils {
        let mut window = somebody(fixed("Y"));
        spoil(&mut window.person);
        assert_eq!(refusal(window), field);
    }
    for (name, value) in [
        ("directAgency", "NOBODY"),
        ("logoUrl", "http://shop.example.com/logo.png"),
        ("DI_CODE", "1234567890123"),
        ("FRGNDInfo", "X"),
    ] {
        let bypass = json!({ "inicis_unified": { "flgFixedUser": "N", name: value } });
        let field = refusal(nobody(bypass));
        assert!(field.ends_with(name), "{field}");
    }
    let long = OpenIdentityWindow {
        return_url: format!("https://naru.example.com/{}", "x".repeat(104)),
        ..nobody(fixed("N"))
    };
    let error = shop.begin(IdentityOperation::Prepare(long)).err().unwrap();
    assert!(error.to_string().contains("128"), "{error}");
}
