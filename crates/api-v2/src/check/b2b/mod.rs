//! The rules of the wire for B2B operations.

mod company;
mod invoice;
mod key;
mod list;
mod names;
mod preview;

pub(crate) use company::{counterparty, counterparty_patch, member_company};
pub(crate) use invoice::{draft, draft_change, issue_immediately, reverse_request};
pub(crate) use key::{brn, note, path_key, preview_key, preview_path_key};
pub(crate) use list::{
    counterparty_filter, invoice_filter, invoice_page, preview_invoice_filter, preview_invoice_page,
};
pub(crate) use preview::{preview_register, preview_reverse_request};
