//! Opening: connect, check the server, migrate, start the pool.
//!
//! It must not create a database, and must not change anything before the server passed its
//! checks (design 2a.10).
//!
//! Invariant: no message contains a part of the URL other than the database's name.

use std::sync::Arc;

use tokio::sync::RwLock;

use crate::commit::Writer;
use crate::pool::{Pool, check_server, connect_error};
use crate::sql::Tables;
use crate::target::Target;
use crate::{PostgresOptions, PostgresStore, migrate, prune};

/// Why the store did not open.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenError {
    /// The URL is not one.
    #[error(
        "the database URL can't be read\n\
         hint: postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=require; percent-encode \
         special characters in the password; `sslmode` is disable, prefer or require (which \
         always verifies the certificate)"
    )]
    Url,
    /// No connection.
    #[error("can't connect to PostgreSQL: {0}\nhint: check host, port, user and password")]
    Connect(String),
    /// TLS can't be set up on this machine.
    #[error(
        "TLS can't be set up: {0}\n\
         hint: install the system's root certificates, or name a file in SSL_CERT_FILE"
    )]
    Tls(String),
    /// The named database does not exist.
    #[error(
        "there is no database `{0}`\n\
         hint: check the name, or create it with `createdb`; Naru never creates a database, so \
         that a mistyped name can't start an empty one"
    )]
    NoDatabase(String),
    /// A setting that voids P1.
    #[error(
        "`{0}` is off on this PostgreSQL server: a commit that was answered could be lost\n\
         hint: switch `{0}` on, for the server, the database and the role"
    )]
    Unsafe(&'static str),
    /// Texts would not survive.
    #[error(
        "the database's encoding is `{0}`\n\
         hint: create it with `createdb --encoding=UTF8 --template=template0`"
    )]
    Encoding(String),
    /// A newer Naru was here.
    #[error(
        "the database has schema {found}, this binary knows {known}\n\
         hint: run the newer version of Naru, or restore a backup made before the upgrade"
    )]
    Newer {
        /// The schema's version.
        found: i32,
        /// The newest that this binary knows.
        known: i32,
    },
    /// A migration failed. It was rolled back.
    #[error(
        "the schema can't be brought up to date: {0}\n\
         hint: the role of the URL must be allowed to create tables in the database's schema"
    )]
    Migration(String),
}

pub(crate) async fn open(
    url: &str,
    options: PostgresOptions,
) -> Result<Arc<PostgresStore>, OpenError> {
    let target = Target::parse(url)?;
    let database = target.config.get_dbname().map(ToOwned::to_owned);
    let said = |error: tokio_postgres::Error| connect_error(&error, database.as_deref());
    let first = target.connect().await.map_err(said)?;
    let refusal = check_server(&first.client, options.allow_unsafe_durability).await;
    if let Some(refusal) = refusal.map_err(said)? {
        return Err(refusal);
    }
    migrate::migrate(&target, first).await?;
    let pool = Pool::new(target, &options)?;
    let pruner = tokio::spawn(prune::forget_old_units(pool.clone()));
    let tables = Tables::all();
    let writer = Writer::new(pool.clone(), tables.clone(), options.patience);
    Ok(Arc::new(PostgresStore {
        pool,
        options,
        tables,
        writer: Arc::new(writer),
        closed: RwLock::new(false),
        pruner,
    }))
}
