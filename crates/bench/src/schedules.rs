//! Very many schedules due at the same moment: how fast they are carried out beside plain charges,
//! and what a request costs meanwhile beside an idle server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use naru_bench::bodies::{CARD, card_payment};
use naru_store::{Condition, Query, tables};
use serde_json::{Value, json};

use crate::http::{Connection, request};
use crate::naru::Naru;
use crate::report::Pair;
use crate::run::Bench;
use crate::seed::{Copies, Template, fill};
use crate::store::{open, sqlite_file};
use crate::workloads::{self, asked, key_payment};

const DIRECTORY: &str = "schedules";
/// One request in so long, by one caller: it measures the server and does not load it.
const PACE: Duration = Duration::from_millis(20);
/// How long the idle server is measured.
const IDLE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(100);
/// When the burst has failed.
const PATIENCE: Duration = Duration::from_mins(30);
const HEADING: &str = "schedules due at once";

/// Calls and gives the body of a success.
async fn call(address: &str, bytes: &[u8]) -> Result<Value> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.call(bytes).await?;
    let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
    ensure!(answer.status < 300, "answered {}: {body}", answer.status);
    Ok(body)
}

fn text(body: &Value, pointer: &str) -> Result<String> {
    let found = body.pointer(pointer).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("{pointer} in {body}"))?
        .to_owned())
}

/// A billing key, and a schedule on it that is due in two hours.
async fn make(naru: &Naru) -> Result<String> {
    let card = card_payment(&naru.channel, CARD);
    let body = json!({
        "channelKey": naru.channel, "customer": card["customer"], "method": card["method"]});
    let bytes = request("POST", "/billing-keys", &naru.secret, &body.to_string());
    let issued = call(&naru.address, &bytes).await?;
    let key = text(&issued, "/billingKeyInfo/billingKey")?;
    let due = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(2);
    let body = json!({"payment": key_payment(&key), "timeToPay": due.to_string()});
    let bytes = request(
        "POST",
        "/payments/due-0/schedule",
        &naru.secret,
        &body.to_string(),
    );
    call(&naru.address, &bytes).await?;
    Ok(key)
}

/// How many charges of billing keys the PG was asked for.
async fn charged(simulator: &str) -> Result<u64> {
    let load = call(simulator, &request("GET", "/load", "", "")).await?;
    let all = load["operations"].as_array().context("no operations")?;
    let found = all
        .iter()
        .find(|one| one["operation"] == "charge_billing_key");
    Ok(found
        .and_then(|one| one["calls"].as_u64())
        .unwrap_or_default())
}

/// How many schedules have not come to an end, up to a point.
async fn left(naru: &Naru) -> Result<u64> {
    let body = json!({"filter": {"status": ["SCHEDULED", "STARTED", "PENDING"],
        "from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}, "page": {"size": 1}});
    let list = call(&naru.address, &asked(naru, "/payment-schedules", &body)).await?;
    list["page"]["totalCount"].as_u64().context("no count")
}

/// Reads and charges in turns, at an even pace, until told to stop. Gives their times, sorted.
async fn paced(naru: &Naru, prefix: &str, stop: Arc<AtomicBool>) -> Result<Vec<u64>> {
    let body = card_payment(&naru.channel, CARD).to_string();
    let mut connection = Connection::open(&naru.address).await?;
    let mut times = Vec::new();
    let mut ticks = tokio::time::interval(PACE);
    let mut count = 0_u64;
    while !stop.load(Ordering::Relaxed) {
        ticks.tick().await;
        let path = format!("/payments/{prefix}-{}", count / 2);
        let bytes = if count.is_multiple_of(2) {
            request("POST", &format!("{path}/instant"), &naru.secret, &body)
        } else {
            request("GET", &path, &naru.secret, "")
        };
        let began = Instant::now();
        let status = connection.call(&bytes).await?.status;
        times.push(u64::try_from(began.elapsed().as_micros())?);
        ensure!(status == 200, "answered {status}");
        count += 1;
    }
    times.sort_unstable();
    Ok(times)
}

fn percentile(times: &[u64], percent: usize) -> u64 {
    times
        .get(times.len() * percent / 100)
        .copied()
        .unwrap_or_default()
}

impl Bench<'_> {
    /// The burst.
    pub async fn schedules(&mut self, simulator: &str) -> Result<()> {
        let address = simulator.replace("http://", "");
        let database = self.arguments.database.clone();
        let (naru, key) = self.scheduled(simulator, database.as_deref()).await?;
        let count = self.arguments.schedules;

        let charges = workloads::key_charges(&naru, &key, "plain");
        self.warm(&naru.address, &workloads::key_charges(&naru, &key, "warm"))
            .await?;
        let plain = self.load.run(&naru.address, charges).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let (idle, ()) = tokio::try_join!(paced(&naru, "idle", Arc::clone(&stop)), async {
            tokio::time::sleep(IDLE).await;
            stop.store(true, Ordering::Relaxed);
            Ok(())
        })?;

        call(&address, &request("DELETE", "/load", "", "")).await?;
        stop.store(false, Ordering::Relaxed);
        let burst = async {
            let forward = json!({"advance": "PT3H"}).to_string();
            call(&address, &request("POST", "/clock", "", &forward)).await?;
            let began = Instant::now();
            while charged(&address).await? < count || left(&naru).await? > 0 {
                ensure!(
                    began.elapsed() < PATIENCE,
                    "{} charged",
                    charged(&address).await?
                );
                tokio::time::sleep(POLL).await;
            }
            stop.store(true, Ordering::Relaxed);
            Ok(began.elapsed())
        };
        let (busy, took) = tokio::try_join!(paced(&naru, "busy", Arc::clone(&stop)), burst)?;
        let rate = count * 1_000_000 / u64::try_from(took.as_micros())?.max(1);
        let pair = |name: &str, unit, (base, seen): (u64, u64)| Pair {
            name: name.to_owned(),
            unit,
            base,
            seen,
            note: String::new(),
        };
        self.report.pairs.entry(HEADING).or_default().extend([
            pair(
                "carried out, beside plain charges",
                "per s",
                (plain.rate(), rate),
            ),
            pair(
                "a request's p50, beside idle",
                "µs",
                (percentile(&idle, 50), percentile(&busy, 50)),
            ),
            pair(
                "a request's p99, beside idle",
                "µs",
                (percentile(&idle, 99), percentile(&busy, 99)),
            ),
        ]);
        let p99 = (percentile(&busy, 99), percentile(&idle, 99));
        self.report.round("schedules-rate", (rate, plain.rate()))?;
        self.report.round("schedules-p99", p99)?;
        self.counted(naru, database).await
    }

    /// A server with so many schedules, and the key that they are on.
    async fn scheduled(&self, simulator: &str, database: Option<&str>) -> Result<(Naru, String)> {
        let mut naru = self.serve(DIRECTORY, simulator, database).await?;
        let key = make(&naru).await?;
        naru.process.kill().await?;
        let store = open(&self.url(database)).await?;
        let template = Template::read(store.as_ref(), "due-0").await?;
        let copies = Copies {
            templates: &[template],
            kind: |_| 0,
            count: self.arguments.schedules - 1,
            prefix: "due",
            earlier_us: &|_| 0,
        };
        fill(&store, &copies).await?;
        store.close().await;
        Ok((self.serve(DIRECTORY, simulator, database).await?, key))
    }

    fn url(&self, database: Option<&str>) -> String {
        let file = sqlite_file(&self.arguments.directory.join(DIRECTORY));
        database.map_or_else(|| file.to_string_lossy().into_owned(), str::to_owned)
    }

    /// All of them have succeeded.
    async fn counted(&self, mut naru: Naru, database: Option<String>) -> Result<()> {
        naru.process.kill().await?;
        let store = open(&self.url(database.as_deref())).await?;
        let done = Query::of(&tables::SCHEDULES, 1);
        let done = done.and(Condition::Is("status", "SUCCEEDED".into()));
        let limit = u32::try_from(self.arguments.schedules)? + 1;
        let count = store.count(done, limit).await?;
        store.close().await;
        ensure!(
            u64::from(count) == self.arguments.schedules,
            "{count} schedules succeeded"
        );
        Ok(())
    }
}
