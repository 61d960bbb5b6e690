//! `POST /receipts/{imp_uid}`: the cash receipt of what is left of a payment that was not made by
//! card.

use naru_domain::{ChannelKey, MethodKind};
use naru_engine::cash_receipts::IssueReceiptRequest;

use super::receipts::{self, bad};
use crate::call::Call;
use crate::check::{order, receipt as check};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::receipt::Named;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let payment = receipts::payment(&call).await?;
    let identity = check::identifier(&call.input)?;
    let kind = check::kind(&call.input)?;
    let (attempt, _) = payment.captured().ok_or_else(|| bad(messages::NOT_PAID))?;
    if !matches!(
        attempt.method,
        MethodKind::VirtualAccount | MethodKind::Transfer
    ) {
        return Err(bad(messages::NO_CASH));
    }
    let left = attempt.order.amount.total - payment.cancelled().total;
    if left <= 0 {
        return Err(bad(messages::NOT_PAID));
    }
    let currency = attempt.order.currency.clone();
    let request = IssueReceiptRequest {
        payment_id: payment.id.clone(),
        channel: ChannelKey::new(attempt.channel.key.as_str()),
        kind,
        order_name: attempt.order.name.clone(),
        amount: check::amount(&call.input, left, &currency)?,
        currency,
        identity,
        customer: order::customer(&call.input, "buyer", Some(&attempt.order.customer))?,
    };
    let named = Named::ImpUid(attempt.imp_uid());
    receipts::issue(&call, request, named).await
}
