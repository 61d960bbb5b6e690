//! Where a payment goes: the channel that was named, or those drawn from a channel group.
//!
//! Draws are independent of each other and of what was drawn before. What is drawn is recorded on
//! the attempt in the intent's commit, before the PG hears of it.

use std::collections::VecDeque;
use std::sync::Arc;

use naru_connector::{OperationKind, Secret, Support};
use naru_domain::billing_key::BillingKey;
use naru_domain::routing::{ChannelGroup, draw};
use naru_domain::{
    BillingKeyId, ChannelGroupId, ChannelGroupSnapshot, ChannelKey, ChannelSnapshot, MethodKind,
    Sealed,
};

use crate::directory::OpenChannel;
use crate::entropy::below;
use crate::promotions::PaidBy;
use crate::records::{BillingKeyRecord, StoreRecord};
use crate::{Engine, Fault};

/// What a request names: a channel, or a group to draw one from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelChoice {
    /// This channel.
    Channel(ChannelKey),
    /// One of this group's.
    Group(ChannelGroupId),
}

impl From<ChannelKey> for ChannelChoice {
    fn from(key: ChannelKey) -> Self {
        Self::Channel(key)
    }
}

/// One place that a payment may go to, and what is needed there.
pub(crate) struct Stop<T> {
    pub(crate) channel: Arc<OpenChannel>,
    pub(crate) with: T,
}

/// Where a payment goes. Made with one stop at least.
pub(crate) struct Course<T> {
    /// The group that the stops were drawn from.
    pub(crate) group: Option<ChannelGroupSnapshot>,
    /// The first is where it goes; the others serve failover, in this order.
    pub(crate) stops: VecDeque<Stop<T>>,
}

impl<T> Course<T> {
    fn straight(channel: Arc<OpenChannel>, with: T) -> Self {
        Self {
            group: None,
            stops: VecDeque::from([Stop { channel, with }]),
        }
    }

    /// The same way with something else needed at each stop.
    pub(crate) fn map<U>(self, make: impl Fn(T) -> U) -> Course<U> {
        let stop = |stop: Stop<T>| Stop {
            channel: stop.channel,
            with: make(stop.with),
        };
        Course {
            group: self.group,
            stops: self.stops.into_iter().map(stop).collect(),
        }
    }
}

impl Engine {
    /// Where an instant payment goes.
    pub(crate) async fn course_of(
        &self,
        store: &StoreRecord,
        choice: &ChannelChoice,
        operation: OperationKind,
    ) -> Result<Course<()>, Fault> {
        self.course_where(store, choice, operation, |_| true).await
    }

    /// The same among those channels of a group that `fits` says yes to. A channel that is named
    /// is not asked about.
    pub(crate) async fn course_where(
        &self,
        store: &StoreRecord,
        choice: &ChannelChoice,
        operation: OperationKind,
        fits: impl Fn(&OpenChannel) -> bool,
    ) -> Result<Course<()>, Fault> {
        let id = match choice {
            ChannelChoice::Channel(key) => {
                return Ok(Course::straight(self.live_channel(store, key).await?, ()));
            }
            ChannelChoice::Group(id) => id,
        };
        let group = self.group_for(store, id).await?;
        let mut candidates = Vec::new();
        for (channel, weight) in self.channels_on(store, &group).await? {
            // A channel whose PG has no such operation does not fit, as in a payment window.
            if self.supports(&channel, operation) && fits(&channel) {
                candidates.push((Stop { channel, with: () }, weight));
            }
        }
        self.drawn(&group, candidates)
    }

    /// Where a charge of a billing key goes, and the PG's key there: to the named channel; else,
    /// for a key that was issued at a group, by the group's present weights among the channels
    /// that hold it; else to the one channel that does. With it, whose card it is, and
    /// whether it is one.
    pub(crate) async fn chargeable(
        &self,
        store: &StoreRecord,
        id: &BillingKeyId,
        wanted: Option<&ChannelKey>,
    ) -> Result<(Course<Secret>, PaidBy, MethodKind), Fault> {
        let key = self
            .store()
            .load::<BillingKeyRecord>(vec![store.id.as_str().into(), id.as_str().into()])
            .await?
            .ok_or(Fault::BillingKeyNotFound)?
            .value
            .0;
        let mut held = key.chargeable()?;
        let course = match (wanted, &key.channel_group) {
            (None, Some(group)) => {
                let held = held.collect();
                self.charge_by_group(store, &key, (&group.id, held)).await?
            }
            (wanted, _) => {
                let (channel, sealed) = held
                    .find(|(channel, _)| wanted.is_none_or(|wanted| *wanted == channel.key))
                    .ok_or(Fault::ChannelNotFound)?;
                let channel = self.live_channel(store, &channel.key).await?;
                Course::straight(channel, self.pg_key(&key, sealed)?)
            }
        };
        let paid_by = key.card().map_or(PaidBy::Other, PaidBy::card);
        let method = if key.is_phone_bill() {
            MethodKind::Mobile
        } else {
            MethodKind::Card
        };
        Ok((course, paid_by, method))
    }

    async fn charge_by_group(
        &self,
        store: &StoreRecord,
        key: &BillingKey,
        (group, held): (&ChannelGroupId, Vec<(&ChannelSnapshot, &Sealed)>),
    ) -> Result<Course<Secret>, Fault> {
        let group = self.group_for(store, group).await?;
        let mut candidates = Vec::new();
        for (channel, weight) in self.channels_on(store, &group).await? {
            let is_it =
                |(snapshot, _): &&(&ChannelSnapshot, &Sealed)| snapshot.key == channel.record.key;
            // Channels that joined the group later hold no key.
            if let Some((_, sealed)) = held.iter().find(is_it) {
                let with = self.pg_key(key, sealed)?;
                candidates.push((Stop { channel, with }, weight));
            }
        }
        self.drawn(&group, candidates)
    }

    fn pg_key(&self, key: &BillingKey, sealed: &Sealed) -> Result<Secret, Fault> {
        self.keys()
            .open(&crate::billing_keys::place(&key.id), sealed)
            .map_err(|error| Fault::internal(format!("billing key {}: {error}", key.id)))
    }

    fn drawn<T>(
        &self,
        group: &ChannelGroup,
        candidates: Vec<(Stop<T>, u8)>,
    ) -> Result<Course<T>, Fault> {
        if candidates.is_empty() {
            return Err(Fault::ChannelGroupOff);
        }
        let count = 1 + usize::from(group.failover_tries_max);
        let stops = draw(candidates, count, |bound| below(self.entropy(), bound));
        Ok(Course {
            group: Some(group.snapshot()),
            stops: stops.into(),
        })
    }

    /// The channels of a group that take new payments now, with their weights: switched on in the
    /// group, and not switched off as channels.
    pub(crate) async fn channels_on(
        &self,
        store: &StoreRecord,
        group: &ChannelGroup,
    ) -> Result<Vec<(Arc<OpenChannel>, u8)>, Fault> {
        let mut on = Vec::new();
        let routes = group.session(self.now()).map(|now| now.routes.as_slice());
        for route in routes.unwrap_or_default() {
            if !route.is_on {
                continue;
            }
            match self.live_channel(store, &route.channel).await {
                Ok(channel) => on.push((channel, route.weight)),
                Err(Fault::ChannelNotFound) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(on)
    }

    pub(crate) fn supports(&self, channel: &OpenChannel, operation: OperationKind) -> bool {
        self.connector(&channel.record.pg_provider)
            .is_some_and(|connector| connector.capabilities().support(operation) != Support::None)
    }
}
