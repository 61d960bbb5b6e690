//! What happened, as one number: two runs of a seed must give the same.

use std::sync::atomic::{AtomicU64, Ordering};

/// FNV-1a.
const BASIS: u64 = 0xCBF2_9CE4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01B3;

/// A running hash of the steps of a run.
#[derive(Debug)]
pub struct Trace {
    hash: AtomicU64,
    steps: AtomicU64,
    is_loud: bool,
}

impl Trace {
    /// An empty trace.
    pub fn new(is_loud: bool) -> Self {
        Self {
            hash: AtomicU64::new(BASIS),
            steps: AtomicU64::new(0),
            is_loud,
        }
    }

    /// Adds a step, and says which it is.
    #[expect(clippy::print_stderr, reason = "asked for on the command line")]
    pub fn step(&self, at_micros: i64, what: std::fmt::Arguments<'_>) -> u64 {
        let line = format!("{at_micros} {what}");
        let mut hash = self.hash.load(Ordering::Relaxed);
        for byte in line.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
        self.hash.store(hash, Ordering::Relaxed);
        if self.is_loud {
            eprintln!("{line}");
        }
        self.steps.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The hash so far.
    pub fn hash(&self) -> u64 {
        self.hash.load(Ordering::Relaxed)
    }

    /// Steps so far.
    pub fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }
}
