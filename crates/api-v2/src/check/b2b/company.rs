//! Companies as both editions send them.

use naru_engine::b2b::{CompanyChecks, CompanyPatch, ContactInput, JoinCompany, NewCompany};
use naru_engine::{Fault, Secret};
use naru_wire_v2 as wire;

use super::super::bad;
use super::super::text::{required, text};
use super::key::brn;
use crate::limits::ID_MAX;

/// `POST /b2b-preview/member-companies`. Limits are the provider's.
pub(crate) fn member_company(
    body: wire::RegisterB2bMemberCompanyBody,
) -> Result<JoinCompany, Fault> {
    let company = body.company;
    let contact = body.contact;
    let id = contact.id;
    if !(6..50).contains(&id.chars().count()) || id.contains('\0') {
        return Err(bad("contact.id", "6 to 49 characters"));
    }
    Ok(JoinCompany {
        brn: brn("company.brn", &company.brn)?,
        name: required("company.name", company.name, 200)?,
        representative_name: required("company.ceoName", company.ceo_name, 100)?,
        address: text("company.address", company.address, 300)?,
        business_type: text("company.businessType", company.business_type, 100)?,
        business_class: text("company.businessClass", company.business_class, 100)?,
        contact_id: id,
        password: password(contact.password)?,
        contact_name: required("contact.name", contact.name, 100)?,
        email: required("contact.email", contact.email, 100)?,
        phone_number: required("contact.phoneNumber", contact.phone_number, 20)?,
    })
}

/// Never repeated in a message.
fn password(password: String) -> Result<Secret, Fault> {
    let has = |is: fn(char) -> bool| password.chars().any(is);
    let is_right = (8..20).contains(&password.chars().count())
        && has(|c| c.is_ascii_alphabetic())
        && has(|c| c.is_ascii_digit())
        && has(|c| c.is_ascii_punctuation())
        && !password.contains('\0');
    if !is_right {
        return Err(bad(
            "contact.password",
            "8 to 19 characters with letters, digits and a special character",
        ));
    }
    Ok(Secret::new(password))
}

/// `POST /b2b/counterparties`
pub(crate) fn counterparty(body: wire::CreateB2bCounterpartyBody) -> Result<NewCompany, Fault> {
    let id = body
        .counterparty_id
        .map(|id| required("counterpartyId", id, ID_MAX))
        .transpose()?;
    Ok(NewCompany {
        id,
        patch: patch(body.counterparty)?,
        checks: checks(body.options),
    })
}

/// `PATCH /b2b/counterparties/{counterpartyId}`
pub(crate) fn counterparty_patch(
    body: wire::UpdateB2bCounterpartyBody,
) -> Result<(CompanyPatch, CompanyChecks), Fault> {
    Ok((patch(body.counterparty)?, checks(body.options)))
}

fn checks(options: Option<wire::B2bCounterpartyCreateOptions>) -> CompanyChecks {
    options.map_or_else(CompanyChecks::default, |options| CompanyChecks {
        checks_status: options.check_business_status.unwrap_or(false),
        checks_info: options.check_business_info.unwrap_or(false),
        status_check: options.business_status_verification_id,
        info_check: options.business_info_verification_id,
    })
}

fn patch(input: wire::B2bCounterpartyInput) -> Result<CompanyPatch, Fault> {
    let field = |name: &str, value: Option<String>, most| {
        value
            .map(|value| text(&format!("counterparty.{name}"), value, most))
            .transpose()
    };
    Ok(CompanyPatch {
        brn: input.brn,
        name: field("name", input.name, 200)?,
        representative_name: field("representativeName", input.representative_name, 100)?,
        address: field("address", input.address, 300)?,
        business_type: field("businessType", input.business_type, 100)?,
        business_class: field("businessClass", input.business_class, 100)?,
        memo: field("memo", input.memo, 1_000)?,
        contact: input
            .contact
            .map(|one| contact("counterparty.contact", one))
            .transpose()?,
        additional_contacts: input
            .additional_contacts
            .map(|all| {
                all.into_iter()
                    .map(|one| contact("counterparty.additionalContacts", one))
                    .collect()
            })
            .transpose()?,
    })
}

fn contact(field: &str, input: wire::B2bCounterpartyContactInput) -> Result<ContactInput, Fault> {
    let part = |name: &str| format!("{field}.{name}");
    let optional = |name: &str, value: Option<String>, most| {
        value
            .map(|value| text(&part(name), value, most))
            .transpose()
    };
    Ok(ContactInput {
        phone_number: optional("phoneNumber", input.phone_number, 20)?,
        memo: optional("memo", input.memo, 1_000)?,
        name: text(&part("name"), input.name, 100)?,
        email: text(&part("email"), input.email, 100)?,
    })
}
