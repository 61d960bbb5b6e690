//! Receipts that the PG issues with a deposit follow their payment's money, in its commit.

use naru_domain::Amount;
use naru_domain::cash_receipt::{CashReceipt, ReceiptEvent, ReceiptRefusal, ReceiptState, begin};
use naru_domain::payment::{Payment, PaymentReceipt};
use naru_store::Commit;

use super::shown;
use crate::{Engine, Fault};

/// The receipt of a payment that came with its money.
pub(crate) fn own_receipt(payment: &Payment) -> Option<&PaymentReceipt> {
    shown(payment).filter(|receipt| !receipt.is_manual)
}

impl Engine {
    /// Adds to the unit of a payment's decision what it means for the receipt that came with its
    /// money. `before` is that receipt as the payment showed it.
    pub(crate) async fn follow_receipt(
        &self,
        unit: &mut Commit,
        before: Option<&PaymentReceipt>,
        payment: &Payment,
    ) -> Result<(), Fault> {
        let after = own_receipt(payment);
        if before == after {
            return Ok(());
        }
        let place = (&payment.store_id, &payment.id);
        let found = self.load_receipt(place).await?;
        let kept = found.as_ref().map(|found| &found.value.0);
        let decided = match (before, after) {
            (None, Some(new)) => match came_with(payment, new) {
                Some(new) => begin(kept, new),
                None => return Ok(()),
            },
            // The payment shows a cancelled one no more once the merchant has asked for another.
            (Some(old), None) if old.cancelled_at.is_some() => return Ok(()),
            (Some(_), None) => followed(kept, Amount::ZERO, payment),
            (Some(_), Some(new)) if new.cancelled_at.is_some() => {
                followed(kept, Amount::ZERO, payment)
            }
            (Some(_), Some(new)) => followed(kept, new.amount, payment),
            (None, None) => return Ok(()),
        };
        match decided {
            Ok(event) => {
                self.add_receipt_event(unit, found, &event)?;
                Ok(())
            }
            Err(ReceiptRefusal::NothingToDo) => Ok(()),
            Err(refusal) => {
                // The payment shows it; the record stays with what was asked for by itself.
                tracing::error!(
                    payment.id = %payment.id, ?refusal,
                    "a deposit brought a cash receipt beside another: look at the payment \
                     gateway's pages, one of them may have to be cancelled"
                );
                Ok(())
            }
        }
    }
}

/// What the money's way means for the receipt.
fn followed(
    kept: Option<&CashReceipt>,
    rest: Amount,
    payment: &Payment,
) -> Result<ReceiptEvent, ReceiptRefusal> {
    let kept = kept.ok_or(ReceiptRefusal::NothingToDo)?;
    let cancelled_at = shown(payment).and_then(|receipt| receipt.cancelled_at);
    kept.follow(rest, cancelled_at.unwrap_or(payment.updated_at))
}

/// The receipt of a payment's money, as a record of its own.
fn came_with(payment: &Payment, new: &PaymentReceipt) -> Option<CashReceipt> {
    let (attempt, _) = payment.captured()?;
    let issued = new.issued.clone();
    Some(CashReceipt {
        merchant_id: payment.merchant_id.clone(),
        store_id: payment.store_id.clone(),
        payment_id: payment.id.clone(),
        channel: attempt.channel.clone(),
        order_name: attempt.order.name.clone(),
        amount: new.amount,
        currency: attempt.order.currency.clone(),
        kind: new.kind,
        is_manual: false,
        identity: None,
        send_by: attempt.send_by,
        requested_at: attempt.requested_at,
        status_changed_at: issued.at,
        state: ReceiptState::Issued {
            issued,
            cancelling: false,
        },
        event_count: 0,
    })
}
