//! Contracts with the provider, and asking it.

use std::collections::BTreeMap;

use naru_connector::tax::{TaxOperation, TaxOutcome, TaxProvider};
use naru_connector::{BeginError, Call, ChannelSettings, Input, Secret, SendError, Sent, Step};
use naru_domain::b2b::BusinessNumber;
use naru_domain::{StoreId, Timestamp};
use naru_store::{Commit, Condition, Query, Versioned, tables};

use super::TaxFault;
use crate::records::{
    Environment, StoreRecord, TaxContractRecord, TaxInvoiceRecord, environment_name,
};
use crate::{Engine, Fault};

/// A contract to make or replace.
#[derive(Debug, Clone)]
pub struct NewTaxContract {
    /// Whose.
    pub store_id: StoreId,
    /// For test data or live data.
    pub environment: Environment,
    /// The provider's short name, such as `popbill`.
    pub provider: String,
    /// The merchant's own company.
    pub brn: BusinessNumber,
    /// Whether a simulator answers: sandbox only.
    pub is_simulated: bool,
    /// The provider's keys, by name.
    pub secrets: BTreeMap<String, Secret>,
    /// Addresses and options, by name.
    pub options: BTreeMap<String, String>,
}

/// A contract with its keys unsealed.
pub(crate) struct TaxContract {
    pub(crate) record: TaxContractRecord,
    pub(crate) settings: ChannelSettings,
    pub(crate) provider: &'static dyn TaxProvider,
}

impl TaxContract {
    /// How long after a request's deadline "no such invoice" is not final, in milliseconds.
    pub(crate) fn settle_ms(&self) -> i64 {
        if self.record.is_simulated {
            1_000
        } else {
            self.provider.settle_time_ms()
        }
    }
}

fn place(store_id: &StoreId, environment: Environment) -> String {
    let name = environment_name(environment == Environment::Test);
    format!("tax-contract:{store_id}:{name}")
}

/// Whether a contract leads to other books than the one before it. A new key does not.
fn is_another(before: &TaxContractRecord, after: &TaxContractRecord) -> bool {
    (
        &before.provider,
        &before.brn,
        &before.options,
        before.is_simulated,
    ) != (
        &after.provider,
        &after.brn,
        &after.options,
        after.is_simulated,
    )
}

impl Engine {
    /// Makes or replaces a store's contract, after the provider's connector has checked it.
    pub async fn put_tax_contract(&self, new: NewTaxContract) -> Result<TaxContractRecord, Fault> {
        self.existing_store(&new.store_id).await?;
        if new.is_simulated && !self.config().is_sandbox {
            return Err(Fault::invalid(
                "a simulated provider is for the sandbox only",
            ));
        }
        let provider = self.tax_provider(&new.provider)?;
        let settings = ChannelSettings {
            merchant_id: new.brn.to_string(),
            secrets: new.secrets,
            options: new.options,
            is_simulated: new.is_simulated,
        };
        provider
            .check_settings(&settings)
            .map_err(|error| Fault::invalid(error.to_string()))?;
        let place = place(&new.store_id, new.environment);
        let seal = |secret: &Secret| self.keys().seal(self.entropy(), &place, secret.expose());
        let record = TaxContractRecord {
            secrets: settings
                .secrets
                .iter()
                .map(|(name, secret)| (name.clone(), seal(secret)))
                .collect(),
            store_id: new.store_id,
            environment: new.environment,
            provider: new.provider,
            brn: new.brn,
            is_simulated: new.is_simulated,
            options: settings.options,
            created_at: self.now(),
        };
        let found = self
            .contract_row(&record.store_id, record.environment)
            .await?;
        if let Some(found) = &found
            && is_another(&found.value, &record)
        {
            self.no_call_is_under_way(&found.value).await?;
        }
        let mut unit = Commit::new(self.new_uuid());
        match found {
            Some(found) => unit.update(&Versioned {
                version: found.version,
                value: record.clone(),
            })?,
            None => unit.insert(&record)?,
        }
        self.commit(unit).await?;
        Ok(record)
    }

    /// The contracts of a store.
    pub async fn tax_contracts(&self, store_id: &StoreId) -> Result<Vec<TaxContractRecord>, Fault> {
        let mut found = Vec::new();
        for environment in [Environment::Live, Environment::Test] {
            let row = self.contract_row(store_id, environment).await?;
            found.extend(row.map(|row| row.value));
        }
        Ok(found)
    }

    /// Ends a store's contract: its B2B operations are off, its invoices stay.
    pub async fn end_tax_contract(
        &self,
        store_id: &StoreId,
        environment: Environment,
    ) -> Result<(), Fault> {
        let found = self.contract_row(store_id, environment).await?;
        let Some(found) = found else {
            return Err(Fault::invalid("the store has no such contract"));
        };
        self.no_call_is_under_way(&found.value).await?;
        let mut unit = Commit::new(self.new_uuid());
        unit.delete(&found);
        Ok(self.commit(unit).await?)
    }

    async fn contract_row(
        &self,
        store_id: &StoreId,
        environment: Environment,
    ) -> Result<Option<Versioned<TaxContractRecord>>, Fault> {
        let name = environment_name(environment == Environment::Test);
        Ok(self
            .store()
            .load(vec![store_id.as_str().into(), name.into()])
            .await?)
    }

    fn tax_provider(&self, name: &str) -> Result<&'static dyn TaxProvider, Fault> {
        (self.inner.parts.tax_providers)(name)
            .ok_or_else(|| Fault::invalid(format!("`{name}` is no tax-invoice provider")))
    }

    /// The contract that a store uses: its own, or its parent's.
    pub(crate) async fn tax_contract(
        &self,
        store: &StoreRecord,
        is_test: bool,
    ) -> Result<TaxContract, Fault> {
        let environment = Environment::of(is_test);
        let mut found = self.contract_row(&store.id, environment).await?;
        if found.is_none()
            && let Some(parent) = &store.parent
        {
            found = self.contract_row(parent, environment).await?;
        }
        let record = found.ok_or(TaxFault::NotEnabled)?.value;
        self.open_contract(record)
    }

    /// The contract that a store uses, for a job: one that has ended parks the job, and is no
    /// failure of it.
    pub(crate) async fn contract_or_none(
        &self,
        store: &StoreRecord,
        is_test: bool,
    ) -> Result<Option<TaxContract>, Fault> {
        match self.tax_contract(store, is_test).await {
            Ok(contract) => Ok(Some(contract)),
            Err(Fault::Tax(fault)) if *fault == TaxFault::NotEnabled => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// Refuses to take a contract away from calls that are under way: their outcome could be found
    /// out only by it.
    async fn no_call_is_under_way(&self, record: &TaxContractRecord) -> Result<(), Fault> {
        let mut users = vec![record.store_id.clone()];
        for store in self.stores().await? {
            let is_below = store.parent.as_ref() == Some(&record.store_id);
            if is_below
                && self
                    .contract_row(&store.id, record.environment)
                    .await?
                    .is_none()
            {
                users.push(store.id);
            }
        }
        let environment = environment_name(record.environment == Environment::Test);
        for store_id in users {
            let query = Query::of(&tables::TAX_INVOICES, 1)
                .and(Condition::Is("store_id", store_id.as_str().into()))
                .and(Condition::AtLeast("call_number", 1.into()))
                .and(Condition::Is("environment", environment.into()));
            if let Some(found) = self.store().list::<TaxInvoiceRecord>(query).await?.first() {
                return Err(Fault::invalid(format!(
                    "a call about the tax invoice `{}` is under way; wait until its outcome is \
                     known (`GET /b2b/tax-invoices/{}`), then try again",
                    found.value.0.id, found.value.0.id
                )));
            }
        }
        Ok(())
    }

    /// Refuses a store without a contract.
    pub async fn uses_tax_invoices(&self, store: &StoreRecord, is_test: bool) -> Result<(), Fault> {
        self.tax_contract(store, is_test).await.map(|_| ())
    }

    fn open_contract(&self, record: TaxContractRecord) -> Result<TaxContract, Fault> {
        let place = place(&record.store_id, record.environment);
        let open = |sealed| {
            self.keys()
                .open(&place, sealed)
                .map_err(|error| Fault::internal(format!("tax contract: {error}")))
        };
        let secrets = record
            .secrets
            .iter()
            .map(|(name, sealed)| Ok((name.clone(), open(sealed)?)))
            .collect::<Result<_, Fault>>()?;
        let settings = ChannelSettings {
            merchant_id: record.brn.to_string(),
            secrets,
            options: record.options.clone(),
            is_simulated: record.is_simulated,
        };
        let provider = self.tax_provider(&record.provider)?;
        Ok(TaxContract {
            record,
            settings,
            provider,
        })
    }

    /// Asks the provider. `send_by` is the latest moment, by the process clock, at which the call
    /// itself may begin to be written.
    pub(crate) async fn ask(
        &self,
        contract: &TaxContract,
        operation: &TaxOperation,
        send_by: Option<Timestamp>,
    ) -> Result<TaxOutcome, Fault> {
        let call = Call {
            settings: &contract.settings,
            at: self.now(),
            server_ip: &self.config().server_ip,
        };
        let mut exchange =
            contract
                .provider
                .begin(operation, &call)
                .map_err(|error| match error {
                    BeginError::Unsupported(message) => Fault::from(TaxFault::Provider {
                        code: "NARU_UNSUPPORTED".to_owned(),
                        message,
                    }),
                    BeginError::Invalid { field, message } => {
                        Fault::invalid(format!("`{field}` {message}"))
                    }
                    BeginError::Settings(error) => Fault::internal(error.to_string()),
                })?;
        let mut input = Input::Start;
        loop {
            let mut request = match exchange.step(input) {
                Step::Done(outcome) => return Ok(outcome),
                Step::Send(request) => request,
            };
            let left_ms = send_by.map(|at| at.as_millis() - self.clock().process().as_millis());
            input = if left_ms.is_some_and(|left| left < 0) {
                Input::Failed(SendError {
                    sent: Sent::No,
                    detail: "the request's own deadline had passed before it was sent".to_owned(),
                })
            } else {
                request.write_within_ms = left_ms.and_then(|left| u32::try_from(left).ok());
                match self.inner.parts.pg_transport.send(request).await {
                    Ok(answer) => Input::Answered(answer),
                    Err(error) => Input::Failed(error),
                }
            };
        }
    }
}
