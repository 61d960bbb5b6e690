//! `naru serve`: the production server, and `naru migrate`, which prepares its database.

use std::sync::Arc;

use naru_egress::Policy;
use naru_engine::{Engine, EngineConfig};

use crate::admission::Admission;
use crate::cli::{MigrateArgs, ServeArgs};
use crate::config::{self, Database, Loaded, Server};
use crate::failure::Failure;
use crate::http::{HttpLimits, serve, serve_tls};
use crate::lifecycle::{self, Shutdown};
use crate::lock::DirectoryLock;
use crate::runtime::{self, Shape};
use crate::sandbox_credentials::{API_SECRET, CONSOLE_EMAIL, STORE_ID};
use crate::tls::Tls;
use crate::{admin, console, metrics, output, public, wiring};

/// Runs until a signal.
pub async fn run(arguments: ServeArgs) -> anyhow::Result<()> {
    let loaded = config::load(&arguments.config, config::environment())?;
    loaded.check()?;
    let database = loaded.database()?;
    database.must_exist()?;
    let lock = database
        .directory_to_lock()
        .map(DirectoryLock::acquire)
        .transpose()?;
    let tls = tls(&loaded)?;
    let config = &loaded.config;
    let limits = &config.limits;
    let public = lifecycle::bind(config.server.public).await?;
    let private = lifecycle::bind(config.server.private).await?;
    let shutdown = Shutdown::default();

    let key = loaded.master_key()?;
    let store = runtime::open_store(&database, limits).await?;
    let engine = runtime::engine(Arc::clone(&store), &key, &shape(&loaded)).await?;
    refuse_sandbox(&engine).await?;

    let http = HttpLimits::from(limits);
    let handle = metrics::install(&shutdown)?;
    let token = admin::token::of(&key)?;
    let administration = admin::token::guard(admin::routes::router(engine.clone()), token)
        .merge(admin::routes::attempts(engine.clone()))
        .merge(console::router(
            engine.clone(),
            config.server.trusted_proxies.clone(),
        ));
    let health = runtime::health(&store, &shutdown);
    let private_face = wiring::private_router(health, handle, administration);
    shutdown.spawn(serve(
        private.listener,
        private_face,
        http,
        shutdown.clone(),
    ));
    let comparing = (&database, config.compare.enabled);
    runtime::start_workers(&engine, &store, comparing, limits, &shutdown).await;
    let proxies = config.server.trusted_proxies.clone();
    let face = public::router(engine.clone(), proxies, Admission::new(limits));
    let speaks = if tls.is_some() { "https" } else { "http" };
    match tls {
        None => shutdown.spawn(serve(public.listener, face, http, shutdown.clone())),
        Some(tls) => {
            tls.watch(&shutdown)?;
            let (listener, acceptor) = (public.listener, tls.acceptor());
            shutdown.spawn(serve_tls(listener, acceptor, face, http, shutdown.clone()));
        }
    }

    let (public, private) = (public.address, private.address);
    tracing::info!(%public, speaks, %private, store = store.name(), "naru is serving");
    shutdown.run(limits).await?;
    drop(lock);
    Ok(())
}

/// TLS of the public listener, if the config names a certificate.
fn tls(loaded: &Loaded) -> Result<Option<Tls>, Failure> {
    let files = loaded.tls()?;
    let tls = files.map(Tls::new).transpose();
    tls.map_err(|failure| loaded.blame_tls(failure))
}

/// Under which address it is reached.
fn public_url(server: &Server) -> String {
    if let Some(url) = &server.public_url {
        return url.clone();
    }
    match server.tls_certificate {
        Some(_) => lifecycle::local_tls_url(server.public),
        None => lifecycle::local_url(server.public),
    }
}

pub(crate) fn shape(loaded: &Loaded) -> Shape {
    let config = &loaded.config;
    Shape {
        policy: Policy::STRICT,
        webhook_policy: Policy {
            allow_private: config.webhooks.allow_private,
        },
        engine: EngineConfig {
            server_ip: config.server.outbound_ip.to_string(),
            public_url: public_url(&config.server),
            ..runtime::bounded(&config.limits)
        },
        limits: config.limits.clone(),
    }
}

/// A database that a sandbox has used holds credentials that everybody knows.
async fn refuse_sandbox(engine: &Engine) -> anyhow::Result<()> {
    let has_store = engine
        .stores()
        .await?
        .iter()
        .any(|store| store.id.as_str() == STORE_ID);
    let has_secret = engine
        .authenticate(&format!("PortOne {API_SECRET}"))
        .await
        .is_ok();
    let simulated = engine
        .channels(None)
        .await?
        .iter()
        .any(|channel| channel.is_simulated);
    let has_administrator = engine.is_administrator(CONSOLE_EMAIL).await?;
    if has_store || has_secret || simulated || has_administrator {
        return Err(
            Failure::new("the database is a sandbox's, whose credentials are published")
                .hint("use a database of its own for production; see `docs/operating/install.md`")
                .into(),
        );
    }
    Ok(())
}

/// `naru migrate`
pub async fn migrate(arguments: MigrateArgs) -> anyhow::Result<()> {
    let loaded = config::load(&arguments.config, config::environment())?;
    let database = loaded.database()?;
    if !arguments.create {
        database.must_exist()?;
    }
    let lock = database
        .directory_to_lock()
        .map(DirectoryLock::acquire)
        .transpose()?;
    output::progress("migrating");
    let store = runtime::open_store(&database, &loaded.config.limits).await?;
    store.close().await;
    drop(lock);
    let what = match database {
        Database::Sqlite(path) => format!("`{}`", path.display()),
        Database::Postgres(_) => "the PostgreSQL database".to_owned(),
    };
    output::line(format!(
        "{what} has the schema of naru {}",
        env!("CARGO_PKG_VERSION")
    ));
    Ok(())
}
