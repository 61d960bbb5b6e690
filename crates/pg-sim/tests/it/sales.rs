//! Card payments, billing keys and virtual accounts: what is taken, what is refused.

use serde_json::json;

use crate::support::{
    ACCOUNT_HASH, CARD_HASH, GOOD_CARD, KEY_HASH, Pg, account_fields, card_fields, charge_fields,
    common, encrypted, key_fields, set, signed_form, text,
};

#[tokio::test]
async fn a_card_payment_is_approved_and_booked() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", GOOD_CARD).await;
    assert_eq!(text(&paid, "resultCode"), "00");
    let tid = text(&paid, "tid");
    assert_eq!(tid.len(), 40);
    assert!(tid.starts_with("INIAPICARDINIpayTest"));
    assert_eq!(text(&paid, "price"), "1000");
    assert_eq!(text(&paid, "payAuthQuota"), "00");
    assert_eq!(text(&paid, "payAuthCode").len(), 8);
    assert_eq!(text(&paid, "payDate").len(), 8);
    assert_eq!(text(&paid, "payTime").len(), 6);
    let row = pg.row("order1").await;
    assert_eq!(row["pgTxId"], tid);
    assert_eq!(
        [
            &row["kind"],
            &row["state"],
            &row["amount"],
            &row["cancelledAmount"],
            &row["currency"]
        ],
        [
            &json!("CARD"),
            &json!("APPROVED"),
            &json!(1000),
            &json!(0),
            &json!("KRW")
        ],
    );
}

#[tokio::test]
async fn an_order_id_is_taken_once() {
    let pg = Pg::memory();
    pg.pay("order1", "1000", GOOD_CARD).await;
    let again = pg.pay("order1", "1000", GOOD_CARD).await;
    assert_eq!(text(&again, "resultCode"), "01");
    assert!(text(&again, "resultMsg").starts_with("[550619]"), "{again}");
    pg.pay("order2", "1000", "9000000000120049").await;
    let again = pg.pay("order2", "1000", GOOD_CARD).await;
    assert!(text(&again, "resultMsg").starts_with("[550619]"), "{again}");
    assert_eq!(pg.row("order2").await["state"], "DECLINED");
    let account = pg.issue_account("order1", "1000").await;
    assert!(
        text(&account, "resultMsg").starts_with("[504619]"),
        "{account}"
    );
}

/// What is changed in a good card payment, and the start of the message that refuses it.
const BAD_CARD_FIELDS: [(&str, &str, &str); 16] = [
    ("buyerTel", "", "[ER0102]"),
    ("buyerEmail", " ", "[ER0102]"),
    ("url", "", "[ER0102]"),
    ("timestamp", "2026", "[ER0102]"),
    ("clientIp", "", "[ER0102]"),
    ("mid", "nobody0000", "[550400]"),
    ("type", "pay", "[550606]"),
    ("paymethod", "HPP", "[550606]"),
    ("price", "1,000", "[550609]"),
    ("price", "-1", "[550609]"),
    ("price", "0", "[550701]"),
    ("currency", "KRW", "[550611]"),
    ("tax", "1001", "[550655]"),
    ("cardQuota", "2", "[550607]"),
    ("cardNumber", "4111111111111111", "[550200]"),
    ("moid", "주문", "[550251]"),
];

#[tokio::test]
async fn a_bad_card_payment_is_refused_and_not_booked() {
    let pg = Pg::memory();
    for (name, value, start) in BAD_CARD_FIELDS {
        let mut fields = card_fields("order1", "1000", GOOD_CARD);
        set(&mut fields, name, value);
        let refused = pg.v1("formpay", &fields, &CARD_HASH).await;
        assert!(
            text(&refused, "resultMsg").starts_with(start),
            "{name}={value}: {refused}"
        );
        let code = if start == "[ER0102]" { "ER0102" } else { "01" };
        assert_eq!(text(&refused, "resultCode"), code);
    }
    for (name, plain, start) in [
        ("cardNumber", "411111", "[550601]"),
        ("cardExpire", "1230", "[550638]"),
        ("cardExpire", "123", "[550638]"),
        ("regNo", "90010", "[550635]"),
        ("cardPw", "x1", "[550617]"),
    ] {
        let mut fields = card_fields("order1", "1000", GOOD_CARD);
        set(&mut fields, name, &encrypted("INIpayTest", plain));
        let refused = pg.v1("formpay", &fields, &CARD_HASH).await;
        assert!(
            text(&refused, "resultMsg").starts_with(start),
            "{name}: {refused}"
        );
    }
    assert!(pg.row("order1").await.is_null());
}

#[tokio::test]
async fn a_changed_price_breaks_the_hash() {
    let pg = Pg::memory();
    let body = signed_form(&card_fields("order1", "1000", GOOD_CARD), &CARD_HASH);
    let refused = pg
        .form("formpay", body.replace("price=1000", "price=10"))
        .await
        .json();
    assert!(
        text(&refused, "resultMsg").starts_with("[550632]"),
        "{refused}"
    );
    let unsigned = body.split_once('&').unwrap().1.to_owned();
    let refused = pg.form("formpay", unsigned).await.json();
    assert!(
        text(&refused, "resultMsg").starts_with("[550633]"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_unknown_path_answers_itself_as_text() {
    let pg = Pg::memory();
    let reply = pg.form("nothing", String::new()).await;
    assert_eq!(reply.text.unwrap(), "/api/v1/nothing");
    let reply = pg
        .call(http::Method::GET, "/inicis/api/v1/refund", "", "")
        .await;
    assert_eq!(reply.text.unwrap(), "/api/v1/refund");
}

#[tokio::test]
async fn a_billing_key_is_issued_and_charged_in_both_versions() {
    let pg = Pg::memory();
    let issued = pg.issue_key("issue1", GOOD_CARD).await;
    assert_eq!(text(&issued, "resultCode"), "00");
    let key = text(&issued, "billKey");
    assert_eq!(key.len(), 40);
    let row = pg.row("issue1").await;
    assert_eq!(
        (&row["kind"], &row["state"]),
        (&json!("BILLING_KEY"), &json!("ISSUED"))
    );
    let charged = pg.charge("order1", "1000", key).await;
    assert_eq!(text(&charged, "resultCode"), "00");
    assert_eq!(text(&charged, "cardCode"), text(&issued, "cardCode"));
    let data = json!({
        "url": "shop.example.com", "moid": "order2", "goodName": "상품", "buyerName": "홍길동",
        "buyerEmail": "buyer@example.com", "buyerTel": "01012345678", "price": "2000",
        "billKey": key, "authentification": "00", "cardQuota": "03", "quotaInterest": "1",
    });
    let charged = pg.v2("billing", "billing", &data).await;
    assert_eq!(text(&charged, "payAuthQuota"), "03");
    assert_eq!(pg.row("order2").await["kind"], "BILLING");
}

#[tokio::test]
async fn a_billing_key_of_nobody_or_of_another_merchant_is_1195() {
    let pg = Pg::memory();
    let issued = pg.issue_key("issue1", GOOD_CARD).await;
    let refused = pg.charge("order1", "1000", "0000").await;
    assert!(
        text(&refused, "resultMsg").starts_with("[1195]"),
        "{refused}"
    );
    let mut fields = charge_fields("order2", "1000", text(&issued, "billKey"));
    set(&mut fields, "mid", "INIBillTst");
    let refused = pg.v1("billing", &fields, &KEY_HASH).await;
    assert!(
        text(&refused, "resultMsg").starts_with("[1195]"),
        "{refused}"
    );
    assert!(pg.row("order1").await.is_null());
}

#[tokio::test]
async fn buyer_fields_are_required_for_billing() {
    let pg = Pg::memory();
    let mut fields = key_fields("issue1", GOOD_CARD);
    set(&mut fields, "buyerTel", "");
    let refused = pg.v1("billing", &fields, &CARD_HASH).await;
    assert_eq!(text(&refused, "resultCode"), "ER0102");
}

#[tokio::test]
async fn a_declining_card_is_declined_with_its_code() {
    let pg = Pg::memory();
    let declined = pg.pay("order1", "1000", "9000000000120049").await;
    assert_eq!(text(&declined, "resultCode"), "01");
    assert!(text(&declined, "resultMsg").starts_with("[120049]"));
    let row = pg.row("order1").await;
    assert_eq!(
        (&row["state"], &row["code"]),
        (&json!("DECLINED"), &json!("120049"))
    );
    let declined = pg.issue_key("issue1", "9000000000120026").await;
    assert!(text(&declined, "resultMsg").starts_with("[120026]"));
    // A declined sale is no transaction to an inquiry.
    assert_eq!(text(&pg.inquire("order1").await, "resultCode"), "01");
}

#[tokio::test]
async fn a_key_can_be_issued_whose_charges_are_declined() {
    let pg = Pg::memory();
    let issued = pg.issue_key("issue1", "9000000001120054").await;
    let key = text(&issued, "billKey");
    for order in ["order1", "order2"] {
        let declined = pg.charge(order, "1000", key).await;
        assert!(text(&declined, "resultMsg").starts_with("[120054]"));
        assert_eq!(pg.row(order).await["state"], "DECLINED");
    }
    let paid = pg.pay("order3", "1000", "9000000001120054").await;
    assert!(text(&paid, "resultMsg").starts_with("[120054]"));
}

#[tokio::test]
async fn the_amount_of_a_wrong_answer_is_right_in_the_books() {
    let pg = Pg::memory();
    let paid = pg.pay("order1", "1000", "9000000000000004").await;
    assert_eq!(text(&paid, "price"), "1010");
    assert_eq!(pg.row("order1").await["amount"], 1000);
    let issued = pg.issue_key("issue1", "9000000000000004").await;
    let charged = pg.charge("order2", "1000", text(&issued, "billKey")).await;
    assert_eq!(text(&charged, "price"), "1010");
}

#[tokio::test]
async fn a_virtual_account_is_issued() {
    let pg = Pg::memory();
    let issued = pg.issue_account("order1", "1000").await;
    assert_eq!(text(&issued, "resultCode"), "00");
    assert_eq!(text(&issued, "vacct").len(), 14);
    assert_eq!(text(&issued, "vacctName"), "나루상점");
    assert_eq!(text(&issued, "vacctBankCode"), "20");
    assert_eq!(
        (text(&issued, "validDate"), text(&issued, "validTime")),
        ("20981231", "153000")
    );
    let row = pg.row("order1").await;
    assert_eq!(
        (&row["kind"], &row["state"]),
        (&json!("VIRTUAL_ACCOUNT"), &json!("WAITING"))
    );
}

#[tokio::test]
async fn a_fixed_account_is_not_given_to_two_who_wait() {
    let pg = Pg::memory();
    for (order, code) in [("order1", "00"), ("order2", "01")] {
        let mut fields = account_fields(order, "1000");
        set(&mut fields, "vacctNumber", "12345678901234");
        let issued = pg.v1("formpay", &fields, &ACCOUNT_HASH).await;
        assert_eq!(text(&issued, "resultCode"), code, "{issued}");
    }
    pg.post("/virtual-accounts/12345678901234/deposit", json!({}))
        .await;
    let mut fields = account_fields("order3", "1000");
    set(&mut fields, "vacctNumber", "12345678901234");
    let issued = pg.v1("formpay", &fields, &ACCOUNT_HASH).await;
    assert_eq!(text(&issued, "vacct"), "12345678901234");
}

#[tokio::test]
async fn a_bad_account_request_is_refused() {
    let pg = Pg::memory();
    for (name, value, start) in [
        ("bankCode", "99", "[504652]"),
        ("dtInput", "20260231", "[504640]"),
        ("dtInput", "20200101", "[504640]"),
        ("tmInput", "2460", "[504641]"),
        ("currency", "USD", "[504611]"),
        ("flgCash", "1", "[504635]"),
        ("vacctNumber", "12-34", "[504908]"),
        ("nmInput", "", "[ER0102]"),
    ] {
        let mut fields = account_fields("order1", "1000");
        set(&mut fields, name, value);
        let refused = pg.v1("formpay", &fields, &ACCOUNT_HASH).await;
        assert!(
            text(&refused, "resultMsg").starts_with(start),
            "{name}={value}: {refused}"
        );
    }
}

#[tokio::test]
async fn every_published_merchant_can_sign() {
    let pg = Pg::memory();
    for mid in ["INIpayTest", "iniescrow0", "INIBillTst"] {
        let mut fields = common("Extra", "Inquiry", mid);
        fields.push(("oid", "nothing".to_owned()));
        let answer = pg.v1("extra", &fields, &[]).await;
        assert_eq!(text(&answer, "status"), "9");
    }
}
