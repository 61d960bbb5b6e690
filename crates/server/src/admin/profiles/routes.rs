//! The admin routes of checkout profiles: from [`super::types`] to the engine and back.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use naru_api_v2::names;
use naru_domain::ChannelKey;
use naru_domain::checkout::{CheckoutMethod, CheckoutProfile};
use naru_engine::{Engine, Fault};

use super::types::{Method, NewProfile, Profile};
use crate::admin::routes::{Answer, existing, json, read, refused};
use crate::admin::types::Items;

/// Under `/admin/v1`, behind the guard.
pub(in crate::admin) fn routes() -> Router<Engine> {
    Router::new()
        .route("/stores/{store}/profiles", get(list).post(create))
        .route("/profiles/{profile}", get(show))
        .route("/profiles/{profile}/methods", post(set_method))
        .route(
            "/profiles/{profile}/methods/{method}",
            delete(remove_method),
        )
}

async fn list(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.checkout_profiles(&store).await.map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(view).collect(),
    }))
}

async fn create(State(engine): State<Engine>, Path(store): Path<String>, body: Bytes) -> Answer {
    let NewProfile { name, is_test } = read(&body).map_err(refused)?;
    let store = existing(&engine, store).await?;
    let made = engine.create_profile(&store, (name, is_test)).await;
    Ok(json(&view(&made.map_err(refused)?)))
}

async fn show(State(engine): State<Engine>, Path(profile): Path<String>) -> Answer {
    let found = engine.existing_profile(&profile).await.map_err(refused)?;
    Ok(json(&view(&found)))
}

async fn set_method(
    State(engine): State<Engine>,
    Path(profile): Path<String>,
    body: Bytes,
) -> Answer {
    let method: Method = read(&body).map_err(refused)?;
    let method = method_of(method).map_err(refused)?;
    let changed = engine.set_profile_method(&profile, method).await;
    Ok(json(&view(&changed.map_err(refused)?)))
}

async fn remove_method(
    State(engine): State<Engine>,
    Path((profile, method)): Path<(String, String)>,
) -> Answer {
    let changed = engine.remove_profile_method(&profile, &method).await;
    Ok(json(&view(&changed.map_err(refused)?)))
}

/// Names that the contract has: others would never be asked for.
fn method_of(method: Method) -> Result<CheckoutMethod, Fault> {
    let known = |is_known: bool, name: &str, what: &str| {
        if is_known {
            Ok(())
        } else {
            Err(Fault::invalid(format!("`{name}` is no {what}")))
        }
    };
    let name = method.method.as_str();
    let is_method = names::is_checkout_method(name);
    known(is_method, name, "method of payment; one is `CARD_KR`")?;
    for country in &method.countries {
        let is_country = names::is_country(country);
        known(is_country, country, "country; write `KR`")?;
    }
    for currency in &method.currencies {
        let is_currency = names::is_currency(currency);
        known(is_currency, currency, "currency; write `KRW`")?;
    }
    Ok(CheckoutMethod {
        method: method.method,
        channel: ChannelKey::new(method.channel_key),
        is_on: method.is_on,
        countries: method.countries,
        currencies: method.currencies,
        amount_min: method.amount_min,
        amount_max: method.amount_max,
    })
}

fn view(profile: &CheckoutProfile) -> Profile {
    let method = |one: &CheckoutMethod| Method {
        method: one.method.clone(),
        channel_key: one.channel.to_string(),
        is_on: one.is_on,
        countries: one.countries.clone(),
        currencies: one.currencies.clone(),
        amount_min: one.amount_min,
        amount_max: one.amount_max,
    };
    Profile {
        key: profile.key.clone(),
        store_id: profile.store_id.to_string(),
        name: profile.name.clone(),
        is_test: profile.is_test,
        methods: profile.methods.iter().map(method).collect(),
        created_at: profile.created_at.to_string(),
    }
}
