//! The billing key: answers of its channels, deletion, what can be charged.

use naru_domain::billing_key::{
    BillingKey, BillingKeyEvent, BillingKeyRefusal, BillingKeyState, ChannelIssue, Deletion,
    IssueOutcome, KeyWindow, apply,
};
use naru_domain::{BillingKeyId, Card, Customer, Face, ImpUid, MerchantId, Sealed, StoreId};
use proptest::prelude::*;
use proptest::sample::select;

use crate::support::{at, attempt_id, channel, failure, origin};
use crate::tables::{assert_table, row};

/// A key that is asked for at so many channels; their attempts are 1, 2 …
pub fn issuing(channels: u128) -> BillingKey {
    BillingKey {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        id: BillingKeyId::new("billing-key-1"),
        customer: Customer::default(),
        custom_data: None,
        notice_urls: Vec::new(),
        origin: origin(),
        window: None,
        skip_webhook: false,
        face: Face::V2,
        saves_as: None,
        first_issued_at: None,
        requested_at: at(0),
        channel_group: None,
        channels: (1..=channels)
            .map(|number| ChannelIssue {
                channel: channel(),
                attempt: attempt_id(number),
                outcome: IssueOutcome::Pending,
                deletion: None,
            })
            .collect(),
        deletion: None,
        state: BillingKeyState::Issuing,
        event_count: 0,
    }
}

pub fn issued(number: u128) -> IssueOutcome {
    IssueOutcome::Issued {
        pg_billing_key: Sealed::from_cipher_text(format!("sealed-{number}")),
        pg_tx_id: Some(format!("tx-{number}")),
        card: Some(Box::new(Card::default())),
        phone_number: None,
        at: at(1),
    }
}

pub fn failed() -> IssueOutcome {
    IssueOutcome::Failed {
        failure: failure("DECLINED"),
    }
}

pub fn deletion() -> Deletion {
    Deletion {
        reason: Some("bye".to_owned()),
        requester: Some("CUSTOMER".to_owned()),
        skip_webhook: false,
    }
}

/// A key and every event that made it.
pub struct Book {
    pub key: BillingKey,
    pub events: Vec<BillingKeyEvent>,
}

impl Book {
    pub fn new(channels: u128) -> Self {
        let event = BillingKeyEvent::Requested {
            key: Box::new(issuing(channels)),
        };
        let key = apply(None, &event).unwrap();
        Self {
            key,
            events: vec![event],
        }
    }

    pub fn run(&mut self, events: Result<Vec<BillingKeyEvent>, BillingKeyRefusal>) -> Answer {
        let events = events?;
        self.key = events.iter().fold(Some(self.key.clone()), apply).unwrap();
        self.events.extend(events.iter().cloned());
        assert_eq!(
            self.events.iter().fold(None, apply).as_ref(),
            Some(&self.key)
        );
        assert_eq!(
            self.key.event_count,
            i64::try_from(self.events.len()).unwrap()
        );
        Ok(events
            .iter()
            .map(BillingKeyEvent::kind)
            .collect::<Vec<_>>()
            .join(", "))
    }

    pub fn answer(&mut self, number: u128, outcome: IssueOutcome) -> Answer {
        self.run(self.key.answered(attempt_id(number), outcome, at(3)))
    }

    fn delete(&mut self) -> Answer {
        self.run(self.key.delete(deletion(), |_| false, at(5)))
    }

    pub fn chargeable(&self) -> Result<Vec<&str>, BillingKeyRefusal> {
        Ok(self
            .key
            .chargeable()?
            .map(|(_, sealed)| sealed.cipher_text())
            .collect())
    }
}

pub type Answer = Result<String, BillingKeyRefusal>;

pub fn text(answer: Answer) -> String {
    answer.unwrap_or_else(|refusal| format!("refused {refusal:?}"))
}

fn book_in(state: &str) -> Book {
    let mut book = Book::new(1);
    match state {
        "Issuing" => {}
        "Issued" => drop(book.answer(1, issued(1)).unwrap()),
        "Failed" => drop(book.answer(1, failed()).unwrap()),
        "Deleted" => {
            book.answer(1, issued(1)).unwrap();
            book.delete().unwrap();
        }
        unknown => panic!("no sample of `{unknown}`"),
    }
    book
}

#[test]
fn each_state_takes_its_own_commands() {
    let rows: Vec<_> = ["Issuing", "Issued", "Failed", "Deleted"]
        .iter()
        .map(|state| {
            row([
                state,
                &text(book_in(state).answer(1, issued(1))),
                &text(book_in(state).answer(1, failed())),
                &text(book_in(state).delete()),
                &text(book_in(state).chargeable().map(|keys| keys.join(" "))),
            ])
        })
        .collect();
    assert_table(
        &rows,
        "
Issuing
| BillingKeyChannelAnswered, BillingKeyIssued
| BillingKeyChannelAnswered, BillingKeyFailed
| refused NotIssued | refused NotFound
Issued | refused NotFound | refused NotFound | BillingKeyDeleted | sealed-1
Failed | refused NotFound | refused NotFound | refused NotIssued | refused NotFound
Deleted | refused NotFound | refused NotFound | refused AlreadyDeleted | refused AlreadyDeleted
",
    );
}

#[test]
fn the_issue_ends_with_the_last_answer_and_one_key_is_enough() {
    let mut book = Book::new(3);
    assert_eq!(text(book.answer(2, issued(2))), "BillingKeyChannelAnswered");
    assert_eq!(book.chargeable(), Err(BillingKeyRefusal::NotFound));
    assert_eq!(text(book.answer(1, failed())), "BillingKeyChannelAnswered");
    assert_eq!(text(book.answer(1, issued(1))), "refused NotFound");
    assert_eq!(
        text(book.answer(3, failed())),
        "BillingKeyChannelAnswered, BillingKeyIssued"
    );
    assert_eq!(book.chargeable(), Ok(vec!["sealed-2"]));
    assert_eq!(book.key.state, BillingKeyState::Issued { at: at(3) });
}

#[test]
fn no_key_at_any_channel_is_a_failure() {
    let mut book = Book::new(2);
    book.answer(1, failed()).unwrap();
    assert_eq!(
        text(book.answer(2, failed())),
        "BillingKeyChannelAnswered, BillingKeyFailed"
    );
    assert_eq!(book.key.state, BillingKeyState::Failed { at: at(3) });
}

#[test]
fn pending_is_no_answer() {
    let mut book = Book::new(1);
    assert_eq!(
        text(book.answer(1, IssueOutcome::Pending)),
        "refused NotIssued"
    );
    assert_eq!(book.key.state, BillingKeyState::Issuing);
    assert_eq!(text(book.answer(9, issued(9))), "refused NotFound");
}

#[test]
fn a_deleted_key_remembers_when_it_was_issued() {
    let book = book_in("Deleted");
    assert_eq!(
        book.key.state,
        BillingKeyState::Deleted {
            issued_at: at(3),
            at: at(5)
        }
    );
}

proptest! {
    #[test]
    fn a_key_is_chargeable_exactly_while_it_is_issued(
        channels in 1..4_u128,
        steps in proptest::collection::vec((0..6_u128, select(vec![0, 0, 1, 2])), 1..20),
    ) {
        let mut book = Book::new(channels);
        let mut held = Vec::new();
        for (number, what) in steps {
            // Numbers beyond the channels delete the key, or name no channel of it.
            let answer = match (number, what) {
                (4.., 0) => book.delete(),
                (_, 0) => book.answer(number, issued(number)),
                (_, 1) => book.answer(number, failed()),
                _ => book.answer(number, IssueOutcome::Pending),
            };
            if answer.is_ok() && number < 4 && what == 0 {
                held.push(format!("sealed-{number}"));
            }
            let is_answered =
                book.key.channels.iter().all(|one| one.outcome != IssueOutcome::Pending);
            let is_issued = matches!(book.key.state, BillingKeyState::Issued { .. });
            prop_assert_eq!(is_answered, book.key.state != BillingKeyState::Issuing);
            prop_assert_eq!(book.chargeable().is_ok(), is_issued);
            if let Ok(mut chargeable) = book.chargeable() {
                chargeable.sort_unstable();
                held.sort_unstable();
                prop_assert_eq!(&chargeable, &held);
            }
        }
        let json = serde_json::to_string(&book.key).unwrap();
        prop_assert_eq!(&serde_json::from_str::<BillingKey>(&json).unwrap(), &book.key);
        for event in &book.events {
            let json = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<BillingKeyEvent>(&json).unwrap(), event);
        }
    }
}

/// An issue of one channel that will be `customer-1`, with its answer at `seconds`.
fn saving(seconds: i64) -> BillingKey {
    let mut key = issuing(1);
    key.face = Face::V1;
    key.saves_as = Some(BillingKeyId::new("customer-1"));
    let events = key.answered(attempt_id(1), issued(1), at(seconds)).unwrap();
    events.iter().fold(Some(key), apply).unwrap()
}

fn saved(staged: &BillingKey, before: Option<BillingKey>) -> Option<BillingKey> {
    let reseal = |sealed: &Sealed| -> Result<Sealed, ()> {
        let text = format!("{} moved", sealed.cipher_text());
        Ok(Sealed::from_cipher_text(text))
    };
    let event = staged.saved(before.as_ref(), reseal).unwrap()?;
    apply(before, &event)
}

#[test]
fn an_issue_becomes_the_key_that_the_merchant_named() {
    let first = saved(&saving(5), None).unwrap();
    assert_eq!(first.id, BillingKeyId::new("customer-1"));
    assert_eq!((first.saves_as.as_ref(), first.event_count), (None, 1));
    assert_eq!(first.issued_first_at(), Some(at(5)));
    let sealed = |key: &BillingKey| {
        let mut held = key.chargeable().unwrap();
        held.next().unwrap().1.cipher_text().to_owned()
    };
    assert_eq!(sealed(&first), "sealed-1 moved");
    let second = saved(&saving(9), Some(first)).unwrap();
    assert_eq!(second.event_count, 2);
    assert_eq!(second.state, BillingKeyState::Issued { at: at(9) });
    assert_eq!(
        second.issued_first_at(),
        Some(at(5)),
        "it stands since then"
    );
}

#[test]
fn a_key_that_was_deleted_begins_anew() {
    let first = saved(&saving(5), None).unwrap();
    let deletion = Deletion {
        reason: None,
        requester: None,
        skip_webhook: true,
    };
    let events = first.delete(deletion, |_| false, at(6)).unwrap();
    let deleted = events.iter().fold(Some(first), apply);
    let again = saved(&saving(9), deleted).unwrap();
    assert_eq!(again.issued_first_at(), Some(at(9)));
}

#[test]
fn only_an_issue_that_succeeded_and_was_meant_for_it_is_saved() {
    let mut ordinary = saving(5);
    ordinary.saves_as = None;
    assert_eq!(saved(&ordinary, None), None);
    let mut failed_issue = issuing(1);
    failed_issue.saves_as = Some(BillingKeyId::new("customer-1"));
    let events = failed_issue
        .answered(attempt_id(1), failed(), at(5))
        .unwrap();
    let failed_issue = events.iter().fold(Some(failed_issue), apply).unwrap();
    assert_eq!(saved(&failed_issue, None), None);
}

#[test]
fn only_an_issue_in_a_window_of_v1_has_names_there() {
    let window = |imp_uid: Option<&str>, merchant_uid: Option<&str>| KeyWindow {
        imp_uid: imp_uid.map(ImpUid::new),
        wishes: naru_domain::WindowWishes {
            issue_id: merchant_uid.map(str::to_owned),
            ..naru_domain::WindowWishes::default()
        },
        ..in_window(BillingKeyState::Ready).window.unwrap()
    };
    let named = |key: &BillingKey| {
        let named = key.named_issue()?;
        Some((named.imp_uid.to_string(), named.merchant_uid.to_owned()))
    };
    let mut issue = saving(5);
    assert_eq!(named(&issue), None, "no window");
    issue.window = Some(window(Some("imp_1"), Some("order-1")));
    let names = ("imp_1".to_owned(), "order-1".to_owned());
    assert_eq!(named(&issue), Some(names));
    let key = saved(&issue, None).unwrap();
    assert_eq!(named(&key), None, "the key that it became is no issue");
    for (imp_uid, merchant_uid) in [(None, Some("order-1")), (Some("imp_1"), None)] {
        issue.window = Some(window(imp_uid, merchant_uid));
        assert_eq!(named(&issue), None);
    }
}

/// A key in the named state of a window that the merchant has to confirm.
fn in_window(state: BillingKeyState) -> BillingKey {
    BillingKey {
        window: Some(KeyWindow {
            name: "coffee club".to_owned(),
            shown: 1000,
            expires_at: at(60),
            by_merchant: true,
            imp_uid: None,
            opener: None,
            wishes: naru_domain::WindowWishes::default(),
        }),
        state,
        ..issuing(1)
    }
}

#[test]
fn a_key_of_a_window_takes_each_word_in_its_state_only() {
    let waiting = BillingKeyState::AwaitingConfirm { until: at(40) };
    let rows: Vec<_> = [
        ("Ready", BillingKeyState::Ready),
        ("AwaitingConfirm", waiting),
        ("Issuing", BillingKeyState::Issuing),
        ("Issued", BillingKeyState::Issued { at: at(1) }),
        ("Failed", BillingKeyState::Failed { at: at(1) }),
        (
            "Deleted",
            BillingKeyState::Deleted {
                issued_at: at(1),
                at: at(2),
            },
        ),
    ]
    .into_iter()
    .map(|(name, state)| {
        let key = in_window(state);
        let say = |answer: Result<Vec<BillingKeyEvent>, BillingKeyRefusal>| match answer {
            Ok(events) => events.last().unwrap().kind().replace("BillingKey", ""),
            Err(refusal) => format!("{refusal:?}"),
        };
        let wait = (at(10), at(40));
        row([
            name,
            &say(key.returned(Ok(()), wait, at(10))),
            &say(key.confirm(None, false, at(20))),
            &say(key.confirm(Some(false), false, at(20))),
            &say(key.unconfirmed(failure("late"), at(50))),
        ])
    })
    .collect();
    assert_table(
        &rows,
        "
Ready           | Authenticated | NotFound      | NotFound                      | NothingToDo
AwaitingConfirm | NothingToDo   | IssueBegan    | InformationMismatch(\"isTest\") | Failed
Issuing         | NothingToDo   | IssueInFlight | InformationMismatch(\"isTest\") | NothingToDo
Issued          | NothingToDo   | AlreadyIssued | AlreadyIssued                 | NothingToDo
Failed          | NothingToDo   | NotFound      | NotFound                      | NothingToDo
Deleted         | NothingToDo   | AlreadyIssued | AlreadyIssued                 | NothingToDo
",
    );
    let late = in_window(waiting).confirm(None, false, at(41));
    assert_eq!(late, Err(BillingKeyRefusal::NotFound));
}

#[test]
fn a_customer_who_is_late_or_left_gets_no_key() {
    let key = in_window(BillingKeyState::Ready);
    for (outcome, now) in [(Ok(()), at(61)), (Err(failure("V801")), at(10))] {
        let events = key.returned(outcome, (now, at(90)), now).unwrap();
        let after = events.iter().fold(Some(key.clone()), apply).unwrap();
        assert!(matches!(after.state, BillingKeyState::Failed { .. }));
    }
    let mut at_once = key;
    at_once.window.as_mut().unwrap().by_merchant = false;
    let events = at_once.returned(Ok(()), (at(10), at(40)), at(10)).unwrap();
    let after = events.iter().fold(Some(at_once), apply).unwrap();
    assert_eq!(after.state, BillingKeyState::Issuing);
}
