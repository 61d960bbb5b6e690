//! `requestPayment`: the attempt is on disk, and its window can be opened.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use naru_domain::{MethodKind, Timestamp};
use naru_engine::Engine;
use naru_engine::windows::OpenPaymentWindow;
use naru_wire_v2::{Country, Currency, PaymentAmountInput};
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, Input};
use super::fields::{AccountExpiry, Buyer, Product, channel, custom_data};
use super::opened;
use super::refused::Refused;
use super::window::{Wanted, WindowTypes};
use crate::check::{self, OrderInput};

/// What a page gives to `requestPayment`. What is not listed is taken and means nothing to the
/// PGs that we reach.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentRequest {
    store_id: String,
    payment_id: String,
    order_name: String,
    total_amount: i64,
    currency: Currency,
    pay_method: PayMethod,
    channel_key: Option<String>,
    channel_group_id: Option<String>,
    tax_free_amount: Option<i64>,
    vat_amount: Option<i64>,
    customer: Option<Buyer>,
    window_type: Option<WindowTypes>,
    redirect_url: Option<String>,
    force_redirect: Option<bool>,
    notice_urls: Option<Vec<String>>,
    confirm_url: Option<String>,
    is_escrow: Option<bool>,
    is_cultural_expense: Option<bool>,
    products: Option<Vec<Product>>,
    custom_data: Option<Value>,
    country: Option<Country>,
    promotion_id: Option<String>,
    virtual_account: Option<VirtualAccount>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PayMethod {
    Card,
    VirtualAccount,
    Transfer,
    Mobile,
    GiftCertificate,
    EasyPay,
    Paypal,
    Alipay,
    ConvenienceStore,
    AlipayPlus,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VirtualAccount {
    account_expiry: Option<AccountExpiry>,
}

impl Input for PaymentRequest {
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
    let call = Call::<PaymentRequest>::read(engine, request).await?;
    let input = call.input;
    let wanted = Wanted {
        types: input.window_type,
        redirect_url: input.redirect_url.as_deref(),
        force_redirect: input.force_redirect.unwrap_or(false),
        device: call.device,
        origin: call.origin,
    };
    let (opener, shown) = wanted.decide()?;
    let now = call.engine.clock().business();
    let asked = OpenPaymentWindow {
        payment_id: check::payment_id(&input.payment_id)?,
        channel: channel(input.channel_key, input.channel_group_id)?,
        method: method(input.pay_method)?,
        account_expires_at: until(input.pay_method, input.virtual_account, now)?,
        order: check::order(OrderInput {
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
            promotion_id: input.promotion_id,
            is_cultural_expense: input.is_cultural_expense,
            is_escrow: input.is_escrow,
        })?,
        device: call.device,
        confirm_url: input.confirm_url.filter(|url| !url.is_empty()),
        opener: Some(opener),
    };
    let window = call.engine.open_payment_window(call.context, asked).await?;
    Ok(opened(&window, shown))
}

fn method(asked: PayMethod) -> Result<MethodKind, Refused> {
    match asked {
        PayMethod::Card => Ok(MethodKind::Card),
        PayMethod::VirtualAccount => Ok(MethodKind::VirtualAccount),
        PayMethod::Transfer
        | PayMethod::Mobile
        | PayMethod::GiftCertificate
        | PayMethod::EasyPay
        | PayMethod::Paypal
        | PayMethod::Alipay
        | PayMethod::ConvenienceStore
        | PayMethod::AlipayPlus => Err(Refused::bad(
            "`payMethod`: this channel has no window for it",
        )),
    }
}

/// Until when a deposit is taken; where nothing is said, the PG's own rule holds.
fn until(
    method: PayMethod,
    account: Option<VirtualAccount>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refused> {
    match (method, account.and_then(|account| account.account_expiry)) {
        (PayMethod::VirtualAccount, Some(expiry)) => Ok(Some(expiry.read(now)?)),
        _ => Ok(None),
    }
}
