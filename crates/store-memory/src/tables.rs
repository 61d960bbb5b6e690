//! The rows themselves, and changes to them that can be undone or done again elsewhere.
//!
//! Invariant: every change goes through [`Tables::put`], so that a change list holds all of them
//! in order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use naru_store::{Row, Table, Value};
use uuid::Uuid;

/// Rows of one table by key.
pub(crate) type Rows = BTreeMap<Vec<Value>, Arc<Row>>;

/// Every table, and the ids of the units that were applied. Cheap to clone: rows are shared.
#[derive(Clone, Default)]
pub(crate) struct Tables {
    rows: BTreeMap<&'static str, Rows>,
    units: BTreeSet<Uuid>,
}

/// What a unit or a claim changed.
#[derive(Default)]
pub(crate) struct Changes {
    pub(crate) unit: Option<Uuid>,
    rows: Vec<Change>,
}

struct Change {
    table: &'static str,
    key: Vec<Value>,
    before: Option<Arc<Row>>,
    after: Option<Arc<Row>>,
}

static EMPTY: Rows = Rows::new();

impl Tables {
    pub(crate) fn rows(&self, table: &Table) -> &Rows {
        self.rows.get(table.name).unwrap_or(&EMPTY)
    }

    pub(crate) fn get(&self, table: &Table, key: &[Value]) -> Option<&Arc<Row>> {
        self.rows(table).get(key)
    }

    pub(crate) fn knows(&self, unit: Uuid) -> bool {
        self.units.contains(&unit)
    }

    pub(crate) fn remember(&mut self, unit: Uuid) {
        self.units.insert(unit);
    }

    /// Sets or removes a row and notes the change.
    pub(crate) fn put(
        &mut self,
        table: &'static Table,
        key: Vec<Value>,
        row: Option<Row>,
        changes: &mut Changes,
    ) {
        let after = row.map(Arc::new);
        let before = self.set(table.name, &key, after.clone());
        changes.rows.push(Change {
            table: table.name,
            key,
            before,
            after,
        });
    }

    /// Takes changes back, the last first.
    pub(crate) fn undo(&mut self, changes: Changes) {
        for change in changes.rows.into_iter().rev() {
            self.set(change.table, &change.key, change.before);
        }
    }

    /// Makes changes again, on tables that were as these were.
    pub(crate) fn redo(&mut self, changes: Changes) {
        for change in changes.rows {
            self.set(change.table, &change.key, change.after);
        }
        self.units.extend(changes.unit);
    }

    fn set(
        &mut self,
        table: &'static str,
        key: &[Value],
        row: Option<Arc<Row>>,
    ) -> Option<Arc<Row>> {
        let rows = self.rows.entry(table).or_default();
        match row {
            Some(row) => rows.insert(key.to_vec(), row),
            None => rows.remove(key),
        }
    }
}
