//! Real processes for tests: the binary, the simulated PGs, a durable PostgreSQL.
//!
//! Everything that is started here is killed when its value is dropped, also when a test panics.

pub mod cluster;
pub mod process;

pub use cluster::Cluster;
pub use process::{Place, Sandbox, SandboxOptions, Simulator};
