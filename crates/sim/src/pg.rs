//! The simulated PG of a world, called without a socket.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use http::Method;
use naru_connector::{Answer, Request};
use naru_pg_sim::{Courier, Options, ProcessClock, Simulator, Timing};
use serde_json::Value;
use tower::ServiceExt as _;

use crate::time::WorldTime;

/// The PG.
#[derive(Debug)]
pub struct Pg {
    simulator: Arc<Simulator>,
    router: Router,
}

/// The simulator cut the connection.
#[derive(Debug)]
pub struct Cut;

impl Pg {
    /// A PG with empty books.
    pub fn new(seed: u64, time: WorldTime, courier: Courier) -> Self {
        let options = Options {
            timing: Timing {
                hold: Duration::from_secs(40),
                ..Timing::default()
            },
            sync: false,
            clock: ProcessClock::new(move || time.read().as_millis()),
            seed: Some(seed),
            courier: Some(courier),
        };
        let simulator = Simulator::open_with(None, options).expect("books in memory");
        let router = simulator.router();
        Self { simulator, router }
    }

    /// One request of the PG's own protocol.
    pub async fn call(&self, request: Request) -> Result<Answer, Cut> {
        let path = request.url.split_once("://").map_or("", |(_, rest)| rest);
        let path = path.find('/').map_or("/", |at| &path[at..]);
        let mut built = http::Request::builder().method(request.method).uri(path);
        for (name, value) in request.headers {
            built = built.header(name, value);
        }
        let built = built.body(Body::from(request.body)).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(built)
            .await
            .expect("infallible");
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await;
        Ok(Answer {
            status,
            headers: Vec::new(),
            body: body.map_err(|_cut| Cut)?,
        })
    }

    /// One of the simulator's controls.
    pub async fn control(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .body(body)
            .expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("infallible");
        let bytes = to_bytes(response.into_body(), usize::MAX).await;
        serde_json::from_slice(&bytes.expect("a body")).unwrap_or_default()
    }

    /// Sends again what nobody has acknowledged.
    pub fn resume(&self) {
        self.simulator.resume();
    }
}
