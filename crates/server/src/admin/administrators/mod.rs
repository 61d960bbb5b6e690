//! `naru administrators`: who may log in to the console.

pub mod commands;
pub mod routes;
pub mod types;
