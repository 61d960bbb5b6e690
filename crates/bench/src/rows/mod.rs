//! One row of the table each: what the server is asked for, and what that is held against. Both run
//! in turns, round by round.

mod cancels;
mod charges;
mod connector;
mod faces;
mod half_load;
mod million;
mod nodes;
mod postgres;
mod reads;
mod webhooks;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::http::Connection;
use crate::load::Load;
use crate::naru::Process;
use crate::run::Bench;
use crate::store::sqlite_file;
use crate::workloads;

impl Bench<'_> {
    /// The load of one round.
    pub fn round_load(&self, connections: usize) -> Load {
        Load {
            connections,
            time: Duration::from_secs(self.arguments.round_seconds),
        }
    }

    /// A bare server on the cores of ours that answers with this document; its address.
    async fn bare_server(&self, document: &[u8]) -> Result<(Process, String)> {
        let file = self.arguments.directory.join("document.json");
        std::fs::write(&file, document)?;
        let file = file.to_string_lossy().into_owned();
        let own = std::env::current_exe()?;
        let mut bare = Process::start(&own, &["serve", &file], &self.halves.server)?;
        let address = bare.line("http://").await?.replace("http://", "");
        self.warm(&address, &workloads::plain()).await?;
        Ok((bare, address))
    }

    /// What the ceiling by units says, on a file of its own.
    async fn units(&self, words: &[&str]) -> Result<Value> {
        let directory = self.arguments.directory.join("units");
        if directory.exists() {
            std::fs::remove_dir_all(&directory)?;
        }
        std::fs::create_dir_all(&directory)?;
        let file = sqlite_file(&directory).to_string_lossy().into_owned();
        let seconds = self.arguments.round_seconds.to_string();
        let mut all = vec!["units", &file, "--seconds", &seconds];
        all.extend(words);
        let own = std::env::current_exe()?;
        let mut ceiling = Process::start(&own, &all, &self.halves.server)?;
        Ok(serde_json::from_str(&ceiling.line("{").await?)?)
    }

    /// What is left of a PostgreSQL row when no server was named.
    fn needs_postgres(&self) -> Option<&str> {
        let url = self.arguments.postgres.as_deref();
        if url.is_none() {
            println!("not measured: needs a PostgreSQL server, `NARU_BENCH_POSTGRES`");
        }
        url
    }
}

/// A number of a JSON answer.
fn number(value: &Value, name: &str) -> Result<u64> {
    let found = value[name].as_u64();
    found.with_context(|| format!("no `{name}` in {value}"))
}

/// The body of the answer to one request, which must be a 200.
async fn ask(address: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    let mut connection = Connection::open(address).await?;
    let answer = connection.call(bytes).await?;
    let text = String::from_utf8_lossy(answer.body);
    ensure!(answer.status == 200, "answered {}: {text}", answer.status);
    Ok(answer.body.to_vec())
}
