//! Moving on with the clock, and telling the partner: notices, sent again until they are taken.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use super::LINK_ID;
use super::invoice::{Invoice, Side};
use super::nts;
use crate::clock::Stamp;
use crate::simulator::Simulator;

/// How often the books are looked at without a clock move.
const LOOK_EVERY: Duration = Duration::from_secs(20);
/// Times that a notice is sent.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);

/// Moves every invoice to where it stands by now, and tells of it. Gives how many moved.
pub(crate) fn move_on(sim: &Arc<Simulator>) -> usize {
    let now = sim.clock.now_ms();
    let moved: Vec<Invoice> = {
        let mut books = sim.asp();
        let moved: Vec<Invoice> = books
            .invoices()
            .filter_map(|invoice| nts::moved(&books, invoice, now))
            .collect();
        for invoice in &moved {
            books.put(invoice.clone());
        }
        moved
    };
    for invoice in &moved {
        tell(sim, invoice, "NTS");
    }
    moved.len()
}

/// Moves on from time to time, in the background.
pub(crate) fn keep_moving(sim: &Arc<Simulator>) {
    let of_task = Arc::clone(sim);
    sim.tasks.spawn(async move {
        while !of_task.stop.is_cancelled() {
            move_on(&of_task);
            of_task.wait(LOOK_EVERY).await;
        }
    });
}

/// Tells the partner of an invoice, in the background. Without a runtime, or a target, nobody is
/// told.
pub(crate) fn tell(sim: &Arc<Simulator>, invoice: &Invoice, event: &str) {
    let url = {
        let books = sim.books();
        books
            .notice_target(LINK_ID)
            .and_then(|target| target.notice_url.clone())
    };
    let Some(url) = url else { return };
    let bodies: Vec<Bytes> = [Side::Sell, Side::Buy]
        .into_iter()
        .filter(|side| !invoice.key(*side).is_empty())
        .map(|side| body(invoice, side, event))
        .collect();
    let of_task = Arc::clone(sim);
    sim.tasks.spawn(async move {
        for body in bodies {
            for _ in 0..TRIES {
                let posted = of_task.post(&url, "application/json", body.clone()).await;
                match posted {
                    Ok((status, _)) if status.is_success() => break,
                    Ok((status, _)) => tracing::warn!(%status, "a tax notice was not taken"),
                    Err(error) => tracing::warn!(%error, "a tax notice could not be delivered"),
                }
                of_task.wait(PAUSE).await;
            }
        }
    });
}

fn body(invoice: &Invoice, side: Side, event: &str) -> Bytes {
    let stamp = |at: i64| Stamp::of(at).compact();
    let mut body = json!({
        "corpNum": invoice.company(side),
        "itemKey": invoice.item_key,
        "stateCode": invoice.state,
        "stateDT": stamp(invoice.changed_ms),
        "stateMemo": invoice.memo,
        "eventType": event,
        "eventDT": stamp(invoice.changed_ms),
        "interOPYN": false,
        "openYN": invoice.opened_ms.is_some(),
    });
    for (name, side) in [
        ("invoicerMgtKey", Side::Sell),
        ("invoiceeMgtKey", Side::Buy),
    ] {
        if !invoice.key(side).is_empty() {
            body[name] = invoice.key(side).into();
        }
    }
    for (name, value) in [
        ("ntsconfirmNum", invoice.confirm_number.clone()),
        ("issueDT", invoice.issued_ms.map(stamp)),
        ("ntssendDT", invoice.sent_ms.map(stamp)),
        ("ntsresultDT", invoice.result_ms.map(stamp)),
        ("ntssendErrCode", invoice.result_code.clone()),
    ] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    Bytes::from(body.to_string())
}
