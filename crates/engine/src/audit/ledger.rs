//! Each entry of the ledger is a movement that its payment knows.

use naru_domain::payment::{AttemptState, CancellationState, Payment};
use naru_store::{Condition, Query, tables};

use super::{At, AuditPage, Rows};
use crate::records::LedgerRecord;
use crate::{Engine, Fault};

impl Engine {
    pub(super) async fn audit_ledger(&self, at: At<'_>) -> Result<AuditPage, Fault> {
        let (store_id, after, limit) = at;
        let mut query = Query::of(&tables::LEDGER, limit)
            .and(Condition::Is("store_id", store_id.as_str().into()));
        if let Some(after) = after {
            let position: i64 = after
                .parse()
                .map_err(|_| Fault::invalid("`after`: expected what the page before gave"))?;
            query = query.and(Condition::Above("position", position.into()));
        }
        let found = self.store().list::<LedgerRecord>(query).await?;
        let rows = Rows {
            is_last: found.len() < limit as usize,
            rows: found.into_iter().map(|one| one.value).collect(),
        };
        let mut page = rows.page(|row| row.position.to_string());
        for entry in &rows.rows {
            let payment = self.load_payment(store_id, &entry.payment_id).await?;
            let is_known = payment.is_some_and(|found| moved(&found.value.0, entry));
            if !is_known {
                let text = format!(
                    "the ledger has {} {} at {}, which the payment does not know",
                    entry.amount, entry.currency, entry.money_at
                );
                page.find(entry.payment_id.as_str(), text);
            }
        }
        Ok(page)
    }
}

/// Whether the payment knows of the movement, to the won.
fn moved(payment: &Payment, entry: &LedgerRecord) -> bool {
    match entry.cancellation {
        None => payment.attempt(entry.attempt).is_some_and(|attempt| {
            matches!(
                &attempt.state,
                AttemptState::Captured { capture } if capture.amount == entry.amount
            )
        }),
        Some(id) => payment.cancellations.iter().any(|one| {
            one.id == id
                && matches!(one.state, CancellationState::Succeeded { .. })
                && one.money().total == entry.amount.saturating_neg()
        }),
    }
}
