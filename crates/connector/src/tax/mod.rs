//! What a tax-invoice provider is: the access service provider (ASP, 전자세금계산서 대행사업자) that
//! keeps invoices, has suppliers sign them, and sends them to the tax office.
//!
//! The same rules as for a PG's connector: pure functions of bytes, driven by the engine. The
//! provider's own words (its member companies, management keys, state numbers) stay behind
//! [`TaxProvider`]. Invariant: an answer that is unclear is [`TaxOutcome::Unknown`], and an invoice
//! is issued only if the provider gave its approval number.

mod operation;
mod outcome;

pub use operation::{
    AttachedFile, CompanyJoin, InvoiceCall, InvoiceRef, JoinContact, Note, TaxOperation, Written,
};
pub use outcome::{
    BusinessInfo, Certificate, CertificateKind, CompanyState, FileEntry, HolderProblem,
    InvoiceSeen, Likeness, Problem, StateNotice, TaxNotification, TaxOutcome,
};

use crate::{BeginError, Call, ChannelSettings, Exchange, InboundRequest, Rejected, SettingsError};

/// A tax-invoice provider's connector.
pub trait TaxProvider: Send + Sync {
    /// The short name in paths, settings and books, such as `popbill`.
    fn name(&self) -> &'static str;

    /// How long after a request's deadline the provider may still act on it, in milliseconds.
    fn settle_time_ms(&self) -> i64;

    /// Checks the settings of a merchant's contract.
    fn check_settings(&self, settings: &ChannelSettings) -> Result<(), SettingsError>;

    /// Makes the exchange that carries the operation out.
    fn begin(
        &self,
        operation: &TaxOperation,
        call: &Call<'_>,
    ) -> Result<Box<dyn Exchange<TaxOutcome>>, BeginError>;

    /// Reads a notice that the provider sent. A hint: only an inquiry moves an invoice.
    fn read_notification(&self, request: &InboundRequest) -> Result<TaxNotification, Rejected>;
}
