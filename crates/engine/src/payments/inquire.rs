//! Asking the PG what became of something (P4, design 2a.2).

use naru_connector::{Inquire, Operation, Outcome, Transaction, TransactionState};
use naru_domain::payment::{AttemptOutcome, AttemptState, Failure, Issued};
use naru_domain::{Method, Timestamp};

use super::close::deposit_capture;
use super::report::{Subject, capture_of};
use crate::directory::OpenChannel;
use crate::{Engine, Fault};

/// Pause between the two inquiries that together make "no such transaction" final.
pub(crate) const SECOND_LOOK_MS: u64 = 200;

impl Engine {
    /// One inquiry by the order id, or by the PG's id where it is known.
    pub(crate) async fn inquire(
        &self,
        channel: &OpenChannel,
        inquire: Inquire,
    ) -> Result<Outcome, Fault> {
        let exchange = self.begin(channel, &Operation::Inquire(inquire))?;
        Ok(self.drive(exchange, None).await)
    }

    /// What became of an attempt; nothing if that is still unclear.
    pub(crate) async fn inquire_attempt(
        &self,
        channel: &OpenChannel,
        subject: &Subject<'_>,
    ) -> Result<Option<AttemptOutcome>, Fault> {
        if !self.asks_by_order(channel) {
            // Only windows go through such a channel.
            return self.net_cancel_attempt(channel, subject).await;
        }
        let ask = || Inquire::ByOrder {
            order_id: subject.attempt.order_id(),
        };
        let look = async || {
            let mut exchange = self.begin(channel, &Operation::Inquire(ask()))?;
            exchange.answer_by = subject.answer_by;
            Ok::<_, Fault>(self.drive(exchange, None).await)
        };
        match look().await? {
            Outcome::Found(transaction) => Ok(found(*transaction)),
            Outcome::NotFound => {
                let found_payment = self
                    .load_payment(subject.store_id, subject.payment_id)
                    .await?;
                let send_by = found_payment
                    .and_then(|found| {
                        found
                            .value
                            .0
                            .attempt(subject.attempt)
                            .map(|attempt| attempt.send_by)
                    })
                    .unwrap_or_default();
                if !self.is_final(channel, send_by).await? {
                    return Ok(None);
                }
                self.clock().sleep_ms(SECOND_LOOK_MS).await;
                Ok(match look().await? {
                    Outcome::Found(transaction) => found(*transaction),
                    Outcome::NotFound => Some(AttemptOutcome::NeverSeen),
                    Outcome::Approved(_)
                    | Outcome::AccountIssued(_)
                    | Outcome::KeyIssued(_)
                    | Outcome::Identity(_)
                    | Outcome::KeyDeleted { .. }
                    | Outcome::Acted(_)
                    | Outcome::Receipt(_)
                    | Outcome::Refunded(_)
                    | Outcome::AccountClosed { .. }
                    | Outcome::Declined(_)
                    | Outcome::Unknown(_)
                    | Outcome::NotSent { .. } => None,
                })
            }
            Outcome::Approved(_)
            | Outcome::AccountIssued(_)
            | Outcome::KeyIssued(_)
            | Outcome::Identity(_)
            | Outcome::KeyDeleted { .. }
            | Outcome::Acted(_)
            | Outcome::Receipt(_)
            | Outcome::Refunded(_)
            | Outcome::AccountClosed { .. }
            | Outcome::Declined(_)
            | Outcome::Unknown(_)
            | Outcome::NotSent { .. } => Ok(None),
        }
    }

    /// Whether "no such transaction", or "nothing was refunded", may be believed by now.
    pub(crate) async fn is_final(
        &self,
        channel: &OpenChannel,
        send_by: Timestamp,
    ) -> Result<bool, Fault> {
        // The store's clock: nodes that share a database agree on it.
        let now = self.store().now().await?;
        Ok(now > send_by.plus_millis(self.settle_ms(channel)))
    }
}

/// What a transaction in the PG's books means for an attempt whose answer was lost.
fn found(transaction: Transaction) -> Option<AttemptOutcome> {
    let Transaction {
        state,
        approval,
        deposit,
        ..
    } = transaction;
    match state {
        TransactionState::Approved => {
            let capture = match deposit {
                Some(deposit) => deposit_capture(approval, deposit),
                None => capture_of(approval),
            };
            Some(AttemptOutcome::Approved(Box::new(capture)))
        }
        TransactionState::Waiting => match approval.method {
            Method::VirtualAccount(account) => {
                Some(AttemptOutcome::AccountIssued(Box::new(Issued {
                    pg_tx_id: approval.pg_tx_id,
                    at: approval.at,
                    account,
                    escrow: approval.escrow,
                    pg_response: approval.raw,
                })))
            }
            Method::Card(_)
            | Method::Transfer(_)
            | Method::Mobile(_)
            | Method::GiftCertificate(_)
            | Method::EasyPay(_) => None,
        },
        TransactionState::Cancelled => Some(AttemptOutcome::Declined(Failure::own(
            "NARU_CANCELLED_AT_PG",
            "the payment gateway had cancelled the payment by the time it was asked",
        ))),
        TransactionState::Declined => Some(AttemptOutcome::Declined(Failure::own(
            "NARU_DECLINED",
            "the payment gateway declined the payment; its code was lost with its answer",
        ))),
    }
}

/// The PG's id of an attempt, once there is one.
pub(crate) fn pg_tx_id(state: &AttemptState) -> Option<&str> {
    match state {
        AttemptState::WaitingForDeposit { issued, .. }
        | AttemptState::Failed {
            issued: Some(issued),
            ..
        }
        | AttemptState::Reversing {
            issued: Some(issued),
            ..
        } => Some(&issued.pg_tx_id),
        AttemptState::Captured { capture }
        | AttemptState::Reversing {
            capture: Some(capture),
            ..
        }
        | AttemptState::Reversed {
            capture: Some(capture),
            ..
        } => Some(&capture.pg_tx_id),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::Failed { issued: None, .. }
        | AttemptState::Reversing {
            capture: None,
            issued: None,
            ..
        }
        | AttemptState::Reversed { capture: None, .. } => None,
    }
}
