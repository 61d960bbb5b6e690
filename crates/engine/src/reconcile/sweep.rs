//! Deleting lines that do not count: of imports that were cut off, and of replaced days.

use naru_domain::Timestamp;
use naru_store::{Commit, CommitError, Condition, Query, Table, Write, tables};

use crate::records::{BatchState, SettlementBatchRecord};
use crate::{Engine, Fault};

/// How long an import may take, and a report may go on reading what was replaced, in seconds.
const GRACE_S: i64 = 3_600;
/// Batches of one sweep.
const BATCHES: u32 = 10;
/// Rows of one commit.
const ROWS: u32 = 500;

impl Engine {
    /// Deletes a part of what does not count. Gives how many rows.
    pub async fn sweep_settlements(&self) -> Result<usize, Fault> {
        let before = self.clock().process().plus_seconds(-GRACE_S);
        let mut deleted = 0;
        for state in [BatchState::Writing, BatchState::Replaced] {
            deleted += self.sweep_batches(state, before).await?;
        }
        Ok(deleted)
    }

    async fn sweep_batches(&self, state: BatchState, before: Timestamp) -> Result<usize, Fault> {
        let query = Query::of(&tables::SETTLEMENT_BATCHES, BATCHES)
            .and(Condition::Is("state", state.name().into()))
            .and(Condition::Below("at", before.into()));
        let mut deleted = 0;
        for batch in self.store().list::<SettlementBatchRecord>(query).await? {
            for table in [&tables::SETTLEMENT_LINES, &tables::SETTLEMENT_TOTALS] {
                deleted += self.delete_rows(table, &batch.value).await?;
            }
            let mut unit = Commit::new(self.new_uuid());
            unit.delete(&batch);
            match self.commit(unit).await {
                Ok(()) | Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(deleted)
    }

    async fn delete_rows(
        &self,
        table: &'static Table,
        batch: &SettlementBatchRecord,
    ) -> Result<usize, Fault> {
        let mut deleted = 0;
        loop {
            let query = Query::of(table, ROWS)
                .and(Condition::Is("owner_id", batch.owner_id.as_str().into()))
                .and(Condition::Is("batch_id", batch.batch_id.as_str().into()));
            let rows = self.store().scan(query).await?;
            if rows.is_empty() {
                return Ok(deleted);
            }
            deleted += rows.len();
            let mut unit = Commit::new(self.new_uuid());
            unit.writes = rows
                .into_iter()
                .map(|row| Write::Delete {
                    table,
                    key: row.key,
                    expected: None,
                })
                .collect();
            self.commit(unit).await?;
        }
    }
}
