//! `docs/payment-states.md`: made by running the rules, so that it can't say anything else.

use std::fmt::Write as _;
use std::path::Path;

use naru_domain::payment::{AttemptOutcome, Command, RefundOutcome, Reporter};

use crate::refund;
use crate::sample::{STATES, SUBJECT, book_in, outcome_on_subject};
use crate::support::{
    account_issued, approved, attempt, attempt_id, begin, cancel, close, close_refused, closed,
    confirm, declined, deposit, end_window, irreversible, refunded, refused, resolve,
    resolve_refund, returned, reversed, tell,
};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/payment-states.md");

const INTRO: &str = "\
<!-- Generated from the rules. To write it anew: NARU_UPDATE=1 cargo test -p naru-domain states -->
# States of a payment

A payment is a list of attempts and a list of cancellations. Its status is that of the attempt whose
money was taken, else of the latest one. These tables come from running `decide` and `apply` of
`crates/domain` on an attempt in every state; the words are those of the [glossary](glossary.md).

What a cell says:

* the state afterwards, then what has to be done because of it, each a row in the same commit;
* *inquire*: find out at the PG, unless the request itself reports first; *reverse*: undo at the PG;
* *wait for a confirmation*: end the attempt when its time is up;
* *watch*: look once, at the deadline, whether the deposit came;
* *tell*: a webhook, with its trigger in brackets where it has one; *record*: a discrepancy for
  `naru audit`;
* –: nothing to do. The report is about something that is over, or comes again.

Samples ask for 1000 won. Money and account in brackets say what is being undone, or that the
attempt failed because its account was closed.
";

/// A table whose first column names the states.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut text = format!(
        "\n| {} |\n|{}\n",
        head.join(" | "),
        " --- |".repeat(head.len())
    );
    for row in rows {
        writeln!(text, "| {} |", row.join(" | ")).unwrap();
    }
    text
}

/// A row for each state in which a command does something.
fn changes(commands: &[Command]) -> Vec<Vec<String>> {
    let cells = |state: &str| -> Vec<String> {
        let outcome = |command: &Command| outcome_on_subject(state, command.clone());
        commands.iter().map(outcome).collect()
    };
    STATES
        .iter()
        .map(|state| (state, cells(state)))
        .filter(|(_, cells)| cells.iter().any(|cell| !is_nothing(cell)))
        .map(|(state, cells)| [vec![(*state).to_owned()], cells].concat())
        .collect()
}

fn is_nothing(cell: &str) -> bool {
    cell == "–"
        || ["InvalidPaymentToken", "AlreadyPaid"]
            .iter()
            .any(|why| cell == format!("refused {why}"))
        || cell == "refused PaymentNotWaitingForDeposit"
}

fn states() -> String {
    let ask = |state: &str, command: Command| {
        let answer = book_in(state).ask(command);
        answer.map_or_else(|refusal| format!("{refusal:?}"), |_| "begins".to_owned())
    };
    let rows = STATES.iter().map(|state| {
        let status = book_in(state).payment().status().name().to_owned();
        let next = ask(state, begin(attempt(2)));
        vec![
            (*state).to_owned(),
            status,
            next,
            ask(state, cancel(1, None)),
        ]
    });
    let mut text = "\n## What each state means for the payment\n".to_owned();
    text += &table(
        &[
            "Attempt",
            "Status of the payment",
            "Another attempt",
            "A cancellation",
        ],
        rows,
    );
    text
}

fn outcomes() -> String {
    let outcomes = [
        ("the PG approved it", approved("tx-1", 1000)),
        (
            "the PG approved it, under another transaction",
            approved("tx-2", 1000),
        ),
        (
            "the PG approved another amount (999)",
            approved("tx-2", 999),
        ),
        ("the PG issued an account", account_issued()),
        ("the PG declined it", declined()),
        ("the PG surely never saw it", AttemptOutcome::NeverSeen),
        ("unclear", AttemptOutcome::Unclear),
    ];
    let mut text = "\n## What became of an attempt\n".to_owned();
    for (name, outcome) in outcomes {
        let by = |by| resolve(SUBJECT, outcome.clone(), by);
        let commands = [by(Reporter::Request), by(Reporter::Resolver)];
        writeln!(text, "\n### Report: {name}").unwrap();
        let head = ["Attempt", "the request reports", "the resolver reports"];
        text += &table(&head, changes(&commands));
    }
    text += "\n### The caller is told that the outcome is unclear\n";
    text += &table(&["Attempt", "after it"], changes(&[tell(SUBJECT)]));
    text
}

fn windows() -> String {
    let mut text =
        "\n## Windows\n\nSamples wait for the merchant's word; where nobody is asked, the \
                    return itself sends.\n"
            .to_owned();
    let left = Err(crate::support::failure("V801"));
    let commands = [
        returned(SUBJECT, Ok(())),
        returned(SUBJECT, left),
        confirm(SUBJECT),
        end_window(SUBJECT),
    ];
    let head = [
        "Attempt",
        "the customer has authenticated",
        "the customer has left",
        "the merchant confirms",
        "nobody confirms",
    ];
    text += &table(&head, changes(&commands));
    text
}

fn accounts_and_reversals() -> String {
    let mut text = "\n## Virtual accounts\n".to_owned();
    let commands = [close(), closed(SUBJECT), close_refused(SUBJECT)];
    let head = [
        "Attempt",
        "the merchant closes it",
        "the PG closed it",
        "the PG did not",
    ];
    text += &table(&head, changes(&commands));
    text += "\nA deposit, as an inquiry confirmed it:\n";
    let of = |amount| deposit(SUBJECT, "tx-1", amount);
    let head = ["Attempt", "of 1000", "of 999", "of 1001"];
    text += &table(&head, changes(&[of(1000), of(999), of(1001)]));
    text += "\nA deposit on a closed account while another attempt of the payment is being sent:\n";
    let mut book = book_in("Failed (account)");
    book.run(begin(attempt(2))).unwrap();
    let late = crate::sample::outcome_of(&book, attempt_id(SUBJECT), of(1000));
    text += &table(
        &["Attempt", "of 1000"],
        [vec!["Failed (account)".to_owned(), late]],
    );
    text += "\n## Reversals\n";
    let head = ["Attempt", "undone", "the PG can't without a person"];
    text += &table(&head, changes(&[reversed(SUBJECT), irreversible(SUBJECT)]));
    text
}

fn cancellations() -> String {
    let reports = [refunded(), refused(), RefundOutcome::Unclear];
    let head = [
        "Cancellation",
        "Reported by",
        "refunded",
        "refused",
        "unclear",
    ];
    let mut text = "\n## Cancellations\n\nAt most one is in flight. A cell says the state of the \
                    cancellation, then the status of the payment.\n"
        .to_owned();
    for (name, amount) in [("the whole rest", None), ("a part", Some(10))] {
        writeln!(text, "\n### A cancellation of {name}").unwrap();
        let mut rows = Vec::new();
        for state in ["Sending", "Requested", "Succeeded", "Failed"] {
            for (who, by) in [
                ("request", Reporter::Request),
                ("resolver", Reporter::Resolver),
            ] {
                let book = refund::book_with(state, amount);
                let cells = reports.iter().map(|outcome| {
                    refund::outcome_of(&book, resolve_refund(1, outcome.clone(), by))
                });
                let first = [state.to_owned(), who.to_owned()];
                rows.push(first.into_iter().chain(cells).collect());
            }
        }
        text += &table(&head, rows);
    }
    text
}

#[test]
fn the_page_of_states_is_fresh() {
    let page = [
        INTRO.to_owned(),
        states(),
        windows(),
        outcomes(),
        accounts_and_reversals(),
        cancellations(),
    ];
    let page = page.concat();
    if std::env::var_os("NARU_UPDATE").is_some() {
        std::fs::write(PAGE, &page).unwrap();
    }
    let committed = std::fs::read_to_string(Path::new(PAGE)).unwrap_or_default();
    assert!(
        committed == page,
        "docs/payment-states.md is stale; write it anew: \
         NARU_UPDATE=1 cargo test -p naru-domain states"
    );
}
