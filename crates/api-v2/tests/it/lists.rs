//! `getPayments` and `getBillingKeyInfos`: pages, defaults, and every filter.

use naru_store::{Commit, Condition, Query, Write, tables};
use naru_testkit::{MAIN, TestApp, bodies};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::stores::every_store;
use crate::{app, app_with_payment, issue, sorted, with};

async fn ids(app: &TestApp, filter: Value) -> Vec<String> {
    let body = json!({ "filter": filter, "page": { "size": 100 } });
    let list = app.get("/payments").json(&body).send().await.ok();
    sorted(&list, "id")
}

/// Three payments: paid, waiting for a deposit, failed.
async fn three() -> TestApp {
    let app = app().await;
    app.post("/payments/l-paid/instant")
        .json(&bodies::card_payment())
        .send()
        .await
        .ok();
    app.post("/payments/l-wait/instant")
        .json(&bodies::virtual_account())
        .send()
        .await
        .ok();
    let declined = bodies::card_number("9000000000120049");
    let mut declined = with(bodies::card_payment(), "/method/card/credential", declined);
    declined["orderName"] = json!("Zebra");
    declined["currency"] = json!("USD");
    app.post("/payments/l-fail/instant")
        .json(&declined)
        .send()
        .await;
    app.settle().await;
    app
}

#[tokio::test]
async fn an_empty_list_has_its_defaults() {
    let app = app().await;
    let list = app.get("/payments").send().await.ok();
    assert_eq!(
        list,
        json!({"items": [], "page": {"number": 0, "size": 10, "totalCount": 0}})
    );
    let list = app.get("/billing-keys").send().await.ok();
    assert_eq!(
        list,
        json!({"items": [], "page": {"number": 0, "size": 10, "totalCount": 0}})
    );
}

#[tokio::test]
async fn pages_follow_each_other_and_count_all() {
    let app = app().await;
    for n in 0..12 {
        let path = format!("/payments/page-{n:02}/instant");
        app.post(&path)
            .json(&bodies::virtual_account())
            .send()
            .await
            .ok();
    }
    let page = |body: Value| app.get("/payments").json(&body);
    let first = page(json!({})).send().await.ok();
    assert_eq!(
        first["page"],
        json!({"number": 0, "size": 10, "totalCount": 12})
    );
    // Newest first.
    assert_eq!(first["items"][0]["id"], "page-11");
    let second = page(json!({"page": {"number": 1}})).send().await.ok();
    assert_eq!(second["items"].as_array().unwrap().len(), 2);
    assert_eq!(second["items"][1]["id"], "page-00");
    let body =
        json!({"filter": {"sortBy": "REQUESTED_AT", "sortOrder": "ASC"}, "page": {"size": 1}});
    let oldest = page(body).send().await.ok();
    assert_eq!(oldest["items"][0]["id"], "page-00");
    let beyond = page(json!({"page": {"number": 3000}})).send().await.ok();
    assert_eq!(beyond["items"], json!([]));
    assert_eq!(beyond["page"]["totalCount"], 12);
}

#[tokio::test]
async fn pages_have_limits() {
    let app = app().await;
    let page = |page: Value| app.get("/payments").json(&json!({ "page": page }));
    page(json!({"number": 59, "size": 1000})).send().await.ok();
    page(json!({"number": 60, "size": 1000}))
        .send()
        .await
        .refused_field("page");
    page(json!({"number": 6000}))
        .send()
        .await
        .refused_field("page");
    page(json!({"number": 2_147_483_647}))
        .send()
        .await
        .refused_field("page");
    for (field, bad) in [
        ("page.size", json!({"size": 0})),
        ("page.size", json!({"size": 1001})),
        ("page.size", json!({"size": -1})),
        ("page.number", json!({"number": -1})),
        ("page.number", json!({"number": 0.5})),
        ("page", json!([0, 10])),
    ] {
        page(bad).send().await.refused_field(field);
    }
}

#[tokio::test]
async fn every_filter_of_payments_filters() {
    let app = three().await;
    let all = ["l-fail", "l-paid", "l-wait"];
    assert_eq!(ids(&app, json!({})).await, all);
    let cases = [
        (json!({"status": ["PAID"]}), vec!["l-paid"]),
        (
            json!({"status": ["PAID", "FAILED"]}),
            vec!["l-fail", "l-paid"],
        ),
        (json!({"status": ["PENDING"]}), vec![]),
        (json!({"status": []}), all.to_vec()),
        (json!({"methods": ["VIRTUAL_ACCOUNT"]}), vec!["l-wait"]),
        (
            json!({"methods": ["CARD", "MOBILE"]}),
            vec!["l-fail", "l-paid"],
        ),
        (json!({"pgProvider": ["INICIS_V2"]}), all.to_vec()),
        (json!({"pgProvider": ["KCP_V2"]}), vec![]),
        (json!({"isTest": true}), all.to_vec()),
        (json!({"isTest": false}), vec![]),
        (json!({"isScheduled": false}), all.to_vec()),
        (json!({"isScheduled": true}), vec![]),
        (json!({"version": "V2"}), all.to_vec()),
        (json!({"version": "V1"}), vec![]),
        (json!({"platformType": "API"}), all.to_vec()),
        (json!({"platformType": "SDK_PC"}), vec![]),
        (json!({"currency": "USD"}), vec!["l-fail"]),
        (json!({"isEscrow": false}), all.to_vec()),
        (json!({"isEscrow": true}), vec![]),
        (json!({"escrowStatus": "REGISTERED"}), vec![]),
        (json!({"giftCertificateType": "BOOKNLIFE"}), vec![]),
        (json!({"cashReceiptType": "PERSONAL"}), vec![]),
        (json!({"cashReceiptStatus": "ISSUED"}), vec![]),
        (json!({"merchantId": MAIN.merchant_id}), all.to_vec()),
        (json!({"merchantId": "merchant-other"}), vec![]),
        (json!({"webhookStatus": "SUCCEEDED"}), all.to_vec()),
        (json!({"webhookStatus": "FAILED_NOT_OK_RESPONSE"}), vec![]),
        (json!({"timestampType": "CREATED_AT"}), all.to_vec()),
        (json!({"status": ["PAID"], "currency": "USD"}), vec![]),
    ];
    for (filter, expected) in cases {
        assert_eq!(ids(&app, filter.clone()).await, expected, "{filter}");
    }
    let range = json!({"from": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"});
    for field in ["cashReceiptIssuedAtRange", "cashReceiptCancelledAtRange"] {
        assert!(ids(&app, json!({ field: range })).await.is_empty());
    }
}

#[tokio::test]
async fn the_webhook_that_counts_is_that_of_the_last_status() {
    let app = three().await;
    let with_webhook = |status: &str| ids(&app, json!({ "webhookStatus": status }));
    app.receiver.answer_with(503);
    app.post("/payments/l-paid/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    // Announced and not delivered: the webhook of PAID no longer counts.
    assert_eq!(with_webhook("SUCCEEDED").await, ["l-fail", "l-wait"]);
    app.settle().await;
    assert_eq!(with_webhook("SUCCEEDED").await, ["l-fail", "l-wait"]);
    assert_eq!(with_webhook("FAILED_NOT_OK_RESPONSE").await, ["l-paid"]);
}

#[tokio::test]
async fn cards_are_filtered_by_what_the_pg_said_of_them() {
    let app = three().await;
    let paid = app.get("/payments/l-paid").send().await.ok();
    for (field, name) in [
        ("cardBrand", "brand"),
        ("cardType", "type"),
        ("cardOwnerType", "ownerType"),
    ] {
        if let Some(value) = paid["method"]["card"].get(name) {
            assert_eq!(
                ids(&app, json!({ field: value })).await,
                ["l-paid"],
                "{field}"
            );
        }
    }
    assert!(ids(&app, json!({"cardBrand": "DINERS"})).await.is_empty());
}

#[tokio::test]
async fn words_are_searched_by_prefix_and_all_must_match() {
    let app = three().await;
    let search = |terms: Value| ids(&app, json!({ "textSearch": terms }));
    assert_eq!(
        search(json!([{"field": "PAYMENT_ID", "value": "l-pa"}])).await,
        ["l-paid"]
    );
    assert_eq!(
        search(json!([{"field": "ORDER_NAME", "value": "zeb"}])).await,
        ["l-fail"]
    );
    assert_eq!(
        search(json!([{"field": "ALL", "value": "zeb"}])).await,
        ["l-fail"]
    );
    // Written as the customer's number was, whatever the payment shows of it.
    for number in ["0101234", "010-1234-5"] {
        let term = json!([{"field": "CUSTOMER_PHONE_NUMBER", "value": number}]);
        assert_eq!(search(term).await.len(), 3, "{number}");
    }
    let both = json!([
        {"field": "ORDER_NAME", "value": "나룻배"},
        {"field": "PAYMENT_ID", "value": "l-w"},
    ]);
    assert_eq!(search(both).await, ["l-wait"]);
    assert!(
        search(json!([{"field": "SCHEDULE_ID", "value": "x"}]))
            .await
            .is_empty()
    );
    assert!(
        search(json!([{"field": "ALL", "value": "%"}]))
            .await
            .is_empty()
    );
    assert_eq!(
        search(json!([{"field": "ALL", "value": ""}])).await.len(),
        3
    );
}

#[tokio::test]
async fn failed_payments_are_found_by_what_they_show() {
    let app = three().await;
    let read = app.get("/payments/l-wait").send().await.ok();
    let number = read["method"]["accountNumber"].clone();
    let close = app.post("/payments/l-wait/virtual-account/close");
    close.send().await.ok();
    app.settle().await;
    let search = async |field: &str, value: &Value| {
        let term = json!({ "field": field, "value": value });
        ids(&app, json!({ "textSearch": [term] })).await
    };
    assert_eq!(search("VIRTUAL_ACCOUNT_NUMBER", &number).await, ["l-wait"]);
    let failed = app.get("/payments/l-fail").send().await.ok();
    let reason = &failed["failure"]["reason"];
    assert_eq!(search("FAIL_REASON", reason).await, ["l-fail"]);
    // The text alone, too: the code in front of it is rarely known by heart.
    let words = json!("카드 한도");
    assert_eq!(search("FAIL_REASON", &words).await, ["l-fail"]);
}

#[tokio::test]
async fn times_are_a_window_of_ninety_days_unless_said_otherwise() {
    let app = three().await;
    app.move_clock_s(91 * 86_400).await;
    assert!(ids(&app, json!({})).await.is_empty());
    let from = app.now().plus_seconds(-92 * 86_400).to_string();
    assert_eq!(ids(&app, json!({"from": from})).await.len(), 3);
    let until = app.now().plus_seconds(-90 * 86_400).to_string();
    assert_eq!(ids(&app, json!({"until": until})).await.len(), 3);
    // A refund moves an old payment into today's window.
    app.post("/payments/l-paid/cancel")
        .json(&bodies::cancel())
        .send()
        .await
        .ok();
    assert_eq!(ids(&app, json!({})).await, ["l-paid"]);
    assert!(
        ids(&app, json!({"timestampType": "CREATED_AT"}))
            .await
            .is_empty()
    );
    // Offsets other than Z are understood.
    let filter = json!({"from": "2020-01-01T09:00:00+09:00"});
    assert_eq!(ids(&app, filter).await.len(), 3);
}

/// Made one after the other, a second apart; then cancelled from the newest to the oldest, so that
/// the order of changes is the opposite of that of creation.
async fn turned_around(count: usize) -> TestApp {
    let app = app().await;
    for n in 0..count {
        let path = format!("/payments/turn-{n:02}/instant");
        let card = bodies::card_payment();
        app.post(&path).json(&card).send().await.ok();
        app.move_clock_s(1).await;
    }
    for n in (0..count).rev() {
        let path = format!("/payments/turn-{n:02}/cancel");
        app.post(&path).json(&bodies::cancel()).send().await.ok();
        app.move_clock_s(1).await;
    }
    app
}

#[tokio::test]
async fn a_window_of_one_time_has_the_order_of_another() {
    let count = 60;
    let app = turned_around(count).await;
    let first = app.get("/payments/turn-00").send().await.ok();
    let third = app.get("/payments/turn-02").send().await.ok();
    let last = app.get("/payments/turn-59").send().await.ok();
    let page = async |mut filter: Value, window: (&Value, &Value), number: u32| {
        filter["from"] = window.0.clone();
        filter["until"] = window.1.clone();
        let body = json!({"filter": filter, "page": {"size": 2, "number": number}});
        let list = app.get("/payments").json(&body).send().await.ok();
        let ids = list["items"].as_array().unwrap().iter();
        let ids: Vec<String> = ids
            .map(|item| item["id"].as_str().unwrap().to_owned())
            .collect();
        (ids, list["page"]["totalCount"].as_u64().unwrap())
    };
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    // The window's payments were the last to change, or the first.
    let old = (&first["requestedAt"], &third["requestedAt"]);
    let created = json!({"timestampType": "CREATED_AT"});
    assert_eq!(
        page(created.clone(), old, 0).await,
        (owned(&["turn-00", "turn-01"]), 3)
    );
    assert_eq!(
        page(created.clone(), old, 1).await,
        (owned(&["turn-02"]), 3)
    );
    assert_eq!(page(created.clone(), old, 2).await, (vec![], 3));
    let ascending = with(created, "/sortOrder", json!("ASC"));
    assert_eq!(
        page(ascending.clone(), old, 0).await,
        (owned(&["turn-02", "turn-01"]), 3)
    );
    let cancelled = with(ascending, "/status", json!(["PAID"]));
    assert_eq!(page(cancelled, old, 0).await, (vec![], 0));
    // The other way round.
    let changed = (&last["statusChangedAt"], &last["statusChangedAt"]);
    let requested = json!({"sortBy": "REQUESTED_AT", "sortOrder": "ASC"});
    assert_eq!(page(requested, changed, 0).await, (owned(&["turn-59"]), 1));
}

#[tokio::test]
async fn bad_filters_are_refused_by_name() {
    let app = app().await;
    for (field, filter) in [
        ("filter", json!([])),
        ("filter.status", json!({"status": "PAID"})),
        ("filter.status[0]", json!({"status": ["PAY_PENDING"]})),
        ("filter.methods[0]", json!({"methods": ["CASH"]})),
        ("filter.from", json!({"from": "yesterday"})),
        ("filter.from", json!({"from": "2026-01-01"})),
        ("filter.until", json!({"until": "2026-02-30T00:00:00Z"})),
        ("filter.isTest", json!({"isTest": "true"})),
        ("filter.sortBy", json!({"sortBy": "AMOUNT"})),
        (
            "filter.textSearch",
            json!({"textSearch": {"field": "ALL", "value": "x"}}),
        ),
        (
            "filter.textSearch[0].value",
            json!({"textSearch": [{"field": "ALL", "value": "a\u{0}"}]}),
        ),
        ("filter.merchantId", json!({"merchantId": "m\u{0}"})),
        (
            "filter.cashReceiptIssuedAtRange.until",
            json!({"cashReceiptIssuedAtRange":
            {"from": "2026-01-01T00:00:00Z", "until": "never"}}),
        ),
    ] {
        let body = json!({ "filter": filter });
        app.get("/payments")
            .json(&body)
            .send()
            .await
            .refused_field(field);
    }
}

#[tokio::test]
async fn every_filter_of_billing_keys_filters() {
    let app = app().await;
    let kept = issue(&app).await;
    let deleted = issue(&app).await;
    app.delete(&format!("/billing-keys/{deleted}"))
        .send()
        .await
        .ok();
    app.settle().await;
    let keys = async |filter: Value| {
        let list = app
            .get("/billing-keys")
            .json(&json!({ "filter": filter }))
            .send()
            .await
            .ok();
        sorted(&list, "billingKey")
    };
    let mut all = vec![kept.clone(), deleted.clone()];
    all.sort();
    let (kept, deleted) = (vec![kept], vec![deleted]);
    for (filter, expected) in [
        (json!({}), &all),
        (json!({"status": ["ISSUED"]}), &kept),
        (json!({"status": ["DELETED"]}), &deleted),
        (json!({"methods": ["CARD"]}), &all),
        (json!({"methods": ["MOBILE"]}), &vec![]),
        (json!({"pgProviders": ["INICIS_V2"]}), &all),
        (json!({"pgProviders": ["KCP_V2"]}), &vec![]),
        (json!({"pgCompanies": ["INICIS"]}), &all),
        (json!({"pgCompanies": ["KCP"]}), &vec![]),
        (json!({"customerId": "customer-1"}), &all),
        (json!({"customerId": "customer-2"}), &vec![]),
        (json!({"channelGroupIds": ["g"]}), &vec![]),
        (json!({"channelGroupIds": []}), &all),
        (json!({"platformType": "API"}), &all),
        (json!({"platformType": "SDK_MOBILE"}), &vec![]),
        (json!({"version": "V2"}), &all),
        (json!({"version": "V1"}), &vec![]),
        (json!({"storeId": MAIN.store_id}), &all),
        (json!({"timeRangeField": "DELETED_AT"}), &deleted),
        (json!({"timeRangeField": "ISSUED_AT"}), &all),
        (json!({"timeRangeField": "STATUS_TIMESTAMP"}), &all),
        (
            json!({"textSearch": {"field": "CUSTOMER_EMAIL", "value": "HONG"}}),
            &all,
        ),
        (
            json!({"textSearch": {"field": "CUSTOMER_EMAIL", "value": "kim"}}),
            &vec![],
        ),
    ] {
        assert_eq!(&keys(filter.clone()).await, expected, "{filter}");
    }
}

#[tokio::test]
async fn billing_keys_are_sorted_as_asked_and_bad_filters_are_refused() {
    let app = app().await;
    for _ in 0..2 {
        issue(&app).await;
    }
    for by in [
        "REQUESTED_AT",
        "ISSUED_AT",
        "DELETED_AT",
        "STATUS_TIMESTAMP",
    ] {
        let sort = json!({"sort": {"by": by, "order": "ASC"}});
        let list = app.get("/billing-keys").json(&sort).send().await.ok();
        assert_eq!(list["page"]["totalCount"], 2);
    }
    for (field, body) in [
        ("sort.by", json!({"sort": {"by": "TIME_TO_PAY"}})),
        ("filter.from", json!({"filter": {"from": "x"}})),
        ("filter.textSearch", json!({"filter": {"textSearch": []}})),
        (
            "filter.customerId",
            json!({"filter": {"customerId": "c\u{0}"}}),
        ),
        ("page.size", json!({"page": {"size": 0}})),
    ] {
        app.get("/billing-keys")
            .json(&body)
            .send()
            .await
            .refused_field(field);
    }
}

/// Ids of the page, and how many match.
async fn found(app: &TestApp, filter: Value) -> (Vec<String>, i64) {
    let body = json!({ "filter": filter });
    let list = app.get("/payments").json(&body).send().await.ok();
    let count = list["page"]["totalCount"].as_i64().expect("a count");
    (sorted(&list, "id"), count)
}

#[tokio::test]
async fn filters_and_counts_see_what_was_committed_a_moment_ago() {
    for on in every_store().await {
        let app = &on.app;
        let pay = async |id: &str| {
            let path = format!("/payments/{id}/instant");
            app.post(&path)
                .json(&bodies::card_payment())
                .send()
                .await
                .ok();
        };
        pay("a").await;
        app.settle().await;
        let cards = json!({"methods": ["CARD"]});
        let paid = json!({"methods": ["CARD"], "status": ["PAID"]});
        let one = (vec!["a".to_owned()], 1);
        let both = (vec!["a".to_owned(), "b".to_owned()], 2);
        for filter in [json!({}), cards.clone(), paid.clone()] {
            assert_eq!(found(app, filter.clone()).await, one);
            assert_eq!(found(app, filter).await, one);
        }
        pay("b").await;
        for settled in [false, true] {
            if settled {
                app.settle().await;
            }
            for filter in [json!({}), cards.clone(), paid.clone()] {
                assert_eq!(found(app, filter).await, both, "{settled}");
            }
        }
        let cancel = app.post("/payments/b/cancel").json(&bodies::cancel());
        cancel.send().await.ok();
        for settled in [false, true] {
            if settled {
                app.settle().await;
            }
            assert_eq!(found(app, paid.clone()).await, one, "{settled}");
            assert_eq!(found(app, cards.clone()).await, both, "{settled}");
            assert_eq!(found(app, json!({})).await, both, "{settled}");
        }
    }
}

/// So many copies of a payment, straight into the store.
async fn copies(app: &TestApp, id: &str, count: usize) {
    let store = app.engine.store();
    let key = vec![MAIN.store_id.into(), id.into()];
    let row = store.get(&tables::PAYMENTS, key).await.expect("a read");
    let row = row.expect("a row");
    let posted = Query::of(&tables::JOURNAL, 10)
        .and(Condition::Is("store_id", MAIN.store_id.into()))
        .and(Condition::Is("subject", format!("p:{id}").into()));
    let posted = store.scan(posted).await.expect("its postings");
    let mut unit = Commit::new(Uuid::now_v7());
    for n in 0..count {
        let copy = format!("{id}-{n:04}");
        let mut row = row.clone();
        row.key = vec![MAIN.store_id.into(), copy.as_str().into()];
        let own = format!("\"id\":\"{id}\"");
        row.body = row.body.replacen(&own, &format!("\"id\":\"{copy}\""), 1);
        let mark = tables::PAYMENTS
            .columns
            .iter()
            .position(|one| one.name == "needs_index");
        row.columns[mark.expect("a mark")] = 1.into();
        unit.writes.push(Write::Insert(&tables::PAYMENTS, row));
        for mut posting in posted.iter().cloned() {
            posting.key[1] = format!("p:{copy}").into();
            unit.writes.push(Write::Insert(&tables::JOURNAL, posting));
        }
    }
    store.commit(unit).await.expect("copies");
}

#[tokio::test]
async fn what_is_common_and_what_is_rare_are_counted_alike() {
    let app = app_with_payment("common").await;
    let rare = with(bodies::card_payment(), "/currency", json!("USD"));
    app.post("/payments/rare/instant")
        .json(&rare)
        .send()
        .await
        .ok();
    app.settle().await;
    copies(&app, "common", 1_100).await;
    // Many are fresh, then none.
    for settled in [false, true] {
        if settled {
            while app.engine.index_changed(200).await.expect("indexing") > 0 {}
        }
        for _ in 0..2 {
            let (ids, count) = found(&app, json!({"currency": "KRW"})).await;
            assert_eq!((ids.len(), count), (10, 1_101), "{settled}");
            let rare = (vec!["rare".to_owned()], 1);
            assert_eq!(found(&app, json!({"currency": "USD"})).await, rare);
            let cards = json!({"methods": ["CARD"], "currency": "USD"});
            assert_eq!(found(&app, cards).await, rare);
            assert_eq!(found(&app, json!({})).await.1, 1_102);
        }
    }
    // A count of before is no count of now.
    let cancel = app.post("/payments/common/cancel").json(&bodies::cancel());
    cancel.send().await.ok();
    for settled in [false, true] {
        if settled {
            app.settle().await;
        }
        let paid = json!({"status": ["PAID"], "currency": "KRW"});
        assert_eq!(found(&app, paid).await.1, 1_100, "{settled}");
        assert_eq!(found(&app, json!({"currency": "KRW"})).await.1, 1_101);
    }
}

#[tokio::test]
async fn the_merchant_of_a_filter_is_that_of_the_stores() {
    let app = app_with_payment("p").await;
    app.settle().await;
    let mine = json!({"merchantId": MAIN.merchant_id, "currency": "KRW"});
    assert_eq!(found(&app, mine).await, (vec!["p".to_owned()], 1));
    let other = json!({"merchantId": "merchant-other"});
    assert_eq!(found(&app, other).await, (vec![], 0));
}
