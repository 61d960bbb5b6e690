//! `naru audit` against a running sandbox: what it says, and its exit codes.

use serde_json::Value;

use crate::sandbox::Sandbox;
use crate::settlements::{done, read, refused};
use crate::web::Web;

#[test]
fn an_audit_says_what_was_looked_at_and_what_does_not_fit() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let web = Web::of(data);
    for id in ["order-1", "order-2"] {
        web.pay(id, 0, &serde_json::json!({}));
    }
    let said = done(data, &["audit"]);
    assert!(said.contains("everything fits"), "{said}");
    assert!(said.contains("2 payments"), "{said}");
    let report = read(data, &["audit"]);
    assert_eq!(report["checked"]["payments"], 2);
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    let said = refused(data, &["audit", "--store", "store-none"]);
    assert!(said.contains("naru stores list"), "{said}");
    let store = web.place.v2.store_id.clone();
    web.closed("GET", &format!("/stores/{store}/audit/payments"));
    // Behind Naru's back.
    let database = rusqlite::Connection::open(data.join("naru.db")).unwrap();
    let changed = database.execute(
        "UPDATE payments SET body = replace(body, '\"total\":1000', '\"total\":1') \
         WHERE payment_id = 'order-2'",
        [],
    );
    assert_eq!(changed.unwrap(), 1);
    let said = refused(data, &["audit"]);
    assert!(said.contains("order-2"), "{said}");
    assert!(said.contains("its events do not make its row"), "{said}");
    assert!(!said.contains("order-1"), "{said}");
    let report = read(data, &["audit"]);
    assert_eq!(report["findings"][0]["subject"], "order-2");
}
