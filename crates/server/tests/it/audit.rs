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
    assert!(said.contains("2 journal"), "{said}");
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

const PG: &str = "receivable:INICIS:INIpayTest";

/// A row as `naru journal` shows it, without the space between its cells.
fn row(said: &str, account: &str) -> Vec<String> {
    let line = said.lines().find(|line| line.starts_with(account));
    let line = line.unwrap_or_else(|| panic!("no {account}: {said}"));
    line.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn the_journal_shows_its_accounts_and_the_audit_what_was_done_to_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let said = done(data, &["journal"]);
    assert!(said.contains("nothing is posted"), "{said}");
    let web = Web::of(data);
    for id in ["order-1", "order-2"] {
        web.pay(id, 0, &serde_json::json!({}));
    }
    let said = done(data, &["journal"]);
    assert_eq!(row(&said, PG), [PG, "KRW", "2000", "0", "2000"]);
    assert_eq!(row(&said, "sales"), ["sales", "KRW", "0", "2000", "-2000"]);
    assert_eq!(row(&said, "total"), ["total", "KRW", "2000", "2000", "0"]);
    assert!(said.contains("summed 2 postings"), "{said}");
    let balance = read(data, &["journal", "--store", &web.place.v2.store_id]);
    assert_eq!(balance["postings"], 2);
    assert_eq!(balance["accounts"][0]["account"], PG);
    assert_eq!(balance["accounts"][0]["balance"], 2_000);
    assert_eq!(balance["isFilling"], false);
    let past = ["journal", "--from", "2001-01-01", "--until", "2001-12-31"];
    assert_eq!(read(data, &past)["postings"], 0);
    let now = ["journal", "--from", "2001-01-01"];
    assert_eq!(read(data, &now)["postings"], 2);
    let said = refused(data, &["journal", "--from", "yesterday"]);
    assert!(said.contains("is no day"), "{said}");
    let said = refused(data, &["journal", "--store", "store-none"]);
    assert!(said.contains("naru stores list"), "{said}");
    let store = web.place.v2.store_id.clone();
    web.closed("GET", &format!("/stores/{store}/journal"));

    // Behind Naru's back; the database has to be told twice.
    let database = rusqlite::Connection::open(data.join("naru.db")).unwrap();
    let change = "UPDATE journal SET amount = 900 WHERE subject = 'p:order-2'";
    let refusal = database.execute(change, []).unwrap_err().to_string();
    assert!(
        refusal.contains("the journal is only added to"),
        "{refusal}"
    );
    database
        .execute_batch("DROP TRIGGER journal__no_update; DROP TRIGGER journal__no_delete")
        .unwrap();
    assert_eq!(database.execute(change, []).unwrap(), 1);
    let gone = "DELETE FROM journal WHERE subject = 'p:order-1'";
    assert_eq!(database.execute(gone, []).unwrap(), 1);
    let said = refused(data, &["audit"]);
    assert!(said.contains("its journal lacks `capture:"), "{said}");
    let changed = format!("of 900 KRW from `sales` to `{PG}`");
    assert!(said.contains(&changed), "{said}");
    assert!(said.contains("2 findings"), "{said}");
}
