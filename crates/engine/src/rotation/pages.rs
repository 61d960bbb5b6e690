//! Every row of a table, page by page, in the order of its key.

use naru_store::{Condition, Query, Row, Table, Value};

use crate::{Engine, Fault};

impl Engine {
    /// Rows behind a key, `limit` at most.
    pub(crate) async fn rows_after(
        &self,
        table: &'static Table,
        after: Option<&[Value]>,
        limit: u32,
    ) -> Result<Vec<Row>, Fault> {
        let Some(after) = after else {
            return Ok(self.store().scan(Query::of(table, limit)).await?);
        };
        let places: Vec<_> = table.key.iter().zip(after).collect();
        let mut rows = Vec::new();
        // Behind (a, b) is what has the same a and a larger b, and then what has a larger a.
        for level in (0..places.len()).rev() {
            let left = limit.saturating_sub(u32::try_from(rows.len()).unwrap_or(limit));
            let Some((above, same)) = places.get(..=level).and_then(<[_]>::split_last) else {
                break;
            };
            if left == 0 {
                break;
            }
            let mut query = Query::of(table, left);
            for (column, value) in same {
                query = query.and(Condition::Is(column.name, (*value).clone()));
            }
            let (column, value) = above;
            query = query.and(Condition::Above(column.name, (*value).clone()));
            rows.extend(self.store().scan(query).await?);
        }
        Ok(rows)
    }
}
