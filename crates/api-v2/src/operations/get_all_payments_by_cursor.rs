//! `GET /payments-by-cursor`

use naru_engine::payments::CursorOf;
use naru_wire_v2::{GetAllPaymentsByCursorBody, GetAllPaymentsByCursorResponse, PaymentWithCursor};

use crate::check::{self, CursorInput};
use crate::extract::Call;
use crate::faults::Failed;
use crate::render::Reply;
use crate::view;

pub(crate) async fn handle(call: Call<GetAllPaymentsByCursorBody>) -> Result<Reply, Failed> {
    let Call {
        engine,
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
    let merchant_id = store.merchant_id.clone();
    let whose = (merchant_id.clone(), vec![store.id.clone()]);
    let page = check::cursor_page(&engine, CursorOf::Payments, asked, whose)?;
    let found = engine.payments_by_cursor(&page).await?;
    let items = found.iter().map(|(payment, position)| {
        Ok(PaymentWithCursor {
            cursor: engine.cursor(CursorOf::Payments, &merchant_id, *position),
            payment: view::payment(payment)?,
        })
    });
    Ok(Reply::of(&GetAllPaymentsByCursorResponse {
        items: items.collect::<Result<_, naru_engine::Fault>>()?,
    })?)
}
