//! `naru backup` of a running sandbox, and a sandbox on the copy.

use serde_json::json;

use crate::sandbox::Sandbox;
use crate::settlements::{done, refused};
use crate::web::Web;

#[test]
fn a_copy_of_a_running_sandbox_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);
    let web = Web::of(data);
    web.pay("order-1", 0, &json!({}));
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("copy.db");
    let to = copy.to_str().unwrap();
    let said = done(data, &["backup", to]);
    assert!(said.contains(to) && said.contains("checked"), "{said}");
    assert!(said.contains("master key"), "{said}");
    let said = refused(data, &["backup", to]);
    assert!(said.contains("exists already"), "{said}");
    let said = refused(data, &["backup", "/no/such/directory/copy.db"]);
    assert!(
        said.contains("/no/such/directory") || said.contains("unable to open"),
        "{said}"
    );
    web.closed("POST", "/backup");
    // What came after it is not in it.
    web.pay("order-2", 0, &json!({}));
    drop(sandbox);
    std::fs::remove_file(data.join("naru.db-wal")).ok();
    std::fs::remove_file(data.join("naru.db-shm")).ok();
    std::fs::rename(&copy, data.join("naru.db")).unwrap();
    let _sandbox = Sandbox::start(data);
    let web = Web::of(data);
    assert_eq!(web.api("GET", "/payments/order-1", None)["status"], "PAID");
    let said = done(data, &["audit"]);
    assert!(said.contains("1 payments"), "{said}");
}
