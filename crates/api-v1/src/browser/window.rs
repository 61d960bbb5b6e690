//! `IMP.request_pay`: a payment's window, or with `customer_uid` a billing key's.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use naru_domain::{
    CardWishes, MethodKind, OfferPeriod, Opener, Timestamp, WindowType, WindowWishes,
    return_address,
};
use naru_engine::windows::{OpenKeyWindow, OpenPaymentWindow, OpenedWindow};
use naru_engine::{Device, Engine, OperationKind};
use serde_json::{Value, json};

use super::call::{BrowserCall, NotOpened, answer};
use crate::check::{channel, order};
use crate::codes::card;
use crate::extract::Input;
use crate::messages;
use crate::refused::Refused;

/// How long a deposit is taken where the page does not say, in seconds: thirty days.
const DEPOSIT_S: i64 = 30 * 86_400;

pub(super) async fn open(State(engine): State<Engine>, request: Request) -> Response {
    match opened(engine, request).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn opened(engine: Engine, request: Request) -> Result<Response, NotOpened> {
    let call = BrowserCall::read(engine, request).await?;
    let input = &call.input;
    // Since March 2024 the SDK takes no other types.
    if !matches!(input.value("amount"), Some(Value::Number(_))) {
        return Err(Refused::malformed("amount", "숫자").into());
    }
    if !matches!(input.value("merchant_uid"), Some(Value::String(_))) {
        return Err(Refused::malformed("merchant_uid", "문자열").into());
    }
    let opener = opener(&call, WindowType::Iframe)?;
    let window = match input.said(&["customer_uid"]) {
        Some(customer_uid) => key_window(&call, &customer_uid, opener.clone()).await?,
        None => payment_window(&call, opener.clone()).await?,
    };
    Ok(shown(&window, opener.window_type))
}

/// Where the window is, and how it stands.
pub(super) fn shown(window: &OpenedWindow, window_type: WindowType) -> Response {
    let body = json!({
        "url": window.page_url,
        "windowType": match window_type {
            WindowType::Iframe => "IFRAME",
            WindowType::Popup => "POPUP",
            WindowType::Redirection => "REDIRECTION",
        },
    });
    answer(StatusCode::OK, &body)
}

/// On a computer the page stays and its callback is called. On a phone it is left where it says
/// where to return to.
pub(super) fn opener(call: &BrowserCall, usual: WindowType) -> Result<Opener, NotOpened> {
    let redirect_url = call.input.said(&["m_redirect_url"]);
    let redirect_url = redirect_url
        .map(|url| {
            let refused = || Refused::malformed("m_redirect_url", "절대 URL");
            return_address(&url).ok_or_else(refused)
        })
        .transpose()?;
    let is_popup = call.input.boolean("popup")?.unwrap_or(false);
    let window_type = match (call.device, &redirect_url) {
        (Device::Mobile, Some(_)) => WindowType::Redirection,
        // A phone has one window at a time.
        (Device::Mobile, None) => WindowType::Iframe,
        (Device::Pc, _) if is_popup => WindowType::Popup,
        (Device::Pc, _) => usual,
    };
    Ok(Opener {
        window_type,
        origin: call.origin.clone(),
        redirect_url: redirect_url.filter(|_| window_type == WindowType::Redirection),
        shop: None,
    })
}

async fn payment_window(call: &BrowserCall, opener: Opener) -> Result<OpenedWindow, NotOpened> {
    let input = &call.input;
    let (method, wishes) = method(input)?;
    let mut order = order::order(input, None)?;
    order.is_escrow = input.boolean("escrow")?.unwrap_or(false);
    let now = call.engine.clock().business();
    let account_expires_at = match (method, input.said(&["vbank_due"])) {
        (MethodKind::VirtualAccount, Some(due)) => {
            let until = Timestamp::in_korea(&due).filter(|until| *until > now);
            let expected = "앞으로의 YYYY-MM-DD 또는 YYYYMMDDHHmmss";
            Some(until.ok_or_else(|| Refused::malformed("vbank_due", expected))?)
        }
        (MethodKind::VirtualAccount, None) => Some(now.plus_seconds(DEPOSIT_S)),
        _ => None,
    };
    let request = OpenPaymentWindow {
        issues_key: false,
        payment_id: order::merchant_uid(input)?,
        order,
        method,
        channel: channel_of(call).await?,
        device: call.device,
        account_expires_at,
        confirm_url: input.said(&["confirm_url"]),
        opener: Some(opener),
        wishes,
    };
    let context = call.context.clone();
    Ok(call.engine.open_payment_window(context, request).await?)
}

async fn key_window(
    call: &BrowserCall,
    customer_uid: &str,
    opener: Opener,
) -> Result<OpenedWindow, NotOpened> {
    let input = &call.input;
    let currency = order::currency(input)?;
    let shown = input.amount("amount", &currency)?.unwrap_or_default();
    if shown < 0 {
        return Err(Refused::malformed("amount", "0 이상의 금액").into());
    }
    let merchant_uid = order::merchant_uid(input)?;
    let request = OpenKeyWindow {
        channel: channel_of(call).await?,
        name: input
            .said(&["name"])
            .unwrap_or_else(|| messages::ORDER_NAME.to_owned()),
        shown,
        customer: order::customer(input, "buyer", None)?,
        custom_data: order::custom_data(input)?,
        notice_urls: order::notice_urls(input)?,
        saves_as: Some(order::customer_uid(customer_uid)?),
        device: call.device,
        opener: Some(opener),
        wishes: WindowWishes {
            issue_id: Some(merchant_uid.to_string()),
            locale: locale(input),
            offer_period: period(input)?,
            ..WindowWishes::default()
        },
    };
    let context = call.context.clone();
    Ok(call.engine.open_key_window(context, request).await?)
}

async fn channel_of(call: &BrowserCall) -> Result<naru_engine::payments::ChannelChoice, NotOpened> {
    let kind = OperationKind::OpenWindow;
    Ok(channel::chosen(&call.engine, &call.context.store, &call.input, kind).await?)
}

/// The method, and what the page wishes of its window.
fn method(input: &Input) -> Result<(MethodKind, WindowWishes), NotOpened> {
    let name = input
        .said(&["pay_method"])
        .unwrap_or_else(|| "card".to_owned());
    let mut wishes = WindowWishes {
        locale: locale(input),
        app_scheme: input.said(&["app_scheme"]),
        offer_period: period(input)?,
        ..WindowWishes::default()
    };
    let method = match name.as_str() {
        "card" => {
            wishes.card = card_wishes(input)?;
            MethodKind::Card
        }
        "trans" => MethodKind::Transfer,
        "vbank" => MethodKind::VirtualAccount,
        "phone" => {
            let is_digital = input.boolean("digital")?.unwrap_or(false);
            let kind = if is_digital { "DIGITAL" } else { "REAL" };
            wishes.product_type = Some(kind.to_owned());
            MethodKind::Mobile
        }
        "cultureland" | "culturegift" | "smartculture" | "booknlife" | "happymoney" => {
            let kind = match name.as_str() {
                "smartculture" => "SMART_MUNSANG",
                "booknlife" => "BOOKNLIFE",
                "happymoney" => "HAPPYMONEY",
                "culturegift" => "CULTUREGIFT",
                _ => "CULTURELAND",
            };
            wishes.gift_certificate = Some(kind.to_owned());
            MethodKind::GiftCertificate
        }
        "kakaopay" | "naverpay" | "samsungpay" | "samsung" | "payco" | "lpay" | "ssgpay"
        | "tosspay" | "applepay" => {
            let provider = match name.as_str() {
                "samsung" => "SAMSUNGPAY".to_owned(),
                name => name.to_ascii_uppercase(),
            };
            wishes.easy_pay_provider = Some(provider);
            MethodKind::EasyPay
        }
        _ => return Err(NotOpened::bad(messages::NO_METHOD)),
    };
    Ok((method, wishes))
}

/// `card.direct` and `display.card_quota`; nothing where neither is given.
fn card_wishes(input: &Input) -> Result<Option<CardWishes>, NotOpened> {
    let mut wishes = CardWishes::default();
    let direct = input.object("card").and_then(|card| card.object("direct"));
    if let Some(direct) = direct {
        let code = direct.said(&["code"]).unwrap_or_default();
        let company = card::to_v2(&code);
        let unknown = || Refused::malformed("card.direct.code", "카드사 코드");
        wishes.company = Some(company.ok_or_else(unknown)?.to_owned());
        let quota = direct.int("quota")?;
        wishes.fixed_months = quota.map(months).transpose()?;
    }
    if let Some(display) = input.object("display") {
        for quota in display.list("card_quota") {
            let quota = quota.parse().unwrap_or(-1);
            wishes.months.push(months(quota)?);
        }
    }
    Ok(Some(wishes).filter(|wishes| *wishes != CardWishes::default()))
}

fn months(count: i64) -> Result<u16, Refused> {
    u16::try_from(count)
        .ok()
        .filter(|months| *months <= 99)
        .ok_or_else(|| Refused::malformed("card_quota", "개월 수"))
}

fn locale(input: &Input) -> Option<String> {
    let name = match input.said(&["language"])?.as_str() {
        "en" => "EN_US",
        "zh" => "ZH_CN",
        _ => "KO_KR",
    };
    Some(name.to_owned())
}

/// `period {from, to}` of days; `interval` as newer pages have it.
fn period(input: &Input) -> Result<Option<OfferPeriod>, Refused> {
    let Some(period) = input.object("period") else {
        return Ok(None);
    };
    if let Some(interval) = period.said(&["interval"]) {
        return Ok(Some(OfferPeriod::Interval(interval)));
    }
    let day = |name: &str| {
        let Some(text) = period.said(&[name]) else {
            return Ok(None);
        };
        let read = Timestamp::in_korea(&text);
        let refused = || Refused::malformed(&format!("period.{name}"), "YYYYMMDD");
        read.map(Some).ok_or_else(refused)
    };
    Ok(Some(OfferPeriod::Range {
        from: day("from")?,
        to: day("to")?,
    }))
}
