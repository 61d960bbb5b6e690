//! A server's inside: store, engine, workers, put together for the sandbox and for production.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use naru_egress::{PgTransport, Policy, WebhookTransport};
use naru_engine::reconcile::CompareConfig;
use naru_engine::{Clock, Engine, EngineConfig, KeyRing, Parts, SystemEntropy, SystemTime};
use naru_store::Store;
use naru_store_postgres::{PostgresOptions, PostgresStore};
use naru_store_sqlite::{SqliteOptions, SqliteStore};
use naru_workers::{Workers, WorkersConfig};

use crate::config::{Database, Limits, limits};
use crate::health::{Health, ProbeFuture};
use crate::lifecycle::Shutdown;
use crate::master_key::MasterKey;
use crate::migrate_store::mark;
use crate::presence::Presence;

/// What distinguishes one server from another.
pub(crate) struct Shape {
    pub(crate) policy: Policy,
    pub(crate) webhook_policy: Policy,
    pub(crate) engine: EngineConfig,
    pub(crate) limits: Limits,
}

/// Opens a database and brings its schema up to date.
pub(crate) async fn open_store(
    database: &Database,
    limits: &Limits,
) -> anyhow::Result<Arc<dyn Store>> {
    Ok(match database {
        Database::Sqlite(path) => SqliteStore::open(path, SqliteOptions::default())?,
        Database::Postgres(url) => {
            let options = PostgresOptions {
                connections: limits::count(limits.database_connections_max),
                ..PostgresOptions::default()
            };
            PostgresStore::open(url.expose(), options).await?
        }
    })
}

/// The engine over a store, with the store's master key.
pub(crate) async fn engine(
    store: Arc<dyn Store>,
    key: &MasterKey,
    shape: &Shape,
) -> anyhow::Result<Engine> {
    mark::refuse(&store).await?;
    let engine = engine_with(Arc::clone(&store), key, shape).await?;
    engine.check_master_key().await?;
    // Again, now that something of ours is in it: it is not empty, so nobody fills it from now on.
    mark::refuse(&store).await?;
    engine.load_clock_offset().await?;
    Ok(engine)
}

/// The engine over a store, before it is known whether its master key is the store's.
pub(crate) async fn engine_with(
    store: Arc<dyn Store>,
    key: &MasterKey,
    shape: &Shape,
) -> anyhow::Result<Engine> {
    let limits = &shape.limits;
    let pg = naru_egress::Limits {
        answer_bytes_max: limits::count(limits.pg_answer_bytes_max),
        per_host_max: limits::count(limits.pg_per_host_max),
        ..naru_egress::Limits::default()
    };
    let webhook = naru_egress::Limits {
        answer_bytes_max: limits::count(limits.webhook_answer_bytes_max),
        per_host_max: limits::count(limits.webhook_per_host_max),
        hosts_max: limits::count(limits.webhook_hosts_max),
    };
    let engine = Engine::new(Parts {
        store,
        pg_transport: Arc::new(PgTransport::new(shape.policy, pg)?),
        webhook_transport: Arc::new(WebhookTransport::new(shape.webhook_policy, webhook)?),
        connectors: naru_connectors::connector,
        tax_providers: naru_connectors::tax_provider,
        clock: Arc::new(Clock::new(Box::new(SystemTime), 0)),
        entropy: Arc::new(SystemEntropy),
        keys: Arc::new(KeyRing::new(key.expose_bytes())?),
        config: shape.engine.clone(),
    });
    engine.align_clock().await?;
    Ok(engine)
}

/// The engine's part of the limits.
pub(crate) fn bounded(limits: &Limits) -> EngineConfig {
    EngineConfig {
        webhook_timeout_ms: limits.webhook_timeout_ms,
        compare: comparison(limits),
        window_ms: i64::from(limits.window_s) * 1_000,
        confirm_ms: i64::from(limits.confirm_s) * 1_000,
        session_ttl_default_s: limits.session_ttl_default_s.into(),
        session_ttl_max_s: limits.session_ttl_max_s.into(),
        identity_messages_per_address_max: limits.identity_messages_per_address_max,
        ..EngineConfig::default()
    }
}

/// The comparison's settings, from the limits.
fn comparison(limits: &Limits) -> CompareConfig {
    let days = |days: u32| u16::try_from(days).unwrap_or(u16::MAX);
    CompareConfig {
        delay_s: limits.compare_delay_s.into(),
        days: days(limits.compare_days),
        per_second_max: limits.compare_per_second_max,
        settled_within_days: days(limits.compare_settled_days),
        file_bytes_max: limits::count(limits.settlement_file_bytes_max),
    }
}

/// Starts the workers; they stop, and the store closes, when the server does.
pub(crate) async fn start_workers(
    engine: &Engine,
    store: &Arc<dyn Store>,
    (database, compares): (&Database, bool),
    limits: &Limits,
    shutdown: &Shutdown,
) {
    let config = WorkersConfig {
        // SQLite's file belongs to this process alone: the data directory is locked.
        is_sole_owner: matches!(database, Database::Sqlite(_)),
        delivering_per_receiver_max: limits::count(limits.webhook_per_host_max),
        comparing_max: if compares {
            limits::count(limits.compare_merchants_max)
        } else {
            0
        },
        paying_per_pg_max: limits::count(limits.schedules_per_pg_max),
        paying_per_channel_max: limits::count(limits.schedules_per_channel_max),
        ..WorkersConfig::default()
    };
    // SQLite's file is locked instead.
    let presence = match database {
        Database::Postgres(_) => Some(Presence::begin(engine, shutdown).await),
        Database::Sqlite(_) => None,
    };
    let workers = Workers::start(engine, config).await;
    let patience = Duration::from_millis(limits.shutdown_soft_ms.into());
    let (engine, store, stopping) = (engine.clone(), Arc::clone(store), shutdown.clone());
    shutdown.spawn(async move {
        stopping.soft().await;
        let finish = async {
            engine.drain().await;
            workers.stop(patience).await;
        };
        tokio::select! {
            () = finish => {}
            () = stopping.hard() => {}
        }
        if let Some(presence) = presence {
            presence.end().await;
        }
        store.close().await;
    });
}

/// Readiness: the store answers.
pub(crate) fn health(store: &Arc<dyn Store>, shutdown: &Shutdown) -> Health {
    let store = Arc::clone(store);
    let probe = move || -> ProbeFuture {
        let store = Arc::clone(&store);
        Box::pin(async move {
            store
                .now()
                .await
                .map(|_| ())
                .map_err(|_| "the store does not answer".to_owned())
        })
    };
    Health::new(probe, shutdown.clone())
}

/// Where a sandbox keeps its data if no database is named.
pub(crate) fn sandbox_database(directory: &Path) -> Database {
    Database::Sqlite(directory.join("naru.db"))
}
