//! The units that a charge commits, as the engine makes them: caught on their way into a store in
//! memory. So ceilings write what the server writes, whatever that is at the time.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Result, ensure};
use naru_domain::Timestamp;
use naru_store::{
    BackupError, BoxFuture, Claim, Commit, CommitError, Query, Row, Store, StoreError, Table,
    Value, Versioned,
};
use naru_store_memory::MemoryStore;
use naru_testkit::{MAIN, TestApp, TestAppOptions};

use crate::bodies::{CARD, card_payment};

/// The payment that is charged.
pub const PAYMENT: &str = "captured-1";

/// A store that keeps the units it was handed.
struct Recorder {
    inner: Arc<dyn Store>,
    units: Mutex<Vec<Commit>>,
}

impl Recorder {
    fn units(&self) -> MutexGuard<'_, Vec<Commit>> {
        self.units.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The intent and the result of a charge by card, with a webhook to one receiver.
pub async fn charge() -> Result<[Commit; 2]> {
    let recorder = Arc::new(Recorder {
        inner: MemoryStore::new(|| Timestamp::from(jiff::Timestamp::now())),
        units: Mutex::default(),
    });
    let options = TestAppOptions {
        store: Some(Arc::clone(&recorder) as Arc<dyn Store>),
        ..TestAppOptions::default()
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    let body = card_payment(MAIN.channels[0], CARD);
    // Once before it counts: what is written at the first charge only is no part of it.
    let first = app.post("/payments/captured-0/instant").json(&body);
    first.send().await.ok();
    app.settle().await;
    recorder.units().clear();
    let path = format!("/payments/{PAYMENT}/instant");
    app.post(&path).json(&body).send().await.ok();
    let units = std::mem::take(&mut *recorder.units());
    let count = units.len();
    let two = <[Commit; 2]>::try_from(units).ok();
    ensure!(two.is_some(), "a charge commits {count} units instead of 2");
    Ok(two.unwrap_or_else(|| unreachable!("looked at above")))
}

impl Store for Recorder {
    fn get(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        self.inner.get(table, key)
    }

    fn scan(&self, query: Query) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.inner.scan(query)
    }

    fn body(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Versioned<String>>, StoreError>> {
        self.inner.body(table, key)
    }

    fn bodies(&self, query: Query) -> BoxFuture<'_, Result<Vec<Versioned<String>>, StoreError>> {
        self.inner.bodies(query)
    }

    fn count(&self, query: Query, cap: u32) -> BoxFuture<'_, Result<u32, StoreError>> {
        self.inner.count(query, cap)
    }

    fn commit(&self, unit: Commit) -> BoxFuture<'_, Result<(), CommitError>> {
        self.units().push(unit.clone());
        self.inner.commit(unit)
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.inner.claim(claim)
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, StoreError>> {
        self.inner.now()
    }

    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<u64, BackupError>> {
        self.inner.backup(to)
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.inner.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_charge_is_an_intent_and_a_result_with_its_webhook() {
        let [intent, result] = charge().await.unwrap();
        let tables = |unit: &Commit| -> Vec<String> {
            unit.writes
                .iter()
                .map(|write| format!("{write:?}"))
                .collect()
        };
        let has = |unit: &Commit, what: &str| tables(unit).iter().any(|text| text.contains(what));
        assert!(has(&intent, "Insert(Table { name: \"payments\""));
        assert!(!has(&intent, "name: \"webhooks\""));
        assert!(has(&result, "Update { table: Table { name: \"payments\""));
        assert!(has(&result, "Insert(Table { name: \"webhooks\""));
        assert!(has(&result, "name: \"journal\""));
    }
}
