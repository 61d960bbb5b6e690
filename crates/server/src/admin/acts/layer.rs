//! Writes every act of the admin routes to the audit log: before it begins, and when it ended.
//!
//! It lies around all routes at once and lets nothing through that changes something and has no
//! name ([`super::operations`]). What a request carries is kept by name only; ids too long to be
//! ids, which may be secrets typed in the wrong place, are not.
//!
//! Invariant: a handler runs only after the row of its act is on disk, and then to its end,
//! whether or not the caller waits.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::RequestExt as _;
use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{ConnectInfo, MatchedPath, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, header};
use naru_domain::{ChannelGroupId, ChannelKey, PromotionId};
use naru_engine::records::ActVia;
use naru_engine::{ActEnd, Actor, BegunAct, Engine, Fault, NewAct};
use serde_json::Value;

use super::operations::{self, Operation};
use crate::admin::client::USER_HEADER;
use crate::admin::routes::refused;

/// Bytes of a body that is looked at. Larger ones are files.
const BODY_MAX: usize = 64 * 1024;
/// Characters of an id. An API secret has 64.
const ID_MAX: usize = 60;
/// Characters of an id that merchants choose.
const PAYMENT_ID_MAX: usize = 200;
/// In the place of what is not kept.
const LEFT_OUT: &str = "…";

/// An act whose handler may end it by itself, after its answer has begun.
#[derive(Clone)]
pub(crate) struct ActUnderWay {
    engine: Engine,
    begun: BegunAct,
    is_taken: Arc<AtomicBool>,
}

impl ActUnderWay {
    /// The handler ends it, not the layer.
    pub(crate) fn take(&self) {
        self.is_taken.store(true, Ordering::Release);
    }

    /// It has ended.
    pub(crate) async fn end(self, end: ActEnd) {
        self.engine.end_act(self.begun, end).await;
    }
}

/// Around all admin routes.
pub(crate) async fn written_down(
    State(engine): State<Engine>,
    mut request: Request,
    next: Next,
) -> Response {
    if [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method()) {
        return next.run(request).await;
    }
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        return next.run(request).await;
    };
    let path = path.as_str();
    let path = path
        .strip_prefix(super::super::routes::PREFIX)
        .unwrap_or(path);
    let Some(operation) = operations::of(request.method().as_str(), path) else {
        // Neither a mistaken method nor an operation that somebody forgot to name does anything.
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    };
    let params = named(&mut request).await;
    let (request, fields) = match fields(operation, request).await {
        Ok(read) => read,
        Err(response) => return response,
    };
    let who = actor(&request);
    let (new, left_out) = described(&engine, (who, operation), (params, fields)).await;
    let running = engine.clone();
    let done = engine.detached(async move { done(&running, new, (request, next, left_out)).await });
    done.await.unwrap_or_else(refused)
}

async fn done(
    engine: &Engine,
    new: NewAct,
    (mut request, next, left_out): (Request, Next, Vec<String>),
) -> Result<Response, Fault> {
    let begun = engine.begin_act(new).await?;
    let under_way = ActUnderWay {
        engine: engine.clone(),
        begun: begun.clone(),
        is_taken: Arc::default(),
    };
    request.extensions_mut().insert(under_way.clone());
    let response = next.run(request).await;
    if under_way.is_taken.load(Ordering::Acquire) {
        return Ok(response);
    }
    let (response, end) = ended(response, &left_out).await;
    engine.end_act(begun, end).await;
    Ok(response)
}

/// The parts of the path, by name.
async fn named(request: &mut Request) -> Vec<(String, String)> {
    match request.extract_parts::<RawPathParams>().await {
        Ok(params) => params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        Err(_) => Vec::new(),
    }
}

/// What the request says in its query and, if that is small JSON, in its body.
async fn fields(
    operation: &Operation,
    request: Request,
) -> Result<(Request, BTreeMap<String, String>), Response> {
    let mut fields = BTreeMap::new();
    let is_kept = |name: &str| operation.details.contains(&name);
    let query = request.uri().query().unwrap_or_default();
    let query: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
    fields.extend(query.into_iter().filter(|(name, _)| is_kept(name)));
    if !is_small(&request) {
        return Ok((request, fields));
    }
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_MAX).await else {
        return Err(refused(Fault::invalid("the body can't be read")));
    };
    if let Ok(Value::Object(given)) = serde_json::from_slice(&bytes) {
        let kept = given.into_iter().filter(|(name, _)| is_kept(name));
        fields.extend(kept.filter_map(|(name, value)| Some((name, text(&value)?))));
    }
    if let Some(url) = fields.get_mut("url") {
        *url = without_secrets(url);
    }
    Ok((Request::from_parts(parts, Body::from(bytes)), fields))
}

/// Whether the body is small, as it says itself: files come without a length, or with a large one.
fn is_small(request: &Request) -> bool {
    let named = request.headers().get(header::CONTENT_LENGTH);
    let named = named.and_then(|length| length.to_str().ok()?.parse().ok());
    let length: Option<u64> = named.or_else(|| request.body().size_hint().exact());
    length.is_some_and(|length| length <= u64::try_from(BODY_MAX).unwrap_or(0))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(text).collect();
            Some(texts.join(", ")).filter(|text| !text.is_empty())
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// An address without what may be a credential in it.
fn without_secrets(url: &str) -> String {
    let Ok(mut url) = reqwest::Url::parse(url) else {
        return LEFT_OUT.to_owned();
    };
    let _no_host = url.set_username("");
    let _no_host = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// The act, and what was left out of it.
async fn described(
    engine: &Engine,
    (actor, operation): (Actor, &Operation),
    (params, mut details): (Vec<(String, String)>, BTreeMap<String, String>),
) -> (NewAct, Vec<String>) {
    let mut left_out = Vec::new();
    let mut store_id = None;
    let mut subject = None;
    for (name, value) in params {
        let length_max = if name == "payment" {
            PAYMENT_ID_MAX
        } else {
            ID_MAX
        };
        let is_email = name == "email";
        let kept = if value.chars().count() <= length_max || is_email {
            value.clone()
        } else {
            left_out.push(value.clone());
            LEFT_OUT.to_owned()
        };
        if name == "store" {
            store_id = Some(kept);
            continue;
        }
        if store_id.is_none() {
            store_id = store_of(engine, &name, &value).await;
        }
        if subject.is_none() {
            subject = Some(kept);
        } else {
            details.insert(name, kept);
        }
    }
    let new = NewAct {
        actor,
        operation: operation.name.to_owned(),
        store_id,
        subject,
        details,
    };
    (new, left_out)
}

/// The store of what the path names, where the path does not name the store itself.
async fn store_of(engine: &Engine, name: &str, id: &str) -> Option<String> {
    let found = match name {
        "channel" => {
            let found = engine.existing_channel(&ChannelKey::new(id)).await;
            found.ok()?.store_id
        }
        "group" => {
            let found = engine
                .existing_channel_group(&ChannelGroupId::new(id))
                .await;
            found.ok()?.store_id
        }
        "profile" => engine.existing_profile(id).await.ok()?.store_id,
        "promotion" => {
            let found = engine.existing_promotion(&PromotionId::new(id)).await;
            found.ok()?.promotion.store_id
        }
        "key" => engine.store_of_key(id).await.ok()??,
        _ => return None,
    };
    Some(found.to_string())
}

/// Who asks, as the command line tells it, and from where.
fn actor(request: &Request) -> Actor {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    Actor {
        name: user(request.headers()).unwrap_or_else(|| "unknown".to_owned()),
        via: ActVia::CommandLine,
        address: peer.map(|peer| peer.0.ip().to_canonical().to_string()),
    }
}

fn user(headers: &HeaderMap) -> Option<String> {
    let given = headers.get(USER_HEADER)?.to_str().ok()?;
    let user = percent_encoding::percent_decode_str(given).decode_utf8_lossy();
    let user: String = user.trim().chars().take(64).collect();
    Some(user).filter(|user| !user.is_empty())
}

/// What became of it, by the answer.
async fn ended(response: Response, left_out: &[String]) -> (Response, ActEnd) {
    let status = response.status();
    let (response, body) = read(response).await;
    let told = |name: &str| body.get(name).and_then(Value::as_str);
    if status.is_success() {
        let inside = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
        let id = told("id")
            .or_else(|| told("key").filter(|key| is_key_of(key)))
            .or_else(|| inside("/key/id"))
            .or_else(|| inside("/webhook/id"))
            .or_else(|| told("email"));
        return (
            response,
            ActEnd {
                store_id: told("storeId").map(str::to_owned),
                subject: id.map(str::to_owned),
                ..ActEnd::done()
            },
        );
    }
    let mut reason = told("message").unwrap_or(status.as_str()).to_owned();
    for secret in left_out {
        reason = reason.replace(secret, LEFT_OUT);
    }
    let end = if status.is_server_error() {
        ActEnd::failed(reason)
    } else {
        ActEnd::refused(reason)
    };
    (response, end)
}

/// Keys that are identifiers: channels and checkout profiles have no other id.
fn is_key_of(key: &str) -> bool {
    key.starts_with("channel-key-") || key.starts_with("checkout-profile-")
}

/// The answer's body, if it is small JSON.
async fn read(response: Response) -> (Response, Value) {
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes() == b"application/json");
    let size = response.body().size_hint().exact();
    let is_small = size.is_some_and(|size| size <= u64::try_from(BODY_MAX).unwrap_or(0));
    if !is_json || !is_small {
        return (response, Value::Null);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, BODY_MAX).await.unwrap_or_default();
    let value = serde_json::from_slice(&bytes).unwrap_or_default();
    (Response::from_parts(parts, Body::from(bytes)), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_without_its_secrets() {
        for (given, wanted) in [
            ("https://shop.example/hook", "https://shop.example/hook"),
            (
                "https://a:b@shop.example/hook?token=x#y",
                "https://shop.example/hook",
            ),
            ("no address", LEFT_OUT),
        ] {
            assert_eq!(without_secrets(given), wanted);
        }
    }

    #[test]
    fn a_user_is_what_the_client_tells() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(USER_HEADER, value.parse().unwrap());
            user(&headers)
        };
        assert_eq!(of("hong").as_deref(), Some("hong"));
        assert_eq!(of("%ED%99%8D").as_deref(), Some("홍"));
        assert_eq!(of(" "), None);
        assert_eq!(of(&"a".repeat(100)).unwrap().len(), 64);
        assert_eq!(user(&HeaderMap::new()), None);
    }
}
