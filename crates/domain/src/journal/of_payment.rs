//! What the journal must hold of a payment.

use super::posting::Moved;
use super::{BookAccount, Posting, PostingKind};
use crate::payment::{Attempt, AttemptState, Cancellation, CancellationState, Capture, Payment};
use crate::{Currency, Timestamp};

/// Every posting of a payment as it stands: of each attempt in turn, then of its cancellations.
///
/// Money that no attempt holds is not among them: a second deposit, or one of another amount than
/// was asked for, is a discrepancy (P3) and nobody has decided yet whose it is.
pub fn postings(payment: &Payment) -> Vec<Posting> {
    let mut all = Vec::new();
    for attempt in &payment.attempts {
        of_attempt(attempt, &mut all);
    }
    if let Some((attempt, _)) = payment.captured() {
        for cancellation in &payment.cancellations {
            of_cancellation(attempt, cancellation, &mut all);
        }
    }
    all
}

/// The postings that a change adds: those of the payment as it is now whose ids are not among
/// those of before.
pub fn new_postings(posted: &[String], payment: &Payment) -> Vec<Posting> {
    let mut all = postings(payment);
    all.retain(|posting| !posted.contains(&posting.id()));
    all
}

fn of_attempt(attempt: &Attempt, all: &mut Vec<Posting>) {
    match &attempt.state {
        AttemptState::Captured { capture } => of_capture(attempt, capture, all),
        AttemptState::Reversing {
            capture: Some(capture),
            ..
        } => all.extend(undue(attempt, capture)),
        AttemptState::Reversed {
            capture: Some(capture),
            at,
            ..
        } => {
            all.extend(undue(attempt, capture));
            all.extend(reversal(attempt, capture, *at));
        }
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { capture: None, .. }
        | AttemptState::Reversed { capture: None, .. } => {}
    }
}

fn of_capture(attempt: &Attempt, capture: &Capture, all: &mut Vec<Posting>) {
    let about = attempt.id.to_string();
    let moved = |kind| Moved {
        kind,
        about: &about,
        currency: &attempt.order.currency,
        at: capture.paid_at,
    };
    let receivable = BookAccount::receivable_of(&attempt.channel);
    all.extend(
        moved(PostingKind::Capture).posting((receivable, BookAccount::sales()), capture.amount),
    );
    if let Some(promotion) = &attempt.promotion {
        let accounts = (BookAccount::promotion(&promotion.id), BookAccount::sales());
        all.extend(moved(PostingKind::Discount).posting(accounts, promotion.discount));
    }
}

fn undue(attempt: &Attempt, capture: &Capture) -> Option<Posting> {
    let moved = Moved {
        kind: PostingKind::Undue,
        about: &attempt.id.to_string(),
        currency: taken_in(attempt, capture),
        at: capture.paid_at,
    };
    let receivable = BookAccount::receivable_of(&attempt.channel);
    moved.posting((receivable, BookAccount::reversals()), capture.amount)
}

/// `failed_at` is when the attempt counts as failed: money may come later than that.
fn reversal(attempt: &Attempt, capture: &Capture, failed_at: Timestamp) -> Option<Posting> {
    let moved = Moved {
        kind: PostingKind::Reversal,
        about: &attempt.id.to_string(),
        currency: taken_in(attempt, capture),
        at: failed_at.max(capture.paid_at),
    };
    let receivable = BookAccount::receivable_of(&attempt.channel);
    moved.posting((BookAccount::reversals(), receivable), capture.amount)
}

/// What has to go back may have been taken in another currency than was asked for.
fn taken_in<'a>(attempt: &'a Attempt, capture: &'a Capture) -> &'a Currency {
    capture.currency.as_ref().unwrap_or(&attempt.order.currency)
}

fn of_cancellation(attempt: &Attempt, cancellation: &Cancellation, all: &mut Vec<Posting>) {
    let at = match &cancellation.state {
        CancellationState::Succeeded { at, .. } => *at,
        CancellationState::Sending
        | CancellationState::Requested
        | CancellationState::Failed { .. } => return,
    };
    let about = cancellation.id.to_string();
    let moved = |kind| Moved {
        kind,
        about: &about,
        currency: &attempt.order.currency,
        at,
    };
    let money = cancellation.money().total;
    let receivable = BookAccount::receivable_of(&attempt.channel);
    all.extend(moved(PostingKind::Cancellation).posting((BookAccount::sales(), receivable), money));
    if let Some(promotion) = &attempt.promotion {
        // What was cancelled and did not move was discount. Where what remains gets a greater
        // discount than the whole had, more moves than was cancelled.
        let discount = cancellation.amount.total.saturating_sub(money);
        let accounts = (BookAccount::sales(), BookAccount::promotion(&promotion.id));
        all.extend(moved(PostingKind::DiscountBack).posting(accounts, discount));
    }
}
