//! Start and stop: the listeners' addresses, and the two phases of a shutdown.
//!
//! At SIGTERM or SIGINT the soft phase begins: nothing new is accepted, what is under way is
//! finished. When its time is up, or at a second signal, the hard phase ends the rest. A payment
//! that is cut there is safe (its intent is on disk), only slower to resolve.
//!
//! Invariant: every task that matters is spawned through [`Shutdown::spawn`], so that stopping
//! waits for it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Limits;
use crate::failure::Failure;

/// The state of stopping, shared by all tasks.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// Resolves when the server should finish what it does and begin nothing.
    pub async fn soft(&self) {
        self.soft.cancelled().await;
    }

    /// Resolves when the server should drop what it does.
    pub async fn hard(&self) {
        self.hard.cancelled().await;
    }

    /// Whether the server is stopping.
    pub fn has_begun(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// The token of the soft phase, for libraries that take one.
    pub fn soft_token(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Starts a task that stopping waits for.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Begins the soft phase.
    pub fn begin(&self) {
        self.soft.cancel();
    }

    /// Waits for a signal, or for [`Self::begin`], then for the tasks, phase by phase.
    pub async fn run(&self, limits: &Limits) -> Result<(), Failure> {
        let mut signals = Signals::new()?;
        tokio::select! {
            name = signals.next() => tracing::info!(signal = name, "stopping"),
            () = self.soft() => tracing::info!("stopping"),
        }
        self.begin();
        self.tasks.close();
        tokio::select! {
            () = self.tasks.wait() => return Ok(()),
            () = tokio::time::sleep(Duration::from_millis(limits.shutdown_soft_ms.into())) => {}
            name = signals.next() => tracing::warn!(signal = name, "stopping at once"),
        }
        tracing::warn!(tasks = self.tasks.len(), "ending what is still under way");
        self.hard.cancel();
        let patience = Duration::from_millis(limits.shutdown_hard_ms.into());
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::error!(tasks = self.tasks.len(), "gave up waiting");
        }
        Ok(())
    }
}

/// Makes a write beyond the limit on file sizes (`RLIMIT_FSIZE`) fail as it does on a full disk,
/// which whoever writes is ready for. The signal that comes with it would end the process.
pub fn survive_file_size_limit() -> Result<(), Failure> {
    // Nobody listens: it is enough that the signal is taken, for as long as the process lives.
    listen(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())).map(drop)
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::new(format!("can't receive signals: {error}")))
}

/// The signals that stop a server.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// A listener and where it listens.
#[derive(Debug)]
pub struct Bound {
    /// The socket.
    pub listener: TcpListener,
    /// Its address; the port is the one the system chose if port 0 was asked for.
    pub address: SocketAddr,
}

impl Bound {
    /// Its base URL on this machine.
    pub fn url(&self) -> String {
        local_url(self.address)
    }
}

/// The base URL of an address for this machine: a listener on all addresses is called on loopback.
pub fn local_url(address: SocketAddr) -> String {
    format!("http://{}", callable(address))
}

/// The same of a listener that speaks TLS.
pub fn local_tls_url(address: SocketAddr) -> String {
    format!("https://{}", callable(address))
}

fn callable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

/// Listens on an address.
pub async fn bind(address: SocketAddr) -> Result<Bound, Failure> {
    let failed = |error: std::io::Error| {
        Failure::new(format!("can't listen on `{address}`: {error}"))
            .hint("stop what listens there, or choose another address; port 0 takes a free one")
    };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, address })
}

/// The three addresses of a sandbox: public, private, simulators and shop. They are neighbours,
/// or three free ports for port 0.
pub fn sandbox_addresses(public: SocketAddr) -> Result<[SocketAddr; 3], Failure> {
    let port = public.port();
    let neighbour = |distance: u16| match port {
        0 => Some(0),
        port => port.checked_add(distance),
    };
    match (neighbour(1), neighbour(2)) {
        (Some(private), Some(simulators)) => {
            Ok([port, private, simulators].map(|port| SocketAddr::new(public.ip(), port)))
        }
        _ => Err(Failure::new(format!(
            "port `{port}` leaves no room for the two ports after it"
        ))
        .hint("choose a port of at most 65533, or 0 for three free ones")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sandbox_ports_are_neighbours() {
        let ports = |text: &str| {
            sandbox_addresses(text.parse().unwrap()).map(|all| all.map(|one| one.port()))
        };
        assert_eq!(ports("127.0.0.1:8080").unwrap(), [8080, 8081, 8082]);
        assert_eq!(ports("127.0.0.1:0").unwrap(), [0, 0, 0]);
        assert_eq!(ports("127.0.0.1:65533").unwrap(), [65533, 65534, 65535]);
        assert!(ports("127.0.0.1:65534").is_err());
    }

    #[tokio::test]
    async fn a_taken_address_is_named() {
        let first = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        assert_ne!(first.address.port(), 0);
        let refusal = bind(first.address).await.unwrap_err().to_string();
        assert!(
            refusal.starts_with(&format!("can't listen on `{}`", first.address)),
            "{refusal}"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn stopping_waits_for_tasks_then_ends_them() {
        let shutdown = Shutdown::default();
        let (done, finished) = tokio::sync::oneshot::channel();
        let inner = shutdown.clone();
        shutdown.spawn(async move {
            inner.soft().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            done.send(()).unwrap();
            inner.hard().await;
        });
        shutdown.begin();
        let limits = Limits {
            shutdown_soft_ms: 5_000,
            ..Limits::default()
        };
        let began = tokio::time::Instant::now();
        shutdown.run(&limits).await.unwrap();
        finished.await.unwrap();
        assert_eq!(
            began.elapsed().as_secs(),
            5,
            "the whole soft phase, then at once"
        );
    }
}
