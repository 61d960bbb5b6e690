//! Every operation with a credential refuses to work without a good one.

use naru_testkit::{MAIN, bodies};
use naru_wire_v2::Operation;
use serde_json::json;

use crate::app;

/// A path of the operation, with ids filled in.
fn path(operation: Operation) -> String {
    operation
        .path()
        .split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "some-id"
            } else {
                segment
            }
        })
        .collect::<Vec<_>>()
        .join("/")
}

fn served() -> impl Iterator<Item = Operation> {
    Operation::ALL
        .iter()
        .copied()
        .filter(|operation| naru_wire_v2::is_served(*operation))
}

#[tokio::test]
async fn every_operation_with_a_credential_refuses_a_bad_one() {
    let app = app().await;
    let refresh = {
        let tokens = app
            .post("/login/api-secret")
            .json(&json!({"apiSecret": MAIN.secret}));
        let tokens = tokens.send().await.ok();
        format!("Bearer {}", tokens["refreshToken"].as_str().unwrap())
    };
    for operation in served().filter(|operation| operation.spec().auth) {
        let request = || app.request(operation.method(), &path(operation));
        request()
            .anonymous()
            .send()
            .await
            .refused(401, "UNAUTHORIZED");
        for bad in [
            "",
            "PortOne",
            "PortOne ",
            "PortOne wrong",
            "Basic abc",
            "Bearer abc",
            "Bearer a.b.c",
            MAIN.secret,
            &refresh,
        ] {
            // Broken input does not hide that the credential is bad.
            let request = request().header("authorization", bad).raw("{ broken");
            request.send().await.refused(401, "UNAUTHORIZED");
        }
        let request = request().header_bytes("authorization", b"PortOne \xff\xfe");
        request.send().await.refused(401, "UNAUTHORIZED");
    }
}

#[tokio::test]
async fn operations_without_a_credential_ignore_a_bad_one() {
    let app = app().await;
    app.get("/banks")
        .header("authorization", "PortOne wrong")
        .send()
        .await
        .ok();
    app.get("/banks").anonymous().send().await.ok();
    app.post("/login/api-secret")
        .header("authorization", "Bearer nonsense")
        .json(&json!({"apiSecret": MAIN.secret}))
        .send()
        .await
        .ok();
}

#[tokio::test]
async fn the_scheme_may_be_written_in_any_case() {
    let app = app().await;
    for scheme in ["PortOne", "portone", "PORTONE"] {
        let header = format!("{scheme} {}", MAIN.secret);
        app.get("/payments")
            .header("authorization", &header)
            .send()
            .await
            .ok();
    }
}

#[tokio::test]
async fn a_good_credential_lets_a_payment_through() {
    let app = app().await;
    app.post("/payments/auth-1/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
}
