//! The two clocks (design 3).
//!
//! The *process* clock drives leases, time-outs and settle times and never moves. The *business*
//! clock drives what merchants see; in the sandbox a test moves it, and its offset from the
//! process clock is kept in the store. In production the offset is always zero.

use std::sync::atomic::{AtomicI64, Ordering};

use naru_domain::Timestamp;
use naru_store::BoxFuture;

/// The process clock and the only way to wait. A simulator brings its own.
pub trait Time: Send + Sync {
    /// Now, by this process.
    fn now(&self) -> Timestamp;

    /// Waits.
    fn sleep_ms(&self, millis: u64) -> BoxFuture<'_, ()>;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemTime;

impl Time for SystemTime {
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }

    fn sleep_ms(&self, millis: u64) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(std::time::Duration::from_millis(millis)))
    }
}

/// Both clocks.
pub struct Clock {
    time: Box<dyn Time>,
    offset_ms: AtomicI64,
    /// The store's clock minus this machine's, in microseconds.
    skew_micros: AtomicI64,
}

impl Clock {
    /// A clock whose business side begins at the given offset.
    pub fn new(time: Box<dyn Time>, offset_ms: i64) -> Self {
        Self {
            time,
            offset_ms: AtomicI64::new(offset_ms),
            skew_micros: AtomicI64::new(0),
        }
    }

    /// The process clock, in step with the store's: nodes that share a database agree on it, so
    /// that one node's deadline means the same to another (design 2a.2).
    pub fn process(&self) -> Timestamp {
        let skew = self.skew_micros.load(Ordering::Acquire);
        Timestamp::from_micros(self.time.now().as_micros().saturating_add(skew))
    }

    /// The machine's own clock.
    pub fn machine(&self) -> Timestamp {
        self.time.now()
    }

    pub(crate) fn set_skew_micros(&self, micros: i64) {
        self.skew_micros.store(micros, Ordering::Release);
    }

    /// The business clock.
    pub fn business(&self) -> Timestamp {
        self.process().plus_millis(self.offset_ms())
    }

    /// Business minus process clock, in milliseconds.
    pub fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Acquire)
    }

    pub(crate) fn set_offset_ms(&self, offset_ms: i64) {
        self.offset_ms.store(offset_ms, Ordering::Release);
    }

    /// Waits by the process clock.
    pub async fn sleep_ms(&self, millis: u64) {
        self.time.sleep_ms(millis).await;
    }
}
