//! Leases on jobs, inside the writer's transaction.
//!
//! Due jobs are read in their order from an index and left unread as soon as there are enough. If
//! the first of them all belong to busy lanes, each lane is looked at on its own instead: then it
//! does not matter how many jobs wait in the busy ones.

use naru_store::tables::JOBS;
use naru_store::{Claim, Row, Value};
use rusqlite::{CachedStatement, Connection, OptionalExtension as _, params_from_iter};

use crate::Failure;
use crate::apply::{Undone, execute, statements};
use crate::cells::{Bound, Cell, read_row};
use crate::sql;

/// Due jobs that a claim looks at before it goes by lane.
const LOOKED_AT_MAX: usize = 512;

/// Leases due jobs and gives them back as they are now.
pub(crate) fn claim_jobs(connection: &Connection, claim: &Claim) -> Result<Vec<Row>, Undone> {
    let limit = usize::try_from(claim.limit).unwrap_or(usize::MAX);
    let mut jobs = match first_due(connection, claim, limit)? {
        Looked::AtAll(jobs) => jobs,
        Looked::AtSome => of_lanes(connection, claim, limit)?,
    };
    for job in &mut jobs {
        lease(connection, claim, job)?;
    }
    Ok(jobs)
}

/// What a look at the first due jobs came to.
enum Looked {
    /// There are enough, or there are no more.
    AtAll(Vec<Row>),
    /// There are more, behind those that are taken.
    AtSome,
}

fn first_due(connection: &Connection, claim: &Claim, limit: usize) -> Result<Looked, Undone> {
    let columns = Columns::find()?;
    let mut select = connection.prepare_cached(&sql::due(&statements(&JOBS)?.select))?;
    let mut rows = select.query((claim.queue, claim.due.as_micros()))?;
    let mut jobs = Vec::new();
    let mut looked_at = 0;
    while jobs.len() < limit {
        let Some(row) = rows.next()? else { break };
        if looked_at == LOOKED_AT_MAX {
            return Ok(Looked::AtSome);
        }
        looked_at += 1;
        if columns.is_free(claim, row)? && !columns.is_busy(claim, row)? {
            jobs.push(read_row(&JOBS, row)?);
        }
    }
    Ok(Looked::AtAll(jobs))
}

fn of_lanes(connection: &Connection, claim: &Claim, limit: usize) -> Result<Vec<Row>, Undone> {
    let columns = Columns::find()?;
    let mut first = connection.prepare_cached(sql::FIRST_LANE)?;
    let mut next = connection.prepare_cached(sql::NEXT_LANE)?;
    let mut due = connection.prepare_cached(&sql::due_in_lane(&statements(&JOBS)?.select))?;
    let mut jobs = of_lane(&mut due, (claim, &columns), None, limit)?;
    let one = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let mut lane = first.query_row([claim.queue], one).optional()?;
    while let Some(name) = lane {
        if !claim.busy.contains(&name) {
            jobs.extend(of_lane(&mut due, (claim, &columns), Some(&name), limit)?);
        }
        lane = next.query_row([claim.queue, &name], one).optional()?;
    }
    let due_at = |job: &Row| job.columns.get(columns.due_at_named).cloned();
    jobs.sort_by(|a, b| (due_at(a), &a.key).cmp(&(due_at(b), &b.key)));
    jobs.truncate(limit);
    Ok(jobs)
}

fn of_lane(
    due: &mut CachedStatement<'_>,
    (claim, columns): (&Claim, &Columns),
    lane: Option<&str>,
    limit: usize,
) -> Result<Vec<Row>, Undone> {
    let mut rows = due.query((claim.queue, lane, claim.due.as_micros()))?;
    let mut jobs = Vec::new();
    while jobs.len() < limit {
        let Some(row) = rows.next()? else { break };
        if columns.is_free(claim, row)? {
            jobs.push(read_row(&JOBS, row)?);
        }
    }
    Ok(jobs)
}

fn lease(connection: &Connection, claim: &Claim, job: &mut Row) -> Result<(), Undone> {
    let columns = Columns::find()?;
    let key = job.key.iter().map(Bound::from);
    let until = [Bound::from(claim.until.as_micros())];
    execute(
        connection,
        sql::LEASE,
        params_from_iter(until.into_iter().chain(key)),
    )?;
    job.version = job.version.saturating_add(1);
    if let Some(cell) = job.columns.get_mut(columns.lease_named) {
        *cell = claim.until.into();
    }
    Ok(())
}

/// Where columns stand: in a selected row, and among the named columns.
struct Columns {
    lane: usize,
    lease: usize,
    lease_named: usize,
    due_at_named: usize,
}

impl Columns {
    fn find() -> Result<Self, Failure> {
        let named = |name: &str| {
            let found = JOBS.columns.iter().position(|column| column.name == name);
            found.ok_or(Failure::UnknownTable(JOBS.name))
        };
        // Key and version come before the named columns.
        let before = JOBS.key.len() + 1;
        Ok(Self {
            lane: before + named("lane")?,
            lease: before + named("lease_until")?,
            lease_named: named("lease_until")?,
            due_at_named: named("due_at")?,
        })
    }

    fn is_free(&self, claim: &Claim, row: &rusqlite::Row<'_>) -> rusqlite::Result<bool> {
        let until: Option<i64> = row.get(self.lease)?;
        Ok(until.is_none_or(|until| until <= claim.now.as_micros()))
    }

    fn is_busy(&self, claim: &Claim, row: &rusqlite::Row<'_>) -> rusqlite::Result<bool> {
        Ok(match row.get::<_, Cell>(self.lane)?.0 {
            Value::Text(lane) => claim.busy.contains(&lane),
            Value::Null | Value::Int(_) => false,
        })
    }
}
