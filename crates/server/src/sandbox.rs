//! `naru sandbox`: everything on this machine.
//!
//! Creates what is missing, keeps its data between runs, and says where everything is, on
//! standard output and in `sandbox.json`. Its credentials are public: nothing here may ever hold
//! real money.

use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::routing::post;
use naru_egress::Policy;
use naru_engine::{Engine, EngineConfig};
use naru_pg_sim::Simulator;
use serde::Deserialize;

use crate::admission::Admission;
use crate::cli::SandboxArgs;
use crate::config::{self, Loaded, Source};
use crate::failure::Failure;
use crate::http::{HttpLimits, serve};
use crate::lifecycle::{self, Bound, Shutdown};
use crate::lock::DirectoryLock;
use crate::master_key::MasterKey;
use crate::pg_sim::BOOKS_DIRECTORY;
use crate::runtime::{self, Shape};
use crate::sandbox_json::{SandboxFile, SandboxUrls};
use crate::{admin, console, metrics, output, public, sandbox_seed, wiring};

/// The name under which a sandbox registers itself with the simulators.
const REGISTRATION: &str = "naru";
/// The same for notices about tax invoices.
const TAX_REGISTRATION: &str = "naru-tax";
/// Runs until a signal.
pub async fn run(arguments: SandboxArgs) -> anyhow::Result<()> {
    let directory = arguments.data.clone();
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("can't create `{}`", directory.display()))?;
    let lock = DirectoryLock::acquire(&directory)?;
    let key = MasterKey::load_or_create(&directory)?;
    let loaded = config::from_environment(config::environment())?;
    let limits = loaded.config.limits.clone();
    let database = match &arguments.database {
        Some(url) => url.parse()?,
        None => runtime::sandbox_database(&directory),
    };
    let [public, private, simulators] = lifecycle::sandbox_addresses(arguments.listen)?;
    let public = lifecycle::bind(public).await?;
    let private = lifecycle::bind(private).await?;
    let simulators = lifecycle::bind(simulators).await?;
    let shutdown = Shutdown::default();

    let store = runtime::open_store(&database, &limits).await?;
    let shape = Shape {
        policy: Policy::SANDBOX,
        webhook_policy: Policy::SANDBOX,
        engine: EngineConfig {
            is_sandbox: true,
            public_url: public.url(),
            ..runtime::bounded(&limits)
        },
        limits: limits.clone(),
    };
    let engine = runtime::engine(Arc::clone(&store), &key, &shape).await?;
    let urls = SandboxUrls {
        public: public.url(),
        private: private.url(),
        simulator: arguments
            .simulator
            .clone()
            .unwrap_or_else(|| simulators.url()),
        shop: format!("{}/shop", simulators.url()),
    };
    sandbox_seed::run(&engine, &urls.simulator).await?;

    let http = HttpLimits::from(&limits);
    start_private(&engine, &store, &key, (private, http), &shutdown)?;
    start_simulators(&arguments, &urls, (simulators, http), &shutdown)?;
    let comparing = (&database, compares(&loaded));
    runtime::start_workers(&engine, &store, comparing, &limits, &shutdown).await;
    let face = public::router(engine.clone(), Vec::new(), Admission::new(&limits));
    shutdown.spawn(serve(public.listener, face, http, shutdown.clone()));
    register(&engine, &urls).await?;

    let file = SandboxFile::new(&urls);
    file.write(&directory)
        .context("can't write `sandbox.json`")?;
    output::line(file.greeting());
    shutdown.run(&limits).await?;
    drop(lock);
    Ok(())
}

/// Whether the variable switches the comparison on: in a sandbox it is off, since it would use up
/// faults of the simulated PG that are meant for a developer's own calls.
fn compares(loaded: &Loaded) -> bool {
    loaded.config.compare.enabled && *loaded.source("compare.enabled") != Source::Default
}

fn start_private(
    engine: &Engine,
    store: &Arc<dyn naru_store::Store>,
    key: &MasterKey,
    (bound, http): (Bound, HttpLimits),
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let handle = metrics::install(shutdown)?;
    let token = admin::token::of(key)?;
    let administration = admin::token::guard(admin::routes::router(engine.clone()), token)
        .merge(admin::routes::attempts(engine.clone()))
        .merge(console::router(engine.clone(), Vec::new()))
        .merge(clock_route(engine.clone()));
    let router = wiring::private_router(runtime::health(store, shutdown), handle, administration);
    shutdown.spawn(serve(bound.listener, router, http, shutdown.clone()));
    Ok(())
}

/// The third listener: simulators of our own, unless others are named, and the demo shop.
fn start_simulators(
    arguments: &SandboxArgs,
    urls: &SandboxUrls,
    (bound, http): (Bound, HttpLimits),
    shutdown: &Shutdown,
) -> anyhow::Result<()> {
    let shop = crate::shop::router(urls)?;
    let router = if arguments.simulator.is_some() {
        shop
    } else {
        let simulator = Simulator::open(Some(arguments.data.join(BOOKS_DIRECTORY)))?;
        simulator.resume();
        let router = simulator.router().merge(shop);
        let stopping = shutdown.clone();
        shutdown.spawn(async move {
            stopping.soft().await;
            simulator.begin_shutdown();
            simulator.close().await;
        });
        router
    };
    shutdown.spawn(serve(bound.listener, router, http, shutdown.clone()));
    Ok(())
}

/// The simulators' business clock is ours: they say when a test moves it.
fn clock_route(engine: Engine) -> Router {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Moved {
        offset_ms: i64,
    }
    Router::new().route(
        "/sandbox/clock",
        post(|body: bytes::Bytes| async move {
            let Ok(moved) = serde_json::from_slice::<Moved>(&body) else {
                return http::StatusCode::BAD_REQUEST;
            };
            match engine.set_clock_offset(moved.offset_ms).await {
                Ok(()) => http::StatusCode::NO_CONTENT,
                Err(_) => http::StatusCode::SERVICE_UNAVAILABLE,
            }
        }),
    )
}

/// Tells the simulators where deposit notices and moves of the clock go, and learns their clock.
async fn register(engine: &Engine, urls: &SandboxUrls) -> anyhow::Result<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Registered {
        offset_ms: i64,
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()?;
    let failed = || {
        Failure::new(format!(
            "the simulators at `{}` did not take the sandbox",
            urls.simulator
        ))
        .hint("start them with `naru pg-sim` and name their address with `--simulator`")
    };
    let put = async |name: &str, body: serde_json::Value| -> Result<Registered, Failure> {
        let address = format!("{}/registrations/{name}", urls.simulator);
        let answer = client.put(address).json(&body).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        answer
            .map_err(|_| failed())?
            .json()
            .await
            .map_err(|_| failed())
    };
    let payments = serde_json::json!({
        "noticeUrl": format!("{}{}", urls.public, public::notice_path("inicis")),
        "clockUrl": format!("{}/sandbox/clock", urls.private),
        "mids": sandbox_seed::merchant_ids(),
    });
    let registered = put(REGISTRATION, payments).await?;
    let invoices = serde_json::json!({
        "noticeUrl": format!("{}{}", urls.public, public::tax_notice_path("popbill")),
        "mids": [naru_pg_sim::POPBILL_LINK_ID],
    });
    put(TAX_REGISTRATION, invoices).await?;
    engine.set_clock_offset(registered.offset_ms).await?;
    Ok(())
}
