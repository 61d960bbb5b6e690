//! Acts of commands that work on a store without a server.

use naru_engine::NewAct;
use naru_engine::records::{ActOutcome, ActRecord};
use naru_store::{Commit, Store};
use uuid::Uuid;

use crate::admin::user;

/// An act of whoever uses the command line.
pub(crate) fn new(operation: &str) -> NewAct {
    NewAct::on(user::actor(), operation, None)
}

/// Writes an act to a store that has no engine.
pub(crate) async fn write(
    store: &dyn Store,
    new: NewAct,
    outcome: ActOutcome,
) -> anyhow::Result<()> {
    let mut unit = Commit::new(Uuid::now_v7());
    unit.insert(&record(store, new, outcome).await?)?;
    Ok(store.commit(unit).await?)
}

/// The row of an act, for a unit that does it.
pub(crate) async fn record(
    store: &dyn Store,
    new: NewAct,
    outcome: ActOutcome,
) -> anyhow::Result<ActRecord> {
    let at = store.now().await?;
    Ok(new.into_record((Uuid::now_v7(), at), outcome))
}
