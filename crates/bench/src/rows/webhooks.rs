//! Very many pending webhooks to a hundred receivers of which ten are dead: how fast the live ones
//! have theirs, beside a bare client that posts to them; and what the dead ones change for them.
//!
//! The webhooks are copies of a hundred that the server made while nobody answered. A live
//! receiver's time is that from the server's start until a webhook arrived.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use naru_bench::bodies::{CARD, card_payment};
use naru_store::{Commit, Query, Row, Store, Value, Write, tables};
use serde_json::json;
use uuid::Uuid;

use super::ask;
use crate::http::request;
use crate::naru::{Naru, Process};
use crate::pace::percentile;
use crate::receivers::{Receivers, Role};
use crate::run::Bench;
use crate::store::{open, sqlite_file};

const RECEIVERS: usize = 100;
const DEAD: usize = 10;
/// Addresses that one payment may name.
const PER_PAYMENT: usize = 10;
const TEMPLATE: &str = "webhooks";
const PATIENCE: Duration = Duration::from_mins(30);
/// Webhooks of one unit.
const PER_UNIT: usize = 200;
/// Until the server has taken up all webhooks of the template.
const REST: Duration = Duration::from_secs(1);

/// Who is dead: refuses, hangs and fails in turns.
fn roles() -> Vec<Role> {
    let dead = [Role::Refuses, Role::Hangs, Role::Fails];
    let role = |number: usize| match number.checked_sub(RECEIVERS - DEAD) {
        Some(at) => dead[at % dead.len()],
        None => Role::Live,
    };
    (0..RECEIVERS).map(role).collect()
}

/// A pending webhook and its job, to be copied.
struct Pending {
    webhook: Row,
    job: Row,
    id: String,
}

impl Pending {
    /// With an id of its own, due at once, leased to nobody.
    fn writes(&self) -> [Write; 2] {
        let id = Uuid::now_v7().to_string();
        let copy = |row: &Row| {
            let own = |value: &Value| match value {
                Value::Text(text) => Value::Text(text.replace(&self.id, &id)),
                Value::Int(_) | Value::Null => value.clone(),
            };
            Row {
                key: row.key.iter().map(own).collect(),
                version: row.version,
                columns: row.columns.iter().map(own).collect(),
                body: row.body.replace(&self.id, &id),
            }
        };
        [
            Write::Insert(&tables::WEBHOOKS, copy(&self.webhook)),
            Write::Insert(&tables::JOBS, copy(&self.job)),
        ]
    }
}

/// The webhooks of a store that a server has left pending, with their jobs set free and taken out.
async fn take_pending(store: &dyn Store) -> Result<Vec<Pending>> {
    let limit = u32::try_from(RECEIVERS)? * 10;
    let jobs = store.scan(Query::of(&tables::JOBS, limit)).await?;
    let mut unit = Commit::new(Uuid::now_v7());
    let mut found = Vec::new();
    for webhook in store.scan(Query::of(&tables::WEBHOOKS, limit)).await? {
        let Some(Value::Text(id)) = webhook.key.get(1).cloned() else {
            continue;
        };
        let job = jobs.iter().find(|job| job.body.contains(&id));
        let mut job = job.with_context(|| format!("`{id}` has no job"))?.clone();
        for (table, row) in [(&tables::WEBHOOKS, &webhook), (&tables::JOBS, &job)] {
            let (key, expected) = (row.key.clone(), None);
            unit.writes.push(Write::Delete {
                table,
                key,
                expected,
            });
        }
        job.columns[3] = Value::Null;
        let mut body: serde_json::Value = serde_json::from_str(&job.body)?;
        body["lease_until"] = serde_json::Value::Null;
        body["tries"] = 0.into();
        job.body = body.to_string();
        found.push(Pending { webhook, job, id });
    }
    store.commit(unit).await?;
    Ok(found)
}

/// Writes so many copies, the receivers in turns.
async fn fill(store: &Arc<dyn Store>, pending: &[&Pending], count: u64) -> Result<()> {
    let mut unit = Commit::new(Uuid::now_v7());
    for one in pending.iter().cycle().take(usize::try_from(count)?) {
        unit.writes.extend(one.writes());
        if unit.writes.len() >= PER_UNIT * 2 {
            let full = std::mem::replace(&mut unit, Commit::new(Uuid::now_v7()));
            store.commit(full).await?;
        }
    }
    Ok(store.commit(unit).await?)
}

fn copy_directory(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

impl Bench<'_> {
    /// The two rows.
    pub async fn row_webhooks(&mut self, simulator: &str) -> Result<()> {
        let receivers = Receivers::bind(&roles()).await?;
        let urls = receivers.urls.clone();
        let pending = self.template(simulator, &urls).await?;
        let heard = receivers.open();
        let all: Vec<&Pending> = pending.iter().collect();
        let is_live = |one: &&Pending| {
            let body = &one.webhook.body;
            urls[..RECEIVERS - DEAD]
                .iter()
                .any(|url| body.contains(url.as_str()))
        };
        let live: Vec<&Pending> = pending.iter().filter(is_live).collect();
        ensure!(live.len() == RECEIVERS - DEAD, "{} live ones", live.len());
        let body: serde_json::Value = serde_json::from_str(&live[0].webhook.body)?;
        let body = body["body"].as_str().context("no body")?.to_owned();
        let count = self.arguments.webhooks;
        let of_live = count - count * DEAD as u64 / RECEIVERS as u64;
        for round in 0..self.arguments.rounds {
            let base = self.bare_posts(&urls[..RECEIVERS - DEAD], &body).await?;
            let mut p99 = [0; 2];
            for (at, (which, webhooks)) in [(&live, of_live), (&all, count)].iter().enumerate() {
                heard.clear();
                let name = format!("webhooks-{round}-{at}");
                let began = Instant::now();
                let naru = self.drain(&name, simulator, (which, *webhooks)).await?;
                let start = naru.1;
                heard.wait(of_live, PATIENCE).await?;
                let times = heard.times_us(start);
                p99[at] = percentile(&times, 99);
                if at == 1 {
                    let rate = of_live * 1_000_000 / times.last().copied().unwrap_or(1).max(1);
                    self.report.round("webhooks-rate", (rate, base))?;
                }
                println!(
                    "{webhooks} webhooks in {} s in all",
                    began.elapsed().as_secs()
                );
                drop(naru);
                std::fs::remove_dir_all(self.arguments.directory.join(&name))?;
            }
            self.report.round("webhooks-p99", (p99[1], p99[0]))?;
        }
        Ok(())
    }

    /// One webhook to each receiver, made by the server and taken out of its store again.
    async fn template(&self, simulator: &str, urls: &[String]) -> Result<Vec<Pending>> {
        let mut naru = self.serve(TEMPLATE, simulator, None).await?;
        for (number, urls) in urls.chunks(PER_PAYMENT).enumerate() {
            let mut body = card_payment(&naru.channel, CARD);
            body["noticeUrls"] = json!(urls);
            let path = format!("/payments/told-{number}/instant");
            let bytes = request("POST", &path, &naru.secret, &body.to_string());
            ask(&naru.address, &bytes).await?;
        }
        tokio::time::sleep(REST).await;
        naru.process.kill().await?;
        let file = sqlite_file(&self.arguments.directory.join(TEMPLATE));
        let store = open(&file.to_string_lossy()).await?;
        let pending = take_pending(store.as_ref()).await?;
        store.close().await;
        ensure!(pending.len() == RECEIVERS, "{} webhooks", pending.len());
        Ok(pending)
    }

    /// A server with so many pending ones, and when it was started.
    async fn drain(
        &self,
        name: &str,
        simulator: &str,
        (pending, count): (&[&Pending], u64),
    ) -> Result<(Naru, Instant)> {
        let to = self.arguments.directory.join(name);
        copy_directory(&self.arguments.directory.join(TEMPLATE), &to)?;
        let store = open(&sqlite_file(&to).to_string_lossy()).await?;
        fill(&store, pending, count).await?;
        store.close().await;
        let began = Instant::now();
        Ok((self.serve(name, simulator, None).await?, began))
    }

    /// What a bare client does on the cores of the server.
    async fn bare_posts(&self, urls: &[String], body: &str) -> Result<u64> {
        let seconds = self.arguments.round_seconds.to_string();
        let mut words = vec!["post", "--seconds", &seconds, "--body", body];
        words.extend(urls.iter().map(String::as_str));
        let own = std::env::current_exe()?;
        let mut client = Process::start(&own, &words, &self.halves.server)?;
        Ok(client.line("").await?.parse()?)
    }
}
