//! What a payment that was just made answers.

use naru_domain::PaymentId;
use naru_domain::payment::{AttemptState, Payment};
use naru_engine::{Answer, Fault};

use crate::call::Call;
use crate::envelope::Reply;
use crate::refused::Refused;
use crate::view;

/// The payment as it stands.
pub(super) async fn shown(call: &Call, id: &PaymentId) -> Result<Reply, Refused> {
    let payment = call.engine.payment_alone(call.store_id(), id).await?;
    Reply::of(&view::shown(&payment)?)
}

/// A charge of a billing key: one that the PG declined is a payment that failed, and is shown. An
/// outcome that nobody knows yet is no payment to show: whoever believes it made would not look
/// again.
pub(super) async fn charged(
    call: &Call,
    id: &PaymentId,
    done: Result<Answer, Fault>,
) -> Result<Reply, Refused> {
    charged_or(call, id, done, Refused::from).await
}

/// The same, where a fault has words of its own.
pub(super) async fn charged_or(
    call: &Call,
    id: &PaymentId,
    done: Result<Answer, Fault>,
    refused: fn(Fault) -> Refused,
) -> Result<Reply, Refused> {
    let Err(fault) = done else {
        return shown(call, id).await;
    };
    if let Fault::PgProvider { pg_code, .. } = &fault
        && let Ok(payment) = call.engine.payment_alone(call.store_id(), id).await
        && has_failed(&payment, pg_code)
    {
        return Reply::of(&view::shown(&payment)?);
    }
    Err(refused(fault))
}

fn has_failed(payment: &Payment, pg_code: &str) -> bool {
    let state = payment.attempts.last().map(|attempt| &attempt.state);
    matches!(state, Some(AttemptState::Failed { failure, .. }) if failure.pg_code == pg_code)
}
