//! Checkout profiles as an administrator makes and changes them.

use naru_domain::StoreId;
use naru_domain::checkout::{CheckoutMethod, CheckoutProfile};
use naru_store::{Commit, Condition, Direction, Query, Versioned, tables};

use crate::records::CheckoutProfileRecord;
use crate::{Engine, Fault};

/// Profiles in a list.
const PROFILES_MAX: u32 = 1_000;

impl Engine {
    /// Creates a profile without methods.
    pub async fn create_profile(
        &self,
        store_id: &StoreId,
        (name, is_test): (String, bool),
    ) -> Result<CheckoutProfile, Fault> {
        let store = self.existing_store(store_id).await?;
        if name.trim().is_empty() {
            return Err(Fault::invalid("`name` must not be empty"));
        }
        let kind = if is_test { "test" } else { "live" };
        let profile = CheckoutProfile {
            key: format!("checkout-profile-{kind}-{}", self.random_uuid()),
            store_id: store.id,
            name,
            is_test,
            methods: Vec::new(),
            created_at: self.now(),
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&CheckoutProfileRecord(profile.clone()))?;
        self.commit(unit).await?;
        Ok(profile)
    }

    /// The profiles of a store, the newest first.
    pub async fn checkout_profiles(
        &self,
        store_id: &StoreId,
    ) -> Result<Vec<CheckoutProfile>, Fault> {
        let query = Query::of(&tables::CHECKOUT_PROFILES, PROFILES_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()))
            .by("created_at", Direction::Descending);
        let found = self.store().list::<CheckoutProfileRecord>(query).await?;
        Ok(found.into_iter().map(|one| one.value.0).collect())
    }

    /// A profile that must exist.
    pub async fn existing_profile(&self, key: &str) -> Result<CheckoutProfile, Fault> {
        Ok(self.profile_row(key).await?.value.0)
    }

    async fn profile_row(&self, key: &str) -> Result<Versioned<CheckoutProfileRecord>, Fault> {
        self.load_profile(key).await?.ok_or_else(|| {
            Fault::invalid(format!("`{key}` is no profile; see `naru profiles list`"))
        })
    }

    /// Sets what a profile says of a method; a new one goes to the end.
    pub async fn set_profile_method(
        &self,
        key: &str,
        method: CheckoutMethod,
    ) -> Result<CheckoutProfile, Fault> {
        let mut found = self.profile_row(key).await?;
        let profile = &mut found.value.0;
        let store = self.existing_store(&profile.store_id).await?;
        let channel = match self.channel_for(&store, &method.channel).await {
            Err(Fault::ChannelNotFound) => {
                return Err(Fault::invalid(format!(
                    "`{}` is no channel of the store; see `naru channels list`",
                    method.channel
                )));
            }
            other => other?,
        };
        if channel.record.is_test != profile.is_test {
            return Err(Fault::invalid(
                "a live profile takes live channels and a test profile test channels",
            ));
        }
        if let (Some(least), Some(most)) = (method.amount_min, method.amount_max)
            && least > most
        {
            return Err(Fault::invalid("`amountMin` must not exceed `amountMax`"));
        }
        match profile
            .methods
            .iter_mut()
            .find(|one| one.method == method.method)
        {
            Some(known) => *known = method,
            None => profile.methods.push(method),
        }
        Ok(self.change(found).await?.0)
    }

    /// Takes a method out of a profile.
    pub async fn remove_profile_method(
        &self,
        key: &str,
        method: &str,
    ) -> Result<CheckoutProfile, Fault> {
        let mut found = self.profile_row(key).await?;
        let methods = &mut found.value.0.methods;
        let before = methods.len();
        methods.retain(|one| one.method != method);
        if methods.len() == before {
            return Err(Fault::invalid(format!("the profile has no `{method}`")));
        }
        Ok(self.change(found).await?.0)
    }
}
