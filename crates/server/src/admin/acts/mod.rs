//! The audit log of administrative acts: written around all admin routes, read by
//! `naru audit-log`.

pub mod commands;
pub(crate) mod direct;
pub(crate) mod layer;
pub mod operations;
pub mod routes;
pub mod types;
