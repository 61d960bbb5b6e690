//! `GET /promotions/{promotionId}`

use naru_domain::PromotionId;
use naru_engine::Fault;

use crate::extract::{Call, Nothing};
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<Nothing>) -> Result<Reply, Failed> {
    let id = PromotionId::new(call.lookup_id(Fault::PromotionNotFound)?);
    let promotion = call.engine.promotion_for(&call.caller, &id).await?;
    Ok(Reply::of(&view::promotion(&promotion)?)?)
}
