//! Randomness and ids, injected so that a simulator can replay a run from its seed.

use std::sync::atomic::{AtomicU64, Ordering};

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

/// The ids one process has given in the present millisecond, so that two rows made in the same
/// millisecond keep the order in which they were made.
#[derive(Debug, Default)]
pub struct Sequence(AtomicU64);

/// Bits of a UUID v7 between its time and its variant: they hold the place in the millisecond.
const PLACE_BITS: u32 = 12;

impl Sequence {
    /// A UUID v7: ordered by time, so that rows land at the right edge of an index, and within a
    /// millisecond by the place it was given in (RFC 9562, 6.2, method 1).
    pub fn uuid_v7(&self, entropy: &dyn Entropy, at: Timestamp) -> Uuid {
        let first = u64::try_from(at.as_millis()).unwrap_or(0) << PLACE_BITS;
        let next = |last: u64| {
            let ahead = (last >> PLACE_BITS).wrapping_sub(first >> PLACE_BITS);
            // Place 4,096 runs on into the next millisecond, as the RFC allows.
            if ahead <= 1 {
                last.wrapping_add(1)
            } else {
                first
            }
        };
        let last = (self.0)
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(next(last))
            })
            .unwrap_or(first);
        let stamp = next(last);
        let mut bytes = [0_u8; 10];
        entropy.fill(&mut bytes);
        let place = stamp & ((1 << PLACE_BITS) - 1);
        bytes[..2].copy_from_slice(&(place as u16).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(stamp >> PLACE_BITS, &bytes).into_uuid()
    }
}

/// A number below `bound`, without a bias worth naming for back-off and routing.
pub fn below(entropy: &dyn Entropy, bound: u64) -> u64 {
    let mut random = [0_u8; 8];
    entropy.fill(&mut random);
    u64::from_le_bytes(random).checked_rem(bound).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_millisecond_keep_their_order_and_later_ones_follow() {
        let sequence = Sequence::default();
        let give = |ms: i64| sequence.uuid_v7(&SystemEntropy, Timestamp::from_micros(ms * 1_000));
        let mut ids: Vec<Uuid> = (0..5_000).map(|_| give(1_700_000_000_000)).collect();
        ids.push(give(1_700_000_000_002));
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
        // A clock that is set back is followed, not outrun.
        assert!(give(1_600_000_000_000) < ids[0]);
    }
}
