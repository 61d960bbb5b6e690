//! The window for phones in which a billing key is issued (`inibill_card.jsp`).
//!
//! Unlike the others it asks for no approval: the browser itself brings the key. Nothing of the
//! PG's signs that, so what is checked is that it is this window's: merchant and order. A key that
//! a browser made up can't be charged: the PG does not know it.
//! Confidence: the request is the manual's, the names of the result four integrations'.

use naru_connector::{BeginError, IssuedKey, OpenWindow, Outcome, Rejected, Returned, Secret};
use naru_connector::{Unknown, WindowForm};
use naru_domain::{Card, Timestamp};
use serde_json::{Value, json};

use super::exchange::OneShot;
use super::standard::refused;
use super::window::rejected;
use super::wire::Context;
use super::{codes, contract, options, reply, rules};
use crate::form::Form;
use crate::hash::sha256;
use crate::kst;

/// Success.
const DONE: &str = "00";

/// What the page's form holds.
pub(super) fn form(window: &OpenWindow, context: &Context<'_>) -> Result<WindowForm, BeginError> {
    let order = &window.order;
    rules::won_only(&order.currency, "currency")?;
    let Some(period) = &window.wishes.offer_period else {
        return rules::invalid("offerPeriod", "is required by this PG on phones");
    };
    let key = contract::inilite_key(context.settings)?;
    let mid = context.contract.merchant.mid.clone();
    let at = kst::stamp(context.at);
    let hash = sha256(
        &[&mid, &order.order_id, &at, &key]
            .map(String::as_str)
            .concat(),
    );
    let mut fields = vec![
        ("mid", mid),
        ("authtype", "D".to_owned()),
        ("orderid", order.order_id.clone()),
        ("price", order.amount.total.to_string()),
        ("goodname", rules::goods_name(&order.name, "issueName")?),
        ("returnurl", window.return_url.clone()),
        ("timestamp", at),
        ("period", options::mobile_period(period)?),
        ("hashdata", hash),
    ];
    let customer = &order.customer;
    if let Some(name) = customer.name.as_deref() {
        fields.push(("buyername", rules::person_name(name, "customer.name.full")?));
    }
    if let Some(phone) = customer.phone_number.as_deref() {
        fields.push(("buyertel", rules::phone(phone, "customer.phoneNumber")?));
    }
    if let Some(email) = customer.email.as_deref() {
        fields.push(("buyeremail", rules::email_address(email, "customer.email")?));
    }
    let bypass = options::bypass(window);
    match bypass.get("carduse").and_then(Value::as_str) {
        None => {}
        Some(kind @ ("percard" | "cocard")) => fields.push(("carduse", kind.to_owned())),
        Some(_) => {
            return rules::invalid("bypass.inicis_v2.carduse", "must be `percard` or `cocard`");
        }
    }
    Ok(WindowForm {
        script: None,
        close_script: None,
        action: Some(context.contract.places.key_window()),
        charset: "utf-8",
        fields,
    })
}

/// Reads what the browser brought back.
pub(super) fn returned(form: &Form, context: &Context<'_>) -> Result<Returned, Rejected> {
    let code = form.get("resultcode").unwrap_or_default();
    if code != DONE {
        return Ok(Returned::Refused(refused(code, form.get("resultmsg"))));
    }
    if form.get("mid") != Some(&context.contract.merchant.mid) {
        return Err(rejected("the window was another merchant's"));
    }
    let is_key = |key: &&str| {
        (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let Some(key) = form.get("billkey").filter(is_key) else {
        return Err(rejected("the window brought no billing key back"));
    };
    let number = form.get("cardno");
    let issued = json!({
        "device": "key",
        "key": key,
        "tid": form.get("tid").filter(|tid| tid.len() <= 128),
        "company": form.get("cardcd").filter(|code| code.len() <= 8),
        "number": number.map(|number| reply::mask_numbers(number, false)),
        "at": form.get("pgauthdate").zip(form.get("pgauthtime")).map(|(date, time)| [date, time]),
    });
    Ok(Returned::Authenticated {
        order_id: Some(form.get("orderid").unwrap_or_default().to_owned()),
        authentication: Secret::new(issued.to_string()),
    })
}

/// The key that the browser brought, if it is that window's.
pub(super) fn issued(authentication: &Secret, now: Timestamp) -> Option<OneShot> {
    let value: Value = serde_json::from_str(authentication.expose()).ok()?;
    let text = |name: &str| value.get(name)?.as_str();
    if text("device") != Some("key") {
        return None;
    }
    let Some(key) = text("key") else {
        return Some(OneShot::known(Outcome::Unknown(Unknown {
            reason: "what the window brought back has no key".to_owned(),
        })));
    };
    let (issuer, brand) = text("company").map_or((None, None), codes::card_company);
    let number = text("number").map(str::to_owned);
    let bin = number.as_deref().and_then(|number| number.get(..6));
    let moment = value
        .get("at")
        .and_then(|at| kst::read(at.get(0)?.as_str()?, at.get(1)?.as_str()?));
    Some(OneShot::known(Outcome::KeyIssued(IssuedKey {
        pg_billing_key: Secret::new(key.to_owned()),
        pg_tx_id: text("tid").map(str::to_owned),
        card: Card {
            issuer,
            brand,
            bin: bin
                .filter(|bin| bin.bytes().all(|byte| byte.is_ascii_digit()))
                .map(str::to_owned),
            masked_number: number,
            ..Card::default()
        },
        at: moment.unwrap_or(now),
    })))
}
