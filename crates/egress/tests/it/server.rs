//! Tiny servers on loopback that answer raw bytes, and count what reached them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What a server does with a request.
#[derive(Clone)]
pub enum Behaviour {
    /// Writes these bytes and keeps the connection open.
    Answer(Vec<u8>),
    /// Writes these bytes and closes.
    AnswerAndClose(Vec<u8>),
    /// Closes without a word.
    Close,
    /// Never answers.
    Silence,
    /// Writes these bytes after a while.
    Late(Vec<u8>, Duration),
    /// Answers the first request of a connection and closes when the second one comes.
    OnceThenClose(Vec<u8>),
}

pub struct Server {
    pub address: SocketAddr,
    pub requests: Arc<AtomicUsize>,
    /// The most requests that were under way at once.
    pub peak: Arc<AtomicUsize>,
}

impl Server {
    pub async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            address: listener.local_addr().unwrap(),
            requests: Arc::default(),
            peak: Arc::default(),
        };
        let (requests, peak) = (Arc::clone(&server.requests), Arc::clone(&server.peak));
        let under_way = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let counters = (
                    Arc::clone(&requests),
                    Arc::clone(&peak),
                    Arc::clone(&under_way),
                );
                tokio::spawn(serve(stream, behaviour.clone(), counters));
            }
        });
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

type Counters = (Arc<AtomicUsize>, Arc<AtomicUsize>, Arc<AtomicUsize>);

async fn serve(mut stream: TcpStream, behaviour: Behaviour, counters: Counters) {
    let (requests, peak, under_way) = counters;
    let mut served = 0;
    while read_request(&mut stream).await {
        requests.fetch_add(1, Ordering::SeqCst);
        peak.fetch_max(
            under_way.fetch_add(1, Ordering::SeqCst) + 1,
            Ordering::SeqCst,
        );
        let goes_on = act(&mut stream, &behaviour, served).await;
        under_way.fetch_sub(1, Ordering::SeqCst);
        served += 1;
        if !goes_on {
            return;
        }
    }
}

async fn act(stream: &mut TcpStream, behaviour: &Behaviour, served: usize) -> bool {
    match behaviour {
        Behaviour::Answer(bytes) => stream.write_all(bytes).await.is_ok(),
        Behaviour::AnswerAndClose(bytes) => {
            let _written = stream.write_all(bytes).await;
            false
        }
        Behaviour::Close => false,
        Behaviour::Silence => std::future::pending().await,
        Behaviour::Late(bytes, delay) => {
            tokio::time::sleep(*delay).await;
            stream.write_all(bytes).await.is_ok()
        }
        Behaviour::OnceThenClose(bytes) => served == 0 && stream.write_all(bytes).await.is_ok(),
    }
}

/// Reads one request, head and body by its content length; false at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse::<usize>().unwrap());
            if read.len() >= end + 4 + length {
                return true;
            }
        }
        match stream.read_buf(&mut read).await {
            Ok(0) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

/// An answer with this body.
pub fn ok(body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\nX-Tag: A\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}
