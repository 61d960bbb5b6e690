//! A schedule as this face shows it, with the payment that it began.

use naru_domain::payment::Payment;
use naru_domain::schedule::{Schedule, ScheduleState};
use naru_domain::{Address, AttemptId, Timestamp};
use serde::Serialize;
use serde_json::Number;

use super::payment::{payment, status_of};
use crate::codes::pg;
use crate::money::major;

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScheduleStatus {
    Scheduled,
    Executed,
    Revoked,
}

impl ScheduleStatus {
    const ALL: [Self; 3] = [Self::Scheduled, Self::Executed, Self::Revoked];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == text)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Executed => "executed",
            Self::Revoked => "revoked",
        }
    }

    /// The statuses of V2 that it stands for.
    pub(crate) const fn of_v2(self) -> &'static [&'static str] {
        match self {
            Self::Scheduled => &["SCHEDULED"],
            Self::Executed => &["STARTED", "PENDING", "SUCCEEDED", "FAILED"],
            Self::Revoked => &["REVOKED"],
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct WireSchedule {
    customer_uid: String,
    merchant_uid: String,
    imp_uid: Option<String>,
    pg_provider: String,
    pg_id: String,
    customer_id: Option<String>,
    schedule_at: i64,
    executed_at: i64,
    revoked_at: i64,
    amount: Number,
    currency: String,
    name: String,
    buyer_name: Option<String>,
    buyer_email: Option<String>,
    buyer_tel: Option<String>,
    buyer_addr: Option<String>,
    buyer_postcode: Option<String>,
    custom_data: Option<String>,
    schedule_status: &'static str,
    payment_status: Option<&'static str>,
    fail_reason: Option<String>,
    promotion_id: Option<String>,
}

/// The attempt that a schedule began, and when.
pub(crate) const fn begun(schedule: &Schedule) -> Option<(AttemptId, Timestamp)> {
    match schedule.state {
        ScheduleState::Scheduled | ScheduleState::Revoked { .. } => None,
        ScheduleState::Started { at, attempt }
        | ScheduleState::Pending {
            started_at: at,
            attempt,
            ..
        }
        | ScheduleState::Succeeded {
            started_at: at,
            attempt,
            ..
        }
        | ScheduleState::Failed {
            started_at: at,
            attempt,
            ..
        } => Some((attempt, at)),
    }
}

/// A schedule. Its payment is looked at only once it began; while nobody knows what became of it,
/// it has no status.
pub(crate) fn schedule(schedule: &Schedule, of: Option<&Payment>) -> WireSchedule {
    let begun = begun(schedule);
    let attempt = begun.and_then(|(attempt, _)| of?.attempt(attempt));
    let shown = attempt.and_then(|attempt| Some((of?, attempt)));
    let is_over = matches!(
        schedule.state,
        ScheduleState::Succeeded { .. } | ScheduleState::Failed { .. }
    );
    let (status, revoked_at) = match (schedule.state, begun) {
        (ScheduleState::Revoked { at }, _) => (ScheduleStatus::Revoked, at.as_seconds()),
        (_, Some(_)) => (ScheduleStatus::Executed, 0),
        (_, None) => (ScheduleStatus::Scheduled, 0),
    };
    let channel = attempt.map_or(&schedule.channel, |attempt| &attempt.channel);
    let (order, buyer) = (&schedule.order, &schedule.order.customer);
    WireSchedule {
        customer_uid: schedule.billing_key.to_string(),
        merchant_uid: schedule.payment_id.to_string(),
        imp_uid: attempt.map(naru_domain::payment::Attempt::imp_uid),
        pg_provider: pg::name(&channel.pg_provider),
        pg_id: channel.pg_merchant_id.clone(),
        customer_id: buyer.id.clone(),
        schedule_at: schedule.time_to_pay.as_seconds(),
        executed_at: begun.map_or(0, |(_, at)| at.as_seconds()),
        revoked_at,
        amount: major(order.amount.total, &order.currency),
        currency: order.currency.as_str().to_owned(),
        name: order.name.clone(),
        buyer_name: buyer.name.clone(),
        buyer_email: buyer.email.clone(),
        buyer_tel: buyer.phone_number.clone(),
        buyer_addr: buyer.address.as_ref().map(Address::one_line),
        buyer_postcode: buyer.zipcode.clone(),
        custom_data: order.custom_data.clone(),
        schedule_status: status.name(),
        payment_status: shown
            .filter(|_| is_over)
            .map(|(of, attempt)| status_of(of, attempt).name()),
        fail_reason: shown.and_then(|(of, attempt)| payment(of, attempt).fail_reason),
        promotion_id: order.promotion_id.clone(),
    }
}
