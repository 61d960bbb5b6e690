//! Issues in windows as the V1 face names them: by an `imp_uid`, and by a `merchant_uid` that many
//! issues may have. They are read as payments there; nothing here makes a payment of one.
//!
//! The id of such an issue begins with a hash of its `merchant_uid`, so that those of one are found
//! by the key of the table, at once and without a table of their own.

use naru_domain::billing_key::{BillingKey, NamedIssue};
use naru_domain::{BillingKeyId, StoreId};
use naru_store::{Condition, Direction, Query, tables};

use crate::auth::hash_secret;
use crate::records::{BillingKeyRecord, ImpUidRecord, Subject};
use crate::{Engine, Fault};

/// Issues of one `merchant_uid` that are read, the newest.
const ISSUES_MAX: u32 = 1_000;

/// What the ids of the issues of a `merchant_uid` begin with. Hashed, since a PG is shown the id
/// and takes less than a merchant may write.
pub(crate) fn issues_prefix(merchant_uid: &str) -> String {
    format!("saving-{}-", hash_secret(merchant_uid))
}

impl Engine {
    /// The issue of this `imp_uid`, if one has it.
    pub async fn issue_of_imp_uid(
        &self,
        store_id: &StoreId,
        imp_uid: &str,
    ) -> Result<Option<BillingKey>, Fault> {
        let found = self.store().load::<ImpUidRecord>(vec![imp_uid.into()]);
        let record = found.await?.map(|found| found.value);
        let record = record
            .filter(|record| record.subject == Subject::BillingKey && record.store_id == *store_id);
        let Some(record) = record else {
            return Ok(None);
        };
        let id = BillingKeyId::new(record.subject_id);
        let key = self.load_key(store_id, &id).await?;
        Ok(key
            .map(|found| found.value.0)
            .filter(|key| key.named_issue().is_some()))
    }

    /// The issues of this `merchant_uid`, oldest first.
    pub async fn issues_of_merchant_uid(
        &self,
        store_id: &StoreId,
        merchant_uid: &str,
    ) -> Result<Vec<BillingKey>, Fault> {
        let query = Query::of(&tables::BILLING_KEYS, ISSUES_MAX)
            .and(Condition::Is("store_id", store_id.as_str().into()))
            .and(Condition::Prefix(
                "billing_key",
                issues_prefix(merchant_uid),
            ))
            .by("billing_key", Direction::Descending);
        let found = self.store().list::<BillingKeyRecord>(query).await?;
        let is_named = |named: NamedIssue<'_>| named.merchant_uid == merchant_uid;
        let mut issues: Vec<_> = found
            .into_iter()
            .map(|found| found.value.0)
            .filter(|key| key.named_issue().is_some_and(is_named))
            .collect();
        issues.reverse();
        Ok(issues)
    }
}
