//! `POST /receipts/external/{merchant_uid}`: the cash receipt of a sale that was made elsewhere.

use naru_domain::{Currency, PaymentId};
use naru_engine::OperationKind;
use naru_engine::cash_receipts::IssueReceiptRequest;
use naru_engine::payments::ChannelChoice;

use super::receipts::{self, bad};
use crate::call::Call;
use crate::check::channel::channel;
use crate::check::{order, receipt as check};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::receipt::Named;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let merchant_uid = order::merchant_uid_in_path(call.path_text(0))?;
    let input = &call.input;
    let currency = Currency::krw();
    let total = input.amount("amount", &currency)?;
    let total = total.ok_or_else(|| Refused::missing("amount"))?;
    let order_name = input.required("name")?;
    let identity = check::identifier(input)?;
    let kind = check::kind(input)?;
    let amount = check::amount(input, total, &currency)?;
    let customer = order::customer(input, "buyer", None)?;
    let channel = channel(&call, OperationKind::IssueCashReceipt).await;
    let Ok(ChannelChoice::Channel(channel)) = channel else {
        return Err(bad(messages::NO_CHANNEL));
    };
    let named = Named::MerchantUid(merchant_uid.to_string());
    let request = IssueReceiptRequest {
        payment_id: PaymentId::new(merchant_uid.as_str()),
        channel,
        kind,
        order_name,
        amount,
        currency,
        identity,
        customer,
    };
    receipts::issue(&call, request, named).await
}
