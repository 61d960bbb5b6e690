//! What the server is held to, and whether a run met it.
//!
//! A target is a ratio of two things measured in the same run, in turns, so that a machine's mood
//! meets both. This module knows the bounds and the rounds; it measures nothing.

use anyhow::{Context as _, Result};
use serde::Serialize;

/// How far a ratio may go, in thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Bound {
    /// Not below.
    AtLeast {
        /// What must hold.
        must: u64,
        /// What is aimed at.
        goal: u64,
    },
    /// Not above.
    AtMost {
        /// What must hold.
        must: u64,
        /// What is aimed at.
        goal: u64,
    },
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Names it in the JSON file.
    pub key: &'static str,
    /// What stands over what.
    pub what: &'static str,
    /// Of both sides of the ratio.
    pub unit: &'static str,
    /// How far it may go.
    pub bound: Bound,
}

const fn at_least(must: u64, goal: u64) -> Bound {
    Bound::AtLeast { must, goal }
}

const fn at_most(must: u64, goal: u64) -> Bound {
    Bound::AtMost { must, goal }
}

const fn target(
    key: &'static str,
    (what, unit): (&'static str, &'static str),
    bound: Bound,
) -> Target {
    Target {
        key,
        what,
        unit,
        bound,
    }
}

/// All of them, in the order of the table.
pub static TARGETS: [Target; 17] = [
    target(
        "reads",
        (
            "GET one payment, 32 connections ÷ bare axum, body as long",
            "per s",
        ),
        at_least(350, 500),
    ),
    target(
        "charges",
        (
            "charge, 64 connections ÷ units like its intent, 64 writers",
            "per s",
        ),
        at_least(120, 200),
    ),
    target(
        "half-load",
        (
            "charge's p99 at half load less the PG ÷ a commit's p99 at that rate",
            "µs",
        ),
        at_most(6_000, 4_000),
    ),
    target(
        "cancels",
        (
            "charge then cancel, 16 connections, both counted ÷ bare axum's POST",
            "per s",
        ),
        at_least(40, 60),
    ),
    target(
        "list-filters",
        (
            "list page 1 at many ÷ at 1,000: the worst single filter",
            "µs",
        ),
        at_most(1_300, 1_100),
    ),
    target(
        "list-combinations",
        (
            "list page 1 at many ÷ at 1,000: the worst combination",
            "µs",
        ),
        at_most(1_300, 1_100),
    ),
    target(
        "schedules-rate",
        ("schedules due at once ÷ plain charges", "per s"),
        at_least(500, 700),
    ),
    target(
        "schedules-p99",
        ("API p99 meanwhile ÷ idle", "µs"),
        at_most(5_000, 3_000),
    ),
    target(
        "webhooks-rate",
        (
            "draining webhooks, 10 of 100 receivers dead ÷ a bare client's POST",
            "per s",
        ),
        at_least(150, 300),
    ),
    target(
        "webhooks-p99",
        ("live receivers' p99 with the dead ones ÷ without", "µs"),
        at_most(1_500, 1_100),
    ),
    target(
        "v1-reads",
        ("V1 reads ÷ V2's", "per s"),
        at_least(900, 1_000),
    ),
    target(
        "v1-charges",
        ("V1 charges ÷ V2's", "per s"),
        at_least(900, 1_000),
    ),
    target(
        "postgres",
        (
            "PostgreSQL, 32 clients: charge ÷ pgbench with the same two transactions",
            "per s",
        ),
        at_least(400, 600),
    ),
    target(
        "nodes",
        (
            "PostgreSQL: charges on 3 nodes ÷ on 1, the same cores",
            "per s",
        ),
        at_least(900, 1_000),
    ),
    target(
        "retries",
        (
            "PostgreSQL, 3 nodes: transactions rolled back ÷ all",
            "transactions",
        ),
        at_most(10, 10),
    ),
    target(
        "connector",
        (
            "one PG request built and its answer read ÷ the charge's CPU",
            "ns",
        ),
        at_most(150, 80),
    ),
    target(
        "memory-flat",
        (
            "resident memory after the last round of charges ÷ after the second",
            "KiB",
        ),
        at_most(1_100, 1_050),
    ),
];

impl Target {
    /// The target of that key.
    pub fn of(key: &str) -> Result<&'static Self> {
        let found = TARGETS.iter().find(|target| target.key == key);
        found.with_context(|| format!("there is no target `{key}`"))
    }
}

impl Bound {
    /// What became of it, in one word.
    pub const fn verdict(self, thousandths: u64) -> &'static str {
        let (is_met, is_goal) = match self {
            Self::AtLeast { must, goal } => (thousandths >= must, thousandths >= goal),
            Self::AtMost { must, goal } => (thousandths <= must, thousandths <= goal),
        };
        match (is_met, is_goal) {
            (_, true) => "goal",
            (true, false) => "met",
            (false, false) => "MISSED",
        }
    }

    /// The two bounds as text.
    pub fn texts(self) -> [String; 2] {
        let (sign, must, goal) = match self {
            Self::AtLeast { must, goal } => ('≥', must, goal),
            Self::AtMost { must, goal } => ('≤', must, goal),
        };
        [must, goal].map(|bound| format!("{sign} {}", decimal(bound)))
    }
}

/// Both sides in one round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Round {
    /// What was seen.
    pub seen: u64,
    /// What it is held against.
    pub base: u64,
}

impl Round {
    const fn thousandths(self) -> u64 {
        let base = if self.base == 0 { 1 } else { self.base };
        self.seen.saturating_mul(1_000) / base
    }
}

/// What was measured for one target.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Rounds {
    /// Each round.
    pub rounds: Vec<Round>,
    /// What there is to say of it besides.
    pub note: String,
}

impl Rounds {
    /// The median of the rounds' ratios, in thousandths; the lowest and the highest.
    pub fn ratio(&self) -> Option<(u64, [u64; 2])> {
        let mut all: Vec<u64> = self.rounds.iter().map(|one| one.thousandths()).collect();
        all.sort_unstable();
        let middle = *all.get(all.len() / 2)?;
        Some((middle, [*all.first()?, *all.last()?]))
    }

    /// The medians of both sides.
    pub fn medians(&self) -> Round {
        Round {
            seen: median(self.rounds.iter().map(|one| one.seen)),
            base: median(self.rounds.iter().map(|one| one.base)),
        }
    }
}

/// The one in the middle; 0 of none.
pub fn median(values: impl Iterator<Item = u64>) -> u64 {
    let mut all: Vec<u64> = values.collect();
    all.sort_unstable();
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// Thousandths as a decimal number.
pub fn decimal(thousandths: u64) -> String {
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_says_which_side_is_good() {
        let floor = at_least(120, 200);
        assert_eq!(
            [119, 120, 199, 200].map(|seen| floor.verdict(seen)),
            ["MISSED", "met", "met", "goal"]
        );
        let ceiling = at_most(6_000, 4_000);
        assert_eq!(
            [6_001, 6_000, 4_001, 4_000].map(|seen| ceiling.verdict(seen)),
            ["MISSED", "met", "met", "goal"]
        );
        assert_eq!(ceiling.texts(), ["≤ 6.000", "≤ 4.000"]);
    }

    #[test]
    fn the_ratio_is_the_median_of_the_rounds_ratios() {
        let round = |seen, base| Round { seen, base };
        let rounds = Rounds {
            rounds: vec![round(10, 100), round(90, 100), round(300, 1_000)],
            note: String::new(),
        };
        assert_eq!(rounds.ratio(), Some((300, [100, 900])));
        assert_eq!(rounds.medians(), round(90, 100));
        assert_eq!(Rounds::default().ratio(), None);
    }

    #[test]
    fn every_target_is_found_by_its_key_and_none_twice() {
        for target in &TARGETS {
            assert_eq!(Target::of(target.key).unwrap().what, target.what);
        }
        assert!(Target::of("nothing").is_err());
    }
}
