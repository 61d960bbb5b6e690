//! The simulator as a value: books, clock, faults and timing behind one handle.
//!
//! Opens and locks its directory, hands out the router, and ends held connections and retries
//! at shutdown. It holds no protocol knowledge; that is in the folders of the PGs. Invariant: the
//! lock on the books is never held across an await.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::books::{Books, LoadError};
use crate::clock::{BusinessClock, ProcessClock};
use crate::faults::Faults;
use crate::journal::{Journal, JournalFailed};
use crate::load::Load;
use crate::post::Courier;
use crate::{controls, danal, inicis, inicis_unified, kcp, popbill};

const BOOKS_FILE: &str = "inicis-books.jsonl";
const LOCK_FILE: &str = "pg-sim.lock";
const ASP_FILE: &str = "popbill-books.jsonl";

/// How long the simulator takes for what it does on purpose. All on the process clock.
#[derive(Debug, Clone)]
pub struct Timing {
    /// How long an answer that never comes is held before the connection is cut.
    pub hold: Duration,
    /// How late a late answer is, where the fault does not say.
    pub late: Duration,
    /// How long one notice or clock push may take.
    pub post_timeout: Duration,
    /// Waits before each further try of a notice.
    pub notice_retries: Vec<Duration>,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            hold: Duration::from_mins(1),
            late: Duration::from_secs(3),
            post_timeout: Duration::from_secs(5),
            // KG Inicis retries up to ten times, minutes apart; here it is quick.
            notice_retries: [1, 1, 2, 3, 5, 8, 13, 21, 34]
                .map(Duration::from_secs)
                .to_vec(),
        }
    }
}

/// What can be chosen when the simulator is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Delays.
    pub timing: Timing,
    /// Whether each group of journal lines is synced to the disk (default), or only written:
    /// that survives a kill of the process, but not of the machine.
    pub sync: bool,
    /// The process clock.
    pub clock: ProcessClock,
    /// What ids, account numbers and billing keys are drawn from; from the system if not given.
    pub seed: Option<u64>,
    /// How notices leave; over the network if not given.
    pub courier: Option<Courier>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timing: Timing::default(),
            sync: true,
            clock: ProcessClock::default(),
            seed: None,
            courier: None,
        }
    }
}

/// The books can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The directory or a file in it can't be used.
    #[error("the simulator's directory `{}` can't be used: {source}", directory.display())]
    Io {
        /// The directory.
        directory: PathBuf,
        /// What went wrong.
        source: io::Error,
    },
    /// Another process has the books open.
    #[error(
        "the simulator's directory `{}` is in use by another process\nhint: stop it, or choose \
         another directory with `--data`",
        directory.display()
    )]
    Locked {
        /// The directory.
        directory: PathBuf,
    },
    /// The books hold a line that is not theirs.
    #[error(
        "the simulator's books `{}` are damaged: line {line} can't be read: {reason}\nhint: move \
         the file away to start with empty books",
        file.display()
    )]
    Corrupt {
        /// The file.
        file: PathBuf,
        /// Which line, counted from 1.
        line: usize,
        /// Why it can't be read.
        reason: String,
    },
}

/// The simulated PGs.
#[derive(Debug)]
pub struct Simulator {
    books: Mutex<Books>,
    asp: Mutex<popbill::AspBooks>,
    journal: Arc<Journal>,
    pub(crate) clock: BusinessClock,
    /// Orders clock moves, so that followers get them in the order they were made.
    pub(crate) clock_moves: tokio::sync::Mutex<()>,
    /// Whose turn it is to send a notice of an escrow.
    pub(crate) news_turn: tokio::sync::Mutex<()>,
    pub(crate) faults: Faults,
    pub(crate) load: Load,
    /// What customers authenticated in windows. In memory: a window is over in minutes.
    pub(crate) windows: inicis::Windows,
    pub(crate) timing: Timing,
    pub(crate) courier: Option<Courier>,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
    calls: AtomicU64,
    /// Kept for its lock, which ends with the process.
    _lock: Option<File>,
}

impl Simulator {
    /// Opens the books in `directory` (made if missing), or in memory only.
    pub fn open(directory: Option<PathBuf>) -> Result<Arc<Self>, OpenError> {
        Self::open_with(directory, Options::default())
    }

    /// Opens the books with chosen options.
    pub fn open_with(directory: Option<PathBuf>, options: Options) -> Result<Arc<Self>, OpenError> {
        let (mut books, asp, lock) = match directory {
            Some(directory) => {
                let lock = lock(&directory)?;
                let asp = load_asp(&directory, options.sync)?;
                (load(&directory, options.sync)?, asp, Some(lock))
            }
            None => (
                Books::new(Arc::new(Journal::memory())),
                popbill::AspBooks::new(Arc::new(Journal::memory())),
                None,
            ),
        };
        if let Some(seed) = options.seed {
            books.draw_from(seed);
        }
        Ok(Arc::new(Self {
            journal: books.journal(),
            clock: BusinessClock::new(options.clock, books.offset_ms()),
            books: Mutex::new(books),
            asp: Mutex::new(asp),
            clock_moves: tokio::sync::Mutex::new(()),
            news_turn: tokio::sync::Mutex::new(()),
            faults: Faults::default(),
            load: Load::default(),
            windows: inicis::Windows::default(),
            timing: options.timing,
            courier: options.courier,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            calls: AtomicU64::new(0),
            _lock: lock,
        }))
    }

    /// The PGs' own paths (`/inicis/…` and so on) and the controls, without a fallback, so that it
    /// can be merged with other routers.
    pub fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .nest("/inicis", inicis::routes())
            .nest("/inicis-unified", inicis_unified::routes())
            .nest("/danal", danal::routes())
            .nest("/kcp", kcp::routes())
            .nest("/popbill", popbill::routes())
            .merge(controls::routes())
            .with_state(Arc::clone(self))
    }

    /// Sends again, in the background, the notices that no merchant has acknowledged, and goes on
    /// with what falls due. `serve` does it at start; call it where only the router is used. Needs
    /// a Tokio runtime.
    pub fn resume(self: &Arc<Self>) {
        inicis::notice::resend_unacknowledged(self, |_mid| true);
        controls::watch_escrows(self);
        popbill::keep_moving(self);
    }

    /// Ends held connections and retries, without waiting for them.
    pub fn begin_shutdown(&self) {
        self.stop.cancel();
    }

    /// Ends held connections and retries, and waits until the books are on disk.
    pub async fn close(&self) {
        self.begin_shutdown();
        self.tasks.close();
        self.tasks.wait().await;
        self.flush().await;
    }

    /// Waits until every change made so far is on disk. A failure was logged by the writer.
    pub async fn flush(&self) {
        if self.settled().await.is_err() {
            tracing::error!("the PG simulator's books could not be flushed");
        }
    }

    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The books of the tax-invoice provider.
    pub(crate) fn asp(&self) -> MutexGuard<'_, popbill::AspBooks> {
        self.asp.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Self::settled`], for the tax-invoice provider's books.
    pub(crate) async fn asp_settled(&self) -> Result<(), JournalFailed> {
        let journal = self.asp().journal();
        popbill::AspBooks::settled(journal).await
    }

    /// Waits until everything that could have been seen in the books is on disk. Whoever answers
    /// from the books, reading or writing, waits here first.
    pub(crate) async fn settled(&self) -> Result<(), JournalFailed> {
        self.journal.durable(self.journal.ticket()).await
    }

    /// Waits, unless the simulator stops first.
    pub(crate) async fn wait(&self, time: Duration) {
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            () = self.stop.cancelled() => {}
        }
    }

    pub(crate) fn count_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }
}

fn lock(directory: &Path) -> Result<File, OpenError> {
    let io = |source| OpenError::Io {
        directory: directory.to_owned(),
        source,
    };
    std::fs::create_dir_all(directory).map_err(io)?;
    let path = directory.join(LOCK_FILE);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::Locked {
            directory: directory.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

fn load_asp(directory: &Path, sync: bool) -> Result<popbill::AspBooks, OpenError> {
    popbill::AspBooks::load(&directory.join(ASP_FILE), sync).map_err(|source| OpenError::Io {
        directory: directory.to_owned(),
        source,
    })
}

fn load(directory: &Path, sync: bool) -> Result<Books, OpenError> {
    let file = directory.join(BOOKS_FILE);
    Books::load(&file, sync).map_err(|error| match error {
        LoadError::Io(source) => OpenError::Io {
            directory: directory.to_owned(),
            source,
        },
        LoadError::Corrupt { line, reason } => OpenError::Corrupt {
            file,
            line,
            reason: reason.to_string(),
        },
    })
}
