//! Whether this engine's master key is the store's, at the start and at each commit that seals.
//!
//! Invariant: no text is committed that is sealed under another key than the store's current one.
//! A node that has slept through a rotation would else seal under a key that may be dropped.

use naru_store::{Commit, CommitError, Record as _, Write, tables};

use super::KEY_ID;
use crate::records::SettingRecord;
use crate::{Engine, Fault};

impl Engine {
    /// Remembers which master key the store was sealed with; refuses another one, with which
    /// nothing could be opened. Takes in the keys before it.
    pub async fn check_master_key(&self) -> Result<(), Fault> {
        let version = match self.setting(KEY_ID).await? {
            Some(found) if found.value.value == self.keys().id() => found.version,
            Some(found) => return Err(self.other_key(&found.value.value).await),
            None => {
                self.name_master_key().await?;
                1
            }
        };
        self.remember_former().await?;
        // Read once: if the key is replaced, this engine's is a former one and stays so.
        let _first = self.key_version().set(version);
        Ok(())
    }

    async fn name_master_key(&self) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&SettingRecord {
            name: KEY_ID.to_owned(),
            value: self.keys().id().to_owned(),
        })?;
        match self.commit(unit).await {
            // Another node was first; with the same key, or its start would have failed.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    async fn other_key(&self, theirs: &str) -> Fault {
        let ours = self.keys().id();
        let former = self.former_keys().await.map(|(_, former)| former);
        let was = former.is_ok_and(|former| former.iter().any(|one| one.id == ours));
        Fault::invalid(if was {
            format!(
                "the store's master key was changed to `{theirs}`, this one is the former `{ours}`"
            )
        } else {
            format!("the store was sealed with master key `{theirs}`, this one is `{ours}`")
        })
    }

    /// That the master key is still the one that was checked.
    pub(super) fn key_expected(&self) -> Option<Write> {
        let expected = *self.key_version().get()?;
        let key = vec![KEY_ID.into()];
        Some(Write::Expect {
            table: SettingRecord::TABLE,
            key,
            expected,
        })
    }

    /// Adds that expectation to a unit that holds a text sealed under this engine's key.
    pub(crate) fn fenced(&self, mut unit: Commit) -> (Commit, bool) {
        let mark = self.keys().mark();
        let seals = unit.writes.iter().any(|write| match write {
            Write::Insert(_, row) | Write::Update { row, .. } | Write::Upsert(_, row) => {
                row.body.contains(mark)
            }
            Write::Expect { .. }
            | Write::Delete { .. }
            | Write::DeleteWhere(..)
            | Write::Clear { .. }
            | Write::Add { .. } => false,
        });
        let expected = seals.then(|| self.key_expected()).flatten();
        let is_fenced = expected.is_some();
        unit.writes.extend(expected);
        (unit, is_fenced)
    }

    /// A conflict over the master key is none that trying again would end.
    pub(crate) fn unfenced(error: CommitError, is_fenced: bool) -> CommitError {
        match error {
            CommitError::Conflict(table) if is_fenced && table == tables::SETTINGS.name => {
                CommitError::Invalid("the master key was changed while this node ran".to_owned())
            }
            other @ (CommitError::Conflict(_)
            | CommitError::Invalid(_)
            | CommitError::Unavailable(_)) => other,
        }
    }
}
