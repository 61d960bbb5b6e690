//! Replacing the master key, without losing what was sealed, hashed or signed under it.
//!
//! One commit replaces the key: from then on the store opens with the new one only, and keeps the
//! former one, sealed under it. So everything of before is still known, and a crash leaves a store
//! that one of the two keys opens. Then, page by page, whatever was sealed under a former key is
//! sealed under the current one, and keyed hashes are made again beside it ([`reseal`]). At last,
//! when nothing needs it, the former key is dropped. Decision 0028 has the reasons.
//!
//! It asks no PG and moves no money. Invariant: a former key is dropped only after a whole pass
//! over the store found nothing that is sealed under it.

mod check;
mod nodes;
mod passes;
mod places;
mod reseal;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use naru_domain::{Sealed, Timestamp};
use naru_store::{Commit, CommitError, Versioned, Write, tables};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::keyring::{FormerKeys, KeyRing};
use crate::records::SettingRecord;
use crate::{Engine, Fault};

pub use passes::Resealed;
pub use reseal::{ResealPage, sealing_tables};

/// The setting that names the master key.
const KEY_ID: &str = "master_key_id";
/// The setting that holds the master keys before it.
const FORMER_KEYS: &str = "former_master_keys";
/// Former keys at once: a request with an idempotency key looks under each of them.
const FORMER_MAX: usize = 4;
/// How long addresses that were signed under a former key are good: as long as the longest lives,
/// in seconds.
const LINKS_S: i64 = 60 * 86_400;

/// A master key that was replaced, as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct FormerKey {
    id: String,
    /// The key itself, under the current one.
    sealed: Sealed,
    replaced_at: Timestamp,
    /// Until when hashes and signatures of it count.
    kept_until: Timestamp,
    takes_links: bool,
    /// Whether a whole pass found nothing sealed under it.
    is_resealed: bool,
}

/// Which master keys a store knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MasterKeys {
    /// The id of the one that opens it.
    pub current: String,
    /// Those before it, the oldest first.
    pub former: Vec<FormerMasterKey>,
}

/// A master key that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerMasterKey {
    /// Its id.
    pub id: String,
    /// When it was replaced, by the business clock.
    pub replaced_at: Timestamp,
    /// Until when it is kept at least.
    pub kept_until: Timestamp,
    /// Whether nothing is sealed under it any more.
    pub is_resealed: bool,
}

/// Where a former master key is sealed to.
fn place(id: &str) -> String {
    format!("master-key:{id}")
}

type Former = (Option<i64>, Vec<FormerKey>);

impl Engine {
    /// Which master keys the store knows; nothing where it has never been served.
    pub async fn master_keys(&self) -> Result<Option<MasterKeys>, Fault> {
        let Some(found) = self.setting(KEY_ID).await? else {
            return Ok(None);
        };
        let (_, former) = self.former_keys().await?;
        let former = former.into_iter().map(|one| FormerMasterKey {
            id: one.id,
            replaced_at: one.replaced_at,
            kept_until: one.kept_until,
            is_resealed: one.is_resealed,
        });
        Ok(Some(MasterKeys {
            current: found.value.value,
            former: former.collect(),
        }))
    }

    async fn former_keys(&self) -> Result<Former, Fault> {
        let Some(found) = self.setting(FORMER_KEYS).await? else {
            return Ok((None, Vec::new()));
        };
        let former = serde_json::from_str(&found.value.value)
            .map_err(|error| Fault::internal(format!("former master keys: {error}")))?;
        Ok((Some(found.version), former))
    }

    /// Replaces the store's master key, which is `old`, by this engine's own, in one commit. From
    /// then on `old` opens the store no more. If others know it, `is_leaked`: then addresses that
    /// were signed with it stop working at once.
    ///
    /// Tokens end with it: who was logged in logs in again.
    pub async fn replace_master_key(&self, old: &[u8], is_leaked: bool) -> Result<(), Fault> {
        let ring = KeyRing::new(old).map_err(|error| Fault::invalid(error.to_string()))?;
        let found = self.setting(KEY_ID).await?;
        let Some(found) = found.filter(|found| found.value.value == ring.id()) else {
            return Err(Fault::invalid("the store's master key is another one"));
        };
        let (version, kept) = self.former_keys().await?;
        if kept.len() >= FORMER_MAX {
            return Err(Fault::invalid(format!(
                "{FORMER_MAX} former master keys are still kept"
            )));
        }
        let mut former = Vec::new();
        for one in kept {
            let opened = ring.open(&place(&one.id), &one.sealed);
            let text = opened.map_err(|error| Fault::internal(error.to_string()))?;
            let sealed = self.seal_master(&one.id, text.expose());
            former.push(FormerKey { sealed, ..one });
        }
        former.push(self.newly_former(&ring, old, is_leaked));
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&Versioned {
            version: found.version,
            value: SettingRecord {
                name: KEY_ID.to_owned(),
                value: self.keys().id().to_owned(),
            },
        })?;
        write_former(&mut unit, version, &former)?;
        // They follow from the key, and so would be known to whoever has it.
        unit.writes
            .push(Write::DeleteWhere(&tables::V1_TOKENS, Vec::new()));
        self.commit(unit).await?;
        Ok(())
    }

    fn newly_former(&self, ring: &KeyRing, old: &[u8], is_leaked: bool) -> FormerKey {
        let text = Zeroizing::new(STANDARD.encode(old));
        let retention_s = self.config().idempotency_retention_s;
        let kept_s = if is_leaked {
            retention_s
        } else {
            retention_s.max(LINKS_S)
        };
        FormerKey {
            id: ring.id().to_owned(),
            sealed: self.seal_master(ring.id(), &text),
            replaced_at: self.now(),
            kept_until: self.now().plus_seconds(kept_s),
            takes_links: !is_leaked,
            is_resealed: false,
        }
    }

    fn seal_master(&self, id: &str, text: &str) -> Sealed {
        self.keys().seal(self.entropy(), &place(id), text)
    }

    /// Takes the former keys into the ring.
    async fn remember_former(&self) -> Result<(), Fault> {
        let (_, former) = self.former_keys().await?;
        let opened = former.iter().map(|one| {
            let text = self.keys().open(&place(&one.id), &one.sealed);
            let text = text.map_err(|error| Fault::internal(error.to_string()))?;
            let bytes = STANDARD.decode(text.expose()).map(Zeroizing::new);
            let bytes = bytes.map_err(|_| Fault::internal("a former master key is damaged"))?;
            FormerKeys::new(&bytes, one.takes_links)
                .map_err(|error| Fault::internal(error.to_string()))
        });
        self.keys()
            .remember(opened.collect::<Result<Vec<_>, Fault>>()?);
        Ok(())
    }

    /// Notes that a whole pass over the store found nothing sealed under a former key.
    async fn note_resealed(&self) -> Result<(), Fault> {
        let (version, mut former) = self.former_keys().await?;
        if former.iter().all(|one| one.is_resealed) {
            return Ok(());
        }
        for one in &mut former {
            one.is_resealed = true;
        }
        self.change_former(version, &former).await
    }

    /// Drops former keys that nothing needs any more; says which are left.
    pub async fn drop_former_keys(&self) -> Result<Vec<FormerMasterKey>, Fault> {
        let (version, former) = self.former_keys().await?;
        let now = self.now();
        let is_needed = |one: &FormerKey| !one.is_resealed || now < one.kept_until;
        let left: Vec<FormerKey> = former
            .iter()
            .filter(|one| is_needed(one))
            .cloned()
            .collect();
        if left.len() < former.len() {
            self.change_former(version, &left).await?;
            tracing::info!(
                dropped = former.len() - left.len(),
                "former master keys dropped"
            );
        }
        let keys = self.master_keys().await?;
        Ok(keys.map_or_else(Vec::new, |keys| keys.former))
    }

    /// Changes what is kept of former keys, while the master key is still this one.
    async fn change_former(&self, version: Option<i64>, former: &[FormerKey]) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        write_former(&mut unit, version, former)?;
        unit.writes.extend(self.key_expected());
        match self.store().commit(unit).await {
            // Another node did the same, or the key was replaced again: then it is not ours to say.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn write_former(
    unit: &mut Commit,
    version: Option<i64>,
    former: &[FormerKey],
) -> Result<(), Fault> {
    let value = SettingRecord {
        name: FORMER_KEYS.to_owned(),
        value: serde_json::to_string(former).map_err(|error| Fault::internal(error.to_string()))?,
    };
    match version {
        Some(version) => unit.update(&Versioned { version, value })?,
        None => unit.insert(&value)?,
    }
    Ok(())
}
