//! Look-ups at the provider: company state, account holder, company data.

use naru_connector::Secret;
use naru_connector::tax::{BusinessInfo, CompanyState, HolderProblem, TaxOperation, TaxOutcome};
use naru_domain::b2b::{BusinessNumber, BusinessStatus};
use naru_store::Commit;

use super::{HolderFault, TaxContract, TaxFault, no_answer};
use crate::records::{CompanyCheck, CompanyCheckRecord, StoreRecord};
use crate::{Engine, Fault};

/// How long a check may be named by a caller, in seconds: a day.
const CHECK_LIFETIME_S: i64 = 86_400;

/// The provider's code for the tax office being away. A guess of the simulator's; a real provider's
/// shows as its own refusal.
const MAINTENANCE: &str = "-14000001";

impl Engine {
    /// Whether a company is in business, by the tax office.
    pub async fn company_state(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<CompanyState, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let state = self.state_of_company(&contract, brn).await?;
        match state.status {
            BusinessStatus::NotFound => Err(TaxFault::CompanyNotFound.into()),
            BusinessStatus::InBusiness | BusinessStatus::Ended(_) | BusinessStatus::CheckFailed => {
                Ok(state)
            }
        }
    }

    pub(super) async fn state_of_company(
        &self,
        contract: &TaxContract,
        brn: &BusinessNumber,
    ) -> Result<CompanyState, Fault> {
        let operation = TaxOperation::CompanyState {
            acting: contract.record.brn.clone(),
            brn: brn.clone(),
        };
        match self.ask(contract, &operation, None).await? {
            TaxOutcome::CompanyState(state) => Ok(state),
            TaxOutcome::Refused(problem) if problem.code == MAINTENANCE => {
                Err(TaxFault::HometaxMaintenance.into())
            }
            other => Err(no_answer(&other).into()),
        }
    }

    /// Whose bank account it is.
    pub async fn account_holder(
        &self,
        store: &StoreRecord,
        is_test: bool,
        (bank, number): (&str, Secret),
    ) -> Result<String, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let operation = TaxOperation::AccountHolder {
            acting: contract.record.brn.clone(),
            bank: bank.to_owned(),
            number,
        };
        match self.ask(&contract, &operation, None).await? {
            TaxOutcome::AccountHolder { name } => Ok(name),
            TaxOutcome::NoAccountHolder(problem) => {
                Err(TaxFault::Holder(holder_fault(&problem)).into())
            }
            other => Err(no_answer(&other).into()),
        }
    }

    /// What is publicly known of a company, and the id under which a caller may name it; or why
    /// it is not known.
    pub async fn business_info(
        &self,
        store: &StoreRecord,
        is_test: bool,
        brn: &BusinessNumber,
    ) -> Result<Result<(BusinessInfo, String), TaxFault>, Fault> {
        let contract = self.tax_contract(store, is_test).await?;
        let operation = TaxOperation::BusinessInfo {
            acting: contract.record.brn.clone(),
            brn: brn.clone(),
        };
        Ok(match self.ask(&contract, &operation, None).await? {
            TaxOutcome::BusinessInfo(info) => {
                let found = CompanyCheck::Info { info: info.clone() };
                let check = self.keep_check(store, brn, found).await?;
                Ok((*info, check.id))
            }
            other => Err(no_answer(&other)),
        })
    }

    pub(super) async fn keep_check(
        &self,
        store: &StoreRecord,
        brn: &BusinessNumber,
        found: CompanyCheck,
    ) -> Result<CompanyCheckRecord, Fault> {
        let record = CompanyCheckRecord {
            store_id: store.id.clone(),
            id: self.random_uuid().to_string(),
            brn: brn.clone(),
            found,
            at: self.now(),
            expires_at: self.now().plus_seconds(CHECK_LIFETIME_S),
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        self.commit(unit).await?;
        Ok(record)
    }

    /// A check that a caller names.
    pub(super) async fn named_check(
        &self,
        store: &StoreRecord,
        brn: &BusinessNumber,
        id: &str,
    ) -> Result<CompanyCheckRecord, Fault> {
        let key = vec![store.id.as_str().into(), id.into()];
        let found = self.store().load::<CompanyCheckRecord>(key).await?;
        let check = found.ok_or(TaxFault::CheckNotFound)?.value;
        if check.brn != *brn {
            return Err(TaxFault::CheckBrnMismatch.into());
        }
        if check.expires_at <= self.now() {
            return Err(TaxFault::CheckInvalid.into());
        }
        Ok(check)
    }
}

const fn holder_fault(problem: &HolderProblem) -> HolderFault {
    match problem {
        HolderProblem::NotFound => HolderFault::NotFound,
        HolderProblem::ForeignExchange => HolderFault::ForeignExchange,
        HolderProblem::Suspended => HolderFault::Suspended,
        HolderProblem::RegularMaintenance => HolderFault::RegularMaintenance,
        HolderProblem::SystemFailure => HolderFault::SystemFailure,
        HolderProblem::SystemMaintenance => HolderFault::SystemMaintenance,
        HolderProblem::Communication => HolderFault::Communication,
    }
}
