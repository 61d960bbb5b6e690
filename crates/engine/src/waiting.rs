//! Wake-up calls inside one process. Only an optimisation: whoever waits also looks by itself
//! from time to time, since another node may have done the work.

use std::hash::{DefaultHasher, Hash, Hasher};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

const SHARDS: usize = 64;

/// Wake-up calls.
#[derive(Debug)]
pub struct Wakers {
    payments: Vec<Notify>,
    resolve: Notify,
    webhook: Notify,
    schedule: Notify,
    search: Notify,
    compare: Notify,
}

impl Default for Wakers {
    fn default() -> Self {
        Self {
            payments: (0..SHARDS).map(|_| Notify::new()).collect(),
            resolve: Notify::new(),
            webhook: Notify::new(),
            schedule: Notify::new(),
            search: Notify::new(),
            compare: Notify::new(),
        }
    }
}

impl Wakers {
    pub(crate) fn payment_changed(&self, store_id: &str, payment_id: &str) {
        if let Some(notify) = self.shard(store_id, payment_id) {
            notify.notify_waiters();
        }
        self.search.notify_one();
    }

    pub(crate) fn payment(&self, store_id: &str, payment_id: &str) -> Option<Notified<'_>> {
        self.shard(store_id, payment_id).map(Notify::notified)
    }

    fn shard(&self, store_id: &str, payment_id: &str) -> Option<&Notify> {
        let mut hasher = DefaultHasher::new();
        (store_id, payment_id).hash(&mut hasher);
        let index = usize::try_from(hasher.finish() % (SHARDS as u64)).unwrap_or(0);
        self.payments.get(index)
    }

    /// Something to find out or undo.
    pub fn resolve(&self) -> &Notify {
        &self.resolve
    }

    /// A webhook to deliver.
    pub fn webhook(&self) -> &Notify {
        &self.webhook
    }

    /// Books to compare.
    pub fn compare(&self) -> &Notify {
        &self.compare
    }

    /// A schedule that may be due.
    pub fn schedule(&self) -> &Notify {
        &self.schedule
    }

    /// Something to index.
    pub fn search(&self) -> &Notify {
        &self.search
    }
}
