//! Paying a session of the hosted checkout: the customer's choices become a window, in the place of
//! our page.

use std::sync::Arc;

use http::request::Parts;
use naru_domain::checkout::{PaymentSession, SessionProduct};
use naru_domain::payment::{OrderDetails, Origin, Platform, Product};
use naru_domain::{
    Amount, ChannelKey, Customer, Face, MethodKind, Opener, WindowType, WindowWishes,
};
use naru_engine::payments::CallContext;
use naru_engine::windows::OpenPaymentWindow;
use naru_engine::{Device, Engine, Fault, OperationKind};

use crate::check;
use crate::extract::origin;
use crate::limits::{EMAIL_MAX, NAME_MAX};

/// What the customer says on the page.
#[derive(Debug, Clone, Default)]
pub struct SessionChoice {
    /// The contract's name of the method.
    pub method: String,
    /// Their name.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their phone number.
    pub phone_number: Option<String>,
}

/// The method of a PG's window that a method of the checkout means, and the easy-pay provider.
fn method(name: &str) -> Option<(MethodKind, Option<&'static str>)> {
    Some(match name {
        "CARD_KR" | "CARD_INTERNATIONAL" => (MethodKind::Card, None),
        "N_PAY" => (MethodKind::EasyPay, Some("NAVERPAY")),
        "KAKAO_PAY" => (MethodKind::EasyPay, Some("KAKAOPAY")),
        "TOSS_PAY" => (MethodKind::EasyPay, Some("TOSSPAY")),
        _ => return None,
    })
}

/// The methods that a session can be paid by, in the profile's order: those that its profile offers
/// for it and whose channel has a window for them.
pub async fn session_methods(
    engine: &Engine,
    session: &PaymentSession,
) -> Result<Vec<(String, ChannelKey)>, Fault> {
    let for_what = (
        session.country.as_str(),
        &session.currency,
        session.total_amount,
    );
    let offered = engine
        .evaluate_profile(&session.profile_key, for_what)
        .await?;
    let store = engine.store_record(&session.store_id).await?;
    let store = store.ok_or(Fault::SessionNotFound)?;
    let channels = engine.usable_channels(&store).await?;
    let has_window = |key: &ChannelKey| {
        let found = channels.iter().find(|channel| channel.key == *key);
        found.is_some_and(|channel| engine.channel_has(channel, OperationKind::OpenWindow))
    };
    let chosen = session.payment_method.as_deref();
    Ok(offered
        .into_iter()
        .filter(|(name, key)| {
            method(name).is_some() && chosen.is_none_or(|chosen| chosen == name) && has_window(key)
        })
        .collect())
}

/// Whether a browser calls itself one of a phone or a tablet.
pub fn is_mobile(parts: &Parts) -> bool {
    let agent = parts.headers.get(http::header::USER_AGENT);
    let agent = agent
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    ["Mobi", "Android", "iPhone", "iPad", "iPod"]
        .iter()
        .any(|word| agent.contains(word))
}

/// Opens the window of a session, and says where it is.
pub async fn pay_session(
    engine: &Engine,
    parts: &Parts,
    session: &PaymentSession,
    choice: SessionChoice,
) -> Result<String, Fault> {
    let offered = session_methods(engine, session).await?;
    let channel = offered.into_iter().find(|(name, _)| *name == choice.method);
    let ((_, channel), (method, provider)) = channel
        .zip(method(&choice.method))
        .ok_or_else(|| check::bad("method", "one that the page offers"))?;
    let store = engine.store_record(&session.store_id).await?;
    let (device, platform) = if is_mobile(parts) {
        (Device::Mobile, Platform::Mobile)
    } else {
        (Device::Pc, Platform::Pc)
    };
    let context = CallContext {
        store: Arc::clone(&store.ok_or(Fault::SessionNotFound)?),
        ticket: None,
        face: Face::V2,
        origin: Origin {
            platform,
            ..origin::origin(parts)
        },
    };
    let request = OpenPaymentWindow {
        issues_key: false,
        payment_id: session.payment_id.clone(),
        order: order(session, choice)?,
        method,
        channel: channel.into(),
        device,
        account_expires_at: None,
        confirm_url: None,
        opener: Some(Opener {
            window_type: WindowType::Redirection,
            origin: None,
            redirect_url: session.redirect_url.clone(),
            shop: session.store_name.clone(),
        }),
        wishes: WindowWishes {
            easy_pay_provider: provider.map(str::to_owned),
            ..WindowWishes::default()
        },
    };
    let window = engine.open_payment_window(context, request).await?;
    Ok(window.page_url)
}

fn order(session: &PaymentSession, choice: SessionChoice) -> Result<OrderDetails, Fault> {
    let amount = Amount::asked(session.total_amount, None, None)
        .map_err(|_| Fault::internal("a session's amount can't be paid"))?;
    let name = check::optional("name", choice.name, NAME_MAX)?;
    let email = check::optional("email", choice.email, EMAIL_MAX)?;
    let customer = Customer {
        name: name.or_else(|| session.customer_name.clone()),
        email: email.or_else(|| session.customer_email.clone()),
        phone_number: check::phone_number(choice.phone_number)?,
        ..Customer::default()
    };
    let products = session.products.iter().enumerate().map(product);
    Ok(OrderDetails {
        currency: session.currency.clone(),
        products: products.collect(),
        custom_data: session.custom_data.clone(),
        country: Some(session.country.clone()),
        ..OrderDetails::in_won(&session.order_name, amount, customer)
    })
}

fn product((index, from): (usize, &SessionProduct)) -> Product {
    Product {
        id: from.id.clone().unwrap_or_else(|| (index + 1).to_string()),
        name: from.name.clone(),
        tag: None,
        code: from.code.clone(),
        amount: from.unit_price,
        quantity: from.quantity,
        link: from.url.clone(),
    }
}
