//! Leases on jobs.
//!
//! One statement: it picks due jobs that nobody else is picking (`SKIP LOCKED`), marks them and
//! returns them. It must not be sent twice: a claim whose answer was lost has leased jobs for
//! nobody, and they come free when the lease runs out.
//!
//! Invariant: a job is returned to one claim per lease; the version it carries is the only one
//! under which the lease can be finished, so a late finisher gets a conflict.

use naru_store::{Claim, Row, StoreError, Value, tables};

use crate::PostgresStore;
use crate::sql::returned;
use crate::values::{self, Param};

impl PostgresStore {
    pub(crate) async fn claim_jobs(&self, claim: Claim) -> Result<Vec<Row>, StoreError> {
        let _open = self.enter().await?;
        // A lane with a NUL character is on no row, and PostgreSQL would refuse the text.
        let busy = claim
            .busy
            .into_iter()
            .filter(|lane| !lane.contains('\0'))
            .collect();
        let params = [
            Param::Value(Value::from(claim.queue)),
            Param::Value(claim.due.into()),
            Param::Value(claim.now.into()),
            Param::Texts(busy),
            i64::from(claim.limit).into(),
            Param::Value(claim.until.into()),
        ];
        let answers = self.ask_once(&statement(), &params).await?;
        let rows = answers
            .iter()
            .map(|answer| values::row(&tables::JOBS, answer));
        let mut rows: Vec<Row> = rows.collect::<Result<_, _>>()?;
        // RETURNING has no order of its own.
        let due_at = tables::JOBS
            .columns
            .iter()
            .position(|column| column.name == "due_at");
        rows.sort_by(|a, b| {
            let due = |row: &Row| due_at.and_then(|index| row.columns.get(index).cloned());
            (due(a), &a.key).cmp(&(due(b), &b.key))
        });
        Ok(rows)
    }
}

/// NULLS FIRST, although no null is chosen: it is the order of the index. MATERIALIZED: the choice
/// is made once; as a plain subquery the planner may run it again for each outer row and lease more
/// than the limit.
pub(crate) fn statement() -> String {
    format!(
        "WITH due AS MATERIALIZED (SELECT job_id FROM jobs WHERE queue = $1 AND due_at <= $2 \
         AND (lease_until IS NULL OR lease_until <= $3) \
         AND (lane IS NULL OR lane <> ALL($4)) \
         ORDER BY due_at NULLS FIRST, job_id LIMIT $5 FOR UPDATE SKIP LOCKED) \
         UPDATE jobs AS t SET lease_until = $6, version = t.version + 1 \
         FROM due WHERE t.job_id = due.job_id RETURNING {}",
        returned(&tables::JOBS)
    )
}

#[cfg(all(test, feature = "test-support"))]
mod tests {
    use crate::test_support::{connect, explained, fresh_database};
    use crate::values::Param;

    #[tokio::test]
    async fn claim_reads_the_first_due_jobs_from_the_index() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        let filled = "INSERT INTO jobs (job_id, version, queue, due_at, body) \
                      SELECT 'j' || n, 1, 'mail', n, '{}' FROM generate_series(1, 20000) n; \
                      ANALYZE jobs";
        client.batch_execute(filled).await.unwrap();
        let params = [
            Param::Value("mail".into()),
            50_000.into(),
            0.into(),
            Param::Texts(vec!["busy".to_owned()]),
            20.into(),
            99.into(),
        ];
        let plan = explained(&client, &super::statement(), &params).await;
        assert!(
            plan.contains("Index Scan using jobs_queue_due_at"),
            "{plan}"
        );
        assert!(!plan.contains("Seq Scan on jobs"), "{plan}");
    }
}
