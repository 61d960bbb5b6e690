//! B2B values as wire types.

mod bulk;
mod company;
mod current;
mod preview;
mod sheet;

pub(crate) use bulk::bulk_invoice;
pub(crate) use company::{
    business_info, certificate, company_state, counterparty, member_company, member_contact,
    preview_certificate,
};
pub(crate) use current::{tax_invoice, tax_invoice_summary};
pub(crate) use preview::{preview_tax_invoice, preview_tax_invoice_summary};
pub(crate) use sheet::Sheet;
