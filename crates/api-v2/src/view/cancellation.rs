//! Cancellations.

use naru_domain::payment::{Cancellation, CancellationState};
use naru_wire_v2::{
    FailedPaymentCancellation, PaymentCancellation, RequestedPaymentCancellation,
    SucceededPaymentCancellation, Trigger,
};

use super::whole_seconds;

macro_rules! fill {
    ($wire:ident, $from:ident, { $($field:ident: $value:expr),* $(,)? }) => {
        $wire {
            easy_pay_discount_amount: None,
            id: $from.id.to_string(),
            reason: $from.reason.clone(),
            requested_at: $from.requested_at.to_string(),
            tax_free_amount: $from.amount.tax_free,
            total_amount: $from.amount.total,
            trigger: Some(Trigger::Api),
            vat_amount: $from.amount.vat,
            $($field: $value),*
        }
    };
}

/// A cancellation. One whose outcome is not known yet is REQUESTED.
pub(crate) fn cancellation(from: &Cancellation) -> PaymentCancellation {
    match &from.state {
        CancellationState::Sending | CancellationState::Requested => {
            PaymentCancellation::Requested(fill!(RequestedPaymentCancellation, from, {
                cancelled_at: None,
                pg_cancellation_id: None,
            }))
        }
        CancellationState::Succeeded {
            pg_cancellation_id,
            at,
        } => PaymentCancellation::Succeeded(fill!(SucceededPaymentCancellation, from, {
            cancelled_at: Some(whole_seconds(*at)),
            pg_cancellation_id: pg_cancellation_id.clone(),
            receipt_url: None,
        })),
        CancellationState::Failed { .. } => {
            PaymentCancellation::Failed(fill!(FailedPaymentCancellation, from, {
                cancelled_at: None,
                pg_cancellation_id: None,
            }))
        }
    }
}
