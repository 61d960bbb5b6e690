//! Server-wide settings: the clocks, and what is kept for a time only.

use naru_store::{Commit, CommitError, Condition, Query, Table, Versioned, Write, tables};

use crate::records::SettingRecord;
use crate::{Engine, Fault};

const CLOCK_OFFSET: &str = "clock_offset_ms";
/// Rows of a retention sweep.
const EXPIRED_MAX: u32 = 500;

impl Engine {
    pub(crate) async fn setting(
        &self,
        name: &str,
    ) -> Result<Option<Versioned<SettingRecord>>, Fault> {
        Ok(self.store().load(vec![name.into()]).await?)
    }

    /// Brings this node's process clock in step with the store's. Called at start, before
    /// anything is served, and from time to time.
    pub async fn align_clock(&self) -> Result<(), Fault> {
        let before = self.clock().machine().as_micros();
        let theirs = self.store().now().await?.as_micros();
        let after = self.clock().machine().as_micros();
        // Half of the round trip is the best guess of when the store looked at its clock.
        let ours = before + (after - before) / 2;
        self.clock().set_skew_micros(theirs - ours);
        Ok(())
    }

    /// Reads the business clock's offset from the store, at start and from time to time.
    pub async fn load_clock_offset(&self) -> Result<(), Fault> {
        if !self.config().is_sandbox {
            return Ok(());
        }
        if let Some(found) = self.setting(CLOCK_OFFSET).await? {
            self.clock()
                .set_offset_ms(found.value.value.parse().unwrap_or(0));
        }
        Ok(())
    }

    /// Moves the business clock: sandbox only.
    pub async fn set_clock_offset(&self, offset_ms: i64) -> Result<(), Fault> {
        if !self.config().is_sandbox {
            return Err(Fault::invalid("the clock can be moved in the sandbox only"));
        }
        let mut unit = Commit::new(self.new_uuid());
        unit.upsert(&SettingRecord {
            name: CLOCK_OFFSET.to_owned(),
            value: offset_ms.to_string(),
        })?;
        self.commit(unit).await?;
        self.clock().set_offset_ms(offset_ms);
        self.wakers().webhook().notify_one();
        self.wakers().schedule().notify_one();
        Ok(())
    }

    /// Deletes idempotency records, sessions, and counts of messages and log-ins, whose time is
    /// over.
    pub async fn sweep_expired(&self) -> Result<usize, Fault> {
        self.sweep_tax().await?;
        self.sweep_nodes().await?;
        self.drop_former_keys().await?;
        let records = self.sweep(&tables::IDEMPOTENCY).await?;
        let sessions = self.sweep(&tables::CONSOLE_SESSIONS).await?;
        let counts = self.sweep(&tables::LOG_IN_COUNTS).await?;
        Ok(records + sessions + counts + self.sweep(&tables::IDENTITY_RATES).await?)
    }

    async fn sweep(&self, table: &'static Table) -> Result<usize, Fault> {
        let now = self.now();
        let query = Query::of(table, EXPIRED_MAX).and(Condition::Below("expires_at", now.into()));
        let rows = self.store().scan(query).await?;
        let count = rows.len();
        if count == 0 {
            return Ok(0);
        }
        let mut unit = Commit::new(self.new_uuid());
        for row in rows {
            unit.writes.push(Write::Delete {
                table,
                key: row.key,
                expected: Some(row.version),
            });
        }
        match self.commit(unit).await {
            Ok(()) => Ok(count),
            Err(CommitError::Conflict(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}
