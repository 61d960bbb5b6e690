//! Units and claims on the volatile tables.
//!
//! Invariant: a unit that meets a conflict leaves the tables exactly as they were, and a unit
//! whose id is known changes nothing (design 2a.4).

use naru_store::tables::JOBS;
use naru_store::{Claim, Commit, Condition, Direction, Query, Row, Table, Value, Write, possible};

use crate::filter;
use crate::tables::{Changes, Tables};

/// Applies a unit, or names the table of the conflict.
pub(crate) fn commit_unit(tables: &mut Tables, unit: &Commit) -> Result<Changes, &'static str> {
    let mut changes = Changes::default();
    if tables.knows(unit.id) {
        return Ok(changes);
    }
    for write in &unit.writes {
        if let Err(table) = apply(tables, write, &mut changes) {
            tables.undo(changes);
            return Err(table);
        }
    }
    tables.remember(unit.id);
    changes.unit = Some(unit.id);
    Ok(changes)
}

fn apply(tables: &mut Tables, write: &Write, changes: &mut Changes) -> Result<(), &'static str> {
    match write {
        Write::Insert(table, row) => {
            if tables.get(table, &row.key).is_some() {
                return Err(table.name);
            }
            put(tables, table, row, 1, changes);
        }
        Write::Update {
            table,
            row,
            expected,
        } => {
            expect(tables, table, &row.key, *expected)?;
            put(tables, table, row, expected.saturating_add(1), changes);
        }
        Write::Expect {
            table,
            key,
            expected,
        } => expect(tables, table, key, *expected)?,
        Write::Clear {
            table,
            key,
            column,
            expected,
        } => {
            expect(tables, table, key, *expected)?;
            change(tables, (table, key), column, changes, |_| Some(Value::Null))?;
        }
        Write::Upsert(table, row) => {
            let version = tables.get(table, &row.key).map_or(0, |old| old.version);
            put(tables, table, row, version.saturating_add(1), changes);
        }
        Write::Delete {
            table,
            key,
            expected,
        } => {
            if let Some(expected) = expected {
                expect(tables, table, key, *expected)?;
            }
            tables.put(table, key.clone(), None, changes);
        }
        Write::DeleteWhere(table, filter) => {
            delete_where(tables, table, filter, changes);
        }
        Write::Add {
            table,
            key,
            column,
            delta,
            at_most,
        } => {
            let add = |cell: &Value| {
                let before = match cell {
                    Value::Int(value) => *value,
                    Value::Null | Value::Text(_) => 0,
                };
                let sum = before.checked_add(*delta)?;
                (sum <= *at_most).then(|| sum.into())
            };
            return change(tables, (table, key), column, changes, add);
        }
    }
    Ok(())
}

fn delete_where(
    tables: &mut Tables,
    table: &'static Table,
    filter: &[Condition],
    changes: &mut Changes,
) {
    let Some(conditions) = possible(filter) else {
        return;
    };
    let found = filter::matching(tables, table, &conditions);
    let keys: Vec<_> = found.map(|row| row.key.clone()).collect();
    for key in keys {
        tables.put(table, key, None, changes);
    }
}

/// Changes one column of a row, and not its version.
fn change(
    tables: &mut Tables,
    (table, key): (&'static Table, &[Value]),
    column: &str,
    changes: &mut Changes,
    after: impl FnOnce(&Value) -> Option<Value>,
) -> Result<(), &'static str> {
    let Some(mut row) = tables.get(table, key).map(|row| Row::clone(row)) else {
        return Err(table.name);
    };
    let at = table.columns.iter().position(|one| one.name == column);
    let cell = at.and_then(|at| row.columns.get_mut(at));
    let Some(cell) = cell else {
        return Err(table.name);
    };
    *cell = after(cell).ok_or(table.name)?;
    tables.put(table, key.to_vec(), Some(row), changes);
    Ok(())
}

fn expect(
    tables: &Tables,
    table: &'static Table,
    key: &[Value],
    version: i64,
) -> Result<(), &'static str> {
    match tables.get(table, key) {
        Some(row) if row.version == version => Ok(()),
        _ => Err(table.name),
    }
}

fn put(tables: &mut Tables, table: &'static Table, row: &Row, version: i64, changes: &mut Changes) {
    tables.put(
        table,
        row.key.clone(),
        Some(Row {
            version,
            ..row.clone()
        }),
        changes,
    );
}

/// Leases due jobs and gives them back as they are now.
pub(crate) fn claim_jobs(tables: &mut Tables, claim: &Claim) -> (Vec<Row>, Changes) {
    let conditions = [
        Condition::Is("queue", claim.queue.into()),
        Condition::AtMost("due_at", claim.due.into()),
    ];
    let order = Query::of(&JOBS, u32::MAX).by("due_at", Direction::Ascending);
    let mut jobs = filter::scan(tables, &order, &conditions);
    jobs.retain(|job| {
        let free = match JOBS.value_of(job, "lease_until") {
            Some(Value::Int(until)) => *until <= claim.now.as_micros(),
            _ => true,
        };
        let busy = match JOBS.value_of(job, "lane") {
            Some(Value::Text(lane)) => claim.busy.contains(lane),
            _ => false,
        };
        free && !busy
    });
    jobs.truncate(usize::try_from(claim.limit).unwrap_or(usize::MAX));
    let mut changes = Changes::default();
    for job in &mut jobs {
        job.version = job.version.saturating_add(1);
        let columns = JOBS.columns.iter().zip(&mut job.columns);
        for (_, value) in columns.filter(|(column, _)| column.name == "lease_until") {
            *value = claim.until.into();
        }
        tables.put(&JOBS, job.key.clone(), Some(job.clone()), &mut changes);
    }
    (jobs, changes)
}
