//! The routes of `naru windows …`, in a sandbox only.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::post;
use naru_connector::{Device, InboundRequest};
use naru_domain::payment::{OrderDetails, Origin, Platform};
use naru_domain::{Amount, AttemptId, ChannelKey, Customer, Face, MethodKind, PaymentId, StoreId};
use naru_engine::payments::CallContext;
use naru_engine::windows::{OpenPaymentWindow, WindowEnd};
use naru_engine::{Engine, Fault};

use super::types::{BroughtBack, NewWindow, OpenedWindow, WindowResult};
use crate::admin::routes::{Answer, json, read, refused};

/// How long a deposit is taken, in seconds.
const DEPOSIT_S: i64 = 86_400;

pub(crate) fn routes() -> Router<Engine> {
    Router::new()
        .route("/stores/{store}/windows", post(open))
        .route("/windows/{transaction}/return", post(bring_back))
}

fn in_a_sandbox(engine: &Engine) -> Result<(), Fault> {
    if engine.config().is_sandbox {
        return Ok(());
    }
    Err(Fault::invalid("windows are opened here in a sandbox only"))
}

/// Whose checkout it is.
fn customer() -> Customer {
    Customer {
        name: Some("홍길동".to_owned()),
        email: Some("hong@shop.example".to_owned()),
        phone_number: Some("01012345678".to_owned()),
        ..Customer::default()
    }
}

fn order(amount: i64) -> Result<OrderDetails, Fault> {
    let amount = Amount::new(amount, None, None)
        .map_err(|_| Fault::invalid("`amount`: expected a number above zero"))?;
    Ok(OrderDetails::in_won("window", amount, customer()))
}

async fn open(State(engine): State<Engine>, Path(store): Path<String>, body: Bytes) -> Answer {
    in_a_sandbox(&engine).map_err(refused)?;
    let new: NewWindow = read(&body).map_err(refused)?;
    let store = engine.existing_store(&StoreId::new(store)).await;
    let context = CallContext {
        store: Arc::new(store.map_err(refused)?),
        ticket: None,
        face: Face::V2,
        origin: Origin {
            platform: Platform::Pc,
            ip_address: "127.0.0.1".to_owned(),
            user_agent: None,
        },
    };
    let (method, expires_at) = if new.virtual_account {
        let until = engine.clock().business().plus_seconds(DEPOSIT_S);
        (MethodKind::VirtualAccount, Some(until))
    } else {
        (MethodKind::Card, None)
    };
    let asked = OpenPaymentWindow {
        issues_key: false,
        payment_id: PaymentId::new(new.payment_id),
        order: order(new.amount).map_err(refused)?,
        method,
        channel: ChannelKey::new(new.channel_key).into(),
        device: if new.mobile {
            Device::Mobile
        } else {
            Device::Pc
        },
        account_expires_at: expires_at,
        confirm_url: new.confirm_url,
        opener: None,
        wishes: naru_domain::WindowWishes::default(),
    };
    let opened = engine.open_payment_window(context, asked).await;
    let opened = opened.map_err(refused)?;
    let fields = opened.form.fields.into_iter();
    Ok(json(&OpenedWindow {
        transaction_id: opened.attempt.to_string(),
        page_url: opened.page_url,
        script: opened.form.script,
        action: opened.form.action,
        fields: fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        expires_at: opened.expires_at.to_string(),
    }))
}

async fn bring_back(
    State(engine): State<Engine>,
    Path(transaction): Path<String>,
    body: Bytes,
) -> Answer {
    in_a_sandbox(&engine).map_err(refused)?;
    let BroughtBack { form } = read(&body).map_err(refused)?;
    let attempt = AttemptId::from_order_id(&transaction.replace('-', ""))
        .ok_or_else(|| refused(Fault::PaymentNotFound))?;
    let brought = InboundRequest {
        content_type: None,
        body: form.into(),
        peer: None,
    };
    let back = engine.window_returned(attempt, brought).await;
    let back = back.map_err(refused)?;
    let result = WindowResult {
        payment_id: back.payment_id.to_string(),
        tx_id: back.attempt.to_string(),
        ..WindowResult::default()
    };
    Ok(json(&match back.end {
        WindowEnd::Done { pg_tx_id, .. } => WindowResult {
            pg_tx_id: Some(pg_tx_id),
            ..result
        },
        WindowEnd::NeedsConfirmation { payment_token } => WindowResult {
            payment_token: Some(payment_token),
            ..result
        },
        WindowEnd::Failed(failure) => WindowResult {
            pg_code: Some(failure.pg_code),
            pg_message: Some(failure.pg_message),
            ..result
        },
    }))
}
