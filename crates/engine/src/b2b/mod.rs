//! Electronic tax invoices between businesses: contracts with the provider, companies, invoices.
//!
//! The shape is that of the money path: the intent is on disk before the provider is asked, its
//! answer is committed with its webhooks, and an answer that was lost is found out by asking what
//! the provider shows. Nothing that may be asked twice without harm is guessed.

mod act;
mod bulk;
mod companies;
mod contract;
mod draft;
mod files;
mod invitation;
mod links;
mod lookups;
mod lost;
mod manual;
mod notices;
mod read;
mod settle;
mod watch;
mod write;

pub use act::{ActOnInvoice, InvoiceNote};
pub use bulk::{
    BULK_ROWS_MAX, BulkImported, BulkStat, BulkView, NewBulk, RowProblem, SheetRow, sheet_digest,
};
pub use companies::{CompanyChecks, CompanyPatch, ContactInput, JoinCompany, NewCompany};
pub use contract::NewTaxContract;
pub use files::{FILE_BYTES_MAX, UploadRefused};
pub use invitation::{BadInvitation, CanSign, Entered, Invitation, SupplierAnswer, SupplierView};
pub use links::{BadLink, LinkKind};
pub use read::{InvoiceKey, InvoiceKeyKind, KeySide};
pub use write::{ModifiedInvoice, Modifies, NamedParty, WriteInvoice};

pub(crate) use contract::TaxContract;

pub use naru_connector::tax::{BusinessInfo, Certificate, CertificateKind, CompanyState};

use naru_connector::tax::{Problem, TaxOutcome};
use naru_domain::payment::Failure;
use serde::{Deserialize, Serialize};

use crate::Fault;

/// Which edition of the API a caller speaks: the answer to an unclear outcome differs, and the
/// rendering of a stored answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Edition {
    /// `/b2b-preview` of spring 2024.
    Preview,
    /// `/b2b` of today.
    Current,
}

/// Why a B2B use case did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum TaxFault {
    /// The store has no contract with a provider.
    #[error("the store has no contract with a tax-invoice provider; see `naru b2b --help`")]
    NotEnabled,
    /// See the domain's refusals.
    #[error("the tax invoice does not exist")]
    InvoiceNotFound,
    /// The recipient, who acts, has no document key.
    #[error("the tax invoice has no document key of the recipient")]
    NoRecipientDocumentKey,
    /// The supplier, who acts, has no document key.
    #[error("the tax invoice has no document key of the supplier")]
    NoSupplierDocumentKey,
    /// It is no draft.
    #[error("the tax invoice is no draft")]
    NotDrafted,
    /// It is not requested.
    #[error("the tax invoice is not requested")]
    NotRequested,
    /// It is not issued, or on its way to the tax office.
    #[error("the tax invoice is not issued, or already on its way to the tax office")]
    NotIssued,
    /// It can't be deleted.
    #[error("a tax invoice in this status can't be deleted")]
    NonDeletable,
    /// There is no such attachment.
    #[error("the tax invoice has no such attachment")]
    AttachmentNotFound,
    /// There is no such file, or it was not uploaded.
    #[error("the file does not exist, or was not uploaded in time")]
    FileNotFound,
    /// The supplier can't be found.
    #[error("the supplier does not exist")]
    SupplierNotFound,
    /// The recipient can't be found.
    #[error("the recipient does not exist")]
    RecipientNotFound,
    /// The supplier's document key is taken.
    #[error("the supplier's document key is in use")]
    SupplierDocumentKeyAlreadyUsed,
    /// The recipient's document key is taken.
    #[error("the recipient's document key is in use")]
    RecipientDocumentKeyAlreadyUsed,
    /// A draft keeps its document keys.
    #[error("a document key can't be changed")]
    DocumentKeyCannotBeChanged,
    /// The invoice that is modified does not exist.
    #[error("the original tax invoice does not exist")]
    OriginalNotFound,
    /// The invoice that is modified was not accepted by the tax office.
    #[error("the original tax invoice was not accepted by the tax office")]
    OriginalNotCompleted,
    /// The invoice that is modified is of another issuance.
    #[error("`issuanceType` differs from the original's")]
    IssuanceTypeMismatch,
    /// The invoice that is modified is taxed otherwise.
    #[error("`taxationType` differs from the original's")]
    CannotChangeTaxType,
    /// A draft that modifies needs to say what.
    #[error("`modification` is needed: the draft modifies a tax invoice")]
    ModificationNotProvided,
    /// The supplier is not joined to the provider.
    #[error("the counterparty is not connected to the provider")]
    CounterpartyNotConnected {
        /// Its number.
        brn: String,
        /// Its id.
        counterparty_id: String,
    },
    /// There is no such counterparty.
    #[error("the counterparty does not exist")]
    CounterpartyNotFound,
    /// The number is not valid.
    #[error("`counterparty.brn` is no valid business registration number")]
    CounterpartyBrnInvalid,
    /// A counterparty is somebody else.
    #[error("`counterparty.brn` is the merchant's own")]
    CounterpartyIsSelf,
    /// A needed field is missing.
    #[error("{0} is needed")]
    CounterpartyMissingFields(String),
    /// Too many contacts.
    #[error("`counterparty.additionalContacts` has at most 5 entries")]
    CounterpartyTooManyContacts,
    /// The id or the number is taken.
    #[error("the id or the business registration number is in use")]
    CounterpartyExists,
    /// The number of a company never changes.
    #[error("`counterparty.brn` can't be changed")]
    CounterpartyBrnFixed,
    /// An invoice of it can still come to something.
    #[error("a tax invoice of the counterparty is under way")]
    CounterpartyHasOngoingInvoice,
    /// The named check is about another company.
    #[error("the named check is about another business registration number")]
    CheckBrnMismatch,
    /// The named check found another thing.
    #[error("the named check is of another kind")]
    CheckTypeMismatch,
    /// The named check is too old.
    #[error("the named check is no longer valid")]
    CheckInvalid,
    /// There is no such check.
    #[error("the named check does not exist")]
    CheckNotFound,
    /// There is no such member company.
    #[error("the company is not registered")]
    MemberNotFound,
    /// There is no such contact.
    #[error("the contact does not exist")]
    ContactNotFound,
    /// The log-in name is taken.
    #[error("`contact.id` is in use")]
    IdExists,
    /// The company is registered.
    #[error("the company is already registered")]
    CompanyRegistered,
    /// No certificate is registered.
    #[error("the company has no certificate at the provider")]
    CertificateUnregistered,
    /// The tax office does not know the number.
    #[error("the tax office does not know this business registration number")]
    CompanyNotFound,
    /// The tax office's system is away.
    #[error("the tax office's system is under maintenance; try again later")]
    HometaxMaintenance,
    /// There is no such bulk invoice.
    #[error("the bulk tax invoice does not exist")]
    BulkNotFound,
    /// The holder of an account is not known, and why.
    #[error("{}", .0.words())]
    Holder(HolderFault),
    /// The provider refused, failed, or its answer is not known yet.
    #[error("[{code}] {message}")]
    Provider {
        /// Its code, or one of ours that begins with `NARU_`.
        code: String,
        /// Its text, or ours.
        message: String,
    },
}

/// Why the holder of an account is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HolderFault {
    /// No such account.
    NotFound,
    /// A foreign-exchange account.
    ForeignExchange,
    /// Suspended.
    Suspended,
    /// Nightly maintenance.
    RegularMaintenance,
    /// The bank's system failed.
    SystemFailure,
    /// The bank's system is under maintenance.
    SystemMaintenance,
    /// The bank could not be reached.
    Communication,
}

impl HolderFault {
    const fn words(self) -> &'static str {
        match self {
            Self::NotFound => "the bank has no such account",
            Self::ForeignExchange => "a foreign-exchange account can't be looked up",
            Self::Suspended => "the account is suspended",
            Self::RegularMaintenance => "the banks' nightly maintenance is on; try again later",
            Self::SystemFailure => "the bank's system failed; try again later",
            Self::SystemMaintenance => "the bank's system is under maintenance; try again later",
            Self::Communication => "the bank could not be reached; try again later",
        }
    }
}

impl From<TaxFault> for Fault {
    fn from(fault: TaxFault) -> Self {
        Self::Tax(Box::new(fault))
    }
}

impl From<Failure> for TaxFault {
    fn from(failure: Failure) -> Self {
        Self::Provider {
            code: failure.pg_code,
            message: failure.pg_message,
        }
    }
}

impl From<Problem> for TaxFault {
    fn from(problem: Problem) -> Self {
        Self::Provider {
            code: problem.code,
            message: problem.message,
        }
    }
}

/// What an outcome that makes no sense as an answer, or that is none, is for the caller.
pub(crate) fn no_answer(outcome: &TaxOutcome) -> TaxFault {
    match outcome {
        TaxOutcome::Refused(problem) => problem.clone().into(),
        TaxOutcome::NotSent { reason } => {
            tracing::warn!(reason, "the tax-invoice provider was not reached");
            TaxFault::Provider {
                code: Failure::NOT_SENT.to_owned(),
                message: "the provider could not be reached; nothing was done".to_owned(),
            }
        }
        TaxOutcome::Unknown { reason } => {
            tracing::warn!(reason, "unclear answer of the tax-invoice provider");
            unclear()
        }
        TaxOutcome::Done { .. }
        | TaxOutcome::Seen(_)
        | TaxOutcome::Files(_)
        | TaxOutcome::Answer(_)
        | TaxOutcome::Page { .. }
        | TaxOutcome::Certificate(_)
        | TaxOutcome::CompanyState(_)
        | TaxOutcome::BusinessInfo(_)
        | TaxOutcome::AccountHolder { .. }
        | TaxOutcome::NoAccountHolder(_) => unclear(),
    }
}

pub(crate) fn unclear() -> TaxFault {
    TaxFault::Provider {
        code: Failure::OUTCOME_UNKNOWN.to_owned(),
        message: "the provider's answer is not known yet; read again".to_owned(),
    }
}
