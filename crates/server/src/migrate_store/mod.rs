//! `naru migrate-store`: a SQLite store moves to PostgreSQL.
//!
//! One transaction brings every row of every table in and compares what it brought, row by row; so
//! the database has everything, and the same, or nothing. Nothing is opened or understood on the
//! way: the master key stays what it is. Invariant: at no moment can both stores be served
//! ([`mark`]).

mod compare;
mod copy;
pub(crate) mod mark;
mod report;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use naru_engine::ActEnd;
use naru_store::{Query, Store, tables};
use naru_store_postgres::{Transfer, TransferError};

use crate::admin::acts::direct;
use crate::admin::client::DEFAULT_DATA;
use crate::cli::{MigrateStoreArgs, Reach};
use crate::config::{self, Database, DatabaseUrl, Limits};
use crate::failure::Failure;
use crate::lock::DirectoryLock;
use crate::{output, runtime};

use mark::{Mark, State};
use report::Report;

/// Rows that are counted for the bar.
const COUNTED_MAX: u32 = 100_000_000;
const DOCUMENT: &str = "docs/operating/migrate-store.md";

/// The store that moves. Nobody else uses it meanwhile.
struct Source {
    store: Arc<dyn Store>,
    limits: Limits,
    _lock: Option<DirectoryLock>,
}

/// `naru migrate-store`
pub(crate) async fn run(arguments: MigrateStoreArgs) -> anyhow::Result<()> {
    // First what is quick to be found wrong.
    let target = target(&arguments)?;
    let source = Source::open(&arguments.reach).await?;
    let done = match &target {
        Some(target) => run_between(&source, target, &arguments).await,
        None => take_back(source.store.as_ref()).await,
    };
    source.store.close().await;
    done
}

/// The database that the arguments name; none if it is about the source alone.
fn target(arguments: &MigrateStoreArgs) -> anyhow::Result<Option<Database>> {
    let url = match (&arguments.to, &arguments.to_file) {
        (Some(url), _) => url.clone(),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::new(format!("can't read `{}`: {error}", path.display()))
                    .hint("it holds one line: `postgres://USER:PASSWORD@HOST:5432/DATABASE`")
            })?;
            DatabaseUrl::new(text.trim().to_owned())
        }
        (None, None) => return Ok(None),
    };
    match url.parse()? {
        Database::Sqlite(_) => Err(Failure::new("a store moves to PostgreSQL only")
            .hint("write `postgres://USER@HOST:5432/DATABASE`")
            .into()),
        postgres @ Database::Postgres(_) => Ok(Some(postgres)),
    }
}

impl Source {
    async fn open(reach: &Reach) -> anyhow::Result<Self> {
        let (database, limits) = if let Some(path) = &reach.config {
            let loaded = config::load(path, config::environment())?;
            (loaded.database()?, loaded.config.limits)
        } else {
            let directory = reach.data.as_deref().unwrap_or(Path::new(DEFAULT_DATA));
            let loaded = config::from_environment(config::environment())?;
            (runtime::sandbox_database(directory), loaded.config.limits)
        };
        if let Database::Postgres(_) = database {
            return Err(Failure::new("the store is on PostgreSQL already")
                .hint("`--config` names the config with the SQLite file")
                .into());
        }
        database.must_exist()?;
        let lock = database
            .directory_to_lock()
            .map(DirectoryLock::acquire)
            .transpose()
            .map_err(|failure| failure.hint("stop that server first, and leave it stopped"))?;
        let store = runtime::open_store(&database, &limits).await?;
        Ok(Self {
            store,
            limits,
            _lock: lock,
        })
    }
}

async fn run_between(
    source: &Source,
    target: &Database,
    arguments: &MigrateStoreArgs,
) -> anyhow::Result<()> {
    let store = source.store.as_ref();
    if arguments.verify {
        let report = verify(store, connect(target).await?).await?;
        report.print(arguments.json)?;
        report.judge("what was done since the move differs as well; do not serve both")?;
        output::note("both have the same rows");
        return Ok(());
    }
    refuse_moved(store).await?;
    let transfer = connect(target).await?;
    let filled = transfer.filled_tables(mark::NAME).await?;
    if !filled.is_empty() {
        return Err(not_moved(&TransferError::NotEmpty(filled)));
    }
    if arguments.dry_run {
        let report = look(store).await?;
        report.print(arguments.json)?;
        output::note("PostgreSQL can be reached and is empty; nothing was written there");
        return Ok(());
    }
    let transfer = if transfer.is_current() {
        transfer
    } else {
        drop(transfer);
        output::progress("making the tables …");
        runtime::open_store(target, &source.limits)
            .await?
            .close()
            .await;
        connect(target).await?
    };
    let report = acted(source, (target, transfer)).await?;
    report.print(arguments.json)?;
    report.judge("nothing was moved, and the SQLite store is as it was; please report this")?;
    tell_next_steps();
    Ok(())
}

/// Moves, with an act in both audit logs: it is a store's own as the mark is, and not copied.
async fn acted(
    source: &Source,
    (target, transfer): (&Database, Transfer),
) -> anyhow::Result<Report> {
    let store = source.store.as_ref();
    let begun = direct::begin(store, direct::new(mark::ACT)).await?;
    let beginning = begun.record().clone();
    let filled = fill(store, transfer).await;
    let end = match &filled {
        Ok(report) if report.difference_count == 0 => ActEnd::done(),
        Ok(_) => ActEnd::failed("the copy differs"),
        Err(error) => ActEnd::failed(error.to_string()),
    };
    let is_done = end == ActEnd::done();
    let ended = direct::end(store, begun, end).await;
    let report = filled?;
    let ended = ended?;
    if is_done {
        let moved = runtime::open_store(target, &source.limits).await?;
        let written = direct::write(moved.as_ref(), [&beginning, &ended]).await;
        moved.close().await;
        written?;
    }
    Ok(report)
}

async fn connect(target: &Database) -> anyhow::Result<Transfer> {
    let Database::Postgres(url) = target else {
        anyhow::bail!("the target is not PostgreSQL");
    };
    Ok(Transfer::connect(url.expose(), false).await?)
}

/// A store that was moved is of the past: it is moved again only if that is said.
async fn refuse_moved(store: &dyn Store) -> anyhow::Result<()> {
    match mark::of(store).await? {
        Some(Mark {
            state: State::Left,
            at,
        }) => Err(
            Failure::new(format!("the store was moved to PostgreSQL at {at} already"))
                .hint(
                    "compare both with `--verify`; if the copy was given up, run this with \
                 `--take-back` first",
                )
                .into(),
        ),
        Some(Mark {
            state: State::Filling | State::Leaving,
            ..
        })
        | None => Ok(()),
    }
}

/// Brings everything into an empty database, compares it, and only then makes it count.
async fn fill(store: &dyn Store, mut transfer: Transfer) -> anyhow::Result<Report> {
    let at = store.now().await?;
    let state = State::Filling;
    let mark = Mark { state, at }.to_row()?;
    transfer
        .begin(&mark)
        .await
        .map_err(|error| not_moved(&error))?;
    let mut shown = Shown::of(store, 2).await?;
    let since = Instant::now();
    let copied = copy::copy(store, &transfer, |rows| shown.add(rows)).await;
    if copied.is_err() {
        shown.end();
    }
    let tables = copied?;
    let copied_ms = elapsed_ms(since);
    transfer
        .analyze()
        .await
        .map_err(|error| not_moved(&error))?;
    let since = Instant::now();
    let compared = compare::compare(store, &mut transfer, |rows| shown.add(rows)).await;
    shown.end();
    let compared = compared?;
    let report = Report {
        copied_ms: Some(copied_ms),
        compared_ms: Some(elapsed_ms(since)),
        difference_count: compared.count,
        differences: compared.named,
        ..Report::of(compared.tables)
    };
    let is_same = report.difference_count == 0 && report.tables == tables;
    if is_same {
        leave(store, transfer, &mark).await?;
    }
    Ok(report)
}

/// Makes the copy count. The source is marked first, so that never both can be served.
async fn leave(
    store: &dyn Store,
    transfer: Transfer,
    mark: &naru_store::Row,
) -> anyhow::Result<()> {
    mark::set(store, Some(State::Leaving)).await?;
    match transfer.commit(mark).await {
        Ok(()) => mark::set(store, Some(State::Left))
            .await
            .context("everything was moved, but the SQLite store can't be written to any more"),
        Err(error @ (TransferError::Failed(_) | TransferError::NotEmpty(_))) => {
            mark::set(store, None).await?;
            Err(not_moved(&error))
        }
        Err(error @ TransferError::InDoubt(_)) => Err(Failure::new(error.to_string())
            .hint("run it again: it says what became of it, and does not do it twice")
            .into()),
    }
}

fn not_moved(error: &TransferError) -> anyhow::Error {
    let hint = match error {
        TransferError::NotEmpty(_) => format!(
            "name an empty database; if an earlier run brought everything there, `--verify` says \
             so; see {DOCUMENT}"
        ),
        TransferError::Failed(_) | TransferError::InDoubt(_) => {
            format!("nothing was moved; run it again; see {DOCUMENT}")
        }
    };
    Failure::new(error.to_string()).hint(hint).into()
}

/// Compares both as they are.
async fn verify(store: &dyn Store, mut transfer: Transfer) -> anyhow::Result<Report> {
    if !transfer.is_current() {
        return Err(
            Failure::new("the PostgreSQL database does not have this version's tables")
                .hint("check its name; nothing was moved there by this version of Naru")
                .into(),
        );
    }
    transfer.begin_reading().await?;
    let settings = transfer
        .rows_after(&tables::SETTINGS, None, copy::PAGE)
        .await?;
    if settings
        .iter()
        .any(|row| mark::is_mark(&tables::SETTINGS, row))
    {
        return Err(
            Failure::new("moving the store to this database was not finished")
                .hint("run `naru migrate-store` again without `--verify`")
                .into(),
        );
    }
    let mut shown = Shown::of(store, 1).await?;
    let since = Instant::now();
    let compared = compare::compare(store, &mut transfer, |rows| shown.add(rows)).await;
    shown.end();
    let compared = compared?;
    Ok(Report {
        compared_ms: Some(elapsed_ms(since)),
        difference_count: compared.count,
        differences: compared.named,
        ..Report::of(compared.tables)
    })
}

async fn look(store: &dyn Store) -> anyhow::Result<Report> {
    let mut shown = Shown::of(store, 1).await?;
    let read = copy::read(store, |rows| shown.add(rows)).await;
    shown.end();
    Ok(Report {
        is_dry_run: true,
        ..Report::of(read?)
    })
}

async fn take_back(store: &dyn Store) -> anyhow::Result<()> {
    let Some(found) = mark::of(store).await? else {
        return Err(Failure::new("the store was not moved")
            .hint("there is nothing to take back")
            .into());
    };
    mark::take_back(store).await?;
    output::line(format!(
        "the SQLite store may be served again, as it was at {}",
        found.at
    ));
    output::note(
        "what was done on PostgreSQL since is not in it; never serve that database as well",
    );
    Ok(())
}

fn tell_next_steps() {
    output::note(format!(
        "everything is on PostgreSQL now, and the SQLite store refuses to be served. Next:\n\
         1. name the PostgreSQL database in the config (`database.url_file`, or `database.url`); \
         the master key stays\n\
         2. start the servers, and run `naru audit`\n\
         3. keep the SQLite file until there is a backup of the PostgreSQL database that was \
         tested\n\
         see {DOCUMENT}"
    ));
}

fn elapsed_ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// The bar: every row once, or twice.
struct Shown {
    bar: output::Bar,
    done: usize,
    of: usize,
}

impl Shown {
    async fn of(store: &dyn Store, times: usize) -> anyhow::Result<Self> {
        let mut of = 0;
        if output::Bar::is_wanted() {
            for table in tables::ALL {
                let rows = store.count(Query::of(table, 1), COUNTED_MAX).await?;
                of += times * usize::try_from(rows)?;
            }
        }
        Ok(Self {
            bar: output::Bar::default(),
            done: 0,
            of,
        })
    }

    fn add(&mut self, rows: usize) {
        if rows > 0 {
            self.done += rows;
            self.bar.show(self.done, self.of);
        }
    }

    fn end(&mut self) {
        self.bar.end();
    }
}
