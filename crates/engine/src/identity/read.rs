//! Reading and listing. Who it was is opened for the answer only.

use naru_domain::identity::{IdentityState, IdentityVerification};
use naru_domain::{AttemptId, IdentityVerificationId, StoreId};
use naru_store::{Condition, tables};

use super::{RequestedPerson, VerifiedPerson};
use crate::list::{Join, ListFilter, Listed, Page, PageOf};
use crate::records::{IdentityRecord, Subject};
use crate::{Engine, Fault};

/// The field of the search index that leads from an attempt's id to its verification.
pub(super) const TX_ID: &str = "TX_ID";

/// A verification and its words.
const WORDS: Join = &[("store_id", "store_id"), ("verification_id", "subject_id")];

impl Listed for IdentityRecord {}

/// An identity verification as readers see it.
#[derive(Debug, Clone)]
pub struct IdentityView {
    /// The verification.
    pub verification: IdentityVerification,
    /// Who is shown with it.
    pub person: IdentityPersonView,
}

/// The person of the shown attempt.
#[derive(Debug, Clone)]
pub enum IdentityPersonView {
    /// As the merchant said.
    Requested(RequestedPerson),
    /// As the PG said.
    Verified(Box<VerifiedPerson>),
}

/// A list asked for.
#[derive(Debug, Clone)]
pub struct IdentityFilter {
    /// What every list has.
    pub list: ListFilter,
    /// Any attempt's id.
    pub attempt: Option<AttemptId>,
}

impl Engine {
    /// `GET /identity-verifications/{identityVerificationId}`.
    pub async fn identity_verification(
        &self,
        store_id: &StoreId,
        id: &IdentityVerificationId,
    ) -> Result<IdentityView, Fault> {
        let found = self
            .load_identity((store_id, id))
            .await?
            .ok_or(Fault::IdentityVerificationNotFound)?;
        self.open_identity(found.value.0)
    }

    /// `GET /identity-verifications`.
    pub async fn identity_verifications(
        &self,
        filter: &IdentityFilter,
        page: Page,
    ) -> Result<PageOf<IdentityView>, Fault> {
        let further = filter.attempt.map(|attempt| Condition::Exists {
            table: &tables::SEARCH,
            on: WORDS,
            filter: vec![
                Condition::Is("subject", Subject::IdentityVerification.name().into()),
                Condition::Is("field", TX_ID.into()),
                Condition::Is("value", attempt.to_string().into()),
            ],
        });
        let found = self
            .list_page::<IdentityRecord>(&filter.list, further.into_iter().collect(), page)
            .await?;
        let items = found
            .items
            .into_iter()
            .map(|record| self.open_identity(record.0));
        Ok(PageOf {
            items: items.collect::<Result<_, _>>()?,
            total_count: found.total_count,
        })
    }

    /// Opens what readers may see.
    pub fn open_identity(&self, verification: IdentityVerification) -> Result<IdentityView, Fault> {
        let place = (&verification.store_id, &verification.id);
        let shown = verification
            .shown()
            .ok_or_else(|| Fault::internal("an identity verification without an attempt"))?;
        let person = match &shown.state {
            IdentityState::Verified { person, .. } => {
                IdentityPersonView::Verified(Box::new(self.open_person(place, person)?))
            }
            IdentityState::Sending | IdentityState::Sent { .. } | IdentityState::Failed { .. } => {
                IdentityPersonView::Requested(self.open_person(place, &shown.person)?)
            }
        };
        Ok(IdentityView {
            verification,
            person,
        })
    }
}
