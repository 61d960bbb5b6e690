//! Cash receipts that operations issue, show and cancel: of a payment, and of a sale made
//! elsewhere.

use naru_domain::PaymentId;
use naru_domain::cash_receipt::{CashReceipt, ReceiptState};
use naru_domain::payment::Payment;
use naru_engine::Fault;
use naru_engine::cash_receipts::IssueReceiptRequest;

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::{Refused, pg_words};
use crate::view::receipt::{Named, receipt};

/// The payment in the path. Where the contract lists no 404, an unknown one is a bad request.
pub(super) async fn payment(call: &Call) -> Result<Payment, Refused> {
    let found = lookup::by_imp_uid(call, call.path_text(0)).await?;
    let found = found.map(|(payment, _)| payment);
    found.ok_or_else(|| bad(messages::NO_PAYMENT))
}

/// The id in the path, of a sale made elsewhere.
pub(super) fn merchant_uid(call: &Call) -> PaymentId {
    PaymentId::new(call.path_text(0))
}

pub(super) fn bad(message: &str) -> Refused {
    Refused::Bad(message.to_owned())
}

/// The receipt of a payment or a sale that was ever issued.
pub(super) async fn issued(call: &Call, id: &PaymentId) -> Result<Option<CashReceipt>, Refused> {
    match call.engine.cash_receipt(call.store_id(), id).await {
        Ok(found) => Ok(Some(found).filter(|found| match found.state {
            ReceiptState::Issued { .. } | ReceiptState::Cancelled { .. } => true,
            ReceiptState::Issuing | ReceiptState::Unclear | ReceiptState::Failed { .. } => false,
        })),
        Err(Fault::CashReceiptNotFound) => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Shows the receipt; there must be one.
pub(super) async fn shown(call: &Call, id: &PaymentId, named: Named) -> Result<Reply, Refused> {
    let none = || Refused::NotFound(messages::NO_RECEIPT.to_owned());
    let found = issued(call, id).await?.ok_or_else(none)?;
    Reply::of(&receipt(&found, named).ok_or_else(none)?)
}

/// Issues one and shows it.
pub(super) async fn issue(
    call: &Call,
    request: IssueReceiptRequest,
    named: Named,
) -> Result<Reply, Refused> {
    let id = request.payment_id.clone();
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.issue_cash_receipt(context, request).await });
    call.engine.detached(work).await.map_err(refused)?;
    shown(call, &id, named).await
}

/// Cancels one and shows it.
pub(super) async fn cancel(call: &Call, id: PaymentId, named: Named) -> Result<Reply, Refused> {
    let asked = id.clone();
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.cancel_cash_receipt(context, asked).await });
    call.engine.detached(work).await.map_err(refused)?;
    shown(call, &id, named).await
}

fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::PgProvider { ref pg_code, .. } if pg_code == Fault::UNSUPPORTED => {
            Refused::Status(501, messages::UNSUPPORTED_PG.to_owned())
        }
        fault @ Fault::PgProvider { .. } => Refused::Status(500, pg_words(&fault)),
        Fault::CashReceiptAlreadyIssued => bad(messages::RECEIPT_ALREADY_ISSUED),
        Fault::CashReceiptNotIssued | Fault::CashReceiptNotFound => bad(messages::NO_RECEIPT),
        Fault::ChannelNotFound => bad(messages::NO_CHANNEL),
        other => other.into(),
    }
}
