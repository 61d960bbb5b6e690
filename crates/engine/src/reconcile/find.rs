//! The payment that a line is about: by the PG's transaction id, then by the order id.

use naru_domain::payment::{Attempt, AttemptState, Capture, Payment};
use naru_domain::settlement::{Action, LineKind, Ours, SettlementLine};
use naru_domain::settlement::{our_approval, our_cancellation, tie_cancellation};
use naru_domain::{AttemptId, CancellationId, PaymentId, StoreId, reported_pg};
use naru_store::{Condition, Query, tables};

use super::korea;
use crate::records::{SettledContract, Subject};
use crate::search::fold;
use crate::{Engine, Fault};

/// Payments that one transaction id may be found in.
const SAME_ID_MAX: u32 = 10;

/// A payment and which of its attempts a line is about.
#[derive(Debug, Clone)]
pub(super) struct FoundPayment {
    pub(super) payment: Payment,
    pub(super) attempt: AttemptId,
}

impl FoundPayment {
    fn taken(&self) -> Option<(&Attempt, &Capture)> {
        let attempt = self.payment.attempt(self.attempt)?;
        Some((attempt, capture_of(attempt)?))
    }

    /// Whether its money was to go through this contract.
    pub(super) fn is_of(&self, contract: &SettledContract) -> bool {
        self.payment.attempt(self.attempt).is_some_and(|attempt| {
            let channel = &attempt.channel;
            reported_pg(&channel.pg_provider) == contract.pg
                && channel.pg_merchant_id == contract.pg_merchant_id
        })
    }

    /// Our side of a line, or nothing. A cancellation is tied to one that no line before it was.
    pub(super) fn side(&self, line: &SettlementLine, tied: &[CancellationId]) -> Option<Ours> {
        let (attempt, capture) = self.taken()?;
        match (line.kind, &attempt.state) {
            (LineKind::Approval | LineKind::Correction, _) => {
                Some(our_approval(attempt, capture, &korea()))
            }
            // What was undone was given back whole; when, only the PG knows.
            (LineKind::Cancellation, AttemptState::Reversed { .. }) => Some(Ours {
                action: Action::FullCancel,
                day: line.transacted_on,
                ..our_approval(attempt, capture, &korea())
            }),
            (LineKind::Cancellation, _) => {
                let tied = tie_cancellation(&self.payment, line, tied, &korea())?;
                our_cancellation((attempt, capture), tied, &korea())
            }
        }
    }
}

/// Money that an attempt took, whether or not it was kept.
fn capture_of(attempt: &Attempt) -> Option<&Capture> {
    match &attempt.state {
        AttemptState::Captured { capture }
        | AttemptState::Reversing {
            capture: Some(capture),
            ..
        }
        | AttemptState::Reversed {
            capture: Some(capture),
            ..
        } => Some(capture),
        AttemptState::Ready
        | AttemptState::AwaitingConfirm { .. }
        | AttemptState::Sending
        | AttemptState::Unknown { .. }
        | AttemptState::WaitingForDeposit { .. }
        | AttemptState::Failed { .. }
        | AttemptState::Reversing { capture: None, .. }
        | AttemptState::Reversed { capture: None, .. } => None,
    }
}

impl Engine {
    /// The payment that a line is about, among these stores' alone (P9).
    pub(super) async fn payment_of_line(
        &self,
        stores: &[StoreId],
        line: &SettlementLine,
    ) -> Result<Option<FoundPayment>, Fault> {
        if let Some(found) = self.payment_of_pg_tx(stores, &line.pg_tx_id).await? {
            return Ok(Some(found));
        }
        let Some(order_id) = &line.order_id else {
            return Ok(None);
        };
        let Some(record) = self.attempt_of_order(order_id).await? else {
            return Ok(None);
        };
        if record.subject != Subject::Payment || !stores.contains(&record.store_id) {
            return Ok(None);
        }
        let payment_id = PaymentId::new(record.subject_id);
        let found = self.load_payment(&record.store_id, &payment_id).await?;
        Ok(found.map(|found| FoundPayment {
            payment: found.value.0,
            attempt: record.attempt,
        }))
    }

    async fn payment_of_pg_tx(
        &self,
        stores: &[StoreId],
        pg_tx_id: &str,
    ) -> Result<Option<FoundPayment>, Fault> {
        let stores = stores.iter().map(|store| store.as_str().into()).collect();
        let query = Query::of(&tables::SEARCH, SAME_ID_MAX)
            .and(Condition::In("store_id", stores))
            .and(Condition::Is("subject", Subject::Payment.name().into()))
            .and(Condition::Is("field", "PG_TX_ID".into()))
            .and(Condition::Is("value", fold(pg_tx_id).into()));
        for row in self.store().scan(query).await? {
            let (Some(naru_store::Value::Text(store)), Some(naru_store::Value::Text(payment))) =
                (row.key.first(), row.key.get(2))
            else {
                continue;
            };
            let (store, payment) = (StoreId::new(store), PaymentId::new(payment));
            let Some(found) = self.load_payment(&store, &payment).await? else {
                continue;
            };
            let payment = found.value.0;
            // The index folds case and cuts: the payment itself says.
            let attempt = payment.attempts.iter().find(|attempt| {
                capture_of(attempt).is_some_and(|capture| capture.pg_tx_id == pg_tx_id)
            });
            if let Some(attempt) = attempt.map(|attempt| attempt.id) {
                return Ok(Some(FoundPayment { payment, attempt }));
            }
        }
        Ok(None)
    }
}
