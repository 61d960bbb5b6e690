//! `naru backup`: a copy of a live store.

pub mod commands;
pub mod routes;
pub mod types;
