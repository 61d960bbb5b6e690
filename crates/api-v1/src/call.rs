//! A call, ready for an operation: who calls, about which store, with which input.
//!
//! Nothing is read from the body before the token has been accepted, and nothing is said of a
//! call without one but that.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{ConnectInfo, FromRequestParts as _, RawPathParams, Request};
use http::request::Parts;
use http::{HeaderMap, Method, header};
use naru_domain::payment::{Origin, Platform};
use naru_domain::{Face, StoreId};
use naru_engine::payments::CallContext;
use naru_engine::records::StoreRecord;
use naru_engine::{Engine, Proof, V1Caller};
use percent_encoding::percent_decode_str;

use crate::extract::{Input, read_body, read_query};
use crate::limits::{BODY_BYTES_MAX, USER_AGENT_MAX};
use crate::messages;
use crate::refused::Refused;

/// The other header that a token may come in.
pub(crate) const TOKEN_HEADER: &str = "x-imptokenheader";
/// Names a sub-store.
const TIER_HEADER: &str = "tier";

/// A call with a token.
pub(crate) struct Call {
    pub(crate) engine: Engine,
    pub(crate) caller: V1Caller,
    /// The store it is about: the sub-store of the `Tier` header, else the key's own.
    pub(crate) store: Arc<StoreRecord>,
    pub(crate) input: Input,
    /// What the path holds, in its order.
    pub(crate) path: Vec<String>,
    origin: Origin,
}

/// A call without a token: the log-in.
pub(crate) struct Open {
    pub(crate) engine: Engine,
    pub(crate) input: Input,
}

impl Call {
    /// Authenticates, then reads.
    pub(crate) async fn read(engine: &Engine, request: Request) -> Result<Self, Refused> {
        let (mut parts, body) = request.into_parts();
        let token = token(&parts).ok_or(Refused::Unauthorized(messages::UNAUTHORIZED))?;
        let caller = engine.v1_caller(&token).await?;
        if let Some(proof) = parts.extensions.get::<Proof>() {
            proof.give();
        }
        let store = store(engine, &caller, &parts.headers).await?;
        let path = path(&mut parts).await;
        let input = input(&parts, body).await?;
        Ok(Self {
            engine: engine.clone(),
            caller,
            store,
            input,
            path,
            origin: origin(&parts),
        })
    }

    /// The store's id.
    pub(crate) fn store_id(&self) -> &StoreId {
        &self.store.id
    }

    /// What the path holds at a place; empty where it is left out, or where a client that has no
    /// value says so by its language's word.
    pub(crate) fn path_text(&self, place: usize) -> &str {
        match self.path.get(place).map(String::as_str) {
            None | Some("undefined" | "null") => "",
            Some(text) => text,
        }
    }

    /// What a use case that changes something needs to know. There are no idempotency keys on
    /// this face.
    pub(crate) fn context(&self) -> CallContext {
        let browser_ip = self.input.text("browser_ip");
        let named = browser_ip.filter(|text| text.parse::<IpAddr>().is_ok());
        let origin = match named {
            Some(ip_address) => Origin {
                ip_address,
                ..self.origin.clone()
            },
            None => self.origin.clone(),
        };
        CallContext {
            store: Arc::clone(&self.store),
            ticket: None,
            face: Face::V1,
            origin,
        }
    }
}

impl Open {
    /// Reads.
    pub(crate) async fn read(engine: &Engine, request: Request) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        Ok(Self {
            engine: engine.clone(),
            input: input(&parts, body).await?,
        })
    }
}

/// The token, wherever a client puts it and whatever word stands before it.
fn token(parts: &Parts) -> Option<String> {
    let text = |name: &str| {
        let value = parts.headers.get(name)?;
        value.to_str().ok().map(str::trim).map(str::to_owned)
    };
    let found = text(header::AUTHORIZATION.as_str())
        .or_else(|| text(TOKEN_HEADER))
        .or_else(|| {
            let query = parts.uri.query()?;
            let mut pairs = query.split('&');
            let value = pairs.find_map(|pair| pair.strip_prefix("_token="))?;
            Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
        })?;
    let bare = match found.split_once(' ') {
        Some((_, rest)) => rest.trim().to_owned(),
        None => found,
    };
    (!bare.is_empty()).then_some(bare)
}

async fn store(
    engine: &Engine,
    caller: &V1Caller,
    headers: &HeaderMap,
) -> Result<Arc<StoreRecord>, Refused> {
    let tier = headers.get(TIER_HEADER).map(|value| value.to_str());
    let tier = match tier {
        None | Some(Ok("")) => return Ok(Arc::clone(caller.store())),
        Some(tier) => tier.unwrap_or_default(),
    };
    let found = engine.store_of_tier(caller, tier).await?;
    found.ok_or(Refused::Unauthorized(messages::NO_TIER))
}

/// What the path holds. What is no text, or holds what no database takes, names nothing: it is
/// read as empty.
async fn path(parts: &mut Parts) -> Vec<String> {
    let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else {
        return Vec::new();
    };
    let text = |(_, value): (&str, &str)| {
        if value.contains('\0') {
            String::new()
        } else {
            value.to_owned()
        }
    };
    params.iter().map(text).collect()
}

async fn input(parts: &Parts, body: axum::body::Body) -> Result<Input, Refused> {
    let query = read_query(parts.uri.query().unwrap_or_default())?;
    if parts.method == Method::GET || parts.method == Method::DELETE {
        return Ok(query);
    }
    let bytes = to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|_| Refused::Status(413, messages::LONG_BODY.to_owned()))?;
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    Ok(read_body(content_type.unwrap_or_default(), &bytes)?.over(query))
}

/// The peer's address is that of the connection: headers of proxies are not trusted here.
pub(crate) fn origin(parts: &Parts) -> Origin {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
    let user_agent = parts.headers.get(header::USER_AGENT).map(|value| {
        String::from_utf8_lossy(value.as_bytes())
            .chars()
            .filter(|c| !c.is_control())
            .take(USER_AGENT_MAX)
            .collect::<String>()
    });
    Origin {
        platform: Platform::Api,
        ip_address: peer.to_canonical().to_string(),
        user_agent: user_agent.filter(|text| !text.is_empty()),
    }
}
