//! Which stores have their settlements collected.

use naru_domain::{Day, StoreId};
use naru_store::{Commit, Versioned, Write, tables};

use super::zone_of;
use crate::records::{EnrolmentRecord, StoreRecord};
use crate::{Engine, Fault};

impl Engine {
    /// Begins to collect a store's settlements; its sub-stores' with it. Again, with another day,
    /// moves the beginning.
    pub async fn enrol(
        &self,
        store_id: &StoreId,
        collected_from: Option<Day>,
    ) -> Result<EnrolmentRecord, Fault> {
        let store = self.existing_store(store_id).await?;
        let now = self.now();
        let found = self.enrolment_of(store_id).await?;
        let today = Day::of(now, &zone_of(&store));
        let mut unit = Commit::new(self.new_uuid());
        let value = match &found {
            Some(found) => EnrolmentRecord {
                collected_from: collected_from.unwrap_or(found.value.collected_from),
                ..found.value.clone()
            },
            None => EnrolmentRecord {
                store_id: store_id.clone(),
                collected_from: collected_from.unwrap_or(today),
                enrolled_at: now,
            },
        };
        match found {
            Some(found) => unit.update(&Versioned {
                version: found.version,
                value: value.clone(),
            })?,
            None => unit.insert(&value)?,
        }
        self.commit(unit).await.map_err(|error| match error {
            naru_store::CommitError::Conflict(_) => {
                Fault::invalid("somebody else changed it at the same time; try again")
            }
            other => other.into(),
        })?;
        Ok(value)
    }

    /// Collects a store's settlements no more. What was imported stays.
    pub async fn withdraw(&self, store_id: &StoreId) -> Result<(), Fault> {
        self.existing_store(store_id).await?;
        let mut unit = Commit::new(self.new_uuid());
        unit.writes.push(Write::Delete {
            table: &tables::ENROLMENTS,
            key: vec![store_id.as_str().into()],
            expected: None,
        });
        Ok(self.commit(unit).await?)
    }

    async fn enrolment_of(
        &self,
        store_id: &StoreId,
    ) -> Result<Option<Versioned<EnrolmentRecord>>, Fault> {
        Ok(self.store().load(vec![store_id.as_str().into()]).await?)
    }

    /// Refuses a store whose settlements are not collected.
    pub async fn enrolled(&self, store: &StoreRecord) -> Result<(), Fault> {
        match self.enrolment(store).await? {
            Some(_) => Ok(()),
            None => Err(Fault::NotEnrolled),
        }
    }

    /// A store's enrolment: its own, else its parent's.
    pub async fn enrolment(&self, store: &StoreRecord) -> Result<Option<EnrolmentRecord>, Fault> {
        if let Some(own) = self.enrolment_of(&store.id).await? {
            return Ok(Some(own.value));
        }
        let Some(parent) = &store.parent else {
            return Ok(None);
        };
        Ok(self.enrolment_of(parent).await?.map(|found| found.value))
    }
}
