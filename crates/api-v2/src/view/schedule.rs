//! Schedules, one wire type for each status.

use naru_domain::schedule::ScheduleState;
use naru_domain::{ScheduleId, Timestamp};
use naru_engine::Fault;
use naru_engine::schedules::ScheduleView;
use naru_wire_v2 as wire;

use super::attempt::product;
use super::customer::customer;
use super::known;

macro_rules! fill {
    ($wire:ident, $from:ident, { $($field:ident: $value:expr),* $(,)? }) => {
        wire::$wire {
            billing_key: $from.billing_key.to_string(),
            created_at: $from.created_at.to_string(),
            currency: known("currency", wire::Currency::parse($from.order.currency.as_str()))?,
            // Required: an empty text rather than none.
            custom_data: $from.order.custom_data.clone().unwrap_or_default(),
            customer: customer(&$from.order.customer),
            id: $from.id.to_string(),
            installment_month: months($from.installment_months),
            is_cultural_expense: $from.order.is_cultural_expense,
            is_escrow: $from.order.is_escrow,
            merchant_id: $from.merchant_id.to_string(),
            notice_urls: some($from.order.notice_urls.clone()),
            order_name: $from.order.name.clone(),
            payment_id: $from.payment_id.to_string(),
            products: some($from.order.products.iter().map(product).collect()),
            store_id: $from.store_id.to_string(),
            tax_free_amount: Some($from.order.amount.tax_free),
            time_to_pay: $from.time_to_pay.to_string(),
            total_amount: $from.order.amount.total,
            vat_amount: Some($from.order.amount.vat),
            $($field: $value.to_string()),*
        }
    };
}

/// A schedule.
pub(crate) fn schedule(schedule: &ScheduleView) -> Result<wire::PaymentSchedule, Fault> {
    Ok(match schedule.state {
        ScheduleState::Scheduled => {
            wire::PaymentSchedule::Scheduled(fill!(ScheduledPaymentSchedule, schedule, {}))
        }
        ScheduleState::Started { at, .. } => {
            wire::PaymentSchedule::Started(fill!(StartedPaymentSchedule, schedule, {
                started_at: at,
            }))
        }
        ScheduleState::Pending { started_at, at, .. } => {
            wire::PaymentSchedule::Pending(fill!(PendingPaymentSchedule, schedule, {
                started_at: started_at, completed_at: at,
            }))
        }
        ScheduleState::Succeeded { started_at, at, .. } => {
            wire::PaymentSchedule::Succeeded(fill!(SucceededPaymentSchedule, schedule, {
                started_at: started_at, completed_at: at,
            }))
        }
        ScheduleState::Failed { started_at, at, .. } => {
            wire::PaymentSchedule::Failed(fill!(FailedPaymentSchedule, schedule, {
                started_at: started_at, completed_at: at,
            }))
        }
        ScheduleState::Revoked { at } => {
            wire::PaymentSchedule::Revoked(fill!(RevokedPaymentSchedule, schedule, {
                revoked_at: at,
            }))
        }
    })
}

/// What was revoked, and when.
pub(crate) fn revoked(
    ids: &[ScheduleId],
    at: Option<Timestamp>,
) -> wire::RevokePaymentSchedulesResponse {
    wire::RevokePaymentSchedulesResponse {
        revoked_at: at.map(|at| at.to_string()),
        revoked_schedule_ids: ids.iter().map(ToString::to_string).collect(),
    }
}

/// A lump sum has no months.
fn months(months: u16) -> Option<i32> {
    (months > 0).then(|| months.into())
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    Some(list).filter(|list| !list.is_empty())
}
