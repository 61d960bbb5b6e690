//! What the bench's program and its micro-benchmarks (`benches/`) share: requests, the units that a
//! charge commits, one exchange with a PG. Nothing here measures or takes a time.

pub mod bodies;
pub mod captured;
pub mod inicis;
