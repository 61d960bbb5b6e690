//! The schedule aggregate: a charge of a billing key that Naru begins by itself at a time.
//!
//! It never decides about money: its payment does. A schedule has at most one attempt, and follows
//! it in the same commit, so the two never tell different stories. Small enough to have methods
//! instead of commands; the rules are the same: methods refuse, events are facts.

use serde::{Deserialize, Serialize};

use crate::payment::{Attempt, AttemptState, OrderDetails, Origin};
use crate::{
    AttemptId, BillingKeyId, ChannelKey, ChannelSnapshot, Face, MerchantId, PaymentId, ScheduleId,
    StoreId, Timestamp,
};

/// How far in the past the time to pay may lie: the caller's clock, and its way to us.
const PAST_MAX_MS: i64 = 60_000;

/// A schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// Its merchant.
    pub merchant_id: MerchantId,
    /// Its store.
    pub store_id: StoreId,
    /// Its id.
    pub id: ScheduleId,
    /// The payment that it will begin.
    pub payment_id: PaymentId,
    /// The billing key that it will charge.
    pub billing_key: BillingKeyId,
    /// A channel that held the key when it was made. Which one is charged is decided when it is
    /// due.
    pub channel: ChannelSnapshot,
    /// The one of the key's channels that the merchant named.
    pub wanted_channel: Option<ChannelKey>,
    /// Months; 0 or 1 is a lump sum.
    pub installment_months: u16,
    /// Whether the merchant bears the interest.
    pub is_interest_free: bool,
    /// Whether to use card points.
    pub use_card_point: bool,
    /// What is bought.
    pub order: OrderDetails,
    /// Where the request came from.
    pub origin: Origin,
    /// On which face it was made: its payment is made on the same.
    #[serde(default, skip_serializing_if = "Face::is_v2")]
    pub face: Face,
    /// When it is due.
    pub time_to_pay: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Where it stands.
    pub state: ScheduleState,
    /// How many events made it.
    pub event_count: i64,
}

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state")]
pub enum ScheduleState {
    /// It waits for its time.
    Scheduled,
    /// Its attempt's intent is on disk.
    Started {
        /// Since when.
        at: Timestamp,
        /// The attempt.
        attempt: AttemptId,
    },
    /// Its attempt's answer was unclear; the resolver finds out.
    Pending {
        /// When it had started.
        started_at: Timestamp,
        /// Since when.
        at: Timestamp,
        /// The attempt.
        attempt: AttemptId,
    },
    /// Paid.
    Succeeded {
        /// When it had started.
        started_at: Timestamp,
        /// Since when.
        at: Timestamp,
        /// The attempt.
        attempt: AttemptId,
    },
    /// Not paid; the payment says why.
    Failed {
        /// When it had started.
        started_at: Timestamp,
        /// Since when.
        at: Timestamp,
        /// The attempt.
        attempt: AttemptId,
    },
    /// The merchant took it back.
    Revoked {
        /// When.
        at: Timestamp,
    },
}

/// What happened to a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum ScheduleEvent {
    /// It was made.
    Scheduled {
        /// The schedule as it begins.
        schedule: Box<Schedule>,
    },
    /// Its attempt began.
    Started {
        /// The attempt.
        attempt: AttemptId,
        /// When.
        at: Timestamp,
    },
    /// Its attempt's answer was unclear.
    Pending {
        /// When.
        at: Timestamp,
    },
    /// Its attempt took the money.
    Succeeded {
        /// When.
        at: Timestamp,
    },
    /// Its attempt failed.
    Failed {
        /// When.
        at: Timestamp,
    },
    /// The merchant took it back.
    Revoked {
        /// When.
        at: Timestamp,
    },
    /// The merchant chose another time.
    Moved {
        /// When it is due.
        time_to_pay: Timestamp,
        /// When it was moved.
        at: Timestamp,
    },
}

/// Why something about a schedule is refused, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleRefusal {
    /// Its time to pay lies in the past.
    TimeToPayIsPast,
    /// It was revoked.
    AlreadyRevoked,
    /// It has started, or come to an end.
    AlreadyProcessed,
    /// It was moved meanwhile, and is not due.
    NotDue,
}

impl ScheduleEvent {
    /// Its name in the store.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Scheduled { .. } => "ScheduleMade",
            Self::Started { .. } => "ScheduleStarted",
            Self::Pending { .. } => "SchedulePending",
            Self::Succeeded { .. } => "ScheduleSucceeded",
            Self::Failed { .. } => "ScheduleFailed",
            Self::Revoked { .. } => "ScheduleRevoked",
            Self::Moved { .. } => "ScheduleMoved",
        }
    }
}

impl ScheduleState {
    /// The name on the V2 wire and in the store.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Scheduled => "SCHEDULED",
            Self::Started { .. } => "STARTED",
            Self::Pending { .. } => "PENDING",
            Self::Succeeded { .. } => "SUCCEEDED",
            Self::Failed { .. } => "FAILED",
            Self::Revoked { .. } => "REVOKED",
        }
    }

    /// The names of those that have not come to an end: the billing key is still needed.
    pub const LIVE: [&str; 3] = ["SCHEDULED", "STARTED", "PENDING"];
}

/// Whether a schedule may be made now that is due then.
pub fn may_be_due(time_to_pay: Timestamp, now: Timestamp) -> Result<(), ScheduleRefusal> {
    if time_to_pay < now.plus_millis(-PAST_MAX_MS) {
        return Err(ScheduleRefusal::TimeToPayIsPast);
    }
    Ok(())
}

impl Schedule {
    /// Makes a schedule of what was asked for. `created_at` is now.
    pub fn make(self) -> Result<Vec<ScheduleEvent>, ScheduleRefusal> {
        may_be_due(self.time_to_pay, self.created_at)?;
        Ok(vec![ScheduleEvent::Scheduled {
            schedule: Box::new(self),
        }])
    }

    /// Takes it back.
    pub fn revoke(&self, at: Timestamp) -> Result<Vec<ScheduleEvent>, ScheduleRefusal> {
        match self.state {
            ScheduleState::Scheduled => Ok(vec![ScheduleEvent::Revoked { at }]),
            ScheduleState::Revoked { .. } => Err(ScheduleRefusal::AlreadyRevoked),
            ScheduleState::Started { .. }
            | ScheduleState::Pending { .. }
            | ScheduleState::Succeeded { .. }
            | ScheduleState::Failed { .. } => Err(ScheduleRefusal::AlreadyProcessed),
        }
    }

    /// Chooses another time.
    pub fn move_to(
        &self,
        time_to_pay: Timestamp,
        at: Timestamp,
    ) -> Result<Vec<ScheduleEvent>, ScheduleRefusal> {
        // What can't be revoked can't be moved.
        self.revoke(at)?;
        may_be_due(time_to_pay, at)?;
        Ok(vec![ScheduleEvent::Moved { time_to_pay, at }])
    }

    /// Whether it is not due at a moment, with room for clocks that differ.
    pub fn is_early(&self, at: Timestamp) -> bool {
        at < self.time_to_pay.plus_millis(-PAST_MAX_MS)
    }

    /// Follows its attempt. Refused where the attempt may not be its own: then the attempt must
    /// not begin.
    pub fn follow(
        &self,
        attempt: &Attempt,
        at: Timestamp,
    ) -> Result<Vec<ScheduleEvent>, ScheduleRefusal> {
        let started = ScheduleEvent::Started {
            attempt: attempt.id,
            at,
        };
        match self.state {
            ScheduleState::Revoked { .. } => Err(ScheduleRefusal::AlreadyRevoked),
            // A worker that read it before it was moved must not begin it.
            ScheduleState::Scheduled if self.is_early(at) => Err(ScheduleRefusal::NotDue),
            ScheduleState::Scheduled => {
                Ok([started].into_iter().chain(ending(attempt, at)).collect())
            }
            ScheduleState::Started { attempt: own, .. } if own == attempt.id => {
                Ok(ending(attempt, at).into_iter().collect())
            }
            // The one before it was surely never seen: it hands its schedule on.
            ScheduleState::Started {
                at: began,
                attempt: own,
            } if attempt.takes_over_from == Some(own) => {
                let handed_on = ScheduleEvent::Started {
                    attempt: attempt.id,
                    at: began,
                };
                Ok([handed_on].into_iter().chain(ending(attempt, at)).collect())
            }
            ScheduleState::Pending { attempt: own, .. } if own == attempt.id => {
                let ending = ending(attempt, at);
                let is_news =
                    |event: &ScheduleEvent| !matches!(event, ScheduleEvent::Pending { .. });
                Ok(ending.into_iter().filter(is_news).collect())
            }
            // Whatever becomes of the attempt later, it has ended as it did.
            ScheduleState::Succeeded { attempt: own, .. }
            | ScheduleState::Failed { attempt: own, .. }
                if own == attempt.id =>
            {
                Ok(Vec::new())
            }
            ScheduleState::Started { .. }
            | ScheduleState::Pending { .. }
            | ScheduleState::Succeeded { .. }
            | ScheduleState::Failed { .. } => Err(ScheduleRefusal::AlreadyProcessed),
        }
    }
}

/// What the state of its attempt means for a schedule that has started.
fn ending(attempt: &Attempt, at: Timestamp) -> Option<ScheduleEvent> {
    match attempt.state {
        AttemptState::Ready | AttemptState::AwaitingConfirm { .. } | AttemptState::Sending => None,
        AttemptState::Unknown { .. } | AttemptState::WaitingForDeposit { .. } => {
            Some(ScheduleEvent::Pending { at })
        }
        AttemptState::Captured { .. } => Some(ScheduleEvent::Succeeded { at }),
        AttemptState::Failed { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => Some(ScheduleEvent::Failed { at }),
    }
}

/// Folds an event into a schedule. Total: an event is a fact.
pub fn apply(schedule: Option<Schedule>, event: &ScheduleEvent) -> Option<Schedule> {
    let mut schedule = match (schedule, event) {
        (Some(schedule), _) => schedule,
        (None, ScheduleEvent::Scheduled { schedule }) => Schedule::clone(schedule),
        (None, _) => return None,
    };
    schedule.event_count += 1;
    let begun = match schedule.state {
        ScheduleState::Started { at, attempt } => Some((at, attempt)),
        ScheduleState::Pending {
            started_at,
            attempt,
            ..
        } => Some((started_at, attempt)),
        ScheduleState::Scheduled
        | ScheduleState::Succeeded { .. }
        | ScheduleState::Failed { .. }
        | ScheduleState::Revoked { .. } => None,
    };
    match (event, begun) {
        (ScheduleEvent::Started { attempt, at }, _) => {
            schedule.state = ScheduleState::Started {
                at: *at,
                attempt: *attempt,
            };
        }
        (ScheduleEvent::Revoked { at }, _) => schedule.state = ScheduleState::Revoked { at: *at },
        (ScheduleEvent::Moved { time_to_pay, .. }, _) => schedule.time_to_pay = *time_to_pay,
        (ScheduleEvent::Pending { at }, Some((started_at, attempt))) => {
            schedule.state = ScheduleState::Pending {
                started_at,
                at: *at,
                attempt,
            };
        }
        (ScheduleEvent::Succeeded { at }, Some((started_at, attempt))) => {
            schedule.state = ScheduleState::Succeeded {
                started_at,
                at: *at,
                attempt,
            };
        }
        (ScheduleEvent::Failed { at }, Some((started_at, attempt))) => {
            schedule.state = ScheduleState::Failed {
                started_at,
                at: *at,
                attempt,
            };
        }
        (
            ScheduleEvent::Scheduled { .. }
            | ScheduleEvent::Pending { .. }
            | ScheduleEvent::Succeeded { .. }
            | ScheduleEvent::Failed { .. },
            _,
        ) => {}
    }
    Some(schedule)
}
