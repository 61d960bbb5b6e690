//! Errors of the B2B operations.

use naru_engine::b2b::{HolderFault, TaxFault};
use naru_wire_v2::{ErrorType, Operation};
use serde_json::{Value, json};

/// The wire's name for a fault, in today's edition where the two differ.
pub(super) const fn error_type(fault: &TaxFault) -> ErrorType {
    use ErrorType as Type;
    match fault {
        TaxFault::NotEnabled => Type::B2bNotEnabled,
        TaxFault::InvoiceNotFound => Type::B2bTaxInvoiceNotFound,
        TaxFault::NoRecipientDocumentKey => Type::B2bTaxInvoiceNoRecipientDocumentKey,
        TaxFault::NoSupplierDocumentKey => Type::B2bTaxInvoiceNoSupplierDocumentKey,
        TaxFault::NotDrafted => Type::B2bTaxInvoiceNotDraftedStatus,
        TaxFault::NotRequested => Type::B2bTaxInvoiceNotRequestedStatus,
        TaxFault::NotIssued => Type::B2bTaxInvoiceNotIssuedStatus,
        TaxFault::NonDeletable => Type::B2bTaxInvoiceNonDeletableStatus,
        TaxFault::AttachmentNotFound => Type::B2bTaxInvoiceAttachmentNotFound,
        TaxFault::FileNotFound => Type::B2bFileNotFound,
        TaxFault::SupplierNotFound => Type::B2bSupplierNotFound,
        TaxFault::RecipientNotFound => Type::B2bRecipientNotFound,
        TaxFault::SupplierDocumentKeyAlreadyUsed => {
            Type::B2bTaxInvoiceSupplierDocumentKeyAlreadyUsed
        }
        TaxFault::RecipientDocumentKeyAlreadyUsed => {
            Type::B2bTaxInvoiceRecipientDocumentKeyAlreadyUsed
        }
        TaxFault::DocumentKeyCannotBeChanged => Type::B2bDocumentKeyCannotBeChanged,
        TaxFault::OriginalNotFound => Type::B2bOriginalTaxInvoiceNotFound,
        TaxFault::OriginalNotCompleted => Type::B2BTaxInvoiceStatusNotSendingCompleted,
        TaxFault::IssuanceTypeMismatch => Type::B2bIssuanceTypeMismatch,
        TaxFault::CannotChangeTaxType => Type::B2BCannotChangeTaxType,
        TaxFault::ModificationNotProvided => Type::B2bModificationNotProvided,
        TaxFault::CounterpartyNotConnected { .. } => Type::B2bCounterpartyNtsNotConnected,
        TaxFault::CounterpartyNotFound => Type::B2bCounterpartyNotFound,
        TaxFault::CounterpartyBrnInvalid => Type::B2bCounterpartyBrnInvalid,
        TaxFault::CounterpartyIsSelf => Type::B2bCounterpartySelfOriginBrnMismatch,
        TaxFault::CounterpartyMissingFields(_) => Type::B2bCounterpartyMissingRequiredFields,
        TaxFault::CounterpartyTooManyContacts => Type::B2bCounterpartyTooManyAdditionalContacts,
        TaxFault::CounterpartyExists => Type::B2bCounterpartyIdAlreadyExists,
        TaxFault::CounterpartyBrnFixed => Type::B2bCounterpartyBrnModificationNotAllowed,
        TaxFault::CounterpartyHasOngoingInvoice => Type::B2bCounterpartyOngoingTaxInvoiceExists,
        TaxFault::CheckBrnMismatch => Type::B2bCounterpartyVerificationBrnMismatch,
        TaxFault::CheckTypeMismatch => Type::B2bCounterpartyVerificationTypeMismatch,
        TaxFault::CheckInvalid => Type::B2bCounterpartyVerificationInvalid,
        TaxFault::CheckNotFound => Type::B2bCounterpartyVerificationNotFound,
        TaxFault::MemberNotFound => Type::B2bMemberCompanyNotFound,
        TaxFault::ContactNotFound => Type::B2bContactNotFound,
        TaxFault::IdExists => Type::B2bIdAlreadyExists,
        TaxFault::CompanyRegistered => Type::B2bCompanyAlreadyRegistered,
        TaxFault::CertificateUnregistered => Type::B2bCertificateUnregistered,
        TaxFault::CompanyNotFound => Type::B2bCompanyNotFound,
        TaxFault::HometaxMaintenance => Type::B2bHometaxUnderMaintenance,
        TaxFault::BulkNotFound => Type::B2bBulkTaxInvoiceNotFound,
        TaxFault::Holder(problem) => match problem {
            HolderFault::NotFound => Type::B2bBankAccountNotFound,
            HolderFault::ForeignExchange => Type::B2bForeignExchangeAccount,
            HolderFault::Suspended => Type::B2bSuspendedAccount,
            HolderFault::RegularMaintenance => Type::B2bRegularMaintenanceTime,
            HolderFault::SystemFailure => Type::B2bFinancialSystemFailure,
            HolderFault::SystemMaintenance => Type::B2bFinancialSystemUnderMaintenance,
            HolderFault::Communication => Type::B2bFinancialSystemCommunication,
        },
        TaxFault::Provider { .. } => Type::B2bExternalService,
    }
}

/// The same under the name that the operation has for it: the editions differ, and neither has a
/// name for everything everywhere.
pub(super) fn other_name(operation: Operation, error: ErrorType) -> Option<ErrorType> {
    use ErrorType as Type;
    let others: &[Type] = match error {
        Type::B2bExternalService | Type::B2bHometaxUnderMaintenance => {
            &[Type::B2bPreviewExternalService, Type::B2bExternalService]
        }
        Type::B2bSupplierNotFound => &[Type::B2bPreviewSupplierNotFound],
        Type::B2bRecipientNotFound => &[Type::B2bPreviewRecipientNotFound],
        // What is no draft can be neither requested nor, in 2024, issued.
        Type::B2bTaxInvoiceNotDraftedStatus => &[
            Type::B2bTaxInvoiceNotRegisteredStatus,
            Type::B2bTaxInvoiceNotRequestedStatus,
        ],
        // The edition of 2024 has no names for these; nor has an update of today for a bad number,
        // nor the sheet of today for a missing contract.
        Type::B2bTaxInvoiceSupplierDocumentKeyAlreadyUsed
        | Type::B2bTaxInvoiceRecipientDocumentKeyAlreadyUsed
        | Type::B2bTaxInvoiceNoSupplierDocumentKey
        | Type::B2bTaxInvoiceNoRecipientDocumentKey
        | Type::B2bTaxInvoiceNotFound
        | Type::B2bCounterpartyNotFound
        | Type::B2bCounterpartyBrnInvalid
        | Type::B2bNotEnabled => &[Type::InvalidRequest],
        Type::B2bCertificateUnregistered => &[Type::B2bExternalService],
        _ => &[],
    };
    others.iter().copied().find(|one| operation.allows(*one))
}

/// Fields besides type and message.
pub(super) fn add_fields(fault: &TaxFault, body: &mut Value) {
    if let TaxFault::CounterpartyNotConnected {
        brn,
        counterparty_id,
    } = fault
    {
        body["brn"] = json!(brn);
        body["counterpartyId"] = json!(counterparty_id);
    }
}
