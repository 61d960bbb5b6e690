//! Figures about a merchant's payments, for charts: computed from the ledger and the facts, in one
//! pass over the period that is asked about.
//!
//! *Gross* is what was captured in the period, whatever was given back later; *net* is gross less
//! what was given back in the period, so it can be below zero. Payments of test channels do not
//! count, except in the sandbox, which has no others.
//!
//! Invariant: sums are integers in the minor unit of one currency; currencies are never added up.

mod insight;
mod money;
mod period;
mod statuses;

pub use insight::{Extremes, Insight};
pub use money::{Averages, KeyedSum, MoneyKey, Series, Split, Sum};
pub(crate) use period::zone;
pub use period::{Granularity, Period};
pub use statuses::{StatusFigures, StatusKey, StatusSum};

use naru_store::{Condition, Direction, Query, Row, Value};

use crate::{Engine, Fault};

/// Rows read at a time.
const CHUNK: u32 = 5_000;
/// Rows that one question may read: entries of the ledger, or payments.
pub const ROWS_MAX: u32 = 1_000_000;

impl Engine {
    /// Hands every row that matches to `take`, in the order of `time`, a chunk at a time. `tie`
    /// tells rows of one moment apart. No more than [`ROWS_MAX`] in all; `read` counts them.
    async fn each_row(
        &self,
        query: Query,
        (time, tie): (&'static str, &'static str),
        read: &mut u32,
        mut take: impl FnMut(&Row),
    ) -> Result<(), Fault> {
        let mut base = query;
        base.limit = CHUNK;
        let mut next = base.clone().by(time, Direction::Ascending);
        next = next.by(tie, Direction::Ascending);
        loop {
            let rows = self.store().scan(next).await?;
            *read = read.saturating_add(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            if *read > ROWS_MAX {
                return Err(Fault::invalid(format!(
                    "`until`: expected a period with at most {ROWS_MAX} payments; ask for a \
                     shorter one"
                )));
            }
            rows.iter().for_each(&mut take);
            let is_full = u32::try_from(rows.len()).is_ok_and(|count| count == CHUNK);
            let last = rows.last().filter(|_| is_full);
            let column = |name| {
                let value = last.and_then(|row| base.table.value_of(row, name));
                value.cloned().unwrap_or(Value::Null)
            };
            let (moment, place) = (column(time), column(tie));
            if moment == Value::Null {
                return Ok(());
            }
            // The rest of that moment, then what is later.
            let rest = base
                .clone()
                .and(Condition::Is(time, moment.clone()))
                .and(Condition::Above(tie, place))
                .by(tie, Direction::Ascending);
            self.rest_of(rest, tie, read, &mut take).await?;
            next = base
                .clone()
                .and(Condition::Above(time, moment))
                .by(time, Direction::Ascending)
                .by(tie, Direction::Ascending);
        }
    }

    /// All rows of one moment.
    async fn rest_of(
        &self,
        query: Query,
        tie: &'static str,
        read: &mut u32,
        take: &mut impl FnMut(&Row),
    ) -> Result<(), Fault> {
        let mut next = query.clone();
        loop {
            let rows = self.store().scan(next).await?;
            let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            *read = read.saturating_add(count);
            rows.iter().for_each(&mut *take);
            let last = rows.last().and_then(|row| query.table.value_of(row, tie));
            match last {
                Some(place) if count == CHUNK && *read <= ROWS_MAX => {
                    next = query.clone().and(Condition::Above(tie, place.clone()));
                }
                Some(_) | None => return Ok(()),
            }
        }
    }
}
