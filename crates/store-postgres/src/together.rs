//! Units that wait at the same time become one transaction: a commit, and much of each statement,
//! costs the database the same for one unit as for twenty.
//!
//! **Nobody waits for company.** A unit that finds a transaction free begins at once. Where all of
//! them are under way the next takes whatever has come meanwhile: alone on an idle server, twenty
//! on a busy one.
//!
//! **What goes together** touches different rows, so that the units' writes mean the same in any
//! order, and are sent in one that is the same everywhere: by table, kind and key. Two such
//! transactions never wait for each other in a circle. Rows that are only expected, or only added
//! to, may be the same. A unit that touches a row twice, that deletes by condition or that is long
//! goes alone.
//!
//! **All or none.** If anything is not as expected (a conflict, an error, no answer to COMMIT), the
//! transaction is rolled back or its outcome unknown, and each unit is applied by itself under its
//! own id, which finds out whether it had been applied (see `commit`). So this decides nothing but
//! the price: whatever it answers, the way by itself is right.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, MutexGuard, PoisonError};

use naru_store::{Commit, Value, Write};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout, timeout_at};

use crate::commit::Writer;

/// Transactions of several units under way at once: while one waits for the disk another is built.
const TRANSACTIONS_MAX: usize = 3;
/// Units of one transaction.
const UNITS_MAX: usize = 32;
/// Writes of a unit that goes with others.
const WRITES_MAX: usize = 64;

/// Units that wait, and how many transactions are under way.
#[derive(Default)]
pub(crate) struct Queue {
    waiting: VecDeque<Waiting>,
    under_way: usize,
}

struct Waiting {
    unit: Arc<Commit>,
    rows: Vec<(u64, Touch)>,
    /// Told whether it was applied.
    done: oneshot::Sender<bool>,
}

/// What a unit does with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Touch {
    Expects,
    Adds,
    Changes,
}

impl Touch {
    /// Whether two units may do this with the same row in one transaction.
    fn goes_with(self, other: Self) -> bool {
        self == other && self != Self::Changes
    }
}

impl Writer {
    /// Applies a unit with those that wait at the same time. `false`: it has to be applied by
    /// itself, and may have been applied already.
    pub(crate) async fn together(self: &Arc<Self>, unit: &Arc<Commit>, until: Instant) -> bool {
        let Some(rows) = rows(&unit.writes, &self.hasher) else {
            return false;
        };
        let (done, heard) = oneshot::channel();
        let is_first = self.queue().push(Waiting {
            unit: Arc::clone(unit),
            rows,
            done,
        });
        if is_first {
            tokio::spawn(Self::serve(Arc::clone(self)));
        }
        matches!(timeout_at(until, heard).await, Ok(Ok(true)))
    }

    /// One transaction after the other, until nobody waits.
    async fn serve(self: Arc<Self>) {
        let mut place = Place {
            writer: &self,
            is_given_back: false,
        };
        while let Some(some) = place.next() {
            let is_applied = self.apply(&some).await;
            for one in some {
                // Whoever asked may have gone away.
                let _ = one.done.send(is_applied);
            }
        }
    }

    async fn apply(&self, some: &[Waiting]) -> bool {
        let ids: Vec<_> = some.iter().map(|one| one.unit.id).collect();
        let writes = some.iter().flat_map(|one| &one.unit.writes);
        let mut writes: Vec<Write> = writes.cloned().collect();
        if some.len() > 1 {
            writes.sort_by(|one, other| order(one).cmp(&order(other)));
        }
        let steps = self.steps(writes);
        // Half of the patience is left for the way by itself.
        let attempt = timeout(self.patience() / 2, self.attempt(&ids, &steps));
        matches!(attempt.await, Ok(Ok(())))
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    /// `true`: nobody comes for it unless somebody is sent.
    fn push(&mut self, one: Waiting) -> bool {
        self.waiting.push_back(one);
        let has_room = self.under_way < TRANSACTIONS_MAX;
        self.under_way += usize::from(has_room);
        has_room
    }

    /// The first that waits and those that go with it. Nobody is left to hear of a unit whose time
    /// is over.
    fn take(&mut self) -> Vec<Waiting> {
        self.waiting.retain(|one| !one.done.is_closed());
        let mut taken: Vec<Waiting> = Vec::new();
        let mut rows: HashMap<u64, Touch> = HashMap::new();
        let mut left = VecDeque::new();
        while taken.len() < UNITS_MAX
            && let Some(one) = self.waiting.pop_front()
        {
            let mut others = one.rows.iter().map(|(row, touch)| (rows.get(row), touch));
            if others.all(|(other, touch)| other.is_none_or(|other| touch.goes_with(*other))) {
                rows.extend(one.rows.iter().copied());
                taken.push(one);
            } else {
                left.push_back(one);
            }
        }
        left.append(&mut self.waiting);
        self.waiting = left;
        taken
    }
}

/// One of the transactions that may be under way.
struct Place<'a> {
    writer: &'a Writer,
    is_given_back: bool,
}

impl Place<'_> {
    /// What to apply next. When there is nothing, the place is given back in the same breath:
    /// whoever comes after that finds room.
    fn next(&mut self) -> Option<Vec<Waiting>> {
        let mut queue = self.writer.queue();
        let some = queue.take();
        if some.is_empty() {
            queue.under_way -= 1;
            self.is_given_back = true;
            return None;
        }
        Some(some)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if self.is_given_back {
            return;
        }
        // A panic, or the runtime ends: those who wait go by themselves.
        let mut queue = self.writer.queue();
        queue.under_way -= 1;
        if queue.under_way == 0 {
            queue.waiting.clear();
        }
    }
}

/// The rows that a unit touches, by hash: two of the same hash are taken for the same row. `None`:
/// it goes alone.
fn rows(writes: &[Write], hasher: &RandomState) -> Option<Vec<(u64, Touch)>> {
    if writes.len() > WRITES_MAX {
        return None;
    }
    let mut rows: Vec<(u64, Touch)> = Vec::with_capacity(writes.len());
    for write in writes {
        let touch = match write {
            Write::DeleteWhere(..) => return None,
            Write::Expect { .. } => Touch::Expects,
            Write::Add { .. } => Touch::Adds,
            Write::Insert(..)
            | Write::Update { .. }
            | Write::Upsert(..)
            | Write::Delete { .. }
            | Write::Clear { .. } => Touch::Changes,
        };
        let (table, _, key) = order(write);
        let row = hasher.hash_one((table, key));
        let is_twice =
            |(other, other_touch): &(u64, Touch)| *other == row && !touch.goes_with(*other_touch);
        if rows.iter().any(is_twice) {
            return None;
        }
        rows.push((row, touch));
    }
    Some(rows)
}

/// By table, kind and key. Neighbours of a table and kind become one statement (see `commit`).
fn order(write: &Write) -> (&'static str, u8, &[Value]) {
    match write {
        Write::Insert(table, row) => (table.name, 0, &row.key),
        Write::Upsert(table, row) => (table.name, 1, &row.key),
        Write::Update { table, row, .. } => (table.name, 2, &row.key),
        Write::Clear { table, key, .. } => (table.name, 3, key),
        Write::Add { table, key, .. } => (table.name, 4, key),
        Write::Expect { table, key, .. } => (table.name, 5, key),
        Write::Delete { table, key, .. } => (table.name, 6, key),
        Write::DeleteWhere(table, _) => (table.name, 7, &[]),
    }
}

#[cfg(test)]
mod tests {
    use naru_store::{Row, tables};
    use uuid::Uuid;

    use super::*;

    fn changing(name: &str) -> Write {
        let row = Row {
            key: vec![name.into()],
            version: 1,
            columns: Vec::new(),
            body: "{}".to_owned(),
        };
        Write::Upsert(&tables::SETTINGS, row)
    }

    fn expecting(name: &str) -> Write {
        Write::Expect {
            table: &tables::SETTINGS,
            key: vec![name.into()],
            expected: 1,
        }
    }

    /// A queue, and those who wait for an answer.
    #[derive(Default)]
    struct Line {
        queue: Queue,
        hasher: RandomState,
        ears: Vec<oneshot::Receiver<bool>>,
    }

    impl Line {
        fn push(&mut self, writes: Vec<Write>) -> bool {
            let rows = rows(&writes, &self.hasher).unwrap();
            let unit = Arc::new(Commit {
                id: Uuid::now_v7(),
                writes,
            });
            let (done, ear) = oneshot::channel();
            self.ears.push(ear);
            self.queue.push(Waiting { unit, rows, done })
        }

        /// What is taken, one time after the other: the first key of each unit.
        fn taken(&mut self) -> Vec<Vec<String>> {
            let name = |one: &Waiting| match order(&one.unit.writes[0]).2 {
                [Value::Text(name), ..] => name.clone(),
                _ => panic!("no name"),
            };
            let next = || {
                let some = self.queue.take();
                Some(some.iter().map(name).collect::<Vec<_>>()).filter(|some| !some.is_empty())
            };
            std::iter::from_fn(next).collect()
        }
    }

    #[test]
    fn what_touches_the_same_row_waits_for_the_next() {
        let mut line = Line::default();
        for name in ["a", "b", "a", "c", "a"] {
            line.push(vec![changing(name)]);
        }
        let taken: [&[&str]; 3] = [&["a", "b", "c"], &["a"], &["a"]];
        assert_eq!(line.taken(), taken);
        line.push(vec![changing("a"), expecting("b")]);
        line.push(vec![changing("b"), expecting("a")]);
        let taken: [&[&str]; 2] = [&["a"], &["b"]];
        assert_eq!(line.taken(), taken, "neither would see the other");
    }

    #[test]
    fn rows_that_are_only_expected_may_be_the_same() {
        let mut line = Line::default();
        for name in ["a", "b", "c"] {
            line.push(vec![changing(name), expecting("guard")]);
        }
        assert_eq!(line.taken(), [["a", "b", "c"]]);
    }

    #[test]
    fn who_is_left_out_comes_first_in_the_next() {
        let mut line = Line::default();
        for name in ["a", "a"] {
            line.push(vec![changing(name)]);
        }
        for number in 0..UNITS_MAX {
            line.push(vec![changing(&number.to_string())]);
        }
        let taken = line.taken();
        assert_eq!(taken[0].len(), UNITS_MAX);
        assert_eq!(taken[1], ["a".to_owned(), (UNITS_MAX - 1).to_string()]);
    }

    #[test]
    fn who_has_gone_is_left_out() {
        let mut line = Line::default();
        for name in ["a", "b"] {
            line.push(vec![changing(name)]);
        }
        line.ears.remove(0);
        assert_eq!(line.taken(), [["b"]]);
    }

    #[test]
    fn no_more_are_sent_for_than_may_be_under_way() {
        let mut line = Line::default();
        let sent = (0..5).filter(|n| line.push(vec![changing(&n.to_string())]));
        assert_eq!(sent.count(), TRANSACTIONS_MAX);
    }

    #[test]
    fn some_units_go_alone() {
        let hasher = RandomState::new();
        let twice = [changing("a"), changing("a")];
        let by_condition = [Write::DeleteWhere(&tables::SETTINGS, Vec::new())];
        let long: Vec<Write> = (0..=WRITES_MAX).map(|n| changing(&n.to_string())).collect();
        assert!(rows(&twice, &hasher).is_none());
        assert!(rows(&by_condition, &hasher).is_none());
        assert!(rows(&long, &hasher).is_none());
        assert!(rows(&long[1..], &hasher).is_some());
    }
}
