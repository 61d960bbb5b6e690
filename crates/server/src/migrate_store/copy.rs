//! Every row of a store, read in the order of the keys: into another database, or only counted.
//!
//! Memory is bounded by a page. Invariant: a row goes as it is, its version included.

use naru_store::{Row, Store, Table, rows_after, tables};
use naru_store_postgres::Transfer;

use super::mark::is_own;
use super::report::{TableRows, key_text};
use crate::failure::Failure;

/// Rows of a page; each may have hundreds of kilobytes.
pub(super) const PAGE: u32 = 200;

/// Copies every table; gives how many rows each had.
pub(super) async fn copy(
    source: &dyn Store,
    target: &Transfer,
    mut seen: impl FnMut(usize),
) -> anyhow::Result<Vec<TableRows>> {
    let mut all = Vec::new();
    for table in tables::ALL.iter().copied() {
        let refused = |error| {
            Failure::new(format!(
                "PostgreSQL does not take `{}`: {error}",
                table.name
            ))
        };
        let mut copying = target.copy_in(table).await.map_err(refused)?;
        let mut pages = Pages::of(source, table);
        let mut rows = 0;
        while let Some(page) = pages.next().await? {
            seen(page.len());
            for row in &page {
                check(table, row)?;
                copying.write(row).await.map_err(refused)?;
                rows += 1;
            }
        }
        let taken = copying.finish().await.map_err(refused)?;
        anyhow::ensure!(
            taken == rows,
            "PostgreSQL took {taken} of {rows} rows of `{}`",
            table.name
        );
        all.push(TableRows::new(table, rows));
    }
    Ok(all)
}

/// Reads every table and looks whether its rows can be stored anywhere; gives how many each has.
pub(super) async fn read(
    source: &dyn Store,
    mut seen: impl FnMut(usize),
) -> anyhow::Result<Vec<TableRows>> {
    let mut all = Vec::new();
    for table in tables::ALL.iter().copied() {
        let mut pages = Pages::of(source, table);
        let mut rows = 0;
        while let Some(page) = pages.next().await? {
            seen(page.len());
            page.iter().try_for_each(|row| check(table, row))?;
            rows += page.len() as u64;
        }
        all.push(TableRows::new(table, rows));
    }
    Ok(all)
}

/// No store of this version writes such a row; a database that was changed by hand may have one.
fn check(table: &Table, row: &Row) -> Result<(), Failure> {
    table.check_row(row).map_err(|why| {
        Failure::new(format!("{} can't be copied: {why}", key_text(table, row))).hint(
            "nothing was copied; no version of Naru writes this, so look at the row in the SQLite \
             file",
        )
    })
}

/// The rows of a table, but the mark.
struct Pages<'a> {
    source: &'a dyn Store,
    table: &'static Table,
    after: Option<Vec<naru_store::Value>>,
    is_over: bool,
}

impl<'a> Pages<'a> {
    fn of(source: &'a dyn Store, table: &'static Table) -> Self {
        Self {
            source,
            table,
            after: None,
            is_over: false,
        }
    }

    async fn next(&mut self) -> anyhow::Result<Option<Vec<Row>>> {
        if self.is_over {
            return Ok(None);
        }
        let mut page = rows_after(self.source, self.table, self.after.as_deref(), PAGE).await?;
        self.is_over = page.len() < PAGE as usize;
        self.after = page.last().map(|row| row.key.clone());
        page.retain(|row| !is_own(self.table, row));
        Ok(Some(page))
    }
}
