//! A call, ready for the engine.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use http::request::Parts;
use naru_domain::payment::Origin;
use naru_engine::records::StoreRecord;
use naru_engine::{Caller, Engine, Fault, Proof};
use serde_json::{Map, Value};

use super::idempotency::{canonical, key};
use super::{Input, Source, auth, body, origin, path};
use crate::faults::Failed;

/// A call with a credential.
pub(crate) struct Call<T> {
    pub(crate) engine: Engine,
    pub(crate) caller: Caller,
    /// The store it is about: the one that the input names, else the credential's own.
    pub(crate) store: Arc<StoreRecord>,
    pub(crate) input: T,
    pub(super) path_id: String,
    pub(super) second_id: String,
    pub(super) origin: Origin,
    pub(super) idempotency: Option<Idempotency>,
}

/// What an idempotency key is remembered with.
pub(super) struct Idempotency {
    pub(super) key: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) body: String,
}

/// A call of an operation without a credential; one that is sent all the same is ignored.
pub(crate) struct Open<T> {
    pub(crate) engine: Engine,
    pub(crate) input: T,
    path_id: String,
}

impl<T> Open<T> {
    /// The id in the path, of something that must exist.
    pub(crate) fn lookup_id(&self, missing: Fault) -> Result<&str, Fault> {
        lookup(&self.path_id, missing)
    }
}

/// An id that is looked up whatever it is. What no row can have as its id is `missing`.
pub(super) fn lookup(path_id: &str, missing: Fault) -> Result<&str, Fault> {
    if path_id.is_empty() || path_id.contains('\0') {
        return Err(missing);
    }
    Ok(path_id)
}

impl<T: Input> FromRequest<Engine> for Call<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Failed> {
        let (mut parts, body) = request.into_parts();
        let caller = auth::caller(engine, &parts.headers).await?;
        if let Some(proof) = parts.extensions.get::<Proof>() {
            proof.give();
        }
        let mut path_ids = path::ids(&mut parts).await?.into_iter();
        let (path_id, second_id) = (path_ids.next(), path_ids.next());
        let key = key(&parts.method, &parts.headers)?;
        let (input, json) = read::<T>(&parts, body).await?;
        let named = input.store_id();
        // No store has such an id, and no database takes a NUL.
        if named.is_some_and(|id| id.contains('\0')) {
            return Err(Fault::Forbidden.into());
        }
        let store = engine.store_for(&caller, named).await?;
        Ok(Self {
            engine: engine.clone(),
            caller,
            store,
            path_id: path_id.unwrap_or_default(),
            second_id: second_id.unwrap_or_default(),
            origin: origin::origin(&parts),
            idempotency: key.map(|key| Idempotency {
                key,
                method: parts.method.as_str().to_owned(),
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().unwrap_or_default().to_owned(),
                body: canonical(&json),
            }),
            input,
        })
    }
}

impl<T: Input> FromRequest<Engine> for Open<T> {
    type Rejection = Failed;

    async fn from_request(request: Request, engine: &Engine) -> Result<Self, Failed> {
        let (mut parts, body) = request.into_parts();
        let path_id = path::ids(&mut parts).await?.into_iter().next();
        let (input, _) = read::<T>(&parts, body).await?;
        Ok(Self {
            engine: engine.clone(),
            input,
            path_id: path_id.unwrap_or_default(),
        })
    }
}

/// The input, and the JSON that it was read from.
async fn read<T: Input>(parts: &Parts, body: axum::body::Body) -> Result<(T, Value), Failed> {
    let query = parts.uri.query().unwrap_or_default();
    let json = match T::SOURCE {
        Source::Query => {
            let input = naru_wire_v2::decode_query(query).map_err(Failed::undecodable)?;
            return Ok((input, Value::Object(Map::new())));
        }
        Source::QueryParameter => {
            let expected = "`requestBody`: expected a query parameter that holds JSON";
            let text = body::parameter(query).ok_or_else(|| Fault::invalid(expected))?;
            body::json(&text)
        }
        Source::Body => body::json(&body::read(&parts.headers, body).await?),
        Source::BodyOrQuery => body::json_or_query(&body::read(&parts.headers, body).await?, query),
    };
    let json = json.map_err(Failed::undecodable)?;
    let input = naru_wire_v2::decode_value(&json).map_err(Failed::undecodable)?;
    Ok((input, json))
}
