//! The log of a payment's messages: what was sent, what became of it, and what was not sent and
//! why.
//!
//! What was not sent is told from the payment itself: nothing more is written on the money's path
//! than what goes out. So a reason is today's reading: an endpoint that has been set up since does
//! not make a message that was never written.

use std::collections::BTreeSet;

use naru_domain::billing_key::{BillingKey, BillingKeyState};
use naru_domain::payment::{
    Announcement, Attempt, AttemptState, Cancellation, CancellationState, Payment,
};
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
const FAILED_ISSUE: &str = "V1 tells nothing of an issue that failed";
const NO_ENABLE: &str = "the cancellation came without `enable_webhook`";
const SKIPPED: &str = "the caller asked for none (`skipWebhook`)";
const DISPUTE: &str = "V1 tells nothing of disputes";
const NO_ADDRESS_V1: &str = "no address: neither `notice_url` nor an endpoint of version v1";
const NO_ADDRESS: &str = "no address: neither `noticeUrls` with an endpoint, nor an endpoint";

impl Engine {
    /// The log of a payment's messages, oldest first; with those about issues of billing keys that
    /// have the same `merchant_uid` on the V1 face, which are payments there.
    pub async fn message_log(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
    ) -> Result<Vec<MessageLine>, Fault> {
        let issues = self.issues_of_merchant_uid(store_id, payment_id.as_str());
        let issues = issues.await?;
        let mut lines = match self.payment(store_id, payment_id).await {
            Ok(view) => all_of(&view.webhooks, happenings(&view.payment)),
            Err(Fault::PaymentNotFound) if !issues.is_empty() => Vec::new(),
            Err(fault) => return Err(fault),
        };
        for issue in &issues {
            let messages = self.webhooks_of(store_id, issue.id.as_str()).await?;
            lines.extend(all_of(&messages, of_issue(issue)));
        }
        lines.sort_by_key(|line| line.at);
        Ok(lines)
    }
}

fn all_of(messages: &[WebhookRecord], happened: Vec<Happening>) -> Vec<MessageLine> {
    let mut lines: Vec<_> = messages.iter().map(sent).collect();
    lines.extend(not_sent(happened, messages));
    lines
}

/// What happened to an issue in a window of V1.
fn of_issue(issue: &BillingKey) -> Vec<Happening> {
    let Some(named) = issue.named_issue() else {
        return Vec::new();
    };
    let happening = |event, at, why| Happening {
        event,
        at,
        why,
        marks: vec![named.imp_uid.to_string()],
    };
    let end = match issue.state {
        BillingKeyState::Ready
        | BillingKeyState::AwaitingConfirm { .. }
        | BillingKeyState::Issuing => None,
        BillingKeyState::Issued { at } | BillingKeyState::Deleted { issued_at: at, .. } => {
            Some(happening("BillingKey.Issued", at, NO_ADDRESS_V1))
        }
        BillingKeyState::Failed { at } => Some(happening("BillingKey.Failed", at, FAILED_ISSUE)),
    };
    let ready = happening("BillingKey.Ready", issue.requested_at, OPEN_WINDOW);
    [Some(ready), end].into_iter().flatten().collect()
}

/// Something that a message could have told.
struct Happening {
    event: &'static str,
    at: Timestamp,
    /// Why no message would have told it.
    why: &'static str,
    /// What a message about it, and no other, has in its body. By time they can't be told apart:
    /// it is the PG's, or what an operator says.
    marks: Vec<String>,
}

/// What happened and no message tells. Messages without a mark (of disputes, and of refunds in
/// version 2024-01-01) are taken to be of the latest that happened.
fn not_sent(mut happened: Vec<Happening>, messages: &[WebhookRecord]) -> Vec<MessageLine> {
    happened.sort_by_key(|one| one.at);
    let names: BTreeSet<_> = happened.iter().map(|one| one.event).collect();
    let mut lines = Vec::new();
    for event in names {
        let (all, of_event): (Vec<&Happening>, Vec<&WebhookRecord>) = (
            happened.iter().filter(|one| one.event == event).collect(),
            messages.iter().filter(|one| one.event == event).collect(),
        );
        let is_of = |message: &WebhookRecord, one: &Happening| {
            one.marks.iter().any(|mark| message.body.contains(mark))
        };
        let unmarked = of_event
            .iter()
            .filter(|message| !all.iter().any(|one| is_of(message, one)));
        // One happening has a message for each address.
        let moments: BTreeSet<_> = unmarked.map(|message| message.triggered_at).collect();
        let mut untold: Vec<_> = all
            .iter()
            .filter(|one| !of_event.iter().any(|message| is_of(message, one)))
            .collect();
        untold.truncate(untold.len().saturating_sub(moments.len()));
        lines.extend(untold.into_iter().map(|one| MessageLine {
            at: one.at,
            event: event.to_owned(),
            url: None,
            deliveries: 0,
            result: None,
            not_sent: Some(one.why),
        }));
    }
    lines
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
fn happenings(payment: &Payment) -> Vec<Happening> {
    let mut all = Vec::new();
    for attempt in &payment.attempts {
        let is_v1 = attempt.face() == Face::V1;
        let of_attempt = |(what, at, why)| Happening {
            event: names(what).0,
            at,
            why,
            marks: vec![
                attempt.transaction_id(),
                attempt.id.to_string(),
                attempt.imp_uid(),
            ],
        };
        if attempt.window.is_some() {
            let why = if is_v1 { OPEN_WINDOW } else { NO_ADDRESS };
            all.push(of_attempt((Announcement::Ready, attempt.requested_at, why)));
        }
        all.extend(end(attempt, is_v1).map(of_attempt));
    }
    if let Some((attempt, capture)) = payment.captured() {
        let is_v1 = attempt.face() == Face::V1;
        all.extend(refunds(payment, capture.amount, is_v1));
        all.extend(disputes(payment, is_v1));
    }
    all
}

fn refunds(payment: &Payment, captured: i64, is_v1: bool) -> Vec<Happening> {
    let succeeded = payment.cancellations.iter().filter_map(|one| {
        let CancellationState::Succeeded { at, .. } = &one.state else {
            return None;
        };
        Some((*at, one))
    });
    let mut succeeded: Vec<_> = succeeded.collect();
    succeeded.sort_by_key(|(at, _)| *at);
    let mut left = captured;
    let happening = |(at, one): (Timestamp, &Cancellation)| {
        left = left.saturating_sub(one.money().total);
        let what = if left > 0 {
            Announcement::PartialCancelled(one.id)
        } else {
            Announcement::Cancelled(one.id)
        };
        Happening {
            event: names(what).0,
            at,
            why: match (is_v1, one.skip_webhook) {
                (true, true) => NO_ENABLE,
                (true, false) => NO_ADDRESS_V1,
                (false, true) => SKIPPED,
                (false, false) => NO_ADDRESS,
            },
            marks: vec![one.id.to_string()],
        }
    };
    succeeded.into_iter().map(happening).collect()
}

fn disputes(payment: &Payment, is_v1: bool) -> Vec<Happening> {
    let happening = |what, at| Happening {
        event: names(what).0,
        at,
        why: if is_v1 { DISPUTE } else { NO_ADDRESS },
        marks: Vec::new(),
    };
    let disputes = payment.disputes.iter();
    let both = disputes.flat_map(|one| {
        let resolved = one.resolved_at;
        [
            Some(happening(Announcement::DisputeCreated, one.created_at)),
            resolved.map(|at| happening(Announcement::DisputeResolved, at)),
        ]
    });
    both.flatten().collect()
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
