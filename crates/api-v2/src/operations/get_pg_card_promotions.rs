//! `GET /payment-gateways/card-promotion`

use naru_domain::ChannelKey;
use naru_engine::Fault;
use naru_wire_v2::{GetPgCardPromotionsQuery, GetPgCardPromotionsResponse};

use crate::check;
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;

pub(crate) async fn handle(call: Call<GetPgCardPromotionsQuery>) -> Result<Reply, Failed> {
    let Call {
        engine,
        caller,
        input,
        ..
    } = call;
    check::positive("amount", Some(input.amount))?;
    if input.channel_key.contains('\0') {
        return Err(Fault::ChannelNotFound.into());
    }
    let channel = ChannelKey::new(input.channel_key);
    engine.pg_card_promotions(&caller, &channel).await?;
    Ok(Reply::of(&GetPgCardPromotionsResponse {
        promotions: Some(Vec::new()),
    })?)
}
