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
