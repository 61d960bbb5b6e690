//! The admin routes: from [`super::types`] to the engine and back.
//!
//! Mounted behind [`super::token::guard`]. They decide nothing; what the engine refuses is a
//! [`Problem`] in its words.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use http::{StatusCode, header};
use naru_connector::Secret;
use naru_domain::{ChannelKey, StoreId, Timestamp};
use naru_engine::admin::{self, NewEndpoint, NewSecret, NewV1Key, V1_KEY_PREFIX};
use naru_engine::records::{
    ApiSecretRecord, ChannelRecord, EndpointRecord, Environment, PayloadFormat, PayloadVersion,
    StoreRecord, Subject, V1KeyRecord,
};
use naru_engine::{Engine, Fault};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::acts::layer::written_down;
use super::types::{
    Attempt, Channel, CreatedKey, CreatedWebhook, Items, Key, NewChannel, NewKey, NewListener,
    NewStore, NewTier, NewTimeZone, NewUserCode, NewWebhook, Problem, Store, Webhook, WebhookTest,
};

/// Where the routes are.
pub(super) const PREFIX: &str = "/admin/v1";

pub(super) type Answer = Result<Response, Response>;

/// All of them, to be mounted behind the guard. What changes something is in the audit log.
pub fn router(engine: Engine) -> Router {
    let routes = Router::new()
        .route("/doctor", get(doctor))
        .route("/stores", get(list_stores).post(create_store))
        .route("/stores/{store}", get(show_store))
        .route("/stores/{store}/time-zone", post(set_time_zone))
        .route("/stores/{store}/tier", post(set_tier))
        .route("/stores/{store}/user-code", post(set_user_code))
        .route("/stores/{store}/keys", get(list_keys).post(create_key))
        .route("/keys/{key}", delete(revoke_key))
        .route(
            "/stores/{store}/channels",
            get(list_channels).post(create_channel),
        )
        .route("/channels/{channel}", get(show_channel))
        .route("/channels/{channel}/disable", post(disable_channel))
        .route("/channels/{channel}/enable", post(enable_channel))
        .route("/channels/{channel}/manual-confirm", post(manual_confirm))
        .route("/channels/{channel}/auto-confirm", post(auto_confirm))
        .route(
            "/stores/{store}/webhooks",
            get(list_webhooks).post(set_webhook),
        )
        .route(
            "/stores/{store}/webhooks/{endpoint}",
            delete(remove_webhook),
        )
        .route(
            "/stores/{store}/webhooks/{endpoint}/secrets",
            post(rotate_secret).delete(expire_old_secret),
        )
        .route("/stores/{store}/listeners", post(create_listener))
        .route(
            "/stores/{store}/webhooks/{endpoint}/test",
            post(test_webhook),
        )
        .merge(super::b2b::routes::routes())
        .merge(super::payments::routes::routes())
        .merge(super::profiles::routes::routes())
        .merge(super::promotions::routes::routes())
        .merge(super::routing::routes::routes())
        .merge(super::settlements::routes::router())
        .merge(super::windows::routes::routes())
        .merge(super::audit::routes::routes())
        .merge(super::journal::routes::routes())
        .merge(super::backup::routes::routes())
        .merge(super::acts::routes::routes())
        .merge(super::administrators::routes::routes())
        .layer(from_fn_with_state(engine.clone(), written_down))
        .with_state(engine);
    Router::new().nest(PREFIX, routes)
}

/// What the server finds when it looks at itself, for `naru doctor`.
async fn doctor(State(engine): State<Engine>) -> Response {
    let items = crate::doctor::live::findings(&engine).await;
    json(&Items { items })
}

/// `GET /attempts/{orderId}`: which payment, billing key or identity verification a PG's order id
/// belongs to, for tools that compare books. Ids only, so it stands outside the guard.
pub fn attempts(engine: Engine) -> Router {
    Router::new()
        .route("/attempts/{order_id}", get(show_attempt))
        .with_state(engine)
}

async fn show_attempt(State(engine): State<Engine>, Path(order_id): Path<String>) -> Answer {
    let found = engine.attempt_of_order(&order_id).await.map_err(refused)?;
    let Some(found) = found else {
        let message = format!("no attempt has the order id `{order_id}`");
        return Err((
            StatusCode::NOT_FOUND,
            json(&Problem {
                message,
                hint: None,
            }),
        )
            .into_response());
    };
    let id = Some(found.subject_id);
    let (payment_id, billing_key, identity_verification_id) = match found.subject {
        Subject::Payment => (id, None, None),
        Subject::BillingKey => (None, id, None),
        Subject::IdentityVerification => (None, None, id),
    };
    Ok(json(&Attempt {
        order_id,
        attempt_id: found.attempt.to_string(),
        store_id: found.store_id.to_string(),
        payment_id,
        billing_key,
        identity_verification_id,
        at: found.at.to_string(),
    }))
}

async fn list_stores(State(engine): State<Engine>) -> Answer {
    let found = engine.stores().await.map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(store_view).collect(),
    }))
}

async fn create_store(State(engine): State<Engine>, body: Bytes) -> Answer {
    let NewStore { name, parent_id } = read(&body).map_err(refused)?;
    let new = admin::NewStore {
        name,
        parent: parent_id.map(StoreId::new),
        ..Default::default()
    };
    let made = engine.create_store(new).await.map_err(refused)?;
    Ok(json(&store_view(&made)))
}

async fn show_store(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let found = engine
        .existing_store(&StoreId::new(store))
        .await
        .map_err(refused)?;
    Ok(json(&store_view(&found)))
}

async fn set_time_zone(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let NewTimeZone { time_zone } = read(&body).map_err(refused)?;
    let store = StoreId::new(store);
    let changed = engine.set_time_zone(&store, &time_zone).await;
    Ok(json(&store_view(&changed.map_err(refused)?)))
}

async fn set_tier(State(engine): State<Engine>, Path(store): Path<String>, body: Bytes) -> Answer {
    let NewTier { tier } = read(&body).map_err(refused)?;
    let changed = engine.set_tier(&StoreId::new(store), &tier).await;
    Ok(json(&store_view(&changed.map_err(refused)?)))
}

async fn set_user_code(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let NewUserCode { user_code } = read(&body).map_err(refused)?;
    let store = StoreId::new(store);
    let changed = engine.set_user_code(&store, &user_code).await;
    Ok(json(&store_view(&changed.map_err(refused)?)))
}

async fn list_keys(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.api_secrets(Some(&store)).await.map_err(refused)?;
    let v1 = engine.v1_keys(&store).await.map_err(refused)?;
    let items = found.iter().map(key_view);
    Ok(json(&Items {
        items: items.chain(v1.iter().map(v1_key_view)).collect(),
    }))
}

async fn create_v1_key(engine: &Engine, store: String, new: NewKey) -> Answer {
    let new = NewV1Key {
        store_id: StoreId::new(store),
        name: new.name,
        lifetime_days: new.expires_in_days,
        given: None,
    };
    let made = engine.create_v1_key(new).await.map_err(refused)?;
    Ok(json(&CreatedKey {
        key: v1_key_view(&made.record),
        secret: made.imp_secret.expose().to_owned(),
    }))
}

async fn create_key(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let new: NewKey = read(&body).map_err(refused)?;
    if new.is_v1 {
        return create_v1_key(&engine, store, new).await;
    }
    let NewKey {
        name,
        expires_in_days,
        is_v1: _,
    } = new;
    let new = NewSecret {
        store_id: StoreId::new(store),
        name,
        lifetime_days: expires_in_days,
        given: None,
    };
    let made = engine.create_api_secret(new).await.map_err(refused)?;
    let secret = made.secret.expose().to_owned();
    Ok(json(&CreatedKey {
        key: key_view(&made.record),
        secret,
    }))
}

async fn revoke_key(State(engine): State<Engine>, Path(key): Path<String>) -> Answer {
    if key.starts_with(V1_KEY_PREFIX) {
        let revoked = engine.revoke_v1_key(&key).await.map_err(refused)?;
        return Ok(json(&v1_key_view(&revoked)));
    }
    let revoked = engine.revoke_api_secret(&key).await.map_err(refused)?;
    Ok(json(&key_view(&revoked)))
}

async fn list_channels(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.channels(Some(&store)).await.map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(channel_view).collect(),
    }))
}

async fn create_channel(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let new: NewChannel = read(&body).map_err(refused)?;
    let secrets: BTreeMap<String, Secret> = new
        .secrets
        .into_iter()
        .map(|(name, text)| (name, Secret::new(text)))
        .collect();
    let new = admin::NewChannel {
        store_id: StoreId::new(store),
        name: new.name,
        key: None,
        id: None,
        pg_provider: new.pg_provider,
        pg_merchant_id: new.pg_merchant_id,
        is_test: new.is_test,
        // In a sandbox there is no other PG than the simulated one.
        is_simulated: engine.config().is_sandbox && new.is_test,
        secrets,
        options: new.options,
    };
    let made = engine.create_channel(new).await.map_err(refused)?;
    Ok(json(&channel_view(&made)))
}

async fn show_channel(State(engine): State<Engine>, Path(channel): Path<String>) -> Answer {
    let found = engine
        .existing_channel(&ChannelKey::new(channel))
        .await
        .map_err(refused)?;
    Ok(json(&channel_view(&found)))
}

async fn disable_channel(State(engine): State<Engine>, Path(channel): Path<String>) -> Answer {
    switch_channel(&engine, channel, false).await
}

async fn enable_channel(State(engine): State<Engine>, Path(channel): Path<String>) -> Answer {
    switch_channel(&engine, channel, true).await
}

async fn manual_confirm(State(engine): State<Engine>, Path(channel): Path<String>) -> Answer {
    set_confirm(&engine, channel, true).await
}

async fn auto_confirm(State(engine): State<Engine>, Path(channel): Path<String>) -> Answer {
    set_confirm(&engine, channel, false).await
}

async fn set_confirm(engine: &Engine, channel: String, is_manual: bool) -> Answer {
    let key = ChannelKey::new(channel);
    let set = engine.set_manual_confirm(&key, is_manual).await;
    Ok(json(&channel_view(&set.map_err(refused)?)))
}

async fn switch_channel(engine: &Engine, channel: String, is_on: bool) -> Answer {
    let key = ChannelKey::new(channel);
    let switched = engine.switch_channel(&key, is_on).await.map_err(refused)?;
    Ok(json(&channel_view(&switched)))
}

async fn list_webhooks(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine
        .webhook_endpoints(Some(&store))
        .await
        .map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(webhook_view).collect(),
    }))
}

/// One endpoint per environment and version: a further address replaces the one before.
async fn set_webhook(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let NewWebhook {
        url,
        version,
        content_type,
        is_live,
    } = read(&body).map_err(refused)?;
    let store = existing(&engine, store).await?;
    let environment = if is_live {
        Environment::Live
    } else {
        Environment::Test
    };
    let version = match version.as_str() {
        "2024-01-01" => PayloadVersion::V20240101,
        "2024-04-25" => PayloadVersion::V20240425,
        "v1" => PayloadVersion::V1,
        other => {
            return Err(refused(Fault::invalid(format!(
                "`{other}` is not a version"
            ))));
        }
    };
    let format = match content_type.as_str() {
        "form" => PayloadFormat::Form,
        _ => PayloadFormat::Json,
    };
    let same = |one: &&EndpointRecord| {
        (one.environment, one.version, one.format) == (environment, version, format)
    };
    let all = engine
        .webhook_endpoints(Some(&store))
        .await
        .map_err(refused)?;
    if let Some(found) = all.iter().find(same) {
        let changed = engine
            .set_endpoint_url(&store, &found.id, Some(url))
            .await
            .map_err(refused)?;
        return Ok(json(&CreatedWebhook {
            webhook: webhook_view(&changed),
            secret: None,
        }));
    }
    let new = NewEndpoint {
        store_id: store,
        id: None,
        environment,
        url: Some(url),
        version,
        format,
        secret: None,
    };
    let (made, secret) = engine.create_endpoint(new).await.map_err(refused)?;
    let secret = Some(secret.expose().to_owned());
    Ok(json(&CreatedWebhook {
        webhook: webhook_view(&made),
        secret,
    }))
}

async fn create_listener(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let NewListener { url } = read(&body).map_err(refused)?;
    let store = StoreId::new(store);
    let record = engine.create_listener(&store, url).await.map_err(refused)?;
    Ok(json(&webhook_view(&record)))
}

async fn remove_webhook(
    State(engine): State<Engine>,
    Path((store, endpoint)): Path<(String, String)>,
) -> Answer {
    engine
        .remove_endpoint(&StoreId::new(store), &endpoint)
        .await
        .map_err(refused)?;
    Ok(json(&()))
}

async fn rotate_secret(
    State(engine): State<Engine>,
    Path((store, endpoint)): Path<(String, String)>,
) -> Answer {
    let store = StoreId::new(store);
    let (changed, secret) = engine
        .rotate_endpoint_secret(&store, &endpoint)
        .await
        .map_err(refused)?;
    let secret = Some(secret.expose().to_owned());
    Ok(json(&CreatedWebhook {
        webhook: webhook_view(&changed),
        secret,
    }))
}

async fn expire_old_secret(
    State(engine): State<Engine>,
    Path((store, endpoint)): Path<(String, String)>,
) -> Answer {
    let store = StoreId::new(store);
    let changed = engine
        .expire_old_endpoint_secret(&store, &endpoint)
        .await
        .map_err(refused)?;
    Ok(json(&webhook_view(&changed)))
}

async fn test_webhook(
    State(engine): State<Engine>,
    Path((store, endpoint)): Path<(String, String)>,
) -> Answer {
    let tested = engine
        .test_endpoint(&StoreId::new(store), &endpoint)
        .await
        .map_err(refused)?;
    Ok(json(&WebhookTest {
        status: tested.status,
        problem: tested.problem,
        duration_ms: tested.duration_ms,
    }))
}

pub(super) async fn existing(engine: &Engine, store: String) -> Result<StoreId, Response> {
    Ok(engine
        .existing_store(&StoreId::new(store))
        .await
        .map_err(refused)?
        .id)
}

pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    // The words of a parse error could quote a secret, so only its place is told.
    serde_json::from_slice(body).map_err(|error| {
        let place = format!("line {} column {}", error.line(), error.column());
        Fault::invalid(format!("the body can't be read at {place}"))
    })
}

pub(super) fn moment(text: &str) -> Result<Timestamp, Fault> {
    text.parse().map_err(|_| {
        Fault::invalid(format!(
            "`{text}` is not a moment; write `2030-01-31T10:00:00+09:00`"
        ))
    })
}

pub(super) fn json(value: &impl Serialize) -> Response {
    match serde_json::to_string(value) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of `map_err`")]
pub(super) fn refused(fault: Fault) -> Response {
    let status = match &fault {
        Fault::Unavailable { detail } => {
            tracing::warn!(detail, "the store can't be reached");
            StatusCode::SERVICE_UNAVAILABLE
        }
        Fault::Internal { detail } => {
            tracing::error!(detail, "an admin route failed");
            StatusCode::INTERNAL_SERVER_ERROR
        }
        _ => StatusCode::BAD_REQUEST,
    };
    (status, json(&problem(&fault))).into_response()
}

/// A fault in words; what follows a semicolon is the next step.
pub(super) fn problem(fault: &Fault) -> Problem {
    let words = fault.to_string();
    let (message, hint) = match words.split_once("; ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
        None => (words, None),
    };
    Problem { message, hint }
}

fn store_view(record: &StoreRecord) -> Store {
    Store {
        id: record.id.to_string(),
        merchant_id: record.merchant_id.to_string(),
        name: record.name.clone(),
        parent_id: record.parent.as_ref().map(ToString::to_string),
        tier: record.tier.clone(),
        user_code: record.user_code.clone(),
        time_zone: record.time_zone.clone(),
        created_at: record.created_at.to_string(),
    }
}

fn v1_key_view(record: &V1KeyRecord) -> Key {
    Key {
        id: record.id.clone(),
        imp_key: Some(record.imp_key.clone()),
        name: record.name.clone(),
        created_at: record.created_at.to_string(),
        expires_at: record.expires_at.map(|at| at.to_string()),
        revoked_at: record.revoked_at.map(|at| at.to_string()),
    }
}

fn key_view(record: &ApiSecretRecord) -> Key {
    Key {
        id: record.id.clone(),
        imp_key: None,
        name: record.name.clone(),
        created_at: record.created_at.to_string(),
        expires_at: record.expires_at.map(|at| at.to_string()),
        revoked_at: record.revoked_at.map(|at| at.to_string()),
    }
}

fn channel_view(record: &ChannelRecord) -> Channel {
    Channel {
        key: record.key.to_string(),
        id: record.id.to_string(),
        store_id: record.store_id.to_string(),
        name: record.name.clone(),
        pg_provider: record.pg_provider.clone(),
        pg_merchant_id: record.pg_merchant_id.clone(),
        is_test: record.is_test,
        is_enabled: record.disabled_at.is_none(),
        options: record.options.clone(),
        secret_names: record.secrets.keys().cloned().collect(),
    }
}

fn webhook_view(record: &EndpointRecord) -> Webhook {
    let version = match record.version {
        PayloadVersion::V20240101 => "2024-01-01",
        PayloadVersion::V20240425 => "2024-04-25",
        PayloadVersion::V1 => "v1",
    };
    let content_type = match record.format {
        PayloadFormat::Json => "json",
        PayloadFormat::Form => "form",
    };
    Webhook {
        id: record.id.clone(),
        url: record.url.clone(),
        version: version.to_owned(),
        content_type: content_type.to_owned(),
        is_live: record.environment == Environment::Live,
        secret_count: u32::try_from(record.secrets.len()).unwrap_or(u32::MAX),
    }
}
