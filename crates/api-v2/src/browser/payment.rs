//! `requestPayment`, and `requestIssueBillingKeyAndPay` that issues a billing key besides: the
//! attempt is on disk, and its window can be opened.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use naru_domain::{MethodKind, Timestamp, WindowType, WindowWishes};
use naru_engine::windows::OpenPaymentWindow;
use naru_engine::{Engine, Fault};
use naru_wire_v2::{Country, Currency, PaymentAmountInput};
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, Input};
use super::fields::{AccountExpiry, Buyer, Product, channel, custom_data};
use super::opened;
use super::refused::Refused;
use super::window::{Wanted, WindowTypes};
use super::wishes::{ByCard, Mobile, Period, bypass, short, unless_empty};
use crate::check::{self, OrderInput};
use crate::limits::URL_MAX;

/// What a page gives to either. What is not listed is taken and means nothing to the
/// PGs that we reach.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentRequest {
    store_id: String,
    payment_id: String,
    order_name: String,
    total_amount: i64,
    currency: Currency,
    pay_method: Option<PayMethod>,
    billing_key_and_pay_method: Option<PayMethod>,
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
    locale: Option<String>,
    product_type: Option<String>,
    offer_period: Option<Period>,
    app_scheme: Option<String>,
    bypass: Option<Value>,
    card: Option<ByCard>,
    virtual_account: Option<VirtualAccount>,
    transfer: Option<Transfer>,
    mobile: Option<Mobile>,
    gift_certificate: Option<GiftCertificate>,
    easy_pay: Option<EasyPay>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
    cash_receipt_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Transfer {
    cash_receipt_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GiftCertificate {
    gift_certificate_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EasyPay {
    easy_pay_provider: Option<String>,
}

impl PaymentRequest {
    /// The wishes, and until when a deposit is taken. Those of another method than the asked one
    /// mean nothing.
    fn wishes(
        &mut self,
        method: PayMethod,
        now: Timestamp,
    ) -> Result<(WindowWishes, Option<Timestamp>), Fault> {
        let mut wishes = WindowWishes {
            locale: short("locale", self.locale.take())?,
            product_type: short("productType", self.product_type.take())?,
            offer_period: self.offer_period.take().map(Period::read).transpose()?,
            app_scheme: check::optional("appScheme", self.app_scheme.take(), URL_MAX)?,
            bypass: bypass(self.bypass.take())?,
            ..WindowWishes::default()
        };
        let mut until = None;
        match method {
            PayMethod::Card => wishes.card = self.card.take().map(ByCard::read).transpose()?,
            PayMethod::VirtualAccount => {
                if let Some(account) = self.virtual_account.take() {
                    wishes.hides_cash_receipt = is_anonymous(account.cash_receipt_type.as_deref());
                    let expiry = account.account_expiry;
                    until = expiry.map(|expiry| expiry.read(now)).transpose()?;
                }
            }
            PayMethod::Transfer => {
                let transfer = self.transfer.take();
                let kind = transfer.and_then(|transfer| transfer.cash_receipt_type);
                wishes.hides_cash_receipt = is_anonymous(kind.as_deref());
            }
            PayMethod::Mobile => {
                let mobile = self.mobile.take().map(Mobile::read).transpose()?;
                wishes.carriers = mobile.unwrap_or_default();
            }
            PayMethod::GiftCertificate => {
                let kind = self.gift_certificate.take();
                let kind = kind.and_then(|kind| kind.gift_certificate_type);
                let field = "giftCertificate.giftCertificateType";
                wishes.gift_certificate = short(field, kind)?;
            }
            PayMethod::EasyPay => {
                let provider = self.easy_pay.take();
                let provider = provider.and_then(|provider| provider.easy_pay_provider);
                wishes.easy_pay_provider = short("easyPay.easyPayProvider", provider)?;
            }
            PayMethod::Paypal
            | PayMethod::Alipay
            | PayMethod::ConvenienceStore
            | PayMethod::AlipayPlus => {}
        }
        Ok((unless_empty(wishes), until))
    }
}

/// Which kind of receipt a customer wants they say in the PG's window, if they are asked there.
fn is_anonymous(kind: Option<&str>) -> bool {
    kind == Some("ANONYMOUS")
}

impl Input for PaymentRequest {
    fn store_id(&self) -> &str {
        &self.store_id
    }
}

pub(super) async fn open(State(engine): State<Engine>, request: Request) -> Response {
    answered(opened_window(engine, request, false).await)
}

/// With a billing key.
pub(super) async fn open_with_key(State(engine): State<Engine>, request: Request) -> Response {
    answered(opened_window(engine, request, true).await)
}

fn answered(opened: Result<Response, Refused>) -> Response {
    opened.unwrap_or_else(IntoResponse::into_response)
}

async fn opened_window(
    engine: Engine,
    request: Request,
    issues_key: bool,
) -> Result<Response, Refused> {
    let call = Call::<PaymentRequest>::read(engine, request).await?;
    let mut input = call.input;
    let wanted = Wanted {
        types: input.window_type,
        usual: WindowType::Iframe,
        redirect_url: input.redirect_url.as_deref(),
        force_redirect: input.force_redirect.unwrap_or(false),
        device: call.device,
        origin: call.origin,
    };
    let (opener, shown) = wanted.decide()?;
    let pay_method = if issues_key {
        key_method(input.billing_key_and_pay_method)?
    } else {
        let method = input.pay_method;
        method.ok_or_else(|| Refused::missing("payMethod"))?
    };
    let now = call.engine.clock().business();
    let (wishes, account_expires_at) = input.wishes(pay_method, now)?;
    let asked = OpenPaymentWindow {
        payment_id: check::payment_id(&input.payment_id)?,
        channel: channel(input.channel_key, input.channel_group_id)?,
        method: method(pay_method)?,
        issues_key,
        account_expires_at,
        wishes,
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

fn key_method(asked: Option<PayMethod>) -> Result<PayMethod, Refused> {
    match asked {
        Some(PayMethod::Mobile) => Ok(PayMethod::Mobile),
        Some(_) => Err(Refused::bad(
            "`billingKeyAndPayMethod`: expected `MOBILE`; for a card use `requestIssueBillingKey`, \
             then pay with the key",
        )),
        None => Err(Refused::missing("billingKeyAndPayMethod")),
    }
}

fn method(asked: PayMethod) -> Result<MethodKind, Refused> {
    match asked {
        PayMethod::Card => Ok(MethodKind::Card),
        PayMethod::VirtualAccount => Ok(MethodKind::VirtualAccount),
        PayMethod::Transfer => Ok(MethodKind::Transfer),
        PayMethod::Mobile => Ok(MethodKind::Mobile),
        PayMethod::GiftCertificate => Ok(MethodKind::GiftCertificate),
        PayMethod::EasyPay => Ok(MethodKind::EasyPay),
        PayMethod::Paypal
        | PayMethod::Alipay
        | PayMethod::ConvenienceStore
        | PayMethod::AlipayPlus => Err(Refused::bad(
            "`payMethod`: this channel has no window for it",
        )),
    }
}
