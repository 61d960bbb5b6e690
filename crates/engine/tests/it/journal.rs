//! The journal: each path of money posts in its own commit, the audit finds what was done to it,
//! and what happened before there was one is filled in.

use std::collections::BTreeMap;

use naru_domain::payment::Status;
use naru_domain::settlement::{LineKind, SettlementLine};
use naru_domain::{PaymentId, StoreId, Timestamp};
use naru_engine::audit::{AuditPage, AuditPart};
use naru_engine::journal::Period;
use naru_engine::records::{JobRecord, JournalRecord, SettingRecord, SettlementDayRecord};
use naru_store::{Commit, Query, Record as _, Row, Value, Versioned, Write, tables};
use serde_json::json;
use uuid::Uuid;

use crate::accounts::{issue, notify, pay_in};
use crate::audit::audit;
use crate::groups::charge;
use crate::promotions;
use crate::settlements;
use crate::support::{Bed, Cut, STORE, call, cancel, card_payment};

const PG: &str = "receivable:INICIS:INIpayTest";

fn store() -> StoreId {
    StoreId::new(STORE)
}

/// Every account in won: debits, credits.
async fn sums(bed: &Bed, limit: u32, period: Period) -> BTreeMap<String, (i64, i64)> {
    let mut all: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    let mut after: Option<String> = None;
    loop {
        let at = (&store(), after.as_deref());
        let page = bed.engine.journal_sums(at, limit, period).await.unwrap();
        for sum in page.sums {
            assert_eq!(sum.currency.as_str(), "KRW");
            let (debit, credit) = all.entry(sum.account.to_string()).or_default();
            *debit += sum.debit;
            *credit += sum.credit;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let debits: i64 = all.values().map(|(debit, _)| debit).sum();
    let credits: i64 = all.values().map(|(_, credit)| credit).sum();
    assert_eq!(debits, credits, "{all:?}");
    all
}

/// What is posted, without ids and in order.
async fn posted(bed: &Bed) -> Vec<String> {
    let rows = postings(bed).await;
    let mut said: Vec<String> = rows
        .iter()
        .map(|found| {
            let one = &found.value.posting;
            let (subject, kind) = (found.value.subject.text(), one.kind.name());
            format!(
                "{subject} {kind} {} {} -> {}",
                one.amount, one.credit, one.debit
            )
        })
        .collect();
    said.sort();
    said
}

async fn postings(bed: &Bed) -> Vec<Versioned<JournalRecord>> {
    let query = Query::of(&tables::JOURNAL, 1_000);
    bed.engine.store().list(query).await.unwrap()
}

async fn pay(bed: &Bed, id: &str) {
    let request = card_payment(id, false);
    bed.engine.pay_instantly(call(), request).await.unwrap();
}

async fn give_back(bed: &Bed, id: &str, amount: Option<i64>) {
    let id = PaymentId::new(id);
    let done = bed.engine.cancel_payment(call(), id, cancel(amount)).await;
    done.unwrap();
}

fn damage(bed: &Bed, write: Write) {
    let mut unit = Commit::new(Uuid::now_v7());
    unit.writes.push(write);
    bed.store.damage(&unit);
}

#[tokio::test]
async fn captures_and_cancellations_are_posted_with_them() {
    let bed = Bed::new().await;
    pay(&bed, "a").await;
    give_back(&bed, "a", Some(300)).await;
    give_back(&bed, "a", None).await;
    pay(&bed, "b").await;
    let key = bed.key().await;
    let request = charge("c", &key, None);
    bed.engine
        .pay_with_billing_key(call(), request)
        .await
        .unwrap();
    let wanted = [
        format!("p:a cancellation 300 {PG} -> sales"),
        format!("p:a cancellation 700 {PG} -> sales"),
        format!("p:a capture 1000 sales -> {PG}"),
        format!("p:b capture 1000 sales -> {PG}"),
        format!("p:c capture 1000 sales -> {PG}"),
    ];
    assert_eq!(posted(&bed).await, wanted);
    for limit in [1, 2, 500] {
        let sums = sums(&bed, limit, Period::default()).await;
        assert_eq!(sums[PG], (3_000, 1_000), "{limit} rows a page");
        assert_eq!(sums["sales"], (1_000, 3_000));
    }
}

#[tokio::test]
async fn a_refusal_posts_nothing() {
    let bed = Bed::new().await;
    let fault = json!({ "operation": "pay_card", "kind": "decline" });
    bed.control_with("/faults", &fault).await;
    let request = card_payment("a", false);
    let _declined = bed.engine.pay_instantly(call(), request).await;
    assert_eq!(bed.status("a").await, Status::Failed);
    assert_eq!(posted(&bed).await, [""; 0]);
}

#[tokio::test]
async fn deposits_are_posted_when_they_come() {
    let bed = Bed::new().await;
    issue(&bed, "a").await;
    assert_eq!(posted(&bed).await, [""; 0]);
    let (deposit, order) = pay_in(&bed).await;
    notify(&bed, &deposit, &order).await;
    bed.settle().await;
    assert_eq!(
        posted(&bed).await,
        [format!("p:a capture 1000 sales -> {PG}")]
    );
}

#[tokio::test]
async fn what_an_inquiry_finds_is_posted() {
    let mut bed = Bed::new().await;
    bed.wire.script(&[Cut::HangAfter]);
    let engine = bed.engine.clone();
    let request = card_payment("a", false);
    bed.crash_in(async move { engine.pay_instantly(call(), request).await })
        .await;
    assert_eq!(posted(&bed).await, [""; 0]);
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Paid);
    assert_eq!(
        posted(&bed).await,
        [format!("p:a capture 1000 sales -> {PG}")]
    );
}

#[tokio::test]
async fn money_that_goes_back_by_itself_is_posted_both_ways() {
    let bed = Bed::new().await;
    let fault = json!({ "operation": "pay_card", "kind": "wrong_amount" });
    bed.control_with("/faults", &fault).await;
    let request = card_payment("a", false);
    let _failed = bed.engine.pay_instantly(call(), request).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::Failed);
    let found = posted(&bed).await;
    let taken = found[1].split(' ').nth(2).unwrap();
    let wanted = [
        format!("p:a reversal {taken} {PG} -> reversals"),
        format!("p:a undue {taken} reversals -> {PG}"),
    ];
    assert_eq!(found, wanted);
    let sums = sums(&bed, 500, Period::default()).await;
    let (debit, credit) = sums["reversals"];
    assert_eq!(debit, credit, "nothing is left to go back");
}

#[tokio::test]
async fn a_discount_is_posted_beside_the_money() {
    let bed = promotions::bed().await;
    let id = promotions::promotion(&bed, 10_000).await;
    let mut request = card_payment("a", false);
    request.order.promotion_id = Some(id.as_str().to_owned());
    bed.engine.pay_instantly(call(), request).await.unwrap();
    give_back(&bed, "a", None).await;
    let wanted = [
        format!("p:a cancellation 900 {PG} -> sales"),
        format!("p:a capture 900 sales -> {PG}"),
        format!("p:a discount 100 sales -> promotion:{id}"),
        format!("p:a discount-back 100 promotion:{id} -> sales"),
    ];
    assert_eq!(posted(&bed).await, wanted);
}

#[tokio::test]
async fn a_period_counts_what_moved_in_it() {
    let bed = Bed::new().await;
    pay(&bed, "a").await;
    let paid_at = postings(&bed).await[0].value.posting.at;
    bed.time.pass_ms(3_600_000);
    let period = |from: Option<Timestamp>, until: Option<Timestamp>| Period { from, until };
    for (from, until, debit) in [
        (Some(paid_at), None, 1_000),
        (Some(paid_at.plus_millis(1)), None, 0),
        (None, Some(paid_at), 0),
        (None, Some(paid_at.plus_millis(1)), 1_000),
    ] {
        let sums = sums(&bed, 500, period(from, until)).await;
        let found = sums.get(PG).map_or(0, |(debit, _)| *debit);
        assert_eq!(found, debit, "{from:?} {until:?}");
    }
}

#[tokio::test]
async fn a_settlement_is_posted_once_and_a_corrected_one_takes_its_place() {
    let bed = settlements::enrolled().await;
    settlements::pay(&bed, "a").await;
    settlements::pay(&bed, "b").await;
    give_back(&bed, "a", Some(400)).await;
    let whole = settlements::file(&bed).await;
    let file = settlements::import(whole.clone());
    settlements::run(&bed, file).await.unwrap();
    // 2,000 taken, 400 given back; 2.5 % of fee, of which a part is given back: 40 and 4.
    let sum = settlements::summary(&bed).await;
    let paid_out = sum.settlement_amount();
    let first = sums(&bed, 3, Period::default()).await;
    assert_eq!(first["bank"], (paid_out, 0));
    assert_eq!(first["fees"], (sum.fee, 0));
    assert_eq!(first["fee-vat"], (sum.fee_vat, 0));
    let (debit, credit) = first[PG];
    assert_eq!(debit - credit, 0, "all was paid out or kept: {first:?}");
    assert_eq!(audit(&bed, 2).await.1, [""; 0]);

    let before = postings(&bed).await.len();
    let again = settlements::import(whole.clone());
    settlements::run(&bed, again).await.unwrap();
    bed.engine.rematch_store(&store()).await.unwrap();
    assert_eq!(postings(&bed).await.len(), before, "the same again");

    let mut corrected = whole;
    let is_approval = |line: &SettlementLine| line.kind == LineKind::Approval;
    let approval = corrected.iter_mut().find(|(_, line)| is_approval(line));
    let (_, approval) = approval.unwrap();
    approval.amount = 900;
    approval.vat = Some(81);
    settlements::run(&bed, settlements::import(corrected))
        .await
        .unwrap();
    let paid_out = settlements::summary(&bed).await.settlement_amount();
    let second = sums(&bed, 3, Period::default()).await;
    let (debit, credit) = second["bank"];
    assert_eq!(debit - credit, paid_out);
    let (debit, credit) = second[PG];
    assert_eq!(debit - credit, 100, "the PG says it owes 100 less");
    let found = audit(&bed, 1).await.1;
    assert_eq!(found, [""; 0]);
}

#[tokio::test]
async fn a_posting_that_is_missing_changed_or_too_many_is_named() {
    let bed = Bed::new().await;
    for id in ["a", "b", "c"] {
        pay(&bed, id).await;
    }
    give_back(&bed, "a", Some(300)).await;
    while bed.engine.index_changed(100).await.unwrap() > 0 {}
    let (checked, found) = audit(&bed, 500).await;
    assert_eq!(found, [""; 0]);
    for limit in [1, 2, 3] {
        assert_eq!(audit(&bed, limit).await, (checked, Vec::new()));
    }
    let all = postings(&bed).await;
    let of = |id: &str, kind: &str| -> JournalRecord {
        let name = format!("p:{id}");
        let found = all
            .iter()
            .find(|one| one.value.subject.text() == name && one.value.posting.kind.name() == kind);
        found.unwrap().value.clone()
    };
    let missing = of("a", "cancellation");
    damage(
        &bed,
        Write::Delete {
            table: &tables::JOURNAL,
            key: missing.key(),
            expected: None,
        },
    );
    let mut changed = of("b", "capture");
    changed.posting.amount = 900;
    damage(
        &bed,
        Write::Upsert(&tables::JOURNAL, changed.to_row().unwrap()),
    );
    let mut extra = of("c", "capture");
    extra.posting.about = Uuid::nil().to_string();
    damage(
        &bed,
        Write::Insert(&tables::JOURNAL, extra.to_row().unwrap()),
    );
    let at = |record: &JournalRecord| record.posting.at;
    let wanted = [
        format!(
            "journal a: its journal lacks `{}` of 300 KRW from `{PG}` to `sales` at {}",
            missing.posting.id(),
            at(&missing)
        ),
        format!(
            "journal b: its journal has `{0}` of 900 KRW from `sales` to `{PG}` at {1}, expected \
             `{0}` of 1000 KRW from `sales` to `{PG}` at {1}",
            changed.posting.id(),
            at(&changed)
        ),
        format!(
            "journal c: its journal has `{}` of 1000 KRW from `sales` to `{PG}` at {}, which did \
             not happen",
            extra.posting.id(),
            at(&extra)
        ),
    ];
    for limit in [1, 500] {
        assert_eq!(audit(&bed, limit).await.1, wanted);
    }
}

#[tokio::test]
async fn postings_of_nothing_that_exists_are_named() {
    let bed = Bed::new().await;
    pay(&bed, "a").await;
    while bed.engine.index_changed(100).await.unwrap() > 0 {}
    let real = postings(&bed).await.remove(0).value.to_row().unwrap();
    let mut rows: Vec<Row> = Vec::new();
    for subject in ["p:nobody", "s:2026-01-02::INICIS:MID", "x:1"] {
        let mut row = real.clone();
        row.key[1] = Value::from(subject);
        rows.push(row);
    }
    for row in rows {
        damage(&bed, Write::Insert(&tables::JOURNAL, row));
    }
    let posting = real.key[2].clone();
    let Value::Text(posting) = posting else {
        panic!("a text");
    };
    let day = "s:2026-01-02::INICIS:MID";
    let wanted = [
        "journal nobody: the journal has 1 postings of no payment that exists".to_owned(),
        format!("journal {day}: the journal has 1 postings of no day of settlement that exists"),
        format!(
            "journal x:1: `{posting}` of the journal can't be read: a record of `journal` can't \
             be converted: it is no posting"
        ),
    ];
    let mut found = audit(&bed, 500).await.1;
    found.sort();
    let mut wanted = wanted.to_vec();
    wanted.sort();
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn a_day_whose_accounts_do_not_come_to_its_batch_is_named() {
    let bed = settlements::enrolled().await;
    settlements::pay(&bed, "a").await;
    let file = settlements::file(&bed).await;
    settlements::run(&bed, settlements::import(file))
        .await
        .unwrap();
    assert_eq!(audit(&bed, 500).await.1, [""; 0]);
    let all = postings(&bed).await;
    let fee = all
        .iter()
        .find(|one| one.value.posting.kind.name() == "fee");
    let fee = &fee.unwrap().value;
    damage(
        &bed,
        Write::Delete {
            table: &tables::JOURNAL,
            key: fee.key(),
            expected: None,
        },
    );
    let found = audit(&bed, 1).await.1;
    let day = fee.subject.text();
    let (whole, kept) = (1_000, 1_000 - fee.posting.amount);
    let wanted = [
        format!(
            "journal {day}: its journal leaves 0 KRW in `fees`, expected {}",
            fee.posting.amount
        ),
        format!("journal {day}: its journal leaves -{kept} KRW in `{PG}`, expected -{whole}"),
    ];
    assert_eq!(found, wanted);
}

/// As a store that has just been migrated: what happened is there, its postings are not.
async fn unfilled(bed: &Bed) -> Vec<String> {
    let before = posted(bed).await;
    damage(bed, Write::DeleteWhere(&tables::JOURNAL, Vec::new()));
    let mut unit = Commit::new(Uuid::now_v7());
    unit.insert(&SettingRecord {
        name: "journal_fill".to_owned(),
        value: String::new(),
    })
    .unwrap();
    bed.engine.store().commit(unit).await.unwrap();
    before
}

async fn journal_page(bed: &Bed) -> AuditPage {
    let part = (AuditPart::Journal, None);
    bed.engine.audit(&store(), part, 500).await.unwrap()
}

#[tokio::test]
async fn what_happened_before_there_was_a_journal_is_filled_in() {
    let bed = settlements::enrolled().await;
    for number in 0..120 {
        settlements::pay(&bed, &format!("p-{number:03}")).await;
    }
    give_back(&bed, "p-007", Some(400)).await;
    let fault = json!({ "operation": "pay_card", "kind": "wrong_amount" });
    bed.control_with("/faults", &fault).await;
    let request = card_payment("wrong", false);
    let _failed = bed.engine.pay_instantly(call(), request).await;
    bed.settle().await;
    let file = settlements::file(&bed).await;
    settlements::run(&bed, settlements::import(file))
        .await
        .unwrap();

    let before = unfilled(&bed).await;
    assert!(before.len() > 124, "{}", before.len());
    let page = journal_page(&bed).await;
    assert!(
        page.note
            .is_some_and(|note| note.contains("still being filled"))
    );
    assert_eq!(
        (page.checked, page.findings, page.next),
        (0, Vec::new(), None)
    );
    // What happens meanwhile is posted as ever, and not a second time.
    give_back(&bed, "p-007", Some(100)).await;
    settlements::pay(&bed, "p-120").await;

    bed.engine.ensure_journal_fill().await.unwrap();
    bed.engine.ensure_journal_fill().await.unwrap();
    bed.settle().await;
    assert!(!bed.engine.is_journal_filling().await.unwrap());
    let mut wanted = before;
    wanted.push(format!("p:p-007 cancellation 100 {PG} -> sales"));
    wanted.push(format!("p:p-120 capture 1000 sales -> {PG}"));
    wanted.sort();
    assert_eq!(posted(&bed).await, wanted);
    while bed.engine.index_changed(100).await.unwrap() > 0 {}
    assert_eq!(audit(&bed, 50).await.1, [""; 0]);
    let jobs = Query::of(&tables::JOBS, 100);
    let jobs = bed.engine.store().list::<JobRecord>(jobs).await.unwrap();
    assert!(jobs.iter().all(|job| job.value.id != "journal"));
}

#[tokio::test]
async fn filling_goes_on_where_it_was_cut_and_a_full_journal_stays_as_it_is() {
    let mut bed = Bed::new().await;
    for number in 0..3 {
        pay(&bed, &format!("p-{number}")).await;
    }
    let before = unfilled(&bed).await;
    bed.engine.ensure_journal_fill().await.unwrap();
    // The store takes a page and the process dies before it hears of it.
    bed.store.pass_next(1);
    bed.store.fail_next(naru_store_memory::Fault::After);
    bed.settle().await;
    bed.restart();
    bed.settle().await;
    assert_eq!(posted(&bed).await, before);
    // From the beginning, over what is posted already.
    let mut unit = Commit::new(Uuid::now_v7());
    unit.insert(&SettingRecord {
        name: "journal_fill".to_owned(),
        value: String::new(),
    })
    .unwrap();
    bed.engine.store().commit(unit).await.unwrap();
    bed.engine.ensure_journal_fill().await.unwrap();
    bed.settle().await;
    assert!(!bed.engine.is_journal_filling().await.unwrap());
    assert_eq!(posted(&bed).await, before);
}

/// A day that is filled in and imported again at once: one of the two sees the other.
#[tokio::test]
async fn an_import_that_a_fill_has_overtaken_is_told_to_try_again() {
    let bed = settlements::enrolled().await;
    settlements::pay(&bed, "a").await;
    let file = settlements::file(&bed).await;
    settlements::run(&bed, settlements::import(file))
        .await
        .unwrap();
    let days = || Query::of(&tables::SETTLEMENT_DAYS, 10);
    let store = bed.engine.store();
    let day = store.list::<SettlementDayRecord>(days()).await.unwrap();
    unfilled(&bed).await;
    bed.engine.ensure_journal_fill().await.unwrap();
    bed.settle().await;
    let filled = store.list::<SettlementDayRecord>(days()).await.unwrap();
    assert_eq!(filled[0].version, day[0].version + 1, "an import conflicts");
    assert_eq!(filled[0].value, day[0].value);
}

/// A payment and its postings are of one commit: the row is never there without them.
#[tokio::test]
async fn a_commit_that_fails_leaves_neither_the_row_nor_its_postings() {
    let bed = Bed::new().await;
    pay(&bed, "a").await;
    let before = posted(&bed).await;
    // The intent is written; the result is not, and the process dies.
    bed.store.pass_next(1);
    bed.store.fail_next(naru_store_memory::Fault::Before);
    give_back(&bed, "a", Some(300)).await;
    bed.settle().await;
    assert_eq!(bed.status("a").await, Status::PartialCancelled);
    assert_eq!(posted(&bed).await.len(), before.len() + 1);
}
