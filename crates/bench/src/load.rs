//! Load: so many connections, each with one request at a time, for so long.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::http::Connection;

/// Makes the request of a connection's n-th call; nothing when there is no more to do.
pub type Make = Arc<dyn Fn(usize, u64) -> Option<Vec<u8>> + Send + Sync>;

/// How much load.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Connections.
    pub connections: usize,
    /// For how long.
    pub time: Duration,
}

/// What came of it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Measured {
    /// Answers with status 200.
    pub answers: u64,
    /// Other answers, by status.
    pub others: BTreeMap<u16, u64>,
    /// How long it took, in microseconds.
    pub elapsed_us: u64,
    /// Median of the time of one call, in microseconds.
    pub p50_us: u64,
    /// 99th percentile of the time of one call, in microseconds.
    pub p99_us: u64,
}

impl Measured {
    /// Answers per second.
    pub fn rate(&self) -> u64 {
        self.answers * 1_000_000 / self.elapsed_us.max(1)
    }

    /// Itself, if every answer was a 200 and there was one.
    pub fn good(self) -> Result<Self> {
        ensure!(
            self.others.is_empty(),
            "answers other than 200: {:?}",
            self.others
        );
        ensure!(self.answers > 0, "nothing was answered");
        Ok(self)
    }

    fn of(answers: &[(u16, u64)], elapsed: Duration) -> Self {
        let mut times: Vec<u64> = answers.iter().map(|(_, time)| *time).collect();
        times.sort_unstable();
        let at = |percent: usize| times.get(times.len() * percent / 100).copied();
        let mut others = BTreeMap::new();
        let mut good = 0;
        for (status, _) in answers {
            if *status == 200 {
                good += 1;
            } else {
                *others.entry(*status).or_default() += 1;
            }
        }
        Self {
            answers: good,
            others,
            elapsed_us: micros(elapsed),
            p50_us: at(50).unwrap_or_default(),
            p99_us: at(99).unwrap_or_default(),
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Load {
    /// Runs it against `HOST:PORT`.
    pub async fn run(self, address: &str, make: Make) -> Result<Measured> {
        self.spread(&[address], make).await
    }

    /// The same; fails if an answer was not 200, or none came.
    pub async fn run_good(self, address: &str, make: Make) -> Result<Measured> {
        self.run(address, make).await?.good()
    }

    /// Runs it against several, the connections dealt out evenly.
    pub async fn spread(self, addresses: &[&str], make: Make) -> Result<Measured> {
        let mut open = Vec::with_capacity(self.connections);
        for address in addresses.iter().cycle().take(self.connections) {
            open.push(Connection::open(address).await?);
        }
        let began = Instant::now();
        let mut tasks = JoinSet::new();
        for (number, connection) in open.into_iter().enumerate() {
            tasks.spawn(work(
                connection,
                number,
                Arc::clone(&make),
                began + self.time,
            ));
        }
        let mut answers = Vec::new();
        while let Some(done) = tasks.join_next().await {
            answers.extend(done??);
        }
        Ok(Measured::of(&answers, began.elapsed()))
    }
}

async fn work(
    mut connection: Connection,
    number: usize,
    make: Make,
    end: Instant,
) -> Result<Vec<(u16, u64)>> {
    let mut answers = Vec::new();
    let mut count = 0;
    while Instant::now() < end {
        let Some(request) = make(number, count) else {
            break;
        };
        count += 1;
        let began = Instant::now();
        let status = connection.call(&request).await?.status;
        answers.push((status, micros(began.elapsed())));
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_percentiles_come_from_what_was_answered() {
        let answers: Vec<(u16, u64)> = (0..200)
            .map(|n| (if n < 2 { 409 } else { 200 }, n))
            .collect();
        let measured = Measured::of(&answers, Duration::from_secs(2));
        assert_eq!((measured.answers, measured.rate()), (198, 99));
        assert_eq!((measured.p50_us, measured.p99_us), (100, 198));
        assert_eq!(measured.others, BTreeMap::from([(409, 2)]));
        assert!(measured.good().is_err());
        assert!(Measured::of(&[], Duration::ZERO).good().is_err());
        assert!(Measured::of(&[(200, 1)], Duration::ZERO).good().is_ok());
    }
}
