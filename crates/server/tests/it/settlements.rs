//! `naru settlements …` against a running sandbox: import, reports, differences, exit codes.

use std::path::Path;
use std::process::Output;

use naru_server::sandbox_json::SandboxFile;
use serde_json::{Value, json};

use crate::sandbox::{Sandbox, naru};

const DAY: &str = "2026-01-15";
const SETTLED: &str = "2026-01-16";

pub fn http(method: &str, url: &str, secret: &str, body: Option<&Value>) -> Vec<u8> {
    naru_egress::install_crypto();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let method = method.parse().unwrap();
    let mut request = client.build().unwrap().request(method, url);
    request = request.header("authorization", format!("PortOne {secret}"));
    if let Some(body) = body {
        request = request.json(body);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let answer = request.send().await.unwrap().error_for_status().unwrap();
        answer.bytes().await.unwrap().to_vec()
    })
}

fn words(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

pub fn done(data: &Path, arguments: &[&str]) -> String {
    let output = naru(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", words(&output));
    words(&output)
}

pub fn refused(data: &Path, arguments: &[&str]) -> String {
    let output = naru(data, arguments);
    assert_eq!(
        output.status.code(),
        Some(1),
        "{arguments:?}: {}",
        words(&output)
    );
    words(&output)
}

pub fn read(data: &Path, arguments: &[&str]) -> Value {
    let output = naru(data, &[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn pay(place: &SandboxFile, id: &str) -> String {
    let url = format!("{}/payments/{id}/instant", place.v2.url);
    let body = json!({
        "channelKey": place.channels[0].key,
        "orderName": "Two coffees",
        "currency": "KRW",
        "amount": {"total": 11_000},
        "customer": {"name": {"full": "Hong Gildong"}, "email": "hong@shop.example",
            "phoneNumber": "010-0000-0000"},
        "method": {"card": {"credential": {"number": "4000000000000001", "expiryYear": "30",
            "expiryMonth": "12", "birthOrBusinessRegistrationNumber": "900101",
            "passwordTwoDigits": "12"}}},
    });
    let answer = http("POST", &url, &place.v2.api_secret, Some(&body));
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["payment"]["pgTxId"].as_str().unwrap().to_owned()
}

/// Words of a command line, without quotes between them.
pub fn split(line: &str) -> Vec<&str> {
    line.split(' ').collect()
}

#[test]
fn a_file_is_imported_reported_and_held_against_the_books() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);
    let place = SandboxFile::read(data).unwrap();
    let (simulator, secret) = (&place.simulator.url, &place.v2.api_secret);
    let noon = json!({"set": format!("{DAY}T12:00:00+09:00")});
    http("POST", &format!("{simulator}/clock"), secret, Some(&noon));
    let tid = pay(&place, "order-1");
    import(data, &place);
    report(data);
    compare(data, &place, &tid);
    let channel = &place.channels[0].key;
    done(
        data,
        &split(&format!("settlements tax --channel {channel} exempt")),
    );
    let store = &place.v2.store_id;
    let told = done(
        data,
        &split(&format!("settlements rematch --store {store}")),
    );
    assert!(told.contains("1 lines came out otherwise"), "{told}");
    assert!(sandbox.stop());
}

fn import(data: &Path, place: &SandboxFile) {
    let url = format!("{}/settlements?date={SETTLED}", place.simulator.url);
    let file = data.join("settlement.csv");
    std::fs::write(&file, http("GET", &url, &place.v2.api_secret, None)).unwrap();
    let path = file.to_str().unwrap();
    let channel = place.channels[0].key.as_str();
    let import = ["settlements", "import", path, "--channel", channel];
    let guessed = [&import[..], &["--format", "pg"]].concat();
    let told = refused(data, &guessed);
    assert!(told.contains("naru settlements enrol"), "{told}");
    let enrol = format!(
        "settlements enrol --store {} --from 2026-01-01",
        place.v2.store_id
    );
    done(data, &split(&enrol));
    let said = read(data, &[&guessed[..], &["--dry-run"]].concat());
    assert_eq!(said["days"][0]["outcome"], "NEW");
    let told = done(data, &guessed);
    assert!(told.contains(SETTLED) && told.contains("NEW"), "{told}");
    assert_eq!(read(data, &guessed)["days"][0]["outcome"], "UNCHANGED");
    // What is not a settlement says where and why, and changes nothing.
    std::fs::write(&file, "kind,amount\nAPPROVAL,1\n").unwrap();
    let told = refused(data, &import);
    let is_told = told.contains("line 1") && told.contains("`pg_tx_id` is missing");
    assert!(is_told, "{told}");
    // The answer is a stream: how it ended is in the audit log all the same.
    let log = read(data, &["audit-log", "--operation", "settlements.import"]);
    let acts = log["items"].as_array().unwrap().iter();
    let outcomes: Vec<&str> = acts.map(|act| act["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["refused", "done", "done", "done", "refused"]);
    assert_eq!(log["items"][3]["details"]["dryRun"], "true");
    assert_eq!(log["items"][3]["storeId"], place.v2.store_id.as_str());
}

fn report(data: &Path) {
    let of = |what: &str| {
        format!("settlements {what} --fail-on-difference --from {DAY} --until {SETTLED}")
    };
    let told = done(data, &split(&of("report")));
    assert!(told.contains("10697"), "{told}");
    let report = read(data, &split(&of("report")));
    assert_eq!(report["totals"][0]["settlementAmount"], 10_697);
    let lines = read(data, &split(&of("lines")));
    assert_eq!(lines["items"][0]["status"], "MATCHED");
}

fn compare(data: &Path, place: &SandboxFile, tid: &str) {
    let differences = ["settlements", "differences", "--fail-on-difference"];
    done(data, &differences);
    let body = json!({"pgTxId": tid, "amount": 1_000});
    let cancel = format!("{}/console/cancel", place.simulator.url);
    http("POST", &cancel, &place.v2.api_secret, Some(&body));
    let store = place.v2.store_id.as_str();
    let now = format!("settlements compare --store {store} order-1");
    let told = done(data, &split(&now));
    assert!(told.contains("1 differences are open"), "{told}");
    let told = refused(data, &differences);
    let is_told = told.contains("CANCELLED_AMOUNT") && told.contains("reconcile.md");
    assert!(is_told, "{told}");
    let found = read(data, &differences);
    let id = found["items"][0]["id"].as_str().unwrap();
    let accept = format!("settlements accept --store {store} {id} --note phoned");
    done(data, &split(&accept));
    done(data, &differences);
    assert_eq!(read(data, &differences)["items"][0]["note"], "phoned");
}
