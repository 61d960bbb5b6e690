//! The route of `naru audit-log`: one page at a time, so that no request takes long.

use axum::Router;
use axum::extract::{Query, State};
use axum::routing::get;
use naru_domain::{Day, Timestamp};
use naru_engine::{ActFilter, Engine, Fault};

use super::types::{Act, ActPage, ActQuery};
use crate::admin::routes::{Answer, json, refused};

/// Acts of a page where the caller does not say.
pub(crate) const ACTS: u32 = 100;

pub(crate) fn routes() -> Router<Engine> {
    Router::new().route("/audit-log", get(page))
}

async fn page(State(engine): State<Engine>, Query(query): Query<ActQuery>) -> Answer {
    let since = query.since.as_deref().map(since).transpose();
    let filter = ActFilter {
        since: since.map_err(refused)?,
        actor: query.actor,
        store_id: query.store,
        operation: query.operation,
    };
    let limit = query.limit.unwrap_or(ACTS);
    let page = engine.acts(&filter, query.after.as_deref(), limit).await;
    let page = page.map_err(refused)?;
    Ok(json(&ActPage {
        items: page.acts.into_iter().map(Act::from).collect(),
        next: page.next,
    }))
}

/// A moment, or the beginning of a day in Korea.
pub(crate) fn since(text: &str) -> Result<Timestamp, Fault> {
    let wrong = || {
        Fault::invalid(format!(
            "`{text}` is no moment; write `2030-01-31` or `2030-01-31T10:00:00+09:00`"
        ))
    };
    if let Ok(day) = text.parse::<Day>() {
        return format!("{day}T00:00:00+09:00").parse().map_err(|_| wrong());
    }
    text.parse().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::since;

    #[test]
    fn a_day_begins_in_korea() {
        let day = since("2026-01-15").unwrap();
        assert_eq!(day, since("2026-01-14T15:00:00Z").unwrap());
        assert!(since("yesterday").is_err());
    }
}
