//! API secrets: shown once, stored as a hash.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use naru_domain::StoreId;
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};

use crate::auth::hash_secret;
use crate::records::{ApiSecretRecord, V1KeyRecord};
use crate::{Engine, Fault};

/// Random bytes of a secret.
const SECRET_BYTES: usize = 48;

/// A secret to create.
#[derive(Debug, Clone)]
pub struct NewSecret {
    /// Whose.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// Days until it stops working; never if not given. 1 to 3650.
    pub lifetime_days: Option<u32>,
    /// A given secret, in the sandbox only.
    pub given: Option<String>,
}

/// A secret just made. The only time its text is seen.
pub struct SecretMade {
    /// What is kept.
    pub record: ApiSecretRecord,
    /// The secret itself.
    pub secret: naru_connector::Secret,
}

impl Engine {
    /// Creates an API secret.
    pub async fn create_api_secret(&self, new: NewSecret) -> Result<SecretMade, Fault> {
        self.existing_store(&new.store_id).await?;
        if new
            .lifetime_days
            .is_some_and(|days| !(1..=3650).contains(&days))
        {
            return Err(Fault::invalid("`lifetimeDays` must be from 1 to 3650"));
        }
        let secret = match new.given {
            Some(given) if self.config().is_sandbox => given,
            Some(_) => return Err(Fault::invalid("a given secret is for the sandbox only")),
            None => {
                let mut bytes = [0_u8; SECRET_BYTES];
                self.entropy().fill(&mut bytes);
                URL_SAFE_NO_PAD.encode(bytes)
            }
        };
        let now = self.now();
        let record = ApiSecretRecord {
            hash: hash_secret(&secret),
            id: format!("secret-{}", self.random_uuid()),
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
                Ok(SecretMade {
                    record,
                    secret: naru_connector::Secret::new(secret),
                })
            }
            Err(CommitError::Conflict(_)) => Err(Fault::invalid("the secret exists")),
            Err(error) => Err(error.into()),
        }
    }

    /// The API secrets of a store, or of all.
    pub async fn api_secrets(
        &self,
        store_id: Option<&StoreId>,
    ) -> Result<Vec<ApiSecretRecord>, Fault> {
        let mut query = Query::of(&tables::API_SECRETS, 1_000);
        if let Some(store_id) = store_id {
            query = query.and(Condition::Is("store_id", store_id.as_str().into()));
        }
        let found = self.store().list::<ApiSecretRecord>(query).await?;
        Ok(found.into_iter().map(|one| one.value).collect())
    }

    /// The store of an API secret or of a V1 key, by its id.
    pub async fn store_of_key(&self, id: &str) -> Result<Option<StoreId>, Fault> {
        let query = Query::of(&tables::API_SECRETS, 1).and(Condition::Is("secret_id", id.into()));
        let found = self.store().list::<ApiSecretRecord>(query).await?;
        if let Some(found) = found.into_iter().next() {
            return Ok(Some(found.value.store_id));
        }
        let query = Query::of(&tables::V1_KEYS, 1).and(Condition::Is("key_id", id.into()));
        let found = self.store().list::<V1KeyRecord>(query).await?;
        Ok(found.into_iter().next().map(|found| found.value.store_id))
    }

    /// Revokes an API secret: within a second it works on no node.
    pub async fn revoke_api_secret(&self, id: &str) -> Result<ApiSecretRecord, Fault> {
        let query = Query::of(&tables::API_SECRETS, 1).and(Condition::Is("secret_id", id.into()));
        let found = self
            .store()
            .list::<ApiSecretRecord>(query)
            .await?
            .into_iter()
            .next();
        let found = found
            .ok_or_else(|| Fault::invalid(format!("`{id}` is no secret; see `naru keys list`")))?;
        let revoked_at = found.value.revoked_at.or(Some(self.now()));
        let value = ApiSecretRecord {
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
