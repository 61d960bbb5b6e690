//! The shape of every exchange with the INIAPI: one request, one answer.

pub(super) use crate::exchange::{Exchanged as OneShot, unknown};
