//! Which of the refunds in the PG's books is ours. Money can also be given back in the PG's own
//! console, which nobody tells us of.
//!
//! Pure. At most one cancellation runs at a time, so what is in the PG's books beyond our
//! succeeded cancellations is either that one or foreign.

use naru_connector::{RefundInBooks, Transaction, TransactionState};
use naru_domain::Timestamp;
use naru_domain::payment::{Cancellation, CancellationState, Payment};

/// What the PG's books show of a cancellation.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// The PG's id of it and when it was, as far as the books say, if it is there.
    pub(super) done: Option<(Option<String>, Option<Timestamp>)>,
    /// What was given back besides, by nobody here.
    pub(super) foreign: i64,
}

/// Looks a cancellation up. Nothing where the books don't tell.
pub(super) fn seen_in(
    transaction: &Transaction,
    payment: &Payment,
    cancellation: &Cancellation,
) -> Option<Seen> {
    match &transaction.refunds {
        Some(refunds) => Some(among(refunds, payment, cancellation)),
        None => by_total(transaction, cancellation),
    }
}

fn among(refunds: &[RefundInBooks], payment: &Payment, cancellation: &Cancellation) -> Seen {
    let mut left: Vec<&RefundInBooks> = refunds.iter().collect();
    let known: Vec<(Option<&str>, i64)> = payment
        .cancellations
        .iter()
        .filter_map(|one| match &one.state {
            CancellationState::Succeeded {
                pg_cancellation_id, ..
            } => Some((pg_cancellation_id.as_deref(), one.money().total)),
            CancellationState::Sending
            | CancellationState::Requested
            | CancellationState::Failed { .. } => None,
        })
        .collect();
    let mut take = |is: &dyn Fn(&RefundInBooks) -> bool| {
        let place = left.iter().position(|refund| is(refund));
        place.map(|place| left.remove(place))
    };
    // Those that are known by their id first: of two alike, one may be foreign.
    let mut without_id = Vec::new();
    for (id, amount) in known {
        let found = id.and_then(|id| take(&|refund| refund.id.as_deref() == Some(id)));
        if found.is_none() {
            without_id.push(amount);
        }
    }
    for amount in without_id {
        take(&|refund| refund.amount == amount);
    }
    // A foreign one of the same amount can't be told from ours; either way our books and the PG's
    // agree afterwards.
    let ours = take(&|refund| refund.amount == cancellation.money().total);
    Seen {
        done: ours.map(|refund| (refund.id.clone(), refund.at)),
        foreign: left.iter().map(|refund| refund.amount).sum(),
    }
}

/// Books without a list: a refund of everything at once, or a PG that lists none.
fn by_total(transaction: &Transaction, cancellation: &Cancellation) -> Option<Seen> {
    let (total, before) = (transaction.cancelled_total, cancellation.cancelled_before);
    let amount = cancellation.money().total;
    let last = || {
        (
            transaction.pg_cancellation_id.clone(),
            transaction.cancelled_at,
        )
    };
    let is_whole = transaction.state == TransactionState::Cancelled;
    if total == before + amount {
        Some(Seen {
            done: Some(last()),
            foreign: 0,
        })
    } else if total == before || is_whole {
        Some(Seen {
            done: None,
            foreign: total - before,
        })
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use naru_domain::Amount;
    use naru_domain::payment::{Command, Limits, RefundOutcome, Reporter, decide};

    use super::*;

    fn refund(id: &str, amount: i64) -> RefundInBooks {
        RefundInBooks {
            id: Some(id.to_owned()),
            amount,
            at: None,
        }
    }

    /// A stored payment of 1000 won, 400 of which were given back as `refund-1`.
    fn payment() -> Payment {
        let text = include_str!("../../../domain/tests/fixtures/payment-partial-cancelled.json");
        serde_json::from_str(text).unwrap()
    }

    /// The same with a cancellation under way.
    fn cancelling(amount: i64) -> (Payment, Cancellation) {
        let payment = payment();
        let mut one = payment.cancellations[0].clone();
        one.id = naru_domain::CancellationId::new(uuid::Uuid::from_u128(9));
        one.amount = Amount::new(amount, None, None).unwrap();
        one.cancelled_before = payment.cancelled().total;
        one.state = CancellationState::Requested;
        let mut with = payment;
        with.cancellations.push(one.clone());
        (with, one)
    }

    #[test]
    fn ours_is_told_from_refunds_that_nobody_here_asked_for() {
        let (payment, one) = cancelling(300);
        let CancellationState::Succeeded {
            pg_cancellation_id, ..
        } = &payment.cancellations[0].state
        else {
            panic!("not refunded")
        };
        let known = RefundInBooks {
            id: pg_cancellation_id.clone(),
            amount: payment.cancellations[0].amount.total,
            at: None,
        };
        let look = |refunds: &[RefundInBooks]| {
            let refunds = [std::slice::from_ref(&known), refunds].concat();
            let seen = among(&refunds, &payment, &one);
            (seen.done.map(|(id, _)| id.unwrap()), seen.foreign)
        };
        let ours = || Some("ours".to_owned());
        assert_eq!(look(&[]), (None, 0));
        assert_eq!(look(&[refund("ours", 300)]), (ours(), 0));
        assert_eq!(look(&[refund("console", 200)]), (None, 200));
        // As much went back as was asked for, and more: it was somebody else's all the same.
        assert_eq!(look(&[refund("console", 500)]), (None, 500));
        assert_eq!(
            look(&[refund("console", 200), refund("ours", 300)]),
            (ours(), 200)
        );
        // The rules take what was found.
        let report = Command::ResolveCancellation {
            id: one.id,
            outcome: RefundOutcome::Refunded {
                pg_cancellation_id: ours(),
                at: Timestamp::default(),
            },
            by: Reporter::Resolver,
        };
        assert!(
            decide(
                Some(&payment),
                report,
                Limits::default(),
                Timestamp::default()
            )
            .is_ok()
        );
    }
}
