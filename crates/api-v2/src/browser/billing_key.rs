//! `requestIssueBillingKey`: the key is on disk, and its window can be opened.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use naru_domain::{WindowType, WindowWishes};
use naru_engine::Engine;
use naru_engine::windows::OpenKeyWindow;
use naru_wire_v2::Currency;
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, Input};
use super::fields::{Buyer, channel, custom_data};
use super::opened;
use super::refused::Refused;
use super::window::{Wanted, WindowTypes};
use super::wishes::{Period, bypass, short};
use crate::check;
use crate::limits::{AMOUNT_MAX, ID_MAX, ORDER_NAME_MAX};

/// What a page gives to `requestIssueBillingKey`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IssueRequest {
    store_id: String,
    /// The newest package leaves it out where a channel has one method only.
    billing_key_method: Option<BillingKeyMethod>,
    channel_key: Option<String>,
    channel_group_id: Option<String>,
    display_amount: Option<i64>,
    currency: Option<Currency>,
    issue_name: Option<String>,
    issue_id: Option<String>,
    customer: Option<Buyer>,
    window_type: Option<WindowTypes>,
    redirect_url: Option<String>,
    force_redirect: Option<bool>,
    notice_urls: Option<Vec<String>>,
    custom_data: Option<Value>,
    locale: Option<String>,
    offer_period: Option<Period>,
    product_type: Option<String>,
    bypass: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum BillingKeyMethod {
    Card,
    Mobile,
    EasyPay,
    Paypal,
}

impl Input for IssueRequest {
    fn store_id(&self) -> &str {
        &self.store_id
    }
}

pub(super) async fn open(State(engine): State<Engine>, request: Request) -> Response {
    match opened_window(engine, request).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn opened_window(engine: Engine, request: Request) -> Result<Response, Refused> {
    let call = Call::<IssueRequest>::read(engine, request).await?;
    let input = call.input;
    let wanted = Wanted {
        types: input.window_type,
        usual: WindowType::Iframe,
        redirect_url: input.redirect_url.as_deref(),
        force_redirect: input.force_redirect.unwrap_or(false),
        device: call.device,
        origin: call.origin,
    };
    let (opener, shown) = wanted.decide()?;
    let channel = channel(input.channel_key, input.channel_group_id)?;
    match input.billing_key_method {
        Some(BillingKeyMethod::Card) | None => {}
        Some(BillingKeyMethod::Mobile | BillingKeyMethod::EasyPay | BillingKeyMethod::Paypal) => {
            return Err(Refused::bad(
                "`billingKeyMethod`: this channel issues billing keys for `CARD` only",
            ));
        }
    }
    let wishes = WindowWishes {
        issue_id: check::optional("issueId", input.issue_id, ID_MAX)?,
        locale: short("locale", input.locale)?,
        product_type: short("productType", input.product_type)?,
        offer_period: input.offer_period.map(Period::read).transpose()?,
        bypass: bypass(input.bypass)?,
        ..WindowWishes::default()
    };
    let asked = OpenKeyWindow {
        channel,
        name: check::required(
            "issueName",
            input.issue_name.unwrap_or_default(),
            ORDER_NAME_MAX,
        )?,
        shown: shown_amount(input.display_amount, input.currency)?,
        customer: check::customer(input.customer.map(Buyer::into_input))?,
        custom_data: check::custom_data(custom_data(input.custom_data))?,
        notice_urls: check::notice_urls(input.notice_urls)?,
        saves_as: None,
        device: call.device,
        opener: Some(opener),
        wishes,
    };
    let window = call.engine.open_key_window(call.context, asked).await?;
    Ok(opened(&window, shown))
}

/// The price that the PG shows; none is taken.
fn shown_amount(amount: Option<i64>, currency: Option<Currency>) -> Result<i64, Refused> {
    if currency.is_some_and(|currency| currency.as_str() != "KRW") {
        return Err(Refused::unreadable("`currency`: expected `KRW`"));
    }
    amount_shown(amount)
}

pub(super) fn amount_shown(amount: Option<i64>) -> Result<i64, Refused> {
    match amount.unwrap_or(0) {
        amount @ 0..=AMOUNT_MAX => Ok(amount),
        _ => Err(Refused::unreadable(
            "`displayAmount`: expected an amount that is not negative",
        )),
    }
}
