//! A node on a shared database tells from time to time that it runs, so that the master key is not
//! replaced under it; if it was, the node stops: it could read nothing that others seal.

use std::time::Duration;

use naru_engine::Engine;

use crate::lifecycle::Shutdown;

/// How often it tells. A rotation counts a node that said nothing for a minute as gone.
const EVERY: Duration = Duration::from_secs(10);

/// A node that has said that it runs.
pub(crate) struct Presence {
    engine: Engine,
    node: String,
}

impl Presence {
    /// Tells it for the first time, and goes on until the server stops.
    pub(crate) async fn begin(engine: &Engine, shutdown: &Shutdown) -> Self {
        let presence = Self {
            engine: engine.clone(),
            node: engine.node_id(),
        };
        presence.tell(shutdown).await;
        let telling = Self {
            engine: engine.clone(),
            node: presence.node.clone(),
        };
        let stopping = shutdown.clone();
        shutdown.spawn(async move {
            loop {
                tokio::select! {
                    () = stopping.soft() => break,
                    () = tokio::time::sleep(EVERY) => telling.tell(&stopping).await,
                }
            }
        });
        presence
    }

    async fn tell(&self, shutdown: &Shutdown) {
        match self.engine.node_runs(&self.node).await {
            Ok(true) => {}
            Ok(false) => {
                tracing::error!("the master key was changed while this server ran: stopping");
                shutdown.begin();
            }
            Err(fault) => tracing::warn!(%fault, "can't tell that this server runs"),
        }
    }

    /// It does not run any more.
    pub(crate) async fn end(self) {
        if let Err(fault) = self.engine.node_stops(&self.node).await {
            tracing::warn!(%fault, "can't tell that this server has stopped");
        }
    }
}
