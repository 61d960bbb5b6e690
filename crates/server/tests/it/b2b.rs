//! `naru b2b …` against a running sandbox: sheets, bulks, webhooks by hand.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use naru_server::sandbox_json::SandboxFile;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::settlements::{done, http, read, refused, split};

const HEADER: &str = "작성일자,taxationType,영수/청구,공급가액,totalTaxAmount,\
    공급자 사업자등록번호,supplierDocumentKey,recipientDocumentKey,품목1,수량1";

/// Today in Korea.
fn today() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(9)));
    now.strftime("%Y-%m-%d").to_string()
}

fn sheet(data: &Path, name: &str, rows: &[String]) -> String {
    let path = data.join(name);
    std::fs::write(&path, format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"))).unwrap();
    path.to_str().unwrap().to_owned()
}

fn row(key: &str, supply: &str, tax: i64) -> String {
    format!(
        "{},과세,청구,\"{supply}\",{tax},987-65-43215,S-{key},R-{key},커피,2.5",
        today()
    )
}

fn partner(place: &SandboxFile) {
    let url = format!("{}/b2b/counterparties?test=true", place.v2.url);
    let body = json!({
        "counterpartyId": "partner",
        "counterparty": {
            "brn": "9876543215",
            "name": "포구유통",
            "representativeName": "이포구",
            "contact": { "name": "박담당", "email": "partner@shop.example" },
        },
    });
    http("POST", &url, &place.v2.api_secret, Some(&body));
}

fn get(place: &SandboxFile, path: &str) -> Value {
    let url = format!("{}{path}", place.v2.url);
    serde_json::from_slice(&http("GET", &url, &place.v2.api_secret, None)).unwrap()
}

/// Bodies that arrive at an address.
fn receiver() -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            stream
                .set_read_timeout(Some(Duration::from_millis(300)))
                .unwrap();
            let (mut all, mut part) = (Vec::new(), [0; 4096]);
            while let Ok(count @ 1..) = stream.read(&mut part) {
                all.extend_from_slice(&part[..count]);
            }
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _gone = stream.write_all(answer);
            let text = String::from_utf8_lossy(&all).into_owned();
            if tell.send(text).is_err() {
                return;
            }
        }
    });
    (url, told)
}

#[test]
fn a_sheet_becomes_invoices_that_are_told_of_by_hand() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);
    let place = SandboxFile::read(data).unwrap();
    let store = place.v2.store_id.clone();
    partner(&place);
    faulty(data, &store);
    bulk(data, &place);
    by_hand(data, &place);
    let ended = done(data, &split(&format!("b2b disable --store {store} --test")));
    assert!(ended.contains("invoices stay"), "{ended}");
    assert!(sandbox.stop());
}

fn faulty(data: &Path, store: &str) {
    let import = |path: &str| {
        refused(
            data,
            &["b2b", "bulk", "import", path, "--store", store, "--test"],
        )
    };
    let wrong = sheet(
        data,
        "wrong.csv",
        &[row("a", "10,000", 1_000), row("b", "many", 0)],
    );
    let told = import(&wrong);
    assert!(told.contains("line 3: `totalSupplyAmount`"), "{told}");
    assert!(told.contains("nothing was made"), "{told}");
    let wrong = sheet(
        data,
        "sums.csv",
        &[
            row("a", "10,000", -1_000),
            row("b", "10,000", 1_000),
            row("b", "10,000", 1_000),
        ],
    );
    let told = import(&wrong);
    assert!(told.contains("line 2: `totalTaxAmount`"), "{told}");
    assert!(told.contains("line 4: the document key"), "{told}");
    for (name, header, expected) in [
        ("unknown.csv", "writeDate,colour\n", "`colour` is no column"),
        ("twice.csv", "writeDate,작성일자\n", "is there twice"),
        ("missing.csv", "writeDate,세액\n", "lacks the columns"),
        ("empty.csv", "", "is empty"),
    ] {
        let path = data.join(name);
        std::fs::write(&path, header).unwrap();
        let told = import(path.to_str().unwrap());
        assert!(told.contains(expected), "{name}: {told}");
    }
    let none = sheet(data, "none.csv", &[]);
    assert!(import(&none).contains("no rows"));
    let rows: Vec<String> = (0..1_001)
        .map(|number| row(&number.to_string(), "1000", 100))
        .collect();
    let many = sheet(data, "many.csv", &rows);
    assert!(import(&many).contains("at most 1000"));
    let listed = read(data, &["b2b", "bulk", "list", "--store", store]);
    assert_eq!(listed["items"], json!([]));
}

fn bulk(data: &Path, place: &SandboxFile) {
    let store = place.v2.store_id.as_str();
    let rows = [row("1", "10,000", 1_000), row("2", "20000", 2_000)];
    let path = sheet(data, "april.csv", &rows);
    let import = ["b2b", "bulk", "import", &path, "--store", store, "--test"];
    let tried = done(data, &[&import[..], &["--dry-run"]].concat());
    assert!(tried.contains("2 invoices over 33000 won"), "{tried}");
    let made = read(
        data,
        &[&import[..], &["--id", "april", "--start", "--wait"]].concat(),
    );
    assert_eq!(
        (&made["id"], &made["status"]),
        (&json!("april"), &json!("COMPLETED"))
    );
    let expected = json!({ "REQUESTED": { "count": 2, "total": 33_000 } });
    assert_eq!(made["stats"], expected);
    let again = done(data, &[&import[..], &["--id", "april"]].concat());
    assert!(again.contains("a bulk already"), "{again}");
    let shown = done(
        data,
        &split(&format!("b2b bulk show --store {store} april")),
    );
    assert!(shown.contains("REQUESTED: 2 over 33000 won"), "{shown}");
    let bulk = get(place, "/b2b/bulk-tax-invoices/april?test=true");
    assert_eq!(bulk["stats"]["REQUESTED"]["count"], 2);
    let one = get(
        place,
        "/b2b/tax-invoices/R-2?test=true&taxInvoiceKeyType=RECIPIENT&brn=1234567891",
    );
    assert_eq!(one["bulkTaxInvoiceId"], "april");
    assert_eq!(one["items"][0]["name"], "커피");
    assert_eq!(
        one["items"][0]["quantity"],
        json!({ "value": 25, "scale": 1 })
    );
    let late = refused(
        data,
        &split(&format!("b2b bulk cancel --store {store} april")),
    );
    assert!(late.contains("one by one"), "{late}");
}

fn by_hand(data: &Path, place: &SandboxFile) {
    let store = place.v2.store_id.as_str();
    let one = get(
        place,
        "/b2b/tax-invoices/R-1?test=true&taxInvoiceKeyType=RECIPIENT&brn=1234567891",
    );
    let id = one["id"].as_str().unwrap();
    let send = ["b2b", "webhook", "--store", store, id];
    let told = refused(data, &send);
    assert!(told.contains("naru webhooks set"), "{told}");
    let (url, arrives) = receiver();
    done(data, &["webhooks", "set", "--store", store, "--url", &url]);
    done(data, &send);
    let arrived = arrives.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(arrived.contains("webhook-signature"), "{arrived}");
    assert!(
        arrived.contains("\"type\":\"TaxInvoice.Manual\""),
        "{arrived}"
    );
    assert!(arrived.contains(id), "{arrived}");
    let nowhere = refused(data, &["b2b", "webhook", "--store", store, "none"]);
    assert!(nowhere.contains("does not exist"), "{nowhere}");
}

/// An answer of the page: its status, its policy, its text.
struct Shown {
    status: u16,
    policy: String,
    text: String,
}

fn ask(url: &str, fields: Option<&[(&str, &str)]>, language: &str) -> Shown {
    naru_egress::install_crypto();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let client = client.build().unwrap();
    let request = match fields {
        None => client.get(url),
        Some(fields) => {
            let mut encoded = reqwest::Url::parse("http://form").unwrap();
            encoded.query_pairs_mut().extend_pairs(fields);
            client
                .post(url)
                .header("content-type", "application/x-www-form-urlencoded")
                .body(encoded.query().unwrap_or_default().to_owned())
        }
    };
    let request = request.header("accept-language", language);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let answer = request.send().await.unwrap();
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap();
        Shown {
            policy: policy.to_owned(),
            status: answer.status().as_u16(),
            text: answer.text().await.unwrap(),
        }
    })
}

/// The token of a page's forms.
fn token_in(page: &str) -> String {
    let rest = page.split("name=\"token\" value=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn control(place: &SandboxFile, body: &Value) {
    let url = format!("{}/popbill/companies/9876543215", place.simulator.url);
    http("PUT", &url, &place.v2.api_secret, Some(body));
}

fn requested(data: &Path, place: &SandboxFile, keys: &[&str]) {
    let rows: Vec<String> = keys.iter().map(|key| row(key, "10000", 1_000)).collect();
    let path = sheet(data, "requested.csv", &rows);
    let store = place.v2.store_id.as_str();
    let import = ["b2b", "bulk", "import", &path, "--store", store, "--test"];
    done(data, &[&import[..], &["--start", "--wait"]].concat());
}

fn invoice(place: &SandboxFile, key: &str) -> Value {
    get(
        place,
        &format!("/b2b/tax-invoices/R-{key}?test=true&taxInvoiceKeyType=RECIPIENT&brn=1234567891"),
    )
}

/// The address that is handed out for an invoice.
fn invited(data: &Path, place: &SandboxFile, key: &str) -> String {
    let id = invoice(place, key)["id"].as_str().unwrap().to_owned();
    let store = place.v2.store_id.as_str();
    let made = read(data, &["b2b", "invite", "--store", store, &id]);
    made["url"].as_str().unwrap().to_owned()
}

#[test]
fn a_supplier_without_an_account_answers_on_its_page() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);
    let place = SandboxFile::read(data).unwrap();
    partner(&place);
    requested(data, &place, &["1", "2", "3"]);
    signs(data, &place);
    refuses(data, &place);
    is_kept_out(data, &place);
    assert!(sandbox.stop());
}

fn signs(data: &Path, place: &SandboxFile) {
    let url = invited(data, place, "1");
    let page = url.split('?').next().unwrap();
    let first = ask(&url, None, "ko-KR,ko;q=0.9");
    assert_eq!(first.status, 200);
    assert!(
        first.policy.contains("form-action 'self'"),
        "{}",
        first.policy
    );
    assert!(!first.policy.contains("script-src"), "{}", first.policy);
    assert!(first.text.contains("사업자등록번호"));
    assert!(!first.text.contains("11,000"), "nothing of the invoice yet");
    assert!(
        ask(&url, None, "en-US,en")
            .text
            .contains("<html lang=\"en\">")
    );
    let token = token_in(&first.text);
    let enter = |number: &str| {
        let fields = [
            ("token", token.as_str()),
            ("step", "number"),
            ("number", number),
        ];
        ask(page, Some(&fields), "ko")
    };
    let wrong = enter("1234567891");
    assert_eq!(wrong.status, 422);
    assert!(!wrong.text.contains("11,000"));
    control(place, &json!({ "certificate": "NONE" }));
    let without = enter("987-65-43215");
    assert_eq!(without.status, 200);
    assert!(without.text.contains("₩11,000") && without.text.contains("<svg"));
    assert!(without.text.contains("disabled"), "it can't sign yet");
    let token = token_in(&without.text);
    let step = |step: &str, more: &[(&str, &str)]| {
        let fields = [&[("token", token.as_str()), ("step", step)], more].concat();
        ask(page, Some(&fields), "ko")
    };
    let way = step("certificate", &[]);
    let link = way.text.split("class=\"main\" href=\"").nth(1).unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    http("POST", &link, &place.v2.api_secret, Some(&json!({})));
    let unticked = step("sign", &[]);
    assert!(unticked.text.contains("표시해 주세요"));
    assert_eq!(invoice(place, "1")["status"], "REQUESTED");
    let signed = step("sign", &[("confirmed", "yes")]);
    assert!(signed.text.contains("발행되었습니다"), "{}", signed.text);
    assert_eq!(invoice(place, "1")["status"], "ISSUED");
    // The same form a second time does nothing.
    let again = step("sign", &[("confirmed", "yes")]);
    assert!(again.text.contains("이미 처리된"), "{}", again.text);
    assert!(step("refuse", &[]).text.contains("이미 처리된"));
    assert_eq!(invoice(place, "1")["status"], "ISSUED");
}

fn refuses(data: &Path, place: &SandboxFile) {
    let url = invited(data, place, "2");
    let page = url.split('?').next().unwrap();
    let token = token_in(&ask(&url, None, "en").text);
    let fields = [
        ("token", token.as_str()),
        ("step", "number"),
        ("number", "9876543215"),
    ];
    let shown = ask(page, Some(&fields), "en");
    let token = token_in(&shown.text);
    let long = "가".repeat(201);
    for (memo, expected) in [
        (long.as_str(), "200 characters"),
        ("<b>금액</b>", "have refused"),
    ] {
        let fields = [
            ("token", token.as_str()),
            ("step", "refuse"),
            ("memo", memo),
        ];
        let refused = ask(page, Some(&fields), "en");
        assert!(refused.text.contains(expected), "{}", refused.text);
    }
    assert_eq!(invoice(place, "2")["status"], "REQUEST_REFUSED");
    let url = format!("{}/popbill/invoices", place.simulator.url);
    let books = http("GET", &url, &place.v2.api_secret, None);
    assert!(String::from_utf8(books).unwrap().contains("<b>금액</b>"));
}

fn is_kept_out(data: &Path, place: &SandboxFile) {
    let old = invited(data, place, "3");
    let url = invited(data, place, "3");
    let page = url.split('?').next().unwrap();
    assert_eq!(ask(&old, None, "ko").status, 410, "a newer one was made");
    assert_eq!(ask(&format!("{url}x"), None, "ko").status, 404);
    assert_eq!(ask(page, None, "ko").status, 404);
    let token = url.split("token=").nth(1).unwrap();
    // The address alone signs nothing, and is no upload's.
    let fields = [("token", token), ("step", "sign"), ("confirmed", "yes")];
    assert_eq!(ask(page, Some(&fields), "ko").status, 404);
    for tried in 1..=10 {
        let fields = [
            ("token", token),
            ("step", "number"),
            ("number", "1234567891"),
        ];
        let status = ask(page, Some(&fields), "ko").status;
        assert_eq!(status, if tried < 10 { 422 } else { 429 }, "{tried}");
    }
    let fields = [
        ("token", token),
        ("step", "number"),
        ("number", "9876543215"),
    ];
    assert_eq!(ask(page, Some(&fields), "ko").status, 429);
    assert_eq!(invoice(place, "3")["status"], "REQUESTED");
    // A new address is not locked; sixty days later it is over.
    let url = invited(data, place, "3");
    assert_eq!(ask(&url, None, "ko").status, 200);
    let clock = format!("{}/clock", place.simulator.url);
    let days = json!({ "advance": "PT1440H" });
    http("POST", &clock, &place.v2.api_secret, Some(&days));
    assert_eq!(ask(&url, None, "ko").status, 410);
    let store = place.v2.store_id.as_str();
    let issued = invoice(place, "1")["id"].as_str().unwrap().to_owned();
    let told = refused(data, &["b2b", "invite", "--store", store, &issued]);
    assert!(told.contains("`REQUESTED`"), "{told}");
}
