//! Random sequences of commands, with late, repeated and reordered reports, against a model ledger.

use std::collections::BTreeMap;

use naru_domain::payment::{
    AttemptOutcome, AttemptState, Capture, Command, Decision, Event, Payment, Refusal, Reporter,
};
use naru_domain::{Amount, AttemptId, CancellationId};
use proptest::prelude::*;

use crate::book::Book;
use crate::steps::{Step, amount, command, number, step};
use crate::support::{cancel_request, refunded, resolve_refund};

/// What a clerk would write down: the model that the payment must agree with.
#[derive(Debug, Default)]
struct Ledger {
    paid: i64,
    asked: BTreeMap<CancellationId, i64>,
    given_back: i64,
    to_give_back: i64,
}

impl Ledger {
    fn write(&mut self, event: &Event) {
        if let Event::Captured { capture, .. } = event {
            assert_eq!(self.paid, 0, "paid twice (P3)");
            self.paid = capture.amount;
        } else if let Event::CancellationBegan { cancellation, .. } = event {
            self.asked
                .insert(cancellation.id, cancellation.amount.total);
            self.to_give_back += cancellation.amount.total;
        } else if let Event::Cancelled { id, .. } = event {
            self.given_back += self.asked[id];
        } else if let Event::CancellationFailed { id, .. } = event {
            self.to_give_back -= self.asked[id];
        }
        assert!(
            self.given_back <= self.to_give_back && self.to_give_back <= self.paid,
            "P5"
        );
    }

    fn agrees_with(&self, payment: &Payment) {
        let paid = payment.captured().map_or(0, |(_, capture)| capture.amount);
        assert_eq!(paid, self.paid);
        assert_eq!(payment.cancelled().total, self.given_back);
        assert_eq!(payment.reserved().total, self.to_give_back);
    }
}

/// The money that a command reports.
fn money_in(command: &Command) -> Option<(AttemptId, Capture, bool)> {
    match command {
        Command::Resolve {
            attempt,
            outcome: AttemptOutcome::Approved(capture),
            ..
        } => Some((*attempt, capture.as_ref().clone(), false)),
        Command::Deposit { attempt, capture } => Some((*attempt, capture.as_ref().clone(), true)),
        _ => None,
    }
}

/// P3: money that was reported is on its attempt or recorded for a person; never dropped.
fn check_not_dropped(
    before: Option<&Payment>,
    (id, capture, is_deposit): (AttemptId, Capture, bool),
    answer: &Result<Decision, Refusal>,
) {
    let Some(attempt) = before.and_then(|payment| payment.attempt(id)) else {
        assert!(answer.is_err(), "no such attempt");
        return;
    };
    let kept = match answer {
        Ok(decision) => decision.events.iter().any(|event| match event {
            Event::Captured { capture: kept, .. } => **kept == capture,
            Event::ReversalBegan { capture: kept, .. } => kept.as_deref() == Some(&capture),
            Event::DiscrepancyFound { .. } => true,
            _ => false,
        }),
        Err(refusal) => {
            assert_eq!(*refusal, Refusal::NothingToDo);
            match &attempt.state {
                // Waits in the inbox of notices.
                AttemptState::Sending | AttemptState::Unknown { .. } => is_deposit,
                AttemptState::Captured { capture: known }
                | AttemptState::Reversing {
                    capture: Some(known),
                    ..
                }
                | AttemptState::Reversed {
                    capture: Some(known),
                    ..
                } => known.pg_tx_id == capture.pg_tx_id,
                _ => false,
            }
        }
    };
    assert!(kept, "{capture:?} on {attempt:?}: {answer:?}");
}

/// P3: what may stand beside a new attempt, and beside one whose approval is asked for.
fn check_beginning(before: Option<&Payment>, answer: &Result<Decision, Refusal>) {
    let events = answer
        .as_ref()
        .map_or(&[][..], |decision| decision.events.as_slice());
    // The one that ends in the same decision was being sent, and nothing else was under way.
    let (begins, ends, approved) = match events {
        [Event::AttemptBegan { .. }] => (true, None, None),
        [
            Event::AttemptFailed { attempt, .. },
            Event::AttemptBegan { .. },
        ] => (true, Some(*attempt), None),
        [Event::ApprovalBegan { attempt, .. }] => (true, None, Some(*attempt)),
        _ => (false, None, None),
    };
    for attempt in before
        .filter(|_| begins)
        .iter()
        .flat_map(|payment| &payment.attempts)
    {
        // Of an open window the PG has been asked for nothing yet.
        let is_over = matches!(
            attempt.state,
            AttemptState::Failed { .. }
                | AttemptState::Reversed { .. }
                | AttemptState::Ready
                | AttemptState::AwaitingConfirm { .. }
        );
        let is_over = is_over
            || approved == Some(attempt.id)
            || (ends == Some(attempt.id) && matches!(attempt.state, AttemptState::Sending));
        assert!(is_over, "another attempt began beside {attempt:?}");
    }
}

/// Captured and reversed attempts stay so; a reversal ends in nothing else.
fn check_no_way_back(before: Option<&Payment>, after: &Payment) {
    for old in before.iter().flat_map(|payment| &payment.attempts) {
        let new = &after.attempt(old.id).expect("attempts stay").state;
        let holds = match &old.state {
            AttemptState::Captured { .. } => matches!(new, AttemptState::Captured { .. }),
            AttemptState::Reversing { .. } => {
                *new == old.state || matches!(new, AttemptState::Reversed { .. })
            }
            AttemptState::Reversed { .. } => *new == old.state,
            _ => true,
        };
        assert!(holds, "{:?} became {new:?}", old.state);
    }
}

fn run(steps: Vec<Step>) -> Book {
    let mut book = Book::default();
    let mut ledger = Ledger::default();
    book.limits.cancellations_max = 6;
    for step in steps {
        let before = book.payment.clone();
        let command = command(step, before.as_ref());
        let money = money_in(&command);
        let answer = book.run(command);
        check_beginning(before.as_ref(), &answer);
        if let Some(money) = money
            && before.is_some()
        {
            check_not_dropped(before.as_ref(), money, &answer);
        }
        for event in answer.iter().flat_map(|decision| &decision.events) {
            ledger.write(event);
        }
        if let Some(payment) = &book.payment {
            ledger.agrees_with(payment);
            check_no_way_back(before.as_ref(), payment);
        }
    }
    book
}

proptest! {
    #[test]
    fn money_is_conserved_whatever_is_reported(
        steps in proptest::collection::vec(step(), 1..80),
    ) {
        let book = run(steps);
        let Some(payment) = &book.payment else { return Ok(()) };
        let text = serde_json::to_string(payment).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Payment>(&text).unwrap(), payment);
        for event in &book.events {
            let text = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), event);
        }
    }

    /// Whatever amount may be cancelled, its computed VAT never stands in the way.
    #[test]
    fn a_computed_vat_never_refuses_a_cancellation(
        whole in amount(),
        wishes in proptest::collection::vec((number(), proptest::option::of(number())), 1..6),
    ) {
        let mut book = crate::cancel::paid(whole);
        for (place, (total, tax_free)) in (1..).zip(wishes) {
            let rest = whole.minus(book.payment().cancelled());
            let mut request = cancel_request(place, Some(total));
            request.tax_free = tax_free;
            let tax_free = tax_free
                .unwrap_or(if total == rest.total { rest.tax_free } else { 0 });
            let fits = (1..=rest.total).contains(&total)
                && (0..=rest.tax_free.min(total)).contains(&tax_free)
                && total - tax_free <= rest.taxable();
            let answer = book.run(Command::Cancel(Box::new(request)));
            prop_assert_eq!(answer.is_ok(), rest.total > 0 && fits, "{:?}", answer);
            if answer.is_ok() {
                book.run(resolve_refund(place, refunded(), Reporter::Request)).unwrap();
            }
        }
    }

    #[test]
    fn an_amount_never_has_more_parts_than_whole(
        total in number(),
        tax_free in proptest::option::of(number()),
        vat in proptest::option::of(number()),
    ) {
        if let Ok(amount) = Amount::new(total, tax_free, vat) {
            crate::book::check_parts(amount);
            prop_assert_eq!(amount.supply() + amount.vat + amount.tax_free, total);
            prop_assert_eq!(amount.plus(Amount::ZERO), amount);
            prop_assert_eq!(amount.minus(amount), Amount::ZERO);
        }
    }
}
