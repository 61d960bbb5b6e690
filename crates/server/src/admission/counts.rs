//! Counts by address and minute, in a memory of fixed size and without locks.
//!
//! A set of a few cells serves the addresses that a keyed hash sends there. Where all of them are
//! in use, the address that has done least gives way: whoever is over a limit stays so. Two
//! addresses may be taken for one (one chance in 2^36), and an address that two threads meet at
//! the same moment may be counted in two cells; both err by a little, and neither matters here.

use std::hash::{BuildHasher as _, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};

/// Cells that an address may be in.
const WAYS: usize = 4;
/// 16,384 addresses in all, 128 KiB.
const SETS: usize = 4_096;

// A cell: 24 bits of the address's hash, 20 of the minute, 20 of the count.
const COUNT_BITS: u32 = 20;
const COUNT_MAX: u64 = (1 << COUNT_BITS) - 1;
const MINUTE_BITS: u32 = 20;
const MINUTE_MASK: u64 = (1 << MINUTE_BITS) - 1;
const OWNER_BITS: u32 = 24;
const OWNER_MASK: u64 = (1 << OWNER_BITS) - 1;

/// Who is counted together: an IPv4 address, or the /64 that one customer has of IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Network(IpAddr);

impl Network {
    pub(super) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        })
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

/// The counts. Minutes are counted from any beginning; a count is of one minute.
#[derive(Debug)]
pub(super) struct AddressCounts {
    sets: Vec<[AtomicU64; WAYS]>,
    hasher: RandomState,
}

impl AddressCounts {
    pub(super) fn new() -> Self {
        Self {
            sets: std::iter::repeat_with(Default::default)
                .take(SETS)
                .collect(),
            hasher: RandomState::new(),
        }
    }

    /// How much was counted in this minute.
    pub(super) fn count(&self, network: Network, minute: u64) -> u32 {
        let (cells, owner) = self.cells(network);
        let whose = heading(owner, minute);
        let counts = cells.iter().map(|cell| cell.load(Ordering::Relaxed));
        // The count has 20 bits.
        counts
            .filter(|cell| cell >> COUNT_BITS == whose)
            .map(|cell| u32::try_from(cell & COUNT_MAX).unwrap_or(u32::MAX))
            .max()
            .unwrap_or(0)
    }

    /// Counts one more, and tells how much that makes.
    pub(super) fn add(&self, network: Network, minute: u64) -> u32 {
        let (cells, owner) = self.cells(network);
        let whose = heading(owner, minute);
        loop {
            let Some((cell, seen)) = cells
                .iter()
                .map(|cell| (cell, cell.load(Ordering::Relaxed)))
                .min_by_key(|(_, seen)| worth(*seen, whose, minute))
            else {
                return 0;
            };
            let count = if seen >> COUNT_BITS == whose {
                (seen & COUNT_MAX).saturating_add(1).min(COUNT_MAX)
            } else {
                1
            };
            let next = whose << COUNT_BITS | count;
            let changed = cell.compare_exchange(seen, next, Ordering::Relaxed, Ordering::Relaxed);
            if changed.is_ok() {
                return u32::try_from(count).unwrap_or(u32::MAX);
            }
        }
    }

    fn cells(&self, network: Network) -> (&[AtomicU64], u64) {
        let hash = self.hasher.hash_one(network);
        let set = usize::try_from(hash >> OWNER_BITS).unwrap_or_default() % SETS;
        let cells = self.sets.get(set).map_or(&[][..], |set| &set[..]);
        (cells, hash & OWNER_MASK)
    }
}

/// All of a cell but its count.
fn heading(owner: u64, minute: u64) -> u64 {
    owner << MINUTE_BITS | (minute & MINUTE_MASK)
}

/// What is lost with a cell: nothing of one's own, that of another minute, or so much.
fn worth(cell: u64, whose: u64, minute: u64) -> (u8, u64) {
    let heading = cell >> COUNT_BITS;
    if heading == whose {
        (0, 0)
    } else if heading & MINUTE_MASK != minute & MINUTE_MASK || cell == 0 {
        (1, 0)
    } else {
        (2, cell & COUNT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn an_address_is_counted_by_itself_and_by_the_minute() {
        let counts = AddressCounts::new();
        let (one, other) = (network("203.0.114.1"), network("203.0.114.2"));
        for expected in 1..=5 {
            assert_eq!(counts.add(one, 7), expected);
        }
        assert_eq!(counts.count(one, 7), 5);
        assert_eq!(counts.count(other, 7), 0);
        assert_eq!(counts.count(one, 8), 0, "a new minute");
        assert_eq!(counts.add(one, 8), 1);
        assert_eq!(counts.count(one, 7), 0);
        // The minute of a cell that was never used is none.
        assert_eq!(AddressCounts::new().count(one, 0), 0);
    }

    #[test]
    fn of_ipv6_the_network_counts_and_mapped_addresses_are_ipv4() {
        assert_eq!(network("2400:1:2:3::1"), network("2400:1:2:3:ffff::2"));
        assert_ne!(network("2400:1:2:3::1"), network("2400:1:2:4::1"));
        assert_eq!(network("::ffff:203.0.114.1"), network("203.0.114.1"));
        assert_eq!(network("2400:1:2:3::1").to_string(), "2400:1:2:3::/64");
        assert_eq!(network("203.0.114.1").to_string(), "203.0.114.1");
    }

    #[test]
    fn whoever_has_done_most_is_not_forgotten_for_others() {
        let counts = AddressCounts::new();
        let busy = network("203.0.114.1");
        for _ in 0..100 {
            counts.add(busy, 1);
        }
        // Ten times as many as there are cells.
        for number in 0..163_840_u32 {
            counts.add(Network(std::net::Ipv4Addr::from(number).into()), 1);
        }
        assert!(counts.count(busy, 1) >= 100);
    }

    #[test]
    fn threads_lose_no_count() {
        let counts = AddressCounts::new();
        let one = network("203.0.114.1");
        counts.add(one, 1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        counts.add(one, 1);
                    }
                });
            }
        });
        assert_eq!(counts.count(one, 1), 4_001);
    }

    #[test]
    fn a_count_ends_at_its_largest() {
        let counts = AddressCounts::new();
        let one = network("203.0.114.1");
        counts.add(one, 1);
        let (cells, owner) = counts.cells(one);
        let full = heading(owner, 1) << COUNT_BITS | COUNT_MAX;
        let cell = cells.iter().find(|cell| cell.load(Ordering::Relaxed) != 0);
        cell.unwrap().store(full, Ordering::Relaxed);
        assert_eq!(counts.add(one, 1), 1_048_575);
        assert_eq!(counts.count(one, 1), 1_048_575);
    }
}
