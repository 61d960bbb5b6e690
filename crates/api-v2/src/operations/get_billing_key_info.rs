//! `GET /billing-keys/{billingKey}`

use naru_domain::BillingKeyId;
use naru_engine::Fault;
use naru_wire_v2::GetBillingKeyInfoQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetBillingKeyInfoQuery>) -> Result<Reply, Failed> {
    let id = BillingKeyId::new(call.lookup_id(Fault::BillingKeyNotFound)?);
    let key = call.engine.billing_key(&call.store.id, &id).await?;
    Ok(Reply::of(&view::billing_key(&key)?)?)
}
