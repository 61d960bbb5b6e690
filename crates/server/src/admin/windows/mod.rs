//! Payment windows of a sandbox without a checkout: opened here, played at the simulator, brought
//! back here. For tests and for a look at the flow; the checkout's pages will take its place.

pub mod commands;
pub mod routes;
pub mod types;
