//! The walk of the comparison: which payments are compared when.
//!
//! Every payment is visited a few times: once soon after its status changed, then once on each of
//! the next days. Each visit is a walk of its own through a store's payments in the order of
//! their last change, that keeps so far behind the clock; how far it has come is a row of the
//! store, so nothing is kept per payment. One job for each merchant's stores, leased like any
//! other, so that nodes share the work and the rate holds over all of them.

use naru_domain::payment::Payment;
use naru_domain::{DifferenceKind, StoreId, Timestamp};
use naru_store::{Commit, CommitError, Condition, Direction, Query, Versioned, tables};

use super::{CompareConfig, Compared};
use crate::jobs::JobDone;
use crate::records::{
    ComparisonRecord, DifferenceRecord, DifferenceState, JobKind, JobRecord, PaymentRecord,
    StoreRecord,
};
use crate::{Engine, Fault};

/// Payments of one step of a walk.
const BATCH: u32 = 20;
/// How long a turn goes on beginning steps, in seconds of its rate.
const TURN_S: u32 = 10;
/// Pause after a turn that found nothing more to do, in milliseconds.
const PAUSE_MS: i64 = 30_000;
/// How far back the first walk of a store begins, in seconds.
const LOOK_BACK_S: i64 = 7 * 86_400;
/// Turns for which a walk waits for a PG that does not answer.
const STUCK_MAX: u32 = 10;
/// Pause after an open difference was looked at, in seconds.
const RECHECK_S: i64 = 3_600;
/// The visit that looks for payments in settlements.
const SETTLED: i64 = 1_000_000;
const DAY_S: i64 = 86_400;

/// What is left of a turn.
struct Turn {
    /// Inquiries that may still be begun.
    budget: u32,
    /// Pause after each, in milliseconds.
    pause_ms: u64,
    /// Whether something was left undone.
    is_more: bool,
    /// Whether a PG did not answer: then it is left alone until the next turn.
    is_unanswered: bool,
}

impl Turn {
    fn new(config: &CompareConfig) -> Self {
        let rate = config.per_second_max.max(1);
        Self {
            budget: rate.saturating_mul(TURN_S),
            pause_ms: 1_000_u64.div_ceil(u64::from(rate)),
            is_more: false,
            is_unanswered: false,
        }
    }

    const fn is_over(&self) -> bool {
        self.budget == 0 || self.is_unanswered
    }
}

impl Engine {
    /// Sees to it that every merchant's stores have their job.
    pub async fn ensure_comparisons(&self) -> Result<(), Fault> {
        for store in self.stores().await? {
            if store.parent.is_some() {
                continue;
            }
            let kind = JobKind::Compare { store_id: store.id };
            let id = kind.id();
            let key = vec![id.as_str().into()];
            if self.store().load::<JobRecord>(key).await?.is_some() {
                continue;
            }
            let mut unit = Commit::new(self.new_uuid());
            unit.insert(&JobRecord {
                lane: id.clone(),
                id,
                queue: kind.queue(),
                due_at: self.clock().process(),
                lease_until: None,
                tries: 0,
                refusals: 0,
                kind,
            })?;
            match self.commit(unit).await {
                Ok(()) | Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    pub(crate) async fn run_compare(&self, root: &StoreId) -> Result<JobDone, Fault> {
        let is_more = self.compare_turn(root).await?;
        let pause_ms = if is_more { 0 } else { PAUSE_MS };
        Ok(JobDone::Later { pause_ms })
    }

    /// One turn at a merchant's stores. Gives whether there is more to do at once.
    pub async fn compare_turn(&self, root: &StoreId) -> Result<bool, Fault> {
        let config = self.config().compare;
        let mut turn = Turn::new(&config);
        let stores = self.with_sub_stores(root).await?;
        self.recheck_open(&stores, &config, &mut turn).await?;
        for store_id in &stores {
            let Some(store) = self.store_record(store_id).await? else {
                continue;
            };
            for visit in 0..=i64::from(config.days) {
                let age_s = config.delay_s + visit * DAY_S;
                self.walk_on((&store, visit, age_s), &config, &mut turn)
                    .await?;
            }
            // A day more, for the file of the last day to be imported.
            let age_s = (i64::from(config.settled_within_days) + 1) * DAY_S;
            self.walk_on((&store, SETTLED, age_s), &config, &mut turn)
                .await?;
        }
        Ok(turn.is_more && !turn.is_unanswered)
    }

    /// Walks on until the turn is over or nothing is old enough.
    async fn walk_on(
        &self,
        (store, visit, age_s): (&StoreRecord, i64, i64),
        config: &CompareConfig,
        turn: &mut Turn,
    ) -> Result<(), Fault> {
        let until = self.now().plus_seconds(-age_s);
        let key = vec![store.id.as_str().into(), visit.into()];
        let mut place = self.store().load::<ComparisonRecord>(key).await?;
        loop {
            let was = place.as_ref().map_or_else(
                || ComparisonRecord {
                    store_id: store.id.clone(),
                    visit,
                    at: until.plus_seconds(if visit == 0 { -LOOK_BACK_S } else { 0 }),
                    payment_id: String::new(),
                    stuck: 0,
                },
                |place| place.value.clone(),
            );
            let payments = if turn.is_over() {
                Vec::new()
            } else {
                self.next_payments(&was, until).await?
            };
            turn.is_more |= turn.budget == 0 && !turn.is_unanswered;
            if payments.is_empty() && place.is_some() {
                return Ok(());
            }
            let is_last = payments.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
            let mut is = was.clone();
            for payment in payments {
                if turn.is_over() {
                    break;
                }
                self.visit_payment((store, visit, config), payment, &mut is, turn)
                    .await?;
            }
            if place.is_some() && is == was {
                return Ok(());
            }
            place = self.keep_place(place, is).await?;
            if place.is_none() || is_last || turn.is_over() {
                turn.is_more |= turn.budget == 0;
                return Ok(());
            }
        }
    }

    async fn visit_payment(
        &self,
        (store, visit, config): (&StoreRecord, i64, &CompareConfig),
        payment: Payment,
        place: &mut ComparisonRecord,
        turn: &mut Turn,
    ) -> Result<(), Fault> {
        let changed_at = payment
            .shown()
            .map_or(place.at, |attempt| attempt.status_changed_at);
        if visit == SETTLED {
            self.compare_settled(store, &payment, config).await?;
        } else if self.compare_paced(&payment, turn).await? == Asked::InVain {
            place.stuck += 1;
            if place.stuck < STUCK_MAX {
                return Ok(());
            }
            self.record_not_answered(&payment).await?;
        }
        place.stuck = 0;
        place.at = changed_at;
        payment.id.as_str().clone_into(&mut place.payment_id);
        Ok(())
    }

    /// Compares at the turn's pace.
    async fn compare_paced(&self, payment: &Payment, turn: &mut Turn) -> Result<Asked, Fault> {
        let (inquiries, asked) = match self.compare_loaded(payment).await? {
            Compared::Done { inquiries, .. } => (inquiries, Asked::Well),
            Compared::NotAnswered { inquiries } => {
                turn.is_unanswered = true;
                (inquiries, Asked::InVain)
            }
            // It is visited again when it has come to rest, since its status changes then; a
            // cancellation that fails changes none, and is seen on the next day's visit.
            Compared::UnderWay => (0, Asked::Well),
        };
        turn.budget = turn.budget.saturating_sub(inquiries);
        for _ in 0..inquiries {
            self.clock().sleep_ms(turn.pause_ms).await;
        }
        Ok(asked)
    }

    /// The payments after a place whose last change is old enough.
    async fn next_payments(
        &self,
        place: &ComparisonRecord,
        until: Timestamp,
    ) -> Result<Vec<Payment>, Fault> {
        let of_store = || {
            Query::of(&tables::PAYMENTS, BATCH)
                .and(Condition::Is("store_id", place.store_id.as_str().into()))
        };
        let same = of_store()
            .and(Condition::Is("status_changed_at", place.at.into()))
            .and(Condition::Above(
                "payment_id",
                place.payment_id.as_str().into(),
            ))
            .by("payment_id", Direction::Ascending);
        let mut found = if place.at <= until {
            self.store().list::<PaymentRecord>(same).await?
        } else {
            Vec::new()
        };
        if found.is_empty() {
            let later = of_store()
                .and(Condition::Above("status_changed_at", place.at.into()))
                .and(Condition::AtMost("status_changed_at", until.into()))
                .by("status_changed_at", Direction::Ascending);
            found = self.store().list::<PaymentRecord>(later).await?;
        }
        Ok(found.into_iter().map(|found| found.value.0).collect())
    }

    /// Keeps how far a walk has come; nothing if somebody else did.
    async fn keep_place(
        &self,
        before: Option<Versioned<ComparisonRecord>>,
        place: ComparisonRecord,
    ) -> Result<Option<Versioned<ComparisonRecord>>, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        let version = before.map_or(0, |before| before.version);
        let kept = Versioned {
            version,
            value: place,
        };
        if version == 0 {
            unit.insert(&kept.value)?;
        } else {
            unit.update(&kept)?;
        }
        match self.commit(unit).await {
            Ok(()) => Ok(Some(Versioned {
                version: version + 1,
                ..kept
            })),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks again at open differences: some end by themselves.
    async fn recheck_open(
        &self,
        stores: &[StoreId],
        config: &CompareConfig,
        turn: &mut Turn,
    ) -> Result<(), Fault> {
        for store_id in stores {
            let before = self.now().plus_seconds(-RECHECK_S);
            let query = Query::of(&tables::DIFFERENCES, BATCH)
                .and(Condition::Is("store_id", store_id.as_str().into()))
                .and(Condition::Is("state", DifferenceState::Open.name().into()))
                .and(Condition::AtMost("checked_at", before.into()))
                .by("checked_at", Direction::Ascending);
            for open in self.store().list::<DifferenceRecord>(query).await? {
                if turn.is_over() {
                    return Ok(());
                }
                self.recheck(open, config, turn).await?;
            }
        }
        Ok(())
    }

    async fn recheck(
        &self,
        open: Versioned<DifferenceRecord>,
        config: &CompareConfig,
        turn: &mut Turn,
    ) -> Result<(), Fault> {
        let of = &open.value;
        if let Some(payment) = self.load_payment(&of.store_id, &of.payment_id).await? {
            let payment = payment.value.0;
            if of.kind == DifferenceKind::NotSettled {
                if let Some(store) = self.store_record(&of.store_id).await? {
                    self.compare_settled(&store, &payment, config).await?;
                }
            } else {
                self.compare_paced(&payment, turn).await?;
            }
        }
        // Looked at, whatever came of it: where nothing was written, the next hour will do.
        let key = vec![of.store_id.as_str().into(), of.id().into()];
        let now = self.store().load::<DifferenceRecord>(key).await?;
        let Some(mut looked_at) = now.filter(|now| now.version == open.version) else {
            return Ok(());
        };
        looked_at.value.checked_at = self.now();
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&looked_at)?;
        match self.commit(unit).await {
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Whether the PGs of a payment could be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Well,
    InVain,
}
