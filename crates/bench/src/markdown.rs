//! The report as a document: the table of targets, then what has no target.

use std::fmt::Write as _;

use anyhow::Result;

use crate::report::Report;
use crate::targets::{TARGETS, Target, decimal};

/// What a figure should stay below: the same words as in the report, and the aim in its unit.
static AIMS: [(&str, u64); 5] = [
    ("start to first answer at many, µs", 50_000),
    ("memory idle, KiB", 25 * 1_024),
    ("memory under load, KiB", 80 * 1_024),
    ("memory after reads at many, KiB", 120 * 1_024),
    ("binary, KiB", 30 * 1_024),
];

impl Report {
    /// All of it.
    pub fn markdown(&self) -> Result<String> {
        let mut text = String::from("# Benchmarks of one run\n\n");
        for (name, value) in &self.setting {
            writeln!(text, "* {name}: {value}")?;
        }
        text.push_str(
            "\n| What | seen | beside | ratio | of the rounds | must | goal | |\n\
             | --- | ---: | ---: | ---: | --- | ---: | ---: | --- |\n",
        );
        for target in &TARGETS {
            writeln!(text, "{}", self.target_line(target))?;
        }
        text.push_str("\n| Figure | | aim | |\n| --- | ---: | ---: | --- |\n");
        for (name, value) in &self.figures {
            let aim = AIMS.iter().find(|(aimed, _)| aimed == name);
            let [aim, verdict] = aim.map_or_else(
                || [String::new(), String::new()],
                |(_, aim)| {
                    let verdict = if value <= aim { "met" } else { "MISSED" };
                    [format!("≤ {aim}"), verdict.to_owned()]
                },
            );
            writeln!(text, "| {name} | {value} | {aim} | {verdict} |")?;
        }
        self.rest(&mut text)?;
        Ok(text)
    }

    fn target_line(&self, target: &Target) -> String {
        let [must, goal] = target.bound.texts();
        let what = target.what;
        let measured = self.targets.get(target.key);
        let measured = measured.and_then(|rounds| Some((rounds, rounds.ratio()?)));
        let Some((rounds, (ratio, [lowest, highest]))) = measured else {
            return format!("| {what} | | | | | {must} | {goal} | not measured |");
        };
        let middle = rounds.medians();
        let count = rounds.rounds.len();
        let note = if rounds.note.is_empty() {
            String::new()
        } else {
            format!("; {}", rounds.note)
        };
        let sides = [middle.seen, middle.base].map(|side| format!("{side} {}", target.unit));
        let range = format!("{count}: {} to {}", decimal(lowest), decimal(highest));
        let verdict = target.bound.verdict(ratio);
        format!(
            "| {what} | {} | {} | {} | {range} | {must} | {goal} | {verdict}{note} |",
            sides[0],
            sides[1],
            decimal(ratio),
        )
    }

    fn rest(&self, text: &mut String) -> Result<()> {
        if !self.lines.is_empty() {
            text.push_str(
                "\n| Load | per s | ceiling | ratio | p50 µs | p99 µs | CPU µs |\n\
                 | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
            );
        }
        for line in &self.lines {
            let rate = line.measured.rate();
            writeln!(
                text,
                "| {} | {rate} | {} | {} | {} | {} | {} |",
                line.name,
                line.ceiling,
                decimal(rate * 1_000 / line.ceiling.max(1)),
                line.measured.p50_us,
                line.measured.p99_us,
                line.processor_us
            )?;
        }
        for (heading, pairs) in &self.pairs {
            writeln!(text, "\n| {heading} | base | seen | ratio | |")?;
            text.push_str("| --- | ---: | ---: | ---: | --- |\n");
            for pair in pairs {
                writeln!(
                    text,
                    "| {} | {} {unit} | {} {unit} | {} | {} |",
                    pair.name,
                    pair.base,
                    pair.seen,
                    decimal(pair.seen * 1_000 / pair.base.max(1)),
                    pair.note,
                    unit = pair.unit,
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_line_and_what_was_missed_says_so() {
        let mut report = Report::default();
        report.round("reads", (100, 1_000)).unwrap();
        report.round("charges", (200, 1_000)).unwrap();
        report.note("charges", "in the rain".to_owned()).unwrap();
        report.figures.insert("binary, KiB", 40 * 1_024);
        report.figures.insert("memory idle, KiB", 1);
        let text = report.markdown().unwrap();
        let line = |words: &str| {
            let found = text.lines().find(|line| line.contains(words));
            found.unwrap().to_owned()
        };
        assert!(line("GET one payment").contains("| 0.100 | 1: 0.100 to 0.100 |"));
        assert!(line("GET one payment").ends_with("| MISSED |"));
        assert!(line("like its intent").ends_with("| goal; in the rain |"));
        assert!(line("binary").ends_with("| 40960 | ≤ 30720 | MISSED |"));
        assert!(line("memory idle").ends_with("| met |"));
        let unmeasured = text.lines().filter(|line| line.contains("not measured"));
        assert_eq!(unmeasured.count(), TARGETS.len() - 2);
        assert!(report.round("nothing", (1, 1)).is_err());
    }

    #[test]
    fn aims_are_of_figures_that_runs_report() {
        let rows = [
            include_str!("rows/charges.rs"),
            include_str!("rows/million.rs"),
        ]
        .concat();
        for (name, _) in AIMS {
            assert!(rows.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}
