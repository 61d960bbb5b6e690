//! `DELETE /billing-keys/{billingKey}`

use naru_domain::BillingKeyId;
use naru_engine::Fault;
use naru_wire_v2::DeleteBillingKeyQuery;

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::limits::REASON_MAX;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<DeleteBillingKeyQuery>) -> Result<Reply, Failed> {
    let id = BillingKeyId::new(call.lookup_id(Fault::BillingKeyNotFound)?);
    call.change(|engine, context, query| async move {
        let reason = check::optional("reason", query.reason, REASON_MAX)?;
        let requester = query
            .requester
            .map(|requester| requester.as_str().to_owned());
        let skip_webhook = query.skip_webhook.unwrap_or(false);
        engine
            .delete_billing_key(context, id, (reason, requester), skip_webhook)
            .await
    })
    .await
}
