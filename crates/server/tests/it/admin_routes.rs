//! The admin routes of promotions, checkout profiles and channel groups over HTTP: closed without
//! the token, done with it, refused in words.

use naru_server::sandbox_credentials::{CARDS, CHANNEL_GROUP_ID};
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::web::Web;

const NEVER: &str = "2098-12-31T23:59:59+09:00";

fn promotion() -> Value {
    json!({
        "name": "Summer", "cardCompany": "SAMSUNG_CARD", "currency": "KRW",
        "partitions": [{ "amountFrom": 1000, "percent": 10 }], "totalBudget": 1000,
        "recovery": { "recovers": true }, "endAt": NEVER,
    })
}

/// A body with one field changed; null takes it out.
fn with(mut body: Value, name: &str, value: Value) -> Value {
    let fields = body.as_object_mut().unwrap();
    if value.is_null() {
        fields.remove(name);
    } else {
        fields.insert(name.to_owned(), value);
    }
    body
}

/// A sandbox that runs in a directory of its own.
fn sandbox() -> (tempfile::TempDir, Sandbox, Web) {
    let directory = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::start(directory.path());
    let web = Web::of(directory.path());
    (directory, sandbox, web)
}

#[test]
fn promotions_are_closed_without_the_token() {
    let (_directory, _sandbox, web) = sandbox();
    let list = format!("/stores/{}/promotions", web.place.v2.store_id);
    for (method, path) in [
        ("GET", list.as_str()),
        ("POST", &list),
        ("GET", "/promotions/x"),
        ("POST", "/promotions/x"),
        ("POST", "/promotions/x/pause"),
        ("POST", "/card-bins"),
        ("GET", "/card-bins/400000"),
    ] {
        web.closed(method, path);
    }
}

#[test]
fn a_promotion_that_makes_no_sense_is_refused_in_words() {
    let (_directory, _sandbox, web) = sandbox();
    let list = format!("/stores/{}/promotions", web.place.v2.store_id);
    for (name, value, words) in [
        ("name", json!(" "), "`name`"),
        ("cardCompany", json!("MY_CARD"), "`cardCompany`"),
        ("currency", json!("WON"), "is no currency"),
        (
            "partitions",
            json!([{ "amountFrom": 1 }]),
            "a percent or an amount",
        ),
        ("partitions", json!([]), "partition"),
        ("totalBudget", json!(0), "`totalBudget`"),
        (
            "recovery",
            json!({ "recovers": true, "spareAmount": 1 }),
            "spare budget",
        ),
        (
            "recovery",
            json!({ "recovers": false, "spareAmount": 1, "sparePercent": 1 }),
            "an amount or a percent",
        ),
        ("endAt", json!("soon"), "is not a moment"),
        ("endAt", json!("2020-01-01T00:00:00Z"), "`endAt`"),
        ("endAt", Value::Null, "can't be read"),
    ] {
        web.refused("POST", &list, Some(&with(promotion(), name, value)), words);
    }
    web.refused("GET", "/stores/store-x/promotions", None, "is no store");
}

#[test]
fn a_promotion_is_made_changed_paused_and_ended() {
    let (_directory, _sandbox, web) = sandbox();
    let list = format!("/stores/{}/promotions", web.place.v2.store_id);
    let later = with(promotion(), "startAt", json!("2098-01-01T00:00:00+09:00"));
    let made = web.done("POST", &list, Some(&later));
    assert_eq!(made["status"], "SCHEDULED");
    let path = format!("/promotions/{}", made["id"].as_str().unwrap());
    let spare = json!({ "recovery": { "recovers": false, "sparePercent": 10 } });
    let changed = web.done("POST", &path, Some(&spare));
    assert_eq!(
        changed["recovery"],
        json!({ "recovers": false, "sparePercent": 10 })
    );
    assert_eq!(web.done("GET", &path, None), changed);
    let alone = json!({ "maxDiscountAmount": 5 });
    web.refused("POST", &path, Some(&alone), "together with the partitions");
    assert_eq!(
        web.done("POST", &format!("{path}/pause"), None)["status"],
        "PAUSED"
    );
    assert_eq!(
        web.done("POST", &format!("{path}/resume"), None)["status"],
        "SCHEDULED"
    );
    web.refused("POST", &format!("{path}/resume"), None, "nothing to resume");
    web.refused(
        "POST",
        &format!("{path}/dance"),
        None,
        "is nothing that a promotion does",
    );
    let ended = web.done("POST", &format!("{path}/terminate"), None);
    assert_eq!(ended["status"], "TERMINATED");
    web.refused(
        "POST",
        &path,
        Some(&json!({ "name": "x" })),
        "nothing can be changed",
    );
    web.refused("GET", "/promotions/none", None, "promotion");
    assert_eq!(web.done("GET", &list, None)["items"], json!([ended]));
}

#[test]
fn the_table_of_cards_is_the_simulated_pgs_and_can_be_changed() {
    let (_directory, _sandbox, web) = sandbox();
    for (bin, company) in CARDS {
        let found = web.done("GET", &format!("/card-bins/{bin}"), None);
        assert_eq!(found, json!({ "company": company }));
        // The table is what the simulated PG says of such a card.
        let number = format!("{bin}0000000000");
        let id = format!("card-{bin}");
        let mut fields = json!({ "method": { "card": { "credential": {
            "number": number, "expiryYear": "30", "expiryMonth": "12",
            "birthOrBusinessRegistrationNumber": "900101", "passwordTwoDigits": "12",
        } } } });
        fields["orderName"] = json!("Card");
        let paid = web.pay(&id, 0, &fields);
        assert_eq!(paid["method"]["card"]["issuer"], company, "{bin}: {paid}");
    }
    let bins = json!({ "bins": [["400000", "HANA_CARD"]] });
    assert_eq!(
        web.done("POST", "/card-bins", Some(&bins)),
        json!({ "count": 1 })
    );
    assert_eq!(
        web.done("GET", "/card-bins/400000", None)["company"],
        "HANA_CARD"
    );
    assert_eq!(
        web.done("GET", "/card-bins/999999", None)["company"],
        Value::Null
    );
    for wrong in [json!([["4", "HANA_CARD"]]), json!([["400000", "my card"]])] {
        let (status, _) = web.admin("POST", "/card-bins", Some(&json!({ "bins": wrong })));
        assert_eq!(status, 400, "{wrong}");
    }
}

#[test]
fn people_may_say_otherwise_of_a_card_and_a_restart_leaves_it() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let sandbox = Sandbox::start(data);
    let bins = json!({ "bins": [["400000", "HANA_CARD"]] });
    Web::of(data).done("POST", "/card-bins", Some(&bins));
    assert!(sandbox.stop());
    let _sandbox = Sandbox::start(data);
    let found = Web::of(data).done("GET", "/card-bins/400000", None);
    assert_eq!(found["company"], "HANA_CARD");
}

#[test]
fn checkout_profiles_and_the_page_of_a_session() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path();
    let _sandbox = Sandbox::start(data);
    let web = Web::of(data);
    let channel = &web.place.channels[0].key;
    let list = format!("/stores/{}/profiles", web.place.v2.store_id);
    for (method, path) in [
        ("GET", list.as_str()),
        ("POST", &list),
        ("GET", "/profiles/x"),
        ("POST", "/profiles/x/methods"),
        ("DELETE", "/profiles/x/methods/CARD_KR"),
    ] {
        web.closed(method, path);
    }
    web.refused(
        "POST",
        &list,
        Some(&json!({ "name": "Shop" })),
        "can't be read",
    );
    web.refused("GET", "/stores/store-x/profiles", None, "is no store");
    web.refused("GET", "/profiles/none", None, "profile");
    let new = json!({ "name": "Shop", "isTest": true });
    let made = web.done("POST", &list, Some(&new));
    let key = made["key"].as_str().unwrap();
    let methods = format!("/profiles/{key}/methods");
    let method = |name: &str, value: Value| {
        let base = json!({
            "method": "CARD_KR", "channelKey": channel, "isOn": true, "countries": ["KR"],
            "currencies": ["KRW"], "amountMin": 100, "amountMax": 5000,
        });
        with(base, name, value)
    };
    for (name, value, words) in [
        ("method", json!("COINS"), "is no method of payment"),
        ("countries", json!(["KOREA"]), "is no country"),
        ("currencies", json!(["WON"]), "is no currency"),
        ("channelKey", json!("channel-key-none"), "channel"),
    ] {
        web.refused("POST", &methods, Some(&method(name, value)), words);
    }
    let set = web.done("POST", &methods, Some(&method("amountMax", json!(5000))));
    assert_eq!(set["methods"][0]["method"], "CARD_KR");
    assert_eq!(web.done("GET", &format!("/profiles/{key}"), None), set);
    assert_eq!(web.done("GET", &list, None)["items"], json!([set]));
    page_of_a_session(&web, key);
    let gone = web.done("DELETE", &format!("{methods}/CARD_KR"), None);
    assert_eq!(gone["methods"], json!([]));
    web.refused("DELETE", &format!("{methods}/CARD_KR"), None, "CARD_KR");
}

/// The page shows the order in both languages while the session is open, and nothing of it
/// afterwards. What it does with a customer is tested in `checkout.test.mjs`.
fn page_of_a_session(web: &Web, profile: &str) {
    let session = json!({
        "storeId": web.place.v2.store_id, "paymentId": "order-1", "profileKey": profile,
        "country": "KR", "currency": "KRW", "totalAmount": 1000, "orderName": "secret order",
        "redirectUrl": "https://shop.test/done",
    });
    let made = web.api("POST", "/payment-sessions", Some(&session));
    let id = made["sessionId"].as_str().unwrap();
    let public = web.place.v2.url.trim_end_matches('/');
    assert_eq!(made["url"], format!("{public}/checkout/{id}"));
    let page = |id: &str| crate::web::page(&format!("{public}/checkout/{id}"));
    let open = page(id);
    assert_eq!(open.status, 200);
    for word in ["secret order", "결제하기", "Pay"] {
        assert!(open.text.contains(word), "{word}: {}", open.text);
    }
    let policy = &open.headers["content-security-policy"];
    assert!(
        policy.to_str().unwrap().contains("default-src"),
        "{policy:?}"
    );
    assert_eq!(open.headers["cache-control"], "private, no-store");
    assert_eq!(open.headers["referrer-policy"], "no-referrer");
    web.api("POST", &format!("/payment-sessions/{id}/close"), None);
    let closed = page(id);
    assert_eq!(closed.status, 410);
    assert!(!closed.text.contains("secret order"), "{}", closed.text);
    for none in ["payment-session-none", "%00"] {
        assert_eq!(page(none).status, 404, "{none}");
    }
}

fn route(web: &Web, index: usize, weight: u8) -> Value {
    let channel = &web.place.channels[index].key;
    json!({ "channelKey": channel, "weight": weight, "isOn": true })
}

#[test]
fn a_channel_group_that_makes_no_sense_is_refused_in_words() {
    let (_directory, _sandbox, web) = sandbox();
    let list = format!("/stores/{}/channel-groups", web.place.v2.store_id);
    let own = format!("/channel-groups/{CHANNEL_GROUP_ID}");
    let soon = "2098-01-01T10:00:00+09:00";
    let schedule = format!("{own}/schedules/{soon}").replace('+', "%2B");
    for (method, path) in [
        ("GET", list.as_str()),
        ("POST", &list),
        ("GET", &own),
        ("POST", &own),
        ("DELETE", &own),
        ("POST", &format!("{own}/schedules")),
        ("DELETE", &schedule),
    ] {
        web.closed(method, path);
    }
    let route = |index: usize, weight: u8| route(&web, index, weight);
    let new = json!({ "name": "Cards", "isTest": true, "routes": [route(0, 100)] });
    for (name, value, words) in [
        ("name", json!(""), "`name`"),
        ("routes", json!([route(0, 99)]), "sum to 99"),
        (
            "routes",
            json!([route(0, 50), route(0, 50)]),
            "is named twice",
        ),
        ("routes", Value::Null, "can't be read"),
    ] {
        web.refused("POST", &list, Some(&with(new.clone(), name, value)), words);
    }
    web.refused("GET", "/stores/store-x/channel-groups", None, "is no store");
    web.refused("GET", "/channel-groups/none", None, "channel group");
}

#[test]
fn a_channel_group_is_made_changed_and_deleted() {
    let (_directory, _sandbox, web) = sandbox();
    let list = format!("/stores/{}/channel-groups", web.place.v2.store_id);
    let soon = "2098-01-01T10:00:00+09:00";
    let route = |index: usize, weight: u8| route(&web, index, weight);
    let new = json!({ "name": "Cards", "isTest": true, "routes": [route(0, 100)] });
    let made = web.done("POST", &list, Some(&new));
    let path = format!("/channel-groups/{}", made["id"].as_str().unwrap());
    let changed = web.done("POST", &path, Some(&json!({ "failoverTriesMax": 1 })));
    assert_eq!(changed["failoverTriesMax"], 1);
    let next = json!({ "startsAt": soon, "routes": [route(0, 40), route(1, 60)] });
    let scheduled = web.done("POST", &format!("{path}/schedules"), Some(&next));
    assert_eq!(scheduled["scheduled"][0]["routes"], next["routes"]);
    assert_eq!(web.done("GET", &path, None), scheduled);
    let half = json!({ "startsAt": "2098-01-01T10:30:00+09:00", "routes": [route(0, 100)] });
    web.refused(
        "POST",
        &format!("{path}/schedules"),
        Some(&half),
        "whole hour",
    );
    let at = format!("{path}/schedules/{soon}").replace('+', "%2B");
    assert_eq!(web.done("DELETE", &at, None)["scheduled"], json!([]));
    web.refused("DELETE", &at, None, "no change is scheduled");
    let gone = web.done("DELETE", &path, None);
    assert!(gone["deletedAt"].is_string(), "{gone}");
    web.refused(
        "POST",
        &path,
        Some(&json!({ "failoverTriesMax": 0 })),
        "was deleted",
    );
    let items = web.done("GET", &list, None)["items"].clone();
    assert!(
        items
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["id"] == CHANNEL_GROUP_ID)
    );
}
