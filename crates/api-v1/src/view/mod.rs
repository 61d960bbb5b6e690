//! Shapes of the wire. Strings that do not apply are `null`, times and amounts 0, and no field is
//! ever left out.

pub(crate) mod certification;
pub(crate) mod customer;
pub(crate) mod page;
pub(crate) mod payment;
pub(crate) mod receipt;
pub(crate) mod schedule;

pub(crate) use page::paged;
pub(crate) use payment::{Status, issue, payment, shown, status_of, status_of_issue};
