//! The PostgreSQL backend against a real server, named by `NARU_TEST_POSTGRES`.
#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests: a failure must stop the test"
)]

mod acts;
mod conformance;
mod faults;
mod journal;
mod opening;
mod proxy;
mod schema;
mod together;
