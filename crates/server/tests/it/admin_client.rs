//! The admin client against routes made up here: how it finds a server, what it sends and says.

use std::path::Path;

use axum::Router;
use axum::extract::Path as Segments;
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use naru_server::admin::client::AdminClient;
use naru_server::admin::token;
use naru_server::admin::types::{Items, Key, Store};
use naru_server::cli::Reach;
use naru_server::config::Limits;
use naru_server::http::{HttpLimits, serve};
use naru_server::lifecycle::{self, Shutdown};
use naru_server::master_key::MasterKey;
use naru_server::sandbox_json::{SandboxFile, SandboxUrls};

const STORE: &str = r#"{"id":"store-1","merchantId":"m","name":"나루","parentId":null,
    "createdAt":"2026-01-15T03:20:11Z"}"#;

fn routes() -> Router {
    Router::new()
        .route(
            "/admin/v1/stores",
            get(|| async { format!(r#"{{"items":[{STORE}]}}"#) }),
        )
        .route(
            "/admin/v1/stores/{id}/keys",
            get(|Segments(id): Segments<String>| async move {
                let problem = serde_json::json!({"message": format!("there is no store `{id}`"),
                    "hint": "list them with `naru stores list`"});
                (StatusCode::NOT_FOUND, problem.to_string()).into_response()
            }),
        )
}

/// A sandbox's data directory and private listener.
async fn sandbox(directory: &Path) -> Shutdown {
    naru_egress::install_crypto();
    let key = MasterKey::load_or_create(directory).unwrap();
    let router = token::guard(routes(), token::of(&key).unwrap());
    let bound = lifecycle::bind("127.0.0.1:0".parse().unwrap())
        .await
        .unwrap();
    let url = bound.url();
    let urls = SandboxUrls {
        public: url.clone(),
        private: url.clone(),
        simulator: url.clone(),
        shop: url,
    };
    SandboxFile::new(&urls).write(directory).unwrap();
    let shutdown = Shutdown::default();
    let limits = HttpLimits::from(&Limits::default());
    shutdown.spawn(serve(bound.listener, router, limits, shutdown.clone()));
    shutdown
}

fn reach(directory: &Path) -> Reach {
    Reach {
        data: Some(directory.to_owned()),
        config: None,
    }
}

#[tokio::test]
async fn a_running_sandbox_is_found_and_lets_its_own_client_in() {
    let directory = tempfile::tempdir().unwrap();
    let _running = sandbox(directory.path()).await;
    let client = AdminClient::find(&reach(directory.path())).unwrap();
    let stores: Items<Store> = client.get(&["stores"]).await.unwrap();
    assert_eq!(stores.items[0].name, "나루");
}

#[tokio::test]
async fn a_problem_comes_through_with_its_hint_and_ids_are_encoded() {
    let directory = tempfile::tempdir().unwrap();
    let _running = sandbox(directory.path()).await;
    let client = AdminClient::find(&reach(directory.path())).unwrap();
    let error = client
        .get::<Items<Key>>(&["stores", "../a b?", "keys"])
        .await
        .unwrap_err();
    assert_eq!(
        naru_server::failure::render(&error),
        "error: there is no store `../a b?`\nhint: list them with `naru stores list`"
    );
}

#[tokio::test]
async fn another_key_is_kept_out() {
    let directory = tempfile::tempdir().unwrap();
    let _running = sandbox(directory.path()).await;
    std::fs::write(
        directory.path().join("master.key"),
        "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    )
    .unwrap();
    let client = AdminClient::find(&reach(directory.path())).unwrap();
    let error = client.get::<Items<Store>>(&["stores"]).await.unwrap_err();
    assert_eq!(error.to_string(), "the admin token is missing or wrong");
}

#[tokio::test]
async fn a_stopped_sandbox_is_said_to_be_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let _running = sandbox(directory.path()).await;
    let mut file = SandboxFile::read(directory.path()).unwrap();
    file.pid = 0x7fff_fff0; // beyond any process id that Linux gives out
    file.write(directory.path()).unwrap();
    let Err(error) = AdminClient::find(&reach(directory.path())) else {
        panic!("found")
    };
    assert!(error.to_string().ends_with("is not running"), "{error}");
}
