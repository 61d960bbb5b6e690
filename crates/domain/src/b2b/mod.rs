//! Electronic tax invoices between businesses, and the companies that exchange them.
//!
//! The aggregate [`tax_invoice::TaxInvoice`] is one for both editions of the API: what differs
//! between them is spelling, and that is the face's. Nothing here knows the provider's wire; the
//! provider is the access service provider (ASP) that files invoices with the tax office.
//!
//! Invariant: an invoice that was issued and has its effect (in transmission, or accepted by the
//! tax office) can't be deleted or changed by any command.

mod bulk;
mod business_number;
mod civil_date;
mod counterparty;
mod decimal;
pub mod tax_invoice;

pub use bulk::{BulkInvoice, BulkRefusal, BulkState, BulkTally, Start};
pub use business_number::{BusinessNumber, NotABusinessNumber};
pub use civil_date::{CivilDate, NotADate};
pub use counterparty::{
    BusinessStatus, Closure, Contact, Counterparty, NtsConnection, TaxpayerKind,
};
pub use decimal::{Decimal, DecimalRange};

/// A side of an invoice.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub enum Side {
    /// The seller (공급자): signs and issues.
    Supplier,
    /// The buyer (공급받는자).
    Recipient,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Supplier => Self::Recipient,
            Self::Recipient => Self::Supplier,
        }
    }
}
