//! The edges of HTTP: paths, methods, bodies of every kind.

use axum::body::Body;
use bytes::Bytes;
use naru_testkit::bodies;
use serde_json::json;

use crate::app;

#[tokio::test]
async fn unknown_paths_and_methods_are_json() {
    let app = app().await;
    for path in [
        "/",
        "/nothing",
        "/payments/",
        "/payments/a/b/c",
        "/v2/payments",
    ] {
        app.get(path).send().await.refused(404, "NOT_FOUND");
    }
    // An id may be anything but nothing.
    let empty = app.post("/payments//cancel").json(&bodies::cancel());
    empty.send().await.refused(404, "PAYMENT_NOT_FOUND");
    for (method, path) in [
        ("PUT", "/payments/a"),
        ("DELETE", "/payments"),
        ("PATCH", "/banks"),
    ] {
        app.request(method, path)
            .send()
            .await
            .refused(405, "METHOD_NOT_ALLOWED");
    }
}

#[tokio::test]
async fn operations_that_are_not_served_yet_are_unknown() {
    let app = app().await;
    app.get("/platform/partners")
        .send()
        .await
        .refused(404, "NOT_FOUND");
    app.post("/paymentwall/delivery/confirm")
        .send()
        .await
        .refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn slashes_at_the_front_collapse() {
    let app = app().await;
    app.get("//payments").send().await.ok();
    app.get("///payments/a")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn the_content_type_does_not_matter() {
    let app = app().await;
    for content_type in [
        "application/json",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "",
    ] {
        let id = content_type.len();
        app.post(&format!("/payments/ct-{id}/instant"))
            .json(&bodies::card_payment())
            .header("content-type", content_type)
            .send()
            .await
            .ok();
    }
}

#[tokio::test]
async fn broken_bodies_are_refused_with_a_word() {
    let app = app().await;
    let good = bodies::card_payment().to_string();
    let mut latin = good.clone().into_bytes();
    latin[10] = 0xff;
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    for body in [
        Bytes::from("{"),
        Bytes::from("nonsense"),
        Bytes::from("null"),
        Bytes::from("[]"),
        Bytes::from("[1,2]"),
        Bytes::from("\"text\""),
        Bytes::from("5"),
        Bytes::from(format!("{good} trailing")),
        Bytes::from(format!("{good}{good}")),
        Bytes::from(latin),
        Bytes::from(deep),
        Bytes::from(good.replace("KRW\"", "KRW\",}")),
        Bytes::from("\u{feff}{}"),
    ] {
        let request = app.post("/payments/broken/instant").raw(body.clone());
        let message = request.send().await.refused(400, "INVALID_REQUEST");
        assert!(message.contains("body"), "{message}");
    }
    // Nothing at all stands for `{}`: then the first field is missing.
    for body in ["", " \n", "{}"] {
        app.post("/payments/broken/instant")
            .raw(body)
            .send()
            .await
            .refused_field("amount");
    }
    assert!(app.books().await.is_empty());
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_not_held() {
    let app = app().await;
    let filler = "x".repeat(1024 * 1024);
    let body = json!({"reason": filler}).to_string();
    let cancel = |body: Body| app.post("/payments/big/cancel").raw(body);
    cancel(body.clone().into())
        .send()
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
    // Without a length, piece by piece, far over the limit.
    let pieces = (0..160).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 64 * 1024])));
    let streamed = Body::from_stream(futures_util::stream::iter(pieces));
    cancel(streamed)
        .send()
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
    let announced = cancel("{}".into()).header("content-length", "10000000");
    announced.send().await.refused(413, "PAYLOAD_TOO_LARGE");
    // Just under it, the field's own limit counts.
    let body = json!({"reason": "x".repeat(1000 * 1000)}).to_string();
    let cancel = app.post("/payments/big/cancel").raw(body);
    cancel.send().await.refused_field("reason");
    app.get("/payments")
        .json(&json!({"filter": {"x": filler}}))
        .send()
        .await
        .refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn lists_take_their_input_from_the_body_or_the_query() {
    let app = app().await;
    let bad = "/payments?requestBody=%7B%22page%22%3A+%7B%22size%22%3A%200%7D%7D";
    app.get(bad).send().await.refused_field("page.size");
    // The body goes first.
    let good = json!({"page": {"size": 3}});
    let list = app.get(bad).json(&good).send().await.ok();
    assert_eq!(list["page"]["size"], 3);
    app.get("/payments?requestBody=").send().await.ok();
    app.get("/payments?").send().await.ok();
    app.get("/payments?other=1&&x").send().await.ok();
    app.get("/payments?requestBody=%7B")
        .send()
        .await
        .refused(400, "INVALID_REQUEST");
    app.get("/payments?requestBody=%ff%fe")
        .send()
        .await
        .refused(400, "INVALID_REQUEST");
    // Other operations do not look there.
    let body = "?requestBody=%7B%22reason%22%3A%22r%22%7D";
    let answer = app.post(&format!("/payments/x/cancel{body}")).send().await;
    answer.refused_field("reason");
}

#[tokio::test]
async fn a_query_is_form_decoded() {
    let app = app().await;
    app.get("/payments/x?storeId=store%2Dmain")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    app.get("/payments/x?storeId=%ff")
        .send()
        .await
        .refused(400, "INVALID_REQUEST");
    app.get("/payments/x?unknown=1")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}
