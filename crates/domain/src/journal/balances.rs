//! What accounts come to.

use std::collections::BTreeMap;

use super::{BookAccount, Posting};
use crate::Currency;
use crate::payment::{AttemptState, Payment};

/// Balances of accounts in each currency: debits less credits. Those of nothing are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Balances(BTreeMap<(BookAccount, Currency), i64>);

impl Balances {
    /// Adds to an account; less than nothing takes from it.
    pub fn add(&mut self, account: BookAccount, currency: &Currency, amount: i64) {
        let key = (account, currency.clone());
        let balance = self.0.get(&key).copied().unwrap_or(0);
        match balance.saturating_add(amount) {
            0 => self.0.remove(&key),
            balance => self.0.insert(key, balance),
        };
    }

    /// Adds a posting.
    pub fn post(&mut self, posting: &Posting) {
        let amount = posting.amount;
        self.add(posting.debit.clone(), &posting.currency, amount);
        let taken = amount.saturating_neg();
        self.add(posting.credit.clone(), &posting.currency, taken);
    }

    /// What an account comes to.
    pub fn of(&self, account: &BookAccount, currency: &Currency) -> i64 {
        let key = (account.clone(), currency.clone());
        self.0.get(&key).copied().unwrap_or(0)
    }

    /// Where others differ: the account, the currency, what it comes to here and there.
    pub fn differences<'a>(
        &'a self,
        other: &'a Self,
    ) -> Vec<(&'a BookAccount, &'a Currency, [i64; 2])> {
        let mut keys: Vec<_> = self.0.keys().chain(other.0.keys()).collect();
        keys.sort();
        keys.dedup();
        keys.into_iter()
            .map(|(account, currency)| {
                let sums = [self.of(account, currency), other.of(account, currency)];
                (account, currency, sums)
            })
            .filter(|(_, _, [here, there])| here != there)
            .collect()
    }
}

impl<'a> FromIterator<&'a Posting> for Balances {
    fn from_iter<I: IntoIterator<Item = &'a Posting>>(postings: I) -> Self {
        let mut balances = Self::default();
        for posting in postings {
            balances.post(posting);
        }
        balances
    }
}

/// What a payment's postings must come to, reckoned from its sums and not from its postings.
pub fn balances(payment: &Payment) -> Balances {
    let mut all = Balances::default();
    for attempt in &payment.attempts {
        let receivable = BookAccount::receivable_of(&attempt.channel);
        match &attempt.state {
            AttemptState::Captured { capture } => {
                let currency = &attempt.order.currency;
                let (cancelled, back) = (payment.cancelled().total, payment.refunded().total);
                let held = capture.amount.saturating_sub(back);
                all.add(receivable, currency, held);
                let discount = attempt.discount();
                let sold = capture.amount.saturating_add(discount);
                let left = cancelled.saturating_sub(sold);
                all.add(BookAccount::sales(), currency, left);
                if let Some(promotion) = &attempt.promotion {
                    let left = discount.saturating_sub(cancelled.saturating_sub(back));
                    all.add(BookAccount::promotion(&promotion.id), currency, left);
                }
            }
            AttemptState::Reversing {
                capture: Some(capture),
                ..
            } => {
                let currency = capture.currency.as_ref();
                let currency = currency.unwrap_or(&attempt.order.currency);
                all.add(receivable, currency, capture.amount);
                let owed = capture.amount.saturating_neg();
                all.add(BookAccount::reversals(), currency, owed);
            }
            // What was undone has come and gone.
            AttemptState::Reversed { .. }
            | AttemptState::Ready
            | AttemptState::AwaitingConfirm { .. }
            | AttemptState::Sending
            | AttemptState::Unknown { .. }
            | AttemptState::WaitingForDeposit { .. }
            | AttemptState::Failed { .. }
            | AttemptState::Reversing { capture: None, .. } => {}
        }
    }
    all
}
