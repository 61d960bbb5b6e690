//! Webhooks about invoices that a person sends by hand.

use naru_domain::StoreId;
use naru_engine::Fault;
use naru_engine::b2b::TaxFault;
use naru_testkit::MAIN;
use serde_json::json;

use super::{app, get, requested};

#[tokio::test]
async fn a_webhook_sent_by_hand_reaches_the_receiver_as_it_stands_now() {
    let app = app().await;
    let id = requested(&app).await;
    app.settle().await;
    let store = StoreId::new(MAIN.store_id);
    for _ in 0..2 {
        let (invoice, count) = app.engine.send_invoice_webhook(&store, &id).await.unwrap();
        assert_eq!((invoice.id.to_string(), count), (id.clone(), 1));
    }
    app.settle().await;
    let manual: Vec<_> = app
        .receiver
        .deliveries()
        .into_iter()
        .filter(|delivery| delivery.body["type"] == "TaxInvoice.Manual")
        .collect();
    assert_eq!(manual.len(), 2, "one for each time that it was asked for");
    assert_eq!(
        manual[0].body["data"],
        json!({
            "storeId": MAIN.store_id,
            "taxInvoiceId": id,
            "supplierDocumentKey": "S-1",
            "recipientDocumentKey": "R-1",
            "status": "REQUESTED",
            "supplierBrn": "9876543215",
            "totalAmount": 11_000,
            "totalSupplyAmount": 10_000,
            "totalTaxAmount": 1_000,
        })
    );
    let ids = |one: &naru_testkit::Delivery| {
        let find = |(name, value): &(&str, String)| (*name == "webhook-id").then(|| value.clone());
        one.headers.iter().find_map(find).unwrap()
    };
    assert_ne!(ids(&manual[0]), ids(&manual[1]));
    // The invoice is where it was.
    let read = get(&app, &format!("/b2b/tax-invoices/{id}?test=true")).await;
    assert_eq!(read.ok()["status"], "REQUESTED");
}

#[tokio::test]
async fn a_webhook_by_hand_needs_an_invoice_and_an_address() {
    let app = app().await;
    let id = requested(&app).await;
    let store = StoreId::new(MAIN.store_id);
    let other = StoreId::new(naru_testkit::OTHER.store_id);
    for (store, id) in [(&store, "nonsense"), (&other, id.as_str())] {
        let refused = app.engine.send_invoice_webhook(store, id).await;
        assert_eq!(refused.unwrap_err(), Fault::from(TaxFault::InvoiceNotFound));
    }
    let endpoints = app.engine.webhook_endpoints(Some(&store)).await.unwrap();
    for endpoint in &endpoints {
        let removed = app.engine.remove_endpoint(&store, &endpoint.id).await;
        removed.unwrap();
    }
    let refused = app.engine.send_invoice_webhook(&store, &id).await;
    let words = refused.unwrap_err().to_string();
    assert!(words.contains("no webhook"), "{words}");
}
