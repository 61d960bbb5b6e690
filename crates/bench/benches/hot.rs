//! The hot pieces of the money path, each by itself. What the whole takes is measured by
//! `cargo xtask bench`; these tell which piece has become dearer.
//!
//! `cargo bench -p naru-bench`; one of them: `cargo bench -p naru-bench -- webhook`.
#![expect(clippy::expect_used, reason = "what can't be set up can't be measured")]

use std::hint::black_box;

use axum::body::{Body, to_bytes};
use criterion::{Criterion, criterion_group, criterion_main};
use naru_bench::bodies::{CARD, card_payment};
use naru_bench::captured;
use naru_bench::inicis::Approval;
use naru_engine::records::PaymentRecord;
use naru_store::{Commit, Record as _, Row, Store as _, Write};
use naru_store_sqlite::{SqliteOptions, SqliteStore};
use naru_testkit::{MAIN, TestApp};
use naru_wire_v2::InstantPaymentInput;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;
use uuid::Uuid;

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

fn payment_of(unit: &Commit) -> Row {
    let mut rows = unit.writes.iter().filter_map(|write| match write {
        Write::Insert(table, row) | Write::Update { table, row, .. } => {
            (table.name == "payments").then(|| row.clone())
        }
        Write::Upsert(..)
        | Write::Expect { .. }
        | Write::Delete { .. }
        | Write::DeleteWhere(..)
        | Write::Clear { .. }
        | Write::Add { .. } => None,
    });
    rows.next_back().expect("a payment")
}

fn records(bench: &mut Criterion) {
    let [_, result] = runtime().block_on(captured::charge()).expect("a charge");
    let row = payment_of(&result);
    bench.bench_function("payment record, decoded", |bencher| {
        bencher.iter(|| PaymentRecord::from_row(black_box(&row)).expect("a record"));
    });
}

fn requests(bench: &mut Criterion) {
    let body = card_payment(MAIN.channels[0], CARD).to_string();
    bench.bench_function("request of a charge, parsed", |bencher| {
        bencher.iter(|| {
            let json = naru_wire_v2::parse(black_box(body.as_bytes())).expect("JSON");
            naru_wire_v2::decode_value::<InstantPaymentInput>(&json).expect("an input")
        });
    });
}

/// Route, credential, two questions to a store in memory, rendering: a read but for HTTP and disk.
fn reads(bench: &mut Criterion) {
    let runtime = runtime();
    let app = runtime.block_on(async {
        let app = TestApp::start(naru_api_v2::router).await;
        let body = card_payment(MAIN.channels[0], CARD);
        app.post("/payments/bench-1/instant")
            .json(&body)
            .send()
            .await
            .ok();
        app.settle().await;
        app
    });
    let credential = format!("PortOne {}", MAIN.secret);
    let face = app.face();
    bench.bench_function("V2 payment, loaded and rendered", |bencher| {
        bencher.iter(|| {
            let request = http::Request::get("/payments/bench-1")
                .header("authorization", &credential)
                .body(Body::empty())
                .expect("a request");
            let answer = runtime.block_on(face.clone().oneshot(request));
            let body = answer.expect("infallible").into_body();
            runtime
                .block_on(to_bytes(body, usize::MAX))
                .expect("a body")
        });
    });
    bench.bench_function("API secret, verified", |bencher| {
        let verify = || app.engine.authenticate(black_box(&credential));
        bencher.iter(|| runtime.block_on(verify()).expect("a caller"));
    });
    let tokens = runtime
        .block_on(app.engine.log_in(MAIN.secret))
        .expect("tokens");
    let bearer = format!("Bearer {}", tokens.access);
    bench.bench_function("token, verified", |bencher| {
        let verify = || app.engine.authenticate(black_box(&bearer));
        bencher.iter(|| runtime.block_on(verify()).expect("a caller"));
    });
}

fn connector(bench: &mut Criterion) {
    let approval = runtime().block_on(Approval::record()).expect("an approval");
    bench.bench_function("KG Inicis: request built, answer read", |bencher| {
        bencher.iter(|| black_box(&approval).run().expect("approved"));
    });
}

fn webhooks(bench: &mut Criterion) {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let body = card_payment(MAIN.channels[0], CARD).to_string();
    bench.bench_function("webhook, signed", |bencher| {
        let sign = |body| naru_engine::webhooks::signature(secret, "msg_1", 1_614_265_330, body);
        bencher.iter(|| sign(black_box(&body)).expect("a signature"));
    });
}

/// With a full sync: one writer, so this is the disk's time more than ours.
fn commits(bench: &mut Criterion) {
    let directory = tempfile::tempdir().expect("a directory");
    let runtime = runtime();
    let _inside = runtime.enter();
    let file = directory.path().join("naru.db");
    let store = SqliteStore::open(&file, SqliteOptions::default()).expect("a store");
    let [_, result] = runtime.block_on(captured::charge()).expect("a charge");
    let mut row = payment_of(&result);
    bench.bench_function("SQLite: one unit committed", |bencher| {
        bencher.iter(|| {
            let mut unit = Commit::new(Uuid::now_v7());
            row.key[1] = unit.id.to_string().into();
            let table = &naru_store::tables::PAYMENTS;
            unit.writes.push(Write::Insert(table, row.clone()));
            runtime.block_on(store.commit(unit)).expect("a commit");
        });
    });
    runtime.block_on(store.close());
}

criterion_group!(hot, records, requests, reads, connector, webhooks, commits);
criterion_main!(hot);
