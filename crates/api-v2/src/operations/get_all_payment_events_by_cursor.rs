//! `GET /payment-events-by-cursor`

use naru_engine::payments::CursorOf;
use naru_wire_v2::{
    GetAllPaymentEventsByCursorBody, GetAllPaymentEventsByCursorResponse, PaymentEventWithCursor,
};

use crate::check::{self, CursorInput};
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAllPaymentEventsByCursorBody>) -> Result<Reply, Failed> {
    let Call {
        engine,
        caller,
        store,
        input,
        ..
    } = call;
    let asked = CursorInput {
        cursor: input.cursor,
        from: input.from,
        until: input.until,
        size: input.size,
    };
    // A store that the caller may name is one of its own merchant's.
    let merchant_id = store.merchant_id.clone();
    let stores = check::stores(&engine, &caller, input.store_id.as_deref()).await?;
    let whose = (merchant_id.clone(), stores);
    let page = check::cursor_page(&engine, CursorOf::Ledger, asked, whose)?;
    let found = engine.ledger_by_cursor(&page).await?;
    let items = found.iter().map(|one| {
        Ok(PaymentEventWithCursor {
            cursor: engine.cursor(CursorOf::Ledger, &merchant_id, one.entry.position),
            payment_event: view::payment_event(one)?,
        })
    });
    Ok(Reply::of(&GetAllPaymentEventsByCursorResponse {
        items: items.collect::<Result<_, naru_engine::Fault>>()?,
    })?)
}
