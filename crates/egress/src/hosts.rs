//! How many requests may be under way to one host, and to how many hosts.
//!
//! One slow receiver must not take all connections (P6). Both numbers are bounds: the map forgets
//! hosts that nothing is under way to as soon as it is full.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;

/// Slots by host and port.
#[derive(Debug)]
pub(crate) struct HostSlots {
    per_host: usize,
    hosts_max: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

impl HostSlots {
    pub(crate) fn new(per_host: usize, hosts_max: usize) -> Self {
        Self {
            per_host,
            hosts_max,
            hosts: Mutex::default(),
        }
    }

    /// The slots of a host; `None` if requests to too many hosts are under way.
    pub(crate) fn of(&self, host: &str) -> Option<Arc<Semaphore>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slots) = hosts.get(host) {
            return Some(Arc::clone(slots));
        }
        if hosts.len() >= self.hosts_max {
            // Whoever waits for or holds a slot holds a count of the `Arc` besides the map's.
            hosts.retain(|_, slots| Arc::strong_count(slots) > 1);
        }
        if hosts.len() >= self.hosts_max {
            return None;
        }
        let slots = Arc::new(Semaphore::new(self.per_host));
        hosts.insert(host.to_owned(), Arc::clone(&slots));
        Some(slots)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_map_forgets_idle_hosts_only() {
        let slots = HostSlots::new(1, 2);
        let held = slots.of("a").unwrap().try_acquire_owned().unwrap();
        assert!(slots.of("b").is_some());
        assert!(slots.of("c").is_some(), "the idle `b` makes room");
        assert_eq!(
            slots.of("a").unwrap().available_permits(),
            0,
            "the busy `a` is still known"
        );

        let c = slots.of("c").unwrap().try_acquire_owned().unwrap();
        assert!(slots.of("d").is_none(), "both hosts are busy");
        drop(held);
        assert!(slots.of("d").is_some());
        drop(c);
    }
}
