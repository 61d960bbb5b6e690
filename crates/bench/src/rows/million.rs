//! A store of a million payments: how soon it answers after a start, and what it needs of memory,
//! beside a bare server.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::http::{Connection, request};
use crate::lists::LARGE;
use crate::naru::Naru;
use crate::run::Bench;
use crate::targets::median;

/// When a start has failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// A payment that is in the store.
const SEEDED: &str = "/payments/seed-0000500";

impl Bench<'_> {
    /// The figures.
    pub async fn row_million(&mut self, simulator: &str) -> Result<()> {
        let mut naru = self
            .filled(LARGE, simulator, self.arguments.payments)
            .await?;
        // Waited for: the next server needs the directory's lock.
        naru.process.kill().await?;
        let mut starts = Vec::new();
        let mut bare_starts = Vec::new();
        let mut memory = (0, 0);
        for _ in 0..self.arguments.rounds {
            let began = Instant::now();
            let mut naru = self.serve(LARGE, simulator, None).await?;
            let bytes = request("GET", SEEDED, &naru.secret, "");
            starts.push(until_answered(&naru.address, &bytes, began).await?);
            let began = Instant::now();
            let own = std::env::current_exe()?;
            let document = self.arguments.directory.join("document.json");
            std::fs::write(&document, "{}")?;
            let words = ["serve", &document.to_string_lossy()];
            let mut bare = crate::naru::Process::start(&own, &words, &self.halves.server)?;
            let address = bare.line("http://").await?.replace("http://", "");
            let bytes = request("GET", "/", "", "");
            bare_starts.push(until_answered(&address, &bytes, began).await?);
            memory = (naru.process.memory_kib()?.0, bare.memory_kib()?.0);
            self.after_reads(&naru).await?;
            naru.process.kill().await?;
        }
        let bytes = std::fs::metadata(&self.arguments.naru)?.len();
        self.report.figures.extend([
            (
                "start to first answer at many, µs",
                median(starts.into_iter()),
            ),
            (
                "start to first answer, bare axum, µs",
                median(bare_starts.into_iter()),
            ),
            ("memory idle at many, KiB", memory.0),
            ("memory idle, bare axum, KiB", memory.1),
            ("binary, KiB", bytes / 1_024),
        ]);
        Ok(())
    }

    /// What is resident once the caches have filled.
    async fn after_reads(&mut self, naru: &Naru) -> Result<()> {
        let count = self.arguments.payments;
        let secret = naru.secret.clone();
        let make: crate::load::Make = std::sync::Arc::new(move |connection, number| {
            let all = u64::try_from(connection).ok()? * 7_919 + number * 104_729;
            let path = format!("/payments/seed-{:07}", all % count);
            Some(request("GET", &path, &secret, ""))
        });
        let load = self.round_load(64);
        load.run_good(&naru.address, make).await?;
        let (now, _) = naru.process.memory_kib()?;
        self.report
            .figures
            .insert("memory after reads at many, KiB", now);
        Ok(())
    }
}

/// From then until the first 200, in microseconds.
async fn until_answered(address: &str, bytes: &[u8], began: Instant) -> Result<u64> {
    loop {
        let mut connection = Connection::open(address).await?;
        if connection.call(bytes).await?.status == 200 {
            return Ok(u64::try_from(began.elapsed().as_micros())?);
        }
        ensure!(began.elapsed() < PATIENCE, "no answer since the start");
    }
}
