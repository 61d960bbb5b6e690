//! Notices ("connect"): an invoice moved. Only a hint: who it is from can't be known, so that it
//! makes us look and nothing else.

use naru_connector::tax::{StateNotice, TaxNotification};
use naru_connector::{InboundRequest, NoticeAnswer, Rejected};
use serde_json::Value;

use super::info::text;

const RECEIVED: NoticeAnswer = NoticeAnswer {
    status: 200,
    content_type: "application/json",
    body: r#"{"result":"OK"}"#,
};
const NOT_UNDERSTOOD: NoticeAnswer = NoticeAnswer {
    status: 400,
    content_type: "application/json",
    body: r#"{"result":"FAIL"}"#,
};

fn rejected(reason: &str) -> Rejected {
    Rejected {
        reason: reason.to_owned(),
        answer: NOT_UNDERSTOOD,
    }
}

/// Reads a notice. The event id is in a header that proxies may drop, so it is made of the body,
/// which is the same when the notice is sent again.
pub(super) fn read(request: &InboundRequest) -> Result<TaxNotification, Rejected> {
    let body: Value =
        serde_json::from_slice(&request.body).map_err(|_| rejected("the notice is no JSON"))?;
    let brn = text(&body, "corpNum").ok_or_else(|| rejected("the notice has no `corpNum`"))?;
    let notice = StateNotice {
        supplier_key: text(&body, "invoicerMgtKey"),
        recipient_key: text(&body, "invoiceeMgtKey"),
        brn,
    };
    if notice.supplier_key.is_none() && notice.recipient_key.is_none() {
        return Err(rejected("the notice names no document"));
    }
    let part = |name: &str| text(&body, name).unwrap_or_default();
    let event_id = [
        notice.brn.clone(),
        part("itemKey"),
        part("eventType"),
        part("stateCode"),
        part("eventDT"),
    ]
    .join(":");
    Ok(TaxNotification {
        event_id,
        notice,
        answer: RECEIVED,
    })
}
