//! Differences on record: written, resolved, listed, accepted, counted. Never a payment changed.

use naru_domain::payment::Attempt;
use naru_domain::{ChannelKey, Difference, DifferenceKind, PaymentId, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Condition, Direction, Query, Versioned, tables};

use crate::records::{DifferenceRecord, DifferenceState};
use crate::{Engine, Fault};

/// Rows of a payment: eight kinds for each of a hundred attempts.
const OF_PAYMENT_MAX: u32 = 1_000;
/// Differences of one page.
const PAGE_MAX: u32 = 1_000;
/// The deepest difference of a list, and how far they are counted.
const DEPTH_MAX: u32 = 60_000;
/// The longest note.
const NOTE_MAX: usize = 500;

/// Which differences are asked for. Empty lists filter nothing.
#[derive(Debug, Clone, Default)]
pub struct DifferenceFilter {
    /// Of these stores; none given is all.
    pub stores: Vec<StoreId>,
    /// Of this channel.
    pub channel: Option<ChannelKey>,
    /// Of this payment.
    pub payment: Option<PaymentId>,
    /// In these states.
    pub states: Vec<DifferenceState>,
    /// Of these kinds.
    pub kinds: Vec<DifferenceKind>,
    /// Found at or after this.
    pub from: Option<Timestamp>,
    /// Found before this.
    pub until: Option<Timestamp>,
}

/// A page of differences.
#[derive(Debug, Clone)]
pub struct DifferencesPage {
    /// The newest first.
    pub items: Vec<DifferenceRecord>,
    /// How many match, counted up to 60,000.
    pub total_count: u32,
    /// How many of those that match are open, counted likewise.
    pub open_count: u32,
}

/// What was found about one attempt, to be written.
pub(super) struct Finding<'a> {
    pub(super) store_id: &'a StoreId,
    pub(super) payment_id: &'a PaymentId,
    pub(super) attempt: &'a Attempt,
    /// Whether the channel is a test channel at a real PG.
    pub(super) is_nightly: bool,
    /// The kinds that were looked for: those not found any more are resolved.
    pub(super) looked_for: &'a [DifferenceKind],
    pub(super) found: &'a [Difference],
}

impl Engine {
    /// Writes what was found about an attempt, and resolves what is gone. Gives how many
    /// differences are open after it.
    pub(super) async fn record_differences(&self, finding: &Finding<'_>) -> Result<usize, Fault> {
        let query = Query::of(&tables::DIFFERENCES, OF_PAYMENT_MAX)
            .and(Condition::Is("store_id", finding.store_id.as_str().into()))
            .and(Condition::Is(
                "payment_id",
                finding.payment_id.as_str().into(),
            ));
        let known = self.store().list::<DifferenceRecord>(query).await?;
        let known: Vec<_> = known
            .into_iter()
            .filter(|known| known.value.attempt == finding.attempt.id)
            .filter(|known| finding.looked_for.contains(&known.value.kind))
            .collect();
        let now = self.now();
        let mut unit = Commit::new(self.new_uuid());
        let mut open = 0;
        for difference in finding.found {
            let before = known
                .iter()
                .find(|known| known.value.kind == difference.kind);
            let record = again(finding, before.map(|known| &known.value), (difference, now));
            open += usize::from(record.state == DifferenceState::Open);
            if let Some(before) = before {
                unit.update(&Versioned {
                    version: before.version,
                    value: record,
                })?;
                continue;
            }
            crate::measures::difference(difference.kind);
            tracing::warn!(
                payment.id = %finding.payment_id, kind = difference.kind.name(),
                "our books differ from the payment gateway's"
            );
            unit.insert(&record)?;
        }
        for gone in known {
            let is_there = |one: &Difference| one.kind == gone.value.kind;
            if finding.found.iter().any(is_there) || gone.value.state == DifferenceState::Resolved {
                continue;
            }
            unit.update(&Versioned {
                version: gone.version,
                value: DifferenceRecord {
                    state: DifferenceState::Resolved,
                    checked_at: now,
                    ended_at: Some(now),
                    ..gone.value
                },
            })?;
        }
        if unit.writes.is_empty() {
            return Ok(0);
        }
        match self.commit(unit).await {
            // Another node, or a person, was first: the next visit sees what is left.
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(open),
            Err(error) => Err(error.into()),
        }
    }

    /// Differences, the newest first.
    pub async fn differences(
        &self,
        filter: &DifferenceFilter,
        (limit, offset): (u32, u32),
    ) -> Result<DifferencesPage, Fault> {
        if limit == 0 || limit > PAGE_MAX || offset > DEPTH_MAX {
            return Err(Fault::invalid(format!(
                "`limit` is from 1 to {PAGE_MAX}, `offset` at most {DEPTH_MAX}"
            )));
        }
        let mut query = query_of(filter, &filter.states);
        query.limit = limit;
        query.offset = offset;
        let found = self
            .store()
            .list::<DifferenceRecord>(query.by("found_at", Direction::Descending))
            .await?;
        let counted =
            |states: &[DifferenceState]| self.store().count(query_of(filter, states), DEPTH_MAX);
        let total_count = counted(&filter.states).await?;
        let is_open = filter.states.is_empty() || filter.states.contains(&DifferenceState::Open);
        let open_count = if is_open {
            counted(&[DifferenceState::Open]).await?
        } else {
            0
        };
        Ok(DifferencesPage {
            items: found.into_iter().map(|found| found.value).collect(),
            total_count,
            open_count,
        })
    }

    /// A person has looked at a difference: it counts as open no more, unless its figures change.
    pub async fn accept_difference(
        &self,
        (store_id, id): (&StoreId, &str),
        note: String,
    ) -> Result<DifferenceRecord, Fault> {
        if note.trim().is_empty() || note.chars().count() > NOTE_MAX || note.contains('\0') {
            return Err(Fault::invalid(format!(
                "`note` says why, in at most {NOTE_MAX} characters"
            )));
        }
        let key = vec![store_id.as_str().into(), id.into()];
        let found = self.store().load::<DifferenceRecord>(key).await?;
        let found = found.ok_or_else(|| {
            Fault::invalid(format!(
                "`{id}` is no difference of `{store_id}`; see `naru settlements differences`"
            ))
        })?;
        if found.value.state == DifferenceState::Resolved {
            return Err(Fault::invalid("the difference is resolved already"));
        }
        let value = DifferenceRecord {
            state: DifferenceState::Accepted,
            ended_at: Some(self.now()),
            note: Some(note),
            ..found.value
        };
        self.change_difference(Versioned {
            version: found.version,
            value,
        })
        .await
    }

    async fn change_difference(
        &self,
        changed: Versioned<DifferenceRecord>,
    ) -> Result<DifferenceRecord, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&changed)?;
        match self.commit(unit).await {
            Ok(()) => Ok(changed.value),
            Err(CommitError::Conflict(_)) => Err(Fault::invalid(
                "it changed at the same time; look at it again",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Sets the gauges of open differences.
    pub async fn measure_differences(&self) -> Result<(), Fault> {
        for kind in DifferenceKind::ALL {
            let query = Query::of(&tables::DIFFERENCES, 0)
                .and(Condition::Is("state", DifferenceState::Open.name().into()))
                .and(Condition::Is("kind", kind.name().into()));
            let open = self.store().count(query, DEPTH_MAX).await?;
            crate::measures::open_differences(kind, open);
        }
        Ok(())
    }
}

/// The record of a difference that was found, perhaps again.
fn again(
    finding: &Finding<'_>,
    before: Option<&DifferenceRecord>,
    (difference, now): (&Difference, Timestamp),
) -> DifferenceRecord {
    let attempt = finding.attempt;
    let is_same = |before: &DifferenceRecord| {
        (before.ours, before.theirs) == (difference.ours, difference.theirs)
    };
    // What a person accepted stays so for as long as it is the same.
    let accepted = before.filter(|before| before.state == DifferenceState::Accepted);
    let accepted = accepted.filter(|before| is_same(before));
    // A test channel's PG cancels by itself at night (P4); all else is as true there.
    let is_exempt = finding.is_nightly
        && difference.kind == DifferenceKind::CancelledAmount
        && difference.theirs > difference.ours;
    let state = match accepted {
        Some(_) => DifferenceState::Accepted,
        None if is_exempt => DifferenceState::Exempt,
        None => DifferenceState::Open,
    };
    let still = before.filter(|before| before.state != DifferenceState::Resolved);
    DifferenceRecord {
        store_id: finding.store_id.clone(),
        payment_id: finding.payment_id.clone(),
        attempt: attempt.id,
        channel: attempt.channel.key.clone(),
        pg_provider: attempt.channel.pg_provider.clone(),
        pg_merchant_id: attempt.channel.pg_merchant_id.clone(),
        kind: difference.kind,
        ours: difference.ours,
        theirs: difference.theirs,
        currency: attempt.order.currency.clone(),
        state,
        found_at: still.map_or(now, |before| before.found_at),
        checked_at: now,
        ended_at: accepted.and_then(|before| before.ended_at),
        note: accepted.and_then(|before| before.note.clone()),
    }
}

fn query_of(filter: &DifferenceFilter, states: &[DifferenceState]) -> Query {
    let mut query = Query::of(&tables::DIFFERENCES, 0);
    let mut any = |column: &'static str, names: Vec<naru_store::Value>| {
        if !names.is_empty() {
            query.filter.push(Condition::In(column, names));
        }
    };
    any(
        "store_id",
        filter
            .stores
            .iter()
            .map(|one| one.as_str().into())
            .collect(),
    );
    any(
        "state",
        states.iter().map(|one| one.name().into()).collect(),
    );
    any(
        "kind",
        filter.kinds.iter().map(|one| one.name().into()).collect(),
    );
    any(
        "channel_key",
        filter
            .channel
            .iter()
            .map(|one| one.as_str().into())
            .collect(),
    );
    any(
        "payment_id",
        filter
            .payment
            .iter()
            .map(|one| one.as_str().into())
            .collect(),
    );
    if let Some(from) = filter.from {
        query = query.and(Condition::AtLeast("found_at", from.into()));
    }
    if let Some(until) = filter.until {
        query = query.and(Condition::Below("found_at", until.into()));
    }
    query
}
