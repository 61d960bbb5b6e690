//! Leases on jobs.
//!
//! One statement picks due jobs that nobody else is picking (`SKIP LOCKED`), marks them and
//! returns them. It must not be sent twice: a claim whose answer was lost has leased jobs for
//! nobody, and they come free when the lease runs out.
//!
//! It looks at the first due jobs only. If those are all taken, or belong to busy lanes, another
//! statement looks at each lane on its own: then it does not matter how many jobs wait in the busy
//! ones.
//!
//! Invariant: a job is returned to one claim per lease; the version it carries is the only one
//! under which the lease can be finished, so a late finisher gets a conflict.

use naru_store::{Claim, Row, StoreError, Value, tables};

use crate::PostgresStore;
use crate::failure::Failure;
use crate::sql::returned;
use crate::values::{self, Param};

/// Due jobs that a claim looks at before it goes by lane.
const LOOKED_AT_MAX: usize = 512;

impl PostgresStore {
    pub(crate) async fn claim_jobs(&self, claim: Claim) -> Result<Vec<Row>, StoreError> {
        let _open = self.enter().await?;
        let limit = usize::try_from(claim.limit).unwrap_or(usize::MAX);
        // A lane with a NUL character is on no row, and PostgreSQL would refuse the text.
        let busy = claim
            .busy
            .into_iter()
            .filter(|lane| !lane.contains('\0'))
            .collect();
        let mut params = [
            Param::Value(Value::from(claim.queue)),
            Param::Value(claim.due.into()),
            Param::Value(claim.now.into()),
            Param::Texts(busy),
            i64::from(claim.limit).into(),
            Param::Value(claim.until.into()),
        ];
        let [first, by_lane, is_more] = statements();
        let mut rows = self.lease(&first, &params).await?;
        if rows.len() < limit
            && !self
                .ask_once(&is_more, params.get(..2).unwrap_or_default())
                .await?
                .is_empty()
        {
            let missing = i64::try_from(limit - rows.len()).unwrap_or(i64::MAX);
            if let Some(limit) = params.get_mut(4) {
                *limit = missing.into();
            }
            rows.extend(self.lease(&by_lane, &params).await?);
        }
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

    async fn lease(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>, Failure> {
        let answers = self.ask_once(sql, params).await?;
        answers
            .iter()
            .map(|answer| values::row(&tables::JOBS, answer))
            .collect()
    }
}

/// Leasing the first due jobs; leasing due jobs lane by lane; whether there are more due jobs than
/// the first looks at. NULLS FIRST, although no null is chosen: it is the order of the indexes.
/// MATERIALIZED: the choice is made once; as a plain subquery the planner may run it again for each
/// outer row and lease more than the limit.
pub(crate) fn statements() -> [String; 3] {
    let due = "queue = $1 AND due_at <= $2";
    let in_order = "ORDER BY due_at NULLS FIRST, job_id";
    let free = "(lease_until IS NULL OR lease_until <= $3)";
    let not_busy = "(lane IS NULL OR lane <> ALL($4))";
    let taking = format!(
        "UPDATE jobs AS t SET lease_until = $6, version = t.version + 1 \
         FROM due WHERE t.job_id = due.job_id RETURNING {}",
        returned(&tables::JOBS)
    );
    let first = format!(
        // Left out before they are locked and looked at once more: most of a full lane's.
        "WITH due AS MATERIALIZED (SELECT j.job_id FROM (SELECT job_id AS id, due_at FROM \
         (SELECT job_id, due_at, lane, lease_until FROM jobs WHERE {due} {in_order} \
         LIMIT {LOOKED_AT_MAX}) AS first WHERE {free} AND {not_busy}) AS w \
         CROSS JOIN LATERAL (SELECT job_id FROM jobs WHERE job_id = w.id AND {due} AND {free} \
         AND {not_busy} FOR UPDATE SKIP LOCKED) AS j \
         ORDER BY w.due_at NULLS FIRST, w.id LIMIT $5) {taking}"
    );
    let by_lane = format!(
        "WITH RECURSIVE lanes (lane) AS ((SELECT lane FROM jobs WHERE queue = $1 \
         AND lane IS NOT NULL ORDER BY lane NULLS FIRST LIMIT 1) UNION ALL \
         SELECT (SELECT j.lane FROM jobs AS j WHERE j.queue = $1 AND j.lane > l.lane \
         ORDER BY j.lane NULLS FIRST LIMIT 1) FROM lanes AS l WHERE l.lane IS NOT NULL), \
         laned AS MATERIALIZED (SELECT j.job_id, j.due_at FROM lanes AS l CROSS JOIN LATERAL \
         (SELECT job_id, due_at FROM jobs WHERE lane = l.lane AND {due} AND {free} {in_order} \
         LIMIT $5 FOR UPDATE SKIP LOCKED) AS j WHERE l.lane <> ALL($4)), \
         unlaned AS MATERIALIZED (SELECT job_id, due_at FROM jobs WHERE lane IS NULL AND {due} \
         AND {free} {in_order} LIMIT $5 FOR UPDATE SKIP LOCKED), \
         due AS MATERIALIZED (SELECT job_id FROM (TABLE laned UNION ALL TABLE unlaned) AS all_of \
         ORDER BY due_at, job_id LIMIT $5) {taking}"
    );
    let is_more =
        format!("SELECT 1 FROM jobs WHERE {due} {in_order} OFFSET {LOOKED_AT_MAX} LIMIT 1");
    [first, by_lane, is_more]
}

#[cfg(all(test, feature = "test-support"))]
mod tests {
    use crate::test_support::{connect, explained, fresh_database};
    use crate::values::Param;

    #[tokio::test]
    async fn claims_read_the_first_due_jobs_from_an_index_and_sort_nothing_large() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        // All due at the same moment, most of them on one lane.
        let filled = "INSERT INTO jobs (job_id, version, queue, lane, due_at, body) \
                      SELECT 'j' || n, 1, 'mail', \
                      CASE WHEN n % 1000 = 0 THEN 'free' ELSE 'busy' END, 7, '{}' \
                      FROM generate_series(1, 20000) n; ANALYZE jobs";
        client.batch_execute(filled).await.unwrap();
        let params = [
            Param::Value("mail".into()),
            50_000.into(),
            0.into(),
            Param::Texts(vec!["busy".to_owned()]),
            20.into(),
            99.into(),
        ];
        let [first, by_lane, is_more] = super::statements();
        let plan = explained(&client, &first, &params).await;
        assert!(plan.contains("jobs_queue_due_at_job_id"), "{plan}");
        assert!(!plan.contains("Seq Scan on jobs"), "{plan}");
        assert!(!plan.contains("Sort"), "{plan}");
        let plan = explained(&client, &by_lane, &params).await;
        assert!(plan.contains("jobs_queue_lane_due_at_job_id"), "{plan}");
        assert!(!plan.contains("Seq Scan on jobs"), "{plan}");
        let plan = explained(&client, &is_more, &params[..2]).await;
        assert!(plan.contains("jobs_queue_due_at_job_id"), "{plan}");
    }
    /// Vacuum gives an empty table's pages back, and a plan made then is kept while it fills.
    #[tokio::test]
    async fn a_queue_that_was_empty_is_read_from_its_index() {
        let database = fresh_database().await;
        let client = connect(&database.url).await;
        client.batch_execute("VACUUM jobs").await.unwrap();
        let params = [
            Param::Value("mail".into()),
            50_000.into(),
            0.into(),
            Param::Texts(Vec::new()),
            20.into(),
            99.into(),
        ];
        let [first, by_lane, is_more] = super::statements();
        for (sql, params) in [
            (first, &params[..]),
            (by_lane, &params),
            (is_more, &params[..2]),
        ] {
            let plan = explained(&client, &sql, params).await;
            assert!(!plan.contains("Seq Scan"), "{plan}");
        }
    }
}
