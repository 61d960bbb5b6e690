//! Logging in: a password is counted before it is looked at, and forgotten once it was right.
//!
//! Counts are of three kinds, so that nobody can lock an administrator out from elsewhere: of the
//! account from an address that its administrator has logged in from lately; of the account from
//! all other addresses together; of an address, whoever is meant. Invariants: of a hundred tries
//! at once no more are looked at than of a hundred one after the other; whoever is unknown, wrong
//! or locked out is answered the same, after the same work.

use std::net::{IpAddr, Ipv6Addr};

use naru_connector::Secret;
use naru_domain::Timestamp;
use naru_store::{Commit, CommitError, Versioned, Write, tables};

use super::rules::{self, WRONG_PER_ADDRESS_MAX};
use super::sessions::{ConsoleSession, MadeSession};
use crate::records::{ActVia, AdministratorRecord, LogInCountRecord};
use crate::{Actor, Engine, Fault, NewAct};

/// How long an address stays known after a log-in from it, in seconds.
const KNOWN_S: i64 = 30 * 86_400;
/// How often a count is tried again that somebody else changed at the same time.
const COUNT_TRIES: u32 = 16;
/// The actor of a try whose e-mail address is nobody's. The address itself is not kept: people
/// type passwords into the wrong field.
const UNKNOWN: &str = "unknown";

/// Somebody wants to log in.
#[derive(Debug, Clone)]
pub struct LogInAsked {
    /// As it was typed.
    pub email: String,
    /// As it was typed.
    pub password: Secret,
    /// From where.
    pub address: IpAddr,
    /// Whether the browser came over TLS.
    pub is_secure: bool,
}

/// What came of it.
#[derive(Debug, Clone)]
pub enum LogIn {
    /// A session has begun.
    In(ConsoleSession),
    /// The e-mail address or the password is wrong, or the account is locked: which of them is not
    /// told.
    Refused,
    /// Too many wrong passwords came from the address.
    TooMany {
        /// After so many seconds it is listened to again.
        retry_after_s: u32,
    },
}

/// A password that was right.
pub(super) struct Right {
    pub(super) administrator: Versioned<AdministratorRecord>,
    /// What forgets the wrong ones before it.
    pub(super) forgotten: Vec<Write>,
}

/// A try that was counted.
struct Counted {
    /// The account's count, if there is such an account and it is not locked.
    account: Option<LogInCountRecord>,
    /// Whether it is.
    is_locked: bool,
    /// The address's.
    address: LogInCountRecord,
}

type Versions<T> = Option<Versioned<T>>;

impl Engine {
    /// Logs in, or not. What was tried is in the audit log.
    pub async fn log_in_to_console(&self, asked: LogInAsked) -> Result<LogIn, Fault> {
        let known = rules::email(&asked.email).ok();
        let found = match &known {
            Some(email) => self.administrator(email).await?,
            None => None,
        };
        let name = found.as_ref().map_or(UNKNOWN, |found| &found.value.email);
        let actor = Actor {
            name: name.to_owned(),
            via: ActVia::Console,
            address: Some(asked.address.to_string()),
        };
        let act = NewAct::on(actor, "console.log-in", None);
        if let Some(until) = self.address_is_refused(asked.address).await? {
            return Ok(self.too_many(until));
        }
        let Some(right) = self.password_is_right(&asked, &act).await? else {
            return Ok(match self.address_is_refused(asked.address).await? {
                Some(until) => self.too_many(until),
                None => LogIn::Refused,
            });
        };
        let made = self.new_session(&right.administrator.value.email, asked.is_secure);
        let MadeSession { record, session } = made;
        let mut unit = Commit::new(self.new_uuid());
        // Nobody set another password meanwhile.
        unit.expect(&right.administrator);
        unit.insert(&record)?;
        unit.writes.extend(right.forgotten);
        self.add_act(&mut unit, act, None)?;
        match self.commit(unit).await {
            Ok(()) => Ok(LogIn::In(session)),
            Err(CommitError::Conflict(_)) => Ok(LogIn::Refused),
            Err(error) => Err(error.into()),
        }
    }

    fn too_many(&self, until: Timestamp) -> LogIn {
        let seconds = until.as_seconds() - self.now().as_seconds();
        LogIn::TooMany {
            retry_after_s: u32::try_from(seconds.max(1)).unwrap_or(u32::MAX),
        }
    }

    async fn address_is_refused(&self, address: IpAddr) -> Result<Option<Timestamp>, Fault> {
        let count = self.count("", &network(address)).await?;
        let now = self.now();
        Ok(count
            .map(|count| count.value)
            .filter(|count| count.wrong >= WRONG_PER_ADDRESS_MAX && now < count.expires_at)
            .map(|count| count.expires_at))
    }

    /// Counts a try, and looks at its password. One that was refused is in the audit log.
    pub(super) async fn password_is_right(
        &self,
        asked: &LogInAsked,
        act: &NewAct,
    ) -> Result<Option<Right>, Fault> {
        let found = match rules::email(&asked.email) {
            Ok(email) => self.administrator(&email).await?,
            Err(_) => None,
        };
        let email = found.as_ref().map(|found| found.value.email.clone());
        let counted = self.count_try(email.as_deref(), asked.address).await?;
        let Some(counted) = counted else {
            return Ok(None);
        };
        // Of a locked account the work is the same, and whatever it comes to does not count.
        let kept = found.as_ref().filter(|_| !counted.is_locked);
        let kept = kept.map(|found| &found.value.password);
        let is_right = self.is_password(&asked.password, kept).await?;
        if let (true, Some(administrator)) = (is_right, found) {
            let forgotten = self.forgotten(&counted, &administrator.value.email)?;
            return Ok(Some(Right {
                administrator,
                forgotten,
            }));
        }
        let reason = match (counted.is_locked, email) {
            (true, _) => "the account is locked",
            (false, Some(_)) => "the password is wrong",
            (false, None) => "nobody has this e-mail address",
        };
        self.refuse_try(act, reason, &counted).await?;
        Ok(None)
    }

    async fn refuse_try(&self, act: &NewAct, reason: &str, counted: &Counted) -> Result<(), Fault> {
        let mut unit = Commit::new(self.new_uuid());
        self.add_act(&mut unit, act.clone(), Some(reason))?;
        let lock_out = |count: &LogInCountRecord, subject: &str, until: Timestamp| {
            tracing::warn!(%until, "no log-in for a while: too many wrong passwords");
            let actor = act.actor.clone();
            NewAct::on(actor, "console.lock-out", Some(subject.to_owned()))
                .with("until", until.to_string())
                .with("wrong", count.wrong.to_string())
        };
        let account = counted.account.as_ref();
        if let Some((count, until)) = account.and_then(|one| Some((one, one.locked_until?))) {
            let from = if count.address.is_empty() {
                "addresses that they have not logged in from"
            } else {
                count.address.as_str()
            };
            let locked = lock_out(count, &count.email, until).with("from", from);
            self.add_act(&mut unit, locked, None)?;
        }
        let address = &counted.address;
        if address.wrong == WRONG_PER_ADDRESS_MAX {
            let refused = lock_out(address, &address.address, address.expires_at);
            self.add_act(&mut unit, refused, None)?;
        }
        Ok(self.commit(unit).await?)
    }

    /// Counts a try at an account, if there is one, and from an address, in one unit. Nothing if
    /// the address has had its tries.
    async fn count_try(
        &self,
        email: Option<&str>,
        address: IpAddr,
    ) -> Result<Option<Counted>, Fault> {
        let network = network(address);
        for _ in 0..COUNT_TRIES {
            let now = self.now();
            let by_address = self.count("", &network).await?;
            let before = by_address.as_ref().map(|count| count.value.clone());
            let before = before.unwrap_or_else(|| none(("", &network), now));
            if before.wrong >= WRONG_PER_ADDRESS_MAX && now < before.expires_at {
                return Ok(None);
            }
            let mut unit = Commit::new(self.new_uuid());
            let address = rules::count_address(before, now);
            put(&mut unit, by_address.as_ref(), address.clone())?;
            let mut counted = Counted {
                account: None,
                is_locked: false,
                address,
            };
            if let Some(email) = email {
                let (found, scope) = self.account_count(email, &network, now).await?;
                let before = found.as_ref().map(|count| count.value.clone());
                let before = before.unwrap_or_else(|| none((email, &scope), now));
                counted.is_locked = rules::is_locked(&before, now);
                if !counted.is_locked {
                    let count = rules::count_try(before, now);
                    put(&mut unit, found.as_ref(), count.clone())?;
                    counted.account = Some(count);
                }
            }
            match self.commit(unit).await {
                Ok(()) => return Ok(Some(counted)),
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let detail = "too many log-ins at once".to_owned();
        Err(Fault::Unavailable { detail })
    }

    /// The count that a try belongs to: its address's own, where the administrator is known to
    /// come from there, else that of all others.
    async fn account_count(
        &self,
        email: &str,
        network: &str,
        now: Timestamp,
    ) -> Result<(Versions<LogInCountRecord>, String), Fault> {
        let known = self.count(email, network).await?;
        match known.filter(|known| now < known.value.expires_at) {
            Some(known) => Ok((Some(known), network.to_owned())),
            None => Ok((self.count(email, "").await?, String::new())),
        }
    }

    async fn count(&self, email: &str, address: &str) -> Result<Versions<LogInCountRecord>, Fault> {
        let key = vec![email.into(), address.into()];
        Ok(self.store().load(key).await?)
    }

    /// After a right password: its address is known, and what was wrong before it is forgotten.
    fn forgotten(&self, counted: &Counted, email: &str) -> Result<Vec<Write>, Fault> {
        let forget = |email: &str, address: &str| Write::Delete {
            table: &tables::LOG_IN_COUNTS,
            key: vec![email.into(), address.into()],
            expected: None,
        };
        let network = counted.address.address.as_str();
        let mut unit = Commit::new(self.new_uuid());
        unit.writes.push(forget("", network));
        if counted
            .account
            .as_ref()
            .is_some_and(|one| one.address.is_empty())
        {
            unit.writes.push(forget(email, ""));
        }
        let known_until = self.now().plus_seconds(KNOWN_S);
        unit.upsert(&none((email, network), known_until))?;
        Ok(unit.writes)
    }
}

fn none((email, address): (&str, &str), expires_at: Timestamp) -> LogInCountRecord {
    LogInCountRecord {
        email: email.to_owned(),
        address: address.to_owned(),
        wrong: 0,
        locked_until: None,
        expires_at,
    }
}

fn put(
    unit: &mut Commit,
    before: Option<&Versioned<LogInCountRecord>>,
    value: LogInCountRecord,
) -> Result<(), Fault> {
    match before {
        Some(before) => unit.update(&Versioned {
            version: before.version,
            value,
        })?,
        None => unit.insert(&value)?,
    }
    Ok(())
}

/// Who is counted together: an IPv4 address, or the /64 that one customer has of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let bits = u128::from(address) >> 64 << 64;
            format!("{}/64", Ipv6Addr::from(bits))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::network;

    #[test]
    fn addresses_of_one_network_are_counted_together() {
        for (address, wanted) in [
            ("10.1.2.3", "10.1.2.3"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("::1", "::/64"),
        ] {
            assert_eq!(network(address.parse().unwrap()), wanted);
        }
    }
}
