//! Receivers of webhooks, in the process of the load: live ones, which remember what arrived, and
//! dead ones of three kinds.
//!
//! A receiver understands what our server sends: a head, a body of known length, kept connections.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const POLL: Duration = Duration::from_millis(20);
const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
const FAILED: &[u8] = b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n";

/// How a receiver behaves once the doors are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Takes everything.
    Live,
    /// Takes the connection and never answers.
    Hangs,
    /// Answers 500.
    Fails,
    /// Has no one at its port.
    Refuses,
}

/// What arrived at live receivers, by the webhook's id.
#[derive(Debug, Default)]
pub struct Heard {
    first: Mutex<HashMap<String, Instant>>,
    open: AtomicBool,
}

/// Receivers, each at a port of its own.
pub struct Receivers {
    /// Where they are, in the order of their roles.
    pub urls: Vec<String>,
    heard: Arc<Heard>,
    roles: Vec<(Role, TcpListener)>,
}

impl Heard {
    fn firsts(&self) -> MutexGuard<'_, HashMap<String, Instant>> {
        self.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many different webhooks arrived.
    pub fn count(&self) -> u64 {
        u64::try_from(self.firsts().len()).unwrap_or(u64::MAX)
    }

    /// How long after a moment each arrived first, in microseconds, sorted.
    pub fn times_us(&self, since: Instant) -> Vec<u64> {
        let firsts = self.firsts();
        let times = firsts
            .values()
            .map(|at| at.saturating_duration_since(since));
        let mut times: Vec<u64> = times
            .map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
            .collect();
        times.sort_unstable();
        times
    }

    /// Waits until so many different webhooks have arrived; fails if they have not in time.
    pub async fn wait(&self, count: u64, patience: Duration) -> Result<()> {
        let end = Instant::now() + patience;
        while self.count() < count {
            ensure!(
                Instant::now() < end,
                "{} of {count} webhooks arrived within {patience:?}",
                self.count()
            );
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    /// Forgets what arrived.
    pub fn clear(&self) {
        self.firsts().clear();
    }
}

impl Receivers {
    /// Takes ports. Until [`Self::open`] nobody answers there, whatever the role: what is sent
    /// waits.
    pub async fn bind(roles: &[Role]) -> Result<Self> {
        let mut bound = Vec::with_capacity(roles.len());
        let mut urls = Vec::with_capacity(roles.len());
        for role in roles {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            urls.push(format!("http://{}/webhooks", listener.local_addr()?));
            bound.push((*role, listener));
        }
        Ok(Self {
            urls,
            heard: Arc::default(),
            roles: bound,
        })
    }

    /// One live receiver that is open.
    pub async fn one() -> Result<(String, Arc<Heard>)> {
        let all = Self::bind(&[Role::Live]).await?;
        let url = all.urls.first().cloned().unwrap_or_default();
        Ok((url, all.open()))
    }

    /// Opens the doors, and closes those of receivers that refuse.
    pub fn open(self) -> Arc<Heard> {
        self.heard.open.store(true, Ordering::Relaxed);
        for (role, listener) in self.roles {
            if role != Role::Refuses {
                tokio::spawn(accept(listener, role, Arc::clone(&self.heard)));
            }
        }
        self.heard
    }
}

async fn accept(listener: TcpListener, role: Role, heard: Arc<Heard>) {
    let mut held = Vec::new();
    while let Ok((stream, _)) = listener.accept().await {
        match role {
            Role::Hangs => held.push(stream),
            Role::Live | Role::Fails | Role::Refuses => {
                tokio::spawn(serve(stream, role, Arc::clone(&heard)));
            }
        }
    }
}

/// Until the other side closes, or sends what is no webhook.
async fn serve(mut stream: TcpStream, role: Role, heard: Arc<Heard>) {
    let mut buffer = Vec::with_capacity(4 * 1_024);
    loop {
        while let Some((id, length)) = webhook(&buffer) {
            buffer.drain(..length);
            if role == Role::Live {
                heard.firsts().entry(id).or_insert_with(Instant::now);
            }
            let answer = if role == Role::Live { TAKEN } else { FAILED };
            if stream.write_all(answer).await.is_err() {
                return;
            }
        }
        match stream.read_buf(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The id of the webhook that the bytes begin with, and how long it is; nothing before it is whole.
fn webhook(buffer: &[u8]) -> Option<(String, usize)> {
    let end = buffer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(buffer.get(..end)?).ok()?;
    let field = |wanted: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        let found = lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| value.trim())
    };
    let length = end + 4 + field("content-length")?.parse::<usize>().ok()?;
    let body = buffer.get(end + 4..length)?;
    // Those of V1 have no id; each body is different.
    let id = field("webhook-id")
        .map_or_else(|| String::from_utf8_lossy(body).into_owned(), str::to_owned);
    Some((id, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_read_once_it_is_whole() {
        let bytes = b"POST / HTTP/1.1\r\nWebhook-Id: one\r\ncontent-length: 2\r\n\r\n{}POST";
        assert!(webhook(&bytes[..bytes.len() - 5]).is_none());
        assert_eq!(webhook(bytes), Some(("one".to_owned(), bytes.len() - 4)));
    }

    #[tokio::test]
    async fn the_same_webhook_twice_is_heard_once() {
        let (url, heard) = Receivers::one().await.unwrap();
        let address = url.replace("http://", "").replace("/webhooks", "");
        let mut stream = TcpStream::connect(address).await.unwrap();
        for id in ["a", "b", "a"] {
            let text = format!("POST / HTTP/1.1\r\nwebhook-id: {id}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(text.as_bytes()).await.unwrap();
            let mut answer = vec![0; TAKEN.len()];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, TAKEN);
        }
        assert_eq!(heard.count(), 2);
        assert!(heard.wait(3, Duration::ZERO).await.is_err());
    }
}
