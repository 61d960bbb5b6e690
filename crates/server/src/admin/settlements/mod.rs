//! Administration of reconciliation: enrolment, imports, reports, differences.
//!
//! The shapes in [`types`] are documented for tools in `docs/operating/reconcile.md`.

pub mod commands;
mod import;
mod list;
pub mod routes;
pub mod types;
