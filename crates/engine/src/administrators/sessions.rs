//! Sessions of the console: a random token in the browser, its hash in the store.
//!
//! A session ends when it was not used for [`SESSION_IDLE_S`], [`SESSION_MAX_S`] after its
//! beginning, at the log-out, and with its administrator's password. What a form carries against
//! forgeries follows from the token, so that it is the session's own and nothing more is kept.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use naru_connector::Secret;
use naru_domain::Timestamp;
use naru_store::{Commit, CommitError, Versioned};
use sha2::{Digest as _, Sha256};

use crate::auth::hash_secret;
use crate::records::ConsoleSessionRecord;
use crate::{Actor, Engine, Fault, NewAct};

/// How long a session may be unused, in seconds.
pub const SESSION_IDLE_S: i64 = 30 * 60;
/// How long it lives at most, in seconds.
pub const SESSION_MAX_S: i64 = 12 * 3_600;
/// It is written at most so often that it was used, in seconds.
const SEEN_S: i64 = 60;
/// Random bytes of a token.
const TOKEN_BYTES: usize = 32;
/// Characters of a token.
const TOKEN_LENGTH: usize = 43;

/// A session, as its owner's browser has it.
#[derive(Debug, Clone)]
pub struct ConsoleSession {
    /// Whose.
    pub email: String,
    /// The cookie.
    pub token: Secret,
    /// What every form of the session carries.
    pub form_token: Secret,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
    /// Whether its cookie goes over TLS only.
    pub is_secure: bool,
}

pub(super) struct MadeSession {
    pub(super) record: ConsoleSessionRecord,
    pub(super) session: ConsoleSession,
}

fn form_token(token: &str) -> Secret {
    let mut digest = Sha256::new();
    digest.update(b"naru console form\0");
    digest.update(token.as_bytes());
    Secret::new(URL_SAFE_NO_PAD.encode(digest.finalize()))
}

fn of(record: &ConsoleSessionRecord, token: Secret) -> ConsoleSession {
    ConsoleSession {
        email: record.email.clone(),
        form_token: form_token(token.expose()),
        token,
        ends_at: record.ends_at,
        is_secure: record.is_secure,
    }
}

impl Engine {
    pub(super) fn new_session(&self, email: &str, is_secure: bool) -> MadeSession {
        let mut bytes = [0; TOKEN_BYTES];
        self.entropy().fill(&mut bytes);
        let token = Secret::new(URL_SAFE_NO_PAD.encode(bytes));
        let now = self.now();
        let record = ConsoleSessionRecord {
            token_hash: hash_secret(token.expose()),
            email: email.to_owned(),
            created_at: now,
            seen_at: now,
            ends_at: now.plus_seconds(SESSION_MAX_S),
            is_secure,
        };
        let session = of(&record, token);
        MadeSession { record, session }
    }

    /// The session that a cookie is of, if it lives. That it was used is noted.
    pub async fn console_session(&self, token: &str) -> Result<Option<ConsoleSession>, Fault> {
        let Some(found) = self.live_session(token).await? else {
            return Ok(None);
        };
        let session = of(&found.value, Secret::new(token));
        let now = self.now();
        if now >= found.value.seen_at.plus_seconds(SEEN_S) {
            let value = ConsoleSessionRecord {
                seen_at: now,
                ..found.value
            };
            let mut unit = Commit::new(self.new_uuid());
            unit.update(&Versioned { value, ..found })?;
            match self.commit(unit).await {
                // Somebody else noted it, or ended it: the next request will tell.
                Ok(()) | Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(session))
    }

    async fn live_session(
        &self,
        token: &str,
    ) -> Result<Option<Versioned<ConsoleSessionRecord>>, Fault> {
        if token.len() != TOKEN_LENGTH {
            return Ok(None);
        }
        let key = vec![hash_secret(token).into()];
        let found = self.store().load::<ConsoleSessionRecord>(key).await?;
        let now = self.now();
        Ok(found.filter(|found| {
            now < found.value.ends_at && now < found.value.seen_at.plus_seconds(SESSION_IDLE_S)
        }))
    }

    /// Ends a session.
    pub async fn log_out(&self, session: &ConsoleSession, actor: Actor) -> Result<(), Fault> {
        let Some(found) = self.live_session(session.token.expose()).await? else {
            return Ok(());
        };
        let mut unit = Commit::new(self.new_uuid());
        // Whatever its version is: it ends in any case.
        unit.writes.push(naru_store::Write::Delete {
            table: &naru_store::tables::CONSOLE_SESSIONS,
            key: vec![found.value.token_hash.into()],
            expected: None,
        });
        self.add_act(&mut unit, NewAct::on(actor, "console.log-out", None), None)?;
        Ok(self.commit(unit).await?)
    }
}
