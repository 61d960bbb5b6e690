//! What became of an operation at a tax-invoice provider.

use naru_domain::Timestamp;
use naru_domain::b2b::tax_invoice::{Document, Issuance, Seen, Taxation};
use naru_domain::b2b::{BusinessNumber, BusinessStatus, CivilDate, TaxpayerKind};
use serde::{Deserialize, Serialize};

use crate::NoticeAnswer;

/// The end of an exchange.
#[derive(Debug, Clone)]
pub enum TaxOutcome {
    /// Done. An issue carries the tax office's approval number.
    Done {
        /// The approval number.
        approval_number: Option<String>,
    },
    /// What the provider shows of an invoice; nothing where it has none of that key.
    Seen(Option<Box<InvoiceSeen>>),
    /// The files on an invoice.
    Files(Vec<FileEntry>),
    /// A yes or no.
    Answer(bool),
    /// A page for a person.
    Page {
        /// Its address, which works for some seconds.
        url: String,
    },
    /// A certificate; nothing where none is registered.
    Certificate(Option<Box<Certificate>>),
    /// Whether a company is in business.
    CompanyState(CompanyState),
    /// What is publicly known of a company.
    BusinessInfo(Box<BusinessInfo>),
    /// Whose account it is.
    AccountHolder {
        /// Name.
        name: String,
    },
    /// The provider refused; nothing happened there.
    Refused(Problem),
    /// A look-up of an account failed in a way that has a name.
    NoAccountHolder(HolderProblem),
    /// Nobody knows; ask again later.
    Unknown {
        /// Why, without content.
        reason: String,
    },
    /// The provider surely never saw it.
    NotSent {
        /// Why.
        reason: String,
    },
}

/// Why the provider refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Its code.
    pub code: String,
    /// Its text.
    pub message: String,
}

/// Why an account's holder is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolderProblem {
    /// There is no such account.
    NotFound,
    /// It is a foreign-exchange account.
    ForeignExchange,
    /// It is suspended.
    Suspended,
    /// The banks' nightly maintenance.
    RegularMaintenance,
    /// The bank's system failed.
    SystemFailure,
    /// The bank's system is under maintenance.
    SystemMaintenance,
    /// The bank could not be reached.
    Communication,
}

/// An invoice at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceSeen {
    /// Where it stands.
    pub seen: Seen,
    /// When the recipient opened it.
    pub opened_at: Option<Timestamp>,
    /// By what it is told from another invoice of the same document key.
    pub likeness: Likeness,
}

/// By what invoices of one document key are told apart. What the provider does not tell is not held
/// against an invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Likeness {
    /// The supplier's number.
    pub supplier: Option<String>,
    /// The recipient's number.
    pub recipient: Option<String>,
    /// Legal date of the supply.
    pub write_date: Option<CivilDate>,
    /// Who wrote it.
    pub issuance: Option<Issuance>,
    /// How it is taxed.
    pub taxation: Option<Taxation>,
    /// Cost of supply, in won.
    pub supply: Option<i64>,
    /// Tax, in won.
    pub tax: Option<i64>,
    /// When the provider got it.
    pub registered_at: Option<Timestamp>,
}

impl Likeness {
    /// Whether it may be an invoice of this content that was not written before `since`.
    pub fn fits(&self, document: &Document, since: Timestamp) -> bool {
        fn is<T: PartialEq>(told: Option<&T>, expected: &T) -> bool {
            told.is_none_or(|told| told == expected)
        }
        let number = |told: &Option<String>, expected: &BusinessNumber| {
            told.as_deref().is_none_or(|told| told == expected.as_str())
        };
        number(&self.supplier, &document.supplier.brn)
            && number(&self.recipient, &document.recipient.brn)
            && is(self.write_date.as_ref(), &document.write_date)
            && is(self.issuance.as_ref(), &document.issuance)
            && is(self.taxation.as_ref(), &document.taxation)
            && is(self.supply.as_ref(), &document.totals.supply)
            && is(self.tax.as_ref(), &document.totals.tax)
            && self.registered_at.is_none_or(|at| at >= since)
    }
}

/// A file at the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// The provider's id of it.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A company's signing certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Its kind.
    pub kind: CertificateKind,
    /// Object identifier of its policy.
    pub oid: String,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Until when it signs.
    pub expires_at: Timestamp,
    /// Distinguished name of the issuer.
    pub issuer: String,
    /// Distinguished name of the owner.
    pub subject: String,
    /// Name of who registered it.
    pub registrant_name: String,
    /// Log-in name of who registered it.
    pub registrant_id: String,
}

/// Kinds of certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CertificateKind {
    /// For electronic taxes.
    ETax,
    /// The provider's own.
    Provider,
    /// Any other.
    Other,
}

/// Whether a company is in business, and how it is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompanyState {
    /// Whether it is in business.
    pub status: BusinessStatus,
    /// How it is taxed, where the tax office says it.
    pub taxpayer: Option<TaxpayerKind>,
    /// Since when it is taxed so.
    pub taxpayer_since: Option<CivilDate>,
}

/// What is publicly known of a company. Texts as the provider gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BusinessInfo {
    /// Name.
    pub name: String,
    /// Who represents it.
    pub representative_name: String,
    /// Address.
    pub address: String,
    /// Postal code.
    pub zip_code: String,
    /// 업태.
    pub business_type: String,
    /// 종목.
    pub business_class: String,
    /// Code of the industry.
    pub industry_code: String,
    /// Whether a person or a corporation, as a code.
    pub entity_code: String,
    /// Corporate registration number.
    pub corporate_number: Option<String>,
    /// When it was founded, `yyyyMMdd`.
    pub established_on: String,
    /// Whether it is in business, as a code.
    pub closing_state: Option<String>,
    /// When it closed, `yyyyMMdd`.
    pub closed_on: Option<String>,
    /// How it is taxed, as a code.
    pub tax_type: Option<String>,
    /// Since when, `yyyyMMdd`.
    pub tax_type_since: Option<String>,
}

/// A notice that was understood.
#[derive(Debug, Clone)]
pub struct TaxNotification {
    /// Unique at the provider; the same notice again has the same.
    pub event_id: String,
    /// What it says.
    pub notice: StateNotice,
    /// What the provider wants to hear once the notice is stored.
    pub answer: NoticeAnswer,
}

/// An invoice moved, says the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateNotice {
    /// The company that the notice is for.
    pub brn: String,
    /// The supplier's document key.
    pub supplier_key: Option<String>,
    /// The recipient's document key.
    pub recipient_key: Option<String>,
}
