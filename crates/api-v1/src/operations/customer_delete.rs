//! `DELETE /subscribe/customers/{customer_uid}`: answers what was deleted. Schedules on it stay,
//! and fail when they come due.

use super::lookup;
use crate::call::Call;
use crate::envelope::Reply;
use crate::messages;
use crate::refused::Refused;
use crate::view::customer::customer;

pub(crate) async fn handle(call: Call) -> Result<Reply, Refused> {
    let id = call.path_text(0);
    let key = lookup::customer(&call, id).await?;
    let key = key.ok_or_else(|| Refused::Rule(messages::no_such_customer(id)))?;
    let shown = customer(&key);
    let requester = call
        .input
        .object("extra")
        .and_then(|extra| extra.said(&["requester"]))
        .map(|text| text.to_ascii_uppercase())
        .filter(|text| matches!(text.as_str(), "CUSTOMER" | "ADMIN"));
    let asked = (call.input.said(&["reason"]), requester);
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move {
        engine
            .delete_billing_key(context, key.id, asked, true)
            .await
    });
    call.engine.detached(work).await?;
    Reply::of(&shown)
}
