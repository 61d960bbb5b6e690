//! The store as a process sees it.

use naru_domain::Timestamp;
use naru_store::{
    BoxFuture, Claim, Commit, CommitError, Query, Row, Store, StoreError, Table, Value, Write,
    tables,
};
use naru_store_memory::Fault;

use super::Port;
use crate::Mistake;

/// The world's one store, behind a port.
pub struct NodeStore(pub Port);

impl NodeStore {
    async fn read(&self, what: &str) -> Result<(), StoreError> {
        self.0.before(what).await;
        if self.0.world.dice.happens(self.0.world.weather().read_fails) {
            return Err(StoreError("the read fails".to_owned()));
        }
        Ok(())
    }

    /// One unit as it is, with what can go wrong.
    async fn commit_one(&self, unit: Commit) -> Result<(), CommitError> {
        let world = &self.0.world;
        self.0.before(&format!("commit {}", names(&unit))).await;
        let weather = world.weather();
        if !world.takes_writes() || world.dice.happens(weather.commit_lost) {
            world.store.fail_next(Fault::Before);
        } else if world.dice.happens(weather.commit_unanswered) {
            world.store.fail_next(Fault::After);
        }
        world.sync_soon();
        let done = world.store.commit(unit).await;
        self.0.after("committed").await;
        match (world.options.mistake, done) {
            (Some(Mistake::ConflictIsSuccess), Err(CommitError::Conflict(_)))
            | (Some(Mistake::FailureIsSuccess), Err(CommitError::Unavailable(_))) => Ok(()),
            (_, done) => done,
        }
    }

    /// A unit of which the mistake writes some rows first and the others in a unit of their own.
    async fn commit_mistaken(&self, mut unit: Commit) -> Result<(), CommitError> {
        let later = match self.0.world.options.mistake {
            Some(Mistake::ForgottenVersion) => {
                forget_versions(&mut unit);
                Vec::new()
            }
            Some(Mistake::HalfUnits) if unit.writes.len() > 1 => {
                unit.writes.split_off(unit.writes.len() / 2)
            }
            Some(Mistake::OutboxOutside) => take(&mut unit, is_outbox),
            Some(Mistake::JobOutside) => take(&mut unit, is_resolving),
            Some(Mistake::IdempotencyOutside) => take(&mut unit, is_of_key),
            Some(Mistake::JobsStay) => {
                take(&mut unit, is_end_of_job);
                Vec::new()
            }
            Some(Mistake::ForgottenEvents) => {
                if self.0.world.dice.happens(500) {
                    take(&mut unit, |write| is_insert(write, &tables::EVENTS));
                }
                Vec::new()
            }
            Some(Mistake::ForgottenPostings) => {
                if self.0.world.dice.happens(500) {
                    take(&mut unit, |write| is_insert(write, &tables::JOURNAL));
                }
                Vec::new()
            }
            _ => Vec::new(),
        };
        let mut rest = Commit::new(uuid_after(&unit));
        rest.writes = later;
        self.commit_one(unit).await?;
        if rest.writes.is_empty() {
            return Ok(());
        }
        self.commit_one(rest).await
    }
}

/// An id of its own for the second half.
fn uuid_after(unit: &Commit) -> uuid::Uuid {
    uuid::Uuid::from_u128(unit.id.as_u128().wrapping_add(1))
}

fn take(unit: &mut Commit, is_meant: impl Fn(&Write) -> bool) -> Vec<Write> {
    let (taken, kept) = std::mem::take(&mut unit.writes)
        .into_iter()
        .partition(|write| is_meant(write));
    unit.writes = kept;
    taken
}

fn is_insert(write: &Write, of: &Table) -> bool {
    matches!(write, Write::Insert(table, _) if table.name == of.name)
}

fn is_job(write: &Write, kind: &str) -> bool {
    let (Write::Insert(table, row) | Write::Upsert(table, row)) = write else {
        return false;
    };
    table.name == tables::JOBS.name && row.body.contains(kind)
}

fn is_of_key(write: &Write) -> bool {
    let (Write::Insert(table, _) | Write::Update { table, .. }) = write else {
        return false;
    };
    table.name == tables::IDEMPOTENCY.name
}

fn is_outbox(write: &Write) -> bool {
    is_insert(write, &tables::WEBHOOKS) || is_job(write, "DeliverWebhook")
}

fn is_resolving(write: &Write) -> bool {
    is_job(write, "Resolve")
}

fn is_end_of_job(write: &Write) -> bool {
    matches!(write, Write::Delete { table, .. } if table.name == tables::JOBS.name)
}

/// Whoever was first is not noticed: neither by the version of a row, nor by the number of an
/// event, which is in its key and guards a payment a second time.
fn forget_versions(unit: &mut Commit) {
    for write in &mut unit.writes {
        if let Write::Update { table, row, .. } = write {
            *write = Write::Upsert(table, row.clone());
        } else if let Write::Insert(table, row) = write
            && table.name == tables::EVENTS.name
        {
            *write = Write::Upsert(table, row.clone());
        } else if let Write::Delete { expected, .. } = write {
            *expected = None;
        }
    }
    unit.writes
        .retain(|write| !matches!(write, Write::Expect { .. }));
}

/// Which tables a unit writes, for the trace.
fn names(unit: &Commit) -> String {
    let name = |write: &Write| match write {
        Write::Insert(table, _) => format!("+{}", table.name),
        Write::Update { table, .. }
        | Write::Upsert(table, _)
        | Write::Add { table, .. }
        | Write::Clear { table, .. } => {
            format!("~{}", table.name)
        }
        Write::Expect { table, .. } => format!("={}", table.name),
        Write::Delete { table, .. } | Write::DeleteWhere(table, _) => format!("-{}", table.name),
    };
    unit.writes.iter().map(name).collect::<Vec<_>>().join(" ")
}

impl Store for NodeStore {
    fn get(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> BoxFuture<'_, Result<Option<Row>, StoreError>> {
        Box::pin(async move {
            self.read(table.name).await?;
            self.0.world.store.get(table, key).await
        })
    }

    fn scan(&self, query: Query) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            self.read(query.table.name).await?;
            self.0.world.store.scan(query).await
        })
    }

    fn count(&self, query: Query, cap: u32) -> BoxFuture<'_, Result<u32, StoreError>> {
        Box::pin(async move {
            self.read(query.table.name).await?;
            self.0.world.store.count(query, cap).await
        })
    }

    fn commit(&self, unit: Commit) -> BoxFuture<'_, Result<(), CommitError>> {
        Box::pin(self.commit_mistaken(unit))
    }

    fn claim(&self, claim: Claim) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        Box::pin(async move {
            let world = &self.0.world;
            // Most looks find nothing; only those that do are steps, or a seed would be all looks.
            self.0.life.hold_if_dead().await;
            world.sync_soon();
            let rows = world.store.claim(claim).await;
            if rows.as_ref().is_ok_and(|rows| !rows.is_empty()) {
                self.0.after("claimed").await;
            }
            self.0.life.hold_if_dead().await;
            rows
        })
    }

    fn now(&self) -> BoxFuture<'_, Result<Timestamp, StoreError>> {
        self.0.world.store.now()
    }

    fn name(&self) -> &'static str {
        "simulated"
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
