//! A bounded pool of connections, each set up before its first use.
//!
//! It must not decide what to retry. A connection is lent as a [`Lease`]; whatever ends a lease
//! without [`Lease::give_back`] (an error, a time-out, a caller that went away) ends the
//! connection too, so no transaction is ever inherited.
//!
//! Invariant: every connection refuses to go on if the server has durability switched off.

use deadpool_postgres::{ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object};
use deadpool_postgres::{PoolError, RecyclingMethod, Runtime};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::failure::{Failure, describe};
use crate::target::Target;
use crate::{OpenError, PostgresOptions};

/// Limits of a session. A transaction is idle only between the answers to its statements and its
/// COMMIT, one round trip: five seconds of that mean that the node is gone, and its locks with
/// it. A lock is waited for less long than a commit is tried.
///
/// Each statement is served by an index and read in its order, whatever the planner believes: a
/// queue that was empty when the statement was planned has thousands of rows a moment later, and
/// the plan is kept. With no table read from end to end, and no part of one gathered and sorted,
/// there is nothing for the just-in-time compiler.
pub(crate) const SESSION: &str = "SET idle_in_transaction_session_timeout = '5s'; \
     SET lock_timeout = '3s'; SET statement_timeout = '25s'; \
     SET enable_seqscan = off; SET enable_bitmapscan = off; SET jit = off";

/// More prepared statements than this on one connection, and all are dropped: filters combine
/// into more texts than a server should keep.
const STATEMENTS_MAX: usize = 300;

/// The pool.
#[derive(Clone)]
pub(crate) struct Pool(deadpool_postgres::Pool);

impl Pool {
    pub(crate) fn new(target: Target, options: &PostgresOptions) -> Result<Self, OpenError> {
        let config = ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_connect(target.config, target.connector, config);
        let allow_unsafe = options.allow_unsafe_durability;
        let set_up = Hook::async_fn(move |client: &mut ClientWrapper, _| {
            Box::pin(async move {
                client
                    .batch_execute(SESSION)
                    .await
                    .map_err(HookError::Backend)?;
                match check_server(client, allow_unsafe)
                    .await
                    .map_err(HookError::Backend)?
                {
                    None => Ok(()),
                    Some(refusal) => Err(HookError::message(refusal.to_string())),
                }
            })
        });
        let trim = Hook::sync_fn(|client: &mut ClientWrapper, _| {
            if client.statement_cache.size() > STATEMENTS_MAX {
                client.statement_cache.clear();
            }
            Ok(())
        });
        deadpool_postgres::Pool::builder(manager)
            .max_size(options.connections.max(1))
            .wait_timeout(Some(options.patience))
            .create_timeout(Some(options.patience))
            .runtime(Runtime::Tokio1)
            .post_create(set_up)
            .pre_recycle(trim)
            .build()
            .map(Self)
            .map_err(|error| OpenError::Connect(error.to_string()))
    }

    pub(crate) async fn lease(&self) -> Result<Lease, Failure> {
        let object = self.0.get().await.map_err(|error| match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                Failure::from(error)
            }
            PoolError::PostCreateHook(HookError::Message(text)) => {
                Failure::Lasting(text.into_owned())
            }
            PoolError::Closed => Failure::Lasting("the store is closed".to_owned()),
            PoolError::Timeout(_) => Failure::Passing("no connection became free".to_owned()),
            PoolError::NoRuntimeSpecified => Failure::Lasting("no runtime".to_owned()),
        })?;
        Ok(Lease(Some(object)))
    }

    pub(crate) fn close(&self) {
        self.0.close();
    }
}

/// A borrowed connection.
pub(crate) struct Lease(Option<Object>);

impl Lease {
    pub(crate) fn client(&self) -> Result<&ClientWrapper, Failure> {
        match &self.0 {
            Some(object) => Ok(object),
            None => Err(Failure::Passing("the connection was given back".to_owned())),
        }
    }

    /// Returns the connection to the pool. Call it when no transaction is open.
    pub(crate) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(object) = self.0.take() {
            // Taken out of the pool and dropped: the server rolls back what was open.
            drop(Object::take(object));
        }
    }
}

/// What the server has switched off that Naru can't do without, if anything.
pub(crate) async fn check_server(
    client: &Client,
    allow_unsafe: bool,
) -> Result<Option<OpenError>, tokio_postgres::Error> {
    let answer = client
        .simple_query(
            "SELECT current_setting('fsync', true), current_setting('synchronous_commit', true), \
             current_setting('server_encoding', true)",
        )
        .await?;
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let setting = |index| row.and_then(|row| row.get(index)).unwrap_or_default();
    if !allow_unsafe && setting(0) == "off" {
        return Ok(Some(OpenError::Unsafe("fsync")));
    }
    // `local` and `remote_write` still sync this server's own disk before the answer.
    if !allow_unsafe && setting(1) == "off" {
        return Ok(Some(OpenError::Unsafe("synchronous_commit")));
    }
    let encoding = setting(2);
    if !encoding.is_empty() && encoding != "UTF8" {
        return Ok(Some(OpenError::Encoding(encoding.to_owned())));
    }
    Ok(None)
}

/// A driver error at start-up, in words.
pub(crate) fn connect_error(error: &tokio_postgres::Error, database: Option<&str>) -> OpenError {
    use tokio_postgres::error::SqlState;
    if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) {
        return OpenError::NoDatabase(database.unwrap_or("of the URL").to_owned());
    }
    OpenError::Connect(describe(error))
}
