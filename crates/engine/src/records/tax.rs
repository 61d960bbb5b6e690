//! Tax invoices, the companies that exchange them, and what belongs to them.

use std::collections::BTreeMap;

use naru_connector::tax::BusinessInfo;
use naru_domain::b2b::tax_invoice::{CallKind, Issuance, Purpose, State, TaxInvoice, Taxation};
use naru_domain::b2b::{
    BusinessNumber, BusinessStatus, CivilDate, Counterparty, NtsConnection, Side,
};
use naru_domain::{Sealed, StoreId, TaxInvoiceId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

use super::Environment;

/// A store's contract with a tax-invoice provider: without one the B2B operations are off.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaxContractRecord {
    /// Whose.
    pub store_id: StoreId,
    /// Test data and live data have a contract each and never mix.
    pub environment: Environment,
    /// The provider's short name, such as `popbill`.
    pub provider: String,
    /// The merchant's own company: acts where an operation names no other.
    pub brn: BusinessNumber,
    /// Whether a simulator answers. Set by the sandbox only.
    pub is_simulated: bool,
    /// The provider's keys, by name, sealed.
    pub secrets: BTreeMap<String, Sealed>,
    /// Addresses and options, by name.
    pub options: BTreeMap<String, String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// An environment's name in the store.
pub(crate) const fn environment_name(is_test: bool) -> &'static str {
    if is_test { "TEST" } else { "LIVE" }
}

impl Record for TaxContractRecord {
    const TABLE: &'static Table = &tables::TAX_CONTRACTS;

    fn key(&self) -> Vec<Value> {
        let is_test = self.environment == Environment::Test;
        vec![
            self.store_id.as_str().into(),
            environment_name(is_test).into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// A tax invoice, with the columns that lists filter and sort by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaxInvoiceRecord(pub TaxInvoice);

/// The status of an invoice as today's edition has it: a call under way or failed shows in it.
pub fn tax_invoice_status(invoice: &TaxInvoice) -> &'static str {
    if let Some(call) = &invoice.call
        && let Some(pending) = pending_status(&call.kind)
    {
        return pending;
    }
    if let Some(failed) = &invoice.failed
        && let Some(failed) = failed_status(&failed.kind)
    {
        return failed;
    }
    settled_status(&invoice.state)
}

const fn pending_status(kind: &CallKind) -> Option<&'static str> {
    match kind {
        CallKind::Draft | CallKind::Update { .. } => Some("DRAFT_PENDING"),
        CallKind::DraftAndRequest | CallKind::Request => Some("REQUEST_PENDING"),
        CallKind::DraftAndIssue | CallKind::Issue => Some("ISSUE_PENDING"),
        CallKind::CancelRequest | CallKind::CancelIssuance => Some("CANCEL_PENDING"),
        CallKind::SendToNts => Some("SENDING_PENDING"),
        CallKind::Refuse | CallKind::Delete | CallKind::Attach { .. } | CallKind::Detach { .. } => {
            None
        }
    }
}

const fn failed_status(kind: &CallKind) -> Option<&'static str> {
    match kind {
        CallKind::Draft => Some("DRAFT_FAILED"),
        CallKind::DraftAndRequest | CallKind::Request => Some("REQUEST_FAILED"),
        CallKind::DraftAndIssue | CallKind::Issue => Some("ISSUE_FAILED"),
        CallKind::Update { .. }
        | CallKind::CancelRequest
        | CallKind::CancelIssuance
        | CallKind::SendToNts
        | CallKind::Refuse
        | CallKind::Delete
        | CallKind::Attach { .. }
        | CallKind::Detach { .. } => None,
    }
}

const fn settled_status(state: &State) -> &'static str {
    match state {
        State::Absent => "DRAFT_FAILED",
        State::Drafted => "DRAFTED",
        State::Requested => "REQUESTED",
        State::RequestCancelled => "REQUEST_CANCELLED",
        State::RequestRefused => "REQUEST_REFUSED",
        State::Issued { .. } => "ISSUED",
        State::BeforeSending { .. } => "BEFORE_SENDING",
        State::WaitingSending { .. } => "WAITING_SENDING",
        State::Sending { .. } => "SENDING",
        State::SendingCompleted { .. } => "SENDING_COMPLETED",
        State::SendingFailed { .. } => "SENDING_FAILED",
        State::IssuanceCancelled { .. } => "ISSUANCE_CANCELLED",
        // In no list; the row stays so that what was issued is never lost.
        State::Deleted { .. } => "DELETED",
    }
}

/// The day from which it counts as late: the first of all days if it was issued late, never if it
/// was issued in time, else the day after it is due.
fn delayed_from(invoice: &TaxInvoice) -> String {
    let due = invoice.issuance_due();
    match invoice.state.issued() {
        Some(issued) if CivilDate::in_korea(issued.at) > due => "0000-01-01".to_owned(),
        Some(_) => "9999-12-31".to_owned(),
        None => due.next().to_string(),
    }
}

impl Record for TaxInvoiceRecord {
    const TABLE: &'static Table = &tables::TAX_INVOICES;

    fn key(&self) -> Vec<Value> {
        vec![
            self.0.store_id.as_str().into(),
            self.0.id.to_string().into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        let invoice = &self.0;
        let document = &invoice.document;
        let issuance = match document.issuance {
            Issuance::Forward => "NORMAL",
            Issuance::Reverse => "REVERSE",
        };
        let taxation = match document.taxation {
            Taxation::Taxable => "TAXABLE",
            Taxation::ZeroRated => "ZERO_RATED",
            Taxation::Exempt => "FREE",
        };
        let purpose = match document.purpose {
            Purpose::Receipt => "RECEIPT",
            Purpose::Claim => "INVOICE",
            Purpose::Unsaid => "NONE",
        };
        let modification = if document.modification.is_some() {
            "MODIFICATION"
        } else {
            "NORMAL"
        };
        let issued = invoice.state.issued();
        // The other company: the supplier of a reverse invoice, the recipient of a forward one.
        let partner = document.issuance.writer().other();
        vec![
            invoice.merchant_id.as_str().into(),
            environment_name(invoice.is_test).into(),
            tax_invoice_status(invoice).into(),
            issuance.into(),
            taxation.into(),
            purpose.into(),
            modification.into(),
            invoice.brn(Side::Supplier).as_str().into(),
            invoice.brn(Side::Recipient).as_str().into(),
            document.supplier.counterparty_id.clone().into(),
            document.recipient.counterparty_id.clone().into(),
            invoice.brn(partner).as_str().into(),
            document.party(partner).counterparty_id.clone().into(),
            delayed_from(invoice).into(),
            document.write_date.to_string().into(),
            invoice.issuance_due().to_string().into(),
            invoice.created_at.into(),
            invoice.requested_at.into(),
            issued.map(|issued| issued.at).into(),
            invoice.state.sent_at().into(),
            invoice.status_changed_at.into(),
            document.totals.total.into(),
            document.totals.supply.into(),
            document.totals.tax.into(),
            issued.map(|issued| issued.approval_number.clone()).into(),
            invoice.keys.supplier.clone().into(),
            invoice.keys.recipient.clone().into(),
            invoice.bulk_id.clone().into(),
            invoice.call.as_ref().map(|call| call.number).into(),
        ]
    }
}

/// A document key in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxInvoiceKeyRecord {
    /// Store.
    pub store_id: StoreId,
    /// Whether it is test data.
    pub is_test: bool,
    /// The company of the side.
    pub brn: BusinessNumber,
    /// The side.
    pub side: Side,
    /// The key.
    pub document_key: String,
    /// The invoice.
    pub invoice_id: TaxInvoiceId,
}

/// A side's name in the store.
const fn side_name(side: Side) -> &'static str {
    match side {
        Side::Supplier => "SUPPLIER",
        Side::Recipient => "RECIPIENT",
    }
}

/// The key of a document key's row.
pub(crate) fn document_key_row(
    store_id: &StoreId,
    is_test: bool,
    (side, brn): (Side, &str),
    document_key: &str,
) -> Vec<Value> {
    vec![
        store_id.as_str().into(),
        environment_name(is_test).into(),
        brn.into(),
        side_name(side).into(),
        document_key.into(),
    ]
}

impl Record for TaxInvoiceKeyRecord {
    const TABLE: &'static Table = &tables::TAX_INVOICE_KEYS;

    fn key(&self) -> Vec<Value> {
        let side = (self.side, self.brn.as_str());
        document_key_row(&self.store_id, self.is_test, side, &self.document_key)
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.invoice_id.to_string().into()]
    }
}

/// A counterparty, with the columns that lists filter by.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CounterpartyRecord(pub Counterparty);

/// A business status by the contract's name.
pub const fn business_status_name(status: BusinessStatus) -> &'static str {
    match status {
        BusinessStatus::InBusiness => "IN_BUSINESS",
        BusinessStatus::Ended(closure) if closure.is_suspended => "SUSPENDED",
        BusinessStatus::Ended(_) => "CLOSED",
        BusinessStatus::NotFound => "NOT_FOUND",
        BusinessStatus::CheckFailed => "CHECK_FAILED",
    }
}

/// A connection by the contract's name.
pub const fn connection_name(connection: &NtsConnection) -> &'static str {
    match connection {
        NtsConnection::NotConnected => "NOT_CONNECTED",
        NtsConnection::Connecting => "PENDING_CONNECT",
        NtsConnection::Connected { .. } => "CONNECTED",
        NtsConnection::Failed { .. } => "ERROR",
    }
}

impl Record for CounterpartyRecord {
    const TABLE: &'static Table = &tables::COUNTERPARTIES;

    fn key(&self) -> Vec<Value> {
        vec![self.0.store_id.as_str().into(), self.0.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        let company = &self.0;
        let status = company
            .status
            .map_or("UNKNOWN", |(status, _)| business_status_name(status));
        vec![
            company.merchant_id.as_str().into(),
            environment_name(company.is_test).into(),
            company.brn.as_str().into(),
            company.name.as_str().into(),
            company.representative_name.as_str().into(),
            company.contact.name.as_str().into(),
            company.contact.email.as_str().into(),
            company.contact.phone_number.clone().into(),
            status.into(),
            connection_name(&company.connection).into(),
            company.created_at.into(),
        ]
    }
}

/// From a company's number to its counterparty: keeps numbers unique.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CounterpartyNumberRecord {
    /// Store.
    pub store_id: StoreId,
    /// Whether it is test data.
    pub is_test: bool,
    /// The number.
    pub brn: BusinessNumber,
    /// The counterparty.
    pub counterparty_id: String,
}

/// The key of a number's row.
pub(crate) fn number_row(store_id: &StoreId, is_test: bool, brn: &str) -> Vec<Value> {
    vec![
        store_id.as_str().into(),
        environment_name(is_test).into(),
        brn.into(),
    ]
}

impl Record for CounterpartyNumberRecord {
    const TABLE: &'static Table = &tables::COUNTERPARTY_NUMBERS;

    fn key(&self) -> Vec<Value> {
        number_row(&self.store_id, self.is_test, self.brn.as_str())
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.counterparty_id.as_str().into()]
    }
}

/// A check of a company that callers may name when they create it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CompanyCheckRecord {
    /// Store.
    pub store_id: StoreId,
    /// Its id.
    pub id: String,
    /// Whom it was about.
    pub brn: BusinessNumber,
    /// What it found.
    pub found: CompanyCheck,
    /// When.
    pub at: Timestamp,
    /// Until when it may be named.
    pub expires_at: Timestamp,
}

/// What a check of a company found.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "check")]
pub enum CompanyCheck {
    /// Whether it is in business.
    Status {
        /// The answer.
        status: BusinessStatus,
    },
    /// What is publicly known of it.
    Info {
        /// The answer.
        info: Box<BusinessInfo>,
    },
}

impl Record for CompanyCheckRecord {
    const TABLE: &'static Table = &tables::COMPANY_CHECKS;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.expires_at.into()]
    }
}

/// A file for an invoice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaxFileRecord {
    /// Store.
    pub store_id: StoreId,
    /// Its id.
    pub id: String,
    /// Its name, as the caller gave it.
    pub name: String,
    /// What it is, found out from its bytes.
    pub content_type: Option<String>,
    /// How many bytes it has; none until it is uploaded.
    pub size: Option<u64>,
    /// How many pieces it is kept in.
    pub chunks: u32,
    /// Whether an invoice has it: then it stays.
    pub is_attached: bool,
    /// Until when it is kept without an invoice, and may be uploaded.
    pub expires_at: Timestamp,
}

impl Record for TaxFileRecord {
    const TABLE: &'static Table = &tables::TAX_FILES;

    fn key(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.id.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        let expires_at = (!self.is_attached).then_some(self.expires_at);
        vec![expires_at.into()]
    }
}

/// A piece of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaxFileChunkRecord {
    /// Store.
    pub store_id: StoreId,
    /// The file.
    pub file_id: String,
    /// Which piece, from 0.
    pub number: u32,
    /// Its bytes in base64.
    pub bytes: String,
}

impl Record for TaxFileChunkRecord {
    const TABLE: &'static Table = &tables::TAX_FILE_CHUNKS;

    fn key(&self) -> Vec<Value> {
        vec![
            self.store_id.as_str().into(),
            self.file_id.as_str().into(),
            i64::from(self.number).into(),
        ]
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}

/// The latest address that was handed out for an invoice's page for its supplier.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaxInvitationRecord {
    /// Store.
    pub store_id: StoreId,
    /// Invoice.
    pub invoice_id: TaxInvoiceId,
    /// Which address it is: earlier ones do not work any more.
    pub serial: u32,
    /// Wrong numbers that were entered on it.
    pub wrong_numbers: u32,
    /// When it was made.
    pub at: Timestamp,
}

/// The key of an invitation's row.
pub(crate) fn invitation_key(store_id: &StoreId, invoice_id: TaxInvoiceId) -> Vec<Value> {
    vec![store_id.as_str().into(), invoice_id.to_string().into()]
}

impl Record for TaxInvitationRecord {
    const TABLE: &'static Table = &tables::TAX_INVITATIONS;

    fn key(&self) -> Vec<Value> {
        invitation_key(&self.store_id, self.invoice_id)
    }

    fn columns(&self) -> Vec<Value> {
        Vec::new()
    }
}
