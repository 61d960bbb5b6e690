//! Popbill from outside: requests field by field, answers, bytes of any kind, notices, and the
//! simulator that was written without knowing the connector.

mod answers;
mod bytes_of_any_kind;
mod notices;
mod requests;
mod simulator;
mod support;
