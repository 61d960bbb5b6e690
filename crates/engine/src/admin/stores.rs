//! Stores and sub-stores.

use naru_domain::{MerchantId, StoreId};
use naru_store::{Commit, CommitError, Condition, Query, tables};

use crate::records::{StoreRecord, seoul};
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
