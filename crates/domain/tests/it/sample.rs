//! Every state of an attempt, reached by commands, and words for what a decision does to it.

use naru_domain::AttemptId;
use naru_domain::payment::{
    AttemptOutcome, AttemptState, Command, Decision, Discrepancy, Effect, Refusal, Reporter,
};

use crate::book::{Book, name_of};
use crate::support::{
    account_issued, approved, attempt, attempt_id, begin, close, closed, declined, resolve,
    returned, reversed, tell, window_attempt,
};

/// The attempt that samples are about.
pub const SUBJECT: u128 = 1;

/// The names of all states, in the order in which an attempt may come to them.
pub const STATES: [&str; 14] = [
    "Ready",
    "AwaitingConfirm",
    "Sending",
    "Unknown",
    "Unknown (told)",
    "WaitingForDeposit",
    "WaitingForDeposit (closing)",
    "Captured",
    "Failed",
    "Failed (account)",
    "Reversing (money)",
    "Reversing (account)",
    "Reversed (money)",
    "Reversed (account)",
];

/// A payment whose only attempt is in the named state.
pub fn book_in(name: &str) -> Book {
    Book::after(commands_to(name))
}

pub fn commands_to(name: &str) -> Vec<Command> {
    let by = Reporter::Request;
    let started = || vec![begin(attempt(SUBJECT))];
    let then = |before: &str, command: Command| {
        let mut commands = commands_to(before);
        commands.push(command);
        commands
    };
    match name {
        "Ready" => vec![begin(window_attempt(SUBJECT))],
        "AwaitingConfirm" => then("Ready", returned(SUBJECT, Ok(()))),
        "Sending" => started(),
        "Unknown" => then("Sending", resolve(SUBJECT, AttemptOutcome::Unclear, by)),
        "Unknown (told)" => then("Unknown", tell(SUBJECT)),
        "WaitingForDeposit" => then("Sending", resolve(SUBJECT, account_issued(), by)),
        "WaitingForDeposit (closing)" => then("WaitingForDeposit", close()),
        "Captured" => then("Sending", resolve(SUBJECT, approved("tx-1", 1000), by)),
        "Failed" => then("Sending", resolve(SUBJECT, declined(), by)),
        "Failed (account)" => then("WaitingForDeposit (closing)", closed(SUBJECT)),
        "Reversing (money)" => then(
            "Unknown (told)",
            resolve(SUBJECT, approved("tx-1", 1000), by),
        ),
        "Reversing (account)" => then("Unknown (told)", resolve(SUBJECT, account_issued(), by)),
        "Reversed (money)" => then("Reversing (money)", reversed(SUBJECT)),
        "Reversed (account)" => then("Reversing (account)", reversed(SUBJECT)),
        unknown => panic!("no sample of `{unknown}`"),
    }
}

/// The name of a state.
pub const fn name_of_state(state: &AttemptState) -> &'static str {
    match state {
        AttemptState::Ready => "Ready",
        AttemptState::AwaitingConfirm { .. } => "AwaitingConfirm",
        AttemptState::Sending => "Sending",
        AttemptState::Unknown { told: false } => "Unknown",
        AttemptState::Unknown { told: true } => "Unknown (told)",
        AttemptState::WaitingForDeposit { closing: false, .. } => "WaitingForDeposit",
        AttemptState::WaitingForDeposit { closing: true, .. } => "WaitingForDeposit (closing)",
        AttemptState::Captured { .. } => "Captured",
        AttemptState::Failed { issued: None, .. } => "Failed",
        AttemptState::Failed {
            issued: Some(_), ..
        } => "Failed (account)",
        AttemptState::Reversing {
            capture: Some(_), ..
        } => "Reversing (money)",
        AttemptState::Reversing { capture: None, .. } => "Reversing (account)",
        AttemptState::Reversed {
            capture: Some(_), ..
        } => "Reversed (money)",
        AttemptState::Reversed { capture: None, .. } => "Reversed (account)",
    }
}

/// Runs a command on a copy and says what came of it: the state, then the effects.
pub fn outcome_of(book: &Book, subject: AttemptId, command: Command) -> String {
    let mut book = book.clone();
    match book.run(command) {
        Ok(decision) => {
            let state = name_of_state(book.state(subject));
            format!("{state}{}", effects_of(&decision))
        }
        Err(Refusal::NothingToDo) => "–".to_owned(),
        Err(refusal) => format!("refused {refusal:?}"),
    }
}

/// What one does to the subject.
pub fn outcome_on_subject(state: &str, command: Command) -> String {
    outcome_of(&book_in(state), attempt_id(SUBJECT), command)
}

/// The effects in words, a comma before each.
pub fn effects_of(decision: &Decision) -> String {
    let texts: Vec<String> = decision.effects.iter().map(effect).collect();
    texts.iter().flat_map(|text| [", ", text]).collect()
}

fn effect(effect: &Effect) -> String {
    match effect {
        Effect::ResolveAttempt(_) => "inquire".to_owned(),
        Effect::Reverse(_) => "reverse".to_owned(),
        Effect::ResolveClose { .. } => "inquire about closing".to_owned(),
        Effect::ResolveCancellation(_) => "inquire about the refund".to_owned(),
        Effect::ResolveAction { .. } => "end the action".to_owned(),
        Effect::WatchDeadline { .. } => "watch".to_owned(),
        Effect::WatchWindow { .. } => "wait for a confirmation".to_owned(),
        Effect::Announce {
            what,
            trigger: None,
            ..
        } => format!("tell {}", name_of(*what)),
        Effect::Announce {
            what,
            trigger: Some(trigger),
            ..
        } => {
            format!("tell {} ({trigger:?})", name_of(*what))
        }
        Effect::Record(_, Discrepancy::WrongDeposit { due, paid }) => {
            format!("record deposit of {paid} for {due}")
        }
        Effect::Record(_, Discrepancy::Surplus { amount, .. }) => {
            format!("record surplus of {amount}")
        }
        Effect::Record(_, Discrepancy::LateRefund { amount }) => {
            format!("record late refund of {amount}")
        }
        Effect::Record(_, Discrepancy::ForeignRefund { amount }) => {
            format!("record foreign refund of {amount}")
        }
        Effect::Record(_, Discrepancy::UnclearApproval { amount, .. }) => {
            format!("record unclear approval of {amount}")
        }
        Effect::Record(_, Discrepancy::SecondDeposit { amount, .. }) => {
            format!("record second deposit of {amount}")
        }
    }
}
