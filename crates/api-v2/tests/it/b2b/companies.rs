//! Companies and what is looked up of them.

use naru_testkit::{MAIN_BRN, OTHER_BRN};
use serde_json::{Value, json};

use super::{app, current_invoice, get, in_query, post, requested};

pub(super) fn member(brn: &str, id: &str) -> Value {
    json!({
        "company": {
            "brn": brn, "name": "새상사", "ceoName": "김새", "address": "서울", "businessType": "소매",
            "businessClass": "커피",
        },
        "contact": {
            "id": id, "password": "Secret-1234", "name": "김담당", "email": "new@shop.example",
            "phoneNumber": "0212345678",
        },
    })
}

#[tokio::test]
async fn a_company_joins_and_registers_its_certificate() {
    let app = app().await;
    let brn = "1234567080";
    let base = "/b2b-preview/member-companies";
    let exists = |id: &str| format!("{base}/contacts/id-existence?test=true&contactId={id}");
    assert_eq!(
        get(&app, &exists("new-company")).await.ok()["exists"],
        false
    );
    let joined = post(
        &app,
        &format!("{base}?test=true"),
        &member(brn, "new-company"),
    )
    .await
    .ok();
    assert_eq!(joined["contact"]["isManager"], true);
    assert!(!joined.to_string().contains("Secret-1234"));
    assert_eq!(get(&app, &exists("new-company")).await.ok()["exists"], true);
    post(
        &app,
        &format!("{base}?test=true"),
        &member(brn, "another-one"),
    )
    .await
    .refused(409, "B2B_COMPANY_ALREADY_REGISTERED");
    post(
        &app,
        &format!("{base}?test=true"),
        &member("1111111119", "new-company"),
    )
    .await
    .refused(409, "B2B_ID_ALREADY_EXISTS");
    let read = get(&app, &format!("{base}/{brn}?test=true")).await.ok();
    assert_eq!(read["ceoName"], "김새");
    let contact = format!("{base}/{brn}/contacts/new-company?test=true");
    assert_eq!(get(&app, &contact).await.ok()["email"], "new@shop.example");
    get(&app, &contact.replace("new-company", "nobody"))
        .await
        .refused(404, "B2B_CONTACT_NOT_FOUND");
    let certificate = format!("{base}/{brn}/certificate?test=true");
    get(&app, &certificate)
        .await
        .refused(404, "B2B_CERTIFICATE_UNREGISTERED");
    let page = format!("{base}/{brn}/certificate/registration-url?test=true");
    let url = crate::text(&get(&app, &page).await.ok()["url"]);
    assert!(url.contains("certificate"), "{url}");
    let valid = json!({ "certificate": "VALID" });
    app.pg
        .control("PUT", &format!("/popbill/companies/{brn}"), &valid)
        .await;
    let found = get(&app, &certificate).await.ok();
    assert_eq!(found["certificateType"], "E_TAX");
    for path in [
        format!("{base}/2222222227?test=true"),
        format!("{base}/2222222227/certificate?test=true"),
        format!("{base}/2222222227/certificate/registration-url?test=true"),
    ] {
        let answer = get(&app, &path).await;
        answer.refused(404, "B2B_MEMBER_COMPANY_NOT_FOUND");
    }
}

#[tokio::test]
async fn bad_passwords_and_ids_are_refused_without_being_repeated() {
    let app = app().await;
    for (place, value, field) in [
        ("/contact/password", "short1!", "contact.password"),
        ("/contact/password", "no-digits-here", "contact.password"),
        ("/contact/id", "short", "contact.id"),
        ("/company/brn", "1234567890", "company.brn"),
    ] {
        let mut body = member("1234567080", "new-company");
        *body.pointer_mut(place).unwrap() = json!(value);
        let path = "/b2b-preview/member-companies?test=true";
        let message = post(&app, path, &body).await.refused_field(field);
        assert!(!message.contains(value));
    }
}

#[tokio::test]
async fn company_states_and_account_holders_are_looked_up() {
    let app = app().await;
    let state = format!("/b2b-preview/company/{OTHER_BRN}/state?test=true");
    assert_eq!(
        get(&app, &state).await.ok()["businessStatus"],
        "IN_BUSINESS"
    );
    let closed = json!({ "state": "CLOSED", "stateDate": "20260131" });
    let control = format!("/popbill/companies/{OTHER_BRN}");
    app.pg.control("PUT", &control, &closed).await;
    let found = get(&app, &state).await.ok();
    assert_eq!(
        (&found["businessStatus"], &found["closedSuspendedDate"]),
        (&json!("CLOSED"), &json!("2026-01-31"))
    );
    app.pg
        .control("PUT", &control, &json!({ "state": "UNKNOWN" }))
        .await;
    get(&app, &state)
        .await
        .refused(404, "B2B_COMPANY_NOT_FOUND");
    app.pg
        .control("POST", "/popbill/maintenance", &json!({ "on": true }))
        .await;
    get(&app, &state)
        .await
        .refused(503, "B2B_HOMETAX_UNDER_MAINTENANCE");
    let holder =
        |number: &str| format!("/b2b-preview/bank-accounts/SHINHAN/{number}/holder?test=true");
    assert_eq!(
        get(&app, &holder("110123456789")).await.ok()["accountHolder"],
        "홍길동"
    );
    for (number, status, error) in [
        ("4041234567", 404, "B2B_BANK_ACCOUNT_NOT_FOUND"),
        ("4061234567", 404, "B2B_FOREIGN_EXCHANGE_ACCOUNT"),
        ("4091234567", 404, "B2B_SUSPENDED_ACCOUNT"),
        ("5001234567", 503, "B2B_FINANCIAL_SYSTEM_FAILURE"),
        ("5021234567", 503, "B2B_FINANCIAL_SYSTEM_COMMUNICATION"),
        ("5031234567", 503, "B2B_FINANCIAL_SYSTEM_UNDER_MAINTENANCE"),
        ("5041234567", 503, "B2B_REGULAR_MAINTENANCE_TIME"),
    ] {
        get(&app, &holder(number)).await.refused(status, error);
    }
    get(&app, &holder("12-34"))
        .await
        .refused_field("accountNumber");
}

#[tokio::test]
async fn counterparties_have_rules() {
    let app = app().await;
    let path = "/b2b/counterparties?test=true";
    let new = |brn: &str| {
        json!({ "counterparty": {
            "brn": brn, "name": "새상사", "representativeName": "김새",
            "contact": { "name": "김담당", "email": "new@shop.example" },
        } })
    };
    for (brn, error) in [
        ("1234567890", "B2B_COUNTERPARTY_BRN_INVALID"),
        (MAIN_BRN, "B2B_COUNTERPARTY_SELF_ORIGIN_BRN_MISMATCH"),
    ] {
        post(&app, path, &new(brn)).await.refused(400, error);
    }
    post(&app, path, &new(OTHER_BRN))
        .await
        .refused(409, "B2B_COUNTERPARTY_ID_ALREADY_EXISTS");
    let mut many = new("1234567080");
    let contact = json!({ "name": "x", "email": "x@shop.example" });
    many["counterparty"]["additionalContacts"] = json!(vec![contact; 6]);
    post(&app, path, &many)
        .await
        .refused(400, "B2B_COUNTERPARTY_TOO_MANY_ADDITIONAL_CONTACTS");
    let mut bare = new("1234567080");
    bare["counterparty"]["contact"]["email"] = json!("");
    post(&app, path, &bare)
        .await
        .refused(400, "B2B_COUNTERPARTY_MISSING_REQUIRED_FIELDS");
    let mut checked = new("1234567080");
    checked["options"] = json!({ "checkBusinessStatus": true });
    let made = post(&app, path, &checked).await.ok();
    let made = &made["counterparty"];
    assert_eq!(
        (&made["businessStatus"], &made["ntsConnectionStatus"]),
        (&json!("IN_BUSINESS"), &json!("NOT_CONNECTED"))
    );
    let id = crate::text(&made["id"]);
    let mut patch = new("1234567080");
    patch["counterparty"]["memo"] = json!("noted");
    let one = format!("/b2b/counterparties/{id}?test=true");
    let changed = app.request("PATCH", &one).json(&patch).send().await.ok();
    assert_eq!(changed["counterparty"]["memo"], "noted");
    let answer = app
        .request("PATCH", &one)
        .json(&new(OTHER_BRN))
        .send()
        .await;
    answer.refused(400, "B2B_COUNTERPARTY_BRN_MODIFICATION_NOT_ALLOWED");
    let filter = in_query(
        &json!({ "filter": { "companyName": "새", "businessStatuses": ["IN_BUSINESS"] } }),
    );
    let list = format!("{path}&requestBody={filter}");
    assert_eq!(get(&app, &list).await.ok()["page"]["totalCount"], 1);
    // Reverse issuance needs a supplier that can sign.
    let mut reverse = current_invoice("REVERSE");
    reverse["taxInvoice"]["supplier"]["brn"] = json!("1234567080");
    let answer = post(&app, "/b2b/tax-invoices/draft?test=true", &reverse).await;
    assert_eq!(answer.body["counterpartyId"], json!(id));
    answer.refused(400, "B2B_COUNTERPARTY_NTS_NOT_CONNECTED");
    assert_eq!(app.delete(&one).send().await.status, 200);
    get(&app, &one)
        .await
        .refused(404, "B2B_COUNTERPARTY_NOT_FOUND");
}

#[tokio::test]
async fn a_counterparty_with_an_invoice_under_way_is_not_deleted() {
    let app = app().await;
    requested(&app).await;
    let answer = app
        .delete("/b2b/counterparties/partner?test=true")
        .send()
        .await;
    answer.refused(409, "B2B_COUNTERPARTY_ONGOING_TAX_INVOICE_EXISTS");
}

#[tokio::test]
async fn what_is_publicly_known_is_taken_over_by_its_id() {
    let app = app().await;
    let list = json!({ "brnList": ["1234567080", "123"] });
    let path = "/b2b/companies/business-info?test=true";
    let found = post(&app, path, &list).await.ok();
    let results = found["result"].as_array().unwrap();
    assert_eq!(results[0]["businessInfo"]["ceoName"], "홍길동");
    assert!(results[1]["error"].is_string());
    let check = crate::text(&results[0]["verificationId"]);
    let body = |id: &str, brn: &str| {
        json!({
            "counterparty": {
                "brn": brn, "contact": { "name": "김담당", "email": "new@shop.example" },
            },
            "options": { "businessInfoVerificationId": id },
        })
    };
    let path = "/b2b/counterparties?test=true";
    post(&app, path, &body("nowhere", "1234567080"))
        .await
        .refused(404, "B2B_COUNTERPARTY_VERIFICATION_NOT_FOUND");
    post(&app, path, &body(&check, "1111111119"))
        .await
        .refused(400, "B2B_COUNTERPARTY_VERIFICATION_BRN_MISMATCH");
    let mut wrong = body(&check, "1234567080");
    wrong["options"] = json!({ "businessStatusVerificationId": check });
    post(&app, path, &wrong)
        .await
        .refused(400, "B2B_COUNTERPARTY_VERIFICATION_TYPE_MISMATCH");
    let made = post(&app, path, &body(&check, "1234567080")).await.ok();
    assert_eq!(made["counterparty"]["representativeName"], "홍길동");
    app.move_clock_s(90_000).await;
    let late = body(&check, "1234567080");
    let answer = app
        .request(
            "PATCH",
            &format!(
                "/b2b/counterparties/{}?test=true",
                crate::text(&made["counterparty"]["id"])
            ),
        )
        .json(&late)
        .send()
        .await;
    answer.refused(400, "B2B_COUNTERPARTY_VERIFICATION_INVALID");
}

#[tokio::test]
async fn a_counterpartys_certificate_is_read_and_checked() {
    let app = app().await;
    let base = format!("/b2b/counterparties/{OTHER_BRN}/certificate");
    let found = get(&app, &format!("{base}?test=true")).await.ok();
    assert_eq!(found["certificateType"], "E_TAX");
    let check = format!("{base}/validate?test=true");
    assert_eq!(post(&app, &check, &json!({})).await.ok()["isValid"], true);
    let expired = json!({ "certificate": "EXPIRED" });
    let control = format!("/popbill/companies/{OTHER_BRN}");
    app.pg.control("PUT", &control, &expired).await;
    assert_eq!(post(&app, &check, &json!({})).await.ok()["isValid"], false);
    let url = get(&app, &format!("{base}/registration-url?test=true"))
        .await
        .ok();
    assert!(url["url"].is_string());
    // And nothing is signed with it.
    let id = requested(&app).await;
    let answer = super::act(&app, &id, "issue").await;
    answer.refused(502, "B2B_EXTERNAL_SERVICE");
    let read = get(&app, &format!("/b2b/tax-invoices/{id}?test=true"))
        .await
        .ok();
    assert_eq!(read["status"], "ISSUE_FAILED");
}
