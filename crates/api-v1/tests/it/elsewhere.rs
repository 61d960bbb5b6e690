//! Operations of PGs that Naru does not reach: read, and answered as to a merchant without one.

use serde_json::{Value, json};

use crate::{Bed, text};

/// Every line of the list: method and path.
fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    let text = include_str!("../../../../spec/unimplemented-v1.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()?))
    })
}

fn filled(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        if part.starts_with('{') {
            "nothing"
        } else {
            part
        }
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn each_wants_a_token_then_its_fields_then_a_channel() {
    let bed = Bed::new().await;
    let mut seen = 0;
    for (method, path) in operations() {
        let path = filled(path);
        let bare = bed.anonymous(method, &path).json(&json!({})).send().await;
        assert_eq!(bare.refused(401, -1), "Unauthorized", "{method} {path}");
        let called = bed
            .anonymous(method, &path)
            .header("authorization", &bed.token);
        let answer = called.json(&json!({})).send().await;
        assert!(
            matches!(answer.status, 200 | 400 | 404),
            "{path}: {}",
            answer.body
        );
        assert_ne!(answer.body["code"], 0, "{path}");
        assert_eq!(answer.body["response"], Value::Null);
        seen += 1;
    }
    assert_eq!(seen, 30);
}

#[tokio::test]
async fn a_payment_of_another_pg_is_not_theirs() {
    let bed = Bed::new().await;
    let imp_uid = text(&bed.pay("order-1", 1_000).await["imp_uid"]);
    let ship = format!("/payments/{imp_uid}/naver/ship");
    let missing = bed
        .post(&ship)
        .json(&json!({}))
        .send()
        .await
        .refused(400, -1);
    assert!(missing.contains("delivery_method"), "{missing}");
    let body = json!({ "delivery_method": "DELIVERY", "dispatched_at": 1_700_000_000 });
    let theirs = bed.post(&ship).json(&body).send().await.refused(404, -1);
    assert_eq!(theirs, "해당 PG사의 결제건이 아닙니다.");
    let nobody = bed
        .post("/payments/imp_000000000000/naver/ship")
        .json(&body);
    assert_eq!(
        nobody.send().await.refused(404, -1),
        "존재하지 않는 결제정보입니다."
    );
    let point = json!({ "benepia_user": "a", "benepia_password": "secret-word" });
    let refused = bed.post("/benepia/point").json(&point).send().await;
    let message = refused.refused(200, 1);
    assert_eq!(message, "등록 된 PG 설정 정보를 찾을 수 없습니다.");
}
