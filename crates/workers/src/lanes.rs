//! Counting what is under way: in all, by lane, and by group of lanes.
//!
//! A lane's name may begin with that of a group and a slash; then the group has a bound of its own.
//! What waits for its lane counts as much as what runs: a lane that has enough of both is not
//! claimed for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

/// How much may be under way.
#[derive(Debug, Clone, Copy)]
pub struct LaneLimits {
    /// In all.
    pub all_max: usize,
    /// In one lane.
    pub lane_max: usize,
    /// In one group of lanes, where lanes have groups.
    pub group_max: Option<usize>,
}

/// What is under way. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Lanes {
    counts: Arc<Mutex<HashMap<String, Count>>>,
    left: Arc<Notify>,
    limits: LaneLimits,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    running: usize,
    waiting: usize,
}

impl Lanes {
    /// Nothing under way.
    pub fn new(limits: LaneLimits) -> Self {
        Self {
            counts: Arc::default(),
            left: Arc::default(),
            limits,
        }
    }

    /// How many more may be taken, and the lanes of which none may be, sorted.
    pub fn room(&self) -> (usize, Vec<String>) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = |count: &Count| count.running + count.waiting;
        let all: usize = counts.values().map(taken).sum();
        let is_full = |lane: &str, count: &Count| {
            let group = self.group_of(lane).is_some_and(|(group, max)| {
                let of_group = counts.iter().filter(|(lane, _)| in_group(lane, group));
                of_group.map(|(_, count)| taken(count)).sum::<usize>() >= max
            });
            group || taken(count) >= self.limits.lane_max
        };
        let full = counts.iter().filter(|(lane, count)| is_full(lane, count));
        let mut full: Vec<String> = full.map(|(lane, _)| lane.clone()).collect();
        full.sort_unstable();
        (self.limits.all_max.saturating_sub(all), full)
    }

    /// Says that something was taken, and will ask for a place.
    pub fn wait(&self, lane: &str) -> Waiting {
        self.change(lane, |count| count.waiting += 1);
        Waiting {
            lanes: self.clone(),
            lane: lane.to_owned(),
            has_place: false,
        }
    }

    fn group_of<'a>(&self, lane: &'a str) -> Option<(&'a str, usize)> {
        Some((lane.split_once('/')?.0, self.limits.group_max?))
    }

    /// Turns one that waits into one that runs, if its lane and group have a place.
    fn enter(&self, lane: &str) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let has_place = self.group_of(lane).is_none_or(|(group, max)| {
            let of_group = counts.iter().filter(|(lane, _)| in_group(lane, group));
            of_group.map(|(_, count)| count.running).sum::<usize>() < max
        });
        let count = counts.entry(lane.to_owned()).or_default();
        if !has_place || count.running >= self.limits.lane_max {
            return false;
        }
        count.waiting = count.waiting.saturating_sub(1);
        count.running += 1;
        true
    }

    fn change(&self, lane: &str, change: impl FnOnce(&mut Count)) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(lane.to_owned()).or_default();
        change(count);
        if count.running == 0 && count.waiting == 0 {
            counts.remove(lane);
        }
    }
}

fn in_group(lane: &str, group: &str) -> bool {
    lane.strip_prefix(group)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Something that was taken and waits for a place in its lane.
#[derive(Debug)]
pub struct Waiting {
    lanes: Lanes,
    lane: String,
    has_place: bool,
}

impl Waiting {
    /// A place as soon as there is one. Given back when dropped.
    pub async fn place(mut self) -> Place {
        loop {
            let left = self.lanes.left.notified();
            if self.lanes.enter(&self.lane) {
                break;
            }
            left.await;
        }
        self.has_place = true;
        Place {
            lanes: self.lanes.clone(),
            lane: self.lane.clone(),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.has_place {
            return;
        }
        let less = |count: &mut Count| count.waiting = count.waiting.saturating_sub(1);
        self.lanes.change(&self.lane, less);
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
        let less = |count: &mut Count| count.running = count.running.saturating_sub(1);
        self.lanes.change(&self.lane, less);
        self.lanes.left.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn lanes(all_max: usize, lane_max: usize, group_max: Option<usize>) -> Lanes {
        Lanes::new(LaneLimits {
            all_max,
            lane_max,
            group_max,
        })
    }

    fn now(lanes: &Lanes, lane: &str) -> Option<Place> {
        lanes.wait(lane).place().now_or_never()
    }

    #[test]
    fn a_full_lane_takes_nobody_and_is_named() {
        let lanes = lanes(10, 2, None);
        let first = now(&lanes, "a").unwrap();
        let _second = now(&lanes, "a").unwrap();
        assert!(now(&lanes, "a").is_none());
        let _other = now(&lanes, "b").unwrap();
        assert_eq!(lanes.room(), (7, vec!["a".to_owned()]));
        drop(first);
        assert_eq!(lanes.room(), (8, Vec::new()));
        assert!(now(&lanes, "a").is_some());
    }

    #[test]
    fn what_waits_is_counted_until_it_runs_or_gives_up() {
        let lanes = lanes(4, 2, None);
        let running = now(&lanes, "a").unwrap();
        let waiting = lanes.wait("a");
        assert_eq!(lanes.room(), (2, vec!["a".to_owned()]));
        let place = waiting.place().now_or_never().unwrap();
        assert_eq!(lanes.room(), (2, vec!["a".to_owned()]));
        drop((running, place));
        assert_eq!(lanes.room(), (4, Vec::new()));
        drop(lanes.wait("a"));
        assert_eq!(lanes.room(), (4, Vec::new()));
    }

    #[test]
    fn lanes_of_a_group_share_its_places() {
        let lanes = lanes(10, 2, Some(3));
        let held: Vec<_> = ["pg/a", "pg/a", "pg/b"]
            .into_iter()
            .map(|lane| now(&lanes, lane).unwrap())
            .collect();
        assert!(now(&lanes, "pg/b").is_none());
        assert!(now(&lanes, "pg/c").is_none());
        let _other_group = now(&lanes, "pg2/a").unwrap();
        let full = vec!["pg/a".to_owned(), "pg/b".to_owned()];
        assert_eq!(lanes.room(), (6, full));
        drop(held);
        assert!(now(&lanes, "pg/c").is_some());
    }

    #[tokio::test]
    async fn whoever_waits_for_a_lane_gets_each_place_that_is_left() {
        let lanes = lanes(10, 1, None);
        let place = now(&lanes, "a").unwrap();
        let waiting: Vec<_> = (0..5)
            .map(|_| {
                let waiting = lanes.wait("a");
                tokio::spawn(async move { drop(waiting.place().await) })
            })
            .collect();
        tokio::task::yield_now().await;
        drop(place);
        for task in waiting {
            task.await.unwrap();
        }
        assert_eq!(lanes.room(), (10, Vec::new()));
    }
}
