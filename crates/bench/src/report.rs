//! What a run found: figures for a table to read (`markdown`) and a JSON file to compare.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::load::Measured;
use crate::targets::{Round, Rounds, Target};

/// One workload.
#[derive(Debug, Clone, Serialize)]
pub struct Line {
    /// What was asked for.
    pub name: &'static str,
    /// What came of it.
    pub measured: Measured,
    /// The rate of its ceiling in the same run.
    pub ceiling: u64,
    /// What the ceiling is.
    pub ceiling_is: &'static str,
    /// Processor time of the server for one answer, in microseconds.
    pub processor_us: u64,
}

/// The same measured in two ways, where what counts is how they stand to each other.
#[derive(Debug, Clone, Serialize)]
pub struct Pair {
    /// What was measured.
    pub name: String,
    /// In which unit.
    pub unit: &'static str,
    /// What it is held against.
    pub base: u64,
    /// What was seen.
    pub seen: u64,
    /// What it is about, such as how many rows match.
    pub note: String,
}

/// Everything.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Report {
    /// Machine, profile, cores, database: what the figures hold for.
    pub setting: BTreeMap<&'static str, String>,
    /// The targets that were measured, by their keys.
    pub targets: BTreeMap<&'static str, Rounds>,
    /// Workloads.
    pub lines: Vec<Line>,
    /// Pairs, by their headings.
    pub pairs: BTreeMap<&'static str, Vec<Pair>>,
    /// Single figures: name and value with its unit in the name.
    pub figures: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Adds a round of a target, and says so: a run takes long.
    pub fn round(&mut self, key: &str, (seen, base): (u64, u64)) -> Result<()> {
        let target = Target::of(key)?;
        let rounds = self.targets.entry(target.key).or_default();
        rounds.rounds.push(Round { seen, base });
        println!(
            "{key}, round {}: {seen} beside {base} {}",
            rounds.rounds.len(),
            target.unit
        );
        Ok(())
    }

    /// What there is to say of a target besides its ratio.
    pub fn note(&mut self, key: &str, note: String) -> Result<()> {
        self.targets.entry(Target::of(key)?.key).or_default().note = note;
        Ok(())
    }

    /// Writes the JSON file, and the Markdown beside it.
    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")?;
        std::fs::write(path.with_extension("md"), self.markdown()?)?;
        Ok(())
    }
}
