//! The binary and the library from outside: words on the terminal, config files, listeners.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

mod acts;
mod admin_client;
mod admin_routes;
mod admission;
mod audit;
mod b2b;
mod backup;
#[path = "../support/cluster.rs"]
#[expect(
    dead_code,
    reason = "shared with the kill harness, which uses more of it"
)]
mod cluster;
mod command_line;
mod config_file;
mod console;
mod documents;
mod http_listener;
mod migrate_store;
mod payments;
mod pg_sim;
mod rotate;
mod routing;
mod sandbox;
mod serve_tls;
mod settlements;
mod tls;
mod web;
