//! V1 keys: the secret is shown once and stored as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use naru_connector::Secret;
use naru_domain::StoreId;
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};

use crate::auth::hash_secret;
use crate::entropy::below;
use crate::records::V1KeyRecord;
use crate::{Engine, Fault};

/// Random bytes of a secret: 80 characters.
const SECRET_BYTES: usize = 60;
/// What the ids of V1 keys begin with.
pub const V1_KEY_PREFIX: &str = "v1-key-";

/// A V1 key to create.
#[derive(Debug, Clone)]
pub struct NewV1Key {
    /// Whose.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// Days until it stops working; never if not given. 1 to 3650.
    pub lifetime_days: Option<u32>,
    /// A given key and secret, in the sandbox only.
    pub given: Option<(String, String)>,
}

/// A V1 key just made. The only time its secret is seen.
pub struct V1KeyMade {
    /// What is kept.
    pub record: V1KeyRecord,
    /// The `imp_secret`.
    pub imp_secret: Secret,
}

impl Engine {
    /// Creates a V1 key.
    pub async fn create_v1_key(&self, new: NewV1Key) -> Result<V1KeyMade, Fault> {
        self.existing_store(&new.store_id).await?;
        let is_days = |days| (1..=3650).contains(&days);
        if !new.lifetime_days.is_none_or(is_days) {
            return Err(Fault::invalid("`lifetimeDays` must be from 1 to 3650"));
        }
        let (imp_key, imp_secret) = match new.given {
            Some(given) if self.config().is_sandbox => given,
            Some(_) => return Err(Fault::invalid("a given secret is for the sandbox only")),
            None => self.random_pair(),
        };
        let now = self.now();
        let record = V1KeyRecord {
            imp_key,
            secret_hash: hash_secret(&imp_secret),
            id: format!("{V1_KEY_PREFIX}{}", self.random_uuid()),
            store_id: new.store_id,
            name: new.name,
            created_at: now,
            expires_at: new
                .lifetime_days
                .map(|days| now.plus_seconds(i64::from(days) * 86_400)),
            revoked_at: None,
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                let imp_secret = Secret::new(imp_secret);
                Ok(V1KeyMade { record, imp_secret })
            }
            Err(CommitError::Conflict(_)) => Err(Fault::invalid("the key exists")),
            Err(error) => Err(error.into()),
        }
    }

    fn random_pair(&self) -> (String, String) {
        let imp_key = format!("{:016}", below(self.entropy(), 10_000_000_000_000_000));
        let mut bytes = [0_u8; SECRET_BYTES];
        self.entropy().fill(&mut bytes);
        (imp_key, URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The V1 keys of a store.
    pub async fn v1_keys(&self, store_id: &StoreId) -> Result<Vec<V1KeyRecord>, Fault> {
        let query = Query::of(&tables::V1_KEYS, 1_000)
            .and(Condition::Is("store_id", store_id.as_str().into()));
        let found = self.store().list::<V1KeyRecord>(query).await?;
        Ok(found.into_iter().map(|one| one.value).collect())
    }

    /// Revokes a V1 key, and with it its token: within a second they work on no node.
    pub async fn revoke_v1_key(&self, id: &str) -> Result<V1KeyRecord, Fault> {
        let query = Query::of(&tables::V1_KEYS, 1).and(Condition::Is("key_id", id.into()));
        let found = self.store().list::<V1KeyRecord>(query).await?;
        let found = found.into_iter().next();
        let found = found
            .ok_or_else(|| Fault::invalid(format!("`{id}` is no key; see `naru keys list`")))?;
        let revoked_at = found.value.revoked_at.or(Some(self.now()));
        let value = V1KeyRecord {
            revoked_at,
            ..found.value
        };
        self.change(Versioned {
            version: found.version,
            value,
        })
        .await
    }
}
