//! From lenient input to what the engine takes.

pub(crate) mod card;
pub(crate) mod channel;
pub(crate) mod order;
pub(crate) mod page;
