//! The suite that every backend passes.

use std::sync::Arc;

use naru_store::Store;
use naru_store_postgres::PostgresStore;
use naru_store_postgres::test_support::{TestDatabase, fresh_database};

async fn fresh() -> (Arc<dyn Store>, TestDatabase) {
    let database = fresh_database().await;
    let store = PostgresStore::open(&database.url, database.options())
        .await
        .unwrap();
    (store, database)
}

naru_store::conformance_tests!(fresh);
