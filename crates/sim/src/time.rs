//! Virtual time: the runtime's own, which passes only when everybody waits.

use std::time::Duration;

use naru_domain::Timestamp;
use naru_engine::Time;
use naru_store::BoxFuture;
use tokio::time::Instant;

/// 1 January 2026 in UTC.
const START_MICROS: i64 = 1_767_225_600_000_000;

/// The one clock of a world.
#[derive(Debug, Clone, Copy)]
pub struct WorldTime {
    origin: Instant,
}

impl WorldTime {
    /// A clock that begins now.
    pub fn new() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    /// Now.
    pub fn read(self) -> Timestamp {
        let passed = i64::try_from(self.origin.elapsed().as_micros()).unwrap_or(i64::MAX);
        Timestamp::from_micros(START_MICROS.saturating_add(passed))
    }
}

impl Time for WorldTime {
    fn now(&self) -> Timestamp {
        self.read()
    }

    fn sleep_ms(&self, millis: u64) -> BoxFuture<'_, ()> {
        Box::pin(sleep_ms(millis))
    }
}

/// Waits in virtual time.
pub async fn sleep_ms(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis)).await;
}
