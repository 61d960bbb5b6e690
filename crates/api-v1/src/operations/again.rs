//! `POST /subscribe/payments/again`. Whether the buyer is known is said before all else.

use naru_domain::ChannelKey;
use naru_engine::payments::{ChargeKey, PayRequest};

use super::{lookup, paid};
use crate::call::Call;
use crate::check::{card, order};
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let input = &call.input;
    let customer_uid = input.required("customer_uid")?;
    let key = lookup::customer(&call, &customer_uid).await?;
    let key = key.ok_or_else(|| Refused::rule(messages::NO_CUSTOMER))?;
    let payment_id = order::merchant_uid(input)?;
    let id = payment_id.clone();
    let request = PayRequest {
        payment_id,
        order: order::order(input, Some(&key.customer))?,
        skip_webhook: false,
        method: ChargeKey {
            billing_key: key.id,
            channel: input.said(&["channel_key"]).map(ChannelKey::new),
            installment_months: card::installment_months(input)?,
            is_interest_free: input.boolean("interest_free_by_merchant")?.unwrap_or(false),
            use_card_point: input.boolean("use_card_point")?.unwrap_or(false),
        },
    };
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.pay_with_billing_key(context, request).await });
    let done = call.engine.detached(work).await;
    paid::charged(&call, &id, done).await
}
