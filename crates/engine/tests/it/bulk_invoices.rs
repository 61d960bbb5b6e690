//! Bulk tax invoices over a provider whose wire is cut and processes that die.

use std::sync::Arc;

use naru_connector::Secret;
use naru_domain::b2b::tax_invoice::Issuance;
use naru_domain::b2b::{BulkState, Start};
use naru_domain::{StoreId, Timestamp};
use naru_engine::b2b::{
    BulkImported, BulkView, CompanyChecks, CompanyPatch, ContactInput, NewBulk, NewCompany,
    NewTaxContract, SheetRow, sheet_digest,
};
use naru_engine::records::{Environment, Queue, StoreRecord, TaxInvoiceRecord};
use naru_engine::{Engine, Fault};
use naru_store::{Query, tables};
use naru_testkit::written_invoice as written;
use serde_json::json;

use crate::support::{Bed, Cut, STORE, VirtualTime};

const OURS: &str = "1234567891";
const THEIRS: &str = "9876543215";

fn store_id() -> StoreId {
    StoreId::new(STORE)
}

pub fn contract(brn: &str) -> NewTaxContract {
    let options = [
        ("link_id", naru_pg_sim::POPBILL_LINK_ID),
        ("auth_base", "http://pg.test/popbill/auth"),
        ("api_base", "http://pg.test/popbill/api"),
        ("is_test", "true"),
    ];
    let secret = Secret::new(naru_pg_sim::POPBILL_SECRET_KEY);
    NewTaxContract {
        store_id: store_id(),
        environment: Environment::Test,
        provider: "popbill".to_owned(),
        brn: brn.parse().unwrap(),
        is_simulated: true,
        secrets: [("secret_key".to_owned(), secret)].into(),
        options: options
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

/// The simulator's clock where the test's is: session tokens are bound to it.
pub async fn clocks_agree(bed: &Bed) {
    let now = bed.time.read().to_string();
    bed.control_with("/clock", &json!({ "set": now })).await;
}

/// A store with a contract, and a counterparty that can sign.
pub async fn bed() -> Bed {
    let bed = Bed::new().await;
    clocks_agree(&bed).await;
    bed.engine.put_tax_contract(contract(OURS)).await.unwrap();
    let store = bed.engine.existing_store(&store_id()).await.unwrap();
    bed.partner_of(&store).await;
    bed
}

impl Bed {
    /// Makes the other company a counterparty of a store.
    async fn partner_of(&self, store: &StoreRecord) {
        let contact = ContactInput {
            name: "박담당".to_owned(),
            email: "partner@shop.example".to_owned(),
            phone_number: None,
            memo: None,
        };
        let new = NewCompany {
            id: Some("partner".to_owned()),
            patch: CompanyPatch {
                brn: THEIRS.to_owned(),
                name: Some("포구유통".to_owned()),
                representative_name: Some("이포구".to_owned()),
                contact: Some(contact),
                ..CompanyPatch::default()
            },
            checks: CompanyChecks::default(),
        };
        let made = self.engine.create_counterparty(store, true, new).await;
        made.unwrap();
    }

    /// A store of another system that has the same company.
    async fn other_store(&self) -> StoreRecord {
        let new = naru_engine::admin::NewStore {
            name: "another system".to_owned(),
            id: Some(StoreId::new("store-another")),
            merchant_id: None,
            parent: None,
        };
        self.engine.create_store(new).await.unwrap()
    }
}

async fn sheet(engine: &Engine, keys: &[&str], follows: Option<Start>) -> NewBulk {
    let rows = (2..).zip(keys).map(|(line, key)| SheetRow {
        line,
        write: written(key, 10_000),
    });
    NewBulk {
        store: Arc::new(engine.existing_store(&store_id()).await.unwrap()),
        is_test: true,
        id: Some("bulk-1".to_owned()),
        name: Some("January".to_owned()),
        issuance: Issuance::Reverse,
        follows,
        digest: sheet_digest(keys.join(",").as_bytes()),
        rows: rows.collect(),
        is_trial: false,
    }
}

const AT_ONCE: Option<Start> = Some(Start { at: None });

/// What workers do, until nothing is due for a while.
async fn work(engine: Engine, time: VirtualTime) {
    for _ in 0..120 {
        for queue in [Queue::Deadline, Queue::Resolve] {
            let jobs = engine.claim(queue, 100, (1_000, false), Vec::new()).await;
            for job in jobs.unwrap() {
                engine.run(job).await.unwrap();
            }
        }
        time.pass_ms(500);
    }
}

async fn settle(bed: &Bed) {
    clocks_agree(bed).await;
    work(bed.engine.clone(), bed.time.clone()).await;
}

async fn read(bed: &Bed) -> BulkView {
    bed.engine.bulk(&store_id(), "bulk-1").await.unwrap()
}

/// The keys and states of the provider's invoices.
async fn books(bed: &Bed) -> Vec<(String, i64)> {
    let found = bed.look("/popbill/invoices").await;
    let one = |row: &serde_json::Value| {
        let key = row["invoiceeMgtKey"].as_str().unwrap().to_owned();
        (key, row["stateCode"].as_i64().unwrap())
    };
    let mut all: Vec<_> = found["invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(one)
        .collect();
    all.sort();
    all
}

async fn invoices(bed: &Bed) -> usize {
    let query = Query::of(&tables::TAX_INVOICES, 1_000);
    let found = bed.engine.store().list::<TaxInvoiceRecord>(query).await;
    found.unwrap().len()
}

fn three(state: i64) -> Vec<(String, i64)> {
    ["R-a", "R-b", "R-c"]
        .map(|key| (key.to_owned(), state))
        .into()
}

async fn all_requested(bed: &Bed, what: &str) {
    let bulk = read(bed).await;
    assert_eq!(bulk.bulk.state, BulkState::Completed, "{what}: {bulk:?}");
    assert_eq!(bulk.stats["REQUESTED"].count, 3, "{what}: {bulk:?}");
    assert_eq!(books(bed).await, three(200), "{what}");
    assert_eq!(invoices(bed).await, 3, "{what}: no invoice is doubled here");
}

#[tokio::test]
async fn a_sheet_is_drafted_and_requested() {
    let bed = bed().await;
    let new = sheet(&bed.engine, &["a", "b", "c"], None).await;
    let made = bed.engine.import_bulk(new.clone()).await.unwrap();
    let BulkImported::Made(made) = made else {
        panic!("{made:?}")
    };
    assert_eq!(made.bulk.state, BulkState::Drafting);
    assert_eq!(made.stats["DRAFT_PENDING"].count, 3);
    assert_eq!(made.stats["DRAFT_PENDING"].total, 33_000);
    settle(&bed).await;
    assert_eq!(read(&bed).await.bulk.state, BulkState::Drafted);
    assert_eq!(books(&bed).await, three(100));
    // The same sheet again is the same bulk.
    let again = bed.engine.import_bulk(new).await.unwrap();
    assert!(matches!(again, BulkImported::Known(_)), "{again:?}");
    let start = Start { at: None };
    bed.engine
        .start_bulk(&store_id(), "bulk-1", start)
        .await
        .unwrap();
    settle(&bed).await;
    all_requested(&bed, "ordinary").await;
    let other = sheet(&bed.engine, &["d"], None).await;
    let refused = bed.engine.import_bulk(other).await.unwrap_err().to_string();
    assert!(refused.contains("another sheet"), "{refused}");
}

/// A row costs two requests to draft and two to request: a token, and the call.
#[tokio::test]
async fn a_process_that_dies_at_the_wire_loses_and_doubles_no_invoice() {
    for cut in [Cut::HangBefore, Cut::HangAfter] {
        for place in 0..12 {
            let mut bed = bed().await;
            let new = sheet(&bed.engine, &["a", "b", "c"], AT_ONCE).await;
            bed.engine.import_bulk(new).await.unwrap();
            let mut script = vec![Cut::None; place];
            script.push(cut);
            bed.wire.script(&script);
            let (engine, time) = (bed.engine.clone(), bed.time.clone());
            bed.crash_in(work(engine, time)).await;
            for _ in 0..3 {
                settle(&bed).await;
            }
            all_requested(&bed, &format!("{cut:?} at request {place}")).await;
        }
    }
}

#[tokio::test]
async fn a_wire_that_is_cut_loses_and_doubles_no_invoice() {
    for cut in [Cut::Before, Cut::After, Cut::Refused, Cut::Silence] {
        for place in 0..12 {
            let bed = bed().await;
            let new = sheet(&bed.engine, &["a", "b", "c"], AT_ONCE).await;
            bed.engine.import_bulk(new).await.unwrap();
            let mut script = vec![Cut::None; place];
            script.push(cut);
            bed.wire.script(&script);
            for _ in 0..3 {
                settle(&bed).await;
            }
            all_requested(&bed, &format!("{cut:?} at request {place}")).await;
        }
    }
}

#[tokio::test]
async fn an_import_that_died_goes_on_when_it_is_asked_for_again() {
    let mut bed = bed().await;
    let new = sheet(&bed.engine, &["a", "b", "c"], AT_ONCE).await;
    // Each number of polls is another place to die at.
    for polls in 1..200 {
        let engine = bed.engine.clone();
        let mut import = Box::pin(engine.import_bulk(new.clone()));
        let mut done = false;
        for _ in 0..polls {
            if futures_util::poll!(import.as_mut()).is_ready() {
                done = true;
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(import);
        bed.restart();
        if done {
            break;
        }
        assert!(polls < 199, "it comes to an end");
    }
    for _ in 0..2 {
        settle(&bed).await;
    }
    all_requested(&bed, "after imports that died").await;
}

#[tokio::test]
async fn a_bulk_that_is_cancelled_writes_nothing_further() {
    let bed = bed().await;
    let new = sheet(&bed.engine, &["a", "b", "c"], AT_ONCE).await;
    bed.engine.import_bulk(new).await.unwrap();
    let cancelled = bed.engine.cancel_bulk(&store_id(), "bulk-1").await.unwrap();
    assert!(cancelled.stats.is_empty(), "{cancelled:?}");
    settle(&bed).await;
    assert!(books(&bed).await.is_empty());
    let start = Start { at: None };
    let started = bed.engine.start_bulk(&store_id(), "bulk-1", start).await;
    assert!(started.unwrap_err().to_string().contains("cancelled"));
}

#[tokio::test]
async fn a_faulty_row_makes_nothing_and_is_told_by_its_line() {
    let bed = bed().await;
    let mut new = sheet(&bed.engine, &["a", "b", "a"], AT_ONCE).await;
    new.rows[1].write.document.totals.total += 1;
    let BulkImported::Faulty(problems) = bed.engine.import_bulk(new.clone()).await.unwrap() else {
        panic!("it is faulty")
    };
    let lines: Vec<usize> = problems.iter().map(|one| one.line).collect();
    assert_eq!(lines, [3, 4], "{problems:?}");
    assert!(problems[1].problem.contains("twice"), "{problems:?}");
    assert!(bed.engine.bulk(&store_id(), "bulk-1").await.is_err());
    new.rows.truncate(1);
    new.is_trial = true;
    let fit = bed.engine.import_bulk(new.clone()).await.unwrap();
    assert!(
        matches!(
            fit,
            BulkImported::Fit {
                count: 1,
                total: 11_000
            }
        ),
        "{fit:?}"
    );
    assert!(bed.engine.bulk(&store_id(), "bulk-1").await.is_err());
    for (id, name) in [("a b", None), ("", None), ("ok", Some("x".repeat(101)))] {
        let wrong = NewBulk {
            id: Some(id.to_owned()),
            name,
            ..new.clone()
        };
        let refused = bed.engine.import_bulk(wrong).await;
        assert!(matches!(refused, Err(Fault::InvalidRequest { .. })), "{id}");
    }
}

#[tokio::test]
async fn what_the_provider_refuses_is_told_by_its_line_and_tried_again_when_asked() {
    let bed = bed().await;
    let fault = json!({ "operation": "tax_command", "kind": "decline", "times": 1 });
    let new = sheet(&bed.engine, &["a", "b", "c"], None).await;
    bed.engine.import_bulk(new).await.unwrap();
    settle(&bed).await;
    bed.control_with("/faults", &fault).await;
    let start = Start { at: None };
    let (engine, store) = (&bed.engine, store_id());
    engine.start_bulk(&store, "bulk-1", start).await.unwrap();
    settle(&bed).await;
    let bulk = read(&bed).await;
    assert_eq!(bulk.bulk.state, BulkState::Completed);
    assert_eq!(
        (
            bulk.stats["REQUESTED"].count,
            bulk.stats["REQUEST_FAILED"].count
        ),
        (2, 1)
    );
    assert_eq!(bulk.problems.len(), 1);
    assert_eq!(bulk.problems[0].line, 2);
    engine.start_bulk(&store, "bulk-1", start).await.unwrap();
    settle(&bed).await;
    all_requested(&bed, "the second time").await;
    let refused = engine.start_bulk(&store, "bulk-1", start).await;
    assert!(refused.unwrap_err().to_string().contains("draft"));
}

#[tokio::test]
async fn a_bulk_waits_for_its_time() {
    let bed = bed().await;
    let at: Timestamp = bed.time.read().plus_seconds(3_600);
    let new = sheet(&bed.engine, &["a", "b", "c"], Some(Start { at: Some(at) })).await;
    bed.engine.import_bulk(new).await.unwrap();
    settle(&bed).await;
    let bulk = read(&bed).await.bulk;
    assert_eq!(
        (bulk.state, bulk.scheduled_at),
        (BulkState::Waiting, Some(at))
    );
    assert_eq!(books(&bed).await, three(100));
    bed.time.pass_ms(3_600_000);
    settle(&bed).await;
    all_requested(&bed, "at its time").await;
}

#[tokio::test]
async fn a_contract_stays_while_a_call_is_under_way() {
    let bed = bed().await;
    let new = sheet(&bed.engine, &["a", "b", "c"], None).await;
    bed.engine.import_bulk(new).await.unwrap();
    // The answers to the first draft and to the look for it are lost.
    bed.wire.script(&[Cut::None, Cut::Before, Cut::Refused]);
    let jobs = bed
        .engine
        .claim(Queue::Deadline, 100, (1_000, false), Vec::new())
        .await;
    for job in jobs.unwrap() {
        bed.engine.run(job).await.unwrap();
    }
    let (engine, store) = (&bed.engine, store_id());
    let refused = engine.end_tax_contract(&store, Environment::Test).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("is under way"), "{words}");
    // Other books would make it look as if the draft had never arrived.
    let refused = engine.put_tax_contract(contract(THEIRS)).await;
    assert!(refused.unwrap_err().to_string().contains("is under way"));
    // A new key does not.
    engine.put_tax_contract(contract(OURS)).await.unwrap();
    for _ in 0..2 {
        settle(&bed).await;
    }
    assert_eq!(read(&bed).await.bulk.state, BulkState::Drafted);
    engine
        .end_tax_contract(&store, Environment::Test)
        .await
        .unwrap();
    let refused = engine.end_tax_contract(&store, Environment::Test).await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("no such contract")
    );
}

#[tokio::test]
async fn jobs_of_a_contract_that_ended_wait_for_another() {
    let bed = bed().await;
    let new = sheet(&bed.engine, &["a", "b", "c"], AT_ONCE).await;
    bed.engine.import_bulk(new).await.unwrap();
    let (engine, store) = (&bed.engine, store_id());
    engine
        .end_tax_contract(&store, Environment::Test)
        .await
        .unwrap();
    settle(&bed).await;
    assert_eq!(read(&bed).await.bulk.state, BulkState::Drafting);
    engine.put_tax_contract(contract(OURS)).await.unwrap();
    for _ in 0..3 {
        settle(&bed).await;
    }
    all_requested(&bed, "after the contract came back").await;
}

/// An invoice of another system under our document key is not taken for ours.
#[tokio::test]
async fn anothers_draft_of_the_same_key_does_not_count_as_ours() {
    // Other sums; the same content, but long before ours.
    for (supply, earlier_s) in [(20_000, 0), (10_000, 3_600)] {
        let bed = bed().await;
        let other = bed.other_store().await;
        let new = NewBulk {
            store: Arc::new(other.clone()),
            ..sheet(&bed.engine, &["a"], None).await
        };
        let mut theirs = new;
        theirs.rows[0].write = written("a", supply);
        bed.engine
            .put_tax_contract(NewTaxContract {
                store_id: other.id.clone(),
                ..contract(OURS)
            })
            .await
            .unwrap();
        bed.partner_of(&other).await;
        bed.engine.import_bulk(theirs).await.unwrap();
        settle(&bed).await;
        assert_eq!(books(&bed).await.len(), 1);
        bed.time.pass_ms(earlier_s * 1_000);
        clocks_agree(&bed).await;
        // Ours is lost on its way: what is there has its key.
        let ours = sheet(&bed.engine, &["a"], None).await;
        bed.engine.import_bulk(ours).await.unwrap();
        bed.wire.script(&[Cut::None, Cut::Before]);
        for _ in 0..2 {
            settle(&bed).await;
        }
        let bulk = read(&bed).await;
        assert_eq!(bulk.bulk.state, BulkState::Failed, "{bulk:?}");
        assert_eq!(bulk.stats["DRAFT_FAILED"].count, 1);
        assert!(
            bulk.problems[0].problem.contains("NARU_DOCUMENT_KEY_TAKEN"),
            "{bulk:?}"
        );
    }
}
