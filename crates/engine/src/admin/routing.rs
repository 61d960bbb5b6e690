//! Channel groups: their channels, weights and sessions.
//!
//! Rules of weights and hours are the domain's. Here stand those that need to know other rows: a
//! name is unique in its store, and channels are the store's own, or its parent's, of the group's
//! environment.

use naru_domain::routing::{ChannelGroup, Route, RoutingRefusal, Session, check_routes};
use naru_domain::{ChannelGroupId, ChannelKey, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Condition, Query, Versioned, Write, tables};

use crate::records::{ChannelGroupNameRecord, ChannelGroupRecord};
use crate::{Engine, Fault};

/// Longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// Further channels that a payment may try: a group has no more than ten.
const FAILOVER_TRIES_MAX: u8 = 9;
/// Groups in one list.
const GROUPS_MAX: u32 = 1_000;
/// PGs that are themselves an easy payment: such channels do not take part.
const DIRECT_EASY_PAY: [&str; 11] = [
    "CHAI",
    "KAKAO",
    "KAKAOPAY",
    "NAVERCO",
    "NAVERPAY",
    "PAYCO",
    "PINPAY",
    "SMILEPAY",
    "TOSSPAY",
    "TOSSPAY_V2",
    "TOSS_BRANDPAY",
];

/// A channel group to create. The id is made where it is not given.
#[derive(Debug, Clone)]
pub struct NewChannelGroup {
    /// Whose.
    pub store_id: StoreId,
    /// For people; unique in its store.
    pub name: String,
    /// `channel-group-…`.
    pub id: Option<ChannelGroupId>,
    /// Whether its channels are test channels.
    pub is_test: bool,
    /// The channels.
    pub routes: Vec<Route>,
    /// How many further channels a payment may try after one that the PG surely never saw.
    pub failover_tries_max: u8,
}

/// A change of a channel group that applies at once. What is `None`, or empty, stays as it is.
#[derive(Debug, Clone, Default)]
pub struct ChannelGroupChange {
    /// A new name.
    pub name: Option<String>,
    /// All its channels anew.
    pub routes: Option<Vec<Route>>,
    /// Channels to switch on or off.
    pub switches: Vec<(ChannelKey, bool)>,
    /// How many further channels a payment may try.
    pub failover_tries_max: Option<u8>,
}

impl Engine {
    /// Creates a channel group.
    pub async fn create_channel_group(&self, new: NewChannelGroup) -> Result<ChannelGroup, Fault> {
        self.existing_store(&new.store_id).await?;
        let name = checked_name(&new.name)?;
        checked_tries(new.failover_tries_max)?;
        check_routes(&new.routes).map_err(refused)?;
        self.check_channels(&new.store_id, new.is_test, &new.routes)
            .await?;
        let environment = if new.is_test { "test" } else { "live" };
        let made = || format!("channel-group-{environment}-{}", self.random_uuid());
        let now = self.now();
        let group = ChannelGroup {
            id: new.id.unwrap_or_else(|| ChannelGroupId::new(made())),
            store_id: new.store_id,
            name,
            is_test: new.is_test,
            failover_tries_max: new.failover_tries_max,
            sessions: vec![Session {
                starts_at: now,
                routes: new.routes,
            }],
            created_at: now,
            deleted_at: None,
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&ChannelGroupRecord(group.clone()))?;
        unit.insert(&name_of(&group))?;
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                Ok(group)
            }
            Err(CommitError::Conflict("channel_groups")) => Err(Fault::invalid("`id` is taken")),
            Err(CommitError::Conflict(_)) => Err(name_is_taken(&group.name)),
            Err(error) => Err(error.into()),
        }
    }

    /// The channel groups of a store that were not deleted.
    pub async fn channel_groups(&self, store_id: &StoreId) -> Result<Vec<ChannelGroup>, Fault> {
        let query = Query::of(&tables::CHANNEL_GROUPS, GROUPS_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()));
        let found = self.store().list::<ChannelGroupRecord>(query).await?;
        let groups = found.into_iter().map(|one| one.value.0);
        Ok(groups.filter(|group| group.deleted_at.is_none()).collect())
    }

    /// A channel group that must exist; it may be deleted.
    pub async fn existing_channel_group(&self, id: &ChannelGroupId) -> Result<ChannelGroup, Fault> {
        Ok(self.group_row(id).await?.value.0)
    }

    /// Changes a channel group from now on.
    pub async fn change_channel_group(
        &self,
        id: &ChannelGroupId,
        change: ChannelGroupChange,
    ) -> Result<ChannelGroup, Fault> {
        let found = self.group_row(id).await?;
        let (old, now) = (&found.value.0, self.now());
        let mut group = old.clone();
        if let Some(routes) = change.routes {
            self.check_channels(&group.store_id, group.is_test, &routes)
                .await?;
            group = group.set(routes, now).map_err(refused)?;
        }
        for (channel, is_on) in &change.switches {
            group = group.switch(channel, *is_on, now).map_err(refused)?;
        }
        if let Some(tries) = change.failover_tries_max {
            group.failover_tries_max = checked_tries(tries)?;
        }
        if let Some(name) = change.name {
            group.name = checked_name(&name)?;
        }
        if old.deleted_at.is_some() {
            return Err(refused(RoutingRefusal::Deleted));
        }
        self.write_group(&found, group).await
    }

    /// Schedules a change of a channel group's channels.
    pub async fn schedule_channel_group(
        &self,
        id: &ChannelGroupId,
        session: Session,
    ) -> Result<ChannelGroup, Fault> {
        let found = self.group_row(id).await?;
        let group = found.value.0.clone();
        self.check_channels(&group.store_id, group.is_test, &session.routes)
            .await?;
        let group = group.schedule(session, self.now()).map_err(refused)?;
        self.write_group(&found, group).await
    }

    /// Takes a scheduled change back.
    pub async fn cancel_channel_group_schedule(
        &self,
        id: &ChannelGroupId,
        starts_at: Timestamp,
    ) -> Result<ChannelGroup, Fault> {
        let found = self.group_row(id).await?;
        let group = found.value.0.clone();
        let group = group
            .cancel_schedule(starts_at, self.now())
            .map_err(refused)?;
        self.write_group(&found, group).await
    }

    /// Deletes a channel group, for good. Its name is free again.
    pub async fn delete_channel_group(&self, id: &ChannelGroupId) -> Result<ChannelGroup, Fault> {
        let found = self.group_row(id).await?;
        let group = found.value.0.clone().delete(self.now()).map_err(refused)?;
        self.write_group(&found, group).await
    }

    async fn group_row(&self, id: &ChannelGroupId) -> Result<Versioned<ChannelGroupRecord>, Fault> {
        let found = self.store().load(vec![id.as_str().into()]).await?;
        found.ok_or_else(|| {
            Fault::invalid(format!(
                "`{id}` is no channel group; see `naru routing list`"
            ))
        })
    }

    /// Commits a changed group, and with it what becomes of its name.
    async fn write_group(
        &self,
        found: &Versioned<ChannelGroupRecord>,
        group: ChannelGroup,
    ) -> Result<ChannelGroup, Fault> {
        let old = &found.value.0;
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&Versioned {
            version: found.version,
            value: ChannelGroupRecord(group.clone()),
        })?;
        let is_renamed = group.name != old.name;
        if is_renamed || group.deleted_at.is_some() {
            unit.writes.push(Write::Delete {
                table: &tables::CHANNEL_GROUP_NAMES,
                key: vec![old.store_id.as_str().into(), old.name.as_str().into()],
                expected: None,
            });
        }
        if is_renamed {
            unit.insert(&name_of(&group))?;
        }
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                Ok(group)
            }
            Err(CommitError::Conflict("channel_group_names")) => Err(name_is_taken(&group.name)),
            Err(CommitError::Conflict(_)) => Err(Fault::invalid(
                "somebody else changed it at the same time; try again",
            )),
            Err(error) => Err(error.into()),
        }
    }

    async fn check_channels(
        &self,
        store_id: &StoreId,
        is_test: bool,
        routes: &[Route],
    ) -> Result<(), Fault> {
        let store = self.existing_store(store_id).await?;
        for Route { channel: key, .. } in routes {
            let channel = match self.channel_for(&store, key).await {
                Ok(channel) => channel,
                Err(Fault::ChannelNotFound) => {
                    return Err(Fault::invalid(format!(
                        "`{key}` is no channel of the store; see `naru channels list`"
                    )));
                }
                Err(fault) => return Err(fault),
            };
            if channel.record.is_test != is_test {
                let [its, wanted] = [channel.record.is_test, is_test]
                    .map(|is_test| if is_test { "test" } else { "live" });
                return Err(Fault::invalid(format!(
                    "`{key}` is a {its} channel, the group is of {wanted} channels"
                )));
            }
            if DIRECT_EASY_PAY.contains(&channel.record.pg_provider.as_str()) {
                return Err(Fault::invalid(format!(
                    "`{key}` is a direct easy-pay channel; those do not take part in routing"
                )));
            }
        }
        Ok(())
    }
}

fn name_of(group: &ChannelGroup) -> ChannelGroupNameRecord {
    ChannelGroupNameRecord {
        store_id: group.store_id.clone(),
        name: group.name.clone(),
        group_id: group.id.clone(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
fn refused(refusal: RoutingRefusal) -> Fault {
    Fault::invalid(refusal.to_string())
}

fn name_is_taken(name: &str) -> Fault {
    Fault::invalid(format!(
        "the store has a channel group `{name}` already; names are unique"
    ))
}

fn checked_name(name: &str) -> Result<String, Fault> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Fault::invalid(format!(
            "`name` has 1 to {NAME_CHARS_MAX} characters"
        )));
    }
    if name.chars().any(char::is_control) {
        return Err(Fault::invalid("`name` holds a control character"));
    }
    Ok(name.to_owned())
}

fn checked_tries(tries: u8) -> Result<u8, Fault> {
    if tries > FAILOVER_TRIES_MAX {
        return Err(Fault::invalid(format!(
            "failover tries at most {FAILOVER_TRIES_MAX} further channels"
        )));
    }
    Ok(tries)
}
