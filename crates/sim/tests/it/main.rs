//! Fixed seeds, a run step by step, and the proof that the simulator would notice.

use naru_sim::{Mistake, Options, run};

/// Seeds of one test: several tests run at once.
const SEEDS: u64 = 50;

/// Seeds within which each mistake must be found.
const SEEDS_OF_A_MISTAKE: u64 = 150;

fn seeds(from: u64) {
    for seed in from..from + SEEDS {
        let report = run(seed, Options::default());
        assert!(
            report.findings.is_empty(),
            "seed {seed}: {:#?}\nrepeat it: cargo run --release -p naru-sim -- --seed {seed}",
            report.findings
        );
    }
}

#[test]
fn seeds_1_to_50() {
    seeds(1);
}

#[test]
fn seeds_51_to_100() {
    seeds(51);
}

#[test]
fn seeds_101_to_150() {
    seeds(101);
}

#[test]
fn seeds_151_to_200() {
    seeds(151);
}

#[test]
fn a_seed_is_a_run() {
    for seed in [3, 7, 22] {
        let first = run(seed, Options::default());
        assert_eq!(first, run(seed, Options::default()));
        assert_ne!(first.trace, run(seed + 100, Options::default()).trace);
    }
}

/// One process, nothing else fails, and it dies at each call of a port in turn.
#[test]
fn a_process_may_die_at_any_call() {
    let calm = Options {
        is_calm: true,
        ..Options::default()
    };
    let whole = run(5, calm);
    assert_eq!((whole.crashes, whole.findings.len()), (0, 0), "{whole:#?}");
    // Every seventh keeps the test short; the offset moves with each call's own neighbours.
    for step in (1..whole.steps.min(1_400)).step_by(7) {
        let report = run(
            5,
            Options {
                crash_at: Some(step),
                ..calm
            },
        );
        assert!(
            report.findings.is_empty(),
            "died at step {step}: {:#?}",
            report.findings
        );
    }
}

#[test]
fn every_mistake_is_found() {
    let mut unfound = Vec::new();
    for mistake in Mistake::ALL {
        let options = Options {
            mistake: Some(mistake),
            ..Options::default()
        };
        let found = (1..=SEEDS_OF_A_MISTAKE).find(|seed| !run(*seed, options).findings.is_empty());
        if found.is_none() {
            unfound.push(mistake);
        }
    }
    assert!(unfound.is_empty(), "not found: {unfound:?}");
}
