//! Acts of commands that work on a store without a server.

use naru_engine::records::ActRecord;
use naru_engine::{ActEnd, BegunAct, NewAct};
use naru_store::{Commit, Store};
use uuid::Uuid;

use crate::admin::user;

/// An act of whoever uses the command line.
pub(crate) fn new(operation: &str) -> NewAct {
    NewAct::on(user::actor(), operation, None)
}

/// Writes to a store without an engine that something is about to be done.
pub(crate) async fn begin(store: &dyn Store, new: NewAct) -> anyhow::Result<BegunAct> {
    let begun = new.begun(Uuid::now_v7(), store.now().await?);
    write(store, [begun.record()]).await?;
    Ok(begun)
}

/// Writes what became of it.
pub(crate) async fn end(
    store: &dyn Store,
    begun: BegunAct,
    end: ActEnd,
) -> anyhow::Result<ActRecord> {
    let ended = begun.ended(end, store.now().await?);
    write(store, [&ended]).await?;
    Ok(ended)
}

/// Writes rows of acts in one unit.
pub(crate) async fn write<const N: usize>(
    store: &dyn Store,
    rows: [&ActRecord; N],
) -> anyhow::Result<()> {
    let mut unit = Commit::new(Uuid::now_v7());
    for row in rows {
        unit.insert(row)?;
    }
    Ok(store.commit(unit).await?)
}
