//! A server on each of the stores, for what hangs on what a store promises.

use std::any::Any;
use std::sync::Arc;

use naru_engine::{SystemTime, Time as _};
use naru_store_memory::MemoryStore;
use naru_store_postgres::PostgresStore;
use naru_store_postgres::test_support::fresh_database;
use naru_store_sqlite::{SqliteOptions, SqliteStore};
use naru_testkit::{TestApp, TestAppOptions};
use tempfile::TempDir;

/// A server on its store, and what must live as long.
pub struct OnStore {
    pub app: TestApp,
    store: Arc<dyn naru_store::Store>,
    _kept: Box<dyn Any>,
}

impl OnStore {
    /// Another node on the same store.
    pub async fn another_node(&self) -> TestApp {
        let store = Arc::clone(&self.store);
        self.app.another_node(naru_api_v2::router, store).await
    }
}

async fn start(store: Arc<dyn naru_store::Store>, kept: impl Any) -> OnStore {
    let options = TestAppOptions {
        store: Some(Arc::clone(&store)),
        ..TestAppOptions::default()
    };
    OnStore {
        app: TestApp::start_with(naru_api_v2::router, options).await,
        store,
        _kept: Box::new(kept),
    }
}

/// One server for each store.
pub async fn every_store() -> Vec<OnStore> {
    let memory = MemoryStore::new(|| SystemTime.now());
    let directory = TempDir::new().expect("a directory");
    let path = directory.path().join("naru.db");
    let sqlite = SqliteStore::open(&path, SqliteOptions::default()).expect("a store");
    let database = fresh_database().await;
    let postgres = PostgresStore::open(&database.url, database.options()).await;
    vec![
        start(memory, ()).await,
        start(sqlite, directory).await,
        start(postgres.expect("a store"), database).await,
    ]
}
