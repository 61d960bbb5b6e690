//! Charts over a ledger written by hand: what divides, what is left out, what is read in chunks.

use std::sync::Arc;

use naru_domain::{AttemptId, MerchantId, PaymentId, StoreId, Timestamp};
use naru_engine::analytics::{Granularity, MoneyKey, Period};
use naru_engine::records::{FactsRecord, LedgerRecord, ProfileRecord};
use naru_engine::{Clock, Engine, EngineConfig, KeyRing, Parts, SystemEntropy, SystemTime};
use naru_store::{Commit, Store};
use naru_store_memory::MemoryStore;
use serde_json::{Value, json};
use uuid::Uuid;

const HOUR: i64 = 3_600_000_000;

struct Nobody;

impl naru_connector::Transport for Nobody {
    fn send(&self, _: naru_connector::Request) -> naru_connector::TransportFuture<'_> {
        Box::pin(async {
            Err(naru_connector::SendError {
                sent: naru_connector::Sent::No,
                detail: "nobody is there".to_owned(),
            })
        })
    }
}

fn engine(store: Arc<dyn Store>, is_sandbox: bool) -> Engine {
    Engine::new(Parts {
        store,
        pg_transport: Arc::new(Nobody),
        webhook_transport: Arc::new(Nobody),
        connectors: |_| None,
        tax_providers: |_| None,
        clock: Arc::new(Clock::new(Box::new(SystemTime), 0)),
        entropy: Arc::new(SystemEntropy),
        keys: Arc::new(KeyRing::new(&[7; 32]).unwrap()),
        config: EngineConfig {
            is_sandbox,
            ..EngineConfig::default()
        },
    })
}

/// An entry of the first store: a live payment by card of 1,000 won in the first hour.
fn entry(position: i64) -> LedgerRecord {
    LedgerRecord {
        store_id: StoreId::new("store-1"),
        position,
        merchant_id: MerchantId::new("merchant-1"),
        payment_id: PaymentId::new(format!("p-{position}")),
        attempt: AttemptId::new(Uuid::from_u128(u128::try_from(position).unwrap())),
        cancellation: None,
        recorded_at: Timestamp::from_micros(0),
        money_at: Timestamp::from_micros(0),
        currency: "KRW".to_owned(),
        amount: 1_000,
        cancelled: [0, 0],
        is_whole: false,
        is_test: false,
        method: "CARD".to_owned(),
        card_company: Some("SHINHAN_CARD".to_owned()),
        easy_pay_provider: None,
        pg_company: Some("INICIS".to_owned()),
        customer: Some(position),
    }
}

fn easy_pay(position: i64, provider: &str) -> LedgerRecord {
    LedgerRecord {
        method: "EASY_PAY".to_owned(),
        card_company: None,
        easy_pay_provider: Some(provider.to_owned()),
        pg_company: Some(provider.to_owned()),
        ..entry(position)
    }
}

async fn write<R: naru_store::Record>(store: &dyn Store, records: &[R]) {
    for some in records.chunks(500) {
        let mut unit = Commit::new(Uuid::now_v7());
        for one in some {
            unit.insert(one).unwrap();
        }
        store.commit(unit).await.unwrap();
    }
}

async fn with(entries: &[LedgerRecord], is_sandbox: bool) -> Engine {
    let store = MemoryStore::new(|| Timestamp::from_micros(0));
    write(store.as_ref(), entries).await;
    engine(store, is_sandbox)
}

fn period(hours: i64) -> Period {
    Period {
        stores: vec![StoreId::new("store-1")],
        currency: "KRW".to_owned(),
        from: Timestamp::from_micros(0),
        until: Timestamp::from_micros(hours * HOUR),
        time_zone: "UTC".to_owned(),
    }
}

async fn series(engine: &Engine, period: &Period) -> Vec<(i64, i64)> {
    let found = engine
        .money_series(period, Granularity::Hour, (None, false))
        .await;
    let found = found.unwrap();
    found.values().map(|sum| (sum.amount, sum.count)).collect()
}

#[tokio::test]
async fn other_currencies_tests_stores_and_times_do_not_count() {
    let entries = [
        entry(1),
        LedgerRecord {
            currency: "USD".to_owned(),
            ..entry(2)
        },
        LedgerRecord {
            is_test: true,
            ..entry(3)
        },
        LedgerRecord {
            store_id: StoreId::new("store-2"),
            ..entry(4)
        },
        // The end is not in the period, the microsecond before it is.
        LedgerRecord {
            money_at: Timestamp::from_micros(2 * HOUR),
            ..entry(5)
        },
        LedgerRecord {
            money_at: Timestamp::from_micros(2 * HOUR - 1),
            ..entry(6)
        },
    ];
    let live = with(&entries, false).await;
    assert_eq!(series(&live, &period(2)).await, [(1_000, 1), (1_000, 1)]);
    let sandbox = with(&entries, true).await;
    assert_eq!(series(&sandbox, &period(2)).await, [(2_000, 2), (1_000, 1)]);
    let both = Period {
        stores: vec![StoreId::new("store-1"), StoreId::new("store-2")],
        ..period(2)
    };
    assert_eq!(series(&live, &both).await, [(2_000, 2), (1_000, 1)]);
    let dollars = Period {
        currency: "USD".to_owned(),
        ..period(2)
    };
    assert_eq!(series(&live, &dollars).await, [(1_000, 1), (0, 0)]);
}

#[tokio::test]
async fn more_rows_than_a_chunk_are_all_read_once() {
    // Eleven thousand in one second, then one a second, then two thousand in another second.
    let at = |position: i64| match position {
        0..11_000 => 0,
        11_000..13_000 => (position - 10_999) * 1_000_000,
        _ => HOUR + 1,
    };
    let entries: Vec<LedgerRecord> = (0..15_000)
        .map(|position| LedgerRecord {
            money_at: Timestamp::from_micros(at(position)),
            ..entry(position)
        })
        .collect();
    let engine = with(&entries, false).await;
    assert_eq!(
        series(&engine, &period(2)).await,
        [(13_000_000, 13_000), (2_000_000, 2_000)]
    );
}

#[tokio::test]
async fn series_of_a_method_count_that_method_alone() {
    let entries = [entry(1), easy_pay(2, "KAKAOPAY"), easy_pay(3, "NAVERPAY")];
    let engine = with(&entries, false).await;
    for (method, want) in [
        (Some("CARD"), (1_000, 1)),
        (Some("EASY_PAY"), (2_000, 2)),
        (Some("MOBILE"), (0, 0)),
        (None, (3_000, 3)),
    ] {
        let period = period(1);
        let found = engine
            .money_series(&period, Granularity::Hour, (method, false))
            .await;
        let sum = *found.unwrap().values().next().unwrap();
        assert_eq!((sum.amount, sum.count), want, "{method:?}");
    }
}

type Lines = (
    Vec<(i64, String, i64, i64)>,
    Vec<(i64, i64, i64)>,
    (i64, i64),
);

/// The named values by hour, the others by hour, the total.
async fn split(
    engine: &Engine,
    (key, is_net): (MoneyKey, bool),
    named: &[&str],
    left_out: &[&str],
) -> Lines {
    let of = (key, Granularity::Hour, is_net);
    let found = engine
        .money_split(&period(2), of, (named, left_out))
        .await
        .unwrap();
    let named = found.named.iter().map(|one| {
        let hour = one.slot.unwrap().as_micros() / HOUR;
        (
            hour,
            one.key.clone().unwrap(),
            one.sum.amount,
            one.sum.count,
        )
    });
    let others = found.others.iter();
    let others = others.map(|(slot, sum)| (slot.as_micros() / HOUR, sum.amount, sum.count));
    let total = (found.total.amount, found.total.count);
    (named.collect(), others.collect(), total)
}

#[tokio::test]
async fn named_companies_stand_alone_and_others_together_but_for_those_left_out() {
    let of = |position, company: Option<&str>| LedgerRecord {
        card_company: company.map(str::to_owned),
        ..entry(position)
    };
    let back = LedgerRecord {
        amount: -300,
        money_at: Timestamp::from_micros(HOUR),
        ..of(6, Some("BC_CARD"))
    };
    let entries = [
        of(1, Some("SHINHAN_CARD")),
        of(2, Some("BC_CARD")),
        of(3, Some("LOTTE_CARD")),
        of(4, None),
        easy_pay(5, "KAKAOPAY"),
        back,
    ];
    let engine = with(&entries, false).await;
    let split = async |key, is_net, named: &[&str], left_out: &[&str]| {
        split(&engine, (key, is_net), named, left_out).await
    };
    let card = MoneyKey::CardCompany;
    let bc = |hour, amount, count| (hour, "BC_CARD".to_owned(), amount, count);
    assert_eq!(
        split(card, false, &["BC_CARD"], &["LOTTE_CARD"]).await,
        (
            vec![bc(0, 1_000, 1), bc(1, 0, 0)],
            vec![(0, 2_000, 2)],
            (3_000, 3)
        )
    );
    assert_eq!(
        split(card, true, &["BC_CARD"], &[]).await,
        (
            vec![bc(0, 1_000, 1), bc(1, -300, 0)],
            vec![(0, 3_000, 3)],
            (3_700, 4)
        )
    );
    assert_eq!(
        split(card, false, &[], &[]).await,
        (vec![], vec![(0, 4_000, 4), (1, 0, 0)], (4_000, 4))
    );
    let wallet = ("KAKAOPAY".to_owned(), 1_000, 1);
    let (named, others, total) = split(MoneyKey::EasyPayProvider, false, &["KAKAOPAY"], &[]).await;
    assert_eq!(named, [(0, wallet.0, wallet.1, wallet.2)]);
    assert_eq!((others, total), (vec![], (1_000, 1)));
}

#[tokio::test]
async fn payments_of_nobody_are_in_no_average_of_customers() {
    let of = |position, customer| LedgerRecord {
        customer,
        ..entry(position)
    };
    let entries = [of(1, Some(7)), of(2, Some(7)), of(3, Some(8)), of(4, None)];
    let engine = with(&entries, false).await;
    let (_, whole) = engine
        .average_amounts(&period(1), Granularity::Hour, false)
        .await
        .unwrap();
    assert_eq!((whole.payment, whole.customer), (1_000, 1_500));
}

fn profile(name: &str, status: &str, currency: &str, is_test: bool) -> ProfileRecord {
    let values = json!([
        status,
        "CARD",
        "INICIS_V2",
        i64::from(is_test),
        0,
        "V2",
        "API",
        currency,
        0,
        null,
        null,
        null,
        null,
        null,
        null,
        null
    ]);
    let Value::Array(values) = values else {
        unreachable!()
    };
    ProfileRecord {
        store_id: StoreId::new("store-1"),
        profile: name.to_owned(),
        values,
        payments: 1,
    }
}

fn facts(id: &str, profile: &str, amount: i64) -> FactsRecord {
    FactsRecord {
        store_id: StoreId::new("store-1"),
        payment_id: PaymentId::new(id),
        payment_version: 1,
        position: 1,
        profile: profile.to_owned(),
        created_at: Timestamp::from_micros(0),
        status_changed_at: Timestamp::from_micros(0),
        receipt_at: [None, None],
        amount,
        entered: Vec::new(),
    }
}

#[tokio::test]
async fn statuses_leave_out_tests_and_other_currencies() {
    let store = MemoryStore::new(|| Timestamp::from_micros(0));
    let profiles = [
        profile("paid", "PAID", "KRW", false),
        profile("test", "PAID", "KRW", true),
        profile("usd", "PAID", "USD", false),
        profile("failed", "FAILED", "KRW", false),
    ];
    write(store.as_ref(), &profiles).await;
    let payments = [
        facts("a", "paid", 10),
        facts("b", "paid", 30),
        facts("c", "paid", 20),
        facts("d", "test", 99),
        facts("e", "usd", 99),
        facts("f", "failed", 5),
    ];
    write(store.as_ref(), &payments).await;
    let stores = [StoreId::new("store-1")];
    let live = engine(store.clone(), false);
    let found = live.statuses(&period(1)).await.unwrap();
    let lines: Vec<_> = found
        .iter()
        .map(|one| {
            (
                one.status.as_str(),
                one.sum.amount,
                one.sum.count,
                one.percent,
                one.quartiles,
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("FAILED", 5, 1, 25, [5, 5, 5]),
            ("PAID", 60, 3, 75, [10, 20, 30]),
        ]
    );
    assert!(live.uses_overseas_payments(&stores).await.unwrap());
    assert!(!live.uses_overseas_payments(&[]).await.unwrap());
}
