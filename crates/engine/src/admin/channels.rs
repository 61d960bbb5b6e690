//! Channels: contracts with PGs. Keys are sealed before they are stored.

use std::collections::BTreeMap;

use naru_connector::{ChannelSettings, OperationKind, Secret, Support};
use naru_domain::settlement::Taxation;
use naru_domain::{ChannelId, ChannelKey, StoreId};
use naru_store::{Commit, CommitError, Condition, Query, Versioned, tables};

use crate::directory::channel_place;
use crate::records::ChannelRecord;
use crate::{Engine, Fault};

/// A channel to create. Ids are made where they are not given.
#[derive(Debug, Clone)]
pub struct NewChannel {
    /// Whose.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// `channel-key-…`.
    pub key: Option<ChannelKey>,
    /// `channel-id-…`.
    pub id: Option<ChannelId>,
    /// The contract's PG code, such as `INICIS_V2`.
    pub pg_provider: String,
    /// The merchant id at the PG.
    pub pg_merchant_id: String,
    /// Whether it is a test channel.
    pub is_test: bool,
    /// Whether a simulator answers: sandbox only.
    pub is_simulated: bool,
    /// The PG's keys, by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Addresses and options, by name.
    pub options: BTreeMap<String, String>,
}

/// The option that makes payments of windows wait for the merchant.
pub(crate) const MANUAL_CONFIRM: &str = "manual_confirm";

impl Engine {
    /// Creates a channel, after its connector has checked the settings.
    pub async fn create_channel(&self, new: NewChannel) -> Result<ChannelRecord, Fault> {
        self.existing_store(&new.store_id).await?;
        self.check_channel(&new)?;
        let key = new
            .key
            .unwrap_or_else(|| ChannelKey::new(format!("channel-key-{}", self.random_uuid())));
        let place = channel_place(&key);
        let secrets = new
            .secrets
            .iter()
            .map(|(name, secret)| {
                (
                    name.clone(),
                    self.keys().seal(self.entropy(), &place, secret.expose()),
                )
            })
            .collect();
        let record = ChannelRecord {
            key,
            id: new
                .id
                .unwrap_or_else(|| ChannelId::new(format!("channel-id-{}", self.random_uuid()))),
            store_id: new.store_id,
            name: new.name,
            pg_provider: new.pg_provider,
            pg_merchant_id: new.pg_merchant_id,
            is_test: new.is_test,
            is_simulated: new.is_simulated,
            secrets,
            options: new.options,
            taxation: Taxation::default(),
            created_at: self.now(),
            disabled_at: None,
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                Ok(record)
            }
            Err(CommitError::Conflict(_)) => Err(Fault::invalid("`key` is taken")),
            Err(error) => Err(error.into()),
        }
    }

    fn check_channel(&self, new: &NewChannel) -> Result<(), Fault> {
        if new.is_simulated && !self.config().is_sandbox {
            return Err(Fault::invalid(
                "a simulated channel is for the sandbox only",
            ));
        }
        let connector = self.connector(&new.pg_provider).ok_or_else(|| {
            Fault::invalid(format!(
                "`pgProvider` `{}` has no connector",
                new.pg_provider
            ))
        })?;
        let settings = ChannelSettings {
            merchant_id: new.pg_merchant_id.clone(),
            secrets: new.secrets.clone(),
            options: new.options.clone(),
            is_simulated: new.is_simulated,
        };
        connector
            .check_settings(&settings)
            .map_err(|error| Fault::invalid(error.to_string()))
    }

    /// Creates a channel, or replaces its settings: the sandbox does so at each start, since the
    /// simulator's address may have changed.
    pub async fn put_channel(&self, new: NewChannel) -> Result<ChannelRecord, Fault> {
        let Some(key) = new.key.clone() else {
            return self.create_channel(new).await;
        };
        let found = self
            .store()
            .load::<ChannelRecord>(vec![key.as_str().into()])
            .await?;
        let Some(found) = found else {
            return self.create_channel(new).await;
        };
        self.check_channel(&new)?;
        let place = channel_place(&key);
        let seal = |secret: &Secret| self.keys().seal(self.entropy(), &place, secret.expose());
        let value = ChannelRecord {
            name: new.name,
            secrets: new
                .secrets
                .iter()
                .map(|(name, one)| (name.clone(), seal(one)))
                .collect(),
            // What was chosen for a channel since outlives the sandbox's next start.
            options: found
                .value
                .options
                .into_iter()
                .filter(|(name, _)| name == MANUAL_CONFIRM)
                .chain(new.options)
                .collect(),
            ..found.value
        };
        self.change(Versioned {
            version: found.version,
            value,
        })
        .await
    }

    /// The channels of a store, or of all.
    pub async fn channels(&self, store_id: Option<&StoreId>) -> Result<Vec<ChannelRecord>, Fault> {
        let mut query = Query::of(&tables::CHANNELS, 1_000);
        if let Some(store_id) = store_id {
            query = query.and(Condition::Is("store_id", store_id.as_str().into()));
        }
        let found = self.store().list::<ChannelRecord>(query).await?;
        Ok(found.into_iter().map(|one| one.value).collect())
    }

    /// A channel that must exist.
    pub async fn existing_channel(&self, key: &ChannelKey) -> Result<ChannelRecord, Fault> {
        Ok(self.channel_row(key).await?.value)
    }

    async fn channel_row(&self, key: &ChannelKey) -> Result<Versioned<ChannelRecord>, Fault> {
        let found = self
            .store()
            .load::<ChannelRecord>(vec![key.as_str().into()])
            .await?;
        found.ok_or_else(|| {
            Fault::invalid(format!("`{key}` is no channel; see `naru channels list`"))
        })
    }

    /// Switches a channel on or off: off, it takes no new payments, and old ones can still be
    /// cancelled.
    pub async fn switch_channel(
        &self,
        key: &ChannelKey,
        is_on: bool,
    ) -> Result<ChannelRecord, Fault> {
        let found = self.channel_row(key).await?;
        let disabled_at = if is_on {
            None
        } else {
            found.value.disabled_at.or(Some(self.now()))
        };
        let value = ChannelRecord {
            disabled_at,
            ..found.value
        };
        self.change(Versioned {
            version: found.version,
            value,
        })
        .await
    }

    /// Says whether payments of a channel's windows wait for the merchant's confirmation. Windows
    /// that are open go on as they were opened.
    pub async fn set_manual_confirm(
        &self,
        key: &ChannelKey,
        is_on: bool,
    ) -> Result<ChannelRecord, Fault> {
        let found = self.channel_row(key).await?;
        let mut options = found.value.options.clone();
        options.insert(MANUAL_CONFIRM.to_owned(), is_on.to_string());
        let value = ChannelRecord {
            options,
            ..found.value
        };
        // A PG whose connector does not know the option has no windows.
        let open = self.open_channel(value.clone())?;
        let pg = &value.pg_provider;
        self.connector(pg)
            .ok_or_else(|| Fault::invalid(format!("`pgProvider` `{pg}` has no connector")))?
            .check_settings(&open.settings)
            .map_err(|error| Fault::invalid(error.to_string()))?;
        self.change(Versioned {
            version: found.version,
            value,
        })
        .await
    }

    /// Says how a channel's sales are taxed. Lines that are imported already keep what they were
    /// compared with until they are compared again.
    pub async fn set_taxation(
        &self,
        key: &ChannelKey,
        taxation: Taxation,
    ) -> Result<ChannelRecord, Fault> {
        let found = self.channel_row(key).await?;
        let value = ChannelRecord {
            taxation,
            ..found.value
        };
        self.change(Versioned {
            version: found.version,
            value,
        })
        .await
    }

    /// Checks a stored channel again, for the `doctor`: its keys open and its connector agrees.
    pub fn check_stored_channel(&self, record: &ChannelRecord) -> Result<(), Fault> {
        let connector = self.connector(&record.pg_provider).ok_or_else(|| {
            Fault::invalid(format!(
                "`pgProvider` `{}` has no connector",
                record.pg_provider
            ))
        })?;
        let open = self.open_channel(record.clone())?;
        connector
            .check_settings(&open.settings)
            .map_err(|error| Fault::invalid(error.to_string()))?;
        let pays = [
            OperationKind::PayCard,
            OperationKind::IssueVirtualAccount,
            OperationKind::ChargeBillingKey,
        ];
        let capabilities = connector.capabilities();
        if pays.map(|kind| capabilities.support(kind)) == [Support::None; 3] {
            return Ok(());
        }
        self.needs_order_inquiry(&open)
    }
}
