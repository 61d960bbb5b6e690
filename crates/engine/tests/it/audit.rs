//! The audit: nothing where all is well, and whatever was damaged by its name.

use naru_domain::StoreId;
use naru_engine::audit::{AuditPage, AuditPart};
use naru_engine::records::{EventRecord, JobRecord, LedgerRecord, PaymentRecord};
use naru_store::{Commit, Condition, Query, Record, Versioned, Write, tables};
use uuid::Uuid;

use crate::support::{Bed, Cut, STORE, call, cancel, card_payment};

/// Every page of every part: rows looked at, and what was found, as `part id: text`.
pub async fn audit(bed: &Bed, limit: u32) -> (u32, Vec<String>) {
    let store = StoreId::new(STORE);
    let (mut checked, mut found) = (0, Vec::new());
    for part in AuditPart::ALL {
        let mut after: Option<String> = None;
        loop {
            let page = bed.engine.audit(&store, (part, after.as_deref()), limit);
            let AuditPage {
                checked: rows,
                findings,
                next,
                note,
            } = page.await.unwrap();
            assert_eq!(note, None, "{}", part.name());
            checked += rows;
            let said = findings.into_iter();
            found.extend(said.map(|one| format!("{} {}: {}", part.name(), one.subject, one.text)));
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    (checked, found)
}

/// A bed with payments that were paid, cancelled in part, and declined.
async fn bed() -> Bed {
    let bed = Bed::new().await;
    for id in ["a", "b", "c"] {
        let request = card_payment(id, false);
        bed.engine.pay_instantly(call(), request).await.unwrap();
    }
    for amount in [100, 200] {
        let part = bed.engine.cancel_payment(
            call(),
            naru_domain::PaymentId::new("b"),
            cancel(Some(amount)),
        );
        part.await.unwrap();
    }
    bed.settle().await;
    while bed.engine.index_changed(100).await.unwrap() > 0 {}
    bed
}

async fn all<R: Record>(bed: &Bed) -> Vec<Versioned<R>> {
    let store = bed.engine.store();
    store.list::<R>(Query::of(R::TABLE, 1_000)).await.unwrap()
}

async fn commit(bed: &Bed, fill: impl FnOnce(&mut Commit)) {
    let mut unit = Commit::new(Uuid::now_v7());
    fill(&mut unit);
    bed.engine.store().commit(unit).await.unwrap();
}

async fn payment(bed: &Bed, id: &str) -> Versioned<PaymentRecord> {
    let all = all::<PaymentRecord>(bed).await;
    all.into_iter()
        .find(|one| one.value.0.id.as_str() == id)
        .unwrap()
}

#[tokio::test]
async fn where_all_is_well_nothing_is_found_whatever_the_page() {
    let bed = bed().await;
    let (checked, found) = audit(&bed, 500).await;
    assert_eq!(found, [""; 0]);
    assert!(checked > 6, "{checked} rows: payments and ledger");
    for limit in [1, 2, 3] {
        assert_eq!(
            audit(&bed, limit).await,
            (checked, Vec::new()),
            "{limit} rows a page"
        );
    }
}

#[tokio::test]
async fn a_row_that_its_events_do_not_make_is_found() {
    let bed = bed().await;
    let mut row = payment(&bed, "a").await;
    row.value.0.attempts[0].order.amount.total += 1;
    commit(&bed, |unit| unit.update(&row).unwrap()).await;
    let (_, found) = audit(&bed, 500).await;
    assert_eq!(found, ["payments a: its events do not make its row"]);
}

#[tokio::test]
async fn a_missing_event_is_found() {
    let bed = bed().await;
    let subject = Condition::Is("subject_id", "p:b".into());
    let events = Query::of(&tables::EVENTS, 100).and(subject);
    let events = bed
        .engine
        .store()
        .list::<EventRecord>(events)
        .await
        .unwrap();
    commit(&bed, |unit| unit.delete(&events[1])).await;
    let (_, found) = audit(&bed, 500).await;
    assert_eq!(found, ["payments b: event 2 is missing"]);
}

#[tokio::test]
async fn more_given_back_than_taken_is_found() {
    let bed = bed().await;
    let mut row = payment(&bed, "b").await;
    row.value.0.cancellations[0].amount.total = 950;
    commit(&bed, |unit| unit.update(&row).unwrap()).await;
    let (_, found) = audit(&bed, 500).await;
    assert!(
        found.contains(&"payments b: 1000 were taken, 1150 given back".to_owned()),
        "{found:?}"
    );
    let ledger = "ledger b: the ledger has -100 KRW";
    assert!(found.iter().any(|one| one.starts_with(ledger)), "{found:?}");
}

#[tokio::test]
async fn what_is_open_without_a_job_is_found() {
    let bed = bed().await;
    bed.wire.script(&[Cut::After]);
    bed.wire.always(Cut::Before);
    let request = card_payment("open", false);
    bed.engine.pay_instantly(call(), request).await.unwrap_err();
    assert_eq!(audit(&bed, 500).await.1, [""; 0], "its job finds out");
    let jobs = all::<JobRecord>(&bed).await;
    let of_it = jobs
        .iter()
        .find(|job| job.value.id.starts_with("attempt:"))
        .unwrap();
    commit(&bed, |unit| unit.delete(of_it)).await;
    let (_, found) = audit(&bed, 500).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].ends_with("is open, and no job finds out"),
        "{found:?}"
    );
}

#[tokio::test]
async fn an_entry_that_no_payment_knows_is_found() {
    let bed = bed().await;
    let mut entry = all::<LedgerRecord>(&bed).await.remove(0);
    entry.value.amount += 5;
    let row = entry.value.to_row().unwrap();
    let write = Write::Update {
        table: &tables::LEDGER,
        row,
        expected: entry.version,
    };
    commit(&bed, |unit| unit.writes.push(write)).await;
    let (_, found) = audit(&bed, 500).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("ledger "), "{found:?}");
}
