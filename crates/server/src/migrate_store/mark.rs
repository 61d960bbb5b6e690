//! The mark on a store that is not to be served: a setting of its own, which is not copied.
//!
//! A store that is being filled has it until it is whole, so that a server never begins on half of
//! it. A store that was moved has it from before the copy counts: two servers on two copies would
//! both carry out what is due (P3). Invariant: at no moment are both without it.

use std::sync::Arc;

use naru_domain::Timestamp;
use naru_engine::records::SettingRecord;
use naru_store::{Commit, Record as _, Row, Store, Table, Value, Write, tables};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::admin::acts::direct;
use crate::failure::Failure;

/// The setting's name.
pub(super) const NAME: &str = "store_migration";

/// Moving a store, and taking that back, in the audit log.
pub(super) const ACT: &str = "migrate-store";
const ACT_BACK: &str = "migrate-store.take-back";

/// What a marked store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// It is being filled, or filling it was interrupted.
    Filling,
    /// Everything is copied, and the copy may count by now.
    Leaving,
    /// The copy counts.
    Left,
}

/// The mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    pub(super) state: State,
    pub(super) at: Timestamp,
}

impl Mark {
    /// As a row of the settings.
    pub(super) fn to_row(self) -> anyhow::Result<Row> {
        Ok(self.setting()?.to_row()?)
    }

    fn setting(self) -> anyhow::Result<SettingRecord> {
        Ok(SettingRecord {
            name: NAME.to_owned(),
            value: serde_json::to_string(&self)?,
        })
    }

    /// From a row of the settings.
    pub(super) fn from_row(row: &Row) -> anyhow::Result<Self> {
        let setting = SettingRecord::from_row(row)?;
        Ok(serde_json::from_str(&setting.value.value)?)
    }
}

/// Whether a row is the mark, which is a store's own and never copied or compared.
pub(super) fn is_mark(table: &Table, row: &Row) -> bool {
    table.name == tables::SETTINGS.name && row.key == [NAME.into()]
}

/// Whether a row is of the store itself and not of what it holds: the mark, and the acts of moving
/// it. Such a row is never copied, counted or compared.
pub(super) fn is_own(table: &Table, row: &Row) -> bool {
    let is_act = || {
        let operation = table.value_of(row, "operation");
        [ACT, ACT_BACK]
            .map(Value::from)
            .iter()
            .any(|act| operation == Some(act))
    };
    is_mark(table, row) || (table.name == tables::ACTS.name && is_act())
}

/// The store's mark.
pub(super) async fn of(store: &dyn Store) -> anyhow::Result<Option<Mark>> {
    let found = store.get(&tables::SETTINGS, vec![NAME.into()]).await?;
    found.as_ref().map(Mark::from_row).transpose()
}

/// Marks the store, or takes the mark away. On disk when it answers.
pub(super) async fn set(store: &dyn Store, state: Option<State>) -> anyhow::Result<()> {
    let mut unit = Commit::new(Uuid::now_v7());
    match state {
        Some(state) => {
            let at = store.now().await?;
            unit.upsert(&Mark { state, at }.setting()?)?;
        }
        None => unit.writes.push(Write::Delete {
            table: &tables::SETTINGS,
            key: vec![NAME.into()],
            expected: None,
        }),
    }
    Ok(store.commit(unit).await?)
}

/// Takes the mark away because a person says so, who is in the audit log with it.
pub(super) async fn take_back(store: &dyn Store) -> anyhow::Result<()> {
    let mut unit = Commit::new(Uuid::now_v7());
    unit.writes.push(Write::Delete {
        table: &tables::SETTINGS,
        key: vec![NAME.into()],
        expected: None,
    });
    let at = store.now().await?;
    unit.insert(&direct::new(ACT_BACK).done(Uuid::now_v7(), at))?;
    Ok(store.commit(unit).await?)
}

/// Refuses a store that is marked.
pub(crate) async fn refuse(store: &Arc<dyn Store>) -> anyhow::Result<()> {
    let Some(Mark { state, at }) = of(store.as_ref()).await? else {
        return Ok(());
    };
    Err(match state {
        State::Filling => Failure::new(format!(
            "the database is being filled by `naru migrate-store` since {at}, or that was \
             interrupted"
        ))
        .hint("wait until it is done, or run it again; see `docs/operating/migrate-store.md`"),
        State::Leaving | State::Left => Failure::new(format!(
            "the store was moved to PostgreSQL by `naru migrate-store` at {at}"
        ))
        .hint(
            "name that database in `database.url` (a sandbox: `--database`); if the copy was given \
             up, run `naru migrate-store --take-back`",
        ),
    }
    .into())
}
