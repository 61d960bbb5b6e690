//! `GET /payments/{paymentId}`

use naru_domain::Face;
use naru_wire_v2::GetPaymentQuery;

use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetPaymentQuery>) -> Result<Reply, Failed> {
    let payment_id = call.payment_to_find()?;
    let (engine, store_id) = (&call.engine, &call.store.id);
    if let Some(body) = engine.kept_answer(Face::V2, store_id, payment_id.as_str()) {
        return Ok(Reply::kept(body));
    }
    let basis = engine.basis(store_id, &payment_id);
    let payment = engine.payment(store_id, &payment_id).await?;
    let reply = Reply::of(&view::payment(&payment)?)?;
    engine.keep_answer(
        Face::V2,
        store_id,
        payment_id.as_str(),
        (basis, reply.body()),
    );
    Ok(reply)
}
