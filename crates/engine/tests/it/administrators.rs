//! Log-ins to the console: who gets in, who is locked out and until when, when sessions end; and
//! what of it is in the audit log.

use std::net::IpAddr;

use naru_connector::Secret;
use naru_engine::administrators::{ConsoleSession, LogIn, LogInAsked};
use naru_engine::records::{ActOutcome, ActVia};
use naru_engine::{ActFilter, Actor, Engine};
use naru_store::{Query, Store as _, tables};

use crate::support::Bed;

const WHO: &str = "hong@shop.example";
const PASSWORD: &str = "correct horse battery";
const HOME: &str = "10.0.0.1";
const ELSEWHERE: &str = "10.0.0.66";
const MINUTE_MS: i64 = 60_000;

async fn bed() -> Bed {
    let bed = Bed::new().await;
    let password = Secret::new(PASSWORD);
    bed.engine.add_administrator(WHO, &password).await.unwrap();
    bed
}

async fn try_from(engine: &Engine, (email, password): (&str, &str), address: &str) -> LogIn {
    let asked = LogInAsked {
        email: email.to_owned(),
        password: Secret::new(password),
        address: address.parse::<IpAddr>().unwrap(),
        is_secure: false,
    };
    engine.log_in_to_console(asked).await.unwrap()
}

async fn enters(engine: &Engine, address: &str) -> Option<ConsoleSession> {
    match try_from(engine, (WHO, PASSWORD), address).await {
        LogIn::In(session) => Some(session),
        LogIn::Refused | LogIn::TooMany { .. } => None,
    }
}

async fn is_refused(engine: &Engine, password: &str, address: &str) -> bool {
    let answer = try_from(engine, (WHO, password), address).await;
    matches!(answer, LogIn::Refused)
}

async fn lives(engine: &Engine, session: &ConsoleSession) -> bool {
    let token = session.token.expose();
    engine.console_session(token).await.unwrap().is_some()
}

fn themselves(address: &str) -> Actor {
    Actor {
        name: WHO.to_owned(),
        via: ActVia::Console,
        address: Some(address.to_owned()),
    }
}

/// The log, the latest first: operation, actor, outcome and reason.
async fn log(engine: &Engine) -> Vec<(String, String, ActOutcome, Option<String>)> {
    let page = engine.acts(&ActFilter::default(), None, 100).await.unwrap();
    let line = |act: naru_engine::Act| {
        let begun = act.begun;
        (begun.operation, begun.actor, act.outcome, act.reason)
    };
    page.acts.into_iter().map(line).collect()
}

#[tokio::test]
async fn the_right_password_begins_a_session_and_the_log_says_who() {
    let bed = bed().await;
    let session = enters(&bed.engine, HOME).await.unwrap();
    assert_eq!(session.email, WHO);
    assert_eq!(session.token.expose().len(), 43);
    assert_ne!(session.token.expose(), session.form_token.expose());
    assert!(lives(&bed.engine, &session).await);
    // However the address is written; and each log-in has a token of its own.
    let odd = try_from(&bed.engine, (" HONG@shop.example ", PASSWORD), HOME).await;
    let LogIn::In(other) = odd else {
        panic!("{odd:?}")
    };
    assert_ne!(session.token.expose(), other.token.expose());
    assert_ne!(session.form_token.expose(), other.form_token.expose());
    let wanted = (
        "console.log-in".to_owned(),
        WHO.to_owned(),
        ActOutcome::Done,
        None,
    );
    assert_eq!(log(&bed.engine).await, [wanted.clone(), wanted]);
}

#[tokio::test]
async fn whoever_is_wrong_or_unknown_is_refused_and_what_they_typed_is_not_kept() {
    let bed = bed().await;
    for (email, password) in [
        (WHO, "wrong horse battery"),
        (WHO, ""),
        ("nobody@shop.example", PASSWORD),
        ("typed-secret-into-the-wrong-field", "x"),
        ("typed@secret.example", "x"),
    ] {
        let answer = try_from(&bed.engine, (email, password), HOME).await;
        assert!(matches!(answer, LogIn::Refused), "{email}: {answer:?}");
    }
    let found = log(&bed.engine).await;
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|line| line.2 == ActOutcome::Refused));
    let actors: Vec<&str> = found.iter().map(|line| line.1.as_str()).collect();
    assert_eq!(actors, ["unknown", "unknown", "unknown", WHO, WHO]);
    let page = bed.engine.acts(&ActFilter::default(), None, 100).await;
    let all = format!("{page:?}");
    assert!(!all.contains("secret") && !all.contains("horse"), "{all}");
}

#[tokio::test]
async fn five_wrong_passwords_lock_the_account_for_a_while_on_every_node() {
    let bed = bed().await;
    let other = bed.another_node();
    for turn in 0..5 {
        let node = if turn % 2 == 0 { &bed.engine } else { &other };
        assert!(is_refused(node, "wrong horse battery", HOME).await);
    }
    // Now the right one is refused as well, on both, and from elsewhere.
    assert!(enters(&bed.engine, HOME).await.is_none());
    assert!(enters(&other, ELSEWHERE).await.is_none());
    let views = other.administrators().await.unwrap();
    assert!(views[0].locked_until.is_some());
    bed.time.pass_ms(15 * MINUTE_MS - 1);
    assert!(enters(&other, HOME).await.is_none());
    bed.time.pass_ms(1);
    assert!(enters(&other, HOME).await.is_some());
    let found = log(&bed.engine).await;
    let locks: Vec<_> = found
        .iter()
        .filter(|line| line.0 == "console.lock-out")
        .collect();
    assert_eq!(locks.len(), 1, "{found:?}");
    let locked = "the account is locked";
    let told = found
        .iter()
        .filter(|line| line.3.as_deref() == Some(locked));
    assert_eq!(told.count(), 3);
}

#[tokio::test]
async fn the_second_lock_out_is_longer_and_a_right_password_forgets() {
    let bed = bed().await;
    for _ in 0..5 {
        assert!(is_refused(&bed.engine, "wrong horse battery", HOME).await);
    }
    bed.time.pass_ms(15 * MINUTE_MS);
    for _ in 0..5 {
        assert!(is_refused(&bed.engine, "wrong horse battery", HOME).await);
    }
    bed.time.pass_ms(16 * MINUTE_MS);
    assert!(enters(&bed.engine, HOME).await.is_none());
    bed.time.pass_ms(14 * MINUTE_MS);
    assert!(enters(&bed.engine, HOME).await.is_some());
    for _ in 0..4 {
        assert!(is_refused(&bed.engine, "wrong horse battery", HOME).await);
    }
    assert!(enters(&bed.engine, HOME).await.is_some());
}

#[tokio::test]
async fn the_fifth_password_may_be_right() {
    let bed = bed().await;
    for _ in 0..4 {
        assert!(is_refused(&bed.engine, "wrong horse battery", HOME).await);
    }
    assert!(enters(&bed.engine, HOME).await.is_some());
    assert!(enters(&bed.engine, ELSEWHERE).await.is_some());
}

#[tokio::test]
async fn a_stranger_does_not_lock_out_whoever_logs_in_from_home() {
    let bed = bed().await;
    assert!(enters(&bed.engine, HOME).await.is_some());
    for _ in 0..6 {
        assert!(is_refused(&bed.engine, "wrong horse battery", ELSEWHERE).await);
    }
    assert!(enters(&bed.engine, ELSEWHERE).await.is_none());
    assert!(enters(&bed.engine, HOME).await.is_some());
    // From home it is five wrong ones as well.
    for _ in 0..5 {
        assert!(is_refused(&bed.engine, "wrong horse battery", HOME).await);
    }
    assert!(enters(&bed.engine, HOME).await.is_none());
    bed.engine.unlock_administrator(WHO).await.unwrap();
    assert!(enters(&bed.engine, HOME).await.is_some());
}

#[tokio::test]
async fn an_address_that_guesses_names_is_not_listened_to() {
    let bed = bed().await;
    for turn in 0..20 {
        let email = format!("nobody-{turn}@shop.example");
        let answer = try_from(&bed.engine, (&email, PASSWORD), ELSEWHERE).await;
        let is_last = turn == 19;
        assert_eq!(matches!(answer, LogIn::TooMany { .. }), is_last, "{turn}");
    }
    let rows = log(&bed.engine).await.len();
    let answer = try_from(&bed.engine, (WHO, PASSWORD), ELSEWHERE).await;
    assert!(matches!(answer, LogIn::TooMany { .. }), "{answer:?}");
    assert_eq!(log(&bed.engine).await.len(), rows, "nothing fills the log");
    assert_eq!(rows, 21, "twenty tries, and that the address is refused");
    assert!(enters(&bed.engine, HOME).await.is_some());
    bed.time.pass_ms(15 * MINUTE_MS);
    assert!(enters(&bed.engine, ELSEWHERE).await.is_some());
}

#[tokio::test]
async fn a_hundred_tries_at_once_are_no_more_than_five() {
    let bed = bed().await;
    let tries = (0..24).map(|turn| {
        let engine = bed.engine.clone();
        // Each from an address of its own.
        let address = format!("10.0.1.{turn}");
        async move {
            let asked = LogInAsked {
                email: WHO.to_owned(),
                password: Secret::new("wrong horse battery"),
                address: address.parse().unwrap(),
                is_secure: false,
            };
            engine.log_in_to_console(asked).await
        }
    });
    futures_util::future::join_all(tries).await;
    let wrong = "the password is wrong";
    let found = log(&bed.engine).await;
    let looked_at = found.iter().filter(|line| line.3.as_deref() == Some(wrong));
    assert!(looked_at.count() <= 5, "{found:?}");
    assert!(enters(&bed.engine, HOME).await.is_none());
}

#[tokio::test]
async fn a_session_ends_unused_and_in_any_case() {
    let bed = bed().await;
    let idle = enters(&bed.engine, HOME).await.unwrap();
    bed.time.pass_ms(30 * MINUTE_MS - 1);
    assert!(lives(&bed.engine, &idle).await);
    bed.time.pass_ms(30 * MINUTE_MS - 1);
    assert!(lives(&bed.engine, &idle).await, "it was used");
    bed.time.pass_ms(30 * MINUTE_MS);
    assert!(!lives(&bed.engine, &idle).await);

    let used = enters(&bed.engine, HOME).await.unwrap();
    for _ in 0..36 {
        assert!(lives(&bed.engine, &used).await);
        bed.time.pass_ms(20 * MINUTE_MS);
    }
    assert!(!lives(&bed.engine, &used).await, "twelve hours are over");
    bed.engine.sweep_expired().await.unwrap();
    assert!(!lives(&bed.engine, &used).await);
}

#[tokio::test]
async fn a_log_out_ends_the_session_and_no_other() {
    let bed = bed().await;
    let one = enters(&bed.engine, HOME).await.unwrap();
    let two = enters(&bed.engine, HOME).await.unwrap();
    bed.engine.log_out(&one, themselves(HOME)).await.unwrap();
    assert!(!lives(&bed.engine, &one).await);
    assert!(lives(&bed.engine, &two).await);
    assert_eq!(log(&bed.engine).await[0].0, "console.log-out");
}

#[tokio::test]
async fn another_password_ends_all_sessions() {
    let bed = bed().await;
    let session = enters(&bed.engine, HOME).await.unwrap();
    let (current, new) = (Secret::new(PASSWORD), Secret::new("another long one"));
    let (actor, address) = (themselves(HOME), HOME.parse().unwrap());
    let by = (&actor, address);
    let wrong = Secret::new("wrong horse battery");
    let refused = bed
        .engine
        .change_own_password((WHO, &wrong, &new), by)
        .await;
    assert!(refused.is_err());
    let short = Secret::new("short");
    let refused = bed
        .engine
        .change_own_password((WHO, &current, &short), by)
        .await;
    assert!(refused.is_err());
    assert!(lives(&bed.engine, &session).await);
    let changed = bed
        .engine
        .change_own_password((WHO, &current, &new), by)
        .await;
    changed.unwrap();
    assert!(!lives(&bed.engine, &session).await);
    assert!(enters(&bed.engine, HOME).await.is_none());
    let answer = try_from(&bed.engine, (WHO, "another long one"), HOME).await;
    let LogIn::In(session) = answer else {
        panic!("{answer:?}")
    };
    bed.engine.reset_password(WHO, &current).await.unwrap();
    assert!(!lives(&bed.engine, &session).await);
    assert!(enters(&bed.engine, HOME).await.is_some());
}

#[tokio::test]
async fn guesses_of_the_current_password_lock_the_account() {
    let bed = bed().await;
    let _session = enters(&bed.engine, HOME).await.unwrap();
    let (wrong, new) = (Secret::new("wrong"), Secret::new("another long one"));
    let (actor, address) = (themselves(HOME), HOME.parse().unwrap());
    for _ in 0..5 {
        let by = (&actor, address);
        let refused = bed
            .engine
            .change_own_password((WHO, &wrong, &new), by)
            .await;
        assert!(refused.is_err());
    }
    assert!(enters(&bed.engine, HOME).await.is_none());
}

#[tokio::test]
async fn whoever_is_removed_is_out_at_once() {
    let bed = bed().await;
    let session = enters(&bed.engine, HOME).await.unwrap();
    bed.engine.remove_administrator(WHO).await.unwrap();
    assert!(!lives(&bed.engine, &session).await);
    assert!(enters(&bed.engine, HOME).await.is_none());
    assert!(bed.engine.administrators().await.unwrap().is_empty());
    assert!(bed.engine.remove_administrator(WHO).await.is_err());
    let again = bed
        .engine
        .add_administrator(WHO, &Secret::new(PASSWORD))
        .await;
    again.unwrap();
    assert!(
        !lives(&bed.engine, &session).await,
        "the old one stays ended"
    );
}

#[tokio::test]
async fn an_administrator_is_added_once_with_a_password_worth_the_name() {
    let bed = bed().await;
    let password = Secret::new(PASSWORD);
    let add = async |email: &str, password: &Secret| {
        let added = bed.engine.add_administrator(email, password).await;
        added
            .map(|view| view.email)
            .map_err(|fault| fault.to_string())
    };
    assert!(
        add("HONG@shop.example", &password)
            .await
            .unwrap_err()
            .contains("already")
    );
    assert!(
        add("nobody", &password)
            .await
            .unwrap_err()
            .contains("`email`")
    );
    let short = Secret::new("short");
    assert!(
        add("kim@shop.example", &short)
            .await
            .unwrap_err()
            .contains("12")
    );
    assert_eq!(
        add("Kim@shop.example", &password).await.unwrap(),
        "kim@shop.example"
    );
    let rows = bed.store.scan(Query::of(&tables::ADMINISTRATORS, 9)).await;
    let rows = format!("{rows:?}");
    assert!(rows.contains(WHO) && !rows.contains(PASSWORD));
}
