//! Stores and sub-stores.

use std::sync::Arc;

use naru_domain::{MerchantId, StoreId};
use naru_store::{Commit, CommitError, Condition, Query, tables};

use crate::records::{StoreRecord, UserCodeRecord, seoul};
use crate::{Engine, Fault};

/// A store to create. Ids are made where they are not given.
#[derive(Debug, Clone, Default)]
pub struct NewStore {
    /// For people.
    pub name: String,
    /// `store-…`.
    pub id: Option<StoreId>,
    /// `merchant-…`; a sub-store has its parent's.
    pub merchant_id: Option<MerchantId>,
    /// The store that it is a sub-store of.
    pub parent: Option<StoreId>,
}

impl Engine {
    /// Creates a store.
    pub async fn create_store(&self, new: NewStore) -> Result<StoreRecord, Fault> {
        if new.name.trim().is_empty() {
            return Err(Fault::invalid("`name` must not be empty"));
        }
        let parent = match &new.parent {
            None => None,
            Some(id) => Some(self.existing_store(id).await?),
        };
        if parent
            .as_ref()
            .is_some_and(|parent| parent.parent.is_some())
        {
            return Err(Fault::invalid(
                "`parent` is itself a sub-store; there is only one level",
            ));
        }
        let merchant_id = parent.map(|parent| parent.merchant_id).or(new.merchant_id);
        let record = StoreRecord {
            id: new
                .id
                .unwrap_or_else(|| StoreId::new(format!("store-{}", self.random_uuid()))),
            merchant_id: merchant_id
                .unwrap_or_else(|| MerchantId::new(format!("merchant-{}", self.random_uuid()))),
            parent: new.parent,
            name: new.name,
            created_at: self.now(),
            tier: None,
            user_code: None,
            time_zone: seoul(),
        };
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&record)?;
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                Ok(record)
            }
            Err(CommitError::Conflict(_)) => Err(Fault::invalid("`id` is taken")),
            Err(error) => Err(error.into()),
        }
    }

    /// All stores, up to a thousand.
    pub async fn stores(&self) -> Result<Vec<StoreRecord>, Fault> {
        let found = self
            .store()
            .list::<StoreRecord>(Query::of(&tables::STORES, 1_000))
            .await?;
        Ok(found.into_iter().map(|one| one.value).collect())
    }

    /// A store that must exist.
    pub async fn existing_store(&self, id: &StoreId) -> Result<StoreRecord, Fault> {
        let found = self
            .store()
            .load::<StoreRecord>(vec![id.as_str().into()])
            .await?;
        found.map(|found| found.value).ok_or_else(|| no_store(id))
    }

    /// Sets the time zone whose hours a store's charts count.
    pub async fn set_time_zone(&self, id: &StoreId, name: &str) -> Result<StoreRecord, Fault> {
        crate::analytics::zone(name)?;
        let found = self
            .store()
            .load::<StoreRecord>(vec![id.as_str().into()])
            .await?;
        let mut found = found.ok_or_else(|| no_store(id))?;
        name.clone_into(&mut found.value.time_zone);
        self.change(found).await
    }

    /// Names a sub-store for the `Tier` header of the V1 face.
    pub async fn set_tier(&self, id: &StoreId, tier: &str) -> Result<StoreRecord, Fault> {
        let is_code = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
        if tier.len() != 3 || !tier.bytes().all(is_code) {
            return Err(Fault::invalid(
                "`tier` must be three capital letters or digits",
            ));
        }
        let found = self
            .store()
            .load::<StoreRecord>(vec![id.as_str().into()])
            .await?;
        let mut found = found.ok_or_else(|| no_store(id))?;
        let Some(parent) = &found.value.parent else {
            return Err(Fault::invalid(format!("`{id}` is no sub-store")));
        };
        let query = Query::of(&tables::STORES, 1_000)
            .and(Condition::Is("parent_id", parent.as_str().into()));
        let siblings = self.store().list::<StoreRecord>(query).await?;
        let is_taken = |one: &StoreRecord| one.id != *id && one.tier.as_deref() == Some(tier);
        if siblings.iter().any(|one| is_taken(&one.value)) {
            return Err(Fault::invalid(format!(
                "`{tier}` is the tier of another sub-store"
            )));
        }
        found.value.tier = Some(tier.to_owned());
        self.change(found).await
    }

    /// Names a store for the V1 browser SDK. It keeps the code for good: pages hold it.
    pub async fn set_user_code(&self, id: &StoreId, code: &str) -> Result<StoreRecord, Fault> {
        let digits = code.strip_prefix("imp").unwrap_or_default();
        if !(6..=20).contains(&digits.len()) || !digits.bytes().all(|c| c.is_ascii_digit()) {
            return Err(Fault::invalid(
                "`userCode` must be `imp` and 6 to 20 digits",
            ));
        }
        let found = self
            .store()
            .load::<StoreRecord>(vec![id.as_str().into()])
            .await?;
        let mut found = found.ok_or_else(|| no_store(id))?;
        match &found.value.user_code {
            Some(own) if own == code => return Ok(found.value),
            Some(own) => {
                return Err(Fault::invalid(format!(
                    "the store has the user code `{own}` already, which its pages hold"
                )));
            }
            None => {}
        }
        if found.value.parent.is_some() {
            return Err(Fault::invalid(
                "a sub-store is named by its parent's user code and its tier",
            ));
        }
        found.value.user_code = Some(code.to_owned());
        let mut unit = Commit::new(self.new_uuid());
        unit.insert(&UserCodeRecord {
            user_code: code.to_owned(),
            store_id: id.clone(),
        })?;
        unit.update(&found)?;
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                Ok(found.value)
            }
            Err(CommitError::Conflict(_)) => Err(Fault::invalid(
                "`userCode` is another store's, or the store was changed just now",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// The store that a page of V1 names, or its sub-store.
    pub async fn store_of_user_code(
        &self,
        code: &str,
        tier: Option<&str>,
    ) -> Result<Option<Arc<StoreRecord>>, Fault> {
        let key = vec![code.into()];
        let Some(found) = self.store().load::<UserCodeRecord>(key).await? else {
            return Ok(None);
        };
        match tier {
            None => self.store_record(&found.value.store_id).await,
            Some(tier) => self.sub_store(&found.value.store_id, tier).await,
        }
    }

    /// A UUID v4, for ids that need no order.
    pub(crate) fn random_uuid(&self) -> uuid::Uuid {
        let mut bytes = [0_u8; 16];
        self.entropy().fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

fn no_store(id: &StoreId) -> Fault {
    Fault::invalid(format!("`{id}` is no store; see `naru stores list`"))
}
