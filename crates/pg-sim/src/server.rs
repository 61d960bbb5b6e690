//! Serves a simulator on a listener of its own.
//!
//! For `naru pg-sim` and for tests that need real connections. Binding is the caller's job
//! (loopback only). Invariant: when `serve` returns, the books are on disk.

use std::io;
use std::sync::Arc;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use crate::controls;
use crate::simulator::Simulator;

/// Serves until `shutdown` completes, then ends held connections and flushes the books.
pub async fn serve(
    listener: TcpListener,
    simulator: Arc<Simulator>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    simulator.resume();
    let router = simulator.router().fallback(controls::no_such_control);
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
    });
    let stopping = Arc::clone(&simulator);
    let served = axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            shutdown.await;
            stopping.begin_shutdown();
        })
        .await;
    simulator.close().await;
    served
}
