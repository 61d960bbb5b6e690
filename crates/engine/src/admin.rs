//! Administration: stores, API secrets, channels, channel groups, webhook endpoints, the clock.

mod backup;
mod channels;
mod endpoints;
mod payments;
mod profiles;
mod promotions;
mod routing;
mod secrets;
mod settings;
mod stores;
mod v1_keys;

pub(crate) use channels::MANUAL_CONFIRM;
pub use channels::NewChannel;
pub use endpoints::NewEndpoint;
pub use payments::{DisputesView, NewDispute};
pub use promotions::{NewPromotion, PromotionAct};
pub use routing::{ChannelGroupChange, NewChannelGroup};
pub use secrets::{NewSecret, SecretMade};
pub use stores::NewStore;
pub use v1_keys::{NewV1Key, V1_KEY_PREFIX, V1KeyMade};

use naru_store::{Commit, Record, Versioned};

use crate::{Engine, Fault};

impl Engine {
    /// Commits a changed administrative record. Two changes at once: the second is told.
    async fn change<R: Record>(&self, changed: Versioned<R>) -> Result<R, Fault> {
        let mut unit = Commit::new(self.new_uuid());
        unit.update(&changed)?;
        match self.commit(unit).await {
            Ok(()) => {
                self.forget_directory();
                Ok(changed.value)
            }
            Err(naru_store::CommitError::Conflict(_)) => Err(Fault::invalid(
                "somebody else changed it at the same time; try again",
            )),
            Err(error) => Err(error.into()),
        }
    }
}
