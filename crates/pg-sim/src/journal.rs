//! The file that the books live in: one JSON line per change, appended.
//!
//! Writers only add bytes to a buffer; one thread writes the buffer and syncs it, so that many
//! changes share one sync (group commit). Whoever answers waits for its ticket first. The
//! module knows nothing of what the lines mean.
//!
//! Invariant: once `durable(ticket)` returned, every line up to that ticket is on disk. A last
//! line that a kill tore apart is dropped on load; any other unreadable line is an error.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::watch;

/// The books can't be written; nothing may be answered as done any more.
#[derive(Debug, thiserror::Error)]
#[error("the journal of the books can't be written")]
pub(crate) struct JournalFailed;

#[derive(Debug, Default)]
struct Pending {
    bytes: Vec<u8>,
    ticket: u64,
    closed: bool,
}

#[derive(Debug, Default)]
struct Shared {
    pending: Mutex<Pending>,
    wake: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Clone, Copy)]
struct Progress {
    ticket: u64,
    failed: bool,
}

/// The writing end of the journal.
#[derive(Debug)]
pub(crate) struct Journal {
    shared: Arc<Shared>,
    /// `None` when the books are kept in memory only.
    progress: Option<watch::Receiver<Progress>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Journal {
    /// A journal that keeps nothing.
    pub(crate) fn memory() -> Self {
        Self {
            shared: Arc::default(),
            progress: None,
            thread: Mutex::new(None),
        }
    }

    /// Appends to `file`; `sync` asks for `fdatasync` after each group.
    pub(crate) fn append_to(file: File, sync: bool) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let (sender, receiver) = watch::channel(Progress {
            ticket: 0,
            failed: false,
        });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("pg-sim-journal".to_owned())
            .spawn(move || write_groups(&of_thread, &sender, file, sync))?;
        Ok(Self {
            shared,
            progress: Some(receiver),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues one line (without its end). After the end of the writer the line is lost, and its
    /// ticket never becomes durable. Cheap: to be called under the lock of the books, so
    /// that lines stand in the order of the changes.
    pub(crate) fn append(&self, line: &[u8]) {
        if self.progress.is_none() {
            return;
        }
        let mut pending = self.shared.lock();
        pending.ticket += 1;
        if !pending.closed {
            pending.bytes.extend_from_slice(line);
            pending.bytes.push(b'\n');
        }
        drop(pending);
        self.shared.wake.notify_one();
    }

    /// The ticket of the latest queued line.
    pub(crate) fn ticket(&self) -> u64 {
        self.shared.lock().ticket
    }

    /// Waits until the line with `ticket` is on disk.
    pub(crate) async fn durable(&self, ticket: u64) -> Result<(), JournalFailed> {
        let Some(progress) = &self.progress else {
            return Ok(());
        };
        let mut progress = progress.clone();
        let reached = progress
            .wait_for(|p| p.failed || p.ticket >= ticket)
            .await
            .map_err(|_closed| JournalFailed)?;
        if reached.failed {
            Err(JournalFailed)
        } else {
            Ok(())
        }
    }

    /// Writes what is queued and ends the thread. Blocks for one sync.
    pub(crate) fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.wake.notify_one();
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the journal thread of the PG simulator panicked");
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

fn write_groups(shared: &Shared, progress: &watch::Sender<Progress>, mut file: File, sync: bool) {
    let mut group = Vec::new();
    loop {
        let mut pending = shared.lock();
        while pending.bytes.is_empty() && !pending.closed {
            pending = shared
                .wake
                .wait(pending)
                .unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut group, &mut pending.bytes);
        let (ticket, closed) = (pending.ticket, pending.closed);
        drop(pending);
        if !group.is_empty() {
            let written = file
                .write_all(&group)
                .and_then(|()| if sync { file.sync_data() } else { Ok(()) });
            if let Err(error) = written {
                tracing::error!(%error, "the journal of the PG simulator can't be written");
                // Nothing more is taken: nobody would ever write it.
                shared.lock().closed = true;
                progress.send_replace(Progress {
                    ticket,
                    failed: true,
                });
                return;
            }
            group.clear();
            progress.send_replace(Progress {
                ticket,
                failed: false,
            });
        }
        if closed {
            return;
        }
    }
}

/// The whole lines of a journal file, and how many bytes of it they are. A last line without
/// its end is not among them: its change was never answered.
pub(crate) fn whole_lines(bytes: &[u8]) -> (impl Iterator<Item = &[u8]>, usize) {
    let whole = bytes
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |end| end + 1);
    let text = bytes.get(..whole).unwrap_or_default();
    (
        text.split(|b| *b == b'\n').filter(|line| !line.is_empty()),
        whole,
    )
}

/// Opens the file for appending, for its owner only.
pub(crate) fn open_for_append(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().create(true).append(true)).open(path)
}

/// Replaces the journal by `lines` in one step: a kill leaves the old file or the new one.
pub(crate) fn replace(path: &Path, lines: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file =
        private(OpenOptions::new().create(true).truncate(true).write(true)).open(&beside)?;
    file.write_all(lines)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    match path.parent() {
        Some(parent) => sync_directory(parent),
        None => Ok(()),
    }
}

/// Makes a new or renamed entry of `directory` survive a power cut.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(directory)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = directory;
    Ok(())
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_last_line_is_not_a_line() {
        let (lines, whole) = whole_lines(b"{\"a\":1}\n{\"b\":2}\n{\"c\":");
        assert_eq!(lines.collect::<Vec<_>>(), [b"{\"a\":1}", b"{\"b\":2}"]);
        assert_eq!(whole, 16);
        assert_eq!(whole_lines(b"torn").0.count(), 0);
    }

    #[tokio::test]
    async fn what_comes_after_the_end_is_never_durable() {
        let path = std::env::temp_dir().join(format!("naru-journal-{}", std::process::id()));
        let journal = Journal::append_to(open_for_append(&path).unwrap(), true).unwrap();
        journal.append(b"one");
        assert!(journal.durable(journal.ticket()).await.is_ok());
        journal.close();
        journal.append(b"two");
        assert!(journal.durable(journal.ticket()).await.is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one\n");
        std::fs::remove_file(&path).unwrap();
    }

    #[tokio::test]
    async fn a_memory_journal_is_always_durable() {
        let journal = Journal::memory();
        journal.append(b"line");
        assert!(journal.durable(10).await.is_ok());
    }
}
