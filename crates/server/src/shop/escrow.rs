//! What the shop does with an order in escrow: it sends the goods. What the customer says of them
//! is played at the simulated PG; no real shop can say it for them.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use http::Method;
use serde_json::{Value, json};

use super::Shop;
use super::orders::{Told, answer, payment, plain, told};

/// `POST /shop/orders/{id}/ship`: tells the PG, through Naru, that the goods are on their way.
pub(super) async fn ship(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    answer(shipped(&shop, &id).await)
}

async fn shipped(shop: &Shop, id: &str) -> Told {
    let (_, paid) = payment(shop, id).await?;
    let path = format!("/payments/{}/escrow/logistics", plain(id)?);
    shop.naru(Method::POST, &path, Some(&shipment(&paid))).await
}

/// A parcel with all of the order.
fn shipment(paid: &Value) -> Value {
    let address = |line: &str| json!({ "addressLine1": line, "addressLine2": "1층" });
    let party = |name: &str, line: &str| {
        json!({
            "name": name, "phoneNumber": "01012345678", "zipcode": "04524",
            "address": address(line),
        })
    };
    json!({
        "sender": party("나루 찻집", "경상남도 하동군"),
        "receiver": party("홍길동", "서울특별시 중구"),
        "logistics": {
            "company": "CJ", "invoiceNumber": "1234567890",
            "sentAt": paid["paidAt"], "address": address("서울특별시 중구"),
        },
        "products": [{
            "id": "tea", "name": "하동 홍차", "code": "tea-1",
            "amount": paid["amount"]["total"], "quantity": 1,
        }],
    })
}

/// `POST /shop/orders/{id}/keep`: the customer keeps the goods.
pub(super) async fn keep(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    answer(said(&shop, &id, "confirm").await)
}

/// `POST /shop/orders/{id}/reject`: the customer sends the goods back.
pub(super) async fn reject(State(shop): State<Arc<Shop>>, Path(id): Path<String>) -> Response {
    answer(said(&shop, &id, "reject").await)
}

async fn said(shop: &Shop, id: &str, word: &str) -> Told {
    let (_, paid) = payment(shop, id).await?;
    let tid = plain(paid["pgTxId"].as_str().unwrap_or_default())?;
    let url = format!("{}/escrows/{tid}/{word}", shop.simulator);
    told(shop.client.post(url).json(&json!({}))).await
}
