//! Administration of contracts with a tax-invoice provider: `naru b2b`.

pub mod bulk_commands;
mod bulk_routes;
mod columns;
pub mod commands;
pub mod routes;
mod sheet;
pub mod types;
