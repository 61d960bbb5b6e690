//! `cargo xtask ci`: everything that must hold before a change goes in.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::{process, test, tidy};

/// Runs every check, then all tests; names at the end what failed.
pub fn run() -> Result<()> {
    let clippy = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "--deny",
        "warnings",
    ];
    let steps: [(&str, &dyn Fn() -> Result<()>); 4] = [
        ("format", &|| {
            process::run(&mut process::cargo(&["fmt", "--all", "--check"]))
        }),
        ("clippy", &|| process::run(&mut process::cargo(&clippy))),
        ("tidy", &tidy::run),
        ("test", &|| test::run(&test::Args::default())),
    ];
    let mut failed = Vec::new();
    let mut report = Vec::new();
    for (name, step) in steps {
        println!("\n=== {name} ===");
        let start = Instant::now();
        let result = step();
        let seconds = start.elapsed().as_secs();
        if let Err(error) = result {
            println!("{error:#}");
            failed.push(name);
            report.push(format!("{name}: failed after {seconds} s"));
        } else {
            report.push(format!("{name}: ok, {seconds} s"));
        }
    }
    println!("\n=== ci ===\n{}", report.join("\n"));
    ensure!(failed.is_empty(), "failed: {}", failed.join(", "));
    Ok(())
}
