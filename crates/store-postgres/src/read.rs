//! Reads: one statement each, outside any transaction, on the primary.
//!
//! A read changes nothing, so it may be sent again when its connection breaks. It must not be
//! served from a standby: a read sees every commit answered before it began.
//!
//! Invariant: what can't match (a null, a NUL character) is answered without asking, as in every
//! backend.

use std::time::Duration;

use naru_domain::Timestamp;
use naru_store::{Query, Row, StoreError, Table, Value};
use tokio_postgres::Row as Answer;

use crate::PostgresStore;
use crate::failure::{Backoff, Failure};
use crate::sql::{self, Statement};
use crate::values::{self, Param};

/// A little more than the session's `statement_timeout`, whose error says more.
const READ_WITHIN: Duration = Duration::from_secs(26);

const NOW: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT";

impl PostgresStore {
    pub(crate) async fn read_one(
        &self,
        table: &'static Table,
        key: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        if !table.can_hold(&key)? {
            return Ok(None);
        }
        let params: Vec<_> = key.into_iter().map(Param::Value).collect();
        let answers = self.ask(&self.tables.sql(table).get, &params).await?;
        Ok(answers
            .first()
            .map(|answer| values::row(table, answer))
            .transpose()?)
    }

    pub(crate) async fn read_matching(&self, query: Query) -> Result<Vec<Row>, StoreError> {
        query.check()?;
        let Some(Statement { sql, params }) = sql::scan(&query) else {
            return Ok(Vec::new());
        };
        let answers = self.ask(&sql, &params).await?;
        let rows = answers
            .iter()
            .map(|answer| values::row(query.table, answer));
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(crate) async fn count_matching(&self, query: Query, cap: u32) -> Result<u32, StoreError> {
        query.check()?;
        let Some(Statement { sql, params }) = sql::count(&query, cap) else {
            return Ok(0);
        };
        let answers = self.ask(&sql, &params).await?;
        let count = first_int(&answers)?;
        Ok(u32::try_from(count).unwrap_or(cap))
    }

    pub(crate) async fn database_time(&self) -> Result<Timestamp, StoreError> {
        let answers = self.ask(NOW, &[]).await?;
        Ok(Timestamp::from_micros(first_int(&answers)?))
    }

    /// Asks until there is an answer or the patience ends.
    async fn ask(&self, sql: &str, params: &[Param]) -> Result<Vec<Answer>, Failure> {
        let _open = self.enter().await?;
        let mut backoff = Backoff::new(self.options.patience);
        loop {
            let failure = match self.ask_once(sql, params).await {
                Err(Failure::Passing(text)) => Failure::Passing(text),
                settled => return settled,
            };
            if !backoff.again().await {
                return Err(failure);
            }
        }
    }

    /// Asks once, on one connection. For statements of their own: each is its own transaction.
    pub(crate) async fn ask_once(
        &self,
        sql: &str,
        params: &[Param],
    ) -> Result<Vec<Answer>, Failure> {
        let lease = self.pool.lease().await?;
        let client = lease.client()?;
        let asking = async {
            let statement = client.prepare_cached(sql).await?;
            let params: Vec<_> = params.iter().map(values::as_sql).collect();
            client.query(&statement, &params).await
        };
        let answers = tokio::time::timeout(READ_WITHIN, asking)
            .await
            .map_err(|_| Failure::Passing("no answer in time".to_owned()))??;
        lease.give_back();
        Ok(answers)
    }
}

fn first_int(answers: &[Answer]) -> Result<i64, Failure> {
    let answer = answers
        .first()
        .ok_or_else(|| Failure::Lasting("no row came back".to_owned()))?;
    Ok(answer.try_get(0)?)
}
