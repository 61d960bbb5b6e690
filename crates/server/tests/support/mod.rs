//! Real processes for tests: the binary, the simulated PGs, a durable PostgreSQL, a small
//! disk.
//!
//! Everything that is started here is killed when its value is dropped, also when a test panics.

pub mod cluster;
pub mod disk;
pub mod pair;
pub mod process;

pub use cluster::Cluster;
pub use disk::{SmallCluster, SmallDisk};
pub use pair::Pair;
pub use process::{Place, Sandbox, SandboxOptions, Simulator};
