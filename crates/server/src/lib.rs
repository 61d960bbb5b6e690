//! The binary `naru` as a library: config, wiring, lifecycle, command line.
//!
//! The one place that knows every part and puts them together. It decides nothing about payments:
//! no rule of the domain, no route of the public APIs and no PG protocol lives here.
//!
//! Invariant: a server that is told to stop finishes what it has begun ([`lifecycle`]), and
//! nothing here prints or logs a secret ([`output`], [`logging`]).

pub mod admin;
pub mod admission;
mod browser_sdk;
mod checkout_page;
pub mod cli;
pub mod commands;
pub mod config;
pub mod console;
pub mod core_dumps;
pub mod doctor;
pub mod failure;
pub mod health;
pub mod http;
pub mod lifecycle;
pub mod listen;
pub mod lock;
pub mod logging;
pub mod master_key;
pub mod metrics;
mod migrate_store;
pub mod output;
mod panics;
mod password;
pub mod pg_sim;
mod presence;
pub mod public;
mod rotate;
mod runtime;
pub mod sandbox;
pub mod sandbox_credentials;
pub mod sandbox_json;
mod sandbox_seed;
pub mod serve;
mod shop;
mod supplier_page;
pub mod support_matrix;
pub mod tax_pages;
pub mod tls;
mod trigger;
mod window_page;
pub mod wiring;
