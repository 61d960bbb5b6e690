//! `naru journal`: what the accounts of the journal come to.

pub mod commands;
pub mod routes;
pub mod types;
