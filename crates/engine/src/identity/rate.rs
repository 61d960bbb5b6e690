//! Messages by address: one address of a customer may cause so many in ten minutes.
//!
//! The count is changed in the commit of the intent, so it holds for all nodes and is exact. Only
//! an address that the merchant named is counted: where none was, the caller's stands in for the
//! PG, and that is a server that speaks for many customers.

use naru_domain::StoreId;
use naru_store::{Commit, Versioned};

use crate::records::IdentityRateRecord;
use crate::{Engine, Fault};

/// How long a count lasts, in seconds of the business clock.
const WINDOW_S: i64 = 600;

impl Engine {
    /// The keyed hash that stands for an address.
    pub(super) fn address_key(&self, store_id: &StoreId, address: &str) -> String {
        let parts = [store_id.as_str(), "address", address].map(str::as_bytes);
        self.keys().person_key(&parts)
    }

    /// Counts one more message, unless there were too many.
    pub(super) async fn count_message(
        &self,
        unit: &mut Commit,
        store_id: &StoreId,
        address_key: Option<&str>,
    ) -> Result<(), Fault> {
        let Some(address_key) = address_key else {
            return Ok(());
        };
        let key = vec![store_id.as_str().into(), address_key.into()];
        let found: Option<Versioned<IdentityRateRecord>> = self.store().load(key).await?;
        let now = self.now();
        let value = match &found {
            Some(found) if now < found.value.expires_at => {
                if found.value.count >= self.config().identity_messages_per_address_max {
                    let left = found.value.expires_at.as_seconds() - now.as_seconds();
                    return Err(Fault::TooManyRequests {
                        retry_after_s: left.max(1),
                    });
                }
                IdentityRateRecord {
                    count: found.value.count + 1,
                    ..found.value.clone()
                }
            }
            Some(_) | None => IdentityRateRecord {
                store_id: store_id.clone(),
                address_key: address_key.to_owned(),
                count: 1,
                expires_at: now.plus_seconds(WINDOW_S),
            },
        };
        match found.map(|found| found.version) {
            Some(version) => unit.update(&Versioned { version, value })?,
            None => unit.insert(&value)?,
        }
        Ok(())
    }
}
