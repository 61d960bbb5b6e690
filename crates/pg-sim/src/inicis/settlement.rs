//! What the simulated PG settles on a day, from its books.
//!
//! It pays out on the day after the transaction, in Korea time. Its fee is 2.5 % of a card
//! payment and 300 of a deposit; a card's fee is given back in the proportion of a cancellation,
//! a deposit's is kept. VAT on the fee is a tenth, rounded half up. Pure: reads the books only.

use crate::clock::Stamp;
use crate::ledger::{Currency, Kind, State, Taxes, Transaction};

const DAY_MS: i64 = 86_400_000;

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    Approval,
    Cancel,
}

/// One line of a settlement.
#[derive(Debug, Clone)]
pub(crate) struct Line<'a> {
    pub(crate) what: What,
    pub(crate) transaction: &'a Transaction,
    /// The id of a partial cancel.
    pub(crate) cancel_tid: Option<&'a str>,
    pub(crate) at_ms: i64,
    pub(crate) amount: u64,
    pub(crate) taxes: Option<Taxes>,
    pub(crate) fee: i64,
    pub(crate) fee_vat: i64,
}

impl Line<'_> {
    /// The day on which it is paid out, `yyyyMMdd`.
    pub(crate) fn settled_on(&self) -> String {
        Stamp::of(self.at_ms + DAY_MS).date()
    }

    /// What is paid out for it.
    pub(crate) fn paid_out(&self) -> i64 {
        let amount = i64::try_from(self.amount).unwrap_or(i64::MAX);
        let signed = match self.what {
            What::Approval => amount,
            What::Cancel => -amount,
        };
        signed - self.fee - self.fee_vat
    }

    pub(crate) fn currency(&self) -> Currency {
        self.transaction.currency
    }
}

/// The lines that a merchant is paid on a day, `yyyyMMdd`; in the order of the books.
pub(crate) fn settled<'a>(
    transactions: &'a [Transaction],
    mid: Option<&str>,
    date: &str,
) -> Vec<Line<'a>> {
    transactions
        .iter()
        .filter(|transaction| mid.is_none_or(|mid| transaction.mid == mid))
        .flat_map(lines)
        .filter(|line| line.settled_on() == date)
        .collect()
}

/// 2.5 %, rounded half up, or 300.
fn fee(transaction: &Transaction, amount: u64) -> i64 {
    let fee = match transaction.kind {
        Kind::Card
        | Kind::Billing
        | Kind::BillingKey
        | Kind::Transfer
        | Kind::Phone
        | Kind::Gift => (amount.saturating_mul(25) + 500) / 1_000,
        Kind::VirtualAccount => 300,
    };
    i64::try_from(fee).unwrap_or(i64::MAX)
}

/// A tenth, rounded half up, of a fee that is not negative.
fn tenth(fee: i64) -> i64 {
    (fee + 5) / 10
}

fn lines(transaction: &Transaction) -> Vec<Line<'_>> {
    let Some(at_ms) = taken_at(transaction) else {
        return Vec::new();
    };
    let charged = fee(transaction, transaction.amount);
    let mut all = vec![Line {
        what: What::Approval,
        transaction,
        cancel_tid: None,
        at_ms,
        amount: transaction.amount,
        taxes: transaction.taxes,
        fee: charged,
        fee_vat: tenth(charged),
    }];
    let mut before = 0;
    for part in &transaction.partials {
        let taxes = None;
        let tid = Some(part.tid.as_str());
        all.push(cancel(
            transaction,
            (tid, part.at_ms),
            (before, part.price),
            taxes,
        ));
        before += part.price;
    }
    if let (State::Cancelled, true, Some(at_ms)) = (
        transaction.state,
        transaction.partials.is_empty(),
        transaction.cancelled_at_ms,
    ) {
        let whole = (0, transaction.amount);
        all.push(cancel(transaction, (None, at_ms), whole, transaction.taxes));
    }
    all
}

/// When the money came; nothing if none did.
fn taken_at(transaction: &Transaction) -> Option<i64> {
    match (transaction.state, &transaction.account) {
        (State::Declined | State::Issued | State::Waiting, _) => None,
        (State::Approved | State::Cancelled, None) => Some(transaction.at_ms),
        (State::Approved | State::Cancelled, Some(account)) if account.closed => None,
        (State::Approved | State::Cancelled, Some(account)) => account
            .deposits
            .iter()
            .find(|deposit| deposit.amount == transaction.amount)
            .map(|deposit| deposit.at_ms),
    }
}

fn cancel<'a>(
    transaction: &'a Transaction,
    (cancel_tid, at_ms): (Option<&'a str>, i64),
    (before, price): (u64, u64),
    taxes: Option<Taxes>,
) -> Line<'a> {
    // By what was cancelled in all, so that parts give back exactly what was charged.
    let (fee_back, vat_back) = match transaction.kind {
        Kind::VirtualAccount => (0, 0),
        Kind::Card
        | Kind::Billing
        | Kind::BillingKey
        | Kind::Transfer
        | Kind::Phone
        | Kind::Gift => {
            let (was, is) = (fee(transaction, before), fee(transaction, before + price));
            (is - was, tenth(is) - tenth(was))
        }
    };
    Line {
        what: What::Cancel,
        transaction,
        cancel_tid,
        at_ms,
        amount: price,
        taxes,
        fee: -fee_back,
        fee_vat: -vat_back,
    }
}
