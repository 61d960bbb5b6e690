//! What a payment keeps of a promotion, and what a cancellation of it gives back.
//!
//! An order has two prices: what the merchant asked for (order terms) and what was charged after
//! the discount (money). Cancellations are asked for in order terms; the PG moves money.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Attempt, AttemptState, Cancellation, CancellationState, Payment, Refusal};
use crate::promotion::{DiscountPolicy, share};
use crate::{Amount, Method, PromotionId};

/// A promotion as it was applied to an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppliedPromotion {
    /// Which promotion.
    pub id: PromotionId,
    /// What was taken off; more than nothing and less than the order.
    pub discount: i64,
    /// The policy at that time, for what remains after a cancellation.
    pub policy: DiscountPolicy,
    /// Whether cancellations give back to the budget.
    pub recovers: bool,
    /// The whole budget at that time: no discount may begin that exceeds it.
    pub budget: i64,
    /// Whose cards it is for. Not known of what began before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
}

/// What becomes of the discount on what remains after a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RetainOption {
    /// What remains keeps the discount's rate.
    Retain,
    /// What remains gets the discount that an order of its size gets.
    Release,
}

/// What a cancellation of a promoted payment moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromotedRefund {
    /// What becomes of the discount.
    pub option: RetainOption,
    /// What goes back, in money.
    pub money: Amount,
}

/// A change of what a promotion's payments have spent of its budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetChange {
    /// Which promotion.
    pub promotion: PromotionId,
    /// By how much.
    pub delta: i64,
    /// What may be spent in all, where a discount begins.
    pub at_most: Option<i64>,
}

impl AppliedPromotion {
    /// What the customer pays for so much of an order.
    fn price(&self, whole: i64, rest: i64, option: RetainOption) -> i64 {
        match option {
            RetainOption::Release => rest.saturating_sub(self.policy.discount(rest)),
            RetainOption::Retain => {
                let (part, of) = self.rate(whole);
                rest.saturating_sub(share(rest, part, of))
            }
        }
    }

    /// The rate that RETAIN keeps, as a fraction. Percents keep their rate; a fixed amount is
    /// taken of what was *paid*. The documents' example has 1,000 off 6,000 from 5,000 up at 20 %,
    /// where 5,000 is both what was paid and the condition: one reference reads it as the one,
    /// another as the other, and against the condition more would go back than was cancelled.
    /// Percents that were cut at the greatest discount have become a part of the order.
    fn rate(&self, whole: i64) -> (i64, i64) {
        if let Some(percents) = self.policy.percents_of(whole, self.discount) {
            return (percents, 100);
        }
        let of = if self.policy.is_fixed() {
            whole.saturating_sub(self.discount)
        } else {
            whole
        };
        // A discount of more than half would be more than what was paid.
        (self.discount.min(of), of)
    }
}

impl Attempt {
    /// Whether it was paid in a window by something else than the promotion is for. A window opens
    /// at the right company; a card whose company the PG does not name is taken for one of it.
    pub(super) fn is_of_other_payer(&self, method: &Method) -> bool {
        let promotion = self.promotion.as_ref().filter(|_| self.window.is_some());
        let Some(company) = promotion.and_then(|one| one.company.as_ref()) else {
            return false;
        };
        let issuer = method.card().map(|paid| paid.card.issuer.as_ref());
        issuer.is_none_or(|issuer| issuer.is_some_and(|issuer| issuer != company))
    }

    /// What was taken off the order.
    pub fn discount(&self) -> i64 {
        self.promotion.as_ref().map_or(0, |one| one.discount)
    }

    /// What the PG is asked for: the order less the discount (P5).
    pub fn charged(&self) -> Amount {
        let order = self.order.amount;
        order.reduced_to(order.total.saturating_sub(self.discount()))
    }
}

impl Cancellation {
    /// What goes back at the PG.
    pub fn money(&self) -> Amount {
        self.promoted.map_or(self.amount, |promoted| promoted.money)
    }
}

impl Payment {
    /// What went back at the PG so far. What was cancelled in order terms is
    /// [`cancelled`](Self::cancelled).
    pub fn refunded(&self) -> Amount {
        self.money_of(|state| matches!(state, CancellationState::Succeeded { .. }))
    }

    /// What the PG has taken for an attempt and will keep, as far as is known.
    fn held(&self, attempt: &Attempt) -> Amount {
        let gone = self.money_of(|state| !matches!(state, CancellationState::Failed { .. }));
        attempt.charged().minus(gone)
    }

    fn money_of(&self, counts: impl Fn(&CancellationState) -> bool) -> Amount {
        self.cancellations
            .iter()
            .filter(|cancellation| counts(&cancellation.state))
            .fold(Amount::ZERO, |sum, one| sum.plus(one.money()))
    }

    /// What an attempt's discount takes of its promotion's budget: reserved while the outcome is
    /// open, spent once the money is taken, given back if it fails or, where the promotion says
    /// so, is cancelled.
    fn spent_by(&self, attempt: &Attempt) -> i64 {
        let Some(promotion) = &attempt.promotion else {
            return 0;
        };
        match attempt.state {
            AttemptState::Captured { .. } if promotion.recovers => {
                // What was cancelled and did not move was discount.
                let back = self.cancelled().total.saturating_sub(self.refunded().total);
                promotion.discount.saturating_sub(back)
            }
            AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::WaitingForDeposit { .. }
            | AttemptState::Captured { .. } => promotion.discount,
            // A window may stay open for ever: nothing is reserved before its approval.
            AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { .. }
            | AttemptState::Reversed { .. } => 0,
        }
    }

    /// What this payment takes of the budgets of promotions. The counter of each promotion is the
    /// sum of this over all payments.
    pub fn budgets(&self) -> BTreeMap<PromotionId, i64> {
        let mut budgets = BTreeMap::new();
        for attempt in &self.attempts {
            if let Some(promotion) = &attempt.promotion {
                let spent: &mut i64 = budgets.entry(promotion.id.clone()).or_default();
                *spent = spent.saturating_add(self.spent_by(attempt));
            }
        }
        budgets
    }

    /// How the budgets change from an earlier state of this payment.
    pub fn budget_changes(&self, before: Option<&Self>) -> Vec<BudgetChange> {
        let old = before.map(Self::budgets).unwrap_or_default();
        // A discount begins with what is sent: with the attempt, or with a window's approval.
        let begins = |attempt: &&Attempt| {
            let old = before.and_then(|before| Some(before.spent_by(before.attempt(attempt.id)?)));
            matches!(attempt.state, AttemptState::Sending) && old.unwrap_or(0) == 0
        };
        let at_most = |id: &PromotionId| {
            let begun = self.attempts.iter().filter(begins);
            let promotions = begun.filter_map(|attempt| attempt.promotion.as_ref());
            promotions
                .filter(|one| one.id == *id)
                .map(|one| one.budget)
                .next()
        };
        self.budgets()
            .into_iter()
            .map(|(promotion, now)| BudgetChange {
                delta: now.saturating_sub(old.get(&promotion).copied().unwrap_or(0)),
                at_most: at_most(&promotion),
                promotion,
            })
            .filter(|change| change.delta != 0)
            .collect()
    }
}

/// What a cancellation of so much of an order moves; nothing special without a discount.
pub(super) fn refund(
    payment: &Payment,
    attempt: &Attempt,
    (amount, rest): (Amount, Amount),
    option: RetainOption,
) -> Result<Option<PromotedRefund>, Refusal> {
    let Some(promotion) = &attempt.promotion else {
        return Ok(None);
    };
    let mut earlier = payment
        .cancellations
        .iter()
        .filter(|one| !matches!(one.state, CancellationState::Failed { .. }));
    if earlier
        .next()
        .and_then(|one| one.promoted)
        .is_some_and(|first| first.option != option)
    {
        return Err(Refusal::PromotionDiscountRetainOptionShouldNotBeChanged);
    }
    let held = payment.held(attempt);
    let left = rest.minus(amount);
    let keep = promotion.price(attempt.order.amount.total, left.total, option);
    let total = held.total.saturating_sub(keep);
    if total < 0 {
        return Err(Refusal::NegativePromotionAdjustedCancelAmount);
    }
    let total = match option {
        RetainOption::Release => total,
        // A fixed amount's rate is greater than the order's own: never more back than cancelled.
        RetainOption::Retain => total.min(amount.total),
    };
    let kept = left.reduced_to(held.total.saturating_sub(total).min(left.total));
    Ok(Some(PromotedRefund {
        option,
        money: parts_of(total, held, kept),
    }))
}

/// The parts of a refund: what they were less what they should be afterwards, within what leaves
/// parts that hold on both sides.
fn parts_of(total: i64, held: Amount, kept: Amount) -> Amount {
    let within = |wish: i64, least: i64, most: i64| wish.max(least.max(0)).min(most);
    let tax_free = within(
        held.tax_free.saturating_sub(kept.tax_free),
        total.saturating_sub(held.taxable()),
        held.tax_free.min(total),
    );
    let taxable = total.saturating_sub(tax_free);
    let taxable_left = held.taxable().saturating_sub(taxable);
    let vat = within(
        held.vat.saturating_sub(kept.vat),
        held.vat.saturating_sub(taxable_left),
        held.vat.min(taxable),
    );
    Amount {
        total,
        tax_free,
        vat,
    }
}
