//! Reading what clients send, in every spelling that they have for it.

mod form;
mod input;

pub(crate) use form::{read_body, read_query};
pub(crate) use input::Input;
