//! Bodies, queries and paths in every spelling.

use serde_json::json;

use crate::{Bed, onetime, text};

#[tokio::test]
async fn a_body_may_be_json_or_a_form_and_either_may_be_odd() {
    let bed = Bed::new().await;
    let prepare = |uid: &str| bed.get(&format!("/payments/prepare/{uid}")).send();
    // PHP: nulls and floats.
    let php = json!({ "merchant_uid": "php", "amount": 1000.0, "currency": null });
    bed.post("/payments/prepare").json(&php).send().await.ok();
    assert_eq!(prepare("php").await.ok()["amount"], 1000);
    // Python's form: everything is text.
    let form = bed
        .post("/payments/prepare")
        .form("merchant_uid=python&amount=2000");
    form.send().await.ok();
    assert_eq!(prepare("python").await.ok()["amount"], 2000);
    // Go: a space behind each ampersand, nothing encoded.
    let form = bed
        .post("/payments/prepare")
        .form("merchant_uid=go& amount=3000");
    form.send().await.ok();
    assert_eq!(prepare("go").await.ok()["amount"], 3000);
    // No content type at all.
    let bare = bed
        .post("/payments/prepare")
        .raw("{\"merchant_uid\":20240101,\"amount\":\"4000\"}");
    bare.send().await.ok();
    assert_eq!(prepare("20240101").await.ok()["merchant_uid"], "20240101");
    bed.post("/payments/prepare")
        .json(&json!([1]))
        .send()
        .await
        .refused(200, 1);
    let broken = bed.post("/payments/prepare").form("{");
    broken.send().await.refused(200, 1);
}

#[tokio::test]
async fn a_body_on_get_and_delete_is_ignored() {
    let bed = Bed::new().await;
    let empty = bed
        .get("/cards")
        .header("content-type", "application/json")
        .raw("");
    empty.send().await.ok();
    let garbage = bed
        .get("/cards")
        .header("content-type", "application/json")
        .raw("{");
    garbage.send().await.ok();
}

#[tokio::test]
async fn answers_are_json_in_an_envelope() {
    let bed = Bed::new().await;
    let answer = bed.get("/cards").send().await;
    assert_eq!(answer.content_type, "application/json; charset=utf-8");
    let answer = bed.get("/payments/imp_1").send().await;
    assert_eq!(answer.content_type, "application/json; charset=utf-8");
}

#[tokio::test]
async fn slashes_at_the_end_and_words_for_nothing_do_no_harm() {
    let bed = Bed::new().await;
    let paid = bed.pay("order-1", 1_000).await;
    for path in [
        "/payments/find/order-1/",
        "/payments/find/order-1/undefined",
        "/payments/find/order-1/all",
        "/payments/find/order-1/paid",
        "//payments/find/order-1",
    ] {
        let found = bed.get(path).send().await.ok();
        assert_eq!(found["imp_uid"], paid["imp_uid"], "{path}");
    }
    let form = bed
        .post("/payments/prepare/")
        .form("merchant_uid=slash&amount=1");
    form.send().await.ok();
}

#[tokio::test]
async fn ids_hold_anything_and_lists_come_in_three_spellings() {
    let bed = Bed::new().await;
    let odd = bed
        .post("/subscribe/payments/onetime")
        .json(&onetime("order 1/2", 1_000));
    let odd = text(&odd.send().await.ok()["imp_uid"]);
    let path = "/payments/find/order%201%2F2";
    assert_eq!(bed.get(path).send().await.ok()["imp_uid"], json!(odd));
    // A client of .NET writes a space as a plus.
    let path = "/payments/find/order+1%2F2";
    assert_eq!(bed.get(path).send().await.ok()["imp_uid"], json!(odd));
    let other = text(&bed.pay("order-2", 2_000).await["imp_uid"]);
    for query in [
        format!("imp_uid[]={odd}&imp_uid[]={other}"),
        format!("imp_uid%5B0%5D={odd}&imp_uid%5B1%5D={other}"),
        format!("imp_uid={odd}&imp_uid={other}"),
        format!("imp_uid%5B%5D={odd}&merchant_uid[]=order-2"),
    ] {
        let found = bed.get(&format!("/payments?{query}")).send().await.ok();
        let uids = [&found[0]["imp_uid"], &found[1]["imp_uid"]];
        assert_eq!(uids, [&json!(other), &json!(odd)], "newest first: {query}");
    }
}
