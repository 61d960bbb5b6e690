//! Units: all of one or nothing of it, and safe to send again. One transaction each, or one for
//! several (see `together`).
//!
//! **Isolation.** READ COMMITTED is enough, because a unit reads nothing: each write that
//! depends on something read earlier names the version it read, an `UPDATE` or `DELETE` that
//! waited for another transaction looks at the row again when it wakes, and the row stays locked
//! until the end. A count other than one is a conflict and the whole unit rolls back.
//! SERIALIZABLE would add aborts without adding a check.
//!
//! **Round trips.** BEGIN, the unit's id and all writes go out together, rows that are added to one
//! table one after the other as one statement; their answers are read in order; COMMIT follows only
//! if all are as expected. So two round trips however many writes, and no row count is found wrong
//! after the fact.
//!
//! **Lock order** is the order of the writes. Two units that take the same rows in different
//! orders deadlock; PostgreSQL ends one of them after a second, and that one runs again whole.
//! Callers who always write the payment first never see it.
//!
//! **Unknown outcomes** (P1, design 2a.4). When the connection breaks, the unit runs again under
//! the same id, on another connection. That *is* the look-up. The row in `units` is the first
//! write, and COMMIT is sent only after it was answered; so at any moment after COMMIT may have
//! left, the id is either in the primary key's index or its transaction is over and failed. The
//! second `INSERT … ON CONFLICT DO NOTHING`
//! * finds it committed: nothing is inserted, the unit succeeded, this transaction rolls back;
//! * finds it in progress (a COMMIT still under way, or a server that has not yet noticed the cut):
//!   waits for that transaction, then does one of the other two. The wait is bounded by
//!   `lock_timeout`, and the old transaction by `idle_in_transaction_session_timeout`;
//! * finds nothing: the old transaction did not commit and, since a transaction that lost its
//!   place in the index is aborted for good, never will. The unit is applied now.
//!
//! There is no moment in which both can commit. A visible id is also durable: PostgreSQL flushes
//! the commit record before it makes the transaction visible. What this can't survive is a
//! failover to a standby that lags (design 2a.10).
//!
//! It must not answer `Conflict` or `Invalid` while an earlier run of the unit may still commit;
//! by the above it can't, since both come after an answered insert of the id.

use std::future::poll_fn;
use std::hash::RandomState;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use deadpool_postgres::ClientWrapper;
use naru_store::{Commit, CommitError, Row, Table, Value, Write};
use tokio::time::timeout_at;
use tokio_postgres::{Error, Statement};
use uuid::Uuid;

use crate::PostgresStore;
use crate::failure::{Backoff, Failure, describe};
use crate::pool::{Lease, Pool};
use crate::sql::{self, TableSql, Tables};
use crate::together::Queue;
use crate::values::Param;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
/// In their order, which is that in which they are waited for.
pub(crate) const RECORD_UNITS: &str =
    "INSERT INTO units (id) SELECT unnest($1::uuid[]) ON CONFLICT (id) DO NOTHING";

/// Applies units. Shared with the tasks that apply several at once.
pub(crate) struct Writer {
    pool: Pool,
    tables: Tables,
    patience: Duration,
    pub(crate) queue: Mutex<Queue>,
    pub(crate) hasher: RandomState,
}

impl PostgresStore {
    pub(crate) async fn commit_unit(&self, unit: Commit) -> Result<(), CommitError> {
        unit.check()?;
        let _open = self.enter().await.map_err(unavailable)?;
        let backoff = Backoff::new(self.options.patience);
        let unit = Arc::new(unit);
        if self.writer.together(&unit, backoff.deadline()).await {
            return Ok(());
        }
        self.writer.by_itself(unit, backoff).await
    }
}

impl Writer {
    pub(crate) fn new(pool: Pool, tables: Tables, patience: Duration) -> Self {
        Self {
            pool,
            tables,
            patience,
            queue: Mutex::default(),
            hasher: RandomState::new(),
        }
    }

    pub(crate) fn patience(&self) -> Duration {
        self.patience
    }

    /// Until it is applied, can't be, or the patience ends.
    async fn by_itself(&self, unit: Arc<Commit>, mut backoff: Backoff) -> Result<(), CommitError> {
        let unit = Arc::unwrap_or_clone(unit);
        let (ids, steps) = ([unit.id], self.steps(unit.writes));
        loop {
            let attempt = timeout_at(backoff.deadline(), self.attempt(&ids, &steps));
            let failure = match attempt.await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(Stop::Conflict(table))) => return Err(CommitError::Conflict(table)),
                Ok(Err(Stop::Failed(Failure::Passing(text)))) => Failure::Passing(text),
                Ok(Err(Stop::Failed(Failure::Refused(text)))) => {
                    return Err(CommitError::Invalid(text));
                }
                Ok(Err(Stop::Failed(failure))) => return Err(unavailable(failure)),
                Err(_) => return Err(CommitError::Unavailable("no answer in time".to_owned())),
            };
            if !backoff.again().await {
                return Err(unavailable(failure));
            }
        }
    }

    /// One run of one unit, or of several at once. Dropped anywhere in between, it takes its
    /// connection with it.
    pub(crate) async fn attempt(&self, ids: &[Uuid], steps: &[Step]) -> Result<(), Stop> {
        let lease = self.pool.lease().await?;
        let verdict = {
            let client = lease.client()?;
            let mut statements = Vec::with_capacity(steps.len() + 1);
            for sql in [RECORD_UNITS]
                .into_iter()
                .chain(steps.iter().map(Step::sql))
            {
                statements.push(client.prepare_cached(sql).await.map_err(too_early)?);
            }
            let answers = send(client, ids, steps, &statements).await;
            judge(ids.len(), steps, answers)
        };
        match verdict {
            Verdict::AsExpected => {}
            Verdict::CommittedBefore => {
                roll_back(lease).await;
                return Ok(());
            }
            Verdict::Stop(stop) => {
                roll_back(lease).await;
                return Err(stop);
            }
        }
        match lease.client()?.batch_execute("COMMIT").await {
            Ok(()) => {
                lease.give_back();
                Ok(())
            }
            Err(error) => {
                let text = describe(&error);
                for id in ids {
                    tracing::warn!(unit.id = %id, error = text, "outcome of a commit is unknown");
                }
                Err(Stop::Failed(Failure::Passing(text)))
            }
        }
    }

    /// The writes as statements, in their order.
    pub(crate) fn steps(&self, writes: Vec<Write>) -> Vec<Step> {
        let steps = runs(writes).into_iter().filter_map(|run| match run {
            Run::Adding(table, adding, rows) => Some(self.adding(table, adding, rows)),
            Run::Other(write) => self.step(write),
        });
        steps.collect()
    }

    fn adding(&self, table: &'static Table, adding: Adding, rows: Vec<Row>) -> Step {
        let count = rows.len() as u64;
        let is_one = count == 1;
        let mut columns = vec![Vec::new(); table.key.len() + table.columns.len() + 1];
        for row in rows {
            let body = Value::from(row.body);
            let cells = row.key.into_iter().chain(row.columns).chain([body]);
            for (column, cell) in columns.iter_mut().zip(cells) {
                column.push(cell);
            }
        }
        let params = if is_one {
            columns.into_iter().flatten().map(Param::Value).collect()
        } else {
            columns.into_iter().map(Param::Column).collect()
        };
        Step {
            table: table.name,
            sql: self.tables.sql(table),
            which: match (adding, is_one) {
                (Adding::New, true) => Which::Insert,
                (Adding::New, false) => Which::InsertMany,
                (Adding::OrReplacing, true) => Which::Upsert,
                (Adding::OrReplacing, false) => Which::UpsertMany,
            },
            params,
            counted: (adding == Adding::New).then_some(count),
        }
    }

    /// `None`: nothing can match.
    fn step(&self, write: Write) -> Option<Step> {
        let (table, which, params, is_counted) = match write {
            Write::Insert(table, row) => {
                return Some(self.adding(table, Adding::New, vec![row]));
            }
            Write::Upsert(table, row) => {
                return Some(self.adding(table, Adding::OrReplacing, vec![row]));
            }
            Write::Update {
                table,
                row,
                expected,
            } => {
                let others = [Value::from(row.body), expected.into()];
                let cells = row.key.into_iter().chain(row.columns).chain(others);
                (
                    table,
                    Which::Update,
                    cells.map(Param::Value).collect(),
                    true,
                )
            }
            Write::Expect {
                table,
                key,
                expected,
            } => (table, Which::Expect, by(key, expected), true),
            Write::Delete {
                table,
                key,
                expected,
            } => match expected {
                Some(version) => (table, Which::Delete, by(key, version), true),
                None => (table, Which::DeleteAny, values(key).collect(), false),
            },
            Write::Clear {
                table,
                key,
                column,
                expected,
            } => {
                let clear = Which::Built(sql::clear(table, column));
                (table, clear, by(key, expected), true)
            }
            Write::DeleteWhere(table, filter) => {
                let sql::Statement { sql, params } = sql::delete_where(table, &filter)?;
                (table, Which::Built(sql), params, false)
            }
            Write::Add {
                table,
                key,
                column,
                delta,
                at_most,
            } => {
                let params = values(key).chain([delta.into(), at_most.into()]).collect();
                (table, Which::Built(sql::add(table, column)), params, true)
            }
        };
        Some(Step {
            table: table.name,
            sql: self.tables.sql(table),
            which,
            params,
            counted: is_counted.then_some(1),
        })
    }
}

/// Whether what is there already is a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Adding {
    New,
    OrReplacing,
}

/// What becomes one statement.
enum Run {
    Adding(&'static Table, Adding, Vec<Row>),
    Other(Write),
}

/// Neighbours that add rows to the same table become one statement, which costs the database much
/// less than one for each. Neighbours only, so that the order of the writes stays.
fn runs(writes: Vec<Write>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::with_capacity(writes.len());
    for write in writes {
        let (table, adding, row) = match write {
            Write::Insert(table, row) => (table, Adding::New, row),
            Write::Upsert(table, row) => (table, Adding::OrReplacing, row),
            other => {
                runs.push(Run::Other(other));
                continue;
            }
        };
        // No statement may replace a row twice: keys that rise are different keys.
        let rises = |rows: &[Row]| rows.last().is_none_or(|last| last.key < row.key);
        match runs.last_mut() {
            Some(Run::Adding(before, so, rows))
                if before.name == table.name
                    && *so == adding
                    && (adding == Adding::New || rises(rows)) =>
            {
                rows.push(row);
            }
            _ => runs.push(Run::Adding(table, adding, vec![row])),
        }
    }
    runs
}

/// What finds a row of a version.
fn by(key: Vec<Value>, expected: i64) -> Vec<Param> {
    values(key).chain([expected.into()]).collect()
}

fn values(key: Vec<Value>) -> impl Iterator<Item = Param> {
    key.into_iter().map(Param::Value)
}

/// One write, or several, as a statement.
pub(crate) struct Step {
    table: &'static str,
    sql: Arc<TableSql>,
    which: Which,
    params: Vec<Param>,
    /// How many rows it must change, or find, if that matters.
    counted: Option<u64>,
}

enum Which {
    Insert,
    InsertMany,
    Update,
    Upsert,
    UpsertMany,
    Expect,
    Delete,
    DeleteAny,
    Built(String),
}

impl Step {
    fn sql(&self) -> &str {
        match &self.which {
            Which::Insert => &self.sql.insert,
            Which::InsertMany => &self.sql.insert_many,
            Which::Update => &self.sql.update,
            Which::Upsert => &self.sql.upsert,
            Which::UpsertMany => &self.sql.upsert_many,
            Which::Expect => &self.sql.expect,
            Which::Delete => &self.sql.delete,
            Which::DeleteAny => &self.sql.delete_any,
            Which::Built(sql) => sql,
        }
    }
}

/// Why a run ended without applying the unit.
pub(crate) enum Stop {
    Conflict(&'static str),
    Failed(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

enum Verdict {
    AsExpected,
    CommittedBefore,
    Stop(Stop),
}

type Answer = Result<u64, Error>;
type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// Sends BEGIN, the units' ids and every write without waiting in between.
async fn send(
    client: &ClientWrapper,
    ids: &[Uuid],
    steps: &[Step],
    statements: &[Statement],
) -> Vec<Answer> {
    let units = [Param::Ids(ids.to_vec())];
    let params = [&units[..]]
        .into_iter()
        .chain(steps.iter().map(|step| step.params.as_slice()));
    let begin: Answering<'_> =
        Box::pin(async move { client.batch_execute(BEGIN).await.map(|()| 0) });
    let writes = statements
        .iter()
        .zip(params)
        .map(|(statement, params)| -> Answering<'_> {
            Box::pin(async move { client.execute_raw(statement, params).await })
        });
    in_order([begin].into_iter().chain(writes).collect()).await
}

/// Polls each request once, in order, which puts it on the wire; then reads the answers in the
/// same order. The driver sends at the first poll of a prepared statement, and the order of
/// first polls is the order of execution, so it must not be left to a general-purpose join.
async fn in_order(mut requests: Vec<Answering<'_>>) -> Vec<Answer> {
    let early: Vec<Option<Answer>> = poll_fn(|context| {
        Poll::Ready(
            requests
                .iter_mut()
                .map(|request| match request.as_mut().poll(context) {
                    Poll::Ready(answer) => Some(answer),
                    Poll::Pending => None,
                })
                .collect(),
        )
    })
    .await;
    let mut answers = Vec::with_capacity(early.len());
    for (request, early) in requests.into_iter().zip(early) {
        answers.push(match early {
            Some(answer) => answer,
            None => request.await,
        });
    }
    answers
}

/// The first answer that is not as expected decides. What follows an error are its echoes
/// ("current transaction is aborted"); what follows a found id ran against a state that has the
/// unit already, and means nothing.
fn judge(units: usize, steps: &[Step], answers: Vec<Answer>) -> Verdict {
    let mut answers = answers.into_iter();
    match (answers.next(), answers.next()) {
        (Some(Ok(_)), Some(Ok(0))) => return Verdict::CommittedBefore,
        (Some(Ok(_)), Some(Ok(fresh))) if usize::try_from(fresh) == Ok(units) => {}
        (Some(Ok(_)), Some(Ok(_))) => {
            let text = "some of the units were applied before".to_owned();
            return Verdict::Stop(Stop::Failed(Failure::Passing(text)));
        }
        (Some(Err(error)), _) | (_, Some(Err(error))) => return Verdict::Stop(too_early(error)),
        (None, _) | (_, None) => return Verdict::Stop(missing()),
    }
    for step in steps {
        match answers.next() {
            Some(Ok(changed)) if step.counted.is_some_and(|count| count != changed) => {
                return Verdict::Stop(Stop::Conflict(step.table));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Verdict::Stop(Stop::Failed(error.into())),
            None => return Verdict::Stop(missing()),
        }
    }
    Verdict::AsExpected
}

fn missing() -> Stop {
    Stop::Failed(Failure::Passing("an answer is missing".to_owned()))
}

/// An error before the id was answered says nothing about an earlier run of the same unit, so it
/// must not become `Invalid`, which promises that nothing was changed.
fn too_early(error: Error) -> Stop {
    Stop::Failed(match Failure::from(error) {
        Failure::Refused(text) => Failure::Lasting(text),
        other => other,
    })
}

/// COMMIT was never sent, so the unit is not applied whatever becomes of this; a connection that
/// can't roll back is dropped with its lease.
async fn roll_back(lease: Lease) {
    let done = match lease.client() {
        Ok(client) => client.batch_execute("ROLLBACK").await.is_ok(),
        Err(_) => false,
    };
    if done {
        lease.give_back();
    }
}

fn unavailable(failure: Failure) -> CommitError {
    CommitError::Unavailable(failure.text())
}
