//! `naru payments …` and its admin routes against a sandbox.

use std::path::Path;

use serde_json::{Value, json};

use crate::sandbox::{Sandbox, naru};
use crate::web::Web;

/// The sandbox's channel of the PG's escrow merchant.
const ESCROW: usize = 2;

fn words(data: &Path, line: &[&str]) -> (bool, String) {
    let output = naru(data, line);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    (output.status.success(), said)
}

/// The id that the PG gave an escrow payment whose customer has rejected the goods.
fn rejected(web: &Web, id: &str) -> String {
    let paid = web.pay(id, ESCROW, &json!({ "isEscrow": true }));
    let tid = paid["pgTxId"].as_str().unwrap().to_owned();
    let party = json!({
        "name": "홍길동", "phoneNumber": "02-123-4567", "zipcode": "04524",
        "address": { "addressLine1": "중구 1", "addressLine2": "2층" },
    });
    let shipment = json!({
        "sender": party, "receiver": party,
        "logistics": { "company": "CJ", "invoiceNumber": "1",
            "sentAt": "2026-01-02T09:30:00+09:00" },
        "products": [{ "id": "1", "name": "표", "amount": 1000, "quantity": 1 }],
    });
    web.api(
        "POST",
        &format!("/payments/{id}/escrow/logistics"),
        Some(&shipment),
    );
    let said = web.control(&format!("/escrows/{tid}/reject"), &json!({}));
    assert_eq!(said["notified"], true, "{said}");
    tid
}

/// Waits until a payment reads so: what a notice tells is looked into by a worker.
fn until(web: &Web, id: &str, reads: impl Fn(&Value) -> bool) -> Value {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        let payment = web.api("GET", &format!("/payments/{id}"), None);
        if reads(&payment) {
            return payment;
        }
        assert!(std::time::Instant::now() < deadline, "{payment}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_rejection_is_accepted_from_the_command_line_and_over_the_route() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let web = Web::of(data);
    let store = web.place.v2.store_id.clone();
    let accept = |payment: &str| {
        let line = ["payments", "accept-rejection", "--store", &store, payment];
        words(data, &line)
    };

    let encoded = "shop%2F1%202";
    rejected(&web, encoded);
    let is_rejected = |payment: &Value| payment["escrow"]["status"] == "REJECTED";
    until(&web, encoded, is_rejected);
    let (is_done, said) = accept("shop/1 2");
    assert!(is_done, "{said}");
    assert!(said.contains("payment   shop/1 2"), "{said}");
    assert!(
        said.contains("a cancellation of the payment gives it back"),
        "{said}"
    );
    let shown = web.api("GET", &format!("/payments/{encoded}"), None);
    assert_eq!(shown["escrow"]["status"], "REJECT_CONFIRMED");
    let (is_done, said) = accept("shop/1 2");
    assert!(!is_done && said.contains("has not rejected"), "{said}");

    rejected(&web, "e-2");
    until(&web, "e-2", is_rejected);
    let path = format!("/stores/{store}/payments/e-2/escrow/accept-rejection");
    web.closed("POST", &path);
    let accepted = web.done("POST", &path, None);
    assert_eq!(accepted["paymentId"], "e-2");
    assert!(accepted["acceptedAt"].is_string(), "{accepted}");
    web.refused("POST", &path, None, "has not rejected");
    for (path, words) in [
        (
            "/stores/store-x/payments/e-2/escrow/accept-rejection",
            "is no store",
        ),
        (
            &format!("/stores/{store}/payments/nothing/escrow/accept-rejection"),
            "does not exist",
        ),
    ] {
        web.refused("POST", path, None, words);
    }
    // The money is still there until it is asked back.
    let cancel = json!({ "reason": "rejected" });
    web.api("POST", "/payments/e-2/cancel", Some(&cancel));
    let shown = web.api("GET", "/payments/e-2", None);
    assert_eq!(shown["status"], "CANCELLED");
    assert_eq!(shown["escrow"]["status"], "CANCELLED");
}

#[test]
fn a_dispute_is_opened_and_resolved_and_shown_to_the_merchant() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let web = Web::of(data);
    let store = web.place.v2.store_id.clone();
    assert_eq!(web.pay("d-1", 0, &json!({}))["disputes"], json!([]));
    let dispute = |words_: &[&str]| {
        let line = [
            &["payments", "dispute"][..],
            words_,
            &["--store", &store, "d-1"],
        ]
        .concat();
        words(data, &line)
    };
    let open = [
        "open",
        "--reason",
        "not received",
        "--pg-dispute-id",
        "PP-D-1",
    ];
    let at = ["--at", "2026-01-02T09:00:00+09:00"];
    let (is_done, said) = dispute(&[&open[..], &at].concat());
    assert!(is_done && said.contains("2026-01-02T00:00:00Z"), "{said}");
    let (is_done, said) = dispute(&open);
    assert!(
        is_done && said.contains("already; nothing is changed"),
        "{said}"
    );
    let shown = web.api("GET", "/payments/d-1", None);
    assert_eq!(shown["status"], "PAID");
    assert_eq!(
        shown["disputes"],
        json!([{ "status": "UNRESOLVED", "pgDisputeId": "PP-D-1", "reason": "not received",
            "createdAt": "2026-01-02T00:00:00Z" }])
    );
    let (is_done, said) = dispute(&["resolve", "--at", "2026-01-01T00:00:00Z"]);
    assert!(!is_done && said.contains("before it began"), "{said}");
    let (is_done, said) = dispute(&["resolve", "--at", "2026-01-03T00:00:00Z"]);
    assert!(is_done && said.contains("2026-01-03T00:00:00Z"), "{said}");
    let (is_done, said) = dispute(&["list"]);
    assert!(is_done && said.contains("PP-D-1"), "{said}");
    let shown = web.api("GET", "/payments/d-1", None);
    assert_eq!(shown["disputes"][0]["status"], "RESOLVED");
    assert_eq!(shown["disputes"][0]["resolvedAt"], "2026-01-03T00:00:00Z");
    let list = web.api("GET", "/payments", None);
    assert_eq!(list["items"][0]["disputes"], shown["disputes"]);
    let (is_done, said) = dispute(&["resolve"]);
    assert!(
        !is_done && said.contains("no such dispute is open"),
        "{said}"
    );
}

#[test]
fn the_routes_of_disputes_are_closed_and_say_what_is_wrong() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let web = Web::of(data);
    let store = web.place.v2.store_id.clone();
    web.pay("d-1", 0, &json!({}));
    let path = format!("/stores/{store}/payments/d-1/disputes");
    let resolve = format!("{path}/resolve");
    for (method, path) in [("GET", &path), ("POST", &path), ("POST", &resolve)] {
        web.closed(method, path);
    }
    let none = json!({ "isNews": false, "items": [] });
    assert_eq!(web.done("GET", &path, None), none);
    let new = json!({ "pgDisputeId": "1", "reason": "r" });
    for (body, words) in [
        (json!({}), "can't be read"),
        (json!({ "reason": "" }), "`reason`"),
        (
            json!({ "reason": "r", "pgDisputeId": " " }),
            "`pgDisputeId`",
        ),
        (
            json!({ "reason": "r", "createdAt": "soon" }),
            "is not a moment",
        ),
        (
            json!({ "reason": "r", "createdAt": "2098-01-01T00:00:00Z" }),
            "still to come",
        ),
    ] {
        web.refused("POST", &path, Some(&body), words);
    }
    for (store, payment, words) in [
        ("store-x", "d-1", "is no store"),
        (store.as_str(), "nothing", "does not exist"),
    ] {
        let path = format!("/stores/{store}/payments/{payment}/disputes");
        web.refused("GET", &path, None, words);
        web.refused("POST", &path, Some(&new), words);
        web.refused("POST", &format!("{path}/resolve"), Some(&json!({})), words);
    }
    web.refused(
        "POST",
        &resolve,
        Some(&json!({})),
        "no such dispute is open",
    );
    let opened = web.done("POST", &path, Some(&new));
    assert_eq!(opened["isNews"], true);
    assert_eq!(web.done("POST", &path, Some(&new))["isNews"], false);
    let ended = web.done("POST", &resolve, Some(&json!({ "pgDisputeId": "1" })));
    assert_eq!(ended["isNews"], true);
    assert!(ended["items"][0]["resolvedAt"].is_string(), "{ended}");
    assert_eq!(web.done("GET", &path, None)["items"], ended["items"]);
}
