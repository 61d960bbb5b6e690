//! Promotions over the private listener: types, routes, and the commands that call them.

pub mod commands;
pub mod routes;
pub mod types;
