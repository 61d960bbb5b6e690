//! A merchant's receiver of webhooks. Checks every signature with the documented recipe, on its
//! own, and keeps what came. At times it answers an error, so that deliveries are repeated.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tokio::task::JoinHandle;

use crate::support::Place;

/// Verifiers refuse what is older.
const TOLERANCE_S: u64 = 300;
/// One in so many is refused.
const REFUSED_EVERY: u64 = 25;

/// What came.
#[derive(Debug, Default)]
pub struct Received {
    /// Bodies that were accepted.
    pub bodies: Vec<Value>,
    /// Why a message is not right.
    pub wrongs: Vec<String>,
}

/// The receiver.
#[derive(Debug)]
pub struct Receiver {
    /// Its address.
    pub url: String,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    secret: String,
    received: Mutex<Received>,
    count: AtomicU64,
}

impl Receiver {
    /// Starts on a free port; `secret` is what messages are signed with.
    pub async fn start(secret: &str) -> Self {
        let shared = Arc::new(Shared {
            secret: secret.to_owned(),
            received: Mutex::default(),
            count: AtomicU64::new(0),
        });
        let router = Router::new()
            .route("/", post(receive))
            .with_state(Arc::clone(&shared));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shared, task }
    }

    /// Starts with the published secret of a sandbox.
    pub async fn of(place: &Place) -> Self {
        Self::start(&place.webhook_secret).await
    }

    /// Looks at what came so far.
    pub fn look<T>(&self, at: impl FnOnce(&Received) -> T) -> T {
        at(&self.shared.received.lock().unwrap())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let count = shared.count.fetch_add(1, Ordering::Relaxed);
    let checked = check(&shared.secret, &headers, &body);
    let mut received = shared.received.lock().unwrap();
    match checked {
        Err(wrong) => {
            received.wrongs.push(wrong);
            StatusCode::BAD_REQUEST
        }
        Ok(_) if count % REFUSED_EVERY == REFUSED_EVERY - 1 => StatusCode::INTERNAL_SERVER_ERROR,
        Ok(body) => {
            received.bodies.push(body);
            StatusCode::OK
        }
    }
}

fn check(secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<Value, String> {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or_else(|| format!("no header `{name}`"))
    };
    let (id, at) = (header("webhook-id")?, header("webhook-timestamp")?);
    let sent: u64 = at.parse().map_err(|_| format!("`{at}` is no time"))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    if now.as_secs().abs_diff(sent) > TOLERANCE_S {
        return Err(format!("`{id}` was sent at `{at}`"));
    }
    let key = STANDARD
        .decode(secret.trim_start_matches("whsec_"))
        .unwrap();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
    let mut signed = format!("{id}.{at}.").into_bytes();
    signed.extend_from_slice(body);
    let is_ours = header("webhook-signature")?
        .split(' ')
        .filter_map(|one| STANDARD.decode(one.strip_prefix("v1,")?).ok())
        .any(|tag| ring::hmac::verify(&key, &signed, &tag).is_ok());
    if !is_ours {
        return Err(format!("the signature of `{id}` does not verify"));
    }
    serde_json::from_slice(body).map_err(|error| format!("`{id}`: {error}"))
}
