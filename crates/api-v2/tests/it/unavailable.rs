//! A database that can't be reached, and mistakes of our own.

use naru_engine::EngineConfig;
use naru_store_memory::MemoryStore;
use naru_testkit::{TestApp, TestAppOptions, bodies};

#[tokio::test]
async fn an_unreachable_database_is_a_503_without_a_word_about_it() {
    let store = MemoryStore::new(|| naru_engine::Time::now(&naru_engine::SystemTime));
    let options = TestAppOptions {
        store: Some(store.clone()),
        config: Some(EngineConfig::default()),
        unseeded: false,
    };
    let app = TestApp::start_with(naru_api_v2::router, options).await;
    // The credential is cached for half a second; what is behind it is not.
    app.get("/payments").send().await.ok();
    store.set_unavailable(true);
    for request in [
        app.get("/payments"),
        app.get("/payments/x"),
        app.post("/payments/x/cancel").json(&bodies::cancel()),
    ] {
        let answer = request.send().await;
        assert!(answer.headers.contains_key("retry-after"));
        let message = answer.refused(503, "UNAVAILABLE");
        assert!(!message.contains("switched off"), "{message}");
    }
    store.set_unavailable(false);
    app.post("/payments/x/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
}
