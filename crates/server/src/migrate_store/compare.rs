//! Row by row: both stores are read in the order of the keys, and every column of every row is
//! compared, in both directions.
//!
//! Memory is bounded by a page of each. Invariant: a difference is named by table, key and columns,
//! never by a value.

use std::cmp::Ordering;
use std::collections::VecDeque;

use naru_store::{Row, Store, Table, Value, rows_after, tables};
use naru_store_postgres::{Transfer, TransferError};

use super::copy::PAGE;
use super::mark::is_own;
use super::report::{Difference, Kind, TableRows, key_text};

/// Differences that are named; all are counted.
const NAMED_MAX: usize = 20;

/// What comparing came to.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// How many rows of each table the source has.
    pub(super) tables: Vec<TableRows>,
    /// How many rows differ.
    pub(super) count: u64,
    /// The first of them.
    pub(super) named: Vec<Difference>,
}

impl Compared {
    fn add(&mut self, table: &'static Table, row: &Row, kind: Kind) {
        self.count += 1;
        if self.named.len() < NAMED_MAX {
            let row = key_text(table, row);
            self.named.push(Difference { row, kind });
        }
    }
}

/// Compares every table. The target's transaction must have begun.
pub(super) async fn compare(
    source: &dyn Store,
    target: &mut Transfer,
    mut seen: impl FnMut(usize),
) -> anyhow::Result<Compared> {
    let mut all = Compared::default();
    for table in tables::ALL.iter().copied() {
        let rows = compare_table((source, target), table, &mut all, &mut seen).await?;
        all.tables.push(TableRows::new(table, rows));
    }
    Ok(all)
}

/// Walks through both sides of a table; gives how many rows the source has.
pub(super) async fn compare_table(
    (source, target): (&dyn Store, &mut Transfer),
    table: &'static Table,
    all: &mut Compared,
    seen: &mut impl FnMut(usize),
) -> anyhow::Result<u64> {
    let (mut ours, mut theirs) = (Side::default(), Side::default());
    let mut rows = 0;
    loop {
        let (read, asked) = tokio::join!(
            more_of_source(source, table, &mut ours),
            more_of_target(target, table, &mut theirs)
        );
        seen(read?);
        asked?;
        let order = match (ours.rows.front(), theirs.rows.front()) {
            (None, None) => return Ok(rows),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(our), Some(their)) => our.key.cmp(&their.key),
        };
        let our = order.is_le().then(|| ours.rows.pop_front()).flatten();
        let their = order.is_ge().then(|| theirs.rows.pop_front()).flatten();
        rows += u64::from(our.is_some());
        match (our, their) {
            (Some(our), Some(their)) if our == their => {}
            (Some(our), Some(their)) => {
                all.add(table, &our, Kind::Differs(columns(table, &our, &their)));
            }
            (Some(our), None) => all.add(table, &our, Kind::Missing),
            (None, Some(their)) => all.add(table, &their, Kind::Extra),
            (None, None) => {}
        }
    }
}

/// What was read of one side, and not yet compared.
#[derive(Default)]
struct Side {
    rows: VecDeque<Row>,
    after: Option<Vec<Value>>,
    is_over: bool,
}

impl Side {
    fn needs_more(&self) -> bool {
        self.rows.is_empty() && !self.is_over
    }

    fn take(&mut self, table: &Table, page: Vec<Row>) -> usize {
        self.is_over = page.len() < PAGE as usize;
        self.after = page.last().map(|row| row.key.clone());
        self.rows = page.into();
        self.rows.retain(|row| !is_own(table, row));
        self.rows.len()
    }
}

async fn more_of_source(
    source: &dyn Store,
    table: &'static Table,
    side: &mut Side,
) -> Result<usize, naru_store::StoreError> {
    let mut read = 0;
    // A page of nothing but the mark is not the end.
    while side.needs_more() {
        let page = rows_after(source, table, side.after.as_deref(), PAGE).await?;
        read += side.take(table, page);
    }
    Ok(read)
}

async fn more_of_target(
    target: &mut Transfer,
    table: &'static Table,
    side: &mut Side,
) -> Result<(), TransferError> {
    while side.needs_more() {
        let page = target
            .rows_after(table, side.after.as_deref(), PAGE)
            .await?;
        side.take(table, page);
    }
    Ok(())
}

/// The columns in which two rows of one key differ.
fn columns(table: &Table, our: &Row, their: &Row) -> Vec<&'static str> {
    let mut differing = Vec::new();
    if our.version != their.version {
        differing.push("version");
    }
    let values = our.columns.iter().zip(&their.columns);
    for (column, (ours, theirs)) in table.columns.iter().zip(values) {
        if ours != theirs {
            differing.push(column.name);
        }
    }
    if our.body != their.body {
        differing.push("body");
    }
    differing
}
