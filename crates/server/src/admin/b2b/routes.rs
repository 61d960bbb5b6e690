//! The admin routes of tax contracts.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{delete, get, post};
use naru_connector::Secret;
use naru_engine::b2b;
use naru_engine::records::{Environment, TaxContractRecord, tax_invoice_status};
use naru_engine::{Engine, Fault};

use super::types::{Invitation, NewTaxContract, TaxContract, WebhookSent};
use crate::admin::routes::{Answer, existing, json, read, refused};
use crate::admin::types::Items;

/// Under `/admin/v1`, behind the guard.
pub(in crate::admin) fn routes() -> Router<Engine> {
    Router::new()
        .route(
            "/stores/{store}/tax-contracts",
            get(list).post(put_contract),
        )
        .route("/stores/{store}/tax-contracts/{environment}", delete(end))
        .route(
            "/stores/{store}/tax-invoices/{invoice}/webhook",
            post(send_webhook),
        )
        .route(
            "/stores/{store}/tax-invoices/{invoice}/invitation",
            post(invite),
        )
        .merge(super::bulk_routes::routes())
}

async fn list(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.tax_contracts(&store).await.map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(view).collect(),
    }))
}

async fn put_contract(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    body: Bytes,
) -> Answer {
    let store = existing(&engine, store).await?;
    let new: NewTaxContract = read(&body).map_err(refused)?;
    let brn = new
        .brn
        .parse()
        .map_err(|error| refused(Fault::invalid(format!("`brn`: {error}"))))?;
    let contract = b2b::NewTaxContract {
        store_id: store,
        environment: Environment::of(new.is_test),
        provider: new.provider,
        brn,
        is_simulated: false,
        secrets: new
            .secrets
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect(),
        options: new.options,
    };
    let made = engine.put_tax_contract(contract).await.map_err(refused)?;
    Ok(shown(&made))
}

async fn end(
    State(engine): State<Engine>,
    Path((store, environment)): Path<(String, String)>,
) -> Answer {
    let store = existing(&engine, store).await?;
    let environment = match environment.as_str() {
        "live" => Environment::Live,
        "test" => Environment::Test,
        _ => {
            return Err(refused(Fault::invalid(
                "the environment is `live` or `test`",
            )));
        }
    };
    let found = engine.tax_contracts(&store).await.map_err(refused)?;
    engine
        .end_tax_contract(&store, environment)
        .await
        .map_err(refused)?;
    match found.iter().find(|one| one.environment == environment) {
        Some(ended) => Ok(shown(ended)),
        None => Err(refused(Fault::invalid("the store has no such contract"))),
    }
}

/// Sends `TaxInvoice.Manual` by hand.
async fn send_webhook(
    State(engine): State<Engine>,
    Path((store, invoice)): Path<(String, String)>,
) -> Answer {
    let store = existing(&engine, store).await?;
    let sent = engine.send_invoice_webhook(&store, &invoice).await;
    let (invoice, webhooks) = sent.map_err(refused)?;
    Ok(json(&WebhookSent {
        tax_invoice_id: invoice.id.to_string(),
        status: tax_invoice_status(&invoice).to_owned(),
        webhooks,
    }))
}

/// Makes the address of a page for the supplier.
async fn invite(
    State(engine): State<Engine>,
    Path((store, invoice)): Path<(String, String)>,
) -> Answer {
    let store = existing(&engine, store).await?;
    let made = engine.invite_supplier(&store, &invoice).await;
    let made = made.map_err(refused)?;
    Ok(json(&Invitation {
        url: made.url,
        expires_at: made.expires_at.to_string(),
    }))
}

fn shown(record: &TaxContractRecord) -> Response {
    json(&view(record))
}

fn view(record: &TaxContractRecord) -> TaxContract {
    TaxContract {
        store_id: record.store_id.to_string(),
        is_test: record.environment == Environment::Test,
        provider: record.provider.clone(),
        brn: record.brn.to_string(),
        secrets: record.secrets.keys().cloned().collect(),
        options: record.options.clone(),
        created_at: record.created_at.to_string(),
    }
}
