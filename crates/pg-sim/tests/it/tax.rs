//! The simulated tax-invoice provider by a client of its own, which signs from the vendor's
//! documents.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, StatusCode};
use naru_pg_sim::{POPBILL_LINK_ID, POPBILL_SECRET_KEY};
use ring::hmac;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;

use crate::support::{Directory, Pg, Reply, text};

const SELLER: &str = "1234567891";
const BUYER: &str = "9876543215";
const WRONG_STATE: i64 = -11_000_003;
const NOT_FOUND: i64 = -11_000_005;

/// Headers and body of a request for a token.
struct Asking {
    key: String,
    date: String,
    forwarded: Option<&'static str>,
    link_id: &'static str,
    body: String,
}

impl Asking {
    async fn right(pg: &Pg, company: &str) -> Self {
        let now = pg.get("/clock").await;
        let now: jiff::Timestamp = text(&now, "now").parse().unwrap();
        Self {
            key: POPBILL_SECRET_KEY.to_owned(),
            date: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            forwarded: None,
            link_id: POPBILL_LINK_ID,
            body: json!({ "access_id": company, "scope": ["member", "110"] }).to_string(),
        }
    }

    fn signature(&self) -> String {
        let digest = STANDARD.encode(Sha256::digest(&self.body));
        let forwarded = self.forwarded.map_or(String::new(), |ip| format!("{ip}\n"));
        let signed = format!(
            "POST\n{digest}\n{}\n{forwarded}2.0\n/POPBILL_TEST/Token",
            self.date
        );
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(&self.key).unwrap());
        STANDARD.encode(hmac::sign(&key, signed.as_bytes()))
    }

    async fn send(self, pg: &Pg) -> Reply {
        let signed = format!("LINKHUB {} {}", self.link_id, self.signature());
        self.send_signed(pg, &signed).await
    }

    async fn send_signed(self, pg: &Pg, signed: &str) -> Reply {
        let mut headers = vec![
            ("x-lh-date", self.date.as_str()),
            ("x-lh-version", "2.0"),
            ("authorization", signed),
        ];
        headers.extend(self.forwarded.map(|ip| ("x-lh-forwarded", ip)));
        let path = "/popbill/auth/POPBILL_TEST/Token";
        send(pg, Method::POST, path, &headers, self.body.clone()).await
    }
}

async fn send(
    pg: &Pg,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(axum::body::Body::from(body)).unwrap();
    let response = pg.sim.router().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    Reply {
        status,
        text: bytes.map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
    }
}

async fn token(pg: &Pg, company: &str) -> String {
    let reply = Asking::right(pg, company).await.send(pg).await;
    text(&reply.json(), "session_token").to_owned()
}

/// A call in a company's name; `verb` is the override.
async fn call(pg: &Pg, company: &str, method: Method, path: &str, more: (&str, Value)) -> Reply {
    let bearer = format!("Bearer {}", token(pg, company).await);
    let (verb, body) = more;
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/json; charset=utf-8"),
    ];
    if !verb.is_empty() {
        headers.push(("x-http-method-override", verb));
    }
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    send(pg, method, &format!("/popbill/api{path}"), &headers, body).await
}

async fn post(pg: &Pg, company: &str, path: &str, verb: &str, body: Value) -> Value {
    call(pg, company, Method::POST, path, (verb, body))
        .await
        .json()
}

async fn get(pg: &Pg, company: &str, path: &str) -> Value {
    call(pg, company, Method::GET, path, ("", Value::Null))
        .await
        .json()
}

/// A document over 11,000 won that is written on the simulator's day.
async fn document(pg: &Pg, issue_type: &str, key: &str) -> Value {
    let now = pg.get("/clock").await;
    let day = text(&now, "now").get(..10).unwrap().replace('-', "");
    json!({
        "writeDate": day, "issueType": issue_type, "taxType": "과세", "chargeDirection": "정과금",
        "purposeType": "영수", "supplyCostTotal": "10000", "taxTotal": "1000",
        "totalAmount": "11000", "invoicerCorpNum": SELLER, "invoicerMgtKey": format!("s-{key}"),
        "invoicerCorpName": "나루상사", "invoiceeType": "사업자", "invoiceeCorpNum": BUYER,
        "invoiceeMgtKey": format!("b-{key}"), "invoiceeCorpName": "포구유통",
    })
}

fn writer(issue_type: &str) -> &'static str {
    if issue_type == "역발행" {
        BUYER
    } else {
        SELLER
    }
}

fn path(company: &str, key: &str) -> String {
    if company == SELLER {
        format!("/Taxinvoice/SELL/s-{key}")
    } else {
        format!("/Taxinvoice/BUY/b-{key}")
    }
}

async fn create(pg: &Pg, issue_type: &str, key: &str, verb: &str) -> Value {
    let document = document(pg, issue_type, key).await;
    post(pg, writer(issue_type), "/Taxinvoice", verb, document).await
}

async fn state(pg: &Pg, key: &str) -> i64 {
    let info = get(pg, SELLER, &path(SELLER, key)).await;
    info["stateCode"]
        .as_i64()
        .unwrap_or_else(|| info["code"].as_i64().unwrap())
}

#[tokio::test]
async fn tokens_are_given_to_the_partner_alone() {
    let pg = Pg::memory();
    let reply = Asking::right(&pg, SELLER).await.send(&pg).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["serviceID"], "POPBILL_TEST");
    let forwarded = Asking {
        forwarded: Some("*"),
        ..Asking::right(&pg, SELLER).await
    };
    assert_eq!(forwarded.send(&pg).await.status, StatusCode::OK);

    let other_key = Asking {
        key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned(),
        ..Asking::right(&pg, SELLER).await
    };
    let old = Asking {
        date: "2026-01-02T03:04:05Z".to_owned(),
        ..Asking::right(&pg, SELLER).await
    };
    let no_date = Asking {
        date: "yesterday".to_owned(),
        ..Asking::right(&pg, SELLER).await
    };
    let other_partner = Asking {
        link_id: "SOMEBODY",
        ..Asking::right(&pg, SELLER).await
    };
    let no_scope = Asking {
        body: r#"{"access_id":"1234567891","scope":["110"]}"#.to_owned(),
        ..Asking::right(&pg, SELLER).await
    };
    let no_body = Asking {
        body: "x".to_owned(),
        ..Asking::right(&pg, SELLER).await
    };
    for wrong in [other_key, old, no_date, other_partner, no_scope, no_body] {
        let reply = wrong.send(&pg).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert_eq!(reply.json()["code"], -99_010_010);
    }
    // Signed for one body, sent with another.
    let right = Asking::right(&pg, SELLER).await;
    let signed = format!("LINKHUB {POPBILL_LINK_ID} {}", right.signature());
    let body = right.body.replace(SELLER, BUYER);
    let reply = Asking { body, ..right }.send_signed(&pg, &signed).await;
    assert_eq!(reply.json()["code"], -99_010_010);
}

#[tokio::test]
async fn only_members_get_tokens() {
    let pg = Pg::memory();
    let stranger = "1234567080";
    let refused = Asking::right(&pg, stranger).await.send(&pg).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.json()["code"], -10_000_001);
    let path = format!("/popbill/companies/{stranger}");
    pg.control(Method::PUT, &path, &json!({ "isMember": true }))
        .await;
    let given = Asking::right(&pg, stranger).await.send(&pg).await;
    assert_eq!(given.json()["usercode"], stranger);
}

#[tokio::test]
async fn a_step_leaves_its_memo_for_the_other_side() {
    let pg = Pg::memory();
    create(&pg, "역발행", "1", "").await;
    let steps = [
        (BUYER, "REQUEST", "확인 부탁드립니다"),
        (SELLER, "REFUSE", "금액이 다릅니다"),
    ];
    for (company, step, memo) in steps {
        let done = post(
            &pg,
            company,
            &path(company, "1"),
            step,
            json!({ "memo": memo }),
        )
        .await;
        assert_eq!(done["code"], 1, "{step}");
        for side in [SELLER, BUYER] {
            assert_eq!(get(&pg, side, &path(side, "1")).await["stateMemo"], memo);
        }
    }
}

#[tokio::test]
async fn a_token_lives_half_an_hour_and_cannot_be_forged() {
    let pg = Pg::memory();
    let token = token(&pg, SELLER).await;
    let with = async |token: &str| {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let path = "/popbill/api/Taxinvoice/CertCheck";
        send(&pg, Method::GET, path, &headers, String::new())
            .await
            .json()
    };
    assert_eq!(with(&token).await["code"], 1);
    for wrong in ["", "x", "x.y", &token[1..], &format!("{token}A")] {
        assert_eq!(with(wrong).await["code"], -99_010_010, "{wrong}");
    }
    pg.post("/clock", json!({ "advance": "PT31M" })).await;
    assert_eq!(with(&token).await["code"], -99_010_010);
}

/// A way to a state: its name, how the invoice is issued, the steps and who takes them, the state.
type Way = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    i64,
);

const WAYS: [Way; 9] = [
    ("reverse draft", "역발행", &[], 100),
    ("forward draft", "정발행", &[], 100),
    ("requested", "역발행", &[(BUYER, "REQUEST")], 200),
    (
        "refused",
        "역발행",
        &[(BUYER, "REQUEST"), (SELLER, "REFUSE")],
        400,
    ),
    (
        "taken back",
        "역발행",
        &[(BUYER, "REQUEST"), (BUYER, "CANCELREQUEST")],
        500,
    ),
    ("issued", "정발행", &[(SELLER, "ISSUE")], 300),
    (
        "signed",
        "역발행",
        &[(BUYER, "REQUEST"), (SELLER, "ISSUE")],
        300,
    ),
    (
        "cancelled",
        "정발행",
        &[(SELLER, "ISSUE"), (SELLER, "CANCELISSUE")],
        600,
    ),
    ("sent", "정발행", &[(SELLER, "ISSUE"), (SELLER, "NTS")], 302),
];

/// Who may do what from where: every step, side and state; what is not listed is refused and
/// changes nothing.
#[tokio::test]
async fn states_and_steps() {
    let steps = [
        "ISSUE",
        "REQUEST",
        "CANCELREQUEST",
        "REFUSE",
        "CANCELISSUE",
        "NTS",
        "DELETE",
    ];
    let allowed = |way: &str, company: &str, step: &str| -> Option<i64> {
        Some(match (way, company, step) {
            ("reverse draft", BUYER, "REQUEST") => 200,
            ("forward draft" | "requested", SELLER, "ISSUE") => 300,
            ("requested", BUYER, "CANCELREQUEST") => 500,
            ("requested", SELLER, "REFUSE") => 400,
            ("issued" | "signed", SELLER, "CANCELISSUE") => 600,
            ("issued" | "signed", SELLER, "NTS") => 302,
            (
                "reverse draft" | "forward draft" | "refused" | "taken back" | "cancelled",
                _,
                "DELETE",
            ) => NOT_FOUND,
            _ => return None,
        })
    };
    let pg = Pg::memory();
    let mut number = 0;
    for (way, issue_type, way_there, at) in WAYS {
        for company in [SELLER, BUYER] {
            for step in steps {
                number += 1;
                let key = number.to_string();
                assert_eq!(create(&pg, issue_type, &key, "").await["code"], 1);
                for (who, step) in way_there {
                    let done = post(&pg, who, &path(who, &key), step, json!({})).await;
                    assert_eq!(done["code"], 1, "{way}: {step}");
                }
                assert_eq!(state(&pg, &key).await, at, "{way}");
                let done = post(&pg, company, &path(company, &key), step, json!({})).await;
                let (code, then) = match allowed(way, company, step) {
                    Some(then) => (1, then),
                    None => (WRONG_STATE, at),
                };
                assert_eq!(done["code"], code, "{way}, {company}: {step}");
                assert_eq!(state(&pg, &key).await, then, "{way}, {company}: {step}");
            }
        }
    }
}

#[tokio::test]
async fn documents_are_checked() {
    let pg = Pg::memory();
    let right = document(&pg, "정발행", "1").await;
    let changed = |name: &str, value: Value| {
        let mut document = right.clone();
        document[name] = value;
        document
    };
    for (wrong, code) in [
        (changed("writeDate", json!("")), -11_000_001),
        (changed("issueType", json!("위수탁")), -11_000_001),
        (changed("totalAmount", json!("11001")), -11_000_001),
        (changed("totalAmount", json!(11_000)), -11_000_001),
        (changed("modifyCode", json!(3)), -11_000_001),
        (changed("invoicerMgtKey", json!("")), -11_000_001),
        (changed("invoicerMgtKey", json!("a.b")), -11_000_001),
        (
            changed("invoicerMgtKey", json!("a".repeat(25))),
            -11_000_001,
        ),
        (
            changed("detailList", json!(vec![json!({}); 100])),
            -11_000_001,
        ),
        (changed("invoicerCorpNum", json!(BUYER)), -11_000_004),
    ] {
        let refused = post(&pg, SELLER, "/Taxinvoice", "", wrong.clone()).await;
        assert_eq!(refused["code"], code, "{wrong}");
    }
    let member = json!({ "isMember": true });
    pg.control(Method::PUT, "/popbill/companies/1234567080", &member)
        .await;
    let foreign = post(&pg, "1234567080", "/Taxinvoice", "", right.clone()).await;
    assert_eq!(foreign["code"], -11_000_004);
    for verb in ["REQUEST", "NONSENSE"] {
        let wrong = post(&pg, SELLER, "/Taxinvoice", verb, right.clone()).await;
        assert_eq!(wrong["code"], WRONG_STATE);
    }
    assert_eq!(pg.get("/popbill/invoices").await["invoices"], json!([]));
    assert_eq!(
        post(&pg, SELLER, "/Taxinvoice", "", right.clone()).await["code"],
        1
    );
    let again = post(&pg, SELLER, "/Taxinvoice", "", right).await;
    assert_eq!(again["code"], -11_000_002);
    // The same text is another company's own.
    let mut mirrored = document(&pg, "역발행", "2").await;
    mirrored["invoiceeMgtKey"] = json!("s-1");
    assert_eq!(
        post(&pg, BUYER, "/Taxinvoice", "", mirrored).await["code"],
        1
    );
}

#[tokio::test]
async fn what_is_issued_goes_to_the_tax_office_on_the_next_business_day() {
    let pg = Pg::memory();
    // A Friday afternoon two weeks on, whatever the machine's clock says.
    let now = pg.get("/clock").await;
    let mut at: jiff::Zoned = text(&now, "now")
        .parse::<jiff::Timestamp>()
        .unwrap()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
    while at.weekday() != jiff::civil::Weekday::Friday {
        at = at.tomorrow().unwrap();
    }
    let friday = at.date();
    let set = |days: i8, time: &str| {
        let day = (0..days).fold(friday, |day, _| day.tomorrow().unwrap());
        json!({ "set": format!("{day}T{time}+09:00") })
    };
    pg.post("/clock", set(0, "18:00:00")).await;
    pg.control(
        Method::PUT,
        "/popbill/companies/1234567891",
        &json!({ "certificate": "VALID" }),
    )
    .await;
    let issued = create(&pg, "정발행", "1", "ISSUE").await;
    let number = text(&issued, "ntsConfirmNum").to_owned();
    assert_eq!(number.len(), 24);
    assert!(number.starts_with(&friday.strftime("%Y%m%d").to_string()));
    for (days, time, expected) in [
        (2, "23:59:00", 300),
        (3, "14:58:00", 300),
        (3, "15:00:00", 301),
        (3, "15:01:00", 302),
        (3, "15:02:00", 303),
        (3, "15:20:00", 303),
        (3, "15:22:00", 304),
    ] {
        pg.post("/clock", set(days, time)).await;
        assert_eq!(state(&pg, "1").await, expected, "{days} {time}");
    }
    let info = get(&pg, BUYER, &path(BUYER, "1")).await;
    assert_eq!(info["ntsconfirmNum"], number);
    assert_eq!(info["ntssendErrCode"], "SUC001");
    let monday = (0..3).fold(friday, |day, _| day.tomorrow().unwrap());
    let sent = format!("{}150200", monday.strftime("%Y%m%d"));
    assert_eq!(info["ntssendDT"], sent.as_str());
}

#[tokio::test]
async fn what_is_sent_at_once_never_goes_back() {
    let pg = Pg::memory();
    create(&pg, "정발행", "1", "ISSUE").await;
    post(&pg, SELLER, &path(SELLER, "1"), "NTS", Value::Null).await;
    for (advance, expected) in [("PT30S", 302), ("PT90S", 303), ("PT20M", 304)] {
        assert!(state(&pg, "1").await >= 302);
        pg.post("/clock", json!({ "advance": advance })).await;
        assert_eq!(state(&pg, "1").await, expected);
    }
}

#[tokio::test]
async fn the_tax_office_refuses_for_reasons() {
    for (changes, companies, code) in [
        (json!({ "writeDate": "20991231" }), json!({}), "ERR006"),
        (json!({ "taxType": "면세" }), json!({}), "ERR007"),
        (
            json!({}),
            json!({ SELLER: { "state": "UNKNOWN" } }),
            "ERR001",
        ),
        (
            json!({}),
            json!({ BUYER: { "state": "UNKNOWN" } }),
            "ERR002",
        ),
        (
            json!({}),
            json!({ SELLER: { "state": "CLOSED", "stateDate": "20200101" } }),
            "ERR009",
        ),
        (
            json!({}),
            json!({ BUYER: { "state": "CLOSED", "stateDate": "20200101" } }),
            "SUC001",
        ),
    ] {
        let pg = Pg::memory();
        for (number, says) in companies.as_object().unwrap() {
            let path = format!("/popbill/companies/{number}");
            pg.control(Method::PUT, &path, says).await;
        }
        let mut document = document(&pg, "정발행", "1").await;
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        assert_eq!(
            post(&pg, SELLER, "/Taxinvoice", "ISSUE", document).await["code"],
            1
        );
        post(&pg, SELLER, &path(SELLER, "1"), "NTS", Value::Null).await;
        pg.post("/clock", json!({ "advance": "PT22M" })).await;
        let info = get(&pg, SELLER, &path(SELLER, "1")).await;
        assert_eq!(info["ntssendErrCode"], code);
        assert_eq!(info["stateCode"], if code == "SUC001" { 304 } else { 305 });
        let deleted = post(&pg, SELLER, &path(SELLER, "1"), "DELETE", Value::Null).await;
        assert_eq!(
            deleted["code"],
            if code == "SUC001" { WRONG_STATE } else { 1 }
        );
    }
}

#[tokio::test]
async fn late_invoices_are_issued_only_by_force() {
    let pg = Pg::memory();
    let mut late = document(&pg, "정발행", "1").await;
    late["writeDate"] = json!("20200115");
    let refused = post(&pg, SELLER, "/Taxinvoice", "ISSUE", late.clone()).await;
    assert_eq!(refused["code"], -11_000_007);
    late["forceIssue"] = json!(true);
    assert_eq!(
        post(&pg, SELLER, "/Taxinvoice", "ISSUE", late).await["code"],
        1
    );
}

#[tokio::test]
async fn the_supplier_decides_on_the_providers_site() {
    let pg = Pg::memory();
    for (key, decision, then) in [("1", "approve", 300), ("2", "refuse", 400)] {
        create(&pg, "역발행", key, "REQUEST").await;
        let path = format!("/popbill/invoices/{SELLER}/s-{key}/{decision}");
        let decided = pg.post(&path, Value::Null).await;
        assert_eq!(decided.json()["code"], 1);
        assert_eq!(state(&pg, key).await, then);
        assert_eq!(
            pg.post(&path, Value::Null).await.json()["code"],
            WRONG_STATE
        );
    }
    let unknown = pg
        .post(
            &format!("/popbill/invoices/{SELLER}/none/approve"),
            Value::Null,
        )
        .await;
    assert_eq!(unknown.json()["code"], NOT_FOUND);
    let odd = pg
        .post(&format!("/popbill/invoices/{SELLER}/s-1/sign"), Value::Null)
        .await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    for bad in [
        json!({ "state": "OPEN" }),
        json!({ "certificate": "OLD" }),
        json!({ "x": 1 }),
    ] {
        let path = format!("/popbill/companies/{SELLER}");
        let reply = pg.control(Method::PUT, &path, &bad).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{bad}");
        assert!(reply.json()["hint"].is_string());
    }
}

#[tokio::test]
async fn a_certificate_is_registered_on_a_page() {
    let pg = Pg::memory();
    let path = format!("/popbill/companies/{SELLER}");
    pg.control(Method::PUT, &path, &json!({ "certificate": "NONE" }))
        .await;
    let certificate = get(&pg, SELLER, "/Taxinvoice/Certificate").await;
    assert_eq!(certificate["code"], -12_000_004);
    let page = get(&pg, SELLER, "/Member?TG=CERT").await;
    let url: http::Uri = text(&page, "url").parse().unwrap();
    let page = url.path_and_query().unwrap().as_str();
    let shown = pg.control(Method::GET, page, &Value::Null).await;
    assert!(shown.text.unwrap().contains("<button>"));
    let forged = page.replace(SELLER, BUYER);
    for forged in [forged, page.replace("until=", "until=9")] {
        let refused = pg.control(Method::POST, &forged, &Value::Null).await;
        assert_eq!(refused.status, StatusCode::GONE);
    }
    let registered = pg.control(Method::POST, page, &Value::Null).await;
    assert_eq!(registered.status, StatusCode::OK);
    assert_eq!(get(&pg, SELLER, "/Taxinvoice/CertCheck").await["code"], 1);
    // Thirty seconds by the process clock, which nobody can move; the address says until when.
    let until = page.split("until=").nth(1).unwrap();
    let until: i64 = until.split('&').next().unwrap().parse().unwrap();
    let left = until - jiff::Timestamp::now().as_millisecond();
    assert!((1..=30_000).contains(&left), "{left}");
}

#[tokio::test]
async fn maintenance_of_the_tax_office() {
    let pg = Pg::memory();
    let state = async || get(&pg, SELLER, &format!("/CloseDown?CN={BUYER}")).await;
    assert_eq!(state().await["state"], "1");
    pg.post("/popbill/maintenance", json!({ "on": true })).await;
    assert_eq!(state().await["code"], -14_000_001);
    pg.post("/popbill/maintenance", json!({ "on": false }))
        .await;
    assert_eq!(state().await["state"], "1");
    let bad = pg.post("/popbill/maintenance", json!({})).await;
    assert_eq!(bad.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_providers_books_survive_a_kill() {
    let (directory, copy) = (Directory::new(), Directory::new());
    let pg = Pg::on(&directory.0);
    create(&pg, "정발행", "1", "ISSUE").await;
    create(&pg, "역발행", "2", "REQUEST").await;
    create(&pg, "정발행", "3", "").await;
    post(&pg, SELLER, &path(SELLER, "3"), "DELETE", Value::Null).await;
    let joined = json!({
        "LinkID": POPBILL_LINK_ID, "CorpNum": "1234567080", "CorpName": "새회사",
        "ID": "newcompany", "Password": "Passw0rd!",
    });
    post(&pg, SELLER, "/Join", "", joined).await;
    pg.control(
        Method::PUT,
        &format!("/popbill/companies/{BUYER}"),
        &json!({ "state": "CLOSED" }),
    )
    .await;
    pg.post("/popbill/maintenance", json!({ "on": true })).await;
    let name = "popbill-books.jsonl";
    std::fs::copy(directory.0.join(name), copy.0.join(name)).unwrap();
    let journal = std::fs::read_to_string(copy.0.join(name)).unwrap();
    assert!(!journal.contains("Passw0rd!"));

    let again = Pg::on(&copy.0);
    let invoices = "/popbill/invoices";
    assert_eq!(again.get(invoices).await, pg.get(invoices).await);
    for number in [SELLER, BUYER, "1234567080"] {
        let path = format!("/popbill/companies/{number}");
        assert_eq!(again.get(&path).await, pg.get(&path).await);
    }
    let away = get(&again, SELLER, &format!("/CloseDown?CN={BUYER}")).await;
    assert_eq!(away["code"], -14_000_001);
    let (one, other) = (
        create(&pg, "정발행", "4", "ISSUE").await,
        create(&again, "정발행", "4", "ISSUE").await,
    );
    assert_eq!(
        one["ntsConfirmNum"], other["ntsConfirmNum"],
        "numbers go on"
    );
    let first = pg.get(invoices).await;
    let numbers: std::collections::BTreeSet<String> = first["invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(one, "itemKey").to_owned())
        .collect();
    assert_eq!(numbers.len(), 3);
}

#[tokio::test]
async fn faults_are_of_one_step() {
    let pg = Pg::memory();
    let order = async |operation: &str, kind: &str| {
        let fault = json!({ "pg": "popbill", "operation": operation, "kind": kind });
        let reply = pg.post("/faults", fault).await;
        assert_eq!(reply.status, StatusCode::CREATED, "{operation} {kind}");
    };
    create(&pg, "정발행", "1", "").await;
    order("tax_command", "drop_after").await;
    assert_eq!(
        state(&pg, "1").await,
        100,
        "an inquiry uses no fault of commands up"
    );
    let path = path(SELLER, "1");
    let lost = call(&pg, SELLER, Method::POST, &path, ("ISSUE", json!({}))).await;
    assert!(lost.text.is_err());
    assert_eq!(state(&pg, "1").await, 300, "it was done");
    order("tax_command", "drop_before").await;
    let lost = call(&pg, SELLER, Method::POST, &path, ("CANCELISSUE", json!({}))).await;
    assert!(lost.text.is_err());
    assert_eq!(state(&pg, "1").await, 300, "it was not done");
    order("tax_command", "decline").await;
    let declined = post(&pg, SELLER, &path, "CANCELISSUE", json!({})).await;
    assert_eq!(declined["code"], -11_000_001);
    assert_eq!(state(&pg, "1").await, 300, "nor was this");
    order("tax_inquiry", "http_500").await;
    let failed = call(&pg, SELLER, Method::GET, &path, ("", Value::Null)).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    order("tax_lookup", "garbage").await;
    let garbage = call(
        &pg,
        SELLER,
        Method::GET,
        "/Taxinvoice/CertCheck",
        ("", Value::Null),
    )
    .await;
    assert!(serde_json::from_str::<Value>(&garbage.text.unwrap()).is_err());
    order("tax_lookup", "http_500").await;
    let account = format!("/CloseDown?CN={BUYER}");
    let failed = call(&pg, SELLER, Method::GET, &account, ("", Value::Null)).await;
    assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(pg.get("/faults").await["faults"], json!([]));
}
