//! A payment with its history, driven by commands and checked after each.

use std::collections::BTreeSet;

use naru_domain::payment::{
    Announcement, AttemptState, CancellationState, Command, Decision, Effect, Event, Limits,
    Payment, Refusal, Status, apply, decide,
};
use naru_domain::{Amount, AttemptId, Timestamp};

use crate::journal::check_journal;
use crate::support::at;

/// A payment and every event that made it.
#[derive(Debug, Default, Clone)]
pub struct Book {
    pub payment: Option<Payment>,
    pub events: Vec<Event>,
    pub limits: Limits,
    pub announced: Vec<(AttemptId, &'static str)>,
    now: i64,
}

impl Book {
    /// A book in which these commands were accepted.
    pub fn after(commands: impl IntoIterator<Item = Command>) -> Self {
        let mut book = Self::default();
        for command in commands {
            let text = format!("{command:?}");
            book.run(command)
                .unwrap_or_else(|refusal| panic!("{refusal:?}: {text}"));
        }
        book
    }

    pub fn payment(&self) -> &Payment {
        self.payment.as_ref().expect("a payment has begun")
    }

    pub fn state(&self, attempt: AttemptId) -> &AttemptState {
        &self.payment().attempt(attempt).expect("attempt").state
    }

    /// Decides without changing anything.
    pub fn ask(&self, command: Command) -> Result<Decision, Refusal> {
        decide(self.payment.as_ref(), command, self.limits, self.now())
    }

    /// Decides, applies, and checks what must always hold.
    pub fn run(&mut self, command: Command) -> Result<Decision, Refusal> {
        self.now += 1;
        let decision = self.ask(command)?;
        let before = self.payment.take();
        self.payment = decision.fold(before.clone());
        check_journal(before.as_ref(), self.payment());
        self.events.extend(decision.events.iter().cloned());
        for effect in &decision.effects {
            if let Effect::Announce { what, attempt, .. } = effect {
                self.announced.push((*attempt, name_of(*what)));
            }
        }
        check_effects(&decision);
        self.check();
        Ok(decision)
    }

    pub fn now(&self) -> Timestamp {
        at(100 + self.now)
    }

    /// What must hold after every command.
    fn check(&self) {
        let payment = self.payment();
        let refolded = self.events.iter().fold(None, apply);
        assert_eq!(
            refolded.as_ref(),
            Some(payment),
            "the events make the payment"
        );
        let count = i64::try_from(self.events.len()).unwrap();
        assert_eq!(payment.event_count, count, "every event is counted");
        let captured =
            |state: &AttemptState| u32::from(matches!(state, AttemptState::Captured { .. }));
        let captures: u32 = payment
            .attempts
            .iter()
            .map(|one| captured(&one.state))
            .sum();
        assert!(captures <= 1, "at most one capture (P3)");
        check_money(payment);
        self.check_announcements();
    }

    fn check_announcements(&self) {
        let once: Vec<_> = self
            .announced
            .iter()
            .filter(|(_, what)| matches!(*what, "Paid" | "Failed" | "Cancelled"))
            .collect();
        let distinct: BTreeSet<_> = once.iter().collect();
        assert_eq!(
            once.len(),
            distinct.len(),
            "announced twice: {:?}",
            self.announced
        );
    }
}

/// P5.
fn check_money(payment: &Payment) {
    let Some((attempt, capture)) = payment.captured() else {
        assert!(payment.cancellations.is_empty());
        return;
    };
    let order = attempt.order.amount;
    assert_eq!(
        capture.amount,
        attempt.charged().total,
        "what was taken is what was asked for"
    );
    let (cancelled, reserved) = (payment.cancelled(), payment.reserved());
    for rest in [
        order.minus(cancelled),
        order.minus(reserved),
        reserved.minus(cancelled),
    ] {
        check_parts(rest);
    }
    for cancellation in &payment.cancellations {
        assert!(cancellation.amount.total > 0);
        check_parts(cancellation.amount);
    }
    let open = payment.cancellations.iter().filter(|one| match one.state {
        CancellationState::Sending | CancellationState::Requested => true,
        CancellationState::Succeeded { .. } | CancellationState::Failed { .. } => false,
    });
    assert!(open.count() <= 1, "one cancellation at a time (2a.7)");
    let expected = match cancelled.total {
        0 => Status::Paid,
        all if all == order.total => Status::Cancelled,
        _ => Status::PartialCancelled,
    };
    assert_eq!(payment.status(), expected);
}

/// `tax_free + vat <= total`, nothing negative.
pub fn check_parts(amount: Amount) {
    let smallest = amount
        .total
        .min(amount.tax_free)
        .min(amount.vat)
        .min(amount.supply());
    assert!(smallest >= 0, "{amount:?}");
}

/// Whatever is left open has somebody who finds out (P4): a job in the same commit.
fn check_effects(decision: &Decision) {
    for event in &decision.events {
        let wanted = match event {
            // One that never began to be sent has its end in the same decision.
            Event::AttemptBegan { attempt, .. } if is_over(decision, attempt.id) => continue,
            // The PG is asked for nothing; an open window may stay so for ever.
            Event::AttemptBegan { attempt, .. } if attempt.window.is_some() => continue,
            Event::AttemptBegan { attempt, .. } => Effect::ResolveAttempt(attempt.id),
            Event::Authenticated { attempt, until, .. } => Effect::WatchWindow {
                attempt: *attempt,
                at: *until,
            },
            Event::ApprovalBegan { attempt, .. } => Effect::ResolveAttempt(*attempt),
            Event::AttemptUnclear { attempt, .. } | Event::CallerTold { attempt, .. } => {
                Effect::ResolveAttempt(*attempt)
            }
            Event::ReversalBegan { attempt, .. } => Effect::Reverse(*attempt),
            Event::AccountClosing { attempt, .. } => Effect::ResolveClose {
                attempt: *attempt,
                send_by: at(1),
            },
            Event::CancellationBegan { cancellation, .. } => {
                Effect::ResolveCancellation(cancellation.id)
            }
            Event::CancellationUnclear { id, .. } => Effect::ResolveCancellation(*id),
            Event::DiscrepancyFound {
                attempt,
                discrepancy,
                ..
            } => Effect::Record(*attempt, discrepancy.clone()),
            Event::ActionBegan { action, .. } => Effect::ResolveAction {
                send_by: action.send_by,
            },
            Event::AccountIssued {
                attempt, issued, ..
            } => match issued.account.expires_at {
                Some(at) => Effect::WatchDeadline {
                    attempt: *attempt,
                    at,
                },
                None => continue,
            },
            Event::ActionEnded { .. }
            | Event::EscrowMoved { .. }
            | Event::ReceiptFound { .. }
            | Event::ReceiptCancelled { .. }
            | Event::ScheduleSet { .. }
            | Event::ScheduleReleased { .. }
            | Event::Captured { .. }
            | Event::AttemptFailed { .. }
            | Event::Reversed { .. }
            | Event::CloseRefused { .. }
            | Event::DisputeOpened { .. }
            | Event::DisputeResolved { .. }
            | Event::Cancelled { .. }
            | Event::CancellationFailed { .. } => continue,
        };
        assert!(decision.effects.contains(&wanted), "{decision:?}");
    }
}

fn is_over(decision: &Decision, id: AttemptId) -> bool {
    let ends =
        |event: &Event| matches!(event, Event::AttemptFailed { attempt, .. } if *attempt == id);
    decision.events.iter().any(ends)
}

/// The announcement without its id.
pub const fn name_of(what: Announcement) -> &'static str {
    match what {
        Announcement::Ready => "Ready",
        Announcement::Paid => "Paid",
        Announcement::VirtualAccountIssued => "VirtualAccountIssued",
        Announcement::PayPending => "PayPending",
        Announcement::Failed => "Failed",
        Announcement::PartialCancelled(_) => "PartialCancelled",
        Announcement::Cancelled(_) => "Cancelled",
        Announcement::CancelPending(_) => "CancelPending",
        Announcement::DisputeCreated => "DisputeCreated",
        Announcement::DisputeResolved => "DisputeResolved",
    }
}
