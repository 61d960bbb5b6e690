//! Companies that a merchant exchanges tax invoices with.
//!
//! One record for both editions: a member company of 2024 is a counterparty that is joined to the
//! provider. Small enough to have no events of its own; what must never be lost is the invoices.

use serde::{Deserialize, Serialize};

use super::{BusinessNumber, CivilDate};
use crate::{MerchantId, StoreId, Timestamp};

/// A company as a merchant knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counterparty {
    /// The merchant.
    pub merchant_id: MerchantId,
    /// The store.
    pub store_id: StoreId,
    /// Its id, the merchant's or ours.
    pub id: String,
    /// Whether it belongs to test data, which never mixes with live data.
    pub is_test: bool,
    /// Its number; never changes.
    pub brn: BusinessNumber,
    /// Name of the company.
    pub name: String,
    /// Who represents it.
    pub representative_name: String,
    /// Address.
    pub address: Option<String>,
    /// Line of business (업태).
    pub business_type: Option<String>,
    /// Article of business (종목).
    pub business_class: Option<String>,
    /// The merchant's note.
    pub memo: Option<String>,
    /// Who is written to first.
    pub contact: Contact,
    /// Who else is.
    #[serde(default)]
    pub additional_contacts: Vec<Contact>,
    /// Whether the provider has it as a member.
    pub connection: NtsConnection,
    /// Whether it is in business, as the tax office says.
    pub status: Option<(BusinessStatus, Timestamp)>,
    /// The id of the check that gave the status, if the merchant named one.
    #[serde(default)]
    pub status_verification: Option<(String, Timestamp)>,
    /// The id of the check that gave the company's data, if the merchant named one.
    #[serde(default)]
    pub info_verification: Option<(String, Timestamp)>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl Counterparty {
    /// Whether the provider has it as a member, so that it can act there.
    pub const fn is_connected(&self) -> bool {
        match self.connection {
            NtsConnection::Connected { .. } => true,
            NtsConnection::NotConnected
            | NtsConnection::Connecting
            | NtsConnection::Failed { .. } => false,
        }
    }
}

/// Somebody at a company.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Log-in name at the provider, where there is one.
    #[serde(default)]
    pub provider_id: Option<String>,
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Phone number.
    pub phone_number: Option<String>,
    /// The merchant's note.
    #[serde(default)]
    pub memo: Option<String>,
    /// When it was registered.
    pub registered_at: Timestamp,
}

/// Whether a company can sign at the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "connection")]
pub enum NtsConnection {
    /// It is not joined.
    NotConnected,
    /// The request to join is under way.
    Connecting,
    /// It is joined.
    Connected {
        /// Since when.
        at: Timestamp,
    },
    /// The provider refused.
    Failed {
        /// Why.
        reason: String,
    },
}

/// Whether a company is in business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status")]
pub enum BusinessStatus {
    /// It is.
    InBusiness,
    /// It was closed or suspended.
    Ended(Closure),
    /// The tax office does not know the number.
    NotFound,
    /// It could not be found out.
    CheckFailed,
}

/// How and when a business ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closure {
    /// Whether it may come back: suspended (휴업), not closed (폐업).
    pub is_suspended: bool,
    /// Since when.
    pub on: Option<CivilDate>,
}

/// How a business is taxed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaxpayerKind {
    /// General (일반과세자).
    General,
    /// Simplified (간이과세자): issues no tax invoices.
    Simplified,
    /// Simplified with the duty to issue tax invoices.
    SimplifiedIssuer,
    /// Exempt (면세사업자): issues invoices without tax only.
    Exempt,
    /// A body with a number assigned for other purposes (고유번호).
    AssignedNumber,
}

impl TaxpayerKind {
    /// Whether such a business may issue an invoice, taxed or not.
    pub const fn may_issue(self, is_taxed: bool) -> bool {
        match self {
            Self::General | Self::SimplifiedIssuer => true,
            Self::Exempt => !is_taxed,
            Self::Simplified | Self::AssignedNumber => false,
        }
    }
}
