//! Administrators, their sessions, what counts against log-ins, and the audit log.

use std::collections::BTreeMap;

use naru_domain::Timestamp;
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

/// Through what an act came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActVia {
    /// `naru …`, whose user is as its machine told it.
    CommandLine,
    /// The console.
    Console,
}

impl ActVia {
    /// Its name in the store and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CommandLine => "command-line",
            Self::Console => "console",
        }
    }
}

/// What became of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActOutcome {
    /// Nothing is known yet: it runs, or the process ended before it had ended.
    Begun,
    /// It was done.
    Done,
    /// It was refused, and changed nothing.
    Refused,
    /// It failed, and may have changed something.
    Failed,
}

impl ActOutcome {
    /// Its name in the store and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// One row of the audit log: an act as it began, or as it ended. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActRecord {
    /// The act's id: a UUID v7, so that acts are in the order of their beginnings.
    pub id: String,
    /// 0: as it began. 1: as it ended.
    pub step: i64,
    /// When, by the business clock.
    pub at: Timestamp,
    /// Who: an administrator's e-mail address, or the name of a user of an operating system.
    pub actor: String,
    /// Through what.
    pub via: ActVia,
    /// The network address that it came from.
    pub address: Option<String>,
    /// What, such as `channels.create`.
    pub operation: String,
    /// In which store, if it is about one.
    pub store_id: Option<String>,
    /// On what: the id of a channel, a payment, an administrator's address.
    pub subject: Option<String>,
    /// What became of it.
    pub outcome: ActOutcome,
    /// Why it was refused or failed.
    pub reason: Option<String>,
    /// What else is worth knowing.
    pub details: BTreeMap<String, String>,
}

impl Record for ActRecord {
    const TABLE: &'static Table = &tables::ACTS;

    fn key(&self) -> Vec<Value> {
        vec![self.id.as_str().into(), self.step.into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![
            self.at.into(),
            self.actor.as_str().into(),
            self.operation.as_str().into(),
            self.store_id.as_deref().into(),
            self.outcome.name().into(),
        ]
    }
}

/// A password as it is kept: what argon2id made of it, and with which parameters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPassword {
    /// Memory of a computation, in KiB.
    pub memory_kib: u32,
    /// Passes over that memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// The salt, base64: random, of its own for each password.
    pub salt: String,
    /// What came out, base64.
    pub hash: String,
}

/// Who may log in to the console.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdministratorRecord {
    /// The e-mail address in lower case, which names them.
    pub email: String,
    /// The password.
    pub password: KeptPassword,
    /// When they were added.
    pub created_at: Timestamp,
    /// When the password was set.
    pub password_set_at: Timestamp,
}

impl Record for AdministratorRecord {
    const TABLE: &'static Table = &tables::ADMINISTRATORS;

    fn key(&self) -> Vec<Value> {
        vec![self.email.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// A session of the console. Its token is not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleSessionRecord {
    /// SHA-256 of the token, hex: a token has enough entropy that no slow hash is needed.
    pub token_hash: String,
    /// Whose.
    pub email: String,
    /// When they logged in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends, used or not.
    pub ends_at: Timestamp,
    /// Whether its cookie goes over TLS only.
    pub is_secure: bool,
}

impl Record for ConsoleSessionRecord {
    const TABLE: &'static Table = &tables::CONSOLE_SESSIONS;

    fn key(&self) -> Vec<Value> {
        vec![self.token_hash.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.email.as_str().into(), self.ends_at.into()]
    }
}

/// Wrong passwords in a row. Without an e-mail: from an address, whoever was meant. Without an
/// address: from all those that the administrator does not log in from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogInCountRecord {
    /// Whose account, or empty.
    pub email: String,
    /// From which network, or empty.
    pub address: String,
    /// How many were wrong since one was right.
    pub wrong: u32,
    /// Until when no password counts.
    pub locked_until: Option<Timestamp>,
    /// When all of this is forgotten.
    pub expires_at: Timestamp,
}

impl Record for LogInCountRecord {
    const TABLE: &'static Table = &tables::LOG_IN_COUNTS;

    fn key(&self) -> Vec<Value> {
        vec![self.email.as_str().into(), self.address.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.expires_at.into()]
    }
}
