//! What the V1 face reads payments by: the id of an attempt, the billing key, the PG's name.

use naru_domain::payment::Payment;
use naru_domain::{AttemptId, BillingKeyId, Face, ImpUid, MethodKind, PaymentId, StoreId};
use naru_store::{Condition, tables};

use super::read::PaymentView;
use crate::entropy::below;
use crate::list::{Join, ListFilter, Page, PageOf};
use crate::records::{AttemptRecord, ImpUidRecord, PaymentRecord, Subject};
use crate::{Engine, Fault};

/// Twelve digits.
const NUMBERS: u64 = 1_000_000_000_000;

const PAYMENT_WORDS: Join = &[("store_id", "store_id"), ("payment_id", "subject_id")];

impl Engine {
    /// The id of a new attempt, if the V1 face makes it. Whether it is taken shows at the commit;
    /// whoever begins again draws again.
    pub(crate) fn new_imp_uid(&self, face: Face, method: MethodKind) -> Option<ImpUid> {
        let prefix = match (face, method) {
            (Face::V2, _) => return None,
            (Face::V1, MethodKind::Card) => "imps_",
            (
                Face::V1,
                MethodKind::VirtualAccount
                | MethodKind::Transfer
                | MethodKind::Mobile
                | MethodKind::GiftCertificate
                | MethodKind::EasyPay,
            ) => "imp_",
        };
        Some(ImpUid::new(self.numbered(prefix)))
    }

    /// An `imp_uid` of what begins in a window.
    pub(crate) fn window_imp_uid(&self) -> ImpUid {
        ImpUid::new(self.numbered("imp_"))
    }

    /// The same, where the V1 face opens the window.
    pub(crate) fn window_imp_uid_on(&self, face: Face) -> Option<ImpUid> {
        match face {
            Face::V1 => Some(self.window_imp_uid()),
            Face::V2 => None,
        }
    }

    fn numbered(&self, prefix: &str) -> String {
        let number = below(self.entropy(), NUMBERS);
        format!("{prefix}{number:012}")
    }

    /// The payment and its attempt that an `imp_uid` names, if one of this store's does.
    pub async fn payment_of_imp_uid(
        &self,
        store_id: &StoreId,
        imp_uid: &str,
    ) -> Result<Option<(Payment, AttemptId)>, Fault> {
        let Some((payment_id, attempt)) = self.attempt_of_imp_uid(store_id, imp_uid).await? else {
            return Ok(None);
        };
        let found = self
            .payment_of_attempt(store_id, &payment_id, attempt)
            .await?;
        Ok(found.map(|payment| (payment, attempt)))
    }

    /// The ids of what an `imp_uid` names, if this store has it. They never change.
    pub async fn attempt_of_imp_uid(
        &self,
        store_id: &StoreId,
        imp_uid: &str,
    ) -> Result<Option<(PaymentId, AttemptId)>, Fault> {
        let named = self.named_by(imp_uid).await?;
        Ok(named
            .filter(|(owner, ..)| owner == store_id)
            .map(|(_, payment_id, attempt)| (payment_id, attempt)))
    }

    /// A payment, if it has this attempt.
    pub async fn payment_of_attempt(
        &self,
        store_id: &StoreId,
        payment_id: &PaymentId,
        attempt: AttemptId,
    ) -> Result<Option<Payment>, Fault> {
        let found = self.load_payment(store_id, payment_id).await?;
        Ok(found
            .map(|found| found.value.0)
            .filter(|payment| payment.attempt(attempt).is_some()))
    }

    async fn named_by(
        &self,
        imp_uid: &str,
    ) -> Result<Option<(StoreId, PaymentId, AttemptId)>, Fault> {
        if imp_uid.starts_with("imp") {
            let key = vec![imp_uid.into()];
            let found = self.store().load::<ImpUidRecord>(key).await?;
            let record = found.map(|found| found.value);
            let record = record.filter(|record| record.subject == Subject::Payment);
            return Ok(record.map(|record| {
                let payment_id = PaymentId::new(record.subject_id);
                (record.store_id, payment_id, record.attempt)
            }));
        }
        let Some(attempt) = AttemptId::from_order_id(&imp_uid.replace('-', "")) else {
            return Ok(None);
        };
        let key = vec![attempt.order_id().into()];
        let found = self.store().load::<AttemptRecord>(key).await?;
        let record = found.map(|found| found.value);
        let record = record.filter(|record| record.subject == Subject::Payment);
        Ok(record.map(|record| {
            let payment_id = PaymentId::new(record.subject_id);
            (record.store_id, payment_id, record.attempt)
        }))
    }

    /// A page of the payments that a billing key made, found through the search index, which is
    /// filled a second after the commit at most.
    pub async fn payments_of_key(
        &self,
        filter: &ListFilter,
        key: &BillingKeyId,
        page: Page,
    ) -> Result<PageOf<PaymentView>, Fault> {
        let word = Condition::Exists {
            table: &tables::SEARCH,
            on: PAYMENT_WORDS,
            filter: vec![
                Condition::Is("subject", Subject::Payment.name().into()),
                Condition::Is("field", "BILLING_KEY".into()),
                Condition::Is("value", crate::search::fold(key.as_str()).into()),
            ],
        };
        let found = self
            .list_page::<PaymentRecord>(filter, vec![word], page)
            .await?;
        let payments = found.items.into_iter().map(|record| record.0).collect();
        Ok(PageOf {
            items: self.payment_views(payments).await?,
            total_count: found.total_count,
        })
    }
}
