//! What the V1 face alone needs: its keys, its tokens, and the ids that it gives to attempts.

use naru_domain::{AttemptId, ImpUid, StoreId, Timestamp};
use naru_store::{Record, Table, Value, tables};
use serde::{Deserialize, Serialize};

use super::Subject;

/// A V1 key: what a merchant's server exchanges for a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct V1KeyRecord {
    /// The `imp_key`.
    pub imp_key: String,
    /// SHA-256 of the `imp_secret`, hex: it has enough entropy that no slow hash is needed.
    pub secret_hash: String,
    /// Names the key in the administration.
    pub id: String,
    /// Whose it is.
    pub store_id: StoreId,
    /// For people.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it stops working, by the business clock.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl Record for V1KeyRecord {
    const TABLE: &'static Table = &tables::V1_KEYS;

    fn key(&self) -> Vec<Value> {
        vec![self.imp_key.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into(), self.id.as_str().into()]
    }
}

/// The live token of a V1 key. The token itself is not here: it follows from the nonce and a
/// server key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct V1TokenRecord {
    /// Which key's.
    pub imp_key: String,
    /// What tells it from the key's other tokens, hex.
    pub nonce: String,
    /// SHA-256 of the token, hex.
    pub token_hash: String,
    /// Until when, by the business clock.
    pub expires_at: Timestamp,
}

impl Record for V1TokenRecord {
    const TABLE: &'static Table = &tables::V1_TOKENS;

    fn key(&self) -> Vec<Value> {
        vec![self.imp_key.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.token_hash.as_str().into()]
    }
}

/// From an `imp_uid` to the attempt that it names.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImpUidRecord {
    /// The id.
    pub imp_uid: ImpUid,
    /// The attempt.
    pub attempt: AttemptId,
    /// Store.
    pub store_id: StoreId,
    /// Payment, or the issue of a billing key.
    #[serde(rename = "payment_id")]
    pub subject_id: String,
    /// Which of them.
    #[serde(default = "payment")]
    pub subject: Subject,
}

/// What every row was about before issues had such ids.
const fn payment() -> Subject {
    Subject::Payment
}

impl Record for ImpUidRecord {
    const TABLE: &'static Table = &tables::IMP_UIDS;

    fn key(&self) -> Vec<Value> {
        vec![self.imp_uid.as_str().into()]
    }

    fn columns(&self) -> Vec<Value> {
        vec![self.store_id.as_str().into()]
    }
}

#[cfg(test)]
mod tests {
    use naru_store::Record as _;

    use super::*;

    #[test]
    fn a_row_from_before_issues_is_about_a_payment() {
        let row = r#"{
            "imp_uid": "imps_000000000001", "store_id": "store-1", "payment_id": "order-1",
            "attempt": "0190b6b3-7c00-7000-8000-000000000001"
        }"#;
        let record: ImpUidRecord = serde_json::from_str(row).unwrap();
        assert_eq!(record.subject, Subject::Payment);
        assert_eq!(record.subject_id, "order-1");
        assert_eq!(record.key(), vec!["imps_000000000001".into()]);
    }
}
