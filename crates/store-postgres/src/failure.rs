//! What went wrong, sorted by what to do about it, and how long to wait before trying again.
//!
//! It must not put values into a message: the server's `DETAIL` quotes rows, so only its primary
//! message and code are kept (P8).
//!
//! Invariant: an error of unknown kind is `Passing`, and whoever retries it has a deadline.

use std::error::Error as _;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use naru_store::StoreError;
use tokio::time::Instant;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// An error of the database, by what helps.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// The connection, a lock, the load: the same again may well succeed.
    Passing(String),
    /// A person has to change something at the server.
    Lasting(String),
    /// The server can't take this statement with these values. The same again never succeeds.
    Refused(String),
}

impl Failure {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Passing(text) | Self::Lasting(text) | Self::Refused(text) => text,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            return Self::Passing(describe(&error));
        };
        let text = format!("{} (SQLSTATE {})", answer.message(), answer.code().code());
        match class(answer.code()) {
            Class::Passing => Self::Passing(text),
            Class::Lasting => Self::Lasting(text),
            Class::Refused => Self::Refused(text),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self(failure.text())
    }
}

/// The message with its cause; the driver leaves the cause out.
pub(crate) fn describe(error: &Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(answer), _) => {
            format!("{} (SQLSTATE {})", answer.message(), answer.code().code())
        }
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

enum Class {
    Passing,
    Lasting,
    Refused,
}

fn class(code: &SqlState) -> Class {
    if *code == SqlState::LOCK_NOT_AVAILABLE {
        return Class::Passing;
    }
    if *code == SqlState::INSUFFICIENT_PRIVILEGE {
        return Class::Lasting;
    }
    match code.code().get(..2) {
        // Connection, transaction rollback (40001, 40P01), resources, operator (restart), system.
        // Among 25 are the idle-in-transaction time-out (this node slept too long) and "read-only
        // transaction" (after a failover the old address may answer as a standby).
        Some("08" | "25" | "40" | "53" | "57" | "58") => Class::Passing,
        // Data, constraints, syntax and names, program limits (a key too long for its index).
        Some("22" | "23" | "42" | "54") => Class::Refused,
        _ => Class::Lasting,
    }
}

/// Waiting between attempts: doubling from 5 to 320 ms, each half to one and a half times that,
/// so that nodes that collided once don't collide in step.
pub(crate) struct Backoff {
    deadline: Instant,
    attempts: u32,
}

impl Backoff {
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            deadline: Instant::now() + patience,
            attempts: 0,
        }
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Waits, and says whether there is time for another attempt.
    pub(crate) async fn again(&mut self) -> bool {
        let base = 5_u64 << self.attempts.min(6);
        self.attempts += 1;
        let wait = base / 2 + random() % (base + 1);
        let until = Instant::now() + Duration::from_millis(wait);
        if until >= self.deadline {
            return false;
        }
        tokio::time::sleep_until(until).await;
        true
    }
}

/// Enough randomness for jitter: the standard library seeds each hasher by itself.
fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use tokio_postgres::error::SqlState;

    use super::{Class, class};

    #[test]
    fn what_may_pass_is_tried_again() {
        for code in [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
        ] {
            assert!(matches!(class(&code), Class::Passing), "{code:?}");
        }
        for code in [SqlState::INSUFFICIENT_PRIVILEGE, SqlState::INVALID_PASSWORD] {
            assert!(matches!(class(&code), Class::Lasting), "{code:?}");
        }
        for code in [SqlState::PROGRAM_LIMIT_EXCEEDED, SqlState::UNDEFINED_TABLE] {
            assert!(matches!(class(&code), Class::Refused), "{code:?}");
        }
    }
}
