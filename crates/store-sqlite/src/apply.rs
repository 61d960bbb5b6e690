//! Units inside the writer's transaction.
//!
//! Invariant: where [`commit_unit`] succeeds the transaction holds all of it, with the unit's id.
//! Where it does not, the caller undoes what it did, alone ([`in_savepoint`]) or with the whole
//! transaction.

use naru_domain::Timestamp;
use naru_store::{Commit, Row, Table, Value, Write, possible};
use rusqlite::{Connection, Params, params_from_iter};

use crate::Failure;
use crate::cells::{Bound, bound};
use crate::sql::{self, TableSql};

/// Why a unit or claim was undone while the transaction goes on.
pub(crate) enum Undone {
    /// A row of this table was not as expected.
    Conflict(&'static str),
    /// Something else failed.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for Undone {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Does work in a savepoint of its own. The outer error means that the whole transaction is gone.
pub(crate) fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, Undone>,
) -> Result<Result<T, Undone>, Failure> {
    execute(connection, "SAVEPOINT unit", [])?;
    let outcome = work();
    if let Err(undone) = outcome {
        // A full disk or a failed write makes SQLite roll back everything by itself.
        if let (true, Undone::Failed(failure)) = (connection.is_autocommit(), &undone) {
            return Err(Failure::RolledBack(failure.to_string()));
        }
        execute(connection, "ROLLBACK TO unit", [])?;
        execute(connection, "RELEASE unit", [])?;
        return Ok(Err(undone));
    }
    execute(connection, "RELEASE unit", [])?;
    Ok(outcome)
}

/// Applies a unit; success if it was committed before (design 2a.4).
pub(crate) fn commit_unit(
    connection: &Connection,
    unit: &Commit,
    at: Timestamp,
) -> Result<(), Undone> {
    let id = unit.id.to_string();
    if execute(connection, sql::REMEMBER, (id, at.as_micros()))? == 0 {
        return Ok(());
    }
    unit.writes
        .iter()
        .try_for_each(|write| apply(connection, write))
}

fn apply(connection: &Connection, write: &Write) -> Result<(), Undone> {
    match write {
        Write::Insert(table, row) => {
            let changed = put(connection, &statements(table)?.insert, row)?;
            expect_one(changed, table)
        }
        Write::Upsert(table, row) => {
            put(connection, &statements(table)?.upsert, row)?;
            Ok(())
        }
        Write::Update {
            table,
            row,
            expected,
        } => expect_one(update(connection, table, row, *expected)?, table),
        Write::Expect {
            table,
            key,
            expected,
        } => {
            let mut select = connection.prepare_cached(&statements(table)?.expect)?;
            expect_one(select.exists(by(key, *expected))?.into(), table)
        }
        Write::Delete {
            table,
            key,
            expected: None,
        } => {
            execute(connection, &statements(table)?.delete, bound(key))?;
            Ok(())
        }
        Write::Delete {
            table,
            key,
            expected: Some(expected),
        } => {
            let text = &statements(table)?.delete_version;
            expect_one(execute(connection, text, by(key, *expected))?, table)
        }
        Write::Clear {
            table,
            key,
            column,
            expected,
        } => {
            let text = sql::clear(table, column);
            expect_one(execute(connection, &text, by(key, *expected))?, table)
        }
        Write::DeleteWhere(table, filter) => {
            if let Some(conditions) = possible(filter) {
                let delete = sql::delete_where(table, &conditions);
                execute(connection, &delete.text, bound(&delete.values))?;
            }
            Ok(())
        }
        Write::Add {
            table,
            key,
            column,
            delta,
            at_most,
        } => {
            let text = sql::add(table, column);
            add(connection, (table, &text), key, (*delta, *at_most))
        }
    }
}

/// What finds a row of a version.
fn by(key: &[Value], expected: i64) -> impl Params {
    params_from_iter(key.iter().map(Bound::from).chain([expected.into()]))
}

fn update(
    connection: &Connection,
    table: &Table,
    row: &Row,
    expected: i64,
) -> Result<usize, Undone> {
    let body = Bound::from(row.body.as_str());
    let set = row.columns.iter().map(Bound::from).chain([body]);
    let by = row.key.iter().map(Bound::from).chain([expected.into()]);
    let params = params_from_iter(set.chain(by));
    Ok(execute(connection, &statements(table)?.update, params)?)
}

fn add(
    connection: &Connection,
    (table, text): (&Table, &str),
    key: &[Value],
    (delta, at_most): (i64, i64),
) -> Result<(), Undone> {
    let bounds = [Bound::from(delta), Bound::from(at_most)];
    let by = key.iter().map(Bound::from).chain(bounds);
    let params = params_from_iter([Bound::from(delta)].into_iter().chain(by));
    expect_one(execute(connection, text, params)?, table)
}

fn expect_one(changed: usize, table: &Table) -> Result<(), Undone> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Undone::Conflict(table.name))
    }
}

fn put(connection: &Connection, text: &str, row: &Row) -> rusqlite::Result<usize> {
    const FIRST_VERSION: i64 = 1;
    let key = row
        .key
        .iter()
        .map(Bound::from)
        .chain([FIRST_VERSION.into()]);
    let rest = row
        .columns
        .iter()
        .map(Bound::from)
        .chain([row.body.as_str().into()]);
    execute(connection, text, params_from_iter(key.chain(rest)))
}

/// Whether a unit was committed.
pub(crate) fn knows(connection: &Connection, unit: &Commit) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(sql::KNOWN)?
        .exists((unit.id.to_string(),))
}

/// Forgets units from before this time, at most `limit`; says how many.
pub(crate) fn forget(
    connection: &Connection,
    before: Timestamp,
    limit: u32,
) -> rusqlite::Result<usize> {
    execute(connection, sql::FORGET, (before.as_micros(), limit))
}

/// Runs a statement that gives no rows; says how many rows it changed.
pub(crate) fn execute(
    connection: &Connection,
    text: &str,
    params: impl Params,
) -> rusqlite::Result<usize> {
    connection.prepare_cached(text)?.execute(params)
}

/// The statements of a table.
pub(crate) fn statements(table: &Table) -> Result<&'static TableSql, Failure> {
    sql::of(table).ok_or(Failure::UnknownTable(table.name))
}
