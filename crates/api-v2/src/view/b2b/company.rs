//! Companies and what the provider knows of them.

use naru_domain::b2b::{BusinessStatus, Contact, Counterparty, NtsConnection, TaxpayerKind};
use naru_engine::Fault;
use naru_engine::b2b::{BusinessInfo, Certificate, CertificateKind, CompanyState};
use naru_engine::records::{business_status_name, connection_name};
use naru_wire_v2 as wire;

use crate::view::known;

/// A counterparty.
pub(crate) fn counterparty(company: &Counterparty) -> Result<wire::B2bCounterparty, Fault> {
    let verification = |check: &Option<(String, naru_domain::Timestamp)>| {
        check
            .as_ref()
            .map(|(id, at)| wire::B2bCounterpartyVerification {
                checked_at: at.to_string(),
                id: id.clone(),
            })
    };
    let status = company
        .status
        .map(|(status, _)| business_status_name(status));
    let status = status.unwrap_or("UNKNOWN");
    let connection = connection_name(&company.connection);
    Ok(wire::B2bCounterparty {
        additional_contacts: company.additional_contacts.iter().map(contact).collect(),
        address: company.address.clone(),
        applied_at: None,
        brn: company.brn.to_string(),
        business_class: company.business_class.clone(),
        business_info_verification: verification(&company.info_verification),
        business_status: Some(known(
            "business status",
            wire::B2bCounterpartyBusinessStatus::parse(status),
        )?),
        business_status_checked_at: company.status.map(|(_, at)| at.to_string()),
        business_status_verification: verification(&company.status_verification),
        business_type: company.business_type.clone(),
        company_name: company.name.clone(),
        contact: contact(&company.contact),
        // There is no GraphQL here; the id serves.
        graphql_id: company.id.clone(),
        id: company.id.clone(),
        is_for_test: company.is_test,
        memo: company.memo.clone(),
        nts_connected_at: match &company.connection {
            NtsConnection::Connected { at } => Some(at.to_string()),
            NtsConnection::NotConnected
            | NtsConnection::Connecting
            | NtsConnection::Failed { .. } => None,
        },
        nts_connection_failed_reason: match &company.connection {
            NtsConnection::Failed { reason } => Some(reason.clone()),
            NtsConnection::NotConnected
            | NtsConnection::Connecting
            | NtsConnection::Connected { .. } => None,
        },
        nts_connection_status: known(
            "connection",
            wire::B2bNtsConnectionStatus::parse(connection),
        )?,
        partner_id: None,
        representative_name: company.representative_name.clone(),
    })
}

fn contact(contact: &Contact) -> wire::B2bCounterpartyContact {
    wire::B2bCounterpartyContact {
        email: contact.email.clone(),
        memo: contact.memo.clone(),
        name: contact.name.clone(),
        phone_number: contact.phone_number.clone(),
    }
}

/// A member company (2024).
pub(crate) fn member_company(company: &Counterparty) -> wire::B2bMemberCompany {
    wire::B2bMemberCompany {
        address: company.address.clone().unwrap_or_default(),
        brn: company.brn.to_string(),
        business_class: company.business_class.clone().unwrap_or_default(),
        business_type: company.business_type.clone().unwrap_or_default(),
        ceo_name: company.representative_name.clone(),
        name: company.name.clone(),
    }
}

/// The manager of a member company (2024): who registered it.
pub(crate) fn member_contact(company: &Counterparty) -> wire::B2bCompanyContact {
    let contact = &company.contact;
    wire::B2bCompanyContact {
        email: contact.email.clone(),
        id: contact.provider_id.clone().unwrap_or_default(),
        is_manager: true,
        name: contact.name.clone(),
        phone_number: contact.phone_number.clone().unwrap_or_default(),
        registered_at: contact.registered_at.to_string(),
    }
}

/// A certificate today.
pub(crate) fn certificate(found: &Certificate) -> wire::B2bCertificate {
    wire::B2bCertificate {
        certificate_type: match found.kind {
            CertificateKind::ETax => wire::B2bCertificateType::ETax,
            CertificateKind::Provider => wire::B2bCertificateType::Portone,
            CertificateKind::Other => wire::B2bCertificateType::Etc,
        },
        expired_at: found.expires_at.to_string(),
        issuer_name: found.issuer.clone(),
        oid: found.oid.clone(),
        registered_at: found.registered_at.to_string(),
        registrant_contact_id: found.registrant_id.clone(),
        registrant_contact_name: found.registrant_name.clone(),
        subject_name: found.subject.clone(),
    }
}

/// A certificate in 2024.
pub(crate) fn preview_certificate(found: &Certificate) -> wire::B2bPreviewCertificate {
    wire::B2bPreviewCertificate {
        certificate_type: match found.kind {
            CertificateKind::ETax => wire::B2bPreviewCertificateType::ETax,
            CertificateKind::Provider => wire::B2bPreviewCertificateType::PopBill,
            CertificateKind::Other => wire::B2bPreviewCertificateType::Etc,
        },
        expired_at: found.expires_at.to_string(),
        issuer_dn: found.issuer.clone(),
        oid: found.oid.clone(),
        registered_at: found.registered_at.to_string(),
        registrant_contact_id: found.registrant_id.clone(),
        registrant_contact_name: found.registrant_name.clone(),
        subject_dn: found.subject.clone(),
    }
}

/// Whether a company is in business (2024).
pub(crate) fn company_state(state: &CompanyState) -> Result<wire::B2bCompanyState, Fault> {
    let (business_status, ended) = match state.status {
        BusinessStatus::InBusiness => {
            (wire::B2bPreviewCompanyStateBusinessStatus::InBusiness, None)
        }
        BusinessStatus::Ended(closure) if closure.is_suspended => (
            wire::B2bPreviewCompanyStateBusinessStatus::Suspended,
            closure.on,
        ),
        BusinessStatus::Ended(closure) => (
            wire::B2bPreviewCompanyStateBusinessStatus::Closed,
            closure.on,
        ),
        BusinessStatus::NotFound | BusinessStatus::CheckFailed => {
            return Err(naru_engine::b2b::TaxFault::HometaxMaintenance.into());
        }
    };
    let taxation_type = match state.taxpayer {
        Some(TaxpayerKind::General) | None => wire::B2bCompanyStateTaxationType::Normal,
        Some(TaxpayerKind::Simplified) => wire::B2bCompanyStateTaxationType::Simple,
        Some(TaxpayerKind::SimplifiedIssuer) => {
            wire::B2bCompanyStateTaxationType::SimpleTaxInvoiceIssuer
        }
        Some(TaxpayerKind::Exempt) => wire::B2bCompanyStateTaxationType::TaxFree,
        Some(TaxpayerKind::AssignedNumber) => wire::B2bCompanyStateTaxationType::AssignedIdNumber,
    };
    Ok(wire::B2bCompanyState {
        business_status,
        closed_suspended_date: ended.map(|day| day.to_string()),
        taxation_type,
        taxation_type_date: state.taxpayer_since.map(|day| day.to_string()),
    })
}

/// What is publicly known of a company.
pub(crate) fn business_info(brn: &str, info: &BusinessInfo) -> wire::B2bBusinessInfo {
    wire::B2bBusinessInfo {
        address: info.address.clone(),
        brn: brn.to_owned(),
        business_category_code: info.industry_code.clone(),
        business_class: info.business_class.clone(),
        business_entity_type: info.entity_code.clone(),
        business_status: info.closing_state.clone().unwrap_or_default(),
        business_type: info.business_type.clone(),
        ceo_name: info.representative_name.clone(),
        closing_date: info.closed_on.clone(),
        corp_reg_no: info.corporate_number.clone(),
        name: info.name.clone(),
        opening_date: info.established_on.clone(),
        phone_number: None,
        simplified_taxation_type_date: info.tax_type_since.clone(),
        tax_office_code: None,
        tax_office_name: None,
        taxation_type: info.tax_type.clone().unwrap_or_default(),
        zip_code: info.zip_code.clone(),
    }
}
