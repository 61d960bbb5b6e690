//! Does a backend agree with this one? Random units, claims and queries go to both, and every
//! answer must be the same.
//!
//! It finds what no case of the suite thought of; what it finds becomes a case there. It compares
//! answers only, and runs one call at a time: concurrency is the suite's business.
//!
//! Invariant: the same seed makes the same calls.
#![expect(clippy::unwrap_used, reason = "a test: a failure must stop it")]

use std::sync::Arc;

use naru_domain::Timestamp;
use naru_store::tables::{EVENTS, JOBS, PAYMENTS, SEARCH};
use naru_store::{
    Claim, Column, Commit, CommitError, Condition, Direction, Kind, Query, Row, Store, Table,
    Value, Write,
};
use uuid::Uuid;

use crate::MemoryStore;

static TABLES: [&Table; 4] = [&EVENTS, &PAYMENTS, &SEARCH, &JOBS];

const TEXTS: [&str; 10] = [
    "",
    "a",
    "A",
    "ab",
    "b",
    "가",
    "가나",
    "\u{10FFFF}",
    "%",
    "mail",
];

const INTS: [i64; 6] = [-1, 0, 1, 2, 7, i64::MAX];

/// Makes so many random steps on a fresh store and panics at the first difference, naming the
/// step and the call.
pub async fn check(store: &dyn Store, seed: u64, steps: u32) {
    let mut both = Both {
        real: store,
        model: MemoryStore::new(|| Timestamp::from_micros(0)),
        dice: Dice(seed),
        units: Vec::new(),
    };
    for step in 0..steps {
        let context = format!("seed {seed}, step {step}");
        match both.dice.below(8) {
            0..=3 => both.commit(&context).await,
            4 => both.claim(&context).await,
            _ => both.query(&context).await,
        }
    }
    for table in TABLES {
        let all = Query::of(table, u32::MAX);
        let (real, model) = (store.scan(all.clone()).await, both.model.scan(all).await);
        assert_eq!(
            real.unwrap(),
            model.unwrap(),
            "seed {seed}, in the end, {}",
            table.name
        );
    }
}

struct Both<'s> {
    real: &'s dyn Store,
    model: Arc<MemoryStore>,
    dice: Dice,
    units: Vec<Commit>,
}

impl Both<'_> {
    async fn commit(&mut self, context: &str) {
        let unit = self.unit().await;
        let real = outcome(self.real.commit(unit.clone()).await);
        let model = outcome(self.model.commit(unit.clone()).await);
        assert_eq!(real, model, "{context}: {unit:?}");
    }

    async fn unit(&mut self) -> Commit {
        if !self.units.is_empty() && self.dice.below(8) == 0 {
            let index = self.dice.below(self.units.len());
            return self.units[index].clone();
        }
        let id = Uuid::from_u128(self.units.len() as u128 + 1);
        let mut unit = Commit::new(id);
        for _ in 0..=self.dice.below(4) {
            let write = self.write().await;
            unit.writes.push(write);
        }
        self.units.push(unit.clone());
        unit
    }

    async fn write(&mut self) -> Write {
        let table = self.dice.pick(&TABLES);
        let row = self.dice.row(table);
        let there = self.model.get(table, row.key.clone()).await.unwrap();
        let right = there.map_or(1, |row| row.version);
        let expected = if self.dice.below(6) == 0 {
            self.dice.pick(&INTS)
        } else {
            right
        };
        match self.dice.below(12) {
            11 if !table.columns.is_empty() => Write::Clear {
                table,
                key: row.key,
                column: self.dice.pick(table.columns).name,
                expected,
            },
            9 if table.columns.iter().any(|one| one.kind == Kind::Int) => {
                let counters = table.columns.iter().filter(|one| one.kind == Kind::Int);
                Write::Add {
                    table,
                    key: row.key,
                    column: counters.map(|one| one.name).next().unwrap_or_default(),
                    delta: self.dice.pick(&INTS),
                    at_most: 1_000,
                }
            }
            10 => Write::Expect {
                table,
                key: row.key,
                expected,
            },
            0..=3 => Write::Insert(table, row),
            4 | 5 => Write::Update {
                table,
                row,
                expected,
            },
            6 => Write::Upsert(table, row),
            7 => {
                let expected = (self.dice.below(2) == 0).then_some(expected);
                Write::Delete {
                    table,
                    key: row.key,
                    expected,
                }
            }
            // At least two conditions, or soon nothing is left.
            _ => {
                let conditions = (0..2).map(|_| self.dice.condition(table, true));
                Write::DeleteWhere(table, conditions.collect())
            }
        }
    }

    async fn claim(&mut self, context: &str) {
        let at = |dice: &mut Dice| Timestamp::from_micros(dice.pick(&INTS));
        let claim = Claim {
            queue: "mail",
            due: at(&mut self.dice),
            now: at(&mut self.dice),
            until: at(&mut self.dice),
            limit: u32::try_from(self.dice.below(4)).unwrap(),
            busy: (0..self.dice.below(4))
                .map(|_| self.dice.pick(&TEXTS).to_owned())
                .collect(),
        };
        let real = self.real.claim(claim.clone()).await.unwrap();
        let model = self.model.claim(claim.clone()).await.unwrap();
        assert_eq!(real, model, "{context}: {claim:?}");
    }

    async fn query(&mut self, context: &str) {
        let query = self.dice.query();
        let real = self.real.scan(query.clone()).await.unwrap();
        let model = self.model.scan(query.clone()).await.unwrap();
        assert_eq!(real, model, "{context}: {query:?}");
        let cap = u32::try_from(self.dice.below(9)).unwrap();
        let real = self.real.count(query.clone(), cap).await.unwrap();
        let model = self.model.count(query.clone(), cap).await.unwrap();
        assert_eq!(real, model, "{context}: count to {cap} of {query:?}");
    }
}

fn outcome(answer: Result<(), CommitError>) -> Option<&'static str> {
    match answer {
        Ok(()) => None,
        Err(CommitError::Conflict(table)) => Some(table),
        Err(other) => panic!("neither success nor conflict: {other}"),
    }
}

/// Numbers by SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        usize::try_from(z % end as u64).unwrap()
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn value(&mut self, kind: Kind) -> Value {
        match kind {
            Kind::Text => self.pick(&TEXTS).into(),
            Kind::Int => self.pick(&INTS).into(),
        }
    }

    fn row(&mut self, table: &Table) -> Row {
        let key = table.key.iter().map(|column| {
            // Few keys, so that calls meet the same rows.
            match column.kind {
                Kind::Text => Value::from(["a", "가"][self.below(2)]),
                Kind::Int => self.value(Kind::Int),
            }
        });
        let key = key.collect();
        let mut column = |column: &Column| match self.below(3) {
            0 => Value::Null,
            _ => self.value(column.kind),
        };
        let columns = table.columns.iter().map(&mut column).collect();
        Row {
            key,
            version: 1,
            columns,
            body: self.below(1_000).to_string(),
        }
    }

    fn column(&mut self, table: &'static Table) -> &'static Column {
        let index = self.below(table.key.len() + table.columns.len());
        table.key.iter().chain(table.columns).nth(index).unwrap()
    }

    fn condition(&mut self, table: &'static Table, outermost: bool) -> Condition {
        let column = self.column(table);
        let (name, value) = (column.name, self.value(column.kind));
        match self.below(9) {
            0 | 1 => Condition::Is(name, value),
            2 => {
                let values = (0..self.below(5))
                    .map(|_| self.value(column.kind))
                    .collect();
                Condition::In(name, values)
            }
            3 => Condition::AtLeast(name, value),
            4 => Condition::AtMost(name, value),
            5 => Condition::Below(name, value),
            6 => Condition::Above(name, value),
            7 if column.kind == Kind::Text => Condition::Prefix(name, self.pick(&TEXTS).to_owned()),
            8 if outermost => self.exists(table),
            _ => Condition::Is(name, Value::Null),
        }
    }

    fn exists(&mut self, table: &'static Table) -> Condition {
        let (other, on): (_, &'static [(&str, &str)]) = match table.name {
            "payments" => (
                &SEARCH,
                &[("store_id", "store_id"), ("payment_id", "subject_id")],
            ),
            "events" => (
                &PAYMENTS,
                &[("subject_id", "payment_id"), ("at", "created_at")],
            ),
            "search" => (&PAYMENTS, &[("value", "status")]),
            _ => (&EVENTS, &[]),
        };
        let filter = (0..self.below(3))
            .map(|_| self.condition(other, false))
            .collect();
        Condition::Exists {
            table: other,
            on,
            filter,
        }
    }

    fn query(&mut self) -> Query {
        let table = self.pick(&TABLES);
        let mut query = Query::of(table, u32::try_from(self.below(9)).unwrap());
        for _ in 0..self.below(3) {
            query = query.and(self.condition(table, true));
        }
        for _ in 0..self.below(3) {
            let column = self.column(table).name;
            let direction = self.pick(&[Direction::Ascending, Direction::Descending]);
            if query.order.iter().all(|(known, _)| *known != column) {
                query = query.by(column, direction);
            }
        }
        query.offset = u32::try_from(self.below(4)).unwrap();
        query
    }
}
