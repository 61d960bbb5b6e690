//! Randomness and ids, injected so that a simulator can replay a run from its seed.

use naru_domain::Timestamp;
use rand::RngCore;
use uuid::Uuid;

/// A source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's randomness, through a per-thread generator.
#[derive(Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::rng().fill_bytes(buffer);
    }
}

/// A UUID v7: ordered by time, so that rows land at the right edge of an index.
pub fn uuid_v7(entropy: &dyn Entropy, at: Timestamp) -> Uuid {
    let mut random = [0_u8; 10];
    entropy.fill(&mut random);
    let millis = u64::try_from(at.as_millis()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// A number below `bound`, without a bias worth naming for back-off and routing.
pub fn below(entropy: &dyn Entropy, bound: u64) -> u64 {
    let mut random = [0_u8; 8];
    entropy.fill(&mut random);
    u64::from_le_bytes(random).checked_rem(bound).unwrap_or(0)
}
