//! Companies: members of the provider in the edition of 2024, counterparties today. One record.

use naru_connector::Secret;
use naru_connector::tax::{Certificate, CompanyJoin, JoinContact, TaxOperation, TaxOutcome};
use naru_domain::b2b::{BusinessNumber, Contact, Counterparty, NtsConnection};
use naru_store::{Commit, CommitError, Condition, Versioned, Write, tables};

use super::{TaxContract, TaxFault, no_answer};
use crate::list::{ListFilter, Listed, Page, PageOf};
use crate::records::{
    CompanyCheck, CounterpartyNumberRecord, CounterpartyRecord, StoreRecord, environment_name,
    number_row,
};
use crate::{Engine, Fault};

/// Contacts besides the first.
const ADDITIONAL_CONTACTS_MAX: usize = 5;

/// A member company to join, with the log-in that it will have at the provider.
#[derive(Debug, Clone)]
pub struct JoinCompany {
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
    /// Log-in name of its manager.
    pub contact_id: String,
    /// Password of its manager: passed on, never kept.
    pub password: Secret,
    /// Name of its manager.
    pub contact_name: String,
    /// E-mail address of its manager.
    pub email: String,
    /// Phone number of its manager.
    pub phone_number: String,
}

/// A counterparty to create.
#[derive(Debug, Clone)]
pub struct NewCompany {
    /// The caller's id for it; made where it is not given.
    pub id: Option<String>,
    /// What is known of it. Texts that are needed and missing are refused by name.
    pub patch: CompanyPatch,
    /// Checks to make or to take over.
    pub checks: CompanyChecks,
}

/// Checks that go with a counterparty.
#[derive(Debug, Clone, Default)]
pub struct CompanyChecks {
    /// Whether to ask the tax office whether it is in business.
    pub checks_status: bool,
    /// Whether to ask for what is publicly known of it.
    pub checks_info: bool,
    /// An earlier check of its status.
    pub status_check: Option<String>,
    /// An earlier check of its data.
    pub info_check: Option<String>,
}

/// What a request says of a counterparty. What it leaves out stays as it is.
#[derive(Debug, Clone, Default)]
pub struct CompanyPatch {
    /// Its number, as text: a wrong one has an error of its own.
    pub brn: String,
    /// Name of the company.
    pub name: Option<String>,
    /// Who represents it.
    pub representative_name: Option<String>,
    /// Address.
    pub address: Option<String>,
    /// 업태.
    pub business_type: Option<String>,
    /// 종목.
    pub business_class: Option<String>,
    /// The merchant's note.
    pub memo: Option<String>,
    /// Who is written to first: name, e-mail, phone, note.
    pub contact: Option<ContactInput>,
    /// Who else is.
    pub additional_contacts: Option<Vec<ContactInput>>,
}

/// Somebody at a counterparty.
#[derive(Debug, Clone)]
pub struct ContactInput {
    /// Name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Phone number.
    pub phone_number: Option<String>,
    /// The merchant's note.
    pub memo: Option<String>,
}

impl Listed for CounterpartyRecord {}

impl Engine {
    /// Joins a company to the provider (2024).
    pub async fn join_company(
        &self,
        store: &StoreRecord,
        is_test: bool,
        request: JoinCompany,
    ) -> Result<Counterparty, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let known = self
            .counterparty_by_number(store, is_test, &request.brn)
            .await?;
        let is_joining = |known: &Versioned<CounterpartyRecord>| {
            matches!(known.value.0.connection, NtsConnection::Connecting)
        };
        // A join whose end was lost goes on here.
        if known.as_ref().is_some_and(|known| !is_joining(known))
            || self.is_member(&contract, &request.brn).await?
        {
            return Err(TaxFault::CompanyRegistered.into());
        }
        if self
            .contact_id_exists(store, is_test, &request.contact_id)
            .await?
        {
            return Err(TaxFault::IdExists.into());
        }
        let company = joined_company(store, is_test, &request, self.now(), || {
            format!("counterparty-{}", self.new_uuid())
        });
        let id = if let Some(known) = known {
            known.value.0.id
        } else {
            let id = company.id.clone();
            self.insert_counterparty(CounterpartyRecord(company))
                .await?;
            id
        };
        let operation = TaxOperation::Join(CompanyJoin {
            brn: request.brn.clone(),
            name: request.name,
            representative_name: request.representative_name,
            address: request.address,
            business_type: request.business_type,
            business_class: request.business_class,
            contact: JoinContact {
                id: request.contact_id,
                password: request.password,
                name: request.contact_name,
                email: request.email,
                phone_number: request.phone_number,
            },
        });
        let send_by = Some(self.send_by());
        let outcome = self.ask(&contract, &operation, send_by).await?;
        let is_done = match &outcome {
            TaxOutcome::Done { .. } => true,
            TaxOutcome::Unknown { .. } => self.is_member(&contract, &request.brn).await?,
            _ => false,
        };
        if is_done {
            let connection = NtsConnection::Connected { at: self.now() };
            return self.set_connection(store, is_test, &id, connection).await;
        }
        if let TaxOutcome::Refused(_) | TaxOutcome::NotSent { .. } = &outcome {
            self.remove_counterparty(store, is_test, &id).await?;
        }
        Err(no_answer(&outcome).into())
    }

    pub(super) async fn set_connection(
        &self,
        store: &StoreRecord,
        is_test: bool,
        id: &str,
        connection: NtsConnection,
    ) -> Result<Counterparty, Fault> {
        let found = self
            .counterparty(store, is_test, id)
            .await?
            .ok_or(TaxFault::CounterpartyNotFound)?;
        let company = Counterparty {
            connection,
            ..found.value.0
        };
        self.put_counterparty(found.version, company).await
    }

    /// Replaces what is known of a company, as it was read.
    async fn put_counterparty(
        &self,
        version: i64,
        company: Counterparty,
    ) -> Result<Counterparty, Fault> {
        let value = CounterpartyRecord(company);
        let mut unit = Commit::new(self.new_uuid());
        let record = Versioned { version, value };
        unit.update(&record)?;
        self.commit(unit).await?;
        Ok(record.value.0)
    }

    /// A member company (2024).
    pub async fn member_company(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<Counterparty, Fault> {
        self.tax_contract(store, is_test).await?;
        self.counterparty_by_number(store, is_test, brn)
            .await?
            .map(|found| found.value.0)
            .filter(Counterparty::is_connected)
            .ok_or_else(|| TaxFault::MemberNotFound.into())
    }

    /// Whether a contact's log-in name is taken at the provider.
    pub async fn contact_id_exists(
        &self,
        store: &StoreRecord,
        is_test: bool,
        contact_id: &str,
    ) -> Result<bool, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let operation = TaxOperation::IsContactIdTaken {
            acting: contract.record.brn.clone(),
            contact_id: contact_id.to_owned(),
        };
        match self.ask(&contract, &operation, None).await? {
            TaxOutcome::Answer(is_taken) => Ok(is_taken),
            other => Err(no_answer(&other).into()),
        }
    }

    pub(super) async fn is_member(
        &self,
        contract: &TaxContract,
        brn: &BusinessNumber,
    ) -> Result<bool, Fault> {
        let operation = TaxOperation::IsMember(brn.clone());
        match self.ask(contract, &operation, None).await? {
            TaxOutcome::Answer(is_member) => Ok(is_member),
            other => Err(no_answer(&other).into()),
        }
    }

    /// The page on which a person registers a company's certificate.
    pub async fn certificate_page(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<String, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let operation = TaxOperation::CertificatePage(brn.clone());
        match self.ask(&contract, &operation, None).await? {
            TaxOutcome::Page { url } => Ok(url),
            other => Err(no_answer(&other).into()),
        }
    }

    /// A company's certificate.
    pub async fn certificate(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<Certificate, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let operation = TaxOperation::Certificate(brn.clone());
        match self.ask(&contract, &operation, None).await? {
            TaxOutcome::Certificate(Some(certificate)) => Ok(*certificate),
            TaxOutcome::Certificate(None) => Err(TaxFault::CertificateUnregistered.into()),
            other => Err(no_answer(&other).into()),
        }
    }

    /// Whether a company's certificate can sign now.
    pub async fn certificate_is_valid(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<bool, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let operation = TaxOperation::CheckCertificate(brn.clone());
        match self.ask(&contract, &operation, None).await? {
            TaxOutcome::Answer(is_valid) => Ok(is_valid),
            other => Err(no_answer(&other).into()),
        }
    }

    /// A company that a store knows by its number, connected or not.
    pub async fn known_company(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<Option<Counterparty>, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let found = self.counterparty_by_number(store, is_test, brn).await?;
        let is_own = contract.record.brn == *brn;
        match found {
            Some(found) => Ok(Some(found.value.0)),
            None if is_own => Ok(None),
            None => Err(TaxFault::CounterpartyNotFound.into()),
        }
    }

    /// Creates a counterparty, and joins it to the provider.
    pub async fn create_counterparty(
        &self,
        store: &StoreRecord,
        is_test: bool,
        new: NewCompany,
    ) -> Result<Counterparty, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let brn = number(&new.patch.brn)?;
        if brn == contract.record.brn {
            return Err(TaxFault::CounterpartyIsSelf.into());
        }
        too_many(new.patch.additional_contacts.as_deref())?;
        let mut company = Counterparty {
            merchant_id: store.merchant_id.clone(),
            store_id: store.id.clone(),
            id: new
                .id
                .unwrap_or_else(|| format!("counterparty-{}", self.new_uuid())),
            is_test,
            brn: brn.clone(),
            name: String::new(),
            representative_name: String::new(),
            address: None,
            business_type: None,
            business_class: None,
            memo: None,
            contact: self.contact(&ContactInput {
                name: String::new(),
                email: String::new(),
                phone_number: None,
                memo: None,
            }),
            additional_contacts: Vec::new(),
            connection: NtsConnection::NotConnected,
            status: None,
            status_verification: None,
            info_verification: None,
            created_at: self.now(),
        };
        self.check_company(store, &contract, &mut company, &new.checks)
            .await?;
        self.patch_company(&mut company, new.patch);
        needed(&company)?;
        if self
            .counterparty(store, is_test, &company.id)
            .await?
            .is_some()
            || self
                .counterparty_by_number(store, is_test, &brn)
                .await?
                .is_some()
        {
            return Err(TaxFault::CounterpartyExists.into());
        }
        // A member already, or it joins when its certificate is registered on the provider's page.
        if self.is_member(&contract, &brn).await? {
            company.connection = NtsConnection::Connected { at: self.now() };
        }
        self.insert_counterparty(CounterpartyRecord(company.clone()))
            .await?;
        Ok(company)
    }

    /// Changes a counterparty.
    pub async fn update_counterparty(
        &self,
        store: &StoreRecord,
        is_test: bool,
        (id, patch, checks): (&str, CompanyPatch, CompanyChecks),
    ) -> Result<Counterparty, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let found = self
            .counterparty(store, is_test, id)
            .await?
            .ok_or(TaxFault::CounterpartyNotFound)?;
        let mut company = found.value.0;
        if number(&patch.brn)? != company.brn {
            return Err(TaxFault::CounterpartyBrnFixed.into());
        }
        too_many(patch.additional_contacts.as_deref())?;
        self.check_company(store, &contract, &mut company, &checks)
            .await?;
        self.patch_company(&mut company, patch);
        needed(&company)?;
        if !company.is_connected() && self.is_member(&contract, &company.brn).await? {
            company.connection = NtsConnection::Connected { at: self.now() };
        }
        self.put_counterparty(found.version, company).await
    }

    /// Deletes a counterparty with which no invoice is under way.
    pub async fn delete_counterparty(
        &self,
        store: &StoreRecord,
        is_test: bool,
        id: &str,
    ) -> Result<(), Fault> {
        self.tax_contract(store, is_test).await?;
        let found = self
            .counterparty(store, is_test, id)
            .await?
            .ok_or(TaxFault::CounterpartyNotFound)?;
        let brn = &found.value.0.brn;
        if self.has_ongoing_invoice(&store.id, is_test, brn).await? {
            return Err(TaxFault::CounterpartyHasOngoingInvoice.into());
        }
        self.remove_counterparty(store, is_test, id).await
    }

    /// A counterparty that must exist.
    pub async fn counterparty_of(
        &self,
        store: &StoreRecord,
        is_test: bool,
        id: &str,
    ) -> Result<Counterparty, Fault> {
        self.tax_contract(store, is_test).await?;
        let found = self.counterparty(store, is_test, id).await?;
        Ok(found.ok_or(TaxFault::CounterpartyNotFound)?.value.0)
    }

    /// A page of counterparties.
    pub async fn counterparties(
        &self,
        store: &StoreRecord,
        is_test: bool,
        (filter, mut further): (ListFilter, Vec<Condition>),
        page: Page,
    ) -> Result<PageOf<Counterparty>, Fault> {
        self.tax_contract(store, is_test).await?;
        further.push(Condition::Is(
            "environment",
            environment_name(is_test).into(),
        ));
        let found = self
            .list_page::<CounterpartyRecord>(&filter, further, page)
            .await?;
        Ok(PageOf {
            items: found.items.into_iter().map(|record| record.0).collect(),
            total_count: found.total_count,
        })
    }

    pub(super) async fn counterparty(
        &self,
        store: &StoreRecord,
        is_test: bool,
        id: &str,
    ) -> Result<Option<Versioned<CounterpartyRecord>>, Fault> {
        let key = vec![store.id.as_str().into(), id.into()];
        let found = self.store().load::<CounterpartyRecord>(key).await?;
        Ok(found.filter(|found| found.value.0.is_test == is_test))
    }

    pub(super) async fn counterparty_by_number(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<Option<Versioned<CounterpartyRecord>>, Fault> {
        let key = number_row(&store.id, is_test, brn.as_str());
        let number = self.store().load::<CounterpartyNumberRecord>(key).await?;
        let Some(number) = number else {
            return Ok(None);
        };
        self.counterparty(store, is_test, &number.value.counterparty_id)
            .await
    }

    /// Stores a new counterparty; its id and its number are unique.
    pub(super) async fn insert_counterparty(
        &self,
        record: CounterpartyRecord,
    ) -> Result<(), Fault> {
        let company = &record.0;
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&CounterpartyNumberRecord {
            store_id: company.store_id.clone(),
            is_test: company.is_test,
            brn: company.brn.clone(),
            counterparty_id: company.id.clone(),
        })?;
        unit.insert(&record)?;
        match self.commit(unit).await {
            Ok(()) => Ok(()),
            Err(CommitError::Conflict(_)) => Err(TaxFault::CounterpartyExists.into()),
            Err(error) => Err(error.into()),
        }
    }

    async fn remove_counterparty(
        &self,
        store: &StoreRecord,
        is_test: bool,
        id: &str,
    ) -> Result<(), Fault> {
        let Some(found) = self.counterparty(store, is_test, id).await? else {
            return Ok(());
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.writes.push(Write::Delete {
            table: &tables::COUNTERPARTY_NUMBERS,
            key: number_row(&store.id, is_test, found.value.0.brn.as_str()),
            expected: None,
        });
        unit.delete(&found);
        Ok(self.commit(unit).await?)
    }

    fn contact(&self, input: &ContactInput) -> Contact {
        Contact {
            provider_id: None,
            name: input.name.clone(),
            email: input.email.clone(),
            phone_number: input.phone_number.clone(),
            memo: input.memo.clone(),
            registered_at: self.now(),
        }
    }

    fn patch_company(&self, company: &mut Counterparty, patch: CompanyPatch) {
        if let Some(name) = patch.name {
            company.name = name;
        }
        if let Some(name) = patch.representative_name {
            company.representative_name = name;
        }
        company.address = patch.address.or(company.address.take());
        company.business_type = patch.business_type.or(company.business_type.take());
        company.business_class = patch.business_class.or(company.business_class.take());
        company.memo = patch.memo.or(company.memo.take());
        if let Some(contact) = &patch.contact {
            company.contact = Contact {
                provider_id: company.contact.provider_id.clone(),
                ..self.contact(contact)
            };
        }
        if let Some(contacts) = &patch.additional_contacts {
            company.additional_contacts = contacts.iter().map(|one| self.contact(one)).collect();
        }
    }

    /// Makes the checks that are asked for, and takes over those that are named.
    async fn check_company(
        &self,
        store: &StoreRecord,
        contract: &TaxContract,
        company: &mut Counterparty,
        checks: &CompanyChecks,
    ) -> Result<(), Fault> {
        let brn = company.brn.clone();
        if let Some(id) = &checks.status_check {
            let check = self.named_check(store, &brn, id).await?;
            let CompanyCheck::Status { status } = check.found else {
                return Err(TaxFault::CheckTypeMismatch.into());
            };
            company.status = Some((status, check.at));
            company.status_verification = Some((check.id, check.at));
        } else if checks.checks_status {
            let state = self.state_of_company(contract, &brn).await?;
            let found = CompanyCheck::Status {
                status: state.status,
            };
            let check = self.keep_check(store, &brn, found).await?;
            company.status = Some((state.status, check.at));
            company.status_verification = Some((check.id, check.at));
        }
        if let Some(id) = &checks.info_check {
            let check = self.named_check(store, &brn, id).await?;
            let CompanyCheck::Info { info } = check.found else {
                return Err(TaxFault::CheckTypeMismatch.into());
            };
            take_over(company, &info);
            company.info_verification = Some((check.id, check.at));
        } else if checks.checks_info {
            let (info, id) = self.business_info(store, company.is_test, &brn).await??;
            take_over(company, &info);
            company.info_verification = Some((id, self.now()));
        }
        Ok(())
    }
}

/// What is publicly known fills what the request leaves out.
fn take_over(company: &mut Counterparty, info: &naru_connector::tax::BusinessInfo) {
    company.name.clone_from(&info.name);
    company
        .representative_name
        .clone_from(&info.representative_name);
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    company.address = some(&info.address);
    company.business_type = some(&info.business_type);
    company.business_class = some(&info.business_class);
}

fn number(text: &str) -> Result<BusinessNumber, TaxFault> {
    text.parse().map_err(|_| TaxFault::CounterpartyBrnInvalid)
}

fn too_many(contacts: Option<&[ContactInput]>) -> Result<(), TaxFault> {
    match contacts {
        Some(contacts) if contacts.len() > ADDITIONAL_CONTACTS_MAX => {
            Err(TaxFault::CounterpartyTooManyContacts)
        }
        Some(_) | None => Ok(()),
    }
}

/// Whoever is missing a name or an e-mail address can't be written to.
fn needed(company: &Counterparty) -> Result<(), TaxFault> {
    for (name, value) in [
        ("counterparty.name", &company.name),
        (
            "counterparty.representativeName",
            &company.representative_name,
        ),
        ("counterparty.contact.name", &company.contact.name),
        ("counterparty.contact.email", &company.contact.email),
    ] {
        if value.trim().is_empty() {
            return Err(TaxFault::CounterpartyMissingFields(format!("`{name}`")));
        }
    }
    Ok(())
}

fn joined_company(
    store: &StoreRecord,
    is_test: bool,
    request: &JoinCompany,
    now: naru_domain::Timestamp,
    id: impl FnOnce() -> String,
) -> Counterparty {
    Counterparty {
        merchant_id: store.merchant_id.clone(),
        store_id: store.id.clone(),
        id: id(),
        is_test,
        brn: request.brn.clone(),
        name: request.name.clone(),
        representative_name: request.representative_name.clone(),
        address: Some(request.address.clone()),
        business_type: Some(request.business_type.clone()),
        business_class: Some(request.business_class.clone()),
        memo: None,
        contact: Contact {
            provider_id: Some(request.contact_id.clone()),
            name: request.contact_name.clone(),
            email: request.email.clone(),
            phone_number: Some(request.phone_number.clone()),
            memo: None,
            registered_at: now,
        },
        additional_contacts: Vec::new(),
        connection: NtsConnection::Connecting,
        status: None,
        status_verification: None,
        info_verification: None,
        created_at: now,
    }
}
