//! Identity verifications.

use naru_store::{Query, tables};
use naru_testkit::OTHER;
use serde_json::{Value, json};

use crate::{Bed, merged, text};

const PHONE: &str = "01012345678";

fn person() -> Value {
    json!({
        "name": "홍길동", "phone": "010-1234-5678", "birth": "19900101", "gender_digit": "1",
        "carrier": "LGT", "is_mvno": true, "merchant_uid": "cert-1",
    })
}

async fn ask(bed: &Bed) -> String {
    let asked = bed.post("/certifications/otp/request").json(&person());
    let asked = asked.send().await.ok();
    assert_eq!(asked.as_object().map(serde_json::Map::len), Some(1));
    let imp_uid = text(&asked["imp_uid"]);
    assert!(imp_uid.starts_with("imp_"), "{imp_uid}");
    imp_uid
}

#[tokio::test]
async fn a_person_is_verified_by_message_and_forgotten() {
    let bed = Bed::new().await;
    let imp_uid = ask(&bed).await;
    let path = format!("/certifications/{imp_uid}");
    let waits = bed.get(&path).send().await.ok();
    assert_eq!(
        (
            &waits["certified"],
            &waits["certified_at"],
            &waits["birth"],
            &waits["name"],
            &waits["merchant_uid"],
            &waits["pg_provider"],
        ),
        (
            &json!(false),
            &json!(0),
            &json!(0),
            &Value::Null,
            &json!("cert-1"),
            &json!("danal"),
        )
    );
    let confirm = format!("/certifications/otp/confirm/{imp_uid}");
    let otp = bed.app.otp(PHONE).await;
    for wrong in ["", "no such password"] {
        let body = json!({ "otp": wrong });
        bed.post(&confirm).json(&body).send().await.refused(400, -1);
    }
    bed.post(&confirm)
        .json(&json!({ "otp": "000000x" }))
        .send()
        .await
        .refused(500, -1);
    let body = json!({ "otp": otp });
    let done = bed.post(&confirm).json(&body).send().await.ok();
    assert_eq!(
        (
            &done["certified"],
            &done["name"],
            &done["gender"],
            &done["birthday"],
            &done["birth"]
        ),
        (
            &json!(true),
            &json!("홍길동"),
            &json!("male"),
            &json!("1990-01-01"),
            &json!(631_119_600)
        )
    );
    assert_eq!(text(&done["unique_key"]).len(), 88);
    assert!(done["certified_at"].as_i64().unwrap() > 0);
    assert_eq!(bed.get(&path).send().await.ok(), done);
    bed.post(&confirm).json(&body).send().await.refused(400, -1);
    is_forgotten(&bed, &imp_uid, &done).await;
}

/// It is no payment, the other face has it under the same id, and once it is deleted nothing of it
/// is left.
async fn is_forgotten(bed: &Bed, imp_uid: &str, done: &Value) {
    let path = format!("/certifications/{imp_uid}");
    let confirm = format!("/certifications/otp/confirm/{imp_uid}");
    let body = json!({ "otp": "123456" });
    bed.get(&format!("/payments/{imp_uid}"))
        .send()
        .await
        .refused(404, -1);
    let other = bed.app.get(&format!("/identity-verifications/{imp_uid}"));
    assert_eq!(other.send().await.ok()["status"], "VERIFIED");

    assert_eq!(&bed.delete(&path).send().await.ok(), done);
    for request in [
        bed.get(&path),
        bed.delete(&path),
        bed.post(&confirm).json(&body),
    ] {
        let message = request.send().await.refused(404, -1);
        assert_eq!(message, "인증결과가 존재하지 않습니다.");
    }
    bed.app.settle().await;
    for table in [
        &tables::IDENTITY_VERIFICATIONS,
        &tables::EVENTS,
        &tables::ATTEMPTS,
    ] {
        let rows = bed.app.engine.store().scan(Query::of(table, 10)).await;
        assert!(rows.expect("rows").is_empty(), "{}", table.name);
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_person_is_named_without_being_repeated() {
    let bed = Bed::new().await;
    for (field, value) in [
        ("name", Value::Null),
        ("phone", json!("02-123-4567")),
        ("birth", json!("19901301")),
        ("birth", json!("90")),
        ("gender_digit", json!("12")),
        ("carrier", json!("PIGEON")),
        ("is_mvno", json!("perhaps")),
        ("verification_method", json!("FAX")),
        ("merchant_uid", json!("m".repeat(41))),
    ] {
        let body = merged(person(), &json!({ field: value }));
        let answer = bed
            .post("/certifications/otp/request")
            .json(&body)
            .send()
            .await;
        let message = answer.refused(400, -1);
        assert!(message.contains(field), "{field}: {message}");
        if let Some(value) = value.as_str() {
            assert!(!message.contains(value), "{message}");
        }
    }
    let unknown = merged(person(), &json!({ "channel_key": "channel-key-none" }));
    let answer = bed
        .post("/certifications/otp/request")
        .json(&unknown)
        .send()
        .await;
    answer.refused(400, -1);
    let carrier = merged(person(), &json!({ "phone": "01090000001" }));
    let answer = bed
        .post("/certifications/otp/request")
        .json(&carrier)
        .send()
        .await;
    let message = answer.refused(500, -1);
    assert!(message.contains("통신사 장애입니다"), "{message}");
}

#[tokio::test]
async fn anothers_is_as_if_it_were_not_there() {
    let bed = Bed::new().await;
    let imp_uid = ask(&bed).await;
    let token = bed.log_in(&OTHER).await;
    for request in [
        bed.get(&format!("/certifications/{imp_uid}")),
        bed.delete(&format!("/certifications/{imp_uid}")),
        bed.post(&format!("/certifications/otp/confirm/{imp_uid}"))
            .json(&json!({ "otp": "1" })),
    ] {
        let answer = request.header("authorization", &token).send().await;
        answer.refused(404, -1);
    }
}
