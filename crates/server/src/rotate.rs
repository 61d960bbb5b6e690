//! `naru keys rotate`: replaces the master key of a store, and seals everything anew.
//!
//! It works on the store itself, not through a server: none may run with the old key. What is done
//! and in which order the engine knows (`naru_engine::rotation`); here it is asked, watched and
//! told. Invariant: the new key's file is synced before anything is sealed under it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use naru_engine::rotation::{FormerMasterKey, MasterKeys, Resealed, sealing_tables};
use naru_engine::{ActEnd, Engine, KeyRing};
use naru_store::{Query, Store};
use serde::Serialize;

use crate::admin::acts::direct;
use crate::cli::KeysRotate;
use crate::config::{self, Loaded};
use crate::failure::Failure;
use crate::lock::DirectoryLock;
use crate::master_key::MasterKey;
use crate::migrate_store::mark;
use crate::{output, runtime, serve};

/// How long a server that has yet to hear of the new key may take to stop.
const NODES_STOP: Duration = Duration::from_secs(150);
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Rows that are counted for the bar.
const COUNTED_MAX: u32 = 100_000_000;
const DOCUMENT: &str = "docs/operating/master-key.md";

/// What is to be done.
enum Step {
    /// The store opens with the old key.
    Replace { old: MasterKey, new: MasterKey },
    /// It opens with this one already, or nothing is to be changed.
    Finish(MasterKey),
}

/// What was done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// The id of the master key that opens the store now.
    master_key: String,
    /// The id of the one that was replaced by this call.
    replaced: Option<String>,
    is_dry_run: bool,
    rows: u64,
    sealed: u64,
    written: u64,
    is_complete: bool,
    unopened: Vec<String>,
    former_keys: Vec<Former>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Former {
    id: String,
    replaced_at: String,
    kept_until: String,
    is_resealed: bool,
}

impl From<FormerMasterKey> for Former {
    fn from(key: FormerMasterKey) -> Self {
        Self {
            id: key.id,
            replaced_at: key.replaced_at.to_string(),
            kept_until: key.kept_until.to_string(),
            is_resealed: key.is_resealed,
        }
    }
}

/// `naru keys rotate`
pub(crate) async fn rotate(arguments: KeysRotate) -> anyhow::Result<()> {
    let loaded = config::load(&arguments.config, config::environment())?;
    loaded.check()?;
    let new = arguments.new_key_file.as_deref().map(MasterKey::read);
    let new = new.transpose()?;
    let database = loaded.database()?;
    database.must_exist()?;
    let lock = database
        .directory_to_lock()
        .map(DirectoryLock::acquire)
        .transpose()?;
    let store = runtime::open_store(&database, &loaded.config.limits).await?;
    mark::refuse(&store).await?;
    let done = rotate_in(&store, &loaded, (new, &arguments)).await;
    store.close().await;
    drop(lock);
    let (report, is_told) = done?;
    if arguments.json {
        output::json(&report)?;
    } else {
        tell(&report);
    }
    if is_told {
        output::note(format!(
            "the new key must now be where the config has the old one (`keys.master`, {}); \
             servers start with it only",
            loaded.source("keys.master")
        ));
    }
    judge(&report)
}

/// Does it; also says whether the config still names the old key.
async fn rotate_in(
    store: &Arc<dyn Store>,
    loaded: &Loaded,
    (new, arguments): (Option<MasterKey>, &KeysRotate),
) -> anyhow::Result<(Report, bool)> {
    let configured = loaded.master_key()?;
    let probe = engine(store, &configured, loaded).await?;
    let known = probe.master_keys().await?;
    let known = known.ok_or_else(|| {
        Failure::new("the database has no master key yet: nothing is encrypted in it")
            .hint("put the new key into the config, and start the server")
    })?;
    let may_do_nothing = arguments.dry_run;
    let step = step(&known, configured.clone(), (new, may_do_nothing))?;
    if arguments.dry_run {
        let key = match &step {
            Step::Replace { old: key, .. } | Step::Finish(key) => key,
        };
        let report = look(&engine(store, key, loaded).await?, store).await?;
        return Ok((report, false));
    }
    match step {
        Step::Replace { old, new } => {
            let engine = engine(store, &new, loaded).await?;
            refuse_while_served(&engine).await?;
            let act = direct::new("keys.rotate").with("leaked", arguments.leaked.to_string());
            let replacing = engine.replace_master_key(old.expose_bytes(), arguments.leaked);
            engine
                .acted(act, replacing)
                .await
                .map_err(|fault| Failure::new(fault.to_string()).hint(format!("see {DOCUMENT}")))?;
            output::note("the database opens with the new key only, from now on");
            let report = finish(&engine, store).await?;
            let replaced = Some(known.current);
            Ok((Report { replaced, ..report }, true))
        }
        Step::Finish(key) => {
            let is_told = id(&key)? != id(&configured)?;
            let engine = engine(store, &key, loaded).await?;
            let act = direct::new("keys.rotate").with("finishes", "true");
            let begun = engine.begin_act(act).await?;
            let finished = finish(&engine, store).await;
            let end = match &finished {
                Ok(_) => ActEnd::done(),
                Err(error) => ActEnd::failed(error.to_string()),
            };
            engine.end_act(begun, end).await;
            Ok((finished?, is_told))
        }
    }
}

async fn engine(
    store: &Arc<dyn Store>,
    key: &MasterKey,
    loaded: &Loaded,
) -> anyhow::Result<Engine> {
    runtime::engine_with(Arc::clone(store), key, &serve::shape(loaded)).await
}

fn id(key: &MasterKey) -> anyhow::Result<String> {
    Ok(KeyRing::new(key.expose_bytes())?.id().to_owned())
}

/// What is to be done, by which key opens the store.
fn step(
    known: &MasterKeys,
    configured: MasterKey,
    (new, may_do_nothing): (Option<MasterKey>, bool),
) -> anyhow::Result<Step> {
    let opens = |key: &MasterKey| anyhow::Ok(id(key)? == known.current);
    if let Some(new) = new {
        if opens(&new)? {
            return if known.former.is_empty() {
                Err(nothing_to_do("the new key is the one that is in use").into())
            } else {
                Ok(Step::Finish(new))
            };
        }
        if known
            .former
            .iter()
            .any(|former| id(&new).is_ok_and(|id| id == former.id))
        {
            return Err(nothing_to_do("the new key is a former one of this database").into());
        }
        if opens(&configured)? {
            let old = configured;
            return Ok(Step::Replace { old, new });
        }
    } else if opens(&configured)? {
        return if known.former.is_empty() && !may_do_nothing {
            Err(nothing_to_do("no new key was given, and no rotation is to be finished").into())
        } else {
            Ok(Step::Finish(configured))
        };
    }
    let ours = id(&configured)?;
    let is_former = known.former.iter().any(|former| former.id == ours);
    let hint = if is_former {
        "the key was changed: put the new one where the config has the old one"
    } else {
        "put the key that the database opens with into the config; nothing was changed"
    };
    Err(Failure::new(format!(
        "the database was sealed with master key `{}`, the config's is `{ours}`",
        known.current
    ))
    .hint(hint)
    .into())
}

fn nothing_to_do(why: &str) -> Failure {
    Failure::new(why).hint(
        "make one with `openssl rand -base64 32 > FILE`, and name it with `--new-key-file FILE`",
    )
}

async fn refuse_while_served(engine: &Engine) -> anyhow::Result<()> {
    let running = engine.running_nodes(None).await?;
    if running == 0 {
        return Ok(());
    }
    let servers = if running == 1 { "server" } else { "servers" };
    Err(
        Failure::new(format!("the database is in use by {running} {servers}"))
            .hint("stop them first; one that was killed counts as running for a minute")
            .into(),
    )
}

/// Seals everything anew, once no server runs with another key.
async fn finish(engine: &Engine, store: &Arc<dyn Store>) -> anyhow::Result<Report> {
    engine.check_master_key().await?;
    let keys = known(engine).await?;
    let since = Instant::now();
    while engine.running_nodes(Some(&keys.current)).await? > 0 {
        if since.elapsed() > NODES_STOP {
            return Err(
                Failure::new("a server still runs with the former master key")
                    .hint("stop it, and run this again: what is done is kept")
                    .into(),
            );
        }
        output::progress("waiting for a server that began meanwhile to stop …");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let mut shown = Shown::of(store).await?;
    let done = engine.reseal_all(|_, page| shown.add(page.rows)).await;
    shown.end();
    report(engine, done?, false).await
}

async fn look(engine: &Engine, store: &Arc<dyn Store>) -> anyhow::Result<Report> {
    engine.check_master_key().await?;
    let mut shown = Shown::of(store).await?;
    let looked = engine.look_at_sealed(|_, page| shown.add(page.rows)).await;
    shown.end();
    report(engine, looked?, true).await
}

async fn known(engine: &Engine) -> anyhow::Result<MasterKeys> {
    let keys = engine.master_keys().await?;
    keys.ok_or_else(|| Failure::new("the database has lost its master key's name").into())
}

async fn report(engine: &Engine, done: Resealed, is_dry_run: bool) -> anyhow::Result<Report> {
    let keys = known(engine).await?;
    Ok(Report {
        master_key: keys.current,
        replaced: None,
        is_dry_run,
        rows: done.rows,
        sealed: done.sealed,
        written: done.written,
        is_complete: done.is_complete,
        unopened: done.unopened,
        former_keys: keys.former.into_iter().map(Former::from).collect(),
    })
}

fn tell(report: &Report) {
    output::line(format!("master key   {}", report.master_key));
    if let Some(replaced) = &report.replaced {
        output::line(format!("replaced     {replaced}"));
    }
    output::line(format!("rows         {}", report.rows));
    if report.is_dry_run {
        output::line(format!("encrypted    {}", report.sealed));
    } else {
        output::line(format!("written      {}", report.written));
    }
    for former in &report.former_keys {
        let state = if former.is_resealed {
            "nothing is encrypted under it"
        } else {
            "still needed"
        };
        output::line(format!(
            "former key   {}  kept until {}, {state}",
            former.id, former.kept_until
        ));
    }
    for row in &report.unopened {
        output::line(format!("not opened   {row}"));
    }
}

/// Whether it succeeded.
fn judge(report: &Report) -> anyhow::Result<()> {
    if !report.unopened.is_empty() {
        return Err(Failure::new(format!(
            "{} rows hold something that can't be opened",
            report.unopened.len()
        ))
        .hint(format!(
            "they were left as they are, and the former key is kept; see {DOCUMENT}"
        ))
        .into());
    }
    if !report.is_dry_run && !report.is_complete {
        return Err(Failure::new(
            "the database changed faster than everything could be encrypted anew",
        )
        .hint("nothing is lost; run it again when less is going on")
        .into());
    }
    Ok(())
}

/// The bar: rows of one pass after the other.
struct Shown {
    bar: output::Bar,
    done: usize,
    of: usize,
}

impl Shown {
    async fn of(store: &Arc<dyn Store>) -> anyhow::Result<Self> {
        let mut of = 0;
        if output::Bar::is_wanted() {
            for table in sealing_tables() {
                let rows = store.count(Query::of(table, 1), COUNTED_MAX).await?;
                of += usize::try_from(rows)?;
            }
        }
        Ok(Self {
            bar: output::Bar::default(),
            done: 0,
            of,
        })
    }

    fn add(&mut self, rows: u64) {
        let rows = usize::try_from(rows).unwrap_or(usize::MAX);
        let done = self.done.saturating_add(rows);
        // The next pass begins anew.
        self.done = if done > self.of { rows } else { done };
        self.bar.show(self.done, self.of);
    }

    fn end(&mut self) {
        self.bar.end();
    }
}
