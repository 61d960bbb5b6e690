//! The transports against servers on loopback: what is sent, and what a failure says.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod corpus;
mod server;

use std::time::Duration;

use bytes::Bytes;
use naru_connector::{Answer, Request, SendError, Sent, Transport};
use naru_egress::{Limits, PgTransport, Policy, WebhookTransport, install_crypto};
use server::{Behaviour, Server, ok};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn pg(policy: Policy, limits: Limits) -> PgTransport {
    install_crypto();
    PgTransport::new(policy, limits).unwrap()
}

fn sandbox() -> PgTransport {
    pg(Policy::SANDBOX, Limits::default())
}

fn post(url: String) -> Request {
    Request {
        method: http::Method::POST,
        url,
        headers: vec![(
            "content-type",
            "application/x-www-form-urlencoded".to_owned(),
        )],
        body: Bytes::from_static(b"a=1"),
        timeout_ms: 5_000,
        write_within_ms: None,
    }
}

fn lost(result: Result<Answer, SendError>) -> SendError {
    result.expect_err("no answer")
}

#[tokio::test]
async fn an_answer_comes_back_whole() {
    let server = Server::start(Behaviour::Answer(ok("hello"))).await;
    let answer = sandbox().send(post(server.url("/pay"))).await.unwrap();
    assert_eq!(
        (answer.status, answer.body.as_ref()),
        (200, b"hello".as_ref())
    );
    assert!(
        answer
            .headers
            .contains(&("x-tag".to_owned(), "A".to_owned()))
    );
}

#[tokio::test]
async fn a_refused_connection_is_surely_not_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let error = lost(
        sandbox()
            .send(post(format!("http://{address}/pay?card=4")))
            .await,
    );
    assert_eq!(error.sent, Sent::No);
    assert_eq!(error.detail, format!("connection refused by `{address}`"));
}

#[tokio::test]
async fn an_unknown_name_is_surely_not_sent() {
    // RFC 6761: `.invalid` never resolves.
    let error = lost(
        sandbox()
            .send(post("http://pg.invalid/pay".to_owned()))
            .await,
    );
    assert_eq!(error.sent, Sent::No);
    assert_eq!(error.detail, "can't resolve `pg.invalid`");
}

#[tokio::test]
async fn a_failed_tls_handshake_is_surely_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _written = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        }
    });
    let error = lost(sandbox().send(post(format!("https://{address}/"))).await);
    assert_eq!(error.sent, Sent::No, "{}", error.detail);
    assert_eq!(error.detail, format!("no TLS connection to `{address}`"));
}

#[tokio::test]
async fn a_request_that_cannot_be_built_is_surely_not_sent() {
    let server = Server::start(Behaviour::Answer(ok(""))).await;
    let mut request = post(server.url("/"));
    request.headers.push(("x-note", "two\nlines".to_owned()));
    let error = lost(sandbox().send(request).await);
    assert_eq!(error.sent, Sent::No);
    assert_eq!(error.detail, "header `x-note` can't be sent");
    assert_eq!(
        lost(sandbox().send(post("pay".to_owned())).await).sent,
        Sent::No
    );
}

#[tokio::test]
async fn a_connection_closed_without_answer_is_perhaps_sent() {
    let server = Server::start(Behaviour::Close).await;
    let error = lost(sandbox().send(post(server.url("/pay?card=4"))).await);
    assert_eq!(error.sent, Sent::Perhaps);
    assert!(!error.detail.contains("card"), "{}", error.detail);
    assert_eq!(server.requests(), 1, "and it is not repeated");
}

#[tokio::test]
async fn a_pooled_connection_closed_by_the_peer_is_perhaps_sent() {
    let server = Server::start(Behaviour::OnceThenClose(ok("first"))).await;
    let transport = sandbox();
    assert!(transport.send(post(server.url("/"))).await.is_ok());
    assert_eq!(
        lost(transport.send(post(server.url("/"))).await).sent,
        Sent::Perhaps
    );
    assert_eq!(
        server.requests(),
        2,
        "the second went over the first's connection, once"
    );
}

#[tokio::test]
async fn a_slow_answer_is_perhaps_sent() {
    let server = Server::start(Behaviour::Silence).await;
    let mut request = post(server.url("/"));
    request.timeout_ms = 100;
    let error = lost(sandbox().send(request).await);
    assert_eq!(error.sent, Sent::Perhaps);
    assert_eq!(
        error.detail,
        format!("time-out waiting for `{}`", server.address)
    );
}

#[tokio::test]
async fn a_slow_body_is_perhaps_sent() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec();
    let server = Server::start(Behaviour::Answer(head)).await;
    let mut request = post(server.url("/"));
    request.timeout_ms = 100;
    assert_eq!(lost(sandbox().send(request).await).sent, Sent::Perhaps);
}

#[tokio::test]
async fn a_cut_body_is_perhaps_sent() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf".to_vec();
    let server = Server::start(Behaviour::AnswerAndClose(head)).await;
    assert_eq!(
        lost(sandbox().send(post(server.url("/"))).await).sent,
        Sent::Perhaps
    );
}

#[tokio::test]
async fn garbage_is_perhaps_sent() {
    let server = Server::start(Behaviour::AnswerAndClose(b"\x00\x01 what\r\n\r\n".to_vec())).await;
    assert_eq!(
        lost(sandbox().send(post(server.url("/"))).await).sent,
        Sent::Perhaps
    );
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_perhaps_sent() {
    let limits = Limits {
        answer_bytes_max: 10,
        ..Limits::default()
    };
    let transport = pg(Policy::SANDBOX, limits);
    let fits = Server::start(Behaviour::Answer(ok("0123456789"))).await;
    assert!(transport.send(post(fits.url("/"))).await.is_ok());

    let declared = Server::start(Behaviour::Answer(ok("0123456789a"))).await;
    assert_eq!(
        lost(transport.send(post(declared.url("/"))).await).sent,
        Sent::Perhaps
    );

    let chunks = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n01234567\r\n8\r\n";
    let undeclared =
        Server::start(Behaviour::Answer([&chunks[..], b"01234567\r\n"].concat())).await;
    let error = lost(transport.send(post(undeclared.url("/"))).await);
    assert_eq!(error.sent, Sent::Perhaps);
    assert!(
        error.detail.ends_with("is longer than 10 bytes"),
        "{}",
        error.detail
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer() {
    let other = Server::start(Behaviour::Answer(ok("other"))).await;
    let head = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n",
        other.url("/")
    );
    let server = Server::start(Behaviour::Answer(head.into_bytes())).await;
    assert_eq!(
        sandbox().send(post(server.url("/"))).await.unwrap().status,
        302
    );
    assert_eq!(other.requests(), 0);
}

#[tokio::test]
async fn strict_webhooks_reach_no_private_address() {
    install_crypto();
    let strict = WebhookTransport::new(Policy::STRICT, Limits::default()).unwrap();
    let server = Server::start(Behaviour::Answer(ok(""))).await;
    let port = server.address.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "localhost",
    ] {
        let error = lost(
            strict
                .send(post(format!("http://{host}:{port}/hook?a=b")))
                .await,
        );
        assert_eq!(error.sent, Sent::No, "{host}");
        assert!(
            error.detail.ends_with("has no public address"),
            "{host}: {}",
            error.detail
        );
        assert!(!error.detail.contains("a=b"), "{}", error.detail);
    }
    assert_eq!(server.requests(), 0);

    let open = WebhookTransport::new(Policy::SANDBOX, Limits::default()).unwrap();
    assert!(
        open.send(post(format!("http://localhost:{port}/hook")))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_strict_pg_is_reached_by_tls_only() {
    let strict = pg(Policy::STRICT, Limits::default());
    let error = lost(strict.send(post("http://pg.example/pay".to_owned())).await);
    assert_eq!(error.sent, Sent::No);
    assert_eq!(error.detail, "the URL's scheme must be `https`");
}

#[tokio::test]
async fn requests_to_one_host_wait_their_turn() {
    let limits = Limits {
        per_host_max: 2,
        ..Limits::default()
    };
    let transport = pg(Policy::SANDBOX, limits);
    let late = Behaviour::Late(ok(""), Duration::from_millis(50));
    let server = Server::start(late).await;
    let send = || transport.send(post(server.url("/")));
    let (first, second, third) = tokio::join!(send(), send(), send());
    assert!([first, second, third].iter().all(Result::is_ok));
    assert_eq!(server.peak.load(std::sync::atomic::Ordering::SeqCst), 2);
}

#[tokio::test]
async fn waiting_for_a_turn_ends_with_the_time_out_and_is_surely_not_sent() {
    let limits = Limits {
        per_host_max: 1,
        ..Limits::default()
    };
    let transport = pg(Policy::SANDBOX, limits);
    let server = Server::start(Behaviour::Silence).await;
    let with_timeout = |timeout_ms| Request {
        timeout_ms,
        ..post(server.url("/"))
    };
    let (first, second) = tokio::join!(
        transport.send(with_timeout(400)),
        transport.send(with_timeout(100))
    );
    assert_eq!(lost(first).sent, Sent::Perhaps);
    assert_eq!(lost(second).sent, Sent::No);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_turn_that_comes_after_the_senders_deadline_is_not_taken() {
    let limits = Limits {
        per_host_max: 1,
        ..Limits::default()
    };
    let transport = pg(Policy::SANDBOX, limits);
    let late = Behaviour::Late(ok(""), Duration::from_millis(400));
    let server = Server::start(late).await;
    let hurried = Request {
        write_within_ms: Some(100),
        ..post(server.url("/"))
    };
    let (first, second) = tokio::join!(
        transport.send(post(server.url("/"))),
        transport.send(hurried)
    );
    assert!(first.is_ok(), "{first:?}");
    assert_eq!(lost(second).sent, Sent::No);
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_body_is_not_written_after_the_senders_deadline() {
    let server = Server::start(Behaviour::Answer(ok(""))).await;
    let late = Request {
        write_within_ms: Some(0),
        ..post(server.url("/"))
    };
    let error = lost(sandbox().send(late).await);
    assert_eq!(error.sent, Sent::No, "{}", error.detail);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_body_with_a_deadline_arrives_whole_and_with_its_length() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let request = Request {
        write_within_ms: Some(5_000),
        ..post(format!("http://{}/", listener.local_addr().unwrap()))
    };
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"a=1") {
            stream.read_buf(&mut bytes).await.unwrap();
        }
        stream.write_all(&ok("")).await.unwrap();
        String::from_utf8(bytes).unwrap().to_ascii_lowercase()
    });
    assert_eq!(sandbox().send(request).await.unwrap().status, 200);
    let received = received.await.unwrap();
    assert!(received.contains("content-length: 3"), "{received}");
    assert!(!received.contains("transfer-encoding"), "{received}");
}
