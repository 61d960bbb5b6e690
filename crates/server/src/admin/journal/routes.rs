//! The route of `naru journal`: one page at a time, so that no request takes long.

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::routing::get;
use naru_domain::{Day, StoreId};
use naru_engine::{Engine, Fault};

use super::types::{Account, JournalPage, JournalQuery};
use crate::admin::routes::{Answer, json, refused};

/// Postings of a page where the caller does not say, and at most.
const ROWS: u32 = 1_000;
const ROWS_MAX: u32 = 5_000;

pub(crate) fn routes() -> Router<Engine> {
    Router::new().route("/stores/{store}/journal", get(page))
}

async fn page(
    State(engine): State<Engine>,
    Path(store): Path<String>,
    Query(query): Query<JournalQuery>,
) -> Answer {
    let store = engine.existing_store(&StoreId::new(store)).await;
    let store = store.map_err(refused)?;
    let from = day(query.from.as_deref()).map_err(refused)?;
    let until = day(query.until.as_deref()).map_err(refused)?;
    let period = Engine::journal_period(&store, from, until);
    let limit = query.limit.unwrap_or(ROWS).clamp(1, ROWS_MAX);
    let at = (&store.id, query.after.as_deref());
    let page = engine.journal_sums(at, limit, period).await;
    let page = page.map_err(refused)?;
    let accounts = page.sums.into_iter().map(|sum| Account {
        account: sum.account.to_string(),
        currency: sum.currency.as_str().to_owned(),
        debit: sum.debit,
        credit: sum.credit,
    });
    Ok(json(&JournalPage {
        postings: page.postings,
        accounts: accounts.collect(),
        next: page.next,
        is_filling: page.is_filling,
    }))
}

fn day(text: Option<&str>) -> Result<Option<Day>, Fault> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_| Fault::invalid(format!("`{text}` is no day; write `2026-01-15`")))
    };
    text.map(read).transpose()
}
