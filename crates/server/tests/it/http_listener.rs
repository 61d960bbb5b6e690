//! One listener: bounds, peer address, panics, and stopping without losing an answer.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::{get, post};
use naru_server::config::Limits;
use naru_server::health::{self, Health};
use naru_server::http::{HttpLimits, catch_panics, serve};
use naru_server::lifecycle::{self, Shutdown};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn start(router: Router, limits: &Limits) -> (SocketAddr, Shutdown) {
    let bound = lifecycle::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let shutdown = Shutdown::default();
    let address = bound.address;
    let limits = HttpLimits::from(limits);
    shutdown.spawn(serve(
        bound.listener,
        catch_panics(router),
        limits,
        shutdown.clone(),
    ));
    (address, shutdown)
}

/// Sends bytes on a connection of their own and reads to its end.
async fn exchange(address: SocketAddr, bytes: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: naru\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn handlers_see_the_peers_address() {
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let (address, _) = start(Router::new().route("/", get(peer)), &Limits::default()).await;
    assert!(
        exchange(address, &request("/"))
            .await
            .ends_with("127.0.0.1")
    );
}

#[tokio::test]
async fn a_panic_ends_one_request_and_tells_nothing() {
    let router = Router::new().route("/", get(|| async { panic!("card 4000") as () }));
    let (address, _) = start(router, &Limits::default()).await;
    for _ in 0..2 {
        let answer = exchange(address, &request("/")).await;
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
        assert!(
            answer.contains("content-type: application/json"),
            "{answer}"
        );
        assert!(answer.contains(r#"{"type":"INTERNAL_ERROR""#) && !answer.contains("4000"));
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let limits = Limits {
        header_timeout_ms: 50,
        ..Limits::default()
    };
    let (address, _) = start(Router::new(), &limits).await;
    assert_eq!(exchange(address, "GET / HTTP/1.1\r\nhost: na").await, "");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_an_error_of_the_handler() {
    let limits = Limits {
        body_idle_timeout_ms: 50,
        ..Limits::default()
    };
    let router = Router::new().route("/", post(|body: String| async move { body }));
    let (address, _) = start(router, &limits).await;
    let half = "POST / HTTP/1.1\r\nhost: naru\r\ncontent-length: 9\r\n\r\nhalf";
    let answer = exchange(address, half).await;
    assert!(
        answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"),
        "{answer}"
    );
}

#[tokio::test]
async fn who_does_not_read_its_answer_loses_the_connection_and_its_slot() {
    let limits = Limits {
        connections_max: 1,
        write_idle_timeout_ms: 100,
        ..Limits::default()
    };
    // More than the two sockets hold.
    let long = || async { "x".repeat(64 * 1024 * 1024) };
    let router = Router::new()
        .route("/long", get(long))
        .route("/", get(|| async { "hi" }));
    let (address, _) = start(router, &limits).await;
    let mut deaf = TcpStream::connect(address).await.unwrap();
    deaf.write_all(request("/long").as_bytes()).await.unwrap();
    let request = request("/");
    let next = tokio::time::timeout(Duration::from_secs(20), exchange(address, &request)).await;
    assert!(
        next.is_ok_and(|answer| answer.ends_with("hi")),
        "the slot is free again"
    );
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let limits = Limits {
        connections_max: 1,
        ..Limits::default()
    };
    let (address, _) = start(Router::new().route("/", get(|| async { "hi" })), &limits).await;
    let first = TcpStream::connect(address).await.unwrap();
    let request = request("/");
    let mut second = std::pin::pin!(exchange(address, &request));
    let early = tokio::time::timeout(Duration::from_millis(100), second.as_mut()).await;
    assert!(early.is_err(), "the one slot is taken");
    drop(first);
    assert!(second.await.ends_with("hi"));
}

#[tokio::test]
async fn stopping_finishes_requests_and_takes_no_new_ones() {
    let (entered, mut entry) = tokio::sync::mpsc::channel::<()>(1);
    let slow = move || async move {
        entered.send(()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        "done"
    };
    let limits = Limits::default();
    let (address, shutdown) = start(Router::new().route("/", get(slow)), &limits).await;
    let under_way =
        tokio::spawn(
            async move { exchange(address, "GET / HTTP/1.1\r\nhost: naru\r\n\r\n").await },
        );
    entry.recv().await.unwrap();
    shutdown.begin();
    shutdown.run(&limits).await.unwrap();
    let answer = under_way.await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    assert!(
        TcpStream::connect(address).await.is_err(),
        "the listener is closed"
    );
}

#[tokio::test]
async fn readiness_follows_the_probe_and_the_shutdown() {
    let limits = Limits::default();
    let stopping = Shutdown::default();
    let well = Health::new(|| Box::pin(async { Ok(()) }), stopping.clone());
    let (address, _) = start(health::router(well), &limits).await;
    assert!(
        exchange(address, &request("/health"))
            .await
            .starts_with("HTTP/1.1 200")
    );
    stopping.begin();
    assert!(
        exchange(address, &request("/health/ready"))
            .await
            .starts_with("HTTP/1.1 503")
    );
    assert!(
        exchange(address, &request("/health/live"))
            .await
            .starts_with("HTTP/1.1 200")
    );

    let ill = Health::new(
        || Box::pin(async { Err("the database is away".to_owned()) }),
        Shutdown::default(),
    );
    let (address, _) = start(health::router(ill), &limits).await;
    let answer = exchange(address, &request("/health/ready")).await;
    assert!(
        answer.contains(r#""problem":"the database is away""#),
        "{answer}"
    );
}
