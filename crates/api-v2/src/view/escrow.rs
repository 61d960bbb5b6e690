//! Escrow and the cash receipt of a deposit, as a payment shows them.

use naru_domain::payment::{AttemptState, EscrowState, Payment, PaymentReceipt};
use naru_domain::{Currency, cash_receipt::ReceiptKind};
use naru_engine::Fault;
use naru_wire_v2 as wire;

use super::{known, whole_seconds};

macro_rules! fill {
    ($wire:ident, $shipment:ident $(, $field:ident: $value:expr)?) => {
        wire::$wire {
            applied_at: $shipment.applied_at,
            company: $shipment.company,
            invoice_number: $shipment.invoice_number,
            sent_at: $shipment.sent_at,
            $($field: $value,)?
        }
    };
}

/// The shipment as every state after the first shows it: carrier and number must be there.
#[derive(Default)]
struct Shown {
    applied_at: Option<String>,
    company: String,
    invoice_number: String,
    sent_at: Option<String>,
}

/// Where a payment's escrow stands, if it has one.
pub(super) fn escrow(payment: &Payment) -> Option<wire::PaymentEscrow> {
    let escrow = payment.escrow.as_ref()?;
    let shipment = payment
        .told_shipment()
        .map_or_else(Shown::default, |it| Shown {
            applied_at: Some(it.applied_at.to_string()),
            company: it.company.clone(),
            invoice_number: it.invoice_number.clone(),
            sent_at: Some(it.sent_at.to_string()),
        });
    Some(match escrow.state {
        EscrowState::BeforeRegistered => {
            wire::PaymentEscrow::BeforeRegistered(wire::BeforeRegisteredPaymentEscrow {})
        }
        EscrowState::Registered => {
            wire::PaymentEscrow::Registered(fill!(RegisteredPaymentEscrow, shipment))
        }
        EscrowState::Delivered => {
            wire::PaymentEscrow::Delivered(fill!(DeliveredPaymentEscrow, shipment))
        }
        EscrowState::Confirmed { automatically } => wire::PaymentEscrow::Confirmed(fill!(
            ConfirmedPaymentEscrow,
            shipment,
            is_automatically_confirmed: automatically
        )),
        EscrowState::Rejected => {
            wire::PaymentEscrow::Rejected(fill!(RejectedPaymentEscrow, shipment))
        }
        EscrowState::RejectConfirmed => {
            wire::PaymentEscrow::RejectConfirmed(fill!(RejectConfirmedPaymentEscrow, shipment))
        }
        EscrowState::Cancelled => {
            wire::PaymentEscrow::Cancelled(fill!(CancelledPaymentEscrow, shipment))
        }
    })
}

/// The cash receipt of a payment, and what was known at its approval.
#[derive(Default)]
pub(super) struct Receipt {
    pub(super) receipt: Option<wire::PaymentCashReceipt>,
    pub(super) status: Option<wire::CashReceiptIssuanceStatus>,
}

/// `wish` is for whom a receipt was asked for.
pub(super) fn receipt(
    state: &AttemptState,
    wish: Option<ReceiptKind>,
    currency: &Currency,
) -> Result<Receipt, Fault> {
    let AttemptState::Captured { capture } = state else {
        return Ok(Receipt::default());
    };
    let found = capture.cash_receipt.as_ref();
    let status = match (found, wish) {
        (Some(found), _) if !found.is_manual => Some(wire::CashReceiptIssuanceStatus::Issued),
        (_, Some(_)) => Some(wire::CashReceiptIssuanceStatus::NotIssued),
        (_, None) => None,
    };
    Ok(Receipt {
        receipt: found
            .map(|found| payment_receipt(found, currency))
            .transpose()?,
        status,
    })
}

/// The contract's word for whom a receipt is.
pub(super) const fn receipt_type(kind: ReceiptKind) -> wire::CashReceiptType {
    match kind {
        ReceiptKind::Personal => wire::CashReceiptType::Personal,
        ReceiptKind::Corporate => wire::CashReceiptType::Corporate,
    }
}

fn payment_receipt(
    found: &PaymentReceipt,
    currency: &Currency,
) -> Result<wire::PaymentCashReceipt, Fault> {
    let currency = known("currency", wire::Currency::parse(currency.as_str()))?;
    let issued = &found.issued;
    let issued_at = whole_seconds(issued.at);
    let kind = found.kind.map(receipt_type);
    Ok(match found.cancelled_at {
        None => wire::PaymentCashReceipt::Issued(wire::IssuedPaymentCashReceipt {
            currency,
            issue_number: issued.issue_number.clone(),
            issued_at,
            pg_receipt_id: issued.pg_receipt_id.clone(),
            tax_free_amount: Some(found.amount.tax_free),
            total_amount: found.amount.total,
            r#type: kind,
            url: issued.url.clone(),
        }),
        Some(at) => wire::PaymentCashReceipt::Cancelled(wire::CancelledPaymentCashReceipt {
            cancelled_at: whole_seconds(at),
            currency,
            issue_number: issued.issue_number.clone(),
            issued_at,
            pg_receipt_id: issued.pg_receipt_id.clone(),
            tax_free_amount: Some(found.amount.tax_free),
            total_amount: found.amount.total,
            r#type: kind,
            url: issued.url.clone(),
        }),
    })
}
