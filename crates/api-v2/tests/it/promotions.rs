//! `getPromotion`, and payments and cancellations with a promotion.

use naru_domain::promotion::{DiscountPolicy, Partition, Recovery, Scheme, Spare};
use naru_domain::{Currency, StoreId};
use naru_engine::admin::{NewPromotion, PromotionAct};
use naru_engine::records::CardBinRecord;
use naru_testkit::{MAIN, OTHER, SUB, TestApp, bodies};
use serde_json::{Value, json};

use crate::{app, text, with};

const DAY_S: i64 = 86_400;

/// 10 % off from 5,000 won for cards of LOTTE, which the simulated PG says of `4111 11`.
pub fn ten_percent(app: &TestApp, store_id: &str) -> NewPromotion {
    NewPromotion {
        store_id: StoreId::new(store_id),
        name: "여름 할인".to_owned(),
        card_company: "LOTTE_CARD".to_owned(),
        currency: Currency::krw(),
        policy: DiscountPolicy {
            partitions: vec![Partition {
                amount_from: 5_000,
                scheme: Scheme::Percent { percent: 10 },
            }],
            max_discount: Some(3_000),
        },
        total_budget: 10_000,
        recovery: Recovery::Recover,
        start_at: None,
        end_at: app.now().plus_seconds(30 * DAY_S),
    }
}

pub async fn create(app: &TestApp, new: NewPromotion) -> String {
    let made = app.engine.create_promotion(new).await.expect("a promotion");
    made.promotion.id.to_string()
}

pub async fn app_with_promotion() -> (TestApp, String) {
    let app = app().await;
    let bin = CardBinRecord {
        bin: "411111".to_owned(),
        company: "LOTTE_CARD".to_owned(),
    };
    app.engine.put_card_bins(vec![bin]).await.expect("a bin");
    let id = create(&app, ten_percent(&app, MAIN.store_id)).await;
    (app, id)
}

/// 6,000 won by a card of the promotion.
fn promoted(id: &str) -> Value {
    let body = with(bodies::card_payment(), "/amount/total", json!(6_000));
    with(body, "/promotionId", json!(id))
}

async fn pay(app: &TestApp, payment: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{payment}/instant"))
        .json(body)
        .send()
        .await
}

async fn cancel(app: &TestApp, payment: &str, body: &Value) -> naru_testkit::Answer {
    app.post(&format!("/payments/{payment}/cancel"))
        .json(body)
        .send()
        .await
}

pub async fn spent(app: &TestApp, id: &str) -> Value {
    let path = format!("/promotions/{id}");
    app.get(&path).send().await.ok()["spentAmount"].clone()
}

#[tokio::test]
async fn a_promotion_is_shown_to_its_store_and_to_nobody_else() {
    let (app, id) = app_with_promotion().await;
    let path = format!("/promotions/{id}");
    app.get(&path)
        .anonymous()
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    let shown = app.get(&path).send().await.ok();
    assert_eq!(
        (
            &shown["type"],
            &shown["id"],
            &shown["storeId"],
            &shown["status"]
        ),
        (
            &json!("CARD"),
            &json!(id),
            &json!(MAIN.store_id),
            &json!("IN_PROGRESS")
        )
    );
    assert_eq!(
        shown["discountPolicy"],
        json!({"partitions": [
            {"amountFrom": 5_000, "scheme": {"type": "PERCENT", "percent": 10}}
        ]})
    );
    assert_eq!(
        (
            &shown["totalBudget"],
            &shown["spentAmount"],
            &shown["maxDiscountAmount"]
        ),
        (&json!(10_000), &json!(0), &json!(3_000))
    );
    assert_eq!(shown["recoverOption"], json!({"type": "RECOVER"}));
    assert!(shown.get("terminatedAt").is_none());
    // What a caller may not see, it can't tell from what doesn't exist.
    let unknown = app.get("/promotions/promotion-id-none").send().await;
    let unknown = unknown.refused(404, "PROMOTION_NOT_FOUND");
    for secret in [OTHER.secret, SUB.secret] {
        let foreign = app.get(&path).secret(secret).send().await;
        assert_eq!(foreign.refused(404, "PROMOTION_NOT_FOUND"), unknown);
    }
    app.get("/promotions/%00")
        .send()
        .await
        .refused(404, "PROMOTION_NOT_FOUND");
    let sub = create(&app, ten_percent(&app, SUB.store_id)).await;
    let shown = app.get(&format!("/promotions/{sub}")).send().await.ok();
    assert_eq!(
        shown["storeId"], SUB.store_id,
        "a parent sees its sub-stores"
    );
}

#[tokio::test]
async fn fixed_amounts_spare_budgets_and_ends_are_shown() {
    let (app, _) = app_with_promotion().await;
    let new = NewPromotion {
        policy: DiscountPolicy {
            partitions: vec![Partition {
                amount_from: 5_000,
                scheme: Scheme::Amount { amount: 1_000 },
            }],
            max_discount: None,
        },
        recovery: Recovery::NoRecover {
            spare: Some(Spare::Percent { percent: 10 }),
        },
        start_at: Some(app.now().plus_seconds(DAY_S)),
        ..ten_percent(&app, MAIN.store_id)
    };
    let id = create(&app, new).await;
    let path = format!("/promotions/{id}");
    let shown = app.get(&path).send().await.ok();
    assert_eq!(shown["status"], "SCHEDULED");
    assert_eq!(
        shown["discountPolicy"]["partitions"][0]["scheme"],
        json!({"type": "AMOUNT", "amount": 1_000})
    );
    assert_eq!(
        shown["recoverOption"],
        json!({"type": "NO_RECOVER", "spareBudget": {"type": "PERCENT", "percent": 10}})
    );
    app.move_clock_s(DAY_S).await;
    assert_eq!(app.get(&path).send().await.ok()["status"], "IN_PROGRESS");
    app.move_clock_s(30 * DAY_S).await;
    assert_eq!(app.get(&path).send().await.ok()["status"], "COMPLETED");
    app.move_clock_s(-30 * DAY_S).await;
    let promotion = naru_domain::PromotionId::new(id);
    let ended = app
        .engine
        .act_on_promotion(&promotion, PromotionAct::Terminate);
    ended.await.expect("an end");
    let shown = app.get(&path).send().await.ok();
    assert_eq!(shown["status"], "TERMINATED");
    assert!(shown["terminatedAt"].is_string());
}

#[tokio::test]
async fn a_promoted_card_payment_costs_less_at_the_pg() {
    let (app, id) = app_with_promotion().await;
    pay(&app, "p-1", &promoted(&id)).await.ok();
    assert_eq!(app.captures().await, [5_400]);
    let read = app.get("/payments/p-1").send().await.ok();
    assert_eq!(
        (&read["status"], &read["promotionId"]),
        (&json!("PAID"), &json!(id))
    );
    let amount = &read["amount"];
    assert_eq!(
        (&amount["total"], &amount["discount"], &amount["paid"]),
        (&json!(6_000), &json!(600), &json!(5_400))
    );
    assert_eq!(
        (&amount["vat"], &amount["supply"], &amount["cancelled"]),
        (&json!(545), &json!(5_455), &json!(0)),
        "of the order, as it was asked for"
    );
    assert_eq!(spent(&app, &id).await, 600);
}

#[tokio::test]
async fn the_same_key_gives_the_same_discount_once() {
    let (app, id) = app_with_promotion().await;
    let send = async || {
        app.post("/payments/p-2/instant")
            .idempotency_key("0123456789abcdef")
            .json(&promoted(&id))
            .send()
            .await
    };
    let first = send().await;
    let again = send().await;
    assert!(again.is_replayed() && !first.is_replayed());
    assert_eq!(first.bytes, again.bytes);
    assert_eq!(spent(&app, &id).await, 600);
    pay(&app, "p-2", &promoted(&id))
        .await
        .refused(409, "ALREADY_PAID");
    assert_eq!(spent(&app, &id).await, 600);
}

#[tokio::test]
async fn a_billing_key_is_discounted_by_the_card_that_the_pg_named() {
    let (app, id) = app_with_promotion().await;
    let key = crate::issue(&app).await;
    let charge = with(bodies::charge(&key), "/amount/total", json!(6_000));
    let charge = with(charge, "/promotionId", json!(id));
    app.post("/payments/b-1/billing-key")
        .json(&charge)
        .send()
        .await
        .ok();
    assert_eq!(app.captures().await, [5_400]);
    // A card of another company: nobody asks what the operator knows of its first digits.
    let card = bodies::card_number("4000001111111111");
    let other = with(bodies::billing_key(), "/method/card/credential", card);
    let issued = app.post("/billing-keys").json(&other).send().await.ok();
    let other = text(&issued["billingKeyInfo"]["billingKey"]);
    let charge = with(charge, "/billingKey", json!(other));
    app.post("/payments/b-2/billing-key")
        .json(&charge)
        .send()
        .await
        .refused(400, "PROMOTION_PAY_METHOD_DOES_NOT_MATCH");
    app.get("/payments/b-2")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
}

#[tokio::test]
async fn another_card_or_method_is_refused_and_nothing_is_stored() {
    let (app, id) = app_with_promotion().await;
    let other = with(
        promoted(&id),
        "/method/card/credential",
        bodies::card_number("4000001111111111"),
    );
    let account = with(bodies::virtual_account(), "/promotionId", json!(id));
    for body in [other, account] {
        pay(&app, "p-3", &body)
            .await
            .refused(400, "PROMOTION_PAY_METHOD_DOES_NOT_MATCH");
    }
    app.get("/payments/p-3")
        .send()
        .await
        .refused(404, "PAYMENT_NOT_FOUND");
    assert!(app.books().await.is_empty());
    assert_eq!(spent(&app, &id).await, 0);
}

#[tokio::test]
async fn a_discount_of_everything_is_refused() {
    let (app, _) = app_with_promotion().await;
    let new = NewPromotion {
        policy: DiscountPolicy {
            partitions: vec![Partition {
                amount_from: 6_000,
                scheme: Scheme::Amount { amount: 6_000 },
            }],
            max_discount: None,
        },
        ..ten_percent(&app, MAIN.store_id)
    };
    let id = create(&app, new).await;
    pay(&app, "p-4", &promoted(&id))
        .await
        .refused(400, "DISCOUNT_AMOUNT_EXCEEDS_TOTAL_AMOUNT");
    let key = crate::issue(&app).await;
    let charge = with(bodies::charge(&key), "/amount/total", json!(6_000));
    app.post("/payments/p-4/billing-key")
        .json(&with(charge, "/promotionId", json!(id)))
        .send()
        .await
        .refused(400, "DISCOUNT_AMOUNT_EXCEEDS_TOTAL_AMOUNT");
    let more = with(promoted(&id), "/amount/total", json!(7_000));
    pay(&app, "p-4", &more).await.ok();
    assert_eq!(app.captures().await, [1_000]);
}

#[tokio::test]
async fn a_promotion_of_nobody_or_of_another_store_is_refused_alike() {
    let (app, _) = app_with_promotion().await;
    let foreign = create(&app, ten_percent(&app, OTHER.store_id)).await;
    let unknown = pay(&app, "p-5", &promoted("promotion-id-none")).await;
    let unknown = unknown.refused_field("promotionId");
    let foreign = pay(&app, "p-5", &promoted(&foreign)).await;
    assert_eq!(foreign.refused_field("promotionId"), unknown);
    let dollars = NewPromotion {
        currency: Currency::new("USD"),
        ..ten_percent(&app, MAIN.store_id)
    };
    let dollars = create(&app, dollars).await;
    pay(&app, "p-5", &promoted(&dollars))
        .await
        .refused_field("promotionId");
}

#[tokio::test]
async fn without_a_discount_the_payment_goes_through() {
    let (app, id) = app_with_promotion().await;
    let below = with(promoted(&id), "/amount/total", json!(4_999));
    pay(&app, "p-6", &below).await.ok();
    let promotion = naru_domain::PromotionId::new(id.as_str());
    let paused = app.engine.act_on_promotion(&promotion, PromotionAct::Pause);
    paused.await.expect("a pause");
    pay(&app, "p-7", &promoted(&id)).await.ok();
    assert_eq!(app.captures().await.len(), 2);
    for (payment, total) in [("p-6", 4_999), ("p-7", 6_000)] {
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        assert_eq!(
            (&read["amount"]["discount"], &read["amount"]["paid"]),
            (&json!(0), &json!(total))
        );
        assert_eq!(read["promotionId"], json!(id), "as it was asked for");
    }
}

/// The documents' table: order 6,000, 10 % off from 5,000, cancel 2,000.
#[tokio::test]
async fn a_part_is_given_back_as_the_option_says() {
    let (app, id) = app_with_promotion().await;
    for (payment, option, held, left) in [
        ("c-1", json!("RELEASE"), 4_000, 0),
        ("c-2", json!("RETAIN"), 3_600, 400),
        ("c-3", Value::Null, 4_000, 0),
    ] {
        pay(&app, payment, &promoted(&id)).await.ok();
        let part = json!({"reason": "r", "amount": 2_000, "currentCancellableAmount": 6_000});
        let part = with(part, "/promotionDiscountRetainOption", option.clone());
        let answer = cancel(&app, payment, &part).await.ok();
        assert_eq!(
            answer["cancellation"]["totalAmount"], 2_000,
            "order terms, {option}"
        );
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        assert_eq!(
            (
                &read["status"],
                &read["amount"]["cancelled"],
                &read["amount"]["paid"]
            ),
            (&json!("PARTIAL_CANCELLED"), &json!(2_000), &json!(5_400))
        );
        let books = app.books().await;
        let row = books
            .iter()
            .find(|row| row["state"] == "APPROVED")
            .expect("a capture");
        let amount = |name: &str| row[name].as_i64().expect("an amount");
        assert_eq!(amount("amount") - amount("cancelledAmount"), held);
        assert_eq!(
            spent(&app, &id).await,
            left,
            "what was withdrawn is free again"
        );
        let rest = with(bodies::cancel(), "/promotionDiscountRetainOption", option);
        cancel(&app, payment, &rest).await.ok();
        let read = app.get(&format!("/payments/{payment}")).send().await.ok();
        assert_eq!(
            (&read["status"], &read["amount"]["cancelled"]),
            (&json!("CANCELLED"), &json!(6_000))
        );
        assert!(app.captures().await.is_empty());
        assert_eq!(spent(&app, &id).await, 0);
    }
}

#[tokio::test]
async fn what_a_promotion_rules_out_changes_nothing() {
    let (app, id) = app_with_promotion().await;
    pay(&app, "c-4", &promoted(&id)).await.ok();
    let part = |amount: i64, option: &str| {
        let body = json!({"reason": "r", "amount": amount});
        with(body, "/promotionDiscountRetainOption", json!(option))
    };
    let ten = NewPromotion {
        policy: DiscountPolicy {
            partitions: vec![Partition {
                amount_from: 6_000,
                scheme: Scheme::Percent { percent: 10 },
            }],
            max_discount: None,
        },
        ..ten_percent(&app, MAIN.store_id)
    };
    let ten = create(&app, ten).await;
    pay(&app, "c-5", &promoted(&ten)).await.ok();
    cancel(&app, "c-5", &part(500, "RELEASE"))
        .await
        .refused(400, "NEGATIVE_PROMOTION_ADJUSTED_CANCEL_AMOUNT");
    cancel(&app, "c-4", &part(500, "RETAIN")).await.ok();
    for changed in [part(500, "RELEASE"), json!({"reason": "r", "amount": 500})] {
        cancel(&app, "c-4", &changed).await.refused(
            400,
            "PROMOTION_DISCOUNT_RETAIN_OPTION_SHOULD_NOT_BE_CHANGED",
        );
    }
    let read = app.get("/payments/c-5").send().await.ok();
    assert_eq!(read["status"], "PAID");
    assert_eq!(spent(&app, &ten).await, 600);
}

#[tokio::test]
async fn an_exhausted_budget_discounts_nothing_until_a_cancellation_restores_it() {
    let (app, _) = app_with_promotion().await;
    let new = NewPromotion {
        total_budget: 700,
        ..ten_percent(&app, MAIN.store_id)
    };
    let id = create(&app, new).await;
    pay(&app, "e-1", &promoted(&id)).await.ok();
    pay(&app, "e-2", &promoted(&id)).await.ok();
    assert_eq!(app.captures().await.iter().sum::<i64>(), 5_400 + 6_000);
    let path = format!("/promotions/{id}");
    assert_eq!(
        app.get(&path).send().await.ok()["status"],
        "BUDGET_EXHAUSTED"
    );
    cancel(&app, "e-1", &bodies::cancel()).await.ok();
    assert_eq!(app.get(&path).send().await.ok()["status"], "IN_PROGRESS");
    pay(&app, "e-3", &promoted(&id)).await.ok();
    let read = app.get("/payments/e-3").send().await.ok();
    assert_eq!(read["amount"]["discount"], 600);
}
