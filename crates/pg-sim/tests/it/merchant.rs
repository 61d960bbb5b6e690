//! A merchant's server that gets notices, and its registration.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::support::Pg;

/// A merchant's server: keeps what it got and answers what it was told to, the last for ever.
pub(crate) struct Merchant {
    pub(crate) url: String,
    got: mpsc::UnboundedReceiver<(HeaderMap, String)>,
}

type Shared = Arc<(
    Mutex<Vec<&'static str>>,
    mpsc::UnboundedSender<(HeaderMap, String)>,
)>;

async fn receive(State(shared): State<Shared>, headers: HeaderMap, body: Bytes) -> &'static str {
    shared
        .1
        .send((headers, String::from_utf8(body.to_vec()).unwrap()))
        .unwrap();
    let mut answers = shared.0.lock().unwrap();
    if answers.len() > 1 {
        answers.remove(0)
    } else {
        answers[0]
    }
}

impl Merchant {
    pub(crate) async fn answering(answers: &[&'static str]) -> Self {
        let (sender, got) = mpsc::unbounded_channel();
        let shared: Shared = Arc::new((Mutex::new(answers.to_vec()), sender));
        let router = Router::new()
            .route("/here", post(receive))
            .with_state(shared);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/here", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { url, got }
    }

    pub(crate) async fn next(&mut self) -> String {
        self.next_with_headers().await.1
    }

    pub(crate) async fn next_with_headers(&mut self) -> (HeaderMap, String) {
        self.got.recv().await.unwrap()
    }

    /// What has come already.
    pub(crate) fn now(&mut self) -> (HeaderMap, String) {
        self.got.try_recv().unwrap()
    }

    /// Whether nothing has come that was not taken.
    pub(crate) fn is_quiet(&self) -> bool {
        self.got.is_empty()
    }
}

pub(crate) async fn register(pg: &Pg, name: &str, body: Value) {
    let reply = pg
        .control(Method::PUT, &format!("/registrations/{name}"), &body)
        .await;
    assert_eq!(reply.status, StatusCode::OK, "{:?}", reply.text);
}

pub(crate) fn pairs(body: &str) -> HashMap<&str, &str> {
    body.split('&')
        .map(|pair| pair.split_once('=').unwrap())
        .collect()
}
