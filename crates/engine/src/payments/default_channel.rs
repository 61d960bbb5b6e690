//! Which channel is meant where a caller of the V1 face names a PG, or nothing at all.

use naru_connector::OperationKind;
use naru_domain::ChannelKey;
use naru_store::{Condition, Query, tables};

use crate::directory::{CHANNELS_MAX, OpenChannel};
use crate::records::{ChannelRecord, StoreRecord};
use crate::{Engine, Fault};

/// A PG, and perhaps the merchant id there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgNamed {
    /// The contract's codes of its interfaces.
    pub providers: Vec<String>,
    /// The merchant id at the PG.
    pub merchant_id: Option<String>,
}

impl Engine {
    /// The channel that a PG's name means: the one of that PG and merchant id; else the first of
    /// that PG; else the first of all. Only channels that take new payments and whose PG has the
    /// operation count, the store's own before its parent's, the oldest first.
    pub async fn channel_by_pg(
        &self,
        store: &StoreRecord,
        operation: OperationKind,
        named: Option<&PgNamed>,
    ) -> Result<ChannelKey, Fault> {
        let is_of = |channel: &ChannelRecord| {
            named.is_some_and(|named| named.providers.contains(&channel.pg_provider))
        };
        let merchant_id = named.and_then(|named| named.merchant_id.as_ref());
        let mut found = None;
        let owners = [Some(&store.id), store.parent.as_ref()];
        for (nearness, id) in owners.into_iter().flatten().enumerate() {
            let channels = self.channels_of(id).await?;
            let usable = channels.iter().filter(|open| {
                open.record.disabled_at.is_none() && self.is_capable(open, operation)
            });
            let ranked = usable.map(|open| {
                let channel = &open.record;
                let is_of = is_of(channel);
                let is_it = is_of && Some(&channel.pg_merchant_id) == merchant_id;
                let age = (channel.created_at, channel.key.clone());
                (!is_it, !is_of, nearness, age)
            });
            found = ranked.chain(found).min();
        }
        found
            .map(|(.., (_, key))| key)
            .ok_or(Fault::ChannelNotFound)
    }

    /// Every channel that a store may use for new payments: its own before its parent's, the
    /// oldest first.
    pub async fn usable_channels(&self, store: &StoreRecord) -> Result<Vec<ChannelRecord>, Fault> {
        let mut all = Vec::new();
        let owners = [Some(&store.id), store.parent.as_ref()];
        for id in owners.into_iter().flatten() {
            let query = Query::of(&tables::CHANNELS, CHANNELS_MAX)
                .and(Condition::Is("store_id", id.as_str().into()));
            let found = self.store().list::<ChannelRecord>(query).await?;
            let mut found: Vec<_> = found.into_iter().map(|one| one.value).collect();
            found.retain(|channel| channel.disabled_at.is_none());
            found.sort_by(|a, b| (a.created_at, &a.key).cmp(&(b.created_at, &b.key)));
            all.extend(found);
        }
        Ok(all)
    }

    /// Whether a channel's PG has an operation, and the channel what it needs for it.
    pub fn channel_has(&self, channel: &ChannelRecord, operation: OperationKind) -> bool {
        let open = self.open_channel(channel.clone());
        open.is_ok_and(|open| self.is_capable(&open, operation))
    }

    fn is_capable(&self, channel: &OpenChannel, operation: OperationKind) -> bool {
        self.connector(&channel.record.pg_provider)
            .is_some_and(|connector| {
                let capabilities = connector.capabilities();
                capabilities.check(operation, &channel.settings).is_ok()
            })
    }
}
