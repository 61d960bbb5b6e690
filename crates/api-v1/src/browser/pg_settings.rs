//! `GET /users/pg/{userCode}`: which PGs a store has, as scripts of old ask before they do
//! anything. Not the authenticated `GET /users/pg`: the key is `data`, the error's text is `msg`,
//! and an error is 200, since those scripts wait for ever on anything else.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use naru_engine::{Engine, Fault, OperationKind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::codes::pg;
use crate::messages;

#[derive(Deserialize)]
pub(super) struct Asked {
    tier: Option<String>,
    /// Scripts up to 1.2 ask by a script tag.
    callback: Option<String>,
}

pub(super) async fn list(
    State(engine): State<Engine>,
    Path(user_code): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let rows = rows(&engine, &user_code, asked.tier.as_deref()).await;
    let body = match rows {
        Ok(rows) if !rows.is_empty() => json!({ "code": 0, "msg": null, "data": rows }),
        Ok(_) => json!({ "code": 1, "msg": messages::NO_CHANNEL, "data": null }),
        Err(fault) => {
            tracing::error!(?fault, "the PGs of a store can't be listed");
            json!({ "code": 1, "msg": messages::OUR_FAULT, "data": null })
        }
    };
    let (kind, text) = match asked.callback.filter(|name| is_name(name)) {
        Some(name) => ("text/javascript; charset=utf-8", format!("{name}({body});")),
        None => ("application/json; charset=utf-8", body.to_string()),
    };
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")];
    (StatusCode::OK, headers, text).into_response()
}

/// A function's name, and nothing that could be more.
fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.len())
        && text
            .bytes()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'.' | b'$'))
}

async fn rows(engine: &Engine, user_code: &str, tier: Option<&str>) -> Result<Vec<Value>, Fault> {
    if user_code.contains('\0') {
        return Ok(Vec::new());
    }
    let Some(store) = engine.store_of_user_code(user_code, tier).await? else {
        return Ok(Vec::new());
    };
    let uses = [
        ("payment", OperationKind::OpenWindow),
        ("certification", OperationKind::SendIdentity),
    ];
    let mut rows = Vec::new();
    for channel in engine.usable_channels(&store).await? {
        for (kind, operation) in uses {
            if engine.channel_has(&channel, operation) {
                rows.push(json!({
                    "pg_provider": pg::name(&channel.pg_provider),
                    "pg_id": channel.pg_merchant_id,
                    "sandbox": channel.is_test,
                    "type": kind,
                    "store_id": store.id.as_str(),
                }));
            }
        }
    }
    Ok(rows)
}
