//! Where to connect and how, from the URL.
//!
//! It must not repeat any part of the URL in a message: a stray character in a password makes
//! the rest of it look like a host or an option.
//!
//! Invariant: bytes leave this machine in the clear only if the URL says `sslmode=disable`.

use std::net::IpAddr;
use std::time::Duration;

use deadpool_postgres::Connect;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres::{Client, Config, NoTls};

use crate::OpenError;
use crate::tls::MakeRustls;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A peer that has not acknowledged bytes for this long is gone. Below the patience of a commit,
/// so that a unit cut off by a dead network is still tried on another connection.
const UNACKNOWLEDGED_FOR: Duration = Duration::from_secs(4);

/// The parsed URL.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) config: Config,
    pub(crate) connector: Connector,
}

/// Opens connections, with or without TLS.
#[derive(Clone)]
pub(crate) enum Connector {
    Plain,
    Tls(MakeRustls),
}

impl Target {
    pub(crate) fn parse(url: &str) -> Result<Self, OpenError> {
        let mut config: Config = url.parse().map_err(|_| OpenError::Url)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_WITHIN);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(UNACKNOWLEDGED_FOR);
        }
        if config.get_application_name().is_none() {
            config.application_name("naru");
        }
        // Of several hosts, the one that takes writes; also after a failover.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        let connector = match mode(&config) {
            SslMode::Disable => Connector::Plain,
            _ => Connector::Tls(MakeRustls::new().map_err(OpenError::Tls)?),
        };
        config.ssl_mode(match connector {
            Connector::Plain => SslMode::Disable,
            Connector::Tls(_) => SslMode::Require,
        });
        Ok(Self { config, connector })
    }

    /// A connection of its own, outside the pool.
    pub(crate) async fn connect(&self) -> Result<Solo, tokio_postgres::Error> {
        let (client, task) = self.connector.connect(&self.config).await?;
        Ok(Solo { client, task })
    }
}

/// `prefer` (the driver's default) would fall back to plain text without a word: here it means
/// plain on loopback, where servers often carry a certificate nobody signed, and TLS elsewhere.
fn mode(config: &Config) -> SslMode {
    match config.get_ssl_mode() {
        SslMode::Prefer if is_local(config) => SslMode::Disable,
        SslMode::Prefer => SslMode::Require,
        said => said,
    }
}

fn is_local(config: &Config) -> bool {
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        return addresses.iter().all(IpAddr::is_loopback);
    }
    config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    })
}

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Connecting<'_> {
        let config = config.clone();
        Box::pin(async move {
            match self {
                Self::Plain => {
                    let (client, connection) = config.connect(NoTls).await?;
                    Ok((client, tokio::spawn(drive(connection))))
                }
                Self::Tls(tls) => {
                    let (client, connection) = config.connect(tls.clone()).await?;
                    Ok((client, tokio::spawn(drive(connection))))
                }
            }
        })
    }
}

type Connecting<'a> = std::pin::Pin<
    Box<dyn Future<Output = Result<(Client, JoinHandle<()>), tokio_postgres::Error>> + Send + 'a>,
>;

/// Moves bytes until either side ends. The task ends with its client.
async fn drive<F: Future<Output = Result<(), tokio_postgres::Error>>>(connection: F) {
    if let Err(error) = connection.await {
        tracing::warn!(
            error = crate::failure::describe(&error),
            "database connection lost"
        );
    }
}

/// A connection that ends when it is dropped.
pub(crate) struct Solo {
    pub(crate) client: Client,
    task: JoinHandle<()>,
}

impl Drop for Solo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::{Connector, Target};
    use crate::OpenError;

    fn is_tls(url: &str) -> bool {
        matches!(Target::parse(url).unwrap().connector, Connector::Tls(_))
    }

    #[test]
    fn plain_text_leaves_the_machine_only_when_asked_for() {
        assert!(!is_tls("postgres://naru@localhost/naru"));
        assert!(!is_tls("postgres://naru@127.0.0.1/naru?sslmode=prefer"));
        assert!(!is_tls("postgres://naru@%2Ftmp/naru"));
        assert!(is_tls("postgres://naru@127.0.0.1/naru?sslmode=require"));
        assert!(is_tls("postgres://naru@db.example/naru"));
        assert!(is_tls("postgres://naru@localhost,db.example/naru"));
        assert!(!is_tls("postgres://naru@db.example/naru?sslmode=disable"));
    }

    #[test]
    fn a_url_that_cannot_be_read_is_not_repeated() {
        for url in [
            "postgres://naru:secret@db/naru?sslmode=verify-full",
            "postgres://naru:secret@db/naru?secret=1",
            "postgres://naru:secret@db:port/naru",
            "naru:secret@db/naru",
        ] {
            let error = Target::parse(url).err().unwrap();
            assert!(matches!(error, OpenError::Url), "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
