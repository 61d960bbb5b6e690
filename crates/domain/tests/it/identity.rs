//! Identity verifications: a table of every command in every state, limits, numbers, documents.

use naru_domain::identity::{
    BeginIdentity, ConfirmOutcome, IdentityAttempt, IdentityEvent, IdentityLimits, IdentityMethod,
    IdentityNumber, IdentityRefusal, IdentityState, IdentityStatus, IdentityVerification,
    PersonKeys, ResendOutcome, SendOutcome, apply, begin, confirm, confirmed, expire, leave,
    resend, resent, returned, sent,
};
use naru_domain::{IdentityVerificationId, MerchantId, Sealed, StoreId};
use proptest::prelude::*;

use crate::support::{at, attempt_id, channel, failure, origin};
use crate::tables::{assert_table, row};

const LIMITS: IdentityLimits = IdentityLimits {
    attempts_max: 3,
    confirms_max: 2,
    resends_max: 1,
    open_s: 100,
};

type Answer = Result<Vec<IdentityEvent>, IdentityRefusal>;

fn keys(name: &str) -> PersonKeys {
    PersonKeys {
        name: Some(name.to_owned()),
        ..PersonKeys::default()
    }
}

fn attempt(number: u128, method: IdentityMethod, seconds: i64) -> IdentityAttempt {
    IdentityAttempt {
        id: attempt_id(number),
        channel: channel(),
        origin: origin(),
        method,
        carrier: "SKT_MVNO".to_owned(),
        window: None,
        custom_data: None,
        merchant_uid: None,
        person: Sealed::from_cipher_text(format!("asked-{number}")),
        keys: keys("asked"),
        address_key: None,
        requested_at: at(seconds),
        status_changed_at: at(seconds),
        state: IdentityState::Sending,
    }
}

/// A verification and every event that made it.
#[derive(Default)]
struct Book {
    found: Option<IdentityVerification>,
    events: Vec<IdentityEvent>,
    now: i64,
}

impl Book {
    fn run(&mut self, answer: Answer) -> String {
        match answer {
            Err(refusal) => format!("refused {refusal:?}"),
            Ok(events) => {
                let kinds: Vec<String> = events.iter().map(short).map(str::to_owned).collect();
                self.found = events.iter().fold(self.found.take(), apply);
                self.events.extend(events);
                let refolded = self.events.iter().fold(None, apply);
                assert_eq!(refolded, self.found);
                kinds.join(", ")
            }
        }
    }

    fn at(&self) -> (naru_domain::Timestamp, &'static IdentityLimits) {
        (at(self.now), &LIMITS)
    }

    fn begin_by(&mut self, method: IdentityMethod) -> String {
        let number = self
            .found
            .as_ref()
            .map_or(1, |found| found.attempts.len() as u128 + 1);
        let command = BeginIdentity {
            merchant_id: MerchantId::new("merchant-1"),
            store_id: StoreId::new("store-1"),
            id: IdentityVerificationId::new("identity-1"),
            attempt: attempt(number, method, self.now),
        };
        let answer = begin(self.found.as_ref(), command, &LIMITS);
        self.run(answer)
    }

    fn begin(&mut self) -> String {
        self.begin_by(IdentityMethod::Sms)
    }

    fn report(
        &mut self,
        decide: impl FnOnce(&IdentityVerification, naru_domain::AttemptId) -> Answer,
    ) -> String {
        let Some(found) = &self.found else {
            return "-".to_owned();
        };
        let last = found.attempts.last().unwrap().id;
        let answer = decide(found, last);
        self.run(answer)
    }

    fn sent(&mut self) -> String {
        let now = self.at();
        self.report(|found, last| {
            let pg_tx_id = "tid-1".to_owned();
            sent(found, last, SendOutcome::Sent { pg_tx_id }, now)
        })
    }

    fn confirm(&mut self, has_otp: bool) -> String {
        let answer = confirm(self.found.as_ref(), has_otp, self.at());
        self.run(answer)
    }

    fn confirmed(&mut self, outcome: ConfirmOutcome) -> String {
        let now = self.at();
        self.report(|found, last| confirmed(found, last, outcome, now))
    }

    fn resend(&mut self) -> String {
        let answer = resend(self.found.as_ref(), self.at());
        self.run(answer)
    }

    fn resent(&mut self, outcome: ResendOutcome) -> String {
        let now = self.at();
        self.report(|found, last| resent(found, last, outcome, now))
    }

    fn returned(&mut self) -> String {
        let now = at(self.now);
        self.report(|found, last| returned(found, last, now))
    }

    fn leave(&mut self) -> String {
        let now = at(self.now);
        self.report(|found, last| leave(found, last, (failure("LEFT"), now)))
    }

    fn expire(&mut self) -> String {
        let now = at(self.now);
        self.report(|found, last| expire(found, last, now))
    }

    fn status(&self) -> IdentityStatus {
        self.found.as_ref().unwrap().shown().unwrap().status()
    }
}

fn short(event: &IdentityEvent) -> &str {
    event.kind().strip_prefix("Identity").unwrap()
}

fn person() -> ConfirmOutcome {
    ConfirmOutcome::Verified {
        pg_tx_id: None,
        person: Sealed::from_cipher_text("who".to_owned()),
        keys: keys("verified"),
    }
}

fn wrong() -> ConfirmOutcome {
    ConfirmOutcome::StillOpen(failure("WRONG"))
}

const STATES: [&str; 10] = [
    "Nothing",
    "Sending",
    "Sent",
    "SentToApp",
    "Window",
    "LateWindow",
    "Late",
    "TriedOut",
    "Verified",
    "Failed",
];

fn book_in(state: &str) -> Book {
    let mut book = Book::default();
    if state == "Nothing" {
        return book;
    }
    match state {
        "SentToApp" => book.begin_by(IdentityMethod::App),
        "Window" | "LateWindow" => book.begin_by(IdentityMethod::Window),
        _ => book.begin(),
    };
    if state == "Sending" {
        return book;
    }
    book.sent();
    match state {
        "Late" | "LateWindow" => book.now = 100,
        // A process died in the last try.
        "TriedOut" => {
            book.confirm(true);
            book.confirm(true);
        }
        "Verified" => {
            book.confirm(true);
            book.confirmed(person());
        }
        "Failed" => {
            book.confirmed(ConfirmOutcome::Ended(failure("ENDED")));
        }
        _ => {}
    }
    book
}

fn rows(commands: &[fn(&mut Book) -> String]) -> Vec<Vec<String>> {
    STATES
        .iter()
        .map(|state| {
            let mut cells = row([state]);
            cells.extend(commands.iter().map(|command| command(&mut book_in(state))));
            cells
        })
        .collect()
}

#[test]
fn what_callers_ask_in_every_state() {
    let rows = rows(&[
        Book::begin,
        |book| book.confirm(true),
        |book| book.confirm(false),
        Book::resend,
    ]);
    assert_table(
        &rows,
        "
Nothing | AttemptBegan | refused NotFound | refused NotFound | refused NotFound
Sending | refused AlreadySent | refused NotSent | refused NotSent | refused NotSent
Sent | refused AlreadySent | ConfirmBegan | refused OtpMissing | ResendBegan
SentToApp | refused AlreadySent | ConfirmBegan | ConfirmBegan | refused NoMessage
Window | Failed, AttemptBegan | refused NotSent | refused NotSent | refused NoMessage
LateWindow | Failed, AttemptBegan | refused NotSent | refused NotSent | refused NotSent
Late | Failed, AttemptBegan | refused NotSent | refused NotSent | refused NotSent
TriedOut | Failed, AttemptBegan | refused NotSent | refused NotSent | ResendBegan
Verified | refused AlreadyVerified | refused AlreadyVerified | refused AlreadyVerified
| refused AlreadyVerified
Failed | AttemptBegan | refused NotSent | refused NotSent | refused NotSent
",
    );
}

#[test]
fn what_is_reported_in_every_state() {
    let rows = rows(&[
        Book::sent,
        |book| book.confirmed(person()),
        |book| book.confirmed(wrong()),
        |book| book.confirmed(ConfirmOutcome::Ended(failure("ENDED"))),
        |book| book.confirmed(ConfirmOutcome::Lost),
        |book| {
            let pg_tx_id = "tid-2".to_owned();
            book.resent(ResendOutcome::Sent { pg_tx_id })
        },
        Book::expire,
    ]);
    assert_table(
        &rows,
        "
Nothing | - | - | - | - | - | - | -
Sending | Sent | refused NothingToDo | refused NothingToDo | refused NothingToDo
| refused NothingToDo | refused NothingToDo | refused NothingToDo
Sent | refused NothingToDo | Verified | ConfirmRefused | Failed | | Resent | refused NothingToDo
SentToApp | refused NothingToDo | Verified | ConfirmRefused | Failed | | Resent
| refused NothingToDo
Window | refused NothingToDo | Verified | ConfirmRefused | Failed | | Resent | refused NothingToDo
LateWindow | refused NothingToDo | Verified | ConfirmRefused | Failed | | Resent | Failed
Late | refused NothingToDo | Verified | ConfirmRefused | Failed | | Resent | Failed
TriedOut | refused NothingToDo | Verified | ConfirmRefused, Failed | Failed | Failed | Resent
| refused NothingToDo
Verified | refused NothingToDo | refused AlreadyVerified | refused AlreadyVerified
| refused AlreadyVerified | refused AlreadyVerified | refused NothingToDo | refused NothingToDo
Failed | refused NothingToDo | Verified | refused NothingToDo | refused NothingToDo
| refused NothingToDo | refused NothingToDo | refused NothingToDo
",
    );
}

#[test]
fn what_browsers_bring_in_every_state() {
    let rows = rows(&[Book::returned, Book::leave]);
    assert_table(
        &rows,
        "
Nothing | - | -
Sending | refused NothingToDo | refused NothingToDo
Sent | refused NothingToDo | refused NothingToDo
SentToApp | refused NothingToDo | refused NothingToDo
Window | ConfirmBegan | Failed
LateWindow | refused NothingToDo | Failed
Late | refused NothingToDo | refused NothingToDo
TriedOut | refused NothingToDo | refused NothingToDo
Verified | refused AlreadyVerified | refused AlreadyVerified
Failed | refused NothingToDo | refused NothingToDo
",
    );
}

#[test]
fn a_window_gives_way_and_the_pgs_word_still_counts() {
    let mut book = book_in("Window");
    assert_eq!(book.returned(), "ConfirmBegan");
    let first = book.found.as_ref().unwrap().attempts[0].id;
    assert_eq!(
        book.begin_by(IdentityMethod::Window),
        "Failed, AttemptBegan"
    );
    let late = confirmed(book.found.as_ref().unwrap(), first, person(), book.at());
    assert_eq!(book.run(late), "Verified");
    assert_eq!(book.status(), IdentityStatus::Verified);
    assert_eq!(book.sent(), "Sent");
    assert_eq!(book.returned(), "refused AlreadyVerified");
}

#[test]
fn an_id_that_the_pg_gives_at_the_end_only_is_there_then() {
    let mut book = Book::default();
    book.begin_by(IdentityMethod::Window);
    let now = book.at();
    book.report(|found, last| {
        let pg_tx_id = String::new();
        sent(found, last, SendOutcome::Sent { pg_tx_id }, now)
    });
    let id = |book: &Book| {
        let shown = book.found.as_ref().unwrap().shown().unwrap();
        shown.pg_tx_id().map(str::to_owned)
    };
    assert_eq!(id(&book), None);
    let ConfirmOutcome::Verified { person, keys, .. } = person() else {
        unreachable!()
    };
    book.confirmed(ConfirmOutcome::Verified {
        pg_tx_id: Some("tid-9".to_owned()),
        person,
        keys,
    });
    assert_eq!(id(&book).as_deref(), Some("tid-9"));
}

#[test]
fn wrong_passwords_end_the_attempt_at_the_limit_and_the_next_begins_afresh() {
    let mut book = book_in("Sent");
    for expected in ["ConfirmRefused", "ConfirmRefused, Failed"] {
        assert_eq!(book.confirm(true), "ConfirmBegan");
        assert_eq!(book.confirmed(wrong()), expected);
    }
    assert_eq!(book.status(), IdentityStatus::Failed);
    assert_eq!(book.begin(), "AttemptBegan");
    assert_eq!(book.status(), IdentityStatus::Ready);
    book.sent();
    assert_eq!(book.confirm(true), "ConfirmBegan");
    assert_eq!(book.confirmed(person()), "Verified");
    let shown = book.found.unwrap();
    let shown = shown.shown().unwrap();
    assert_eq!((shown.id, shown.pg_tx_id()), (attempt_id(2), Some("tid-1")));
    assert_eq!(shown.shown_keys(), &keys("verified"));
    assert_eq!(shown.keys, keys("asked"));
}

#[test]
fn messages_again_have_a_limit_and_each_gives_more_time() {
    let mut book = book_in("Sent");
    book.now = 99;
    assert_eq!(book.resend(), "ResendBegan");
    let pg_tx_id = "tid-2".to_owned();
    assert_eq!(book.resent(ResendOutcome::Sent { pg_tx_id }), "Resent");
    book.now = 198;
    assert_eq!(book.resend(), "refused MaxResendsReached");
    assert_eq!(book.confirm(true), "ConfirmBegan");
    book.now = 199;
    assert_eq!(book.confirm(true), "refused NotSent");
    assert_eq!(book.expire(), "Failed");
    let mut book = book_in("Sent");
    book.resend();
    assert_eq!(book.resent(ResendOutcome::NotSent), "");
    assert_eq!(book.confirm(true), "ConfirmBegan");
    assert_eq!(
        book.resent(ResendOutcome::Ended(failure("ENDED"))),
        "Failed"
    );
}

#[test]
fn attempts_have_a_limit() {
    let mut book = Book::default();
    for _ in 0..LIMITS.attempts_max {
        assert_eq!(book.begin(), "AttemptBegan");
        let now = book.at();
        book.report(|found, last| sent(found, last, SendOutcome::Failed(failure("NO")), now));
    }
    assert_eq!(book.begin(), "refused MaxAttemptsReached");
    assert_eq!(book.status(), IdentityStatus::Failed);
}

#[test]
fn refusals_stand_in_their_order() {
    use IdentityRefusal as Refusal;
    let order = [
        Refusal::NotFound,
        Refusal::NothingToDo,
        Refusal::AlreadyVerified,
        Refusal::AlreadySent,
        Refusal::NotSent,
        Refusal::MaxAttemptsReached,
        Refusal::NoMessage,
        Refusal::OtpMissing,
        Refusal::MaxResendsReached,
    ];
    assert!(order.is_sorted());
}

#[test]
fn identity_numbers_name_a_day_that_has_been() {
    let today = jiff::civil::date(2026, 1, 15);
    let read = |text: &str| IdentityNumber::parse(text, today);
    let table = [
        ("9001011", "1990-01-01", "MALE", false),
        ("9001012", "1990-01-01", "FEMALE", false),
        ("0402293", "2004-02-29", "MALE", false),
        ("2601154", "2026-01-15", "FEMALE", false),
        ("8512315", "1985-12-31", "MALE", true),
        ("8512316", "1985-12-31", "FEMALE", true),
        ("1005057", "2010-05-05", "MALE", true),
        ("1005058", "2010-05-05", "FEMALE", true),
        ("9912319", "1899-12-31", "MALE", false),
        ("9912310", "1899-12-31", "FEMALE", false),
    ];
    for (text, date, gender, is_foreigner) in table {
        let number = read(text).unwrap();
        assert_eq!(number.birth_date(), date, "{text}");
        assert_eq!(
            (number.gender(), number.is_foreigner()),
            (gender, is_foreigner)
        );
        let parts = [
            number.birth_year(),
            number.birth_month(),
            number.birth_day(),
        ];
        assert_eq!(parts.join("-"), date);
        assert_eq!(format!("{number:?}"), "IdentityNumber(…)");
    }
    for text in [
        "",
        "900101",
        "90010111",
        "900101-",
        "9013011",
        "9002301",
        "0002301",
        "2601163",
        "2601164",
        "９００１０１１",
        "abcdefg",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_verified_person_stays_and_at_most_one_attempt_is_open(
        steps in proptest::collection::vec((0..9_u8, 0..60_i64), 1..60),
    ) {
        let mut book = Book::default();
        let mut was_verified = false;
        for (step, seconds) in steps {
            book.now += seconds;
            match step {
                0 => book.begin(),
                1 => book.sent(),
                2 => book.confirm(true),
                3 => book.confirmed(person()),
                4 => book.confirmed(wrong()),
                5 => book.confirmed(ConfirmOutcome::Lost),
                6 => book.resend(),
                7 => book.resent(ResendOutcome::Sent { pg_tx_id: "tid-3".to_owned() }),
                _ => book.expire(),
            };
            let Some(found) = &book.found else { continue };
            prop_assert!(found.attempts.len() <= LIMITS.attempts_max);
            let open = found.attempts.iter().filter(|one| one.status() == IdentityStatus::Ready);
            prop_assert!(open.count() <= 1);
            prop_assert!(!was_verified || found.verified().is_some());
            was_verified = found.verified().is_some();
        }
        if let Some(found) = &book.found {
            let json = serde_json::to_string(found).unwrap();
            prop_assert_eq!(&serde_json::from_str::<IdentityVerification>(&json).unwrap(), found);
        }
        for event in &book.events {
            let json = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<IdentityEvent>(&json).unwrap(), event);
        }
    }
}

#[test]
fn a_browser_that_returns_twice_has_the_pg_asked_once() {
    let mut book = book_in("Window");
    assert_eq!(book.returned(), "ConfirmBegan");
    // The PG tells once: a second asking would be refused, and look like a failure.
    assert_eq!(book.returned(), "refused NothingToDo");
}
