//! A call of our script: what the merchant's page asked for, and from which browser.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use http::HeaderMap;
use http::header::ORIGIN;
use naru_domain::payment::{Origin, Platform};
use naru_domain::{Face, StoreId, page_origin};
use naru_engine::payments::CallContext;
use naru_engine::{Device, Engine};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::names::normalise;
use super::refused::Refused;
use crate::extract::origin;
use crate::limits::{BODY_BYTES_MAX, ID_MAX};

/// The body.
#[derive(Deserialize)]
struct Body {
    /// What the page gave to the SDK's function.
    request: Value,
    /// In which kind of browser, as the script finds out: a tablet may call itself a computer.
    device: Option<DeviceName>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum DeviceName {
    Pc,
    Mobile,
}

/// A request of the SDK.
pub(super) trait Input: DeserializeOwned {
    /// The store that is to be paid.
    fn store_id(&self) -> &str;
}

/// A call, ready for the engine.
pub(super) struct Call<T> {
    pub(super) engine: Engine,
    pub(super) context: CallContext,
    pub(super) device: Device,
    /// The page's origin, if it has one that can be named.
    pub(super) origin: Option<String>,
    pub(super) input: T,
}

impl<T: Input> Call<T> {
    pub(super) async fn read(engine: Engine, request: Request) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let body = to_bytes(body, BODY_BYTES_MAX)
            .await
            .map_err(|_| Refused::unreadable("the request is too long"))?;
        let mut body: Body = naru_wire_v2::decode(&body)?;
        normalise(&mut body.request);
        let input: T = naru_wire_v2::decode_value(&body.request)?;
        let id = input.store_id();
        if id.is_empty() {
            return Err(Refused::missing("storeId"));
        }
        if id.len() > ID_MAX || id.contains('\0') {
            return Err(Refused::no_store());
        }
        let store = engine.store_record(&StoreId::new(id)).await?;
        let (device, platform) = match body.device {
            Some(DeviceName::Mobile) => (Device::Mobile, Platform::Mobile),
            Some(DeviceName::Pc) | None => (Device::Pc, Platform::Pc),
        };
        Ok(Self {
            context: CallContext {
                store: Arc::clone(&store.ok_or_else(Refused::no_store)?),
                ticket: None,
                face: Face::V2,
                origin: Origin {
                    platform,
                    ..origin::origin(&parts)
                },
            },
            engine,
            device,
            origin: origin_header(&parts.headers),
            input,
        })
    }
}

fn origin_header(headers: &HeaderMap) -> Option<String> {
    page_origin(headers.get(ORIGIN)?.to_str().ok()?)
}
