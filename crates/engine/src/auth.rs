//! Who calls, and which stores they may use (P9).

use std::sync::Arc;

use naru_domain::{StoreId, Timestamp};
use naru_store::{Commit, CommitError, Condition, Query, tables};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::records::{ApiSecretRecord, SessionRecord, StoreRecord};
use crate::{Engine, Fault};

const ACCESS_TOKEN_S: i64 = 30 * 60;
const REFRESH_TOKEN_S: i64 = 24 * 60 * 60;

/// An authenticated caller.
#[derive(Debug, Clone)]
pub struct Caller {
    secret: Arc<ApiSecretRecord>,
    store: Arc<StoreRecord>,
}

impl Caller {
    /// The credential's own store.
    pub fn store(&self) -> &StoreRecord {
        &self.store
    }

    /// Names the credential without revealing it.
    pub fn secret_id(&self) -> &str {
        &self.secret.id
    }
}

/// A pair of tokens.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// For 30 minutes of the business clock.
    pub access: String,
    /// For a day, until the next log-in or refresh.
    pub refresh: String,
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    /// `access` or `refresh`.
    #[serde(rename = "use")]
    purpose: String,
    /// The secret's hash: a token dies with its secret.
    sub: String,
    /// Id of the token.
    jti: String,
    /// Seconds since 1970, business clock.
    iat: i64,
    /// Seconds since 1970, business clock.
    exp: i64,
}

/// SHA-256 of a secret, hex: what is stored instead of it.
pub(crate) fn hash_secret(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

/// Bytes as lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

impl Engine {
    /// Authenticates by an `Authorization` header's value.
    pub async fn authenticate(&self, header: &str) -> Result<Caller, Fault> {
        let (scheme, credential) = header.trim().split_once(' ').ok_or(Fault::Unauthorized)?;
        let credential = credential.trim();
        if scheme.eq_ignore_ascii_case("PortOne") {
            self.caller_by_hash(hash_secret(credential)).await
        } else if scheme.eq_ignore_ascii_case("Bearer") {
            let claims = self
                .read_token(credential, "access")
                .ok_or(Fault::Unauthorized)?;
            self.caller_by_hash(claims.sub).await
        } else {
            Err(Fault::Unauthorized)
        }
    }

    async fn caller_by_hash(&self, hash: String) -> Result<Caller, Fault> {
        let secret = self.api_secret(hash).await?.ok_or(Fault::Unauthorized)?;
        let is_expired = secret.expires_at.is_some_and(|at| at <= self.now());
        if is_expired || secret.revoked_at.is_some() {
            return Err(Fault::Unauthorized);
        }
        let store = self
            .store_record(&secret.store_id)
            .await?
            .ok_or(Fault::Unauthorized)?;
        Ok(Caller { secret, store })
    }

    /// The store that a request is about: the named one if the caller may use it, else its own.
    /// A store that the caller can't use answers the same whether or not it exists.
    pub async fn store_for(
        &self,
        caller: &Caller,
        named: Option<&str>,
    ) -> Result<Arc<StoreRecord>, Fault> {
        let Some(named) = named else {
            return Ok(Arc::clone(&caller.store));
        };
        if named == caller.store.id.as_str() {
            return Ok(Arc::clone(&caller.store));
        }
        let store = self
            .store_record(&StoreId::new(named))
            .await?
            .ok_or(Fault::Forbidden)?;
        if store.parent.as_ref() == Some(&caller.store.id) {
            Ok(store)
        } else {
            Err(Fault::Forbidden)
        }
    }

    /// The stores that a list without a store is about: the caller's own and its sub-stores.
    pub async fn stores_of(&self, caller: &Caller) -> Result<Vec<StoreId>, Fault> {
        let query = Query::of(&tables::STORES, 1_000)
            .and(Condition::Is("parent_id", caller.store.id.as_str().into()));
        let children = self.store().list::<StoreRecord>(query).await?;
        let mut stores = vec![caller.store.id.clone()];
        stores.extend(children.into_iter().map(|child| child.value.id));
        Ok(stores)
    }

    /// Log-in with an API secret.
    pub async fn log_in(&self, api_secret: &str) -> Result<Tokens, Fault> {
        let caller = self.caller_by_hash(hash_secret(api_secret)).await?;
        self.issue_tokens(&caller).await
    }

    /// A new pair for a refresh token. Only the newest refresh token works.
    pub async fn refresh(&self, refresh_token: &str) -> Result<Tokens, Fault> {
        let claims = self
            .read_token(refresh_token, "refresh")
            .ok_or(Fault::Unauthorized)?;
        let caller = self.caller_by_hash(claims.sub).await?;
        let key = vec![caller.secret.id.as_str().into()];
        let session = self
            .store()
            .load::<SessionRecord>(key)
            .await?
            .ok_or(Fault::Unauthorized)?;
        if session.value.refresh_id != claims.jti {
            return Err(Fault::Unauthorized);
        }
        self.issue_tokens(&caller).await
    }

    async fn issue_tokens(&self, caller: &Caller) -> Result<Tokens, Fault> {
        let now = self.now();
        let refresh_id = self.new_uuid().simple().to_string();
        let session = SessionRecord {
            secret_id: caller.secret.id.clone(),
            refresh_id: refresh_id.clone(),
            expires_at: now.plus_seconds(REFRESH_TOKEN_S),
        };
        let mut unit = Commit::new(self.new_uuid());
        // The last log-in wins; an upsert says just that.
        unit.upsert(&session)?;
        match self.commit(unit).await {
            Ok(()) => {}
            Err(CommitError::Conflict(table)) => return Err(CommitError::Conflict(table).into()),
            Err(error) => return Err(error.into()),
        }
        let access_id = self.new_uuid().simple().to_string();
        Ok(Tokens {
            access: self.write_token("access", caller, access_id, (now, ACCESS_TOKEN_S))?,
            refresh: self.write_token("refresh", caller, refresh_id, (now, REFRESH_TOKEN_S))?,
        })
    }

    fn write_token(
        &self,
        purpose: &str,
        caller: &Caller,
        id: String,
        (now, lifetime_s): (Timestamp, i64),
    ) -> Result<String, Fault> {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;

        let claims = Claims {
            purpose: purpose.to_owned(),
            sub: caller.secret.hash.clone(),
            jti: id,
            iat: now.as_seconds(),
            exp: now.as_seconds() + lifetime_s,
        };
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims =
            serde_json::to_vec(&claims).map_err(|error| Fault::internal(error.to_string()))?;
        let text = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
        let signature = self.keys().sign_token(&text);
        Ok(format!("{text}.{signature}"))
    }

    fn read_token(&self, token: &str, purpose: &str) -> Option<Claims> {
        use base64::Engine as _;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD;

        let (text, signature) = token.rsplit_once('.')?;
        if !self.keys().token_is_ours(text, signature) {
            return None;
        }
        let (_, claims) = text.split_once('.')?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let is_live = claims.purpose == purpose && self.now().as_seconds() < claims.exp;
        is_live.then_some(claims)
    }
}
