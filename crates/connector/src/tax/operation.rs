//! What can be asked of a tax-invoice provider.

use bytes::Bytes;
use naru_domain::b2b::tax_invoice::{Document, DocumentKeys};
use naru_domain::b2b::{BusinessNumber, Side};

use crate::Secret;

/// An operation with all it needs. `acting` is the member company in whose name it is done.
#[derive(Debug, Clone)]
pub enum TaxOperation {
    /// Something about an invoice.
    Invoice {
        /// The invoice.
        invoice: InvoiceRef,
        /// What.
        call: InvoiceCall,
    },
    /// What the provider shows of an invoice.
    Inquire(InvoiceRef),
    /// The files on an invoice.
    Files(InvoiceRef),
    /// Make a company a member.
    Join(CompanyJoin),
    /// Whether a company is a member.
    IsMember(BusinessNumber),
    /// Whether a contact's log-in name is taken.
    IsContactIdTaken {
        /// In whose name it is asked.
        acting: BusinessNumber,
        /// The name.
        contact_id: String,
    },
    /// The page on which a person registers a company's certificate.
    CertificatePage(BusinessNumber),
    /// A company's certificate.
    Certificate(BusinessNumber),
    /// Whether a company's certificate can sign now.
    CheckCertificate(BusinessNumber),
    /// Whether a company is in business, by the tax office.
    CompanyState {
        /// In whose name it is asked.
        acting: BusinessNumber,
        /// About whom.
        brn: BusinessNumber,
    },
    /// What is publicly known of a company.
    BusinessInfo {
        /// In whose name it is asked.
        acting: BusinessNumber,
        /// About whom.
        brn: BusinessNumber,
    },
    /// Whose bank account it is.
    AccountHolder {
        /// In whose name it is asked.
        acting: BusinessNumber,
        /// The contract's bank code, such as `SHINHAN`.
        bank: String,
        /// Digits.
        number: Secret,
    },
}

/// An invoice as the provider finds it: by a side's key, in that side's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceRef {
    /// The acting company.
    pub acting: BusinessNumber,
    /// Its side.
    pub side: Side,
    /// Its document key.
    pub key: String,
}

/// What is asked about an invoice.
#[derive(Debug, Clone)]
pub enum InvoiceCall {
    /// Keep a draft.
    Draft(Written),
    /// Create it and ask the supplier to sign.
    DraftAndRequest(Written),
    /// Create it and issue it.
    DraftAndIssue(Written),
    /// Change the draft.
    Update(Written),
    /// Ask the supplier to sign.
    Request(Note),
    /// Take the request back.
    CancelRequest(Note),
    /// Refuse to sign.
    Refuse(Note),
    /// Sign and issue.
    Issue(Note),
    /// Cancel what was issued.
    CancelIssuance(Note),
    /// Send it to the tax office now.
    SendToNts,
    /// Delete it.
    Delete,
    /// Attach a file.
    Attach(AttachedFile),
    /// Take a file off, by the provider's id of it.
    Detach(String),
}

/// An invoice's content.
#[derive(Debug, Clone)]
pub struct Written {
    /// The sides' names for it.
    pub keys: DocumentKeys,
    /// What is written on it.
    pub document: Box<Document>,
    /// The merchant's note to the other side.
    pub memo: Option<String>,
}

/// What goes along with a step.
#[derive(Debug, Clone, Default)]
pub struct Note {
    /// A note to the other side.
    pub memo: Option<String>,
    /// Subject of the e-mail to the other side.
    pub email_subject: Option<String>,
}

/// A file to attach.
#[derive(Debug, Clone)]
pub struct AttachedFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A company that is to become a member.
#[derive(Debug, Clone)]
pub struct CompanyJoin {
    /// Its number.
    pub brn: BusinessNumber,
    /// Name of the company.
    pub name: String,
    /// Who represents it.
    pub representative_name: String,
    /// Address.
    pub address: String,
    /// 업태.
    pub business_type: String,
    /// 종목.
    pub business_class: String,
    /// Its manager.
    pub contact: JoinContact,
}

/// The manager of a new member company.
#[derive(Debug, Clone)]
pub struct JoinContact {
    /// Log-in name.
    pub id: String,
    /// Password; passed on, never kept.
    pub password: Secret,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Phone number.
    pub phone_number: String,
}
