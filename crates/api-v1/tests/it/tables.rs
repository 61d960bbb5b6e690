//! Code tables and settings.

use naru_testkit::MAIN;
use serde_json::json;

use crate::Bed;

#[tokio::test]
async fn cards_and_banks_are_named_by_code() {
    let bed = Bed::new().await;
    let card = bed.get("/cards/366").send().await.ok();
    assert_eq!(card, json!({ "code": "366", "name": "신한카드" }));
    let bank = bed.get("/banks/088").send().await.ok();
    assert_eq!(bank, json!({ "code": "088", "name": "신한은행" }));
    for path in ["/cards/000", "/banks/000"] {
        assert!(!bed.get(path).send().await.refused(404, -1).is_empty());
    }
    for path in ["/cards", "/banks"] {
        let all = bed.get(path).send().await.ok();
        let all = all.as_array().unwrap();
        assert!(all.len() > 20 && all.iter().all(|one| one["name"].is_string()));
        bed.anonymous("GET", path).send().await.refused(401, -1);
    }
}

#[tokio::test]
async fn the_holder_of_an_account_is_looked_up() {
    let bed = Bed::new().await;
    let ask = async |query: &str| bed.get(&format!("/vbanks/holder?{query}")).send().await;
    let found = ask("bank_code=088&bank_num=110-123-456789").await.ok();
    assert!(!found["bank_holder"].as_str().unwrap().is_empty());
    ask("bank_code=088&bank_num=404000000000")
        .await
        .refused(404, -1);
    for wrong in [
        "bank_num=110123456789",
        "bank_code=000&bank_num=110123456789",
        "bank_code=088",
        "bank_code=088&bank_num=abc",
    ] {
        ask(wrong).await.refused(400, -1);
    }
    let path = "/vbanks/holder?bank_code=088&bank_num=110123456789";
    bed.anonymous("GET", path).send().await.refused(401, -1);
}

#[tokio::test]
async fn pg_settings_are_the_channels() {
    let bed = Bed::new().await;
    let rows = bed.get("/users/pg").send().await.ok();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["type"] == "api_payment");
    assert_eq!(
        *row.unwrap(),
        json!({
            "pg_provider": "html5_inicis", "pg_id": "INIpayTest", "sandbox": true,
            "type": "api_payment", "channel_name": MAIN.channels[0],
            "channel_key": MAIN.channels[0],
        })
    );
    let kinds: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["type"])
        .collect();
    assert!(kinds.contains(&&json!("certification")) && kinds.contains(&&json!("payment")));
}
