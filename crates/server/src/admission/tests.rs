//! The place of a request, from its beginning to each of its ends.

use std::net::IpAddr;

use axum::body::{Bytes, to_bytes};
use axum::routing::{any, post};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;

use super::*;

/// One place, three wrong credentials and two windows a minute.
fn admission(requests_max: u32) -> Arc<Admission> {
    Arc::new(Admission::new(&Limits {
        requests_max,
        wrong_credentials_per_address_max: 3,
        windows_per_address_max: 2,
        ..Limits::default()
    }))
}

fn request(method: &str, path: &str, body: Body) -> Request {
    Request::builder()
        .method(method)
        .uri(path)
        .body(body)
        .unwrap()
}

fn from(address: &str, mut request: Request) -> Request {
    let address: IpAddr = address.parse().unwrap();
    let caller = ConnectInfo(SocketAddr::new(address, 1));
    request.extensions_mut().insert(caller);
    request
}

/// A face that answers each request when it is told to.
struct Held {
    face: Router,
    entered: mpsc::Receiver<()>,
    go: Arc<tokio::sync::Semaphore>,
}

impl Held {
    fn new() -> Self {
        let (enter, entered) = mpsc::channel(16);
        let go = Arc::new(tokio::sync::Semaphore::new(0));
        let wait = Arc::clone(&go);
        let handler = move || async move {
            enter.send(()).await.unwrap();
            wait.acquire().await.unwrap().forget();
            "done"
        };
        Self {
            face: Router::new().fallback(any(handler)),
            entered,
            go,
        }
    }
}

#[tokio::test]
async fn beyond_the_places_requests_are_turned_away_until_one_is_free() {
    let admission = admission(2);
    let mut held = Held::new();
    let get = || request("GET", "/payments/a", Body::empty());
    let start = |admission: Arc<Admission>, face: Router| {
        tokio::spawn(async move { admission.pass(Asked::V2, get(), face).await })
    };
    let first = start(Arc::clone(&admission), held.face.clone());
    let second = start(Arc::clone(&admission), held.face.clone());
    held.entered.recv().await.unwrap();
    held.entered.recv().await.unwrap();

    let face = || held.face.clone();
    for _ in 0..3 {
        let refused = admission.pass(Asked::V2, get(), face()).await;
        assert_eq!(refused.status(), 503);
        assert_eq!(refused.headers()["retry-after"], "1");
    }
    // What was let in is finished, and its place is free at once.
    held.go.add_permits(1);
    let (done, running) = match futures_util::future::select(first, second).await {
        futures_util::future::Either::Left((done, running))
        | futures_util::future::Either::Right((done, running)) => (done, running),
    };
    assert_eq!(done.unwrap().status(), 200);
    let third = start(Arc::clone(&admission), held.face.clone());
    held.entered.recv().await.unwrap();
    assert_eq!(admission.pass(Asked::V2, get(), face()).await.status(), 503);

    // A caller that hangs up gives its place back.
    third.abort();
    assert!(third.await.unwrap_err().is_cancelled());
    held.go.add_permits(2);
    assert_eq!(admission.pass(Asked::V2, get(), face()).await.status(), 200);
    assert_eq!(running.await.unwrap().status(), 200);
}

#[tokio::test]
async fn notices_are_let_in_whatever_is_under_way() {
    let admission = admission(1);
    let _place = admission.places.take().unwrap();
    let face = || Router::new().fallback(any(|| async { "OK" }));
    let notice = || request("POST", "/pg/inicis/notices", Body::from("P_TID=1"));
    let notice = admission.pass(Asked::Notice, notice(), face()).await;
    assert_eq!(notice.status(), 200);
    let other = request("POST", "/payments/a/cancel", Body::from("{}"));
    assert_eq!(admission.pass(Asked::V2, other, face()).await.status(), 503);
}

#[tokio::test]
async fn a_panic_gives_the_place_back() {
    let admission = admission(1);
    let face = crate::http::catch_panics(
        Router::new().fallback(any(|| async { panic!("a mistake") as () })),
    );
    for _ in 0..3 {
        let get = request("GET", "/", Body::empty());
        let answer = admission.pass(Asked::V2, get, face.clone()).await;
        assert_eq!(answer.status(), 500);
    }
}

#[tokio::test]
async fn a_body_that_has_not_come_yet_takes_no_place() {
    let admission = admission(1);
    let echo = |body: Body| async move { to_bytes(body, 100).await.unwrap() };
    let face = Router::new().route("/", post(echo));
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let parts = futures_util::stream::unfold(receiver, |mut receiver| async move {
        Some((receiver.recv().await?, receiver))
    });
    let slow = request("POST", "/", Body::from_stream(parts.boxed()));
    let mut slow = std::pin::pin!(admission.pass(Asked::V2, slow, face.clone()));
    let whole = |text: &'static str| request("POST", "/", Body::from(text));
    for part in ["a", "b"] {
        assert!(futures_util::poll!(slow.as_mut()).is_pending());
        // Others are served meanwhile, and one that holds the place keeps nobody from going on.
        let answer = admission.pass(Asked::V2, whole("x"), face.clone()).await;
        assert_eq!(answer.status(), 200);
        sender.send(Ok(part.into())).await.unwrap();
    }
    let _other = admission.places.take().unwrap();
    drop(sender);
    let answer = slow.await;
    assert_eq!(answer.status(), 200);
    let body = to_bytes(answer.into_body(), 100).await.unwrap();
    assert_eq!(&body[..], b"ab");
    let answer = admission.pass(Asked::V2, whole("x"), face).await;
    assert_eq!(answer.status(), 503, "the other one's place is still taken");
}

/// A face that knows one secret, and answers other paths without asking for it.
fn door() -> Router {
    let check = |request: Request| async move {
        let header = request.headers().get("authorization");
        let is_right = header.is_some_and(|value| value == "PortOne right");
        if request.uri().path() == "/open" {
            return StatusCode::NOT_FOUND;
        }
        if !is_right {
            return StatusCode::UNAUTHORIZED;
        }
        if let Some(proof) = request.extensions().get::<Proof>() {
            proof.give();
        }
        StatusCode::OK
    };
    Router::new().fallback(any(check))
}

/// What a caller with a credential is answered at a door.
async fn tried(admission: &Admission, address: &str, path: &str, secret: &str) -> u16 {
    let mut request = from(address, request("GET", path, Body::empty()));
    let value = format!("PortOne {secret}").parse().unwrap();
    request.headers_mut().insert("authorization", value);
    let answer = admission.pass(Asked::V2, request, door()).await;
    if answer.status() == 429 {
        let after: u32 = answer.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!((1..=60).contains(&after));
    }
    answer.status().as_u16()
}

const STRANGER: &str = "8.8.8.8";

#[tokio::test]
async fn who_sends_wrong_credentials_is_turned_away_before_they_are_looked_at() {
    let admission = admission(9);
    for guess in 0..3 {
        let guess = format!("guess {guess}");
        assert_eq!(tried(&admission, STRANGER, "/", &guess).await, 401);
    }
    assert_eq!(tried(&admission, STRANGER, "/", "guess 3").await, 429);
    // Not even the right one: nothing is learned by going on.
    assert_eq!(tried(&admission, STRANGER, "/", "right").await, 429);
    // Another address is another caller; the same network of IPv6 is not.
    assert_eq!(tried(&admission, "8.8.4.4", "/", "right").await, 200);
    for last in 1..=3 {
        let address = format!("2400:1:2:3::{last}");
        assert_eq!(tried(&admission, &address, "/", "guess").await, 401);
    }
    assert_eq!(tried(&admission, "2400:1:2:3::4", "/", "guess").await, 429);
    assert_eq!(tried(&admission, "2400:1:2:4::4", "/", "guess").await, 401);
}

#[tokio::test]
async fn a_credential_that_proved_right_is_let_in_beside_wrong_ones() {
    let admission = admission(9);
    assert_eq!(tried(&admission, STRANGER, "/", "guess").await, 401);
    assert_eq!(tried(&admission, STRANGER, "/", "right").await, 200);
    for _ in 0..5 {
        tried(&admission, STRANGER, "/", "guess").await;
    }
    assert_eq!(tried(&admission, STRANGER, "/", "guess").await, 429);
    assert_eq!(tried(&admission, STRANGER, "/", "right").await, 200);
    // An answer that asked for no credential proves none.
    assert_eq!(tried(&admission, STRANGER, "/open", "guess").await, 429);
    let other = "8.8.4.4";
    assert_eq!(tried(&admission, other, "/", "guess").await, 401);
    assert_eq!(tried(&admission, other, "/open", "sly").await, 404);
    assert_eq!(tried(&admission, other, "/", "guess").await, 401);
    assert_eq!(tried(&admission, other, "/", "guess").await, 401);
    assert_eq!(tried(&admission, other, "/", "sly").await, 429);
}

#[tokio::test]
async fn right_credentials_are_not_counted_and_neither_is_who_sends_none() {
    let admission = admission(9);
    for _ in 0..10 {
        assert_eq!(tried(&admission, STRANGER, "/", "right").await, 200);
        let nothing = from(STRANGER, request("GET", "/", Body::empty()));
        let answer = admission.pass(Asked::V2, nothing, door()).await;
        assert_eq!(answer.status(), 401);
    }
    assert_eq!(tried(&admission, STRANGER, "/", "guess").await, 401);
}

#[tokio::test]
async fn log_ins_carry_their_credential_in_the_body_and_are_counted() {
    let admission = admission(9);
    let log_in = |path: &str| from(STRANGER, request("POST", path, Body::from("{}")));
    for path in ["/login/api-secret", "//login/api-secret", "/users/getToken"] {
        let answer = admission.pass(Asked::V2, log_in(path), door()).await;
        assert_eq!(answer.status(), 401);
    }
    let answer = admission
        .pass(Asked::V1, log_in("/users/getToken"), door())
        .await;
    assert_eq!(answer.status(), 429);
}

#[tokio::test]
async fn addresses_of_private_networks_are_not_counted() {
    let admission = admission(9);
    for address in ["127.0.0.1", "10.1.2.3", "::1", "::ffff:192.168.0.7"] {
        for _ in 0..10 {
            assert_eq!(tried(&admission, address, "/", "guess").await, 401);
            let path = "/checkout/v2/payments";
            let window = from(address, request("POST", path, Body::empty()));
            let answer = admission.pass(Asked::V2Browser, window, door()).await;
            assert_eq!(answer.status(), 401);
        }
    }
}

#[tokio::test]
async fn windows_are_counted_by_address_in_all_their_ways() {
    let admission = admission(9);
    let face = || Router::new().fallback(any(|| async { "opened" }));
    let mut seen = Vec::new();
    for (asked, path) in [
        (Asked::V2Browser, "/checkout/v2/payments"),
        (Asked::Page, "/checkout/session-1"),
        (Asked::V2Browser, "/checkout/v2/payments"),
        (Asked::V1Browser, "/checkout/v1/payments"),
        (Asked::Page, "/checkout/session-1"),
        // These begin nothing.
        (Asked::Page, "/checkout/windows/t/return"),
        (Asked::Page, "/w/t"),
    ] {
        let window = from(STRANGER, request("POST", path, Body::empty()));
        let answer = admission.pass(asked, window, face()).await;
        seen.push(answer.status().as_u16());
        let is_readable = answer.headers().contains_key("access-control-allow-origin");
        let is_sdk = asked != Asked::Page;
        assert_eq!(is_readable, answer.status() == 429 && is_sdk, "{path}");
    }
    assert_eq!(seen, [200, 200, 429, 429, 429, 200, 200]);
    let look = from(
        STRANGER,
        request("GET", "/checkout/session-1", Body::empty()),
    );
    assert_eq!(
        admission.pass(Asked::Page, look, face()).await.status(),
        200
    );
}

#[tokio::test]
async fn each_caller_is_turned_away_in_its_own_shape() {
    let admission = admission(1);
    let _place = admission.places.take().unwrap();
    for (asked, kind, words) in [
        (
            Asked::V1,
            "application/json; charset=utf-8",
            "\"response\":null",
        ),
        (Asked::V2, "application/json", "\"type\":\"UNAVAILABLE\""),
        (
            Asked::V1Browser,
            "application/json; charset=utf-8",
            "\"code\":\"F500\"",
        ),
        (
            Asked::V2Browser,
            "application/json; charset=utf-8",
            "\"code\":\"UnknownError\"",
        ),
        (
            Asked::Page,
            "text/html; charset=utf-8",
            "Please try again in a moment",
        ),
    ] {
        let get = request("GET", "/", Body::empty());
        let answer = admission.pass(asked, get, Router::new()).await;
        assert_eq!(answer.status(), 503);
        assert_eq!(answer.headers()["content-type"], kind);
        assert!(answer.headers().contains_key("retry-after"));
        let body = to_bytes(answer.into_body(), 100_000).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(words), "{body}");
    }
}
