//! Adding and removing administrators, and what they may change of themselves.

use std::net::IpAddr;

use naru_connector::Secret;
use naru_domain::Timestamp;
use naru_store::{Commit, CommitError, Condition, Query, Versioned, Write, tables};

use super::log_in::LogInAsked;
use super::rules;
use crate::records::{AdministratorRecord, LogInCountRecord};
use crate::{Actor, Engine, Fault, NewAct};

/// Administrators at most.
const ADMINISTRATORS_MAX: u32 = 1_000;

/// An administrator as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministratorView {
    /// The e-mail address.
    pub email: String,
    /// When they were added.
    pub created_at: Timestamp,
    /// When the password was set.
    pub password_set_at: Timestamp,
    /// Until when no password counts, from somewhere at least.
    pub locked_until: Option<Timestamp>,
}

impl Engine {
    /// Adds an administrator.
    pub async fn add_administrator(
        &self,
        email: &str,
        password: &Secret,
    ) -> Result<AdministratorView, Fault> {
        let email = rules::email(email)?;
        rules::password(&email, password.expose())?;
        let query = Query::of(&tables::ADMINISTRATORS, 1);
        if self.store().count(query, ADMINISTRATORS_MAX).await? >= ADMINISTRATORS_MAX {
            return Err(Fault::invalid(format!(
                "there are {ADMINISTRATORS_MAX} administrators; remove one first"
            )));
        }
        let now = self.now();
        let record = AdministratorRecord {
            password: self.keep_password(password).await?,
            email,
            created_at: now,
            password_set_at: now,
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        match self.commit(unit).await {
            Ok(()) => Ok(view(&record, None)),
            Err(CommitError::Conflict(_)) => Err(Fault::invalid(format!(
                "`{}` is an administrator already; `naru administrators reset-password` sets \
                 another password",
                record.email
            ))),
            Err(error) => Err(error.into()),
        }
    }

    /// All administrators, in the order of their addresses.
    pub async fn administrators(&self) -> Result<Vec<AdministratorView>, Fault> {
        let now = self.now();
        let query = Query::of(&tables::ADMINISTRATORS, ADMINISTRATORS_MAX);
        let found = self.store().list::<AdministratorRecord>(query).await?;
        let mut views = Vec::new();
        for one in found {
            let counts = self.counts_of(&one.value.email).await?;
            let locked = counts.iter().filter_map(|count| count.locked_until);
            let locked_until = locked.filter(|until| now < *until).max();
            views.push(view(&one.value, locked_until));
        }
        Ok(views)
    }

    /// Whether somebody is an administrator.
    pub async fn is_administrator(&self, email: &str) -> Result<bool, Fault> {
        Ok(self.administrator(email).await?.is_some())
    }

    pub(super) async fn administrator(
        &self,
        email: &str,
    ) -> Result<Option<Versioned<AdministratorRecord>>, Fault> {
        Ok(self.store().load(vec![email.into()]).await?)
    }

    async fn existing_administrator(
        &self,
        email: &str,
    ) -> Result<Versioned<AdministratorRecord>, Fault> {
        let email = rules::email(email)?;
        let found = self.administrator(&email).await?;
        found.ok_or_else(|| {
            Fault::invalid(format!(
                "`{email}` is no administrator; `naru administrators list` names them"
            ))
        })
    }

    async fn counts_of(&self, email: &str) -> Result<Vec<LogInCountRecord>, Fault> {
        let query = Query::of(&tables::LOG_IN_COUNTS, ADMINISTRATORS_MAX)
            .and(Condition::Is("email", email.into()));
        let found = self.store().list::<LogInCountRecord>(query).await?;
        Ok(found.into_iter().map(|one| one.value).collect())
    }

    /// Removes an administrator; their sessions end with it.
    pub async fn remove_administrator(&self, email: &str) -> Result<(), Fault> {
        let found = self.existing_administrator(email).await?;
        let mut unit = Commit::new(self.new_uuid());
        unit.delete(&found);
        unit.writes.push(ended_sessions(&found.value.email));
        unit.writes.push(Write::DeleteWhere(
            &tables::LOG_IN_COUNTS,
            vec![Condition::Is("email", found.value.email.into())],
        ));
        self.commit_or_again(unit).await
    }

    /// Sets another password; all sessions end with it, and no lock-out is left.
    pub async fn reset_password(&self, email: &str, password: &Secret) -> Result<(), Fault> {
        let found = self.existing_administrator(email).await?;
        let mut unit = self.unit_of_password(found, password).await?;
        unit.writes.extend(self.unlocking(email).await?);
        self.commit_or_again(unit).await
    }

    async fn unit_of_password(
        &self,
        found: Versioned<AdministratorRecord>,
        password: &Secret,
    ) -> Result<Commit, Fault> {
        rules::password(&found.value.email, password.expose())?;
        let mut unit = Commit::new(self.new_uuid());
        unit.writes.push(ended_sessions(&found.value.email));
        let value = AdministratorRecord {
            password: self.keep_password(password).await?,
            password_set_at: self.now(),
            ..found.value
        };
        unit.update(&Versioned { value, ..found })?;
        Ok(unit)
    }

    /// An administrator sets their own password, which takes the one before. All their sessions
    /// end with it.
    pub async fn change_own_password(
        &self,
        (email, current, new): (&str, &Secret, &Secret),
        (actor, address): (&Actor, IpAddr),
    ) -> Result<(), Fault> {
        let found = self.existing_administrator(email).await?;
        rules::password(&found.value.email, new.expose())?;
        let asked = LogInAsked {
            email: found.value.email.clone(),
            password: current.clone(),
            address,
            is_secure: false,
        };
        let wrong = || Fault::invalid("the current password is wrong, or the account is locked");
        let act = NewAct::on(
            actor.clone(),
            "administrators.change-own-password",
            Some(found.value.email.clone()),
        );
        // Guesses by whoever found the browser open count as those at the door do.
        let Some(right) = self.password_is_right(&asked, &act).await? else {
            return Err(wrong());
        };
        let mut unit = self.unit_of_password(right.administrator, new).await?;
        unit.writes.extend(right.forgotten);
        self.add_act(&mut unit, act, None)?;
        self.commit_or_again(unit).await
    }

    /// Ends an administrator's lock-outs, and those of all addresses, which may be theirs.
    pub async fn unlock_administrator(&self, email: &str) -> Result<(), Fault> {
        let found = self.existing_administrator(email).await?;
        let mut unit = Commit::new(self.new_uuid());
        unit.writes
            .extend(self.unlocking(&found.value.email).await?);
        if unit.writes.is_empty() {
            return Ok(());
        }
        self.commit_or_again(unit).await
    }

    async fn unlocking(&self, email: &str) -> Result<Vec<Write>, Fault> {
        let email = rules::email(email)?;
        let mut writes = vec![
            Write::DeleteWhere(
                &tables::LOG_IN_COUNTS,
                vec![
                    Condition::Is("email", email.as_str().into()),
                    Condition::Is("address", "".into()),
                ],
            ),
            Write::DeleteWhere(
                &tables::LOG_IN_COUNTS,
                vec![Condition::Is("email", "".into())],
            ),
        ];
        // Addresses that they log in from stay known.
        for count in self.counts_of(&email).await? {
            if !count.address.is_empty() {
                let value = LogInCountRecord {
                    wrong: 0,
                    locked_until: None,
                    ..count
                };
                let mut unit = Commit::new(self.new_uuid());
                unit.upsert(&value)?;
                writes.extend(unit.writes);
            }
        }
        Ok(writes)
    }

    async fn commit_or_again(&self, unit: Commit) -> Result<(), Fault> {
        match self.commit(unit).await {
            Ok(()) => Ok(()),
            Err(CommitError::Conflict(_)) => Err(Fault::invalid(
                "somebody else changed it at the same time; try again",
            )),
            Err(error) => Err(error.into()),
        }
    }
}

fn view(record: &AdministratorRecord, locked_until: Option<Timestamp>) -> AdministratorView {
    AdministratorView {
        email: record.email.clone(),
        created_at: record.created_at,
        password_set_at: record.password_set_at,
        locked_until,
    }
}

/// All sessions of an administrator end.
fn ended_sessions(email: &str) -> Write {
    Write::DeleteWhere(
        &tables::CONSOLE_SESSIONS,
        vec![Condition::Is("email", email.into())],
    )
}
