//! A call of our script: what the merchant's page asked for, and from which browser.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::Request;
use http::HeaderMap;
use http::header::ORIGIN;
use naru_domain::payment::{Origin, Platform};
use naru_domain::{Face, StoreId};
use naru_engine::payments::CallContext;
use naru_engine::{Device, Engine};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::names::normalise;
use super::refused::Refused;
use crate::extract::origin;
use crate::limits::{BODY_BYTES_MAX, ID_MAX};

/// More than any origin has, in bytes.
const ORIGIN_BYTES_MAX: usize = 300;

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
            origin: page_origin(&parts.headers),
            input,
        })
    }
}

/// The origin that the browser names. `null` is what pages without one have: files in an app's
/// view, frames in a sandbox.
fn page_origin(headers: &HeaderMap) -> Option<String> {
    let origin = headers.get(ORIGIN)?.to_str().ok()?;
    let (scheme, host) = origin.split_once("://")?;
    // It will stand in a policy header: only what origins are made of.
    let is_plain = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"-._:[]+".contains(&c))
    };
    (origin.len() <= ORIGIN_BYTES_MAX && is_plain(scheme) && is_plain(host))
        .then(|| origin.to_owned())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_what_is_an_origin_is_kept() {
        let origin = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ORIGIN, HeaderValue::from_static(text));
            page_origin(&headers)
        };
        for good in [
            "https://shop.test",
            "http://localhost:3000",
            "http://[::1]:80",
            "capacitor://localhost",
        ] {
            assert_eq!(origin(good).as_deref(), Some(good));
        }
        for bad in [
            "null",
            "",
            "https://",
            "https://shop.test; script-src *",
            "https://a/b",
        ] {
            assert_eq!(origin(bad), None, "{bad}");
        }
    }
}
