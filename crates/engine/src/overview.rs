//! What an operator wants to see first: how much is open.

use naru_store::{Condition, Query, tables};

use crate::records::{DifferenceState, Queue};
use crate::{Engine, Fault};

/// Counting stops there.
pub const OVERVIEW_MAX: u32 = 10_000;

/// Counts, each [`OVERVIEW_MAX`] at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overview {
    /// Attempts, cancellations and reversals whose outcome at the PG is not known yet. Those of
    /// requests that run just now are among them.
    pub unresolved: u32,
    /// Webhooks that wait to be delivered, for the first time or again.
    pub webhooks_waiting: u32,
    /// Notices of PGs that are not worked up.
    pub notices_waiting: u32,
    /// What needs a person: `naru audit`.
    pub discrepancies: u32,
    /// Differences between our books and the PGs' that are open.
    pub differences: u32,
}

impl Engine {
    /// Counts what is open in all stores.
    pub async fn overview(&self) -> Result<Overview, Fault> {
        let mut unresolved = 0;
        for kind in ["attempt:", "cancel:", "reverse:", "close:"] {
            let of_kind = Condition::Prefix("job_id", kind.to_owned());
            unresolved += self.open(Query::of(&tables::JOBS, 1).and(of_kind)).await?;
        }
        let webhooks = Condition::Is("queue", Queue::Webhook.name().into());
        let notices = Condition::Prefix("job_id", "notice:".to_owned());
        let open = Condition::Is("state", DifferenceState::Open.name().into());
        Ok(Overview {
            unresolved: unresolved.min(OVERVIEW_MAX),
            webhooks_waiting: self.open(Query::of(&tables::JOBS, 1).and(webhooks)).await?,
            notices_waiting: self.open(Query::of(&tables::JOBS, 1).and(notices)).await?,
            discrepancies: self.open(Query::of(&tables::DISCREPANCIES, 1)).await?,
            differences: self
                .open(Query::of(&tables::DIFFERENCES, 1).and(open))
                .await?,
        })
    }

    async fn open(&self, query: Query) -> Result<u32, Fault> {
        Ok(self.store().count(query, OVERVIEW_MAX).await?)
    }
}
