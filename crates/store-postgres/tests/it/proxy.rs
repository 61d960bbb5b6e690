//! A TCP proxy that cuts one connection at its COMMIT.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What to do with a COMMIT.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees it.
    Before,
    /// The server does it; its answer is lost.
    After,
    /// The client is cut off at once; the server sees the COMMIT only when it is released.
    Hold,
}

/// The proxy.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    cut: Cut,
    /// COMMITs that are still to be cut.
    left: AtomicUsize,
    seen: AtomicUsize,
    release: Notify,
}

impl Proxy {
    /// Cuts the first `times` COMMITs on their way to the server of that URL.
    pub async fn start(url: &str, cut: Cut, times: usize) -> (Self, String) {
        let (before, rest) = url.split_once('@').expect("a URL with a user");
        let (server, path) = rest.split_once('/').expect("a URL with a database");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            cut,
            left: AtomicUsize::new(times),
            seen: AtomicUsize::new(0),
            release: Notify::new(),
        });
        tokio::spawn(accept(listener, Arc::clone(&shared)));
        (
            Self { port, shared },
            format!("{before}@127.0.0.1:{port}/{path}"),
        )
    }

    /// How many COMMITs came by.
    pub fn commits(&self) -> usize {
        self.shared.seen.load(Ordering::SeqCst)
    }

    /// Sends a held COMMIT on.
    pub fn release(&self) {
        self.shared.release.notify_one();
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(carry(client, Arc::clone(&shared)));
    }
}

async fn carry(client: TcpStream, shared: Arc<Shared>) {
    let server = TcpStream::connect(&shared.server).await.unwrap();
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let answers = tokio::spawn(pump(from_server, to_client));
    watch(from_client, to_server, &shared, answers).await;
}

/// Server to client, until either ends.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        if to.write_all(&buffer[..count]).await.is_err() {
            return;
        }
    }
}

/// Client to server, looking for COMMIT. Each COMMIT is a message of its own, written at once, so
/// it is never split over two reads.
async fn watch(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    shared: &Shared,
    answers: tokio::task::JoinHandle<()>,
) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..count];
        if bytes.windows(7).any(|window| window == b"COMMIT\0") {
            shared.seen.fetch_add(1, Ordering::SeqCst);
            let left = shared.left.load(Ordering::SeqCst);
            if left > 0 {
                shared.left.store(left - 1, Ordering::SeqCst);
                return cut(bytes, (from, to), shared, answers).await;
            }
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

async fn cut(
    bytes: &[u8],
    (from, mut to): (OwnedReadHalf, OwnedWriteHalf),
    shared: &Shared,
    answers: tokio::task::JoinHandle<()>,
) {
    // Ending the task drops its halves; with `from` gone too, the client sees the end.
    answers.abort();
    let _ = answers.await;
    match shared.cut {
        Cut::Before => {}
        Cut::After => {
            to.write_all(bytes).await.unwrap();
            to.shutdown().await.unwrap();
        }
        Cut::Hold => {
            drop(from);
            shared.release.notified().await;
            to.write_all(bytes).await.unwrap();
            to.shutdown().await.unwrap();
        }
    }
}
