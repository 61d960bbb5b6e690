//! What a run found: a table to read, a JSON file to compare.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use crate::load::Measured;

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
    /// Workloads.
    pub lines: Vec<Line>,
    /// Pairs, by their headings.
    pub pairs: BTreeMap<&'static str, Vec<Pair>>,
    /// Single figures: name and value with its unit in the name.
    pub figures: BTreeMap<&'static str, u64>,
}

impl Report {
    /// The table.
    pub fn table(&self) -> Result<String> {
        let mut text = String::new();
        for (name, value) in &self.setting {
            writeln!(text, "{name}: {value}")?;
        }
        writeln!(
            text,
            "\n{:<22} {:>9} {:>9} {:>6} {:>8} {:>8} {:>8}  ceiling",
            "", "per s", "ceiling", "ratio", "p50 µs", "p99 µs", "CPU µs"
        )?;
        for line in &self.lines {
            let rate = line.measured.rate();
            let permille = rate * 1_000 / line.ceiling.max(1);
            writeln!(
                text,
                "{:<22} {rate:>9} {:>9} {:>2}.{:03} {:>8} {:>8} {:>8}  {}",
                line.name,
                line.ceiling,
                permille / 1_000,
                permille % 1_000,
                line.measured.p50_us,
                line.measured.p99_us,
                line.processor_us,
                line.ceiling_is
            )?;
            if !line.measured.others.is_empty() {
                writeln!(text, "  other answers: {:?}", line.measured.others)?;
            }
        }
        for (heading, pairs) in &self.pairs {
            writeln!(
                text,
                "\n{heading:<36} {:>9} {:>9} {:>6}",
                "base", "seen", "ratio"
            )?;
            for pair in pairs {
                let permille = pair.seen * 1_000 / pair.base.max(1);
                writeln!(
                    text,
                    "{:<36} {:>9} {:>9} {:>2}.{:03} {}  {}",
                    pair.name,
                    pair.base,
                    pair.seen,
                    permille / 1_000,
                    permille % 1_000,
                    pair.unit,
                    pair.note
                )?;
            }
        }
        writeln!(text)?;
        for (name, value) in &self.figures {
            writeln!(text, "{name:<28} {value:>9}")?;
        }
        Ok(text)
    }

    /// Writes the JSON file.
    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory)?;
        }
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }
}
