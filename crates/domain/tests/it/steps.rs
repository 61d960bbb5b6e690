//! Random steps in the life of a payment, and the commands that they are.

use naru_domain::Amount;
use naru_domain::payment::{AttemptOutcome, Command, Payment, RefundOutcome, Reporter};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{
    account_issued, approved, attempt, attempt_id, begin, begin_attempt, cancel_request, close,
    close_refused, closed, confirm, declined, deposit, end_window, failure, irreversible, order,
    refunded, refused, resolve, resolve_refund, returned, reversed, tell, window_attempt,
};

/// An order or a cancellation of any size, the ends of the range included.
pub fn number() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => 1..=1000_i64,
        1 => select(vec![i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX]),
        1 => any::<i64>(),
    ]
}

pub fn amount() -> impl Strategy<Value = Amount> {
    let parts = (
        number(),
        proptest::option::of(number()),
        proptest::option::of(number()),
    );
    parts.prop_map(|(total, tax_free, vat)| {
        Amount::new(total, tax_free, vat)
            .or_else(|_| Amount::new(total.saturating_abs().max(1), None, None))
            .unwrap()
    })
}

/// The reports that need only an attempt.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Tell,
    Reversed,
    Irreversible,
    Closed,
    CloseRefused,
}

/// A command before it is known which attempts and cancellations there are.
#[derive(Debug, Clone)]
pub enum Step {
    Begin {
        amount: Amount,
        skip_webhook: bool,
    },
    Money {
        back: u128,
        transaction: u8,
        off_by: i64,
        is_deposit: bool,
        by: Reporter,
    },
    Report {
        back: u128,
        outcome: AttemptOutcome,
        by: Reporter,
    },
    Other {
        back: u128,
        kind: Kind,
    },
    FailOver {
        back: u128,
    },
    Open {
        amount: Amount,
    },
    Return {
        back: u128,
        left: bool,
    },
    Confirm {
        back: u128,
    },
    EndWindow {
        back: u128,
    },
    Close,
    Cancel {
        parts: [Option<i64>; 4],
        skip_webhook: bool,
    },
    Refund {
        back: u128,
        outcome: RefundOutcome,
        by: Reporter,
    },
}

fn by() -> impl Strategy<Value = Reporter> {
    select(vec![Reporter::Request, Reporter::Resolver])
}

/// How many attempts before the latest one; mostly the latest, sometimes none that exists.
fn back() -> impl Strategy<Value = u128> {
    prop_oneof![6 => Just(0_u128), 3 => 1..=2_u128, 1 => 3..=9_u128]
}

pub fn step() -> impl Strategy<Value = Step> {
    let outcome = select(vec![
        account_issued(),
        account_issued(),
        declined(),
        AttemptOutcome::NeverSeen,
        AttemptOutcome::Unclear,
    ]);
    let refund = select(vec![
        refunded(),
        refunded(),
        refused(),
        RefundOutcome::Unclear,
    ]);
    let off_by = prop_oneof![5 => Just(0), 1 => select(vec![-1, 1, i64::MIN, i64::MAX])];
    let part = |often| proptest::option::weighted(often, number());
    let parts = [part(0.7), part(0.2), part(0.2), part(0.05)];
    let kind = select(vec![
        Kind::Tell,
        Kind::Reversed,
        Kind::Irreversible,
        Kind::Closed,
        Kind::CloseRefused,
    ]);
    prop_oneof![
        4 => (amount(), any::<bool>())
            .prop_map(|(amount, skip_webhook)| Step::Begin { amount, skip_webhook }),
        5 => (back(), 0..3_u8, off_by, any::<bool>(), by()).prop_map(
            |(back, transaction, off_by, is_deposit, by)| {
                Step::Money { back, transaction, off_by, is_deposit, by }
            }
        ),
        4 => (back(), outcome, by())
            .prop_map(|(back, outcome, by)| Step::Report { back, outcome, by }),
        5 => (back(), kind).prop_map(|(back, kind)| Step::Other { back, kind }),
        2 => back().prop_map(|back| Step::FailOver { back }),
        3 => amount().prop_map(|amount| Step::Open { amount }),
        3 => (back(), any::<bool>()).prop_map(|(back, left)| Step::Return { back, left }),
        4 => back().prop_map(|back| Step::Confirm { back }),
        1 => back().prop_map(|back| Step::EndWindow { back }),
        2 => Just(Step::Close),
        6 => (parts, any::<bool>())
            .prop_map(|(parts, skip_webhook)| Step::Cancel { parts, skip_webhook }),
        6 => (prop_oneof![4 => Just(0), 1 => 1..3_u128], refund, by())
            .prop_map(|(back, outcome, by)| Step::Refund { back, outcome, by }),
    ]
}

/// The command that a step is for this payment.
pub fn command(step: Step, payment: Option<&Payment>) -> Command {
    let attempts = payment.map_or(0, |payment| payment.attempts.len()) as u128;
    let cancellations = payment.map_or(0, |payment| payment.cancellations.len()) as u128;
    match step {
        Step::Begin {
            amount,
            skip_webhook,
        } => {
            let mut next = attempt(attempts + 1);
            next.order = order(amount);
            next.skip_webhook = skip_webhook;
            begin(next)
        }
        Step::Money {
            back,
            transaction,
            off_by,
            is_deposit,
            by,
        } => {
            let number = attempts.saturating_sub(back);
            let due = payment
                .and_then(|payment| payment.attempt(attempt_id(number)))
                .map_or(0, |attempt| attempt.order.amount.total);
            let (id, amount) = (format!("tx-{transaction}"), due.saturating_add(off_by));
            if is_deposit {
                deposit(number, &id, amount)
            } else {
                resolve(number, approved(&id, amount), by)
            }
        }
        Step::Report { back, outcome, by } => resolve(attempts.saturating_sub(back), outcome, by),
        Step::Other { back, kind } => {
            let number = attempts.saturating_sub(back);
            match kind {
                Kind::Tell => tell(number),
                Kind::Reversed => reversed(number),
                Kind::Irreversible => irreversible(number),
                Kind::Closed => closed(number),
                Kind::CloseRefused => close_refused(number),
            }
        }
        Step::FailOver { back } => fail_over(attempts, back, payment),
        Step::Open { .. } | Step::Return { .. } | Step::Confirm { .. } | Step::EndWindow { .. } => {
            window_command(step, attempts)
        }
        Step::Close => close(),
        Step::Cancel {
            parts,
            skip_webhook,
        } => {
            let mut request = cancel_request(cancellations + 1, None);
            [
                request.amount,
                request.tax_free,
                request.vat,
                request.current_cancellable,
            ] = parts;
            request.amount = request.amount.map(|amount| share(amount, payment));
            request.skip_webhook = skip_webhook;
            Command::Cancel(Box::new(request))
        }
        Step::Refund { back, outcome, by } => {
            resolve_refund(cancellations.saturating_sub(back), outcome, by)
        }
    }
}

fn window_command(step: Step, attempts: u128) -> Command {
    match step {
        Step::Open { amount } => {
            let mut next = window_attempt(attempts + 1);
            next.order = order(amount);
            begin(next)
        }
        Step::Return { back, left } => {
            let outcome = if left { Err(failure("V801")) } else { Ok(()) };
            returned(attempts.saturating_sub(back), outcome)
        }
        Step::Confirm { back } => confirm(attempts.saturating_sub(back)),
        Step::EndWindow { back } => end_window(attempts.saturating_sub(back)),
        other => unreachable!("{other:?} is no step of a window"),
    }
}

/// Another attempt at the same order.
fn fail_over(attempts: u128, back: u128, payment: Option<&Payment>) -> Command {
    let failed = attempt_id(attempts.saturating_sub(back));
    let mut next = begin_attempt(attempt(attempts + 1));
    if let Some(before) = payment.and_then(|payment| payment.attempt(failed)) {
        next.attempt.order = before.order.clone();
    }
    next.attempt.takes_over_from = Some(failed);
    Command::FailOver {
        failed,
        next: Box::new(next),
    }
}

/// Small numbers are thousandths of what was paid, so that cancellations are often possible.
fn share(number: i64, payment: Option<&Payment>) -> i64 {
    let paid = payment
        .and_then(Payment::captured)
        .map_or(0, |(_, capture)| capture.amount);
    match number {
        1..=1000 => (paid / 1000)
            .saturating_mul(number)
            .saturating_add(paid % 1000 / 2)
            .max(1),
        _ => number,
    }
}
