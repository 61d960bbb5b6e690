//! Settlement files of the simulated PG against our books.

use naru_connectors::{SettlementFormat, read_settlement_file};
use naru_domain::settlement::{
    Action, LineMethod, MatchStatus, Reason, SettlementLine, Summary, Taxation, VatSums,
};
use naru_domain::{ChannelKey, Day, PaymentId, StoreId};
use naru_engine::Fault;
use naru_engine::payments::CallContext;
use naru_engine::reconcile::{
    Axis, DayOutcome, Imported, LinesPage, ReportFilter, SettlementImport, SettlementReport,
};
use naru_engine::records::SettlementLineRecord;
use naru_store_memory::Fault as StoreFault;
use serde_json::json;

use crate::support::{Bed, CHANNEL, STORE, call, cancel, card_payment};

/// What was transacted on the first day of the year is settled on the second.
const SETTLED_ON: &str = "2026-01-02";

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn store() -> StoreId {
    StoreId::new(STORE)
}

fn context() -> CallContext {
    call()
}

/// A bed whose PG lives on the same day, with a store that collects its settlements.
pub async fn enrolled() -> Bed {
    let bed = Bed::new().await;
    let noon = json!({ "set": "2026-01-01T12:00:00+09:00" });
    bed.control_with("/clock", &noon).await;
    bed.engine
        .enrol(&store(), Some(day("2026-01-01")))
        .await
        .unwrap();
    bed
}

/// Pays 1,000 won and fills the search index, which finds payments by the PG's ids.
pub async fn pay(bed: &Bed, id: &str) -> String {
    pay_through(bed, id, ChannelKey::new(CHANNEL)).await
}

async fn pay_through(bed: &Bed, id: &str, channel: ChannelKey) -> String {
    let mut request = card_payment(id, false);
    request.method.channel = channel.into();
    bed.engine.pay_instantly(context(), request).await.unwrap();
    bed.engine.index_changed(100).await.unwrap();
    let payment = bed.read(id).await.payment;
    payment.captured().unwrap().1.pg_tx_id.clone()
}

pub async fn file(bed: &Bed) -> Vec<(usize, SettlementLine)> {
    let bytes = bed
        .download(&format!("/settlements?pg=inicis&date={SETTLED_ON}"))
        .await;
    read_settlement_file(SettlementFormat::Pg, "INICIS_V2", &bytes).unwrap()
}

pub fn import(lines: Vec<(usize, SettlementLine)>) -> SettlementImport {
    SettlementImport {
        channel: ChannelKey::new(CHANNEL),
        part: String::new(),
        may_remove: false,
        is_trial: false,
        file_name: "settlement.csv".to_owned(),
        lines,
    }
}

pub async fn run(bed: &Bed, import: SettlementImport) -> Result<Imported, Fault> {
    bed.engine.import_settlement(import, &|_, _| {}).await
}

fn filter(axis: Axis) -> ReportFilter {
    ReportFilter {
        stores: vec![store()],
        axis,
        from: day("2026-01-01"),
        until: day("2026-01-31"),
        pgs: Vec::new(),
        statuses: Vec::new(),
    }
}

async fn lines(bed: &Bed) -> Vec<SettlementLineRecord> {
    let LinesPage { items, has_more } = bed
        .engine
        .settlement_lines(&filter(Axis::Settlement), &[], (1_000, 0))
        .await
        .unwrap();
    assert!(!has_more);
    items
}

pub async fn summary(bed: &Bed) -> Summary {
    let SettlementReport { totals, .. } = bed
        .engine
        .settlement_report(&filter(Axis::Settlement))
        .await
        .unwrap();
    totals
        .first()
        .map(|(_, summary)| *summary)
        .unwrap_or_default()
}

#[tokio::test]
async fn a_file_of_what_was_paid_and_cancelled_matches_and_is_summed() {
    let bed = enrolled().await;
    pay(&bed, "a").await;
    pay(&bed, "b").await;
    for (id, amount) in [("a", Some(400)), ("b", None)] {
        bed.engine
            .cancel_payment(context(), PaymentId::new(id), cancel(amount))
            .await
            .unwrap();
    }
    let imported = run(&bed, import(file(&bed).await)).await.unwrap();
    assert_eq!(imported.days.len(), 1);
    assert_eq!(imported.days[0].outcome, DayOutcome::New);
    assert_eq!((imported.days[0].lines, imported.days[0].unmatched), (4, 0));
    let found: Vec<_> = lines(&bed)
        .await
        .iter()
        .map(|line| {
            (
                line.payment_id.clone().unwrap().to_string(),
                line.action,
                line.status,
            )
        })
        .collect();
    let matched = MatchStatus::Matched;
    assert_eq!(
        found,
        [
            ("a".to_owned(), Action::Approval, matched),
            ("a".to_owned(), Action::PartialCancel, matched),
            ("b".to_owned(), Action::Approval, matched),
            ("b".to_owned(), Action::FullCancel, matched),
        ]
    );
    let sum = summary(&bed).await;
    assert_eq!((sum.approvals.count, sum.approvals.amount), (2, 2_000));
    assert_eq!((sum.cancel_count(), sum.cancel_amount()), (2, 1_400));
    // A fee of 2.5 %, given back with what was cancelled: 25 − 10 = 15, and 2 VAT.
    assert_eq!((sum.fee, sum.fee_vat), (15, 2));
    assert_eq!(sum.settlement_amount(), 600 - 15 - 2);
    assert_eq!(sum.anomaly_amount(), 0);

    for axis in [Axis::Settlement, Axis::Transaction] {
        let report = bed.engine.vat_report(&filter(axis)).await.unwrap();
        let sums = VatSums {
            total: 600,
            supply: 545,
            vat: 55,
            tax_free: 0,
        };
        assert_eq!(report.summary, sums);
        assert_eq!(report.rows.len(), 1);
        assert_eq!(
            (report.rows[0].method, report.rows[0].sums),
            (LineMethod::Card, sums)
        );
        let pgs: Vec<_> = report.pgs.into_iter().collect();
        assert_eq!(pgs, [("INICIS".to_owned(), "INIpayTest".to_owned())]);
    }
}

#[tokio::test]
async fn days_are_inclusive_and_each_report_goes_by_its_own() {
    let bed = enrolled().await;
    pay(&bed, "a").await;
    run(&bed, import(file(&bed).await)).await.unwrap();
    for (axis, from, until, total) in [
        (Axis::Transaction, "2026-01-01", "2026-01-01", 1_000),
        (Axis::Transaction, "2026-01-02", "2026-01-31", 0),
        (Axis::Settlement, "2026-01-02", "2026-01-02", 1_000),
        (Axis::Settlement, "2026-01-01", "2026-01-01", 0),
        (Axis::Settlement, "2026-01-03", "2026-01-31", 0),
    ] {
        let filter = ReportFilter {
            from: day(from),
            until: day(until),
            ..filter(axis)
        };
        let report = bed.engine.vat_report(&filter).await.unwrap();
        assert_eq!(report.summary.total, total, "{axis:?} {from} {until}");
        assert_eq!(report.rows.is_empty(), total == 0);
    }
    for (statuses, total) in [
        (vec![MatchStatus::Matched], 1_000),
        (vec![MatchStatus::NotMatched, MatchStatus::Incomparable], 0),
    ] {
        let filter = ReportFilter {
            statuses,
            ..filter(Axis::Transaction)
        };
        let report = bed.engine.vat_report(&filter).await.unwrap();
        assert_eq!(report.summary.total, total);
    }
    let filter = ReportFilter {
        pgs: vec![("INICIS".to_owned(), "another".to_owned())],
        ..filter(Axis::Transaction)
    };
    let report = bed.engine.vat_report(&filter).await.unwrap();
    assert!(report.pgs.is_empty() && report.summary.total == 0);
}

#[tokio::test]
async fn the_same_file_again_changes_nothing_and_a_corrected_one_takes_its_place() {
    let bed = enrolled().await;
    pay(&bed, "a").await;
    pay(&bed, "b").await;
    let whole = file(&bed).await;
    run(&bed, import(whole.clone())).await.unwrap();
    let before = lines(&bed).await;
    let again = run(&bed, import(whole.clone())).await.unwrap();
    assert_eq!(again.days[0].outcome, DayOutcome::Unchanged);
    assert_eq!(lines(&bed).await, before);

    let mut corrected = whole.clone();
    corrected[1].1.amount = 900;
    corrected[1].1.vat = Some(81);
    let done = run(&bed, import(corrected)).await.unwrap();
    let day = &done.days[0];
    assert_eq!(day.outcome, DayOutcome::Replaced);
    assert_eq!(
        (day.lines, day.changed, day.removed, day.unmatched),
        (2, 1, 0, 1)
    );
    let found = lines(&bed).await;
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].status, MatchStatus::NotMatched);
    assert_eq!(found[1].reasons, [Reason::PaymentAmount, Reason::VatAmount]);
    let sum = summary(&bed).await;
    assert_eq!((sum.approvals.amount, sum.anomaly_amount()), (1_900, 100));

    // A file that lacks lines is no correction unless somebody says so.
    let shorter = whole[..1].to_vec();
    let refused = run(&bed, import(shorter.clone())).await.unwrap_err();
    assert!(
        refused.to_string().contains("1 lines that this file lacks"),
        "{refused}"
    );
    assert_eq!(lines(&bed).await, found);
    let mut replacing = import(shorter);
    replacing.may_remove = true;
    let done = run(&bed, replacing).await.unwrap();
    assert_eq!((done.days[0].lines, done.days[0].removed), (1, 1));
    assert_eq!(lines(&bed).await.len(), 1);

    // Another part of the same day stands beside it.
    let mut part = import(whole[1..].to_vec());
    part.part = "cards".to_owned();
    assert_eq!(
        run(&bed, part).await.unwrap().days[0].outcome,
        DayOutcome::New
    );
    assert_eq!(summary(&bed).await.approvals.amount, 2_000);
}

#[tokio::test]
async fn a_trial_says_what_would_change_and_changes_nothing() {
    let bed = enrolled().await;
    pay(&bed, "a").await;
    let mut trial = import(file(&bed).await);
    trial.is_trial = true;
    let said = run(&bed, trial).await.unwrap();
    assert_eq!(
        (said.days[0].outcome, said.days[0].lines),
        (DayOutcome::New, 1)
    );
    assert!(lines(&bed).await.is_empty());
    bed.time.pass_ms(2 * 3_600_000);
    assert_eq!(bed.engine.sweep_settlements().await.unwrap(), 0);
}

#[tokio::test]
async fn an_import_that_is_cut_off_leaves_nothing_that_counts() {
    let bed = enrolled().await;
    for id in ["a", "b", "c"] {
        pay(&bed, id).await;
    }
    let whole = file(&bed).await;
    // The batch and its lines are written; the commit that lets them count is not.
    bed.store.pass_next(2);
    for _ in 0..4 {
        bed.store.fail_next(StoreFault::Before);
    }
    let cut = run(&bed, import(whole.clone())).await;
    assert!(matches!(cut, Err(Fault::Unavailable { .. })), "{cut:?}");
    assert!(lines(&bed).await.is_empty());
    assert_eq!(summary(&bed).await, Summary::default());

    run(&bed, import(whole)).await.unwrap();
    assert_eq!(summary(&bed).await.approvals.amount, 3_000);
    // Swept only once an import could not be running any more.
    assert_eq!(bed.engine.sweep_settlements().await.unwrap(), 0);
    bed.time.pass_ms(3_601_000);
    assert_eq!(bed.engine.sweep_settlements().await.unwrap(), 3);
    assert_eq!(lines(&bed).await.len(), 3);
}

#[tokio::test]
async fn what_only_one_side_has_is_incomparable() {
    let bed = enrolled().await;
    let tid = pay(&bed, "a").await;
    let body = json!({ "pgTxId": tid, "amount": 300 });
    bed.control_with("/console/cancel", &body).await;
    let mut whole = file(&bed).await;
    let mut foreign = whole[0].1.clone();
    foreign.pg_tx_id = "INIAPICARDINIpayTest20260101120000999999".to_owned();
    foreign.order_id = None;
    whole.push((9, foreign));
    let done = run(&bed, import(whole)).await.unwrap();
    assert_eq!(done.days[0].unmatched, 2);
    let found: Vec<_> = lines(&bed)
        .await
        .iter()
        .map(|line| (line.action, line.status, line.payment_id.is_some()))
        .collect();
    assert_eq!(
        found,
        [
            (Action::Approval, MatchStatus::Matched, true),
            (Action::UnclassifiedCancel, MatchStatus::Incomparable, true),
            (Action::Approval, MatchStatus::Incomparable, false),
        ]
    );
    let sum = summary(&bed).await;
    assert_eq!((sum.incomparable.count, sum.anomaly_amount()), (2, 1_300));
    let page = bed
        .engine
        .settlement_lines(
            &ReportFilter {
                statuses: vec![MatchStatus::Incomparable],
                ..filter(Axis::Settlement)
            },
            &[],
            (1, 0),
        )
        .await
        .unwrap();
    assert!(page.has_more && page.items.len() == 1);
}

/// Pages of two lines: which payments, and whether there are more.
async fn pages(bed: &Bed, filter: &ReportFilter, reasons: &[Reason]) -> Vec<(Vec<String>, bool)> {
    let mut pages = Vec::new();
    for offset in [0, 2, 4] {
        let page = bed.engine.settlement_lines(filter, reasons, (2, offset));
        let page = page.await.unwrap();
        let payments = page.items.iter().map(|line| line.payment_id.clone());
        let payments = payments.map(|id| id.unwrap().to_string()).collect();
        pages.push((payments, page.has_more));
    }
    pages
}

fn page(payments: &[&str], has_more: bool) -> (Vec<String>, bool) {
    let payments = payments.iter().map(|id| (*id).to_owned()).collect();
    (payments, has_more)
}

#[tokio::test]
async fn a_page_is_cut_from_the_lines_that_are_meant() {
    let bed = enrolled().await;
    for id in ["a", "b", "c", "d", "e", "f"] {
        pay(&bed, id).await;
    }
    // Every second has a tax-free part of its own, the others another amount.
    let mut whole = file(&bed).await;
    for (index, (_, line)) in whole.iter_mut().enumerate() {
        if index % 2 == 1 {
            line.tax_free = Some(1);
        } else {
            line.amount += 1;
        }
    }
    run(&bed, import(whole.clone())).await.unwrap();
    let all = filter(Axis::Settlement);
    assert_eq!(
        pages(&bed, &all, &[Reason::TaxFreeAmount]).await,
        [
            page(&["b", "d"], true),
            page(&["f"], false),
            page(&[], false)
        ]
    );
    let both = [Reason::TaxFreeAmount, Reason::PaymentAmount];
    assert_eq!(
        pages(&bed, &all, &both).await,
        [
            page(&["a", "b"], true),
            page(&["c", "d"], true),
            page(&["e", "f"], false)
        ]
    );
    assert_eq!(
        pages(&bed, &all, &[Reason::Escrow]).await[0],
        page(&[], false)
    );
}

#[tokio::test]
async fn a_page_is_cut_from_the_lines_of_the_contracts_that_are_meant() {
    let bed = enrolled().await;
    let second = second_contract(&bed).await;
    for id in ["a", "b", "c", "d"] {
        pay(&bed, id).await;
    }
    for id in ["e", "f"] {
        pay_through(&bed, id, second.clone()).await;
    }
    let mut whole = file(&bed).await;
    whole[5].1.tax_free = Some(1);
    run(&bed, import(whole.clone())).await.unwrap();
    // Lines of another contract stand between them.
    let some = whole.split_off(4);
    run(
        &bed,
        SettlementImport {
            channel: second,
            ..import(some)
        },
    )
    .await
    .unwrap();
    let of = |ids: &[&str]| ReportFilter {
        pgs: ids
            .iter()
            .map(|id| ("INICIS".to_owned(), (*id).to_owned()))
            .collect(),
        ..filter(Axis::Settlement)
    };
    for (ids, expected) in [
        (
            &["INIBillTst"][..],
            [page(&["e", "f"], false), page(&[], false), page(&[], false)],
        ),
        (
            &["INIpayTest"],
            [
                page(&["a", "b"], true),
                page(&["c", "d"], true),
                page(&["e", "f"], false),
            ],
        ),
        (
            &["INIBillTst", "other"],
            [page(&["e", "f"], false), page(&[], false), page(&[], false)],
        ),
    ] {
        assert_eq!(pages(&bed, &of(ids), &[]).await, expected, "{ids:?}");
    }
    assert_eq!(
        pages(&bed, &of(&["INIBillTst"]), &[Reason::TaxFreeAmount]).await[0],
        page(&["f"], false)
    );
}

/// Another contract of the store with the same PG.
async fn second_contract(bed: &Bed) -> ChannelKey {
    let ours = bed.engine.channels(Some(&store())).await.unwrap();
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "rKnPljRn5m6J9Mzz"),
        ("iniapi_iv", "W2KLNKra6Wxc1P=="),
    ];
    let channel = naru_engine::admin::NewChannel {
        store_id: store(),
        name: "second".to_owned(),
        key: Some(ChannelKey::new("channel-key-second")),
        id: None,
        pg_provider: ours[0].pg_provider.clone(),
        pg_merchant_id: "INIBillTst".to_owned(),
        is_test: true,
        is_simulated: true,
        secrets: secrets
            .into_iter()
            .map(|(name, key)| (name.to_owned(), naru_engine::Secret::new(key)))
            .collect(),
        options: ours[0].options.clone(),
    };
    bed.engine.create_channel(channel).await.unwrap();
    ChannelKey::new("channel-key-second")
}

#[tokio::test]
async fn a_payment_is_found_by_its_order_id_before_the_index_knows_it() {
    let bed = enrolled().await;
    bed.engine
        .pay_instantly(context(), card_payment("a", false))
        .await
        .unwrap();
    run(&bed, import(file(&bed).await)).await.unwrap();
    assert_eq!(lines(&bed).await[0].status, MatchStatus::Matched);
}

#[tokio::test]
async fn another_merchants_payment_is_never_matched() {
    let bed = enrolled().await;
    let tid = pay(&bed, "a").await;
    let other = naru_engine::admin::NewStore {
        name: "other".to_owned(),
        id: Some(StoreId::new("store-other")),
        merchant_id: None,
        parent: None,
    };
    bed.engine.create_store(other).await.unwrap();
    let other = StoreId::new("store-other");
    let found = bed.engine.channels(Some(&store())).await.unwrap();
    let ours = &found[0];
    let secrets = [
        ("sign_key", "SU5JTElURV9UUklQTEVERVNfS0VZU1RS"),
        ("iniapi_key", "ItEQKi3rY7uvDS8l"),
        ("iniapi_iv", "HYb3yQ4f65QL89=="),
    ];
    let channel = naru_engine::admin::NewChannel {
        store_id: other.clone(),
        name: "other".to_owned(),
        key: Some(ChannelKey::new("channel-key-other")),
        id: None,
        pg_provider: ours.pg_provider.clone(),
        pg_merchant_id: ours.pg_merchant_id.clone(),
        is_test: true,
        is_simulated: true,
        secrets: secrets
            .into_iter()
            .map(|(name, key)| (name.to_owned(), naru_engine::Secret::new(key)))
            .collect(),
        options: ours.options.clone(),
    };
    bed.engine.create_channel(channel).await.unwrap();
    bed.engine
        .enrol(&other, Some(day("2026-01-01")))
        .await
        .unwrap();
    let import = SettlementImport {
        channel: ChannelKey::new("channel-key-other"),
        ..import(file(&bed).await)
    };
    let done = run(&bed, import).await.unwrap();
    assert_eq!(done.days[0].unmatched, 1);
    assert!(lines(&bed).await.is_empty(), "{tid}");
    let theirs = ReportFilter {
        stores: vec![other],
        ..filter(Axis::Settlement)
    };
    let page = bed
        .engine
        .settlement_lines(&theirs, &[], (10, 0))
        .await
        .unwrap();
    assert_eq!(page.items[0].status, MatchStatus::Incomparable);
    assert_eq!(page.items[0].payment_id, None);
}

#[tokio::test]
async fn collection_begins_with_the_enrolment() {
    let bed = Bed::new().await;
    let noon = json!({ "set": "2026-01-01T12:00:00+09:00" });
    bed.control_with("/clock", &noon).await;
    pay(&bed, "a").await;
    let whole = file(&bed).await;
    let refused = run(&bed, import(whole.clone())).await.unwrap_err();
    assert!(
        refused.to_string().contains("naru settlements enrol"),
        "{refused}"
    );
    bed.engine
        .enrol(&store(), Some(day("2026-01-02")))
        .await
        .unwrap();
    run(&bed, import(whole)).await.unwrap();
    assert_eq!(lines(&bed).await[0].status, MatchStatus::NotCollected);
    let sum = summary(&bed).await;
    assert_eq!((sum.settlement_count(), sum.approvals.count), (1, 0));
    assert_eq!(sum.settlement_amount(), 1_000 - 25 - 3);

    // An earlier beginning counts for what is imported once it is compared again.
    bed.engine
        .enrol(&store(), Some(day("2025-12-31")))
        .await
        .unwrap();
    assert_eq!(bed.engine.rematch_store(&store()).await.unwrap(), 1);
    assert_eq!(lines(&bed).await[0].status, MatchStatus::Matched);
    assert_eq!(summary(&bed).await.approvals.count, 1);
}

#[tokio::test]
async fn lines_that_need_a_look_are_compared_again_every_day_for_a_while() {
    let bed = enrolled().await;
    pay(&bed, "a").await;
    let tid = bed
        .read("a")
        .await
        .payment
        .captured()
        .unwrap()
        .1
        .pg_tx_id
        .clone();
    let body = json!({ "pgTxId": tid, "amount": 300 });
    bed.control_with("/console/cancel", &body).await;
    let whole = file(&bed).await;
    run(&bed, import(whole)).await.unwrap();
    assert_eq!(bed.engine.rematch_due().await.unwrap(), 0);
    let mut days = 0;
    for _ in 0..40 {
        bed.time.pass_ms(86_400_000);
        days += bed.engine.rematch_due().await.unwrap();
    }
    assert_eq!(days, 14);
    assert_eq!(lines(&bed).await[1].status, MatchStatus::Incomparable);
}

#[tokio::test]
async fn taxation_of_the_channel_decides_the_report() {
    let bed = enrolled().await;
    pay(&bed, "a").await;
    run(&bed, import(file(&bed).await)).await.unwrap();
    let key = ChannelKey::new(CHANNEL);
    for (taxation, supply, vat, tax_free) in [
        (Taxation::Exempt, 0, 0, 1_000),
        (Taxation::Taxable, 909, 91, 0),
        (Taxation::PerPayment, 909, 91, 0),
    ] {
        bed.engine.set_taxation(&key, taxation).await.unwrap();
        bed.engine.rematch_store(&store()).await.unwrap();
        let report = bed
            .engine
            .vat_report(&filter(Axis::Settlement))
            .await
            .unwrap();
        let sums = report.summary;
        assert_eq!(
            (sums.supply, sums.vat, sums.tax_free),
            (supply, vat, tax_free)
        );
    }
}

/// A PG tells the settlement of each of a merchant's contracts on its own. A file of both that is
/// imported as one's is a mistake to look at, not a match.
#[tokio::test]
async fn a_line_of_another_contract_is_to_look_at() {
    let bed = enrolled().await;
    let second = second_contract(&bed).await;
    pay(&bed, "a").await;
    pay_through(&bed, "b", second.clone()).await;
    bed.engine
        .cancel_payment(context(), PaymentId::new("b"), cancel(None))
        .await
        .unwrap();
    bed.engine.index_changed(100).await.unwrap();
    let whole = file(&bed).await;
    let imported = run(&bed, import(whole.clone())).await.unwrap();
    assert_eq!((imported.days[0].lines, imported.days[0].unmatched), (3, 2));
    let found: Vec<_> = lines(&bed)
        .await
        .iter()
        .map(|line| (line.payment_id.clone().unwrap().to_string(), line.status))
        .collect();
    let incomparable = MatchStatus::Incomparable;
    assert_eq!(
        found,
        [
            ("a".to_owned(), MatchStatus::Matched),
            ("b".to_owned(), incomparable),
            ("b".to_owned(), incomparable),
        ]
    );
    // It matches as what it is.
    let theirs = whole.into_iter().skip(1).collect();
    let right = SettlementImport {
        channel: second,
        ..import(theirs)
    };
    let imported = run(&bed, right).await.unwrap();
    assert_eq!((imported.days[0].lines, imported.days[0].unmatched), (2, 0));
}
