//! The route of `naru audit`: one page at a time, so that no request takes long.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use naru_domain::StoreId;
use naru_engine::audit::AuditPart;
use naru_engine::{Engine, Fault};

use super::types::{AuditFinding, AuditPage, AuditQuery};
use crate::admin::routes::{Answer, json, refused};

/// Rows of a page where the caller does not say, and at most.
const ROWS: u32 = 500;
const ROWS_MAX: u32 = 5_000;

pub(crate) fn routes() -> Router<Engine> {
    Router::new().route("/stores/{store}/audit/{part}", get(page))
}

async fn page(
    State(engine): State<Engine>,
    Path((store, part)): Path<(String, String)>,
    Query(query): Query<AuditQuery>,
) -> Answer {
    let part = AuditPart::named(&part)
        .ok_or_else(|| refused(Fault::invalid("the audit has no such part")))?;
    let limit = query.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX);
    let store = engine.existing_store(&StoreId::new(store)).await;
    let store = store.map_err(refused)?;
    let after = query.after.as_deref();
    let page = engine.audit(&store.id, (part, after), limit).await;
    let page = page.map_err(refused)?;
    let findings = page.findings.into_iter().map(|one| AuditFinding {
        subject: one.subject,
        text: one.text,
    });
    Ok(json(&AuditPage {
        checked: page.checked,
        findings: findings.collect(),
        next: page.next,
        note: page.note,
    }))
}
