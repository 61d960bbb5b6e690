//! Whole passes over the store, until one finds nothing left to do.

use naru_store::Table;

use super::reseal::{ResealMode, ResealPage, sealing_tables};
use crate::{Engine, Fault};

/// Passes at most. On a store that nobody else uses, the second finds nothing.
const PASSES_MAX: u32 = 8;

/// What passes came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Rows of the store.
    pub rows: u64,
    /// Rows that hold something sealed.
    pub sealed: u64,
    /// Rows that were written.
    pub written: u64,
    /// Rows with a sealed text that can't be opened: their table and key.
    pub unopened: Vec<String>,
    /// Whether nothing is sealed under a former key any more.
    pub is_complete: bool,
}

impl Engine {
    /// Opens whatever is sealed, and writes nothing.
    pub async fn look_at_sealed(
        &self,
        mut seen: impl FnMut(&'static Table, &ResealPage),
    ) -> Result<Resealed, Fault> {
        self.pass(ResealMode::Look, &mut seen).await
    }

    /// Seals anew whatever a former master key sealed, and drops former keys that nothing needs
    /// any more. Running it again goes on where it ended.
    pub async fn reseal_all(
        &self,
        mut seen: impl FnMut(&'static Table, &ResealPage),
    ) -> Result<Resealed, Fault> {
        let mut all = Resealed::default();
        for _ in 0..PASSES_MAX {
            let pass = self.pass(ResealMode::Write, &mut seen).await?;
            all.rows = pass.rows;
            all.sealed = all.sealed.max(pass.sealed);
            all.written += pass.written;
            all.unopened = pass.unopened;
            // Something could have moved to where the pass had been: only one that finds nothing
            // to do tells that nothing is left.
            if pass.written == 0 {
                all.is_complete = all.unopened.is_empty();
                break;
            }
        }
        if all.is_complete {
            self.note_resealed().await?;
        }
        self.drop_former_keys().await?;
        Ok(all)
    }

    async fn pass(
        &self,
        mode: ResealMode,
        seen: &mut impl FnMut(&'static Table, &ResealPage),
    ) -> Result<Resealed, Fault> {
        let mut all = Resealed::default();
        for table in sealing_tables() {
            let mut after = None;
            loop {
                let page = self.reseal(table, after.as_deref(), mode).await?;
                seen(table, &page);
                all.rows += page.rows;
                all.sealed += page.sealed;
                all.written += page.changed;
                all.unopened.extend(page.unopened);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
        }
        Ok(all)
    }
}
