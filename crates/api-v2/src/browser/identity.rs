//! `requestIdentityVerification`: the attempt is on disk, and its window can be opened.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use naru_domain::{ChannelKey, IdentityVerificationId, WindowType};
use naru_engine::Engine;
use naru_engine::identity::OpenIdentity;
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, Input};
use super::fields::{Buyer, custom_data};
use super::opened;
use super::refused::Refused;
use super::window::{Wanted, WindowTypes};
use super::wishes::bypass;
use crate::check;
use crate::limits::ID_MAX;

/// What a page gives to `requestIdentityVerification`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IdentityRequest {
    store_id: String,
    identity_verification_id: String,
    channel_key: Option<String>,
    customer: Option<Buyer>,
    window_type: Option<WindowTypes>,
    redirect_url: Option<String>,
    force_redirect: Option<bool>,
    custom_data: Option<Value>,
    bypass: Option<Value>,
}

impl Input for IdentityRequest {
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
    let call = Call::<IdentityRequest>::read(engine, request).await?;
    let input = call.input;
    let wanted = Wanted {
        types: input.window_type,
        // The PGs' pages are made for a small browser window of their own.
        usual: WindowType::Popup,
        redirect_url: input.redirect_url.as_deref(),
        force_redirect: input.force_redirect.unwrap_or(false),
        device: call.device,
        origin: call.origin,
    };
    let (opener, shown) = wanted.decide()?;
    let channel = input.channel_key.filter(|key| !key.is_empty());
    let channel = channel.ok_or_else(|| Refused::missing("channelKey"))?;
    let id = check::required(
        "identityVerificationId",
        input.identity_verification_id,
        ID_MAX,
    )?;
    let asked = OpenIdentity {
        id: IdentityVerificationId::new(id),
        channel: ChannelKey::new(check::required("channelKey", channel, ID_MAX)?),
        person: input.customer.unwrap_or_default().into_person()?,
        carrier: None,
        custom_data: check::custom_data(custom_data(input.custom_data))?,
        merchant_uid: None,
        device: call.device,
        opener: Some(opener),
        bypass: bypass(input.bypass)?,
    };
    let window = call
        .engine
        .open_identity_window(call.context, asked)
        .await?;
    Ok(opened(&window, shown))
}
