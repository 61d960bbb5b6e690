//! The receiver of webhooks: takes everything, remembers everything.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use naru_connector::{Answer, Request, SendError, Sent, Transport, TransportFuture};
use serde_json::Value;

/// A webhook that arrived.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Where to.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// The exact bytes.
    pub bytes: Bytes,
    /// The body as JSON; null if it is none.
    pub body: Value,
}

/// Takes webhooks.
#[derive(Debug, Clone, Default)]
pub struct Receiver(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// The status to answer with: 0 stands for 200.
    status: AtomicU16,
    deliveries: Mutex<Vec<Delivery>>,
    /// What to answer; nothing stands for thanks.
    words: Mutex<Bytes>,
}

/// In place of a status: no answer at all.
const NO_ANSWER: u16 = u16::MAX;

impl Receiver {
    /// Answers with this status from now on.
    pub fn answer_with(&self, status: u16) {
        self.0.status.store(status, Ordering::SeqCst);
    }

    /// Answers with these words from now on.
    pub fn say(&self, words: &str) {
        let mut said = self.0.words.lock().unwrap_or_else(PoisonError::into_inner);
        *said = Bytes::copy_from_slice(words.as_bytes());
    }

    /// Gives no answer from now on.
    pub fn go_away(&self) {
        self.answer_with(NO_ANSWER);
    }

    /// What arrived so far.
    pub fn deliveries(&self) -> Vec<Delivery> {
        let deliveries = self.0.deliveries.lock();
        deliveries.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The types of what arrived about a payment or billing key.
    pub fn events(&self, id: &str) -> Vec<String> {
        let about = |delivery: &Delivery| {
            let data = &delivery.body["data"];
            data["paymentId"] == id || data["billingKey"] == id
        };
        let name = |delivery: Delivery| delivery.body["type"].as_str().map(str::to_owned);
        self.deliveries()
            .into_iter()
            .filter(about)
            .filter_map(name)
            .collect()
    }
}

impl Transport for Receiver {
    fn send(&self, request: Request) -> TransportFuture<'_> {
        let status = match self.0.status.load(Ordering::SeqCst) {
            0 => 200,
            status => status,
        };
        if status == NO_ANSWER {
            let error = SendError {
                sent: Sent::No,
                detail: "connection refused".to_owned(),
            };
            return Box::pin(async move { Err(error) });
        }
        let delivery = Delivery {
            url: request.url,
            headers: request.headers,
            body: serde_json::from_slice(&request.body).unwrap_or_default(),
            bytes: request.body,
        };
        let deliveries = self.0.deliveries.lock();
        deliveries
            .unwrap_or_else(PoisonError::into_inner)
            .push(delivery);
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        let said = self.0.words.lock().unwrap_or_else(PoisonError::into_inner);
        let body = if said.is_empty() {
            Bytes::from_static(b"thanks")
        } else {
            said.clone()
        };
        Box::pin(async move {
            Ok(Answer {
                status,
                headers,
                body,
            })
        })
    }
}
