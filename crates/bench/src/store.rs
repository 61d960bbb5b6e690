//! The ceiling of charges and cancels: the same rows in the same units, straight into the store,
//! from as many callers at once. What is left out is everything but the database: HTTP, rules, the
//! PG, the search index.
//!
//! The rows are copied from a payment that the server had made, so they are as long as the
//! server's; ids and keys are new for each unit.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;
use naru_store::{Commit, Condition, Query, Row, Store, Table, Value, Write, tables};
use naru_store_postgres::{PostgresOptions, PostgresStore};
use naru_store_sqlite::{SqliteOptions, SqliteStore};
use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

const PAYMENT_ID: usize = 1;
/// The store that the ceiling writes to, so that lists of the real one stay as they are.
const STORE_ID: &str = "store-ceiling";

/// Where to measure.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// The database of a server that has stopped.
    from: String,
    /// The payment that is copied: paid and cancelled.
    payment: String,
    /// A new SQLite file, or the same PostgreSQL URL.
    to: String,
    /// Units at once.
    connections: usize,
    /// For how long each of the two is measured.
    seconds: u64,
}

/// Rows of one payment.
struct Template {
    payment: Row,
    attempt: Row,
    events: Vec<Row>,
    job: Row,
}

/// Prints one JSON object with the two rates.
pub async fn run(arguments: &Args) -> Result<()> {
    let from = open(&arguments.from).await?;
    let template = Arc::new(Template::read(from.as_ref(), &arguments.payment).await?);
    from.close().await;
    let to = open(&arguments.to).await?;
    let time = Duration::from_secs(arguments.seconds);
    let mut charged = Vec::new();
    let mut counts = [0_u64; 2];
    let mut elapsed = [0_u64; 2];
    for (step, (count, spent)) in counts.iter_mut().zip(&mut elapsed).enumerate() {
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        let share = charged.len() / arguments.connections.max(1);
        for _ in 0..arguments.connections {
            let own = charged.split_off(charged.len().saturating_sub(share));
            let (store, template) = (Arc::clone(&to), Arc::clone(&template));
            tasks.spawn(async move {
                match step {
                    0 => charge(store, template, began + time).await,
                    _ => cancel(store, template, (own, began + time)).await,
                }
            });
        }
        let mut done = Vec::new();
        while let Some(ids) = tasks.join_next().await {
            done.extend(ids??);
        }
        *count = u64::try_from(done.len())?;
        *spent = u64::try_from(began.elapsed().as_micros())?;
        charged = done;
    }
    to.close().await;
    let rate = |at: usize| counts[at] * 1_000_000 / elapsed[at].max(1);
    println!("{}", json!({"charges": rate(0), "cancels": rate(1)}));
    Ok(())
}

/// Opens a database, by file name or URL.
pub async fn open(url: &str) -> Result<Arc<dyn Store>> {
    if url.starts_with("postgres") {
        return Ok(PostgresStore::open(url, PostgresOptions::default()).await?);
    }
    Ok(SqliteStore::open(Path::new(url), SqliteOptions::default())?)
}

/// The units of a charge: the intent, then the result.
async fn charge(
    store: Arc<dyn Store>,
    template: Arc<Template>,
    end: Instant,
) -> Result<Vec<(Uuid, Row)>> {
    let mut done = Vec::new();
    while Instant::now() < end {
        let id = Uuid::now_v7();
        let payment = template.payment(id);
        let job = template.job(id);
        let mut unit = Commit::new(Uuid::now_v7());
        unit.writes.extend([
            Write::Insert(&tables::PAYMENTS, payment.clone()),
            Write::Insert(&tables::ATTEMPTS, template.attempt(id)),
            template.event(id, 0),
            Write::Upsert(&tables::JOBS, job.clone()),
        ]);
        commit(&store, unit).await?;
        let mut unit = Commit::new(Uuid::now_v7());
        unit.writes.extend([
            update(&payment, 1),
            template.event(id, 1),
            delete(&tables::JOBS, &job),
        ]);
        commit(&store, unit).await?;
        done.push((id, payment));
    }
    Ok(done)
}

/// The units of a cancel of what was charged.
async fn cancel(
    store: Arc<dyn Store>,
    template: Arc<Template>,
    (mut charged, end): (Vec<(Uuid, Row)>, Instant),
) -> Result<Vec<(Uuid, Row)>> {
    let mut done = Vec::new();
    while Instant::now() < end {
        let Some((id, payment)) = charged.pop() else {
            break;
        };
        let job = template.job(id);
        let mut unit = Commit::new(Uuid::now_v7());
        unit.writes.extend([
            update(&payment, 2),
            template.event(id, 2),
            Write::Upsert(&tables::JOBS, job.clone()),
        ]);
        commit(&store, unit).await?;
        let mut unit = Commit::new(Uuid::now_v7());
        unit.writes.extend([
            update(&payment, 3),
            template.event(id, 3),
            delete(&tables::JOBS, &job),
        ]);
        commit(&store, unit).await?;
        done.push((id, payment));
    }
    Ok(done)
}

async fn commit(store: &Arc<dyn Store>, unit: Commit) -> Result<()> {
    store.commit(unit).await.context("the ceiling's unit")
}

fn update(row: &Row, expected: i64) -> Write {
    Write::Update {
        table: &tables::PAYMENTS,
        row: row.clone(),
        expected,
    }
}

fn delete(table: &'static Table, row: &Row) -> Write {
    Write::Delete {
        table,
        key: row.key.clone(),
        expected: None,
    }
}

impl Template {
    async fn read(store: &dyn Store, payment: &str) -> Result<Self> {
        let query = Query::of(&tables::PAYMENTS, 1);
        let query = query.and(Condition::Is("payment_id", payment.into()));
        let payments = store.scan(query).await?;
        let found = payments.into_iter().next().context("no such payment")?;
        let query = Query::of(&tables::ATTEMPTS, 1);
        let query = query.and(Condition::Is("payment_id", payment.into()));
        let attempts = store.scan(query).await?;
        let query = Query::of(&tables::EVENTS, 4);
        let query = query.and(Condition::Is("subject_id", format!("p:{payment}").into()));
        let events = store.scan(query).await?;
        anyhow::ensure!(
            events.len() == 4,
            "not the four events of a payment and its cancel"
        );
        // Jobs are gone once done; this is one as long as theirs.
        let body = "x".repeat(400);
        let columns = vec![
            "resolve".into(),
            "channel-key-6e617275-0000-4000-8000-000000000101".into(),
            1.into(),
            2.into(),
        ];
        Ok(Self {
            payment: found,
            attempt: attempts.into_iter().next().context("no attempt")?,
            events,
            job: Row {
                key: vec!["job".into()],
                version: 1,
                columns,
                body: json!({"pad": body}).to_string(),
            },
        })
    }

    fn payment(&self, id: Uuid) -> Row {
        let mut row = self.payment.clone();
        set(&mut row.key, 0, STORE_ID.into());
        set(&mut row.key, PAYMENT_ID, id.to_string().into());
        row
    }

    fn attempt(&self, id: Uuid) -> Row {
        let mut row = self.attempt.clone();
        set(&mut row.key, 0, id.simple().to_string().into());
        row
    }

    fn event(&self, id: Uuid, index: usize) -> Write {
        let mut row = self
            .events
            .get(index)
            .cloned()
            .unwrap_or_else(|| self.job.clone());
        set(&mut row.key, 0, STORE_ID.into());
        set(&mut row.key, 1, format!("p:{id}").into());
        Write::Insert(&tables::EVENTS, row)
    }

    fn job(&self, id: Uuid) -> Row {
        let mut row = self.job.clone();
        set(&mut row.key, 0, format!("attempt:{id}").into());
        row
    }
}

fn set(key: &mut [Value], at: usize, value: Value) {
    if let Some(place) = key.get_mut(at) {
        *place = value;
    }
}

/// Where a server in this directory keeps its SQLite database.
pub fn sqlite_file(directory: &Path) -> PathBuf {
    directory.join("naru.db")
}
