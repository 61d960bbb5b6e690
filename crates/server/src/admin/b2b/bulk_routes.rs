//! The admin routes of bulk tax invoices.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::routing::{get, post};
use naru_domain::b2b::tax_invoice::Issuance;
use naru_domain::b2b::{BulkInvoice, Start};
use naru_domain::{StoreId, Timestamp};
use naru_engine::b2b::{self, BulkView, NewBulk, sheet_digest};
use naru_engine::records::bulk_status;
use naru_engine::{Engine, Fault};

use super::sheet;
use super::types::{Bulk, BulkImport, BulkImported, BulkStart, BulkStat, RowProblem};
use crate::admin::routes::{Answer, existing, json, moment, read, refused};
use crate::admin::types::Items;

/// Bytes of a sheet.
const SHEET_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Under `/admin/v1`, behind the guard.
pub(super) fn routes() -> Router<Engine> {
    Router::new()
        .route(
            "/stores/{store}/bulk-tax-invoices",
            get(list)
                .post(import)
                .layer(DefaultBodyLimit::max(SHEET_BYTES_MAX)),
        )
        .route("/stores/{store}/bulk-tax-invoices/{bulk}", get(show))
        .route(
            "/stores/{store}/bulk-tax-invoices/{bulk}/start",
            post(start),
        )
        .route(
            "/stores/{store}/bulk-tax-invoices/{bulk}/cancel",
            post(cancel),
        )
}

async fn list(State(engine): State<Engine>, Path(store): Path<String>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.bulks(&store).await.map_err(refused)?;
    Ok(json(&Items {
        items: found.iter().map(view).collect::<Vec<_>>(),
    }))
}

async fn import(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    Query(asked): Query<BulkImport>,
    body: Bytes,
) -> Answer {
    let store = engine
        .existing_store(&StoreId::new(store))
        .await
        .map_err(refused)?;
    let issuance = if asked.is_normal {
        Issuance::Forward
    } else {
        Issuance::Reverse
    };
    let follows = if asked.starts {
        Some(Start {
            at: time(asked.at.as_deref()).map_err(refused)?,
        })
    } else {
        None
    };
    let rows = sheet::read(&body, (issuance, asked.is_test)).map_err(refused)?;
    let rows = match rows {
        Ok(rows) => rows,
        Err(problems) => return Ok(json(&faulty(&problems))),
    };
    let new = NewBulk {
        store: Arc::new(store),
        is_test: asked.is_test,
        id: asked.id,
        name: asked.name,
        issuance,
        follows,
        digest: sheet_digest(&body),
        rows,
        is_trial: asked.dry_run,
    };
    let imported = engine.import_bulk(new).await.map_err(refused)?;
    Ok(json(&match imported {
        b2b::BulkImported::Faulty(problems) => faulty(&problems),
        b2b::BulkImported::Fit { count, total } => BulkImported {
            outcome: "FIT".to_owned(),
            bulk: None,
            count,
            total,
            problems: Vec::new(),
        },
        b2b::BulkImported::Made(bulk) => made("MADE", &bulk),
        b2b::BulkImported::Known(bulk) => made("KNOWN", &bulk),
    }))
}

fn faulty(problems: &[b2b::RowProblem]) -> BulkImported {
    BulkImported {
        outcome: "FAULTY".to_owned(),
        bulk: None,
        count: 0,
        total: 0,
        problems: problems_view(problems),
    }
}

fn made(outcome: &str, bulk: &BulkView) -> BulkImported {
    BulkImported {
        outcome: outcome.to_owned(),
        count: bulk.bulk.count,
        total: bulk.bulk.total,
        bulk: Some(counted(bulk)),
        problems: Vec::new(),
    }
}

async fn show(State(engine): State<Engine>, Path((store, bulk)): Path<(String, String)>) -> Answer {
    let store = existing(&engine, store).await?;
    let found = engine.bulk(&store, &bulk).await.map_err(refused)?;
    Ok(json(&counted(&found)))
}

async fn start(
    State(engine): State<Engine>,
    Path((store, bulk)): Path<(String, String)>,
    body: Bytes,
) -> Answer {
    let store = existing(&engine, store).await?;
    let BulkStart { at } = read(&body).map_err(refused)?;
    let start = Start {
        at: time(at.as_deref()).map_err(refused)?,
    };
    let started = engine.start_bulk(&store, &bulk, start).await;
    Ok(json(&counted(&started.map_err(refused)?)))
}

async fn cancel(
    State(engine): State<Engine>,
    Path((store, bulk)): Path<(String, String)>,
) -> Answer {
    let store = existing(&engine, store).await?;
    let cancelled = engine.cancel_bulk(&store, &bulk).await.map_err(refused)?;
    Ok(json(&counted(&cancelled)))
}

fn time(text: Option<&str>) -> Result<Option<Timestamp>, Fault> {
    text.map(moment).transpose()
}

fn problems_view(problems: &[b2b::RowProblem]) -> Vec<RowProblem> {
    let view = |one: &b2b::RowProblem| RowProblem {
        line: one.line,
        problem: one.problem.clone(),
    };
    problems.iter().map(view).collect()
}

fn counted(found: &BulkView) -> Bulk {
    let stats = found.stats.iter().map(|(status, stat)| {
        let stat = BulkStat {
            count: stat.count,
            total: stat.total,
        };
        (status.clone(), stat)
    });
    Bulk {
        stats: stats.collect(),
        problems: problems_view(&found.problems),
        ..view(&found.bulk)
    }
}

fn view(bulk: &BulkInvoice) -> Bulk {
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    Bulk {
        id: bulk.id.clone(),
        name: bulk.name.clone(),
        is_test: bulk.is_test,
        status: bulk_status(bulk).to_owned(),
        issuance_type: match bulk.issuance {
            Issuance::Forward => "NORMAL",
            Issuance::Reverse => "REVERSE",
        }
        .to_owned(),
        count: bulk.count,
        total: bulk.total,
        stats: std::collections::BTreeMap::new(),
        problems: Vec::new(),
        created_at: bulk.created_at.to_string(),
        requested_at: time(bulk.requested_at),
        scheduled_at: time(bulk.scheduled_at),
        status_updated_at: bulk.state_changed_at.to_string(),
    }
}
