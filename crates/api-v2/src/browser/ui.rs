//! `loadPaymentUI`, `loadIssueBillingKeyUI` and their updates: a PG's buttons in the merchant's
//! page. The types of buttons that the SDK knows are PayPal's, and no connector of ours reaches
//! PayPal. So what a page asks for is read and checked as for a window, and then refused for what
//! it is. Nothing is opened or written.

use std::convert::Infallible;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use naru_domain::ChannelKey;
use naru_engine::{Engine, Fault};
use naru_wire_v2::{Country, Currency, PaymentAmountInput};
use serde::Deserialize;
use serde_json::Value;

use super::billing_key::{BillingKeyMethod, amount_shown};
use super::call::{Call, Input};
use super::fields::{Buyer, Product, custom_data};
use super::refused::Refused;
use super::window::address;
use super::wishes::{Period, bypass, names, short};
use crate::check::{self, OrderInput};
use crate::limits::{ID_MAX, ORDER_NAME_MAX, URL_MAX};

/// What a page gives to `loadPaymentUI` and its update.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentUi {
    ui_type: Option<PaymentUiType>,
    store_id: String,
    channel_key: Option<String>,
    payment_id: String,
    order_name: String,
    total_amount: i64,
    currency: Currency,
    tax_free_amount: Option<i64>,
    vat_amount: Option<i64>,
    customer: Option<Buyer>,
    redirect_url: Option<String>,
    notice_urls: Option<Vec<String>>,
    confirm_url: Option<String>,
    app_scheme: Option<String>,
    is_escrow: Option<bool>,
    is_cultural_expense: Option<bool>,
    products: Option<Vec<Product>>,
    custom_data: Option<Value>,
    country: Option<Country>,
    locale: Option<String>,
    product_type: Option<String>,
    offer_period: Option<Period>,
    bypass: Option<Value>,
    promotion_group_id: Option<String>,
    promotion_ids: Option<Vec<String>>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PaymentUiType {
    PaypalSpb,
}

/// What a page gives to `loadIssueBillingKeyUI` and its update.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyUi {
    ui_type: Option<KeyUiType>,
    store_id: String,
    channel_key: Option<String>,
    billing_key_method: Option<BillingKeyMethod>,
    display_amount: Option<i64>,
    #[expect(dead_code, reason = "read, so that what is no currency is refused")]
    currency: Option<Currency>,
    issue_name: Option<String>,
    issue_id: Option<String>,
    customer: Option<Buyer>,
    redirect_url: Option<String>,
    notice_urls: Option<Vec<String>>,
    app_scheme: Option<String>,
    custom_data: Option<Value>,
    locale: Option<String>,
    product_type: Option<String>,
    bypass: Option<Value>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum KeyUiType {
    PaypalRt,
}

impl Input for PaymentUi {
    fn store_id(&self) -> &str {
        &self.store_id
    }
}

impl Input for KeyUi {
    fn store_id(&self) -> &str {
        &self.store_id
    }
}

pub(super) async fn payment(State(engine): State<Engine>, request: Request) -> Response {
    let Err(refused) = load_payment(engine, request).await;
    refused.into_response()
}

pub(super) async fn billing_key(State(engine): State<Engine>, request: Request) -> Response {
    let Err(refused) = load_billing_key(engine, request).await;
    refused.into_response()
}

async fn load_payment(engine: Engine, request: Request) -> Result<Infallible, Refused> {
    let call = Call::<PaymentUi>::read(engine, request).await?;
    let input = call.input;
    let PaymentUiType::PaypalSpb = input.ui_type.ok_or_else(|| Refused::missing("uiType"))?;
    let channel = channel(input.channel_key)?;
    redirect_url(input.redirect_url)?;
    check::payment_id(&input.payment_id)?;
    check::order(OrderInput {
        name: input.order_name,
        amount: PaymentAmountInput {
            total: input.total_amount,
            tax_free: input.tax_free_amount,
            vat: input.vat_amount,
        },
        currency: input.currency,
        customer: input.customer.map(Buyer::into_input),
        products: input
            .products
            .map(|all| all.into_iter().map(Product::into_input).collect()),
        product_count: None,
        custom_data: custom_data(input.custom_data),
        country: input.country,
        notice_urls: input.notice_urls,
        promotion_id: input.promotion_group_id,
        is_cultural_expense: input.is_cultural_expense,
        is_escrow: input.is_escrow,
    })?;
    check::optional("confirmUrl", input.confirm_url, URL_MAX)?;
    input.offer_period.map(Period::read).transpose()?;
    names("promotionIds", input.promotion_ids)?;
    short("locale", input.locale)?;
    short("productType", input.product_type)?;
    check::optional("appScheme", input.app_scheme, URL_MAX)?;
    bypass(input.bypass)?;
    let store = &call.context.store;
    call.engine.usable_channel(store, &channel).await?;
    Err(no_buttons("requestPayment"))
}

async fn load_billing_key(engine: Engine, request: Request) -> Result<Infallible, Refused> {
    let call = Call::<KeyUi>::read(engine, request).await?;
    let input = call.input;
    let KeyUiType::PaypalRt = input.ui_type.ok_or_else(|| Refused::missing("uiType"))?;
    let channel = channel(input.channel_key)?;
    let Some(_) = input.billing_key_method else {
        return Err(Refused::missing("billingKeyMethod"));
    };
    redirect_url(input.redirect_url)?;
    check::optional("issueName", input.issue_name, ORDER_NAME_MAX)?;
    check::optional("issueId", input.issue_id, ID_MAX)?;
    check::customer(input.customer.map(Buyer::into_input))?;
    check::custom_data(custom_data(input.custom_data))?;
    check::notice_urls(input.notice_urls)?;
    short("locale", input.locale)?;
    short("productType", input.product_type)?;
    check::optional("appScheme", input.app_scheme, URL_MAX)?;
    bypass(input.bypass)?;
    amount_shown(input.display_amount)?;
    let store = &call.context.store;
    call.engine.usable_channel(store, &channel).await?;
    Err(no_buttons("requestIssueBillingKey"))
}

fn no_buttons(instead: &str) -> Refused {
    Refused::bad(format!(
        "`uiType`: this channel's PG has no such buttons; use `{instead}`"
    ))
}

/// The channel: here only a key may name it.
fn channel(key: Option<String>) -> Result<ChannelKey, Refused> {
    let key = key.filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| Refused::missing("channelKey"))?;
    if key.len() > ID_MAX || key.contains('\0') {
        return Err(Fault::ChannelNotFound.into());
    }
    Ok(ChannelKey::new(key))
}

fn redirect_url(url: Option<String>) -> Result<(), Refused> {
    let url = url.filter(|url| !url.is_empty());
    url.as_deref().map(address).transpose()?;
    Ok(())
}
