//! Billing keys under the merchant's own ids.

use naru_testkit::OTHER;
use serde_json::json;

use crate::{Bed, card_of_customer, text};

fn unknown(uid: &str) -> String {
    format!("요청하신 customer_uid({uid})로 등록된 정보를 찾을 수 없습니다.")
}

#[tokio::test]
async fn a_card_is_saved_read_replaced_and_deleted() {
    let bed = Bed::new().await;
    let saved = bed.save("customer-1").await;
    assert_eq!(
        (
            &saved["customer_uid"],
            &saved["pg_provider"],
            &saved["sandbox"]
        ),
        (&json!("customer-1"), &json!("html5_inicis"), &json!(true))
    );
    assert_eq!(saved["inserted"], saved["updated"]);
    assert_eq!(
        (
            &saved["customer_name"],
            &saved["customer_addr"],
            &saved["customer_id"]
        ),
        (&json!("홍길동"), &json!("서울"), &json!(null))
    );
    assert!(saved["card_number"].as_str().unwrap().contains('*'));
    let path = "/subscribe/customers/customer-1";
    assert_eq!(bed.get(path).send().await.ok(), saved);
    bed.app.move_clock_s(60).await;
    let mut body = card_of_customer();
    body["customer_name"] = json!("임꺽정");
    let replaced = bed.post(path).json(&body).send().await.ok();
    assert_eq!(replaced["inserted"], saved["inserted"]);
    assert_ne!(replaced["updated"], saved["updated"]);
    assert_eq!(bed.get(path).send().await.ok()["customer_name"], "임꺽정");
    let gone = bed
        .delete(&format!("{path}?reason=x&extra[requester]=customer"))
        .send()
        .await;
    assert_eq!(gone.ok(), replaced);
    for asking in [bed.get(path), bed.delete(path)] {
        assert_eq!(asking.send().await.refused(200, 1), unknown("customer-1"));
    }
    bed.app.move_clock_s(60).await;
    let anew = bed.save("customer-1").await;
    assert_eq!(anew["inserted"], anew["updated"]);
}

#[tokio::test]
async fn a_refused_card_leaves_the_saved_one() {
    let bed = Bed::new().await;
    bed.save("customer-1").await;
    let path = "/subscribe/customers/customer-1";
    let mut body = card_of_customer();
    body["card_number"] = json!("9000000000120014");
    let refused = bed.post(path).json(&body).send().await.refused(200, -1);
    let prefix = "카드정보 인증 및 빌키 발급에 실패하였습니다. ";
    assert!(
        refused.starts_with(&format!("{prefix}[120014]")),
        "{refused}"
    );
    body["card_number"] = json!("1234");
    let refused = bed.post(path).json(&body).send().await.refused(200, -1);
    assert_eq!(
        refused,
        format!("{prefix}유효하지않은 카드번호를 입력하셨습니다.")
    );
    body.as_object_mut().unwrap().remove("card_number");
    bed.post(path).json(&body).send().await.refused(200, 1);
    let again = json!({ "customer_uid": "customer-1", "merchant_uid": "m", "amount": 1000 });
    let paid = bed
        .post("/subscribe/payments/again")
        .json(&again)
        .send()
        .await
        .ok();
    assert_eq!(paid["status"], "paid");
}

#[tokio::test]
async fn several_are_read_at_once() {
    let bed = Bed::new().await;
    bed.save("a").await;
    bed.save("b").await;
    let path = "/subscribe/customers";
    let all = bed
        .get(&format!("{path}?customer_uid[]=a&customer_uid[]=b"))
        .send()
        .await
        .ok();
    assert_eq!(all.as_array().unwrap().len(), 2);
    let some = bed
        .get(&format!("{path}?customer_uid=a&customer_uid=none"))
        .send()
        .await;
    assert_eq!(
        (some.status, &some.body["response"][0]["customer_uid"]),
        (207, &json!("a"))
    );
    for query in ["customer_uid[]=none", ""] {
        bed.get(&format!("{path}?{query}"))
            .send()
            .await
            .refused(404, -1);
    }
    let other = bed.log_in(&OTHER).await;
    let foreign = bed
        .get("/subscribe/customers/a")
        .header("authorization", &other);
    assert_eq!(foreign.send().await.refused(200, 1), unknown("a"));
}

#[tokio::test]
async fn its_payments_are_listed() {
    let bed = Bed::new().await;
    bed.save("a").await;
    bed.save("ab").await;
    for (uid, order) in [("a", "order-1"), ("a", "order-2"), ("ab", "order-3")] {
        let body = json!({ "customer_uid": uid, "merchant_uid": order, "amount": 1000 });
        bed.post("/subscribe/payments/again")
            .json(&body)
            .send()
            .await
            .ok();
    }
    bed.app.settle().await;
    let page = bed.get("/subscribe/customers/a/payments").send().await.ok();
    assert_eq!(
        (&page["total"], page["list"].as_array().unwrap().len()),
        (&json!(2), 2)
    );
    let uids: Vec<String> = page["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| text(&one["customer_uid"]))
        .collect();
    assert_eq!(uids, ["a", "a"]);
    bed.get("/subscribe/customers/none/payments")
        .send()
        .await
        .refused(404, -1);
}

#[tokio::test]
async fn a_group_issues_at_every_channel() {
    let bed = Bed::new().await;
    let new = naru_engine::admin::NewChannelGroup {
        store_id: naru_domain::StoreId::new(naru_testkit::MAIN.store_id),
        name: "both".to_owned(),
        id: Some(naru_domain::ChannelGroupId::new("channel-group-test-1")),
        is_test: true,
        routes: naru_testkit::MAIN
            .channels
            .iter()
            .map(|key| naru_domain::routing::Route {
                channel: naru_domain::ChannelKey::new(*key),
                weight: 50,
                is_on: true,
            })
            .collect(),
        failover_tries_max: 0,
    };
    bed.app.engine.create_channel_group(new).await.unwrap();
    let body = crate::merged(
        card_of_customer(),
        &json!({ "channel_group_id": "channel-group-test-1" }),
    );
    let path = "/subscribe/customers/super-1";
    let saved = bed.post(path).json(&body).send().await.ok();
    assert_eq!(saved["channelGroupId"], "channel-group-test-1");
    assert_eq!(saved["succeededChannels"].as_array().unwrap().len(), 2);
    assert_eq!(saved["failedChannels"], json!([]));
    assert_eq!(bed.get(path).send().await.ok(), saved);
}
