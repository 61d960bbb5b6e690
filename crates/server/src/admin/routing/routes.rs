//! The admin routes of channel groups: from [`super::types`] to the engine and back.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{delete, get, post};
use naru_domain::{ChannelGroupId, ChannelKey, StoreId, Timestamp, routing};
use naru_engine::{Engine, admin};

use super::types::{ChannelGroup, ChannelGroupChange, NewChannelGroup, Route, Session};
use crate::admin::routes::{Answer, existing, json, moment, read, refused};
use crate::admin::types::Items;

/// Under `/admin/v1`, behind the guard.
pub(in crate::admin) fn routes() -> Router<Engine> {
    Router::new()
        .route(
            "/stores/{store}/channel-groups",
            get(list_groups).post(create_group),
        )
        .route(
            "/channel-groups/{group}",
            get(show_group).post(change_group).delete(delete_group),
        )
        .route("/channel-groups/{group}/schedules", post(schedule))
        .route(
            "/channel-groups/{group}/schedules/{starts_at}",
            delete(cancel_schedule),
        )
}

async fn list_groups(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.channel_groups(&store).await.map_err(refused)?;
    let now = engine.clock().business();
    Ok(json(&Items {
        items: found.iter().map(|group| view(group, now)).collect(),
    }))
}

async fn create_group(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let new: NewChannelGroup = read(&body).map_err(refused)?;
    let new = admin::NewChannelGroup {
        store_id: StoreId::new(store),
        name: new.name,
        id: None,
        is_test: new.is_test,
        routes: new.routes.into_iter().map(route).collect(),
        failover_tries_max: new.failover_tries_max,
    };
    let group = engine.create_channel_group(new).await.map_err(refused)?;
    Ok(shown(&engine, &group))
}

async fn show_group(State(engine): State<Engine>, Path(group): Path<String>) -> Answer {
    let id = ChannelGroupId::new(group);
    let group = engine.existing_channel_group(&id).await.map_err(refused)?;
    Ok(shown(&engine, &group))
}

async fn change_group(
    State(engine): State<Engine>,
    Path(group): Path<String>,
    body: Bytes,
) -> Answer {
    let change: ChannelGroupChange = read(&body).map_err(refused)?;
    let on = change.on.into_iter().map(|key| (key, true));
    let off = change.off.into_iter().map(|key| (key, false));
    let change = admin::ChannelGroupChange {
        name: change.name,
        routes: change
            .routes
            .map(|routes| routes.into_iter().map(route).collect()),
        switches: on
            .chain(off)
            .map(|(key, is_on)| (ChannelKey::new(key), is_on))
            .collect(),
        failover_tries_max: change.failover_tries_max,
    };
    let id = ChannelGroupId::new(group);
    let group = engine
        .change_channel_group(&id, change)
        .await
        .map_err(refused)?;
    Ok(shown(&engine, &group))
}

async fn delete_group(State(engine): State<Engine>, Path(group): Path<String>) -> Answer {
    let id = ChannelGroupId::new(group);
    let group = engine.delete_channel_group(&id).await.map_err(refused)?;
    Ok(shown(&engine, &group))
}

async fn schedule(State(engine): State<Engine>, Path(group): Path<String>, body: Bytes) -> Answer {
    let Session { starts_at, routes } = read(&body).map_err(refused)?;
    let session = routing::Session {
        starts_at: moment(&starts_at).map_err(refused)?,
        routes: routes.into_iter().map(route).collect(),
    };
    let id = ChannelGroupId::new(group);
    let group = engine
        .schedule_channel_group(&id, session)
        .await
        .map_err(refused)?;
    Ok(shown(&engine, &group))
}

async fn cancel_schedule(
    State(engine): State<Engine>,
    Path((group, starts_at)): Path<(String, String)>,
) -> Answer {
    let starts_at = moment(&starts_at).map_err(refused)?;
    let id = ChannelGroupId::new(group);
    let group = engine
        .cancel_channel_group_schedule(&id, starts_at)
        .await
        .map_err(refused)?;
    Ok(shown(&engine, &group))
}

fn shown(engine: &Engine, group: &routing::ChannelGroup) -> Response {
    json(&view(group, engine.clock().business()))
}

fn route(route: Route) -> routing::Route {
    routing::Route {
        channel: ChannelKey::new(route.channel_key),
        weight: route.weight,
        is_on: route.is_on,
    }
}

fn view(group: &routing::ChannelGroup, now: Timestamp) -> ChannelGroup {
    let current = group.session(now);
    let is_past = |session: &&routing::Session| {
        session.starts_at <= now && current.is_none_or(|current| *session != current)
    };
    ChannelGroup {
        id: group.id.to_string(),
        store_id: group.store_id.to_string(),
        name: group.name.clone(),
        is_test: group.is_test,
        failover_tries_max: group.failover_tries_max,
        current: current.map(session_view),
        scheduled: group.scheduled(now).map(session_view).collect(),
        past: group
            .sessions
            .iter()
            .rev()
            .filter(is_past)
            .map(session_view)
            .collect(),
        created_at: group.created_at.to_string(),
        deleted_at: group.deleted_at.map(|at| at.to_string()),
    }
}

fn session_view(session: &routing::Session) -> Session {
    let route = |route: &routing::Route| Route {
        channel_key: route.channel.to_string(),
        weight: route.weight,
        is_on: route.is_on,
    };
    Session {
        starts_at: session.starts_at.to_string(),
        routes: session.routes.iter().map(route).collect(),
    }
}
