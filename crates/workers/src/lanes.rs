//! Counting what is under way, in all and by lane.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// What is under way. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lanes {
    running: Arc<Mutex<HashMap<String, usize>>>,
    left: Arc<Notify>,
    all_max: usize,
    lane_max: usize,
}

impl Lanes {
    /// Nothing under way.
    pub fn new(all_max: usize, lane_max: usize) -> Self {
        Self {
            running: Arc::default(),
            left: Arc::default(),
            all_max,
            lane_max,
        }
    }

    /// How many more may start, and the lanes that may not take one more.
    pub fn room(&self) -> (usize, Vec<String>) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = running.values().sum();
        let full = running.iter().filter(|(_, count)| **count >= self.lane_max);
        (
            self.all_max.saturating_sub(all),
            full.map(|(lane, _)| lane.clone()).collect(),
        )
    }

    /// Takes a place in a lane; nothing if it is full. The place is given back when dropped.
    pub fn enter(&self, lane: &str) -> Option<Place> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let count = running.entry(lane.to_owned()).or_insert(0);
        if *count >= self.lane_max {
            return None;
        }
        *count += 1;
        Some(Place {
            lanes: self.clone(),
            lane: lane.to_owned(),
        })
    }

    /// Takes a place in a lane as soon as there is one.
    pub async fn wait_for(&self, lane: &str) -> Place {
        loop {
            let left = self.left.notified();
            if let Some(place) = self.enter(lane) {
                return place;
            }
            left.await;
        }
    }
}

/// A place in a lane.
#[derive(Debug)]
pub struct Place {
    lanes: Lanes,
    lane: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut running = self
            .lanes
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = running.get_mut(&self.lane) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                running.remove(&self.lane);
            }
        }
        drop(running);
        self.lanes.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_lane_takes_nobody_and_is_named() {
        let lanes = Lanes::new(10, 2);
        let first = lanes.enter("a").unwrap();
        let _second = lanes.enter("a").unwrap();
        assert!(lanes.enter("a").is_none());
        let _other = lanes.enter("b").unwrap();
        assert_eq!(lanes.room(), (7, vec!["a".to_owned()]));
        drop(first);
        assert_eq!(lanes.room(), (8, Vec::new()));
        assert!(lanes.enter("a").is_some());
    }

    #[tokio::test]
    async fn whoever_waits_for_a_lane_gets_each_place_that_is_left() {
        let lanes = Lanes::new(10, 1);
        let mut place = lanes.enter("a").unwrap();
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                let lanes = lanes.clone();
                tokio::spawn(async move { drop(lanes.wait_for("a").await) })
            })
            .collect();
        tokio::task::yield_now().await;
        drop(place);
        for task in waiting {
            task.await.unwrap();
        }
        place = lanes.wait_for("a").await;
        assert!(lanes.enter("a").is_none());
        drop(place);
    }
}
