//! `loginViaApiSecret` and `refreshToken`.

use naru_testkit::{MAIN, OTHER, TestApp};
use serde_json::{Value, json};

use crate::{app, text};

async fn log_in(app: &TestApp, secret: &str) -> Value {
    let body = json!({ "apiSecret": secret });
    app.post("/login/api-secret")
        .anonymous()
        .json(&body)
        .send()
        .await
        .ok()
}

async fn read(app: &TestApp, token: &Value) -> u16 {
    let header = format!("Bearer {}", text(token));
    app.get("/payments")
        .header("authorization", &header)
        .send()
        .await
        .status
}

#[tokio::test]
async fn a_log_in_gives_tokens_that_work_for_their_time() {
    let app = app().await;
    let tokens = log_in(&app, MAIN.secret).await;
    assert_eq!(read(&app, &tokens["accessToken"]).await, 200);
    assert_eq!(read(&app, &tokens["refreshToken"]).await, 401);
    app.move_clock_s(29 * 60).await;
    assert_eq!(read(&app, &tokens["accessToken"]).await, 200);
    app.move_clock_s(2 * 60).await;
    assert_eq!(read(&app, &tokens["accessToken"]).await, 401);
}

#[tokio::test]
async fn a_refresh_ends_the_refresh_tokens_before_it() {
    let app = app().await;
    let first = log_in(&app, MAIN.secret).await;
    let body = json!({ "refreshToken": first["refreshToken"] });
    let request = || app.post("/token/refresh").anonymous().json(&body);
    let second = request().send().await.ok();
    assert_eq!(read(&app, &second["accessToken"]).await, 200);
    // An access token lives on until its time is over.
    assert_eq!(read(&app, &first["accessToken"]).await, 200);
    request().send().await.refused(401, "UNAUTHORIZED");
    let body = json!({ "refreshToken": second["refreshToken"] });
    app.post("/token/refresh").json(&body).send().await.ok();
}

#[tokio::test]
async fn a_refresh_token_lives_for_a_day() {
    let app = app().await;
    let tokens = log_in(&app, MAIN.secret).await;
    app.move_clock_s(24 * 60 * 60 + 1).await;
    let body = json!({ "refreshToken": tokens["refreshToken"] });
    app.post("/token/refresh")
        .json(&body)
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn log_ins_of_two_stores_do_not_disturb_each_other() {
    let app = app().await;
    let main = log_in(&app, MAIN.secret).await;
    log_in(&app, OTHER.secret).await;
    let body = json!({ "refreshToken": main["refreshToken"] });
    app.post("/token/refresh").json(&body).send().await.ok();
}

#[tokio::test]
async fn bad_input_is_refused() {
    let app = app().await;
    let log_in = |body: Value| app.post("/login/api-secret").anonymous().json(&body);
    log_in(json!({"apiSecret": "wrong"}))
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    log_in(json!({"apiSecret": ""}))
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    log_in(json!({"apiSecret": "nul\u{0}"}))
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    log_in(json!({})).send().await.refused_field("apiSecret");
    log_in(json!({"apiSecret": 5}))
        .send()
        .await
        .refused_field("apiSecret");
    let refresh = |body: Value| app.post("/token/refresh").anonymous().json(&body);
    refresh(json!({"refreshToken": "a.b.c"}))
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
    refresh(json!({}))
        .send()
        .await
        .refused_field("refreshToken");
    let access = self::log_in(&app, MAIN.secret).await["accessToken"].clone();
    refresh(json!({"refreshToken": access}))
        .send()
        .await
        .refused(401, "UNAUTHORIZED");
}
