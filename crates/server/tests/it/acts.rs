//! Every admin route that changes something is in the audit log, and no secret is.

use std::net::SocketAddr;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use http::Request;
use naru_engine::{Act, ActFilter, Engine};
use naru_server::admin::acts::operations::OPERATIONS;
use naru_server::admin::routes;
use naru_testkit::TestApp;
use serde_json::{Value, json};
use tower::ServiceExt as _;

async fn call(app: &TestApp, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/admin/v1{path}"))
        .header("x-naru-user", "hong")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let peer: SocketAddr = "10.0.0.7:50000".parse().unwrap();
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = app.face().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn log(engine: &Engine) -> Vec<Act> {
    let page = engine.acts(&ActFilter::default(), None, 500).await.unwrap();
    page.acts
}

#[tokio::test]
async fn every_operation_leaves_one_act_that_says_who_what_and_how_it_ended() {
    let app = TestApp::start(routes::router).await;
    for operation in OPERATIONS {
        let before = log(&app.engine).await.len();
        let path = operation.path.replace(['{', '}'], "");
        let (status, answer) = call(&app, operation.method, &path, &json!({})).await;
        assert_ne!(status, 404, "{}: no such route", operation.name);
        assert_ne!(status, 405, "{}: no such method", operation.name);
        let acts = log(&app.engine).await;
        assert_eq!(acts.len(), before + 1, "{}", operation.name);
        let act = &acts[0];
        assert_eq!(act.begun.operation, operation.name);
        assert_eq!(act.begun.actor, "hong");
        assert_eq!(act.begun.address.as_deref(), Some("10.0.0.7"));
        let is_done = act.outcome.name() == "done";
        assert_eq!(is_done, status == 200, "{}: {answer}", operation.name);
        assert_ne!(act.outcome.name(), "begun", "{}", operation.name);
        let has_store = operation.path.starts_with("/stores/{store}");
        assert_eq!(
            act.begun.store_id.is_some(),
            has_store,
            "{}",
            operation.name
        );
    }
}

#[tokio::test]
async fn what_reads_is_not_in_it_and_a_method_without_a_name_is_not_served() {
    let app = TestApp::start(routes::router).await;
    for path in ["/stores", "/doctor", "/audit-log", "/administrators"] {
        assert_eq!(call(&app, "GET", path, &json!({})).await.0, 200, "{path}");
        assert_eq!(call(&app, "PATCH", path, &json!({})).await.0, 405, "{path}");
    }
    assert_eq!(call(&app, "POST", "/nowhere", &json!({})).await.0, 404);
    assert!(log(&app.engine).await.is_empty());
}

#[tokio::test]
async fn an_act_says_on_what_it_was_done() {
    let app = TestApp::start(routes::router).await;
    let (_, made) = call(&app, "POST", "/stores", &json!({"name": "Corner"})).await;
    let store = made["id"].as_str().unwrap();
    let keys = format!("/stores/{store}/keys");
    let (_, key) = call(&app, "POST", &keys, &json!({"name": "shop"})).await;
    let id = key["key"]["id"].as_str().unwrap();
    let (status, _) = call(&app, "DELETE", &format!("/keys/{id}"), &json!({})).await;
    assert_eq!(status, 200);
    let acts = log(&app.engine).await;
    let [revoked, created, store_made] = acts.as_slice() else {
        panic!("{acts:?}")
    };
    assert_eq!(store_made.begun.subject.as_deref(), Some(store));
    assert_eq!(store_made.begun.details["name"], "Corner");
    assert_eq!(created.begun.subject.as_deref(), Some(id));
    assert_eq!(revoked.begun.subject.as_deref(), Some(id));
    for act in [revoked, created] {
        assert_eq!(act.begun.store_id.as_deref(), Some(store));
    }
    let path = format!("/audit-log?store={store}&limit=1");
    let (_, page) = call(&app, "GET", &path, &Value::Null).await;
    assert_eq!(page["items"][0]["operation"], "keys.revoke");
    let next = page["next"].as_str().unwrap();
    let (_, page) = call(&app, "GET", &format!("{path}&after={next}"), &Value::Null).await;
    assert_eq!(page["items"][0]["operation"], "keys.create");
    assert_eq!(page["next"], Value::Null);
}

#[tokio::test]
async fn no_secret_is_in_the_audit_log() {
    let app = TestApp::start(routes::router).await;
    let (_, made) = call(&app, "POST", "/stores", &json!({"name": "Corner"})).await;
    let store = format!("/stores/{}", made["id"].as_str().unwrap());
    let (_, key) = call(
        &app,
        "POST",
        &format!("{store}/keys"),
        &json!({"name": "shop"}),
    )
    .await;
    let api_secret = key["secret"].as_str().unwrap();
    let channel = json!({"name": "main", "pgProvider": "INICIS_V2", "pgMerchantId": "INIpayTest",
        "isTest": true, "options": {"note": "planted-option"},
        "secrets": {"sign_key": "planted-sign-key", "iniapi_key": "planted-api-key"}});
    let (_, answer) = call(&app, "POST", &format!("{store}/channels"), &channel).await;
    assert!(answer["message"].is_string(), "{answer}");
    let hook = json!({"url": "https://user:planted-user@shop.example/hook?token=planted-query",
        "version": "2024-04-25", "contentType": "json", "isLive": false});
    let (_, hook) = call(&app, "POST", &format!("{store}/webhooks"), &hook).await;
    let administrator = json!({"email": "kim@shop.example", "password": "planted-password"});
    let (status, _) = call(&app, "POST", "/administrators", &administrator).await;
    assert_eq!(status, 200);
    let password = json!({"password": "planted-password-2"});
    let path = "/administrators/kim@shop.example/password";
    assert_eq!(call(&app, "POST", path, &password).await.0, 200);
    // Typed where an id should be.
    let (status, _) = call(&app, "DELETE", &format!("/keys/{api_secret}"), &json!({})).await;
    assert_eq!(status, 400);

    let acts = log(&app.engine).await;
    assert_eq!(acts.len(), 7);
    let rows = format!("{acts:?}");
    let webhook_secret = hook["secret"].as_str().unwrap_or("whsec_");
    for secret in ["planted", api_secret, webhook_secret, "whsec_"] {
        assert!(!rows.contains(secret), "{secret} in {rows}");
    }
    assert!(rows.contains("keys.revoke") && rows.contains("INIpayTest"));
}

/// A command of the sandbox in a directory, which must do what is asked.
fn naru_does(data: &std::path::Path, arguments: &[&str]) -> String {
    let output = crate::sandbox::naru(data, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_command_line_says_who_it_is_and_reads_the_log() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = crate::sandbox::Sandbox::start(data);
    naru_does(data, &["stores", "create", "--name", "Corner"]);
    let file = data.join("password");
    std::fs::write(&file, "another long one\n").unwrap();
    let file = file.to_str().unwrap();
    let kim = "kim@shop.example";
    let add = ["administrators", "add", kim, "--password-file", file];
    naru_does(data, &add);
    assert!(!crate::sandbox::naru(data, &add).status.success());
    naru_does(data, &["administrators", "unlock", kim]);
    let listed = naru_does(data, &["administrators", "list"]);
    assert!(listed.contains(kim) && listed.contains("sandbox@naru.example"));
    let reset = [
        "administrators",
        "reset-password",
        kim,
        "--password-file",
        file,
    ];
    naru_does(data, &reset);
    naru_does(data, &["administrators", "remove", kim]);

    let log = naru_does(data, &["audit-log", "--json"]);
    let log: Value = serde_json::from_str(&log).unwrap();
    let items = log["items"].as_array().unwrap();
    let told: Vec<String> = items
        .iter()
        .map(|act| format!("{} {}", act["operation"], act["outcome"]).replace('"', ""))
        .collect();
    let wanted = [
        "administrators.remove done",
        "administrators.reset-password done",
        "administrators.unlock done",
        "administrators.add refused",
        "administrators.add done",
        "stores.create done",
    ];
    assert_eq!(told, wanted);
    assert_eq!(items[5]["details"]["name"], "Corner");
    for act in items {
        assert_eq!(act["address"], "127.0.0.1");
        assert_eq!(act["via"], "command-line");
        assert!(!act["actor"].as_str().unwrap().is_empty());
    }
    assert!(!log.to_string().contains("another long one"));
    let of_one = ["audit-log", "--operation", "stores.create", "--limit", "1"];
    let shown = naru_does(data, &of_one);
    assert!(
        shown.contains("stores.create") && !shown.contains("administrators"),
        "{shown}"
    );
    assert!(sandbox.stop());
}
