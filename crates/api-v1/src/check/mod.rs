//! From lenient input to what the engine takes.

pub(crate) mod card;
pub(crate) mod certification;
pub(crate) mod channel;
pub(crate) mod order;
pub(crate) mod page;
pub(crate) mod receipt;
pub(crate) mod schedule;
