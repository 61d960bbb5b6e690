//! What a page of V1 is told at the end of a window: the callback's object, and the parameters of
//! `m_redirect_url`.
//!
//! Pages of each generation of PGs look at other fields, so all of them are there. On success there
//! is no `error_code` and no `error_msg`: pages test for them.

use naru_engine::windows::{WindowPage, WindowState, WindowSubject};
use naru_engine::{Engine, Fault};
use serde_json::{Map, Value, json};

use crate::codes::pg;
use crate::messages;
use crate::refused::Refused;
use crate::view::payment;

/// Success, or the code and the text of what went wrong; nothing while the window is not over.
fn end(page: &WindowPage) -> Option<Result<(), (String, String)>> {
    match &page.state {
        WindowState::Open(_) | WindowState::Busy => None,
        WindowState::Paid
        | WindowState::AccountIssued(_)
        | WindowState::KeyIssued
        | WindowState::Verified => Some(Ok(())),
        // This face can't confirm, and opens no such window; one of before may still be open.
        WindowState::NeedsConfirmation { .. } => Some(Err((
            "F400".to_owned(),
            messages::NEEDS_CONFIRMATION.to_owned(),
        ))),
        WindowState::Failed(failure) => Some(Err((
            failure.pg_code.clone(),
            payment::fail_reason(failure),
        ))),
    }
}

/// `imp_uid`, `merchant_uid`, and `customer_uid` of a billing key.
fn ids(page: &WindowPage) -> Vec<(&'static str, String)> {
    match &page.subject {
        WindowSubject::Payment {
            id, transaction_id, ..
        } => vec![
            ("imp_uid", transaction_id.clone()),
            ("merchant_uid", id.to_string()),
        ],
        WindowSubject::BillingKey {
            id,
            issue_id,
            imp_uid,
        } => vec![
            (
                "imp_uid",
                imp_uid
                    .as_ref()
                    .map_or_else(String::new, ToString::to_string),
            ),
            ("merchant_uid", issue_id.clone().unwrap_or_default()),
            ("customer_uid", id.to_string()),
        ],
        WindowSubject::IdentityVerification {
            id, merchant_uid, ..
        } => vec![
            ("imp_uid", id.to_string()),
            ("merchant_uid", merchant_uid.clone().unwrap_or_default()),
        ],
    }
}

/// The callback's object.
pub async fn outcome(engine: &Engine, page: &WindowPage) -> Result<Option<Value>, Fault> {
    let Some(end) = end(page) else {
        return Ok(None);
    };
    let mut told = about(engine, page).await?;
    for (name, value) in ids(page) {
        told.insert(name.to_owned(), value.into());
    }
    told.insert("success".to_owned(), end.is_ok().into());
    told.insert("imp_success".to_owned(), end.is_ok().into());
    if let Err((code, message)) = end {
        told.insert("error_code".to_owned(), code.into());
        told.insert("error_msg".to_owned(), message.into());
    }
    Ok(Some(Value::Object(told)))
}

/// What the callback says besides ids and success: most of what a reader of the payment sees.
async fn about(engine: &Engine, page: &WindowPage) -> Result<Map<String, Value>, Fault> {
    let shown = match &page.subject {
        WindowSubject::Payment { id, .. } => {
            let found = engine.payment_alone(&page.store_id, id).await?;
            Some(payment::shown(&found))
        }
        WindowSubject::BillingKey {
            imp_uid: Some(imp_uid),
            ..
        } => {
            let issue = engine.issue_of_imp_uid(&page.store_id, imp_uid.as_str());
            issue.await?.map(|issue| payment::issue(&issue))
        }
        WindowSubject::BillingKey { imp_uid: None, .. } => None,
        WindowSubject::IdentityVerification { pg_provider, .. } => {
            return Ok(Map::from_iter([
                ("pg_type".to_owned(), "certification".into()),
                ("pg_provider".to_owned(), pg::name(pg_provider).into()),
            ]));
        }
    };
    let Some(shown) = shown.transpose().map_err(internal)? else {
        return Ok(Map::new());
    };
    Ok(callback(&serde_json::to_value(shown).unwrap_or_default()))
}

fn internal(refused: Refused) -> Fault {
    match refused {
        Refused::Internal(detail) => Fault::Internal { detail },
        _ => Fault::Internal {
            detail: "a payment that can't be shown".to_owned(),
        },
    }
}

/// The fields of a payment that callbacks have, under their names there.
fn callback(payment: &Value) -> Map<String, Value> {
    let mut told = Map::new();
    let same = [
        "pay_method",
        "status",
        "name",
        "pg_provider",
        "emb_pg_provider",
        "pg_tid",
        "currency",
        "buyer_name",
        "buyer_email",
        "buyer_tel",
        "buyer_addr",
        "buyer_postcode",
        "paid_at",
        "receipt_url",
        "apply_num",
        "card_name",
        "card_number",
        "card_quota",
        "bank_name",
        "vbank_num",
        "vbank_name",
        "vbank_holder",
        "vbank_date",
    ];
    for name in same {
        told.insert(name.to_owned(), payment[name].clone());
    }
    told.insert("pg_type".to_owned(), json!("payment"));
    told.insert("paid_amount".to_owned(), payment["amount"].clone());
    let data = payment["custom_data"].as_str();
    let data = data.map(|text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)));
    told.insert("custom_data".to_owned(), data.unwrap_or_default());
    told
}

/// What an `error_msg` may not hold: some mobile SDKs decode the whole address before they take it
/// apart.
fn harmless(message: &str) -> String {
    message.replace(['&', '=', '%', '#', '+'], " ")
}

/// The parameters of the address.
pub fn redirect_query(page: &WindowPage) -> Option<Vec<(&'static str, String)>> {
    let end = end(page)?;
    let mut query = ids(page);
    if end.is_err() {
        query.retain(|(name, _)| *name != "customer_uid");
    }
    query.push(("imp_success", end.is_ok().to_string()));
    query.push(("success", end.is_ok().to_string()));
    if let Err((code, message)) = end {
        query.push(("error_code", code));
        query.push(("error_msg", harmless(&message)));
    }
    Some(query)
}
