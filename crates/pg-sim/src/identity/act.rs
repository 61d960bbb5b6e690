//! What happens in the books.

use jiff::civil::Date;

use super::{LIFE_MS, MESSAGES_MAX, Magic, Person, Refusal, State, TRIES_MAX, Verification, Way};
use crate::clock::Stamp;
use crate::simulator::Simulator;

type Acted<T = ()> = Result<T, Refusal>;

/// Makes a transaction.
pub(crate) fn prepare(sim: &Simulator, mut verification: Verification) -> String {
    let mut books = sim.books();
    let now_ms = sim.clock.now_ms();
    verification.at_ms = now_ms;
    // Some PGs' ids have more in front.
    verification.tid += &books.new_verification_id(now_ms);
    let tid = verification.tid.clone();
    books.enter_verification(verification);
    tid
}

fn today(now_ms: i64) -> Date {
    Stamp::of(now_ms).day()
}

/// Asks the person.
pub(crate) fn send(sim: &Simulator, tid: &str, person: Person) -> Acted {
    let now_ms = sim.clock.now_ms();
    sim.books()
        .change_verification(tid, |found| {
            if found.state != State::Prepared {
                return Err(Refusal::NoSuch);
            }
            match Magic::of(&person.phone) {
                Some(Magic::Carrier) => return Err(Refusal::Carrier),
                Some(Magic::Person) => return Err(Refusal::Person),
                _ => {}
            }
            if person.way == Way::Sms && is_too_young(found, &person, now_ms) {
                return Err(Refusal::Age);
            }
            found.person = Some(person);
            found.messages = 1;
            found.at_ms = now_ms;
            found.state = State::Sent;
            Ok(())
        })
        .unwrap_or(Err(Refusal::NoSuch))
}

fn is_too_young(found: &Verification, person: &Person, now_ms: i64) -> bool {
    found
        .age_limit
        .is_some_and(|limit| person.birth.age(today(now_ms)) < limit)
}

/// Sends one more message.
pub(crate) fn resend(sim: &Simulator, tid: &str) -> Acted {
    let now_ms = sim.clock.now_ms();
    change(sim, tid, |found| {
        if found.state != State::Sent || found.way() != Some(Way::Sms) {
            return Err(over(found));
        }
        if found.messages >= MESSAGES_MAX {
            return Err(Refusal::Messages);
        }
        found.messages += 1;
        found.at_ms = now_ms;
        Ok(())
    })
}

/// Why a transaction takes nothing more.
fn over(found: &Verification) -> Refusal {
    match found.state {
        State::Prepared | State::Sent | State::Approved => Refusal::NoSuch,
        State::Denied => Refusal::Denied,
        State::Passed | State::Verified => Refusal::Told,
        State::Failed if found.tries >= TRIES_MAX => Refusal::Tries,
        State::Failed => Refusal::Expired,
    }
}

/// Changes a transaction; what is refused may have changed it too.
fn change(sim: &Simulator, tid: &str, change: impl FnOnce(&mut Verification) -> Acted) -> Acted {
    let changed = sim
        .books()
        .change_verification(tid, |found| Ok::<_, Refusal>(change(found)));
    match changed {
        Some(Ok(result)) => result,
        Some(Err(refusal)) => Err(refusal),
        None => Err(Refusal::NoSuch),
    }
}

/// Takes a password, or looks whether the app has been answered.
pub(crate) fn confirm(sim: &Simulator, tid: &str, otp: Option<&str>) -> Acted {
    let now_ms = sim.clock.now_ms();
    change(sim, tid, |found| {
        match found.state {
            State::Sent | State::Approved => {}
            State::Prepared | State::Denied | State::Passed | State::Verified | State::Failed => {
                return Err(over(found));
            }
        }
        let magic = found.magic();
        if now_ms > found.at_ms + LIFE_MS || magic == Some(Magic::Expired) {
            found.state = State::Failed;
            return Err(Refusal::Expired);
        }
        match found.way() {
            Some(Way::Sms) => {
                if otp != Some(found.otp().as_str()) || magic == Some(Magic::Wrong) {
                    found.tries += 1;
                    if found.tries < TRIES_MAX {
                        return Err(Refusal::Wrong);
                    }
                    found.state = State::Failed;
                    return Err(Refusal::Tries);
                }
            }
            Some(Way::App) if found.state == State::Sent => return Err(Refusal::Waiting),
            Some(Way::App) | None => {}
        }
        let young = found
            .person
            .as_ref()
            .is_some_and(|person| is_too_young(found, person, now_ms));
        if young {
            found.state = State::Failed;
            return Err(Refusal::TooYoung);
        }
        found.state = State::Passed;
        Ok(())
    })
}

/// The person has been identified elsewhere: by their bank, or by an app.
pub(crate) fn identified(sim: &Simulator, tid: &str, person: Person) -> Acted {
    let now_ms = sim.clock.now_ms();
    change(sim, tid, |found| {
        if found.state != State::Prepared {
            return Err(over(found));
        }
        found.person = Some(person);
        found.at_ms = now_ms;
        found.state = State::Passed;
        Ok(())
    })
}

/// Tells who it was, once.
pub(crate) fn result(sim: &Simulator, tid: &str) -> Acted<Verification> {
    let told = sim.books().change_verification(tid, |found| {
        if found.state != State::Passed {
            return Err(over(found));
        }
        found.state = State::Verified;
        Ok(found.clone())
    });
    told.unwrap_or(Err(Refusal::NoSuch))
}

/// The person answers the app that was asked last; nothing if none is waiting.
pub(crate) fn approve(sim: &Simulator, phone: &str, yes: bool) -> Option<Verification> {
    let phone = super::person::digits(phone);
    let mut books = sim.books();
    let waiting = books.verifications().iter().rev().find(|one| {
        let person = one.person.as_ref();
        one.state == State::Sent
            && person.is_some_and(|person| person.way == Way::App && person.phone == phone)
    })?;
    let tid = waiting.tid.clone();
    let changed = books.change_verification(&tid, |found| {
        found.state = if yes { State::Approved } else { State::Denied };
        Ok::<_, Refusal>(found.clone())
    });
    changed.and_then(Result::ok)
}
