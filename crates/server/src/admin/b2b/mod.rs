//! Administration of contracts with a tax-invoice provider: `naru b2b`.

pub mod commands;
pub mod routes;
pub mod types;
