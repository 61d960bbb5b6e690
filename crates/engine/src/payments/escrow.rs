//! Escrow and store receipts: actions, and the PG's news of an escrow.

use naru_connector::{
    AcceptRejection, Operation, Party, RegisterShipment, RegisterStoreSales, StoreSaleAsked,
};
use naru_domain::payment::{Payment, Refusal, Shipment, Status, StoreSale, Task};
use naru_domain::{Amount, PaymentId};

use super::pay::CallContext;
use crate::{Answer, Engine, Fault};

/// A shipment to be told, or corrected.
#[derive(Debug, Clone)]
pub struct ShipmentRequest {
    /// With whom it was sent. `applied_at` is filled when the PG has it.
    pub shipment: Shipment,
    /// Whether it corrects what was told before.
    pub is_change: bool,
    /// From where.
    pub sender: Party,
    /// To where.
    pub receiver: Party,
    /// How many kinds of goods the caller names.
    pub product_count: usize,
}

impl Engine {
    /// `POST` and `PATCH /payments/{paymentId}/escrow/logistics`.
    pub async fn tell_shipment(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        request: ShipmentRequest,
    ) -> Result<Answer, Fault> {
        let shipment = request.shipment.clone();
        let task = if request.is_change {
            Task::ChangeShipment { shipment }
        } else {
            Task::RegisterShipment { shipment }
        };
        self.act(context, payment_id, task, |payment| {
            let (attempt, capture) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
            let asked = RegisterShipment {
                pg_tx_id: capture.pg_tx_id.clone(),
                order_id: attempt.id.order_id(),
                amount: attempt.charged().total,
                shipment: request.shipment.clone(),
                is_change: request.is_change,
                sender: request.sender.clone(),
                receiver: request.receiver.clone(),
                product_count: request.product_count,
            };
            Ok(Operation::RegisterShipment(Box::new(asked)))
        })
        .await
    }

    /// `POST /payments/{paymentId}/escrow/complete`. No PG of this version has a call for it: its
    /// customers confirm on the PG's own page.
    pub async fn confirm_escrow(
        &self,
        context: &CallContext,
        payment_id: &PaymentId,
    ) -> Result<Answer, Fault> {
        let found = self.load_payment(&context.store.id, payment_id).await?;
        let payment = found.ok_or(Fault::PaymentNotFound)?.value.0;
        match payment.status() {
            Status::Paid | Status::PartialCancelled => {}
            Status::Ready
            | Status::PayPending
            | Status::VirtualAccountIssued
            | Status::Failed
            | Status::Cancelled => return Err(Fault::PaymentNotPaid),
        }
        if payment.escrow.is_none() {
            return Err(Refusal::NotEscrow.into());
        }
        Err(Fault::PgProvider {
            pg_code: Fault::UNSUPPORTED.to_owned(),
            pg_message: "the payment gateway has no call to confirm a purchase: the customer \
                         confirms it on the payment gateway's own page"
                .to_owned(),
        })
    }

    /// Accepts that the customer rejected the goods.
    pub async fn accept_rejection(
        &self,
        context: CallContext,
        payment_id: PaymentId,
    ) -> Result<Answer, Fault> {
        let accepted_by = context.store.name.clone();
        self.act(context, payment_id, Task::AcceptRejection, |payment| {
            Ok(Operation::AcceptRejection(AcceptRejection {
                pg_tx_id: taken(payment)?,
                accepted_by: accepted_by.clone(),
            }))
        })
        .await
    }

    /// `POST /payments/{paymentId}/register-store-receipt`.
    pub async fn register_store_sales(
        &self,
        context: CallContext,
        payment_id: PaymentId,
        sales: Vec<StoreSaleAsked>,
    ) -> Result<Answer, Fault> {
        let kept = sales.iter().map(|sale| StoreSale {
            business_number: sale.business_number.clone(),
            name: sale.name.clone(),
            amount: Amount {
                total: sale.total,
                tax_free: sale.tax_free.unwrap_or(0),
                vat: sale.vat.unwrap_or(0),
            },
        });
        let task = Task::RegisterStoreSales {
            sales: kept.collect(),
        };
        self.act(context, payment_id, task, |payment| {
            Ok(Operation::RegisterStoreSales(RegisterStoreSales {
                pg_tx_id: taken(payment)?,
                sales: sales.clone(),
            }))
        })
        .await
    }
}

/// The PG's id of the money.
fn taken(payment: &Payment) -> Result<String, Fault> {
    let (_, capture) = payment.captured().ok_or(Fault::PaymentNotPaid)?;
    Ok(capture.pg_tx_id.clone())
}
