//! The log of a payment's messages: what was sent, what became of it, and what was not sent and
//! why.
//!
//! What was not sent is told from the payment itself: nothing more is written on the money's path
//! than what goes out. So a reason is today's reading: an endpoint that has been set up since does
//! not make a message that was never written.

use naru_domain::payment::{Announcement, Attempt, AttemptState, CancellationState, Payment};
use naru_domain::{Face, PaymentId, StoreId, Timestamp};

use super::announce::names;
use crate::records::{ExecutionResult, WebhookRecord};
use crate::{Engine, Fault};

/// A message, sent or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageLine {
    /// When it was made, or would have been.
    pub at: Timestamp,
    /// What it says, such as `Transaction.Paid`.
    pub event: String,
    /// Where it went.
    pub url: Option<String>,
    /// How often it was sent.
    pub deliveries: usize,
    /// What the last delivery came to: a status, or why there was no answer.
    pub result: Option<String>,
    /// Why it was not sent, if it was not.
    pub not_sent: Option<&'static str>,
}

const OPEN_WINDOW: &str = "V1 tells nothing of a window that was opened";
const FAILED: &str = "V1 tells of a failure only where a schedule began the payment";
const NO_ENABLE: &str = "the cancellation came without `enable_webhook`";
const SKIPPED: &str = "the caller asked for none (`skipWebhook`)";
const NO_ADDRESS_V1: &str = "no address: neither `notice_url` nor an endpoint of version v1";
const NO_ADDRESS: &str = "no address: neither `noticeUrls` with an endpoint, nor an endpoint";

impl Engine {
    /// The log of a payment's messages, oldest first.
    pub async fn message_log(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Vec<MessageLine>, Fault> {
        let view = self.payment(store_id, payment_id).await?;
        let mut lines: Vec<_> = view.webhooks.iter().map(sent).collect();
        let is_there = |what: Announcement, at: Timestamp| {
            let about = |one: &&WebhookRecord| one.event == names(what).0;
            // Messages are made in the commit of what they tell.
            view.webhooks
                .iter()
                .filter(about)
                .any(|one| one.triggered_at.as_seconds().abs_diff(at.as_seconds()) <= 1)
        };
        for (what, at, why) in told_nowhere(&view.payment) {
            if !is_there(what, at) {
                lines.push(MessageLine {
                    at,
                    event: names(what).0.to_owned(),
                    url: None,
                    deliveries: 0,
                    result: None,
                    not_sent: Some(why),
                });
            }
        }
        lines.sort_by_key(|line| line.at);
        Ok(lines)
    }
}

fn sent(record: &WebhookRecord) -> MessageLine {
    let last = record.executions.last();
    MessageLine {
        at: record.triggered_at,
        event: record.event.clone(),
        url: Some(record.url.clone()),
        deliveries: record.executions.len(),
        result: last.map(|execution| match &execution.result {
            ExecutionResult::Answered(answer) => answer.code.to_string(),
            ExecutionResult::Failed(why) => why.clone(),
        }),
        not_sent: None,
    }
}

/// What happened to a payment that a message could have told, and why none would have.
fn told_nowhere(payment: &Payment) -> Vec<(Announcement, Timestamp, &'static str)> {
    let mut all = Vec::new();
    for attempt in &payment.attempts {
        let is_v1 = attempt.face() == Face::V1;
        if attempt.window.is_some() {
            let why = if is_v1 { OPEN_WINDOW } else { NO_ADDRESS };
            all.push((Announcement::Ready, attempt.requested_at, why));
        }
        all.extend(end(attempt, is_v1));
    }
    let face = payment.captured().map(|(attempt, _)| attempt.face());
    for cancellation in &payment.cancellations {
        if let CancellationState::Succeeded { at, .. } = &cancellation.state {
            let why = match (face, cancellation.skip_webhook) {
                (Some(Face::V1), true) => NO_ENABLE,
                (Some(Face::V1), false) => NO_ADDRESS_V1,
                (_, true) => SKIPPED,
                (_, false) => NO_ADDRESS,
            };
            all.push((Announcement::Cancelled(cancellation.id), *at, why));
        }
    }
    all
}

fn end(attempt: &Attempt, is_v1: bool) -> Option<(Announcement, Timestamp, &'static str)> {
    let no_address = if is_v1 { NO_ADDRESS_V1 } else { NO_ADDRESS };
    let at = attempt.status_changed_at;
    match &attempt.state {
        AttemptState::Captured { .. } if attempt.skip_webhook => {
            Some((Announcement::Paid, at, SKIPPED))
        }
        AttemptState::Captured { .. } => Some((Announcement::Paid, at, no_address)),
        AttemptState::WaitingForDeposit { .. } => {
            Some((Announcement::VirtualAccountIssued, at, no_address))
        }
        AttemptState::Failed { .. } if is_v1 && attempt.schedule.is_none() => {
            Some((Announcement::Failed, at, FAILED))
        }
        AttemptState::Failed { .. } => Some((Announcement::Failed, at, no_address)),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Reversing { .. }
        | AttemptState::Reversed { .. } => None,
    }
}
