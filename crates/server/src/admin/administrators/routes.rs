//! The admin routes of administrators: from [`super::types`] to the engine and back.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use naru_connector::Secret;
use naru_engine::administrators::AdministratorView;
use naru_engine::{Engine, Fault};

use super::types::{Administrator, NewAdministrator, NewPassword};
use crate::admin::routes::{Answer, json, read, refused};
use crate::admin::types::Items;
use crate::sandbox_credentials::is_sandbox_credential;

/// Under `/admin/v1`, behind the guard.
pub(in crate::admin) fn routes() -> Router<Engine> {
    Router::new()
        .route("/administrators", get(list).post(add))
        .route("/administrators/{email}", delete(remove))
        .route("/administrators/{email}/password", post(reset_password))
        .route("/administrators/{email}/unlock", post(unlock))
}

async fn list(State(engine): State<Engine>) -> Answer {
    let found = engine.administrators().await.map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(view).collect(),
    }))
}

async fn add(State(engine): State<Engine>, body: Bytes) -> Answer {
    let NewAdministrator { email, password } = read(&body).map_err(refused)?;
    let password = Secret::new(password);
    not_published(&engine, &password).map_err(refused)?;
    let added = engine.add_administrator(&email, &password).await;
    Ok(json(&view(&added.map_err(refused)?)))
}

async fn remove(State(engine): State<Engine>, Path(email): Path<String>) -> Answer {
    let removed = engine.remove_administrator(&email).await;
    removed.map_err(refused)?;
    Ok(json(&()))
}

async fn reset_password(
    State(engine): State<Engine>,
    Path(email): Path<String>,
    body: Bytes,
) -> Answer {
    let NewPassword { password } = read(&body).map_err(refused)?;
    let password = Secret::new(password);
    not_published(&engine, &password).map_err(refused)?;
    let set = engine.reset_password(&email, &password).await;
    set.map_err(refused)?;
    Ok(json(&()))
}

async fn unlock(State(engine): State<Engine>, Path(email): Path<String>) -> Answer {
    let unlocked = engine.unlock_administrator(&email).await;
    unlocked.map_err(refused)?;
    Ok(json(&()))
}

/// A password that everybody knows is for sandboxes.
pub(crate) fn not_published(engine: &Engine, password: &Secret) -> Result<(), Fault> {
    if is_sandbox_credential(password.expose()) && !engine.config().is_sandbox {
        return Err(Fault::invalid("`password`: a sandbox's is published"));
    }
    Ok(())
}

fn view(one: &AdministratorView) -> Administrator {
    Administrator {
        email: one.email.clone(),
        created_at: one.created_at.to_string(),
        password_set_at: one.password_set_at.to_string(),
        locked_until: one.locked_until.map(|until| until.to_string()),
    }
}
