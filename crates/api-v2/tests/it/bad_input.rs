//! The table of bad input for payments: each is refused by name and changes nothing.

use naru_testkit::bodies;
use serde_json::{Value, json};

use crate::{app, with};

type Row = (&'static str, Value, &'static str);

fn order() -> Vec<Row> {
    vec![
        ("/orderName", Value::Null, "orderName"),
        ("/orderName", json!(""), "orderName"),
        ("/orderName", json!(" "), "orderName"),
        ("/orderName", json!(5), "orderName"),
        ("/orderName", json!("a\u{0}"), "orderName"),
        ("/orderName", json!("가".repeat(501)), "orderName"),
        ("/amount", Value::Null, "amount"),
        ("/amount", json!([1000]), "amount"),
        ("/amount", json!(1000), "amount"),
        ("/currency", Value::Null, "currency"),
        ("/currency", json!("krw"), "currency"),
        ("/currency", json!("JPY"), "currency"),
        ("/country", json!("KOREA"), "country"),
        ("/productCount", json!(-1), "productCount"),
        ("/productType", json!("REAL"), "productType"),
        ("/promotionId", json!("promotion-id-1"), "promotionId"),
        ("/isEscrow", json!("no"), "isEscrow"),
        ("/skipWebhook", json!(1), "skipWebhook"),
        ("/storeId", json!(1), "storeId"),
        ("/bypass", json!("text"), "bypass"),
    ]
}

fn method() -> Vec<Row> {
    vec![
        ("/channelKey", json!(""), "channelKey"),
        ("/channelKey", json!("a\u{0}"), "channelKey"),
        ("/channelKey", json!("k".repeat(201)), "channelKey"),
        ("/method", json!([]), "method"),
        ("/method/card", json!("4111"), "method.card"),
        (
            "/method/card/installmentMonth",
            json!(-1),
            "method.card.installmentMonth",
        ),
        (
            "/method/card/installmentMonth",
            json!(61),
            "method.card.installmentMonth",
        ),
        (
            "/method/card/installmentMonth",
            json!(1.5),
            "method.card.installmentMonth",
        ),
        (
            "/method/card/installmentMonth",
            json!(3),
            "method.card.installmentMonth",
        ),
        (
            "/method/card/useCardPoint",
            json!("yes"),
            "method.card.useCardPoint",
        ),
    ]
}

fn customer() -> Vec<Row> {
    vec![
        ("/customer", json!([]), "customer"),
        ("/customer/id", json!("i".repeat(201)), "customer.id"),
        ("/customer/name", json!("홍길동"), "customer.name"),
        (
            "/customer/name",
            json!({"full": "n\u{0}"}),
            "customer.name.full",
        ),
        (
            "/customer/name",
            json!({"separated": {"first": "a"}}),
            "customer.name.separated.last",
        ),
        ("/customer/email", json!("e".repeat(321)), "customer.email"),
        (
            "/customer/phoneNumber",
            json!("call me"),
            "customer.phoneNumber",
        ),
        (
            "/customer/phoneNumber",
            json!("1".repeat(21)),
            "customer.phoneNumber",
        ),
        ("/customer/gender", json!("X"), "customer.gender"),
        (
            "/customer/address",
            json!({"addressLine1": "a"}),
            "customer.address.addressLine2",
        ),
        (
            "/customer/zipcode",
            json!("z".repeat(51)),
            "customer.zipcode",
        ),
    ]
}

fn texts() -> Vec<Row> {
    vec![
        ("/customData", json!("d".repeat(16_385)), "customData"),
        ("/customData", json!({"object": 1}), "customData"),
        ("/customData", json!("a\u{0}"), "customData"),
        ("/noticeUrls", json!("http://a.test"), "noticeUrls"),
        ("/noticeUrls", json!(["a.test"]), "noticeUrls[0]"),
        (
            "/noticeUrls",
            json!(["http://a.test", "javascript:alert(1)"]),
            "noticeUrls[1]",
        ),
        (
            "/noticeUrls",
            json!([format!("http://a.test/{}", "x".repeat(2048))]),
            "noticeUrls[0]",
        ),
        (
            "/noticeUrls",
            json!(vec!["http://a.test"; 11]),
            "noticeUrls",
        ),
    ]
}

fn products() -> Vec<Row> {
    let product = |name: &str, value: Value| {
        let mut product = json!({"id": "1", "name": "n", "amount": 1, "quantity": 1});
        product[name] = value;
        json!([product])
    };
    vec![
        ("/products", json!({}), "products"),
        ("/products", json!([[]]), "products[0]"),
        ("/products", json!([{}]), "products[0]"),
        (
            "/products",
            product("amount", json!(-1)),
            "products[0].amount",
        ),
        (
            "/products",
            product("amount", json!(0.1)),
            "products[0].amount",
        ),
        (
            "/products",
            product("quantity", json!(0)),
            "products[0].quantity",
        ),
        (
            "/products",
            product("quantity", json!(3_000_000_000_u32)),
            "products[0].quantity",
        ),
        (
            "/products",
            product("name", json!("n".repeat(501))),
            "products[0].name",
        ),
        (
            "/products",
            product("link", json!("l\u{0}")),
            "products[0].link",
        ),
    ]
}

#[tokio::test]
async fn each_row_is_refused_by_name_and_changes_nothing() {
    let app = app().await;
    let table = [order(), method(), customer(), texts(), products()];
    for (pointer, value, field) in table.into_iter().flatten() {
        let body = with(bodies::card_payment(), pointer, value.clone());
        let answer = app.post("/payments/bad/instant").json(&body).send().await;
        assert_eq!(answer.status, 400, "{pointer} = {value}: {}", answer.body);
        let message = answer.refused(400, "INVALID_REQUEST");
        assert!(
            message.contains(&format!("`{field}")),
            "{pointer} = {value}: {message}"
        );
    }
    let many = json!(vec![
        json!({"id": "1", "name": "n", "amount": 1, "quantity": 1});
        1001
    ]);
    let body = with(bodies::card_payment(), "/products", many);
    app.post("/payments/bad/instant")
        .json(&body)
        .send()
        .await
        .refused_field("products");
    assert!(app.books().await.is_empty());
    app.get("/payments/bad")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn card_data_is_never_repeated() {
    let app = app().await;
    for (name, value) in [
        ("number", "41111111111111119999"),
        ("number", "4111-1111-1111-xxxx"),
        ("number", ""),
        ("expiryYear", "2031"),
        ("expiryYear", "xx"),
        ("expiryMonth", "13"),
        ("expiryMonth", "0"),
        ("birthOrBusinessRegistrationNumber", "9001011"),
        ("passwordTwoDigits", "987"),
    ] {
        let pointer = format!("/method/card/credential/{name}");
        let body = with(bodies::card_payment(), &pointer, json!(value));
        let answer = app.post("/payments/card/instant").json(&body).send().await;
        let message = answer.refused_field(&format!("method.card.credential.{name}"));
        assert!(value.len() < 3 || !message.contains(value), "{message}");
    }
    for name in ["number", "expiryYear", "expiryMonth"] {
        let pointer = format!("/method/card/credential/{name}");
        for value in [Value::Null, json!(41_111_111_111_111_i64), json!(["4111"])] {
            let body = with(bodies::card_payment(), &pointer, value);
            let answer = app.post("/payments/card/instant").json(&body).send().await;
            answer.refused_field(&format!("method.card.credential.{name}"));
        }
    }
}

#[tokio::test]
async fn card_numbers_may_be_grouped() {
    let app = app().await;
    let pointer = "/method/card/credential/number";
    let body = with(
        bodies::card_payment(),
        pointer,
        json!("4111-1111 1111-1111"),
    );
    app.post("/payments/grouped/instant")
        .json(&body)
        .send()
        .await
        .ok();
}
