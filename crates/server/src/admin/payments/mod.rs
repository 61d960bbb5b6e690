//! Payments over the private listener, as far as the contract has no operation: types, routes, and
//! the commands that call them.

pub mod commands;
pub mod routes;
pub mod types;
