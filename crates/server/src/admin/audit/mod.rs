//! `naru audit`: whether what the store holds fits together.

pub mod commands;
pub mod routes;
pub mod types;
