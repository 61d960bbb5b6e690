//! Schedules: when one may be made, what it keeps from beginning, how it follows its attempt.

use naru_domain::payment::{
    Attempt, AttemptState, Command, Event, PreRegistration, Refusal, Reporter, SetSchedule, Status,
};
use naru_domain::schedule::{Schedule, ScheduleEvent, ScheduleRefusal, ScheduleState, apply};
use naru_domain::{BillingKeyId, Currency, MerchantId, PaymentId, ScheduleId, StoreId};

use crate::book::Book;
use crate::sample::{STATES, SUBJECT, book_in};
use crate::support::{
    approved, at, attempt, attempt_id, begin, begin_attempt, cancel, channel, close, declined,
    failure, irreversible, order, origin, resolve, tell, won,
};
use crate::tables::{assert_table, row};

fn id(number: u8) -> ScheduleId {
    ScheduleId::new(format!("schedule-{number}"))
}

fn set_schedule(number: u8) -> SetSchedule {
    SetSchedule {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        payment_id: PaymentId::new("order-1"),
        schedule: id(number),
        order: order(won(1000)),
        pre_registration: None,
    }
}

fn set(number: u8) -> Command {
    Command::Schedule(Box::new(set_schedule(number)))
}

fn release(number: u8) -> Command {
    Command::ReleaseSchedule {
        schedule: id(number),
    }
}

fn of_schedule(number: u128, schedule: u8) -> Attempt {
    Attempt {
        schedule: Some(id(schedule)),
        ..attempt(number)
    }
}

fn refuse(number: u128, schedule: u8) -> Command {
    let begin = begin_attempt(of_schedule(number, schedule));
    Command::Refuse(Box::new(begin), failure("NARU_SCHEDULE_REFUSED"))
}

fn said(answer: Result<naru_domain::payment::Decision, Refusal>, good: &str) -> String {
    answer.map_or_else(|why| format!("{why:?}"), |_| good.to_owned())
}

#[test]
fn a_payment_that_is_paid_or_waits_is_not_scheduled() {
    let rows: Vec<_> = STATES
        .iter()
        .map(|state| row([state, &said(book_in(state).ask(set(1)), "set")]))
        .collect();
    assert_table(
        &rows,
        "
Ready | set
AwaitingConfirm | set
Sending | AlreadyPaidOrWaiting
Unknown | AlreadyPaidOrWaiting
Unknown (told) | AlreadyPaidOrWaiting
WaitingForDeposit | AlreadyPaidOrWaiting
WaitingForDeposit (closing) | AlreadyPaidOrWaiting
Captured | AlreadyPaidOrWaiting
Failed | set
Failed (account) | set
Reversing (money) | set
Reversing (account) | set
Reversed (money) | set
Reversed (account) | set
",
    );
}

/// Every payment here meets the conditions of all refusals below its own: the first one wins.
#[test]
fn refusals_of_a_schedule_come_in_their_order() {
    let by = Reporter::Request;
    let refusal = |commands: Vec<Command>, attempts_max: usize| {
        let mut book = Book::after(commands);
        book.limits.attempts_max = attempts_max;
        let mut another = set_schedule(9);
        another.order.amount.tax_free = 1_001;
        another.pre_registration = Some(PreRegistration {
            total: Some(1),
            tax_free: None,
            currency: Some(Currency::new("USD")),
        });
        book.ask(Command::Schedule(Box::new(another))).unwrap_err()
    };
    let fail = || vec![begin(attempt(1)), resolve(1, declined(), by)];
    let then = |more: Vec<Command>| [fail(), more].concat();
    // A late deposit or approval can pay what is scheduled already.
    let late = resolve(1, approved("tx", 1000), Reporter::Resolver);
    assert_eq!(
        refusal(
            vec![begin(attempt(1)), resolve(1, approved("tx", 1000), by)],
            1
        ),
        Refusal::AlreadyPaidOrWaiting
    );
    let exists = Refusal::PaymentScheduleAlreadyExists;
    assert_eq!(refusal(then(vec![set(1)]), 1), exists);
    assert_eq!(refusal(then(vec![set(1), late]), 1), exists);
    assert_eq!(refusal(fail(), 1), Refusal::MaxTransactionCountReached);
    let parts = Refusal::SumOfPartsExceedsTotalAmount;
    assert_eq!(refusal(fail(), 2), parts);
    assert_eq!(refusal(vec![], 2), parts);
    let mut differs = set_schedule(1);
    differs.pre_registration = Some(PreRegistration {
        total: Some(999),
        ..PreRegistration::default()
    });
    assert_eq!(
        Book::default().ask(Command::Schedule(Box::new(differs))),
        Err(Refusal::DiffersFromPreRegistration("amount.total"))
    );
}

#[test]
fn while_a_schedule_waits_only_its_own_attempt_begins() {
    let mut book = Book::after([set(1)]);
    assert!(!book.payment().has_begun(), "readers do not see it");
    assert_eq!(book.payment().status(), Status::Ready);
    let exists = Err(Refusal::PaymentScheduleAlreadyExists);
    assert_eq!(book.run(begin(attempt(1))), exists);
    let foreign = book.run(begin(of_schedule(1, 2)));
    assert_eq!(foreign, Err(Refusal::ScheduleNotLive));
    for command in [cancel(1, None), close(), tell(1), irreversible(1)] {
        assert_eq!(book.run(command), Err(Refusal::PaymentNotFound));
    }
    book.run(begin(of_schedule(1, 1))).unwrap();
    let payment = book.payment();
    assert_eq!(payment.schedule, None, "from here on its attempt guards it");
    assert_eq!(payment.created_at, payment.attempts[0].requested_at);
    assert_eq!(book.run(begin(attempt(2))), Err(Refusal::AttemptInFlight));
    let over = Err(Refusal::ScheduleNotLive);
    assert_eq!(book.run(begin(of_schedule(2, 1))), over);
    book.run(resolve(1, declined(), Reporter::Request)).unwrap();
    assert_eq!(
        book.run(begin(of_schedule(2, 1))),
        Err(Refusal::ScheduleNotLive),
        "one attempt per schedule"
    );
    book.run(begin(attempt(2))).unwrap();
}

#[test]
fn an_attempt_of_a_schedule_needs_its_schedule() {
    let answer = Book::default().run(begin(of_schedule(1, 1)));
    assert_eq!(answer, Err(Refusal::ScheduleNotLive));
    let mut book = Book::after([set(1), release(1)]);
    assert_eq!(
        book.run(begin(of_schedule(1, 1))),
        Err(Refusal::ScheduleNotLive)
    );
    assert_eq!(book.run(release(1)), Err(Refusal::NothingToDo));
    assert_eq!(
        Book::default().run(release(1)),
        Err(Refusal::PaymentNotFound)
    );
    book.run(set(2)).unwrap();
    assert_eq!(book.run(release(1)), Err(Refusal::NothingToDo));
    book.run(release(2)).unwrap();
    book.run(begin(attempt(1))).unwrap();
    assert_eq!(book.payment().event_count, 5);
}

#[test]
fn a_schedule_that_cannot_be_carried_out_fails_without_being_sent() {
    let mut book = Book::after([set(1)]);
    assert_eq!(book.run(refuse(1, 2)), Err(Refusal::ScheduleNotLive));
    let decision = book.run(refuse(1, 1)).unwrap();
    assert_eq!(decision.events.len(), 2);
    assert_eq!(book.announced, [(attempt_id(1), "Failed")]);
    assert!(matches!(
        book.state(attempt_id(1)),
        AttemptState::Failed { issued: None, .. }
    ));
    assert_eq!(book.run(refuse(2, 1)), Err(Refusal::ScheduleNotLive));
}

#[test]
fn a_refused_attempt_stands_beside_a_late_deposit() {
    let mut book = book_in("Failed (account)");
    book.run(set(1)).unwrap();
    book.run(crate::support::deposit(SUBJECT, "tx-1", 1000))
        .unwrap();
    assert_eq!(
        book.run(begin(of_schedule(2, 1))),
        Err(Refusal::AlreadyPaid)
    );
    book.run(refuse(2, 1)).unwrap();
    assert_eq!(book.payment().status(), Status::Paid);
    assert_eq!(book.payment().shown().unwrap().id, attempt_id(SUBJECT));
}

fn schedule() -> Schedule {
    Schedule {
        merchant_id: MerchantId::new("merchant-1"),
        store_id: StoreId::new("store-1"),
        id: id(1),
        payment_id: PaymentId::new("order-1"),
        billing_key: BillingKeyId::new("billing-key-1"),
        channel: channel(),
        wanted_channel: None,
        installment_months: 0,
        is_interest_free: false,
        use_card_point: false,
        order: order(won(1000)),
        origin: origin(),
        face: naru_domain::Face::V2,
        time_to_pay: at(7),
        created_at: at(0),
        state: ScheduleState::Scheduled,
        event_count: 0,
    }
}

/// A schedule and every event that made it.
struct Plan {
    schedule: Schedule,
    events: Vec<ScheduleEvent>,
}

impl Plan {
    fn new() -> Self {
        let events = schedule().make().unwrap();
        let schedule = events.iter().fold(None, apply).unwrap();
        Self { schedule, events }
    }

    /// One whose attempt of this number is in the named state.
    fn in_state(state: &str) -> Self {
        let mut plan = Self::new();
        match state {
            "SCHEDULED" => {}
            "REVOKED" => plan.take(plan.schedule.revoke(at(5))),
            "STARTED" => plan.follow("Sending"),
            "PENDING" => plan.follow("Unknown"),
            "SUCCEEDED" => plan.follow("Captured"),
            "FAILED" => plan.follow("Failed"),
            other => panic!("{other}"),
        }
        plan
    }

    fn take(&mut self, events: Result<Vec<ScheduleEvent>, ScheduleRefusal>) {
        let events = events.unwrap();
        for event in &events {
            self.schedule = apply(Some(self.schedule.clone()), event).unwrap();
        }
        self.events.extend(events);
        let count = i64::try_from(self.events.len()).unwrap();
        assert_eq!(self.schedule.event_count, count);
        assert_eq!(
            self.events.iter().fold(None, apply).as_ref(),
            Some(&self.schedule)
        );
    }

    fn follow(&mut self, state: &str) {
        let followed = self.schedule.follow(&attempt_in(state), at(7));
        self.take(followed);
    }
}

fn attempt_in(state: &str) -> Attempt {
    book_in(state).payment().attempts[0].clone()
}

const SCHEDULE_STATES: [&str; 6] = [
    "SCHEDULED",
    "STARTED",
    "PENDING",
    "SUCCEEDED",
    "FAILED",
    "REVOKED",
];

#[test]
fn a_time_to_pay_may_be_a_minute_past() {
    for (seconds, is_refused) in [(0, false), (-60, false), (-61, true), (100, false)] {
        let made = Schedule {
            time_to_pay: at(seconds),
            ..schedule()
        };
        let want = is_refused.then_some(ScheduleRefusal::TimeToPayIsPast);
        assert_eq!(made.make().err(), want, "{seconds}");
    }
}

#[test]
fn only_what_waits_is_revoked() {
    let rows: Vec<_> = SCHEDULE_STATES
        .iter()
        .map(|state| {
            let answer = Plan::in_state(state).schedule.revoke(at(9));
            let said = answer.map_or_else(|why| format!("{why:?}"), |_| "revoked".to_owned());
            row([state, &said])
        })
        .collect();
    assert_table(
        &rows,
        "
SCHEDULED | revoked
STARTED | AlreadyProcessed
PENDING | AlreadyProcessed
SUCCEEDED | AlreadyProcessed
FAILED | AlreadyProcessed
REVOKED | AlreadyRevoked
",
    );
}

#[test]
fn only_what_waits_is_moved_and_not_into_the_past() {
    let rows: Vec<_> = SCHEDULE_STATES
        .iter()
        .flat_map(|state| [(*state, 500), (*state, -100)])
        .map(|(state, to)| {
            let plan = Plan::in_state(state);
            let answer = plan.schedule.move_to(at(to), at(9));
            let said = match answer {
                Ok(_) => {
                    let mut moved = Plan::in_state(state);
                    moved.take(moved.schedule.move_to(at(to), at(9)));
                    format!(
                        "due at {}",
                        moved.schedule.time_to_pay.as_seconds() - at(0).as_seconds()
                    )
                }
                Err(why) => format!("{why:?}"),
            };
            row([state, &to.to_string(), &said])
        })
        .collect();
    assert_table(
        &rows,
        "
SCHEDULED | 500 | due at 500
SCHEDULED | -100 | TimeToPayIsPast
STARTED | 500 | AlreadyProcessed
STARTED | -100 | AlreadyProcessed
PENDING | 500 | AlreadyProcessed
PENDING | -100 | AlreadyProcessed
SUCCEEDED | 500 | AlreadyProcessed
SUCCEEDED | -100 | AlreadyProcessed
FAILED | 500 | AlreadyProcessed
FAILED | -100 | AlreadyProcessed
REVOKED | 500 | AlreadyRevoked
REVOKED | -100 | AlreadyRevoked
",
    );
}

/// A worker that read a schedule before it was moved begins nothing at the old time.
#[test]
fn what_was_moved_is_not_begun_early() {
    let mut plan = Plan::new();
    plan.take(plan.schedule.move_to(at(500), at(6)));
    let attempt = attempt_in("Sending");
    for (now, is_refused) in [(7, true), (439, true), (440, false), (500, false)] {
        let followed = plan.schedule.follow(&attempt, at(now));
        let want = is_refused.then_some(ScheduleRefusal::NotDue);
        assert_eq!(followed.err(), want, "{now}");
    }
}

/// What its attempt's state makes of a schedule in each of its own states.
#[test]
fn a_schedule_follows_its_attempt() {
    let mut rows = Vec::new();
    for state in [
        "SCHEDULED",
        "STARTED",
        "PENDING",
        "SUCCEEDED",
        "FAILED",
        "REVOKED",
    ] {
        for found in [
            "Sending",
            "Unknown",
            "Captured",
            "Failed",
            "Reversing (money)",
        ] {
            let mut plan = Plan::in_state(state);
            let said = match plan.schedule.follow(&attempt_in(found), at(8)) {
                Ok(events) => {
                    plan.take(Ok(events));
                    plan.schedule.state.name().to_owned()
                }
                Err(why) => format!("{why:?}"),
            };
            rows.push(row([state, found, &said]));
        }
    }
    assert_table(
        &rows,
        "
SCHEDULED | Sending | STARTED
SCHEDULED | Unknown | PENDING
SCHEDULED | Captured | SUCCEEDED
SCHEDULED | Failed | FAILED
SCHEDULED | Reversing (money) | FAILED
STARTED | Sending | STARTED
STARTED | Unknown | PENDING
STARTED | Captured | SUCCEEDED
STARTED | Failed | FAILED
STARTED | Reversing (money) | FAILED
PENDING | Sending | PENDING
PENDING | Unknown | PENDING
PENDING | Captured | SUCCEEDED
PENDING | Failed | FAILED
PENDING | Reversing (money) | FAILED
SUCCEEDED | Sending | SUCCEEDED
SUCCEEDED | Unknown | SUCCEEDED
SUCCEEDED | Captured | SUCCEEDED
SUCCEEDED | Failed | SUCCEEDED
SUCCEEDED | Reversing (money) | SUCCEEDED
FAILED | Sending | FAILED
FAILED | Unknown | FAILED
FAILED | Captured | FAILED
FAILED | Failed | FAILED
FAILED | Reversing (money) | FAILED
REVOKED | Sending | AlreadyRevoked
REVOKED | Unknown | AlreadyRevoked
REVOKED | Captured | AlreadyRevoked
REVOKED | Failed | AlreadyRevoked
REVOKED | Reversing (money) | AlreadyRevoked
",
    );
}

#[test]
fn a_schedule_has_one_attempt() {
    for state in ["STARTED", "PENDING", "SUCCEEDED", "FAILED"] {
        let plan = Plan::in_state(state);
        let mut other = attempt_in("Sending");
        other.id = attempt_id(2);
        assert_eq!(
            plan.schedule.follow(&other, at(8)),
            Err(ScheduleRefusal::AlreadyProcessed),
            "{state}"
        );
    }
}

#[test]
fn it_keeps_when_it_started_and_when_it_ended() {
    let mut plan = Plan::in_state("STARTED");
    let ended = plan.schedule.follow(&attempt_in("Captured"), at(20));
    plan.take(ended);
    assert_eq!(
        plan.schedule.state,
        ScheduleState::Succeeded {
            started_at: at(7),
            at: at(20),
            attempt: attempt_id(SUBJECT),
        }
    );
}

#[test]
fn events_of_a_schedule_on_nothing_leave_nothing() {
    assert_eq!(apply(None, &ScheduleEvent::Revoked { at: at(1) }), None);
    let released = Event::ScheduleReleased {
        schedule: id(1),
        at: at(1),
    };
    assert_eq!(naru_domain::payment::apply(None, &released), None);
}

#[test]
fn an_attempt_that_takes_over_takes_the_schedule_with_it() {
    let mut book = Book::after([set(1), begin(of_schedule(1, 1))]);
    let mut next = of_schedule(2, 1);
    next.takes_over_from = Some(attempt_id(1));
    let over = Command::FailOver {
        failed: attempt_id(1),
        next: Box::new(begin_attempt(next.clone())),
    };
    book.run(over).unwrap();
    assert_eq!(book.payment().schedule, None);
    let mut plan = Plan::in_state("STARTED");
    let followed = plan.schedule.follow(&next, at(9));
    plan.take(followed);
    assert_eq!(
        plan.schedule.state,
        ScheduleState::Started {
            at: at(7),
            attempt: attempt_id(2),
        }
    );
    let late = plan.schedule.follow(&attempt_in("Captured"), at(9));
    assert_eq!(late, Err(ScheduleRefusal::AlreadyProcessed));
}
