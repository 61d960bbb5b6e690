//! The rules of log-ins, without a store or a clock: e-mail addresses, passwords, lock-outs.

use naru_domain::Timestamp;

use crate::Fault;
use crate::records::LogInCountRecord;

/// Characters of a password, at least and at most.
pub const PASSWORD_MIN: usize = 12;
/// The most: a longer one would only cost time.
pub const PASSWORD_MAX: usize = 200;
/// Characters of an e-mail address.
const EMAIL_MAX: usize = 254;
/// Wrong passwords in a row, after which an account is locked.
pub const WRONG_MAX: u32 = 5;
/// Wrong passwords from one address within [`ADDRESS_S`], after which it is not listened to.
pub const WRONG_PER_ADDRESS_MAX: u32 = 20;
/// How long an address counts, in seconds.
pub const ADDRESS_S: i64 = 15 * 60;
/// The first lock-out, in seconds. Each further one is twice as long.
const LOCK_S: i64 = 15 * 60;
/// The longest, in seconds.
const LOCK_MAX_S: i64 = 8 * 3_600;
/// After how long without a wrong password an account's count is forgotten, in seconds.
const FORGET_S: i64 = 24 * 3_600;

/// The e-mail address as it names an administrator: in lower case, without space around it.
pub fn email(text: &str) -> Result<String, Fault> {
    let email = text.trim().to_ascii_lowercase();
    let is_odd =
        |one: char| one.is_control() || one.is_whitespace() || "<>\"'\\,;:()".contains(one);
    let is_email = email.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !host.contains('@') && !host.starts_with('.')
    });
    if !is_email || email.len() > EMAIL_MAX || email.contains(is_odd) {
        return Err(Fault::invalid(
            "`email`: expected an e-mail address, such as `hong@shop.example`",
        ));
    }
    Ok(email)
}

/// Whether a password may be set for this administrator.
pub fn password(email: &str, password: &str) -> Result<(), Fault> {
    let refused = |why: String| Err(Fault::invalid(format!("`password`: {why}")));
    let count = password.chars().count();
    if count < PASSWORD_MIN {
        return refused(format!("expected at least {PASSWORD_MIN} characters"));
    }
    if count > PASSWORD_MAX {
        return refused(format!("expected at most {PASSWORD_MAX} characters"));
    }
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default();
    if lower == email || lower.trim() == email || lower == name {
        return refused("the e-mail address is no password".to_owned());
    }
    let first = password.chars().next();
    if password.chars().all(|one| Some(one) == first) {
        return refused("one character again and again is no password".to_owned());
    }
    Ok(())
}

/// Whether no password counts now.
pub(super) fn is_locked(count: &LogInCountRecord, now: Timestamp) -> bool {
    count.locked_until.is_some_and(|until| now < until)
}

/// One more try at an account, counted before it is looked at, so that many at once are counted
/// too. Every [`WRONG_MAX`]th locks it.
pub(super) fn count_try(mut count: LogInCountRecord, now: Timestamp) -> LogInCountRecord {
    if count.expires_at <= now {
        count.wrong = 0;
    }
    count.wrong = count.wrong.saturating_add(1);
    count.locked_until = (count.wrong.is_multiple_of(WRONG_MAX)).then(|| {
        let doubled = LOCK_S.saturating_mul(1 << (count.wrong / WRONG_MAX - 1).min(16));
        now.plus_seconds(doubled.min(LOCK_MAX_S))
    });
    let forgotten = count.locked_until.unwrap_or(now).plus_seconds(FORGET_S);
    // A known address stays known.
    count.expires_at = count.expires_at.max(forgotten);
    count
}

/// One more try from an address. What was counted before its time was over is kept.
pub(super) fn count_address(mut count: LogInCountRecord, now: Timestamp) -> LogInCountRecord {
    if count.expires_at <= now {
        count.wrong = 0;
        count.expires_at = now.plus_seconds(ADDRESS_S);
    }
    count.wrong = count.wrong.saturating_add(1);
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    const T0: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn none(expires_at: Timestamp) -> LogInCountRecord {
        LogInCountRecord {
            email: "a@b.example".to_owned(),
            address: String::new(),
            wrong: 0,
            locked_until: None,
            expires_at,
        }
    }

    #[test]
    fn an_e_mail_address_names_one_administrator_however_it_is_written() {
        for (text, wanted) in [
            ("hong@shop.example", Some("hong@shop.example")),
            ("  Hong@Shop.Example\n", Some("hong@shop.example")),
            ("a+b@c", Some("a+b@c")),
            ("hong", None),
            ("@shop.example", None),
            ("hong@", None),
            ("a@b@c", None),
            ("ho ng@shop.example", None),
            ("hong@shop\0.example", None),
            ("<script>@shop.example", None),
            ("", None),
        ] {
            assert_eq!(email(text).ok().as_deref(), wanted, "{text:?}");
        }
        assert!(email(&format!("{}@b", "a".repeat(253))).is_err());
    }

    #[test]
    fn a_password_is_long_and_not_the_e_mail_address() {
        let who = "hong.gildong@shop.example";
        for (text, is_taken) in [
            ("eleven char", false),
            ("twelve chars", true),
            ("열두글자는충분히길다고요", true),
            ("Hong.Gildong@Shop.Example", false),
            (" hong.gildong@shop.example ", false),
            ("hong.gildong", false),
            ("aaaaaaaaaaaaaaaa", false),
            ("aaaaaaaaaaaaaaab", true),
        ] {
            assert_eq!(password(who, text).is_ok(), is_taken, "{text:?}");
        }
        assert!(password(who, &"ab".repeat(100)).is_ok());
        assert!(password(who, &"ab".repeat(101)).is_err());
    }

    #[test]
    fn every_fifth_wrong_password_locks_for_twice_as_long() {
        let mut count = none(T0);
        let mut now = T0;
        let mut locks = Vec::new();
        for _ in 0..40 {
            count = count_try(count, now);
            match count.locked_until {
                Some(until) => {
                    assert!(is_locked(&count, until.plus_seconds(-1)));
                    assert!(!is_locked(&count, until));
                    locks.push((count.wrong, (until.as_seconds() - now.as_seconds()) / 60));
                    now = until;
                }
                None => assert!(!is_locked(&count, now)),
            }
        }
        let wanted = [
            (5, 15),
            (10, 30),
            (15, 60),
            (20, 120),
            (25, 240),
            (30, 480),
            (35, 480),
            (40, 480),
        ];
        assert_eq!(locks, wanted);
    }

    #[test]
    fn a_day_without_a_wrong_password_forgets_them() {
        let mut count = none(T0);
        for _ in 0..4 {
            count = count_try(count, T0);
        }
        let soon = count_try(count.clone(), count.expires_at.plus_seconds(-1));
        assert!(soon.locked_until.is_some());
        let late = count_try(count.clone(), count.expires_at);
        assert_eq!((late.wrong, late.locked_until), (1, None));
    }

    #[test]
    fn an_address_counts_for_a_quarter_of_an_hour() {
        let mut count = none(T0);
        for wanted in 1..=25 {
            count = count_address(count, T0.plus_seconds(wanted));
            assert_eq!(i64::from(count.wrong), wanted);
        }
        let end = T0.plus_seconds(1 + ADDRESS_S);
        assert_eq!(count.expires_at, end);
        assert_eq!(count_address(count, end).wrong, 1);
    }
}
