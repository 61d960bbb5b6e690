//! The deterministic simulator: engines, their workers, the simulated PG, merchants, customers and
//! a receiver of webhooks in one world, on one thread, in virtual time, all from one seed.
//!
//! A run has three parts. In the *storm* everything fails that may fail: processes die at any call
//! of a port, commits lose their answer, requests to the PG are lost, doubled or late, the PG
//! answers nonsense, notices come twice or not at all, receivers are away. Then it is *calm*:
//! nothing fails any more, and the world has to come to rest by itself. Then the *audit* holds what
//! everybody was told, Naru's rows and events, the PG's books and the webhooks against each other.
//!
//! It must never look at the machine's clock, at the machine's randomness, or use a second thread:
//! a seed is a run, and a run that failed is repeated by its seed. What it proves something by are
//! its [`Mistake`]s: bugs that can be switched on, and that the audit has to find.
//!
//! Not part of it: HTTP, SQL and real disks. Those are the kill harness's
//! (`crates/server/tests/kill`).
#![expect(
    clippy::expect_used,
    reason = "a test tool: whatever goes wrong in it ends the run and says so"
)]

mod audit;
mod courier;
mod customers;
mod dice;
mod history;
mod merchant;
mod mistake;
mod node;
mod pg;
mod ports;
mod receiver;
mod rest;
mod setup;
mod time;
mod trace;
mod weather;
mod world;

use std::sync::Arc;

pub use mistake::Mistake;

use world::World;

/// What can be chosen for a run beside its seed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// A bug to switch on.
    pub mistake: Option<Mistake>,
    /// Whether the weather is calm from the beginning, but for what `crash_at` says.
    pub is_calm: bool,
    /// The call of a port at which the process dies, counted from 1.
    pub crash_at: Option<u64>,
    /// Whether every step is printed to standard error.
    pub is_loud: bool,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The seed.
    pub seed: u64,
    /// A hash of all that happened, in order: equal for equal seeds.
    pub trace: u64,
    /// Calls of ports.
    pub steps: u64,
    /// Processes that died.
    pub crashes: u64,
    /// Calls of merchants.
    pub calls: usize,
    /// Everything that does not fit. Nothing, if Naru keeps its promises.
    pub findings: Vec<String>,
}

/// Runs one seed to its end.
pub fn run(seed: u64, options: Options) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let world = World::new(seed, options).await;
        merchant::trade(&world).await;
        world.calm_down().await;
        let mut findings = rest::come_to_rest(&world).await;
        findings.extend(audit::audit(&world).await);
        world.dismantle();
        Report {
            seed,
            trace: world.trace.hash(),
            steps: world.trace.steps(),
            crashes: world.crashes(),
            calls: world.history.len(),
            findings,
        }
    })
}

/// Shared ownership of the one world of a run.
type Shared = Arc<World>;
