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
