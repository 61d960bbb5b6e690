//! The run's randomness: streams that follow from the seed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use naru_engine::Entropy;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};

/// A stream of draws. Clones share it.
#[derive(Clone)]
pub struct Dice(Arc<Mutex<StdRng>>);

impl Dice {
    /// The stream of a purpose: a draw more for one purpose changes none for another.
    pub fn new(seed: u64, purpose: u64) -> Self {
        let mixed = seed ^ purpose.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(mixed))))
    }

    fn rng(&self) -> MutexGuard<'_, StdRng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether something happens that does so many times in ten thousand.
    pub fn happens(&self, in_ten_thousand: u64) -> bool {
        in_ten_thousand > 0 && self.below(10_000) < in_ten_thousand
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&self, bound: u64) -> u64 {
        self.rng().random_range(0..bound)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&self, low: u64, high: u64) -> u64 {
        self.rng().random_range(low..=high)
    }

    /// One of these.
    pub fn pick<'a, T>(&self, of: &'a [T]) -> &'a T {
        let index = self.rng().random_range(0..of.len());
        &of[index]
    }
}

impl Entropy for Dice {
    fn fill(&self, buffer: &mut [u8]) {
        self.rng().fill_bytes(buffer);
    }
}
