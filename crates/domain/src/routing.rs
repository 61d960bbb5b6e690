//! Channel groups: channels that share payments by weight, on or off each, changed at once or at
//! a whole hour.
//!
//! Drawing is pure: whoever draws brings the chance along. Invariants: a group's routes are one to
//! ten, name each channel once, and their weights sum to 100, those of channels that are off
//! included; sessions stand in the order of their start.

use serde::{Deserialize, Serialize};

use crate::{ChannelGroupId, ChannelGroupSnapshot, ChannelKey, StoreId, Timestamp};

/// Channels of a group.
pub const CHANNELS_MAX: usize = 10;
/// Sessions that lie in the past and are kept, the present one included.
pub const PAST_SESSIONS_MAX: usize = 200;
/// Changes that are scheduled.
pub const SCHEDULED_MAX: usize = 100;
/// What the weights of a group sum to.
const WHOLE: u32 = 100;
const HOUR_MICROS: i64 = 3_600_000_000;

/// A channel group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelGroup {
    /// Its id.
    pub id: ChannelGroupId,
    /// Whose it is.
    pub store_id: StoreId,
    /// For people; unique in its store.
    pub name: String,
    /// Whether its channels are test channels.
    pub is_test: bool,
    /// How many further channels a payment may try after one that the PG surely never saw. 0: none.
    pub failover_tries_max: u8,
    /// What applies from when on: past ones, the present one, scheduled ones.
    pub sessions: Vec<Session>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was deleted, which is final.
    pub deleted_at: Option<Timestamp>,
}

/// What applies from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// From when on.
    pub starts_at: Timestamp,
    /// The channels.
    pub routes: Vec<Route>,
}

/// A channel in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// Which channel.
    pub channel: ChannelKey,
    /// Its share of the payments, in percent.
    pub weight: u8,
    /// Whether it takes part. One that is off is skipped whatever its weight.
    pub is_on: bool,
}

/// Why a change of a group is refused, in order of precedence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoutingRefusal {
    /// It was deleted.
    #[error("the channel group was deleted")]
    Deleted,
    /// No route.
    #[error("a channel group needs at least one channel")]
    NoChannels,
    /// Too many routes.
    #[error("a channel group has at most {CHANNELS_MAX} channels")]
    TooManyChannels,
    /// A channel stands there twice.
    #[error("`{0}` is named twice")]
    ChannelTwice(ChannelKey),
    /// The weights do not make a whole.
    #[error("the weights sum to {0}, not to 100; channels that are off count as well")]
    SumIsNot100(u32),
    /// Not in the group.
    #[error("`{0}` is not a channel of the group")]
    NotAMember(ChannelKey),
    /// Scheduled for a moment within an hour.
    #[error("a change is scheduled for a whole hour")]
    NotAWholeHour,
    /// Scheduled for the past.
    #[error("a change is scheduled for the future")]
    NotInTheFuture,
    /// Scheduled for a moment that has a change.
    #[error("a change is scheduled for that hour already; cancel it first")]
    AlreadyScheduled,
    /// Too many scheduled changes.
    #[error("at most {SCHEDULED_MAX} changes can be scheduled")]
    TooManyScheduled,
    /// Nothing is scheduled for that moment.
    #[error("no change is scheduled for that hour")]
    NotScheduled,
}

/// Refuses routes that do not make a group.
pub fn check_routes(routes: &[Route]) -> Result<(), RoutingRefusal> {
    if routes.is_empty() {
        return Err(RoutingRefusal::NoChannels);
    }
    if routes.len() > CHANNELS_MAX {
        return Err(RoutingRefusal::TooManyChannels);
    }
    let mut rest = routes;
    while let [one, others @ ..] = rest {
        if others.iter().any(|other| other.channel == one.channel) {
            return Err(RoutingRefusal::ChannelTwice(one.channel.clone()));
        }
        rest = others;
    }
    let sum = routes.iter().map(|route| u32::from(route.weight)).sum();
    if sum != WHOLE {
        return Err(RoutingRefusal::SumIsNot100(sum));
    }
    Ok(())
}

impl ChannelGroup {
    /// The copy that attempts and billing keys keep.
    pub fn snapshot(&self) -> ChannelGroupSnapshot {
        ChannelGroupSnapshot {
            id: self.id.clone(),
            name: self.name.clone(),
            is_test: self.is_test,
        }
    }

    /// What applies at a moment. Before the first session, which only a clock that was moved back
    /// can show, the first one.
    pub fn session(&self, at: Timestamp) -> Option<&Session> {
        let started = self.sessions.iter().rev().find(|one| one.starts_at <= at);
        started.or_else(|| self.sessions.first())
    }

    /// The changes that have yet to come.
    pub fn scheduled(&self, at: Timestamp) -> impl Iterator<Item = &Session> {
        self.sessions.iter().filter(move |one| one.starts_at > at)
    }

    /// Changes the routes from now on. Scheduled changes stay.
    pub fn set(mut self, routes: Vec<Route>, at: Timestamp) -> Result<Self, RoutingRefusal> {
        self.may_change()?;
        check_routes(&routes)?;
        self.sessions.retain(|session| session.starts_at != at);
        self.add(Session {
            starts_at: at,
            routes,
        });
        let past = self.sessions.iter().filter(|one| one.starts_at <= at);
        let surplus = past.count().saturating_sub(PAST_SESSIONS_MAX);
        self.sessions.drain(..surplus);
        Ok(self)
    }

    /// Switches one channel on or off from now on.
    pub fn switch(
        self,
        channel: &ChannelKey,
        is_on: bool,
        at: Timestamp,
    ) -> Result<Self, RoutingRefusal> {
        self.may_change()?;
        let mut routes = self
            .session(at)
            .map(|session| session.routes.clone())
            .unwrap_or_default();
        let route = routes.iter_mut().find(|route| route.channel == *channel);
        let Some(route) = route else {
            return Err(RoutingRefusal::NotAMember(channel.clone()));
        };
        route.is_on = is_on;
        self.set(routes, at)
    }

    /// Schedules a change.
    pub fn schedule(mut self, session: Session, now: Timestamp) -> Result<Self, RoutingRefusal> {
        self.may_change()?;
        check_routes(&session.routes)?;
        if session.starts_at.as_micros() % HOUR_MICROS != 0 {
            return Err(RoutingRefusal::NotAWholeHour);
        }
        if session.starts_at <= now {
            return Err(RoutingRefusal::NotInTheFuture);
        }
        if self
            .scheduled(now)
            .any(|one| one.starts_at == session.starts_at)
        {
            return Err(RoutingRefusal::AlreadyScheduled);
        }
        if self.scheduled(now).count() >= SCHEDULED_MAX {
            return Err(RoutingRefusal::TooManyScheduled);
        }
        self.add(session);
        Ok(self)
    }

    /// Takes a scheduled change back.
    pub fn cancel_schedule(
        mut self,
        starts_at: Timestamp,
        now: Timestamp,
    ) -> Result<Self, RoutingRefusal> {
        self.may_change()?;
        if !self.scheduled(now).any(|one| one.starts_at == starts_at) {
            return Err(RoutingRefusal::NotScheduled);
        }
        self.sessions.retain(|one| one.starts_at != starts_at);
        Ok(self)
    }

    /// Deletes the group, for good.
    pub fn delete(mut self, at: Timestamp) -> Result<Self, RoutingRefusal> {
        self.may_change()?;
        self.deleted_at = Some(at);
        Ok(self)
    }

    fn may_change(&self) -> Result<(), RoutingRefusal> {
        match self.deleted_at {
            Some(_) => Err(RoutingRefusal::Deleted),
            None => Ok(()),
        }
    }

    fn add(&mut self, session: Session) {
        self.sessions.push(session);
        self.sessions.sort_by_key(|one| one.starts_at);
    }
}

/// Draws up to `count` of the candidates in turn, each with a chance in proportion to its weight
/// among those left. Where all of those left weigh nothing, each has the same chance. `below`
/// gives a number below its argument.
///
/// The first one drawn is where a payment goes; the others serve failover, in this order.
pub fn draw<T>(
    mut candidates: Vec<(T, u8)>,
    count: usize,
    mut below: impl FnMut(u64) -> u64,
) -> Vec<T> {
    let mut drawn = Vec::new();
    while drawn.len() < count && !candidates.is_empty() {
        let weighs_nothing = candidates.iter().all(|(_, weight)| *weight == 0);
        let tickets = |weight: u8| if weighs_nothing { 1 } else { u64::from(weight) };
        let all = candidates.iter().map(|(_, weight)| tickets(*weight)).sum();
        let mut ticket = below(all);
        let hit = candidates.iter().position(|(_, weight)| {
            let own = tickets(*weight);
            let is_hit = ticket < own;
            ticket = ticket.saturating_sub(own);
            is_hit
        });
        // A ticket is below the sum, so one is hit; a wrong one hits the last.
        let position = hit.unwrap_or(candidates.len() - 1);
        drawn.push(candidates.remove(position).0);
    }
    drawn
}
