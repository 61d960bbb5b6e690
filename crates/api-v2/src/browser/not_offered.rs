//! The SDK's functions for which no channel of ours has a window: what they ask for is checked as
//! far as it goes, and refused for what it is. They open nothing.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use naru_domain::ChannelKey;
use naru_engine::Engine;
use serde::Deserialize;

use super::call::{Call, Input};
use super::refused::Refused;
use crate::limits::ID_MAX;

/// The fields that these requests have in common.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    store_id: String,
    channel_key: Option<String>,
}

impl Input for Asked {
    fn store_id(&self) -> &str {
        &self.store_id
    }
}

pub(super) async fn payment_ui(engine: State<Engine>, request: Request) -> Response {
    let why = "this channel has no buttons of its own: use `requestPayment`";
    refused(engine, request, why).await
}

pub(super) async fn billing_key_ui(engine: State<Engine>, request: Request) -> Response {
    let why = "this channel has no buttons of its own: use `requestIssueBillingKey`";
    refused(engine, request, why).await
}

async fn refused(State(engine): State<Engine>, request: Request, why: &str) -> Response {
    match checked(engine, request).await {
        Ok(()) => Refused::bad(why),
        Err(refused) => refused,
    }
    .into_response()
}

async fn checked(engine: Engine, request: Request) -> Result<(), Refused> {
    let call = Call::<Asked>::read(engine, request).await?;
    let key = call.input.channel_key.unwrap_or_default();
    if key.is_empty() {
        return Err(Refused::missing("channelKey"));
    }
    if key.len() > ID_MAX || key.contains('\0') {
        return Err(naru_engine::Fault::ChannelNotFound.into());
    }
    let key = ChannelKey::new(key);
    call.engine
        .usable_channel(&call.context.store, &key)
        .await
        .map_err(Refused::from)
}
