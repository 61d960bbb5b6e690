//! Credentials of the V1 face: a key and its secret for a token, a token for a store.
//!
//! A key has one live token. Many servers of a merchant share the key, so asking again gives the
//! same token, and in its last minute five minutes more: a token in use elsewhere never dies of a
//! log-in. The row is in the store, so this holds across nodes and restarts.

use std::sync::Arc;

use naru_domain::{StoreId, Timestamp};
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};

use crate::auth::{hash_secret, hex};
use crate::records::{StoreRecord, V1KeyRecord, V1TokenRecord};
use crate::{Engine, Fault};

/// How long a token lives, in seconds.
const TOKEN_S: i64 = 30 * 60;
/// What is left of a token when it is prolonged, at most, in seconds.
const LAST_S: i64 = 60;
/// By how much it is prolonged then, in seconds.
const PROLONGED_S: i64 = 5 * 60;
/// Hex digits of a token.
const TOKEN_DIGITS: usize = 40;
/// How often the row is tried against concurrent log-ins.
const TRIES: u32 = 50;
/// Sub-stores of a store that are looked through for a tier.
const TIERS_MAX: u32 = 1_000;

/// A caller of the V1 face.
#[derive(Debug, Clone)]
pub struct V1Caller {
    store: Arc<StoreRecord>,
    key_id: String,
}

impl V1Caller {
    /// The key's own store.
    pub fn store(&self) -> &Arc<StoreRecord> {
        &self.store
    }

    /// Names the key without revealing it.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }
}

/// A token, as a log-in answers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct V1Token {
    /// The token.
    pub text: String,
    /// Until when.
    pub expires_at: Timestamp,
}

impl Engine {
    /// `POST /users/getToken`.
    pub async fn v1_token(&self, imp_key: &str, imp_secret: &str) -> Result<V1Token, Fault> {
        let key = self.v1_key(imp_key).await?.ok_or(Fault::Unauthorized)?;
        // Hashes of secrets with more entropy than anybody can search: how long the comparison
        // takes tells nothing.
        if key.secret_hash != hash_secret(imp_secret) || !self.works(&key) {
            return Err(Fault::Unauthorized);
        }
        for _ in 0..TRIES {
            let (unit, record) = self.token_unit(&key.imp_key).await?;
            if let Some(unit) = unit {
                match self.commit(unit).await {
                    Ok(()) => self.forget_directory(),
                    Err(CommitError::Conflict(_)) => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            return Ok(V1Token {
                text: self.token_text(&record.imp_key, &record.nonce),
                expires_at: record.expires_at,
            });
        }
        Err(Fault::Unavailable {
            detail: "too many concurrent log-ins".to_owned(),
        })
    }

    /// The token to answer, and what has to be committed first, if anything.
    async fn token_unit(&self, imp_key: &str) -> Result<(Option<Commit>, V1TokenRecord), Fault> {
        let now = self.now();
        let found = self
            .store()
            .load::<V1TokenRecord>(vec![imp_key.into()])
            .await?;
        let mut unit = Commit::new(self.new_uuid());
        let Some(found) = found else {
            let record = self.fresh_token(imp_key);
            unit.insert(&record)?;
            return Ok((Some(unit), record));
        };
        let left_s = found.value.expires_at.as_seconds() - now.as_seconds();
        // Made under a former master key, a token can't be told again.
        let text = self.token_text(imp_key, &found.value.nonce);
        let is_ours = hash_secret(&text) == found.value.token_hash;
        let value = if left_s <= 0 || !is_ours {
            self.fresh_token(imp_key)
        } else if left_s < LAST_S {
            V1TokenRecord {
                expires_at: found.value.expires_at.plus_seconds(PROLONGED_S),
                ..found.value
            }
        } else {
            return Ok((None, found.value));
        };
        let version = found.version;
        let changed = Versioned { version, value };
        unit.update(&changed)?;
        Ok((Some(unit), changed.value))
    }

    fn fresh_token(&self, imp_key: &str) -> V1TokenRecord {
        let mut bytes = [0_u8; 16];
        self.entropy().fill(&mut bytes);
        let nonce = hex(&bytes);
        V1TokenRecord {
            imp_key: imp_key.to_owned(),
            token_hash: hash_secret(&self.token_text(imp_key, &nonce)),
            nonce,
            expires_at: self.now().whole_seconds().plus_seconds(TOKEN_S),
        }
    }

    fn token_text(&self, imp_key: &str, nonce: &str) -> String {
        let signed = self.keys().sign_token(&format!("v1\n{imp_key}\n{nonce}"));
        let mut text = hash_secret(&signed);
        text.truncate(TOKEN_DIGITS);
        text
    }

    /// Authenticates by a token.
    pub async fn v1_caller(&self, token: &str) -> Result<V1Caller, Fault> {
        let record = self.v1_token_record(hash_secret(token)).await?;
        let record = record.ok_or(Fault::Unauthorized)?;
        if record.expires_at <= self.now() {
            return Err(Fault::Unauthorized);
        }
        let key = self.v1_key(&record.imp_key).await?;
        let key = key.ok_or(Fault::Unauthorized)?;
        if !self.works(&key) {
            return Err(Fault::Unauthorized);
        }
        let store = self.store_record(&key.store_id).await?;
        Ok(V1Caller {
            store: store.ok_or(Fault::Unauthorized)?,
            key_id: key.id.clone(),
        })
    }

    fn works(&self, key: &V1KeyRecord) -> bool {
        key.revoked_at.is_none() && key.expires_at.is_none_or(|at| self.now() < at)
    }

    /// The sub-store of a tier. One that does not exist can't be told from another merchant's
    /// (P9).
    pub async fn store_of_tier(
        &self,
        caller: &V1Caller,
        tier: &str,
    ) -> Result<Option<Arc<StoreRecord>>, Fault> {
        self.sub_store(&caller.store.id, tier).await
    }

    /// A store's sub-store of this tier.
    pub(crate) async fn sub_store(
        &self,
        parent: &StoreId,
        tier: &str,
    ) -> Result<Option<Arc<StoreRecord>>, Fault> {
        let query = Query::of(&tables::STORES, TIERS_MAX)
            .and(Condition::Is("parent_id", parent.as_str().into()));
        let children = self.store().list::<StoreRecord>(query).await?;
        let mut children = children.into_iter().map(|child| child.value);
        Ok(children
            .find(|child| child.tier.as_deref() == Some(tier))
            .map(Arc::new))
    }
}
