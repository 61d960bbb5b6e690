//! Log-in, and where a token may stand.

use naru_testkit::{MAIN, OTHER, SUB};
use serde_json::json;

use crate::{Bed, pair, text};

#[tokio::test]
async fn a_token_is_the_same_until_its_last_minute_and_then_lives_longer() {
    let bed = Bed::new().await;
    let (key, secret) = pair(&MAIN);
    let body = json!({ "imp_key": key, "imp_secret": secret });
    let log_in = async || {
        let asking = bed.anonymous("POST", "/users/getToken").json(&body);
        asking.send().await.ok()
    };
    let first = log_in().await;
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["access_token", "expired_at", "now"]);
    let token = text(&first["access_token"]);
    assert!(token.len() == 40 && token.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let expires = first["expired_at"].as_i64().unwrap();
    let left = expires - first["now"].as_i64().unwrap();
    assert!((1_799..=1_800).contains(&left), "{left}");
    bed.app.move_clock_s(1_700).await;
    let same = log_in().await;
    assert_eq!(same["access_token"], first["access_token"]);
    assert_eq!(same["expired_at"], first["expired_at"]);
    bed.app.move_clock_s(60).await;
    let longer = log_in().await;
    assert_eq!(longer["access_token"], first["access_token"]);
    assert_eq!(longer["expired_at"].as_i64().unwrap(), expires + 300);
    bed.app.move_clock_s(100).await;
    bed.get("/cards").send().await.ok();
    bed.app.move_clock_s(300).await;
    assert_eq!(
        bed.get("/cards").send().await.refused(401, -1),
        "Unauthorized"
    );
    let fresh = log_in().await;
    assert_ne!(fresh["access_token"], first["access_token"]);
}

#[tokio::test]
async fn log_ins_at_once_agree() {
    let bed = Bed::new().await;
    let all = futures(&bed, 20).await;
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "{all:?}");
}

async fn futures(bed: &Bed, count: usize) -> Vec<String> {
    bed.app.move_clock_s(3_600).await;
    let mut tasks = Vec::new();
    for _ in 0..count {
        let (engine, (key, secret)) = (bed.app.engine.clone(), pair(&OTHER));
        tasks.push(tokio::spawn(async move {
            engine.v1_token(&key, &secret).await.expect("a token").text
        }));
    }
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await.expect("a token"));
    }
    all
}

#[tokio::test]
async fn a_log_in_is_refused_without_both_and_with_a_wrong_one() {
    let bed = Bed::new().await;
    let (key, secret) = pair(&MAIN);
    let log_in = |body| bed.anonymous("POST", "/users/getToken").json(&body).send();
    for body in [
        json!({}),
        json!({ "imp_key": key }),
        json!({ "imp_key": key, "imp_secret": null }),
        json!({ "imp_key": "", "imp_secret": secret }),
    ] {
        let message = log_in(body).await.refused(400, -1);
        assert_eq!(message, "imp_key, imp_secret 파라메터가 누락되었습니다.");
    }
    for body in [
        json!({ "imp_key": key, "imp_secret": "wrong" }),
        json!({ "imp_key": "wrong", "imp_secret": secret }),
        json!({ "imp_key": key, "imp_secret": pair(&OTHER).1 }),
    ] {
        assert!(!log_in(body).await.refused(401, -1).is_empty());
    }
}

#[tokio::test]
async fn a_token_may_stand_in_either_header_behind_any_word_or_in_the_query() {
    let bed = Bed::new().await;
    let token = bed.token.clone();
    let asking = |name: &str, value: &str| {
        let asking = bed.anonymous("GET", "/cards").header(name, value);
        asking.send()
    };
    asking("authorization", &token).await.ok();
    asking("authorization", &format!("Bearer {token}"))
        .await
        .ok();
    asking("authorization", &format!("basic {token}"))
        .await
        .ok();
    asking("x-imptokenheader", &token).await.ok();
    let path = format!("/cards?_token={token}");
    bed.anonymous("GET", &path).send().await.ok();
    let wins = bed
        .anonymous("GET", "/cards")
        .header("authorization", "wrong")
        .header("x-imptokenheader", &token);
    wins.send().await.refused(401, -1);
}

#[tokio::test]
async fn without_a_token_everything_is_401() {
    let bed = Bed::new().await;
    for (method, path) in [
        ("GET", "/payments/absurd"),
        ("GET", "/payments/status/absurd"),
        ("POST", "/payments/cancel"),
        ("GET", "/payments/find"),
        ("PATCH", "/payments/cancel"),
        ("GET", "/nothing/of/ours"),
        ("GET", "/subscribe/customers/%ff"),
    ] {
        let unknown = bed
            .anonymous(method, path)
            .raw("{")
            .header("authorization", "wrong");
        assert_eq!(
            unknown.send().await.refused(401, -1),
            "Unauthorized",
            "{method} {path}"
        );
        let none = bed.anonymous(method, path).raw("{");
        none.send().await.refused(401, -1);
    }
    assert!(
        !bed.get("/nothing/of/ours")
            .send()
            .await
            .refused(404, -1)
            .is_empty()
    );
}

#[tokio::test]
async fn a_revoked_key_and_its_token_stop_working() {
    let bed = Bed::new().await;
    let store = naru_domain::StoreId::new(MAIN.store_id);
    let keys = bed.app.engine.v1_keys(&store).await.unwrap();
    bed.app.engine.revoke_v1_key(&keys[0].id).await.unwrap();
    bed.get("/cards").send().await.refused(401, -1);
    let (key, secret) = pair(&MAIN);
    let body = json!({ "imp_key": key, "imp_secret": secret });
    let log_in = bed.anonymous("POST", "/users/getToken").json(&body);
    log_in.send().await.refused(401, -1);
}

#[tokio::test]
async fn a_tier_names_a_sub_store_and_nobody_elses() {
    let bed = Bed::new().await;
    let store = naru_domain::StoreId::new(SUB.store_id);
    bed.app.engine.set_tier(&store, "ABC").await.unwrap();
    let tier = bed.get("/tiers/ABC").send().await.ok();
    assert_eq!(
        tier,
        json!({ "tier_code": "ABC", "tier_name": SUB.store_id })
    );
    bed.get("/tiers/XYZ").send().await.refused(404, -1);
    let body = crate::onetime("in-sub", 1_000);
    let paid = bed
        .post("/subscribe/payments/onetime")
        .json(&body)
        .header("tier", "ABC");
    assert_eq!(paid.send().await.ok()["status"], "paid");
    bed.get("/payments/find/in-sub")
        .send()
        .await
        .refused(404, -1);
    let there = bed.get("/payments/find/in-sub").header("tier", "ABC");
    there.send().await.ok();
    bed.get("/cards")
        .header("tier", "XYZ")
        .send()
        .await
        .refused(401, -1);
    // Another merchant's key can't tell the tier from one that does not exist.
    let other = bed.log_in(&OTHER).await;
    let asking = bed.get("/tiers/ABC").header("authorization", &other);
    asking.send().await.refused(404, -1);
}
