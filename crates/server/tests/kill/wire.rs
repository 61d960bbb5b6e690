//! The network between Naru and the PGs: a proxy that, while it is bad, holds bytes back, swallows
//! them, or cuts a connection in the middle of what is said, in either direction.
//!
//! What it does to a connection says nothing about what the PG did: the cut may come before the
//! request is whole, after the PG has taken the money, or in the middle of its answer.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// What happens to a piece of what is said, in percent. The rest is passed on.
const CUT: u32 = 12;
const LATE: u32 = 10;
const HOLE: u32 = 4;
/// How late a piece is at most.
const LATE_MAX_MS: u64 = 800;
/// After which time a hole is a cut. Each so many-th holds for longer than anybody waits; not the
/// first ones, since that takes half a minute: a run of many rounds has some.
const HOLE_FOR: Duration = Duration::from_secs(2);
const DEEP_EVERY: u64 = 24;
const DEEP_FOR: Duration = Duration::from_secs(40);
const PIECE: usize = 16 * 1024;

/// The proxy.
#[derive(Debug)]
pub struct Wire {
    /// Where Naru finds the PGs.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    to: SocketAddr,
    seed: u64,
    is_bad: AtomicBool,
    connections: AtomicU64,
    counts: Counts,
}

/// What it did, so that a run can say what it has been through.
#[derive(Debug, Default)]
struct Counts {
    cut: AtomicU64,
    late: AtomicU64,
    holes: AtomicU64,
}

/// What becomes of a piece.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Passed,
    Late(Duration),
    /// Only its first bytes are passed on, then the connection ends.
    Cut(usize),
    /// It is swallowed; the connection ends later.
    Hole(Duration),
}

impl Wire {
    /// Starts it before an address, `http://HOST:PORT`.
    pub async fn before(url: &str, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Shared {
            to: url.trim_start_matches("http://").parse().unwrap(),
            seed,
            is_bad: AtomicBool::new(false),
            connections: AtomicU64::new(0),
            counts: Counts::default(),
        });
        Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            task: tokio::spawn(accept(listener, Arc::clone(&shared))),
            shared,
        }
    }

    /// Makes it bad, or good again. Holes that were begun stay.
    pub fn set_bad(&self, is_bad: bool) {
        self.shared.is_bad.store(is_bad, Ordering::Relaxed);
    }

    /// What it did.
    pub fn summary(&self) -> String {
        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let counts = &self.shared.counts;
        let (cut, late, holes) = (
            count(&counts.cut),
            count(&counts.late),
            count(&counts.holes),
        );
        let connections = count(&self.shared.connections);
        format!("{connections} connections, {cut} cut, {late} pieces late, {holes} holes")
    }

    /// How often something went wrong.
    pub fn troubles(&self) -> u64 {
        let counts = &self.shared.counts;
        counts.cut.load(Ordering::Relaxed) + counts.holes.load(Ordering::Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Ends all connections when it ends itself.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (near, _) = accepted.unwrap();
                open.spawn(connect(near, Arc::clone(&shared)));
            }
            Some(_) = open.join_next() => {}
        }
    }
}

async fn connect(near: TcpStream, shared: Arc<Shared>) {
    // While the PG is down nobody answers there: what came in is closed.
    let Ok(far) = TcpStream::connect(shared.to).await else {
        return;
    };
    let number = shared.connections.fetch_add(1, Ordering::Relaxed);
    let random = |end: u64| StdRng::seed_from_u64(shared.seed ^ (2 * number + end));
    let (near_read, near_write) = near.into_split();
    let (far_read, far_write) = far.into_split();
    // Whichever direction ends first ends the other.
    tokio::select! {
        () = pump(near_read, far_write, &shared, random(0)) => {}
        () = pump(far_read, near_write, &shared, random(1)) => {}
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: &Shared,
    mut random: StdRng,
) {
    let mut piece = vec![0; PIECE];
    loop {
        let size = match from.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(size) => size,
        };
        let passed = match shared.fate(&mut random, size) {
            Fate::Passed => size,
            Fate::Late(by) => {
                tokio::time::sleep(by).await;
                size
            }
            Fate::Cut(after) => {
                let _gone = to.write_all(&piece[..after]).await;
                return;
            }
            Fate::Hole(lasts) => return tokio::time::sleep(lasts).await,
        };
        if to.write_all(&piece[..passed]).await.is_err() {
            return;
        }
    }
}

impl Shared {
    fn fate(&self, random: &mut StdRng, size: usize) -> Fate {
        if !self.is_bad.load(Ordering::Relaxed) {
            return Fate::Passed;
        }
        let drawn = random.random_range(0..100);
        if drawn < CUT {
            self.counts.cut.fetch_add(1, Ordering::Relaxed);
            Fate::Cut(random.random_range(0..=size))
        } else if drawn < CUT + LATE {
            self.counts.late.fetch_add(1, Ordering::Relaxed);
            Fate::Late(Duration::from_millis(random.random_range(1..LATE_MAX_MS)))
        } else if drawn < CUT + LATE + HOLE {
            let count = self.counts.holes.fetch_add(1, Ordering::Relaxed);
            let is_deep = count % DEEP_EVERY == DEEP_EVERY - 1;
            Fate::Hole(if is_deep { DEEP_FOR } else { HOLE_FOR })
        } else {
            Fate::Passed
        }
    }
}
