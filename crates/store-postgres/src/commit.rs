//! Units: one transaction each, all of it or nothing, and safe to send again.
//!
//! **Isolation.** READ COMMITTED is enough, because a unit reads nothing: each write that
//! depends on something read earlier names the version it read, an `UPDATE` or `DELETE` that
//! waited for another transaction looks at the row again when it wakes, and the row stays locked
//! until the end. A count other than one is a conflict and the whole unit rolls back.
//! SERIALIZABLE would add aborts without adding a check.
//!
//! **Round trips.** BEGIN, the unit's id and all writes go out together; their answers are read
//! in order; COMMIT follows only if all are as expected. So two round trips however many writes,
//! and no row count is found wrong after the fact.
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
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use deadpool_postgres::ClientWrapper;
use naru_store::{Commit, CommitError, Row, Write};
use tokio_postgres::{Error, Statement};
use uuid::Uuid;

use crate::PostgresStore;
use crate::failure::{Backoff, Failure, describe};
use crate::pool::Lease;
use crate::sql::{self, TableSql};
use crate::values::Param;

const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
pub(crate) const RECORD_UNIT: &str =
    "INSERT INTO units (id) VALUES ($1) ON CONFLICT (id) DO NOTHING";

impl PostgresStore {
    pub(crate) async fn commit_unit(&self, unit: Commit) -> Result<(), CommitError> {
        unit.check()?;
        let _open = self.enter().await.map_err(unavailable)?;
        let steps: Vec<Step> = unit
            .writes
            .into_iter()
            .filter_map(|w| self.step(w))
            .collect();
        let mut backoff = Backoff::new(self.options.patience);
        loop {
            let attempt =
                tokio::time::timeout_at(backoff.deadline(), self.attempt(unit.id, &steps));
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

    /// One run of the unit. Dropped anywhere in between, it takes its connection with it.
    async fn attempt(&self, id: Uuid, steps: &[Step]) -> Result<(), Stop> {
        let lease = self.pool.lease().await?;
        let verdict = {
            let client = lease.client()?;
            let mut statements = Vec::with_capacity(steps.len() + 1);
            for sql in [RECORD_UNIT].into_iter().chain(steps.iter().map(Step::sql)) {
                statements.push(client.prepare_cached(sql).await.map_err(too_early)?);
            }
            judge(steps, send(client, id, steps, &statements).await)
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
                tracing::warn!(unit.id = %id, error = text, "outcome of a commit is unknown");
                Err(Stop::Failed(Failure::Passing(text)))
            }
        }
    }

    fn step(&self, write: Write) -> Option<Step> {
        let full = |row: Row| {
            let body = naru_store::Value::from(row.body);
            row.key
                .into_iter()
                .chain(row.columns)
                .chain([body])
                .map(Param::Value)
        };
        let (table, which, params, counted) = match write {
            Write::Insert(table, row) => (table, Which::Insert, full(row).collect(), true),
            Write::Update {
                table,
                row,
                expected,
            } => {
                let params = full(row).chain([expected.into()]).collect();
                (table, Which::Update, params, true)
            }
            Write::Expect {
                table,
                key,
                expected,
            } => (table, Which::Expect, by(key, expected), true),
            Write::Upsert(table, row) => (table, Which::Upsert, full(row).collect(), false),
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
            sql: self.table_sql(table),
            which,
            params,
            counted,
        })
    }
}

/// What finds a row of a version.
fn by(key: Vec<naru_store::Value>, expected: i64) -> Vec<Param> {
    values(key).chain([expected.into()]).collect()
}

fn values(key: Vec<naru_store::Value>) -> impl Iterator<Item = Param> {
    key.into_iter().map(Param::Value)
}

/// One write as a statement.
struct Step {
    table: &'static str,
    sql: Arc<TableSql>,
    which: Which,
    params: Vec<Param>,
    /// Whether it must change, or find, exactly one row.
    counted: bool,
}

enum Which {
    Insert,
    Update,
    Upsert,
    Expect,
    Delete,
    DeleteAny,
    Built(String),
}

impl Step {
    fn sql(&self) -> &str {
        match &self.which {
            Which::Insert => &self.sql.insert,
            Which::Update => &self.sql.update,
            Which::Upsert => &self.sql.upsert,
            Which::Expect => &self.sql.expect,
            Which::Delete => &self.sql.delete,
            Which::DeleteAny => &self.sql.delete_any,
            Which::Built(sql) => sql,
        }
    }
}

/// Why a run ended without applying the unit.
enum Stop {
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

/// Sends BEGIN, the unit's id and every write without waiting in between.
async fn send(
    client: &ClientWrapper,
    id: Uuid,
    steps: &[Step],
    statements: &[Statement],
) -> Vec<Answer> {
    let unit = [Param::Id(id)];
    let params = [&unit[..]]
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
fn judge(steps: &[Step], answers: Vec<Answer>) -> Verdict {
    let mut answers = answers.into_iter();
    match (answers.next(), answers.next()) {
        (Some(Ok(_)), Some(Ok(0))) => return Verdict::CommittedBefore,
        (Some(Ok(_)), Some(Ok(_))) => {}
        (Some(Err(error)), _) | (_, Some(Err(error))) => return Verdict::Stop(too_early(error)),
        (None, _) | (_, None) => return Verdict::Stop(missing()),
    }
    for step in steps {
        match answers.next() {
            Some(Ok(changed)) if step.counted && changed != 1 => {
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
