//! How many calls are under way at once, and how many were at most: what shows whether whoever
//! calls keeps a limit. In memory; nothing hangs on it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::faults::Operation;

/// Calls of one operation of KG Inicis.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Count {
    pub(crate) operation: Operation,
    pub(crate) calls: u64,
    pub(crate) under_way: u64,
    pub(crate) under_way_max: u64,
}

/// The counts of all operations that were called.
#[derive(Debug, Clone, Default)]
pub(crate) struct Load(Arc<Mutex<Vec<Count>>>);

/// A call under way, until it is dropped.
#[derive(Debug)]
pub(crate) struct UnderWay {
    load: Load,
    operation: Operation,
}

impl Load {
    /// Counts a call in.
    pub(crate) fn enter(&self, operation: Operation) -> UnderWay {
        let mut counts = self.counts();
        let place = counts.iter().position(|one| one.operation == operation);
        let place = place.unwrap_or_else(|| {
            counts.push(Count {
                operation,
                calls: 0,
                under_way: 0,
                under_way_max: 0,
            });
            counts.len() - 1
        });
        if let Some(count) = counts.get_mut(place) {
            count.calls += 1;
            count.under_way += 1;
            count.under_way_max = count.under_way_max.max(count.under_way);
        }
        UnderWay {
            load: self.clone(),
            operation,
        }
    }

    /// All counts.
    pub(crate) fn all(&self) -> Vec<Count> {
        self.counts().clone()
    }

    /// Begins to count anew; what is under way stays counted.
    pub(crate) fn reset(&self) {
        for count in self.counts().iter_mut() {
            count.calls = count.under_way;
            count.under_way_max = count.under_way;
        }
    }

    fn counts(&self) -> MutexGuard<'_, Vec<Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.load.counts();
        let is_ours = |one: &&mut Count| one.operation == self.operation;
        if let Some(count) = counts.iter_mut().find(is_ours) {
            count.under_way = count.under_way.saturating_sub(1);
        }
    }
}
