//! Stores, secrets, channels and endpoints, read through a cache of half a second: a revoked
//! secret stops working within a second on every node (design decision 4).

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use naru_connector::ChannelSettings;
use naru_domain::routing::ChannelGroup;
use naru_domain::{ChannelGroupId, ChannelKey, StoreId, Timestamp};
use naru_store::{Condition, Query, tables};

use crate::records::{
    ApiSecretRecord, ChannelGroupRecord, ChannelRecord, EndpointRecord, Environment, StoreRecord,
    V1KeyRecord, V1TokenRecord,
};
use crate::{Engine, Fault};

const FRESH_MS: i64 = 500;
const ENTRIES_MAX: usize = 10_000;

/// Channels of one store that are read.
pub(crate) const CHANNELS_MAX: u32 = 1_000;

/// A channel with its keys unsealed.
#[derive(Debug)]
pub(crate) struct OpenChannel {
    pub(crate) record: ChannelRecord,
    pub(crate) settings: ChannelSettings,
}

type Cache<K, V> = Mutex<HashMap<K, (Timestamp, V)>>;

#[derive(Default)]
pub(crate) struct Directory {
    secrets: Cache<String, Option<Arc<ApiSecretRecord>>>,
    v1_keys: Cache<String, Option<Arc<V1KeyRecord>>>,
    v1_tokens: Cache<String, Option<Arc<V1TokenRecord>>>,
    stores: Cache<StoreId, Option<Arc<StoreRecord>>>,
    channels: Cache<ChannelKey, Option<Arc<OpenChannel>>>,
    channels_of: Cache<StoreId, Arc<Vec<OpenChannel>>>,
    groups: Cache<ChannelGroupId, Option<Arc<ChannelGroup>>>,
    endpoints: Cache<StoreId, Arc<Vec<EndpointRecord>>>,
}

fn cached<K: Hash + Eq, V: Clone>(cache: &Cache<K, V>, key: &K, now: Timestamp) -> Option<V> {
    let entries = cache.lock().unwrap_or_else(PoisonError::into_inner);
    entries
        .get(key)
        .filter(|(at, _)| *at <= now && now < at.plus_millis(FRESH_MS))
        .map(|(_, value)| value.clone())
}

fn remember<K: Hash + Eq, V: Clone>(cache: &Cache<K, V>, key: K, now: Timestamp, value: &V) {
    let mut entries = cache.lock().unwrap_or_else(PoisonError::into_inner);
    // Whoever tries ten thousand secrets within half a second only costs us the cache.
    if entries.len() >= ENTRIES_MAX {
        entries.clear();
    }
    entries.insert(key, (now, value.clone()));
}

impl Directory {
    /// Forgets everything: called after an administrative change on this node.
    pub(crate) fn forget(&self) {
        clear(&self.secrets);
        clear(&self.v1_keys);
        clear(&self.v1_tokens);
        clear(&self.stores);
        clear(&self.channels);
        clear(&self.channels_of);
        clear(&self.groups);
        clear(&self.endpoints);
    }
}

fn clear<K, V>(cache: &Cache<K, V>) {
    let mut entries = cache.lock().unwrap_or_else(PoisonError::into_inner);
    entries.clear();
}

impl Engine {
    pub(crate) fn forget_directory(&self) {
        self.inner.directory.forget();
    }

    pub(crate) async fn api_secret(
        &self,
        hash: String,
    ) -> Result<Option<Arc<ApiSecretRecord>>, Fault> {
        let cache = &self.inner.directory.secrets;
        // The time before the read: what changes during it must not be taken for fresh.
        let now = self.clock().process();
        if let Some(found) = cached(cache, &hash, now) {
            return Ok(found);
        }
        let found = self
            .store()
            .load::<ApiSecretRecord>(vec![hash.as_str().into()])
            .await?;
        let found = found.map(|found| Arc::new(found.value));
        remember(cache, hash, now, &found);
        Ok(found)
    }

    pub(crate) async fn v1_key(&self, imp_key: &str) -> Result<Option<Arc<V1KeyRecord>>, Fault> {
        let cache = &self.inner.directory.v1_keys;
        let now = self.clock().process();
        if let Some(found) = cached(cache, &imp_key.to_owned(), now) {
            return Ok(found);
        }
        let found = self
            .store()
            .load::<V1KeyRecord>(vec![imp_key.into()])
            .await?;
        let found = found.map(|found| Arc::new(found.value));
        remember(cache, imp_key.to_owned(), now, &found);
        Ok(found)
    }

    pub(crate) async fn v1_token_record(
        &self,
        hash: String,
    ) -> Result<Option<Arc<V1TokenRecord>>, Fault> {
        let cache = &self.inner.directory.v1_tokens;
        let now = self.clock().process();
        if let Some(found) = cached(cache, &hash, now) {
            return Ok(found);
        }
        let query =
            Query::of(&tables::V1_TOKENS, 1).and(Condition::Is("token_hash", hash.as_str().into()));
        let found = self.store().list::<V1TokenRecord>(query).await?;
        let found = found.into_iter().next().map(|found| Arc::new(found.value));
        remember(cache, hash, now, &found);
        Ok(found)
    }

    /// A store by its id.
    pub async fn store_record(&self, id: &StoreId) -> Result<Option<Arc<StoreRecord>>, Fault> {
        let cache = &self.inner.directory.stores;
        let now = self.clock().process();
        if let Some(found) = cached(cache, id, now) {
            return Ok(found);
        }
        let found = self
            .store()
            .load::<StoreRecord>(vec![id.as_str().into()])
            .await?;
        let found = found.map(|found| Arc::new(found.value));
        remember(cache, id.clone(), now, &found);
        Ok(found)
    }

    /// A channel by its key, whoever's it is.
    pub(crate) async fn any_channel(
        &self,
        key: &ChannelKey,
    ) -> Result<Option<Arc<OpenChannel>>, Fault> {
        let cache = &self.inner.directory.channels;
        let now = self.clock().process();
        if let Some(found) = cached(cache, key, now) {
            return Ok(found);
        }
        let found = self
            .store()
            .load::<ChannelRecord>(vec![key.as_str().into()])
            .await?;
        let found = found
            .map(|found| self.open_channel(found.value))
            .transpose()?
            .map(Arc::new);
        remember(cache, key.clone(), now, &found);
        Ok(found)
    }

    /// A store's own channels that can be opened, whether or not they take new payments, in no
    /// order.
    pub(crate) async fn channels_of(&self, id: &StoreId) -> Result<Arc<Vec<OpenChannel>>, Fault> {
        let cache = &self.inner.directory.channels_of;
        let now = self.clock().process();
        if let Some(found) = cached(cache, id, now) {
            return Ok(found);
        }
        let query = Query::of(&tables::CHANNELS, CHANNELS_MAX)
            .and(Condition::Is("store_id", id.as_str().into()));
        let found = self.store().list::<ChannelRecord>(query).await?;
        let open = found
            .into_iter()
            .filter_map(|one| self.open_channel(one.value).ok());
        let found = Arc::new(open.collect());
        remember(cache, id.clone(), now, &found);
        Ok(found)
    }

    pub(crate) fn open_channel(&self, record: ChannelRecord) -> Result<OpenChannel, Fault> {
        let place = channel_place(&record.key);
        let secrets = record
            .secrets
            .iter()
            .map(|(name, sealed)| {
                self.keys()
                    .open(&place, sealed)
                    .map(|secret| (name.clone(), secret))
                    .map_err(|error| Fault::internal(format!("channel {}: {error}", record.key)))
            })
            .collect::<Result<_, _>>()?;
        let settings = ChannelSettings {
            merchant_id: record.pg_merchant_id.clone(),
            secrets,
            options: record.options.clone(),
            is_simulated: record.is_simulated,
        };
        Ok(OpenChannel { record, settings })
    }

    /// A channel that a store may use: its own, or its parent's.
    pub(crate) async fn channel_for(
        &self,
        store: &StoreRecord,
        key: &ChannelKey,
    ) -> Result<Arc<OpenChannel>, Fault> {
        let channel = self.any_channel(key).await?.ok_or(Fault::ChannelNotFound)?;
        let owner = &channel.record.store_id;
        if *owner == store.id || Some(owner) == store.parent.as_ref() {
            Ok(channel)
        } else {
            // What a caller may not see, it can't tell from what doesn't exist (P9).
            Err(Fault::ChannelNotFound)
        }
    }

    /// A channel group that a store may use: its own, or its parent's. One that was deleted is
    /// none.
    pub(crate) async fn group_for(
        &self,
        store: &StoreRecord,
        id: &ChannelGroupId,
    ) -> Result<Arc<ChannelGroup>, Fault> {
        let group = self.any_group(id).await?;
        let is_usable = |group: &Arc<ChannelGroup>| {
            let owner = &group.store_id;
            group.deleted_at.is_none()
                && (*owner == store.id || Some(owner) == store.parent.as_ref())
        };
        // What a caller may not see, it can't tell from what doesn't exist (P9).
        group.filter(is_usable).ok_or(Fault::ChannelGroupNotFound)
    }

    async fn any_group(&self, id: &ChannelGroupId) -> Result<Option<Arc<ChannelGroup>>, Fault> {
        let cache = &self.inner.directory.groups;
        let now = self.clock().process();
        if let Some(found) = cached(cache, id, now) {
            return Ok(found);
        }
        let found = self
            .store()
            .load::<ChannelGroupRecord>(vec![id.as_str().into()])
            .await?;
        let found = found.map(|found| Arc::new(found.value.0));
        remember(cache, id.clone(), now, &found);
        Ok(found)
    }

    /// A store's webhook endpoints for an environment; its parent's where it has none.
    pub(crate) async fn endpoints(
        &self,
        store: &StoreRecord,
        environment: Environment,
    ) -> Result<Vec<EndpointRecord>, Fault> {
        let own = self.endpoints_of(&store.id).await?;
        let mut found = select(&own, environment);
        if found.is_empty()
            && let Some(parent) = &store.parent
        {
            found = select(self.endpoints_of(parent).await?.as_slice(), environment);
        }
        Ok(found)
    }

    pub(crate) async fn endpoints_of(
        &self,
        store: &StoreId,
    ) -> Result<Arc<Vec<EndpointRecord>>, Fault> {
        let cache = &self.inner.directory.endpoints;
        let now = self.clock().process();
        if let Some(found) = cached(cache, store, now) {
            return Ok(found);
        }
        let query = Query::of(&tables::WEBHOOK_ENDPOINTS, 100)
            .and(Condition::Is("store_id", store.as_str().into()));
        let found = self.store().list::<EndpointRecord>(query).await?;
        let mut found: Vec<_> = found.into_iter().map(|one| one.value).collect();
        oldest_first(&mut found);
        let found = Arc::new(found);
        remember(cache, store.clone(), now, &found);
        Ok(found)
    }
}

/// The order that "the first endpoint" means, which signs what goes to `noticeUrls`: adding an
/// endpoint changes nothing for those before it.
pub(crate) fn oldest_first(endpoints: &mut [EndpointRecord]) {
    endpoints.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
}

fn select(endpoints: &[EndpointRecord], environment: Environment) -> Vec<EndpointRecord> {
    endpoints
        .iter()
        .filter(|endpoint| endpoint.environment == environment)
        .cloned()
        .collect()
}

/// Where a channel's keys are sealed to.
pub(crate) fn channel_place(key: &ChannelKey) -> String {
    format!("channel:{key}")
}
