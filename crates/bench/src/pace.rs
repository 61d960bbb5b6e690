//! An open loop: so many turns per second, whether or not those before are over. What a turn took
//! counts from when it was due, so that a server that stops for a while is seen by all whom it
//! kept waiting (no coordinated omission).

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;

use crate::http::Connection;
use crate::load::Make;

/// Connections that share the turns: more than a server that keeps up ever needs.
const CONNECTIONS: usize = 128;

/// The moments at which turns are due. A thread of its own keeps time, since the runtime's timers
/// are as coarse as what is measured.
pub fn turns(per_second: u64, time: Duration) -> UnboundedReceiver<Instant> {
    let (send, receive) = unbounded_channel();
    let began = Instant::now();
    std::thread::spawn(move || {
        for number in 0_u64.. {
            let nanos = u128::from(number) * 1_000_000_000 / u128::from(per_second.max(1));
            let after = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
            if after >= time {
                return;
            }
            let due = began + after;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if send.send(due).is_err() {
                return;
            }
        }
    });
    receive
}

/// Sends requests at this rate; gives what each took, in microseconds, sorted. Fails if one was
/// not answered 200.
pub async fn run(address: &str, (rate, time): (u64, Duration), make: &Make) -> Result<Vec<u64>> {
    let mut open = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        open.push(Connection::open(address).await?);
    }
    share(turns(rate, time), open, make).await
}

/// Hands the turns to the connections, each to one that is free; what each took since it was due.
async fn share(
    turns: UnboundedReceiver<Instant>,
    connections: Vec<Connection>,
    make: &Make,
) -> Result<Vec<u64>> {
    let turns = Arc::new(Mutex::new(turns));
    let mut tasks = JoinSet::new();
    for (number, mut connection) in connections.into_iter().enumerate() {
        let (turns, make) = (Arc::clone(&turns), Arc::clone(make));
        tasks.spawn(async move {
            let mut times = Vec::new();
            loop {
                let due = turns.lock().await.recv().await;
                let (Some(due), Some(request)) = (due, make(number, 0)) else {
                    return anyhow::Ok(times);
                };
                let status = connection.call(&request).await?.status;
                ensure!(status == 200, "a request was answered {status}");
                times.push(u64::try_from(due.elapsed().as_micros())?);
            }
        });
    }
    let mut all = Vec::new();
    while let Some(done) = tasks.join_next().await {
        all.extend(done??);
    }
    all.sort_unstable();
    Ok(all)
}

/// The value that so many per cent of the sorted ones are below.
pub fn percentile(sorted: &[u64], percent: usize) -> u64 {
    let at = sorted.len() * percent / 100;
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn turns_are_due_at_even_distances_and_end() {
        let mut turns = turns(1_000, Duration::from_millis(5));
        let mut due = Vec::new();
        while let Some(turn) = turns.recv().await {
            due.push(turn);
        }
        assert_eq!(due.len(), 5);
        for two in due.windows(2) {
            assert_eq!(two[1] - two[0], Duration::from_millis(1));
        }
    }

    #[tokio::test]
    async fn a_turn_counts_from_when_it_was_due_and_not_from_when_it_was_sent() {
        let (url, _heard) = crate::receivers::Receivers::one().await.unwrap();
        let address = url.replace("http://", "").replace("/webhooks", "");
        let connection = Connection::open(&address).await.unwrap();
        let make: Make = Arc::new(|_, _| Some(crate::http::request("POST", "/", "", "{}")));
        let (send, turns) = unbounded_channel();
        let before = |seconds| {
            Instant::now()
                .checked_sub(Duration::from_secs(seconds))
                .unwrap()
        };
        for due in [before(4), before(2)] {
            send.send(due).unwrap();
        }
        drop(send);
        let times = share(turns, vec![connection], &make).await.unwrap();
        assert_eq!(times.len(), 2);
        assert!(times[0] >= 2_000_000 && times[1] >= 4_000_000, "{times:?}");
    }
}
