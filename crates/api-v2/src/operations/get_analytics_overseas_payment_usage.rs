//! `GET /analytics/overseas-payment-usage`

use naru_wire_v2::AnalyticsOverseasPaymentUsage;

use crate::check;
use crate::extract::{Call, Nothing};
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<Nothing>) -> Result<Reply, Failed> {
    let stores = check::stores(&call.engine, &call.caller, None).await?;
    Ok(Reply::of(&AnalyticsOverseasPaymentUsage {
        is_using: call.engine.uses_overseas_payments(&stores).await?,
    })?)
}
