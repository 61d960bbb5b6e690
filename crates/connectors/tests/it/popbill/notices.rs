//! Notices: a hint that names a document.

use naru_connector::InboundRequest;
use serde_json::{Value, json};

use super::support::popbill;

fn inbound(body: &Value) -> InboundRequest {
    InboundRequest {
        content_type: Some("application/json".to_owned()),
        body: body.to_string().into(),
        peer: None,
    }
}

fn notice() -> Value {
    json!({
        "corpNum": "9876543215", "itemKey": "000000000000000001", "invoicerMgtKey": "sell-1",
        "invoiceeMgtKey": "buy_1", "stateCode": 304, "eventType": "NTS",
        "eventDT": "20260105152200", "ntsconfirmNum": "202601024100000000000001",
    })
}

#[test]
fn a_notice_names_a_document_and_is_thanked_for() {
    let read = popbill().read_notification(&inbound(&notice())).unwrap();
    assert_eq!(read.notice.brn, "9876543215");
    assert_eq!(read.notice.supplier_key.as_deref(), Some("sell-1"));
    assert_eq!(read.notice.recipient_key.as_deref(), Some("buy_1"));
    assert_eq!(
        (read.answer.status, read.answer.body),
        (200, r#"{"result":"OK"}"#)
    );
}

#[test]
fn the_same_notice_has_the_same_id_and_another_another() {
    let id = |body: &Value| {
        popbill()
            .read_notification(&inbound(body))
            .unwrap()
            .event_id
    };
    let first = id(&notice());
    assert_eq!(first, id(&notice()));
    for (name, value) in [
        ("corpNum", json!("1234567891")),
        ("itemKey", json!("000000000000000002")),
        ("eventType", json!("Issue")),
        ("stateCode", json!(303)),
        ("eventDT", json!("20260105152201")),
    ] {
        let mut other = notice();
        other[name] = value;
        assert_ne!(first, id(&other), "{name}");
    }
}

#[test]
fn a_notice_that_names_nothing_is_refused() {
    let mut nameless = notice();
    for missing in ["invoicerMgtKey", "invoiceeMgtKey"] {
        nameless.as_object_mut().unwrap().remove(missing);
    }
    let mut nobodys = notice();
    nobodys.as_object_mut().unwrap().remove("corpNum");
    for body in [nameless, nobodys, json!([]), json!("text"), Value::Null] {
        let rejected = popbill().read_notification(&inbound(&body)).unwrap_err();
        assert_eq!(rejected.answer.status, 400, "{body}");
    }
}
