//! TLS of the public listener: the certificate with its key, and how both are replaced while the
//! server runs.
//!
//! The files are read at the start, again at SIGHUP, and when they have changed (looked at once a
//! minute). New connections get what was read last; connections that are open go on with what they
//! began with. TLS 1.2 and 1.3, HTTP/1.1 only, no early data: a request that arrives twice must
//! not be possible.
//!
//! Invariants: a certificate is served only if its key fits and it has not expired, except at the
//! start, where an expired one is better than workers that do not run; files that can't be used
//! change nothing; no message holds anything of a key.

mod validity;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use naru_engine::Time as _;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{Error, InconsistentKeys, ServerConfig};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::lifecycle::Shutdown;

pub use validity::Validity;

/// How often it is looked whether the files have changed.
const LOOK_INTERVAL: Duration = Duration::from_mins(1);
/// A certificate that ends sooner should have been replaced: those of 90 days are after 60.
pub const RENEW_S: i64 = 14 * 24 * 60 * 60;

/// Where certificate and key are, both as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, then those between it and the root.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What the system says of a file that it changes when the file does.
type Stamp = [Option<(SystemTime, u64, u64)>; 2];

impl TlsFiles {
    fn stamp(&self) -> Stamp {
        use std::os::unix::fs::MetadataExt as _;

        // Certificate tools replace links, so what they lead to is looked at.
        [&self.certificate, &self.key].map(|path| {
            let metadata = std::fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
        })
    }
}

/// A certificate that can be served.
#[derive(Debug)]
pub struct Identity {
    key: Arc<CertifiedKey>,
    /// When it counts.
    pub validity: Validity,
}

impl Identity {
    /// Reads the files. Refused are files that can't be read, that hold no certificate or key, and
    /// a key that is not the certificate's.
    pub fn read(files: &TlsFiles) -> Result<Self, Failure> {
        let shown = files.certificate.display();
        let chain = CertificateDer::pem_slice_iter(&bytes(&files.certificate)?)
            .collect::<Result<Vec<_>, _>>()
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| {
                Failure::new(format!("`{shown}` holds no certificate")).hint(
                    "it must be PEM: the server's certificate first, then those between it and \
                     the root",
                )
            })?;
        let validity = chain.first().and_then(|own| validity::of(own));
        let validity = validity.ok_or_else(|| unusable(&files.certificate, "it can't be read"))?;
        let key = PrivateKeyDer::from_pem_slice(&bytes(&files.key)?).map_err(|_| {
            Failure::new(format!("`{}` holds no private key", files.key.display()))
                .hint("it must be PEM without a password: PKCS#8, PKCS#1 or SEC1")
        })?;
        let key = CertifiedKey::from_der(chain, key, &ring::default_provider());
        let key = key.map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Failure::new(format!(
                "the key in `{}` is not that of the certificate in `{shown}`",
                files.key.display()
            ))
            .hint("name the key that the certificate was made for; both change together"),
            error => unusable(&files.certificate, &error.to_string()),
        })?;
        Ok(Self {
            key: Arc::new(key),
            validity,
        })
    }
}

fn unusable(certificate: &Path, why: &str) -> Failure {
    Failure::new(format!(
        "the certificate in `{}`, or its key, can't be used: {why}",
        certificate.display()
    ))
    .hint("keys may be RSA of 2048 bits or more, ECDSA on P-256 or P-384, or Ed25519")
}

fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, Failure> {
    std::fs::read(path).map(Zeroizing::new).map_err(|error| {
        Failure::new(format!("can't read `{}`: {error}", path.display()))
            .hint("the file must be readable by the user that runs `naru`")
    })
}

/// What new connections get.
#[derive(Debug)]
struct Served(RwLock<Arc<Identity>>);

impl Served {
    fn identity(&self) -> Arc<Identity> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn replace(&self, identity: Identity) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(identity);
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.identity().key))
    }
}

/// TLS of a listener.
#[derive(Debug, Clone)]
pub struct Tls {
    files: TlsFiles,
    served: Arc<Served>,
    config: Arc<ServerConfig>,
    /// Of the files as they were read at the start.
    stamp: Stamp,
}

impl Tls {
    /// With what the files hold now.
    pub fn new(files: TlsFiles) -> Result<Self, Failure> {
        // Before they are read: what changes meanwhile is read again.
        let stamp = files.stamp();
        let served = Arc::new(Served(RwLock::new(Arc::new(Identity::read(&files)?))));
        let resolver = Arc::clone(&served) as Arc<dyn ResolvesServerCert>;
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| Failure::new(format!("TLS can't be set up: {error}")))?;
        let mut config = config.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            files,
            served,
            config: Arc::new(config),
            stamp,
        })
    }

    /// For the listener.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.config))
    }

    /// Keeps what is served in step with the files until the server stops. From the return on,
    /// SIGHUP reads them.
    pub fn watch(&self, shutdown: &Shutdown) -> Result<(), Failure> {
        let hangups = signal(SignalKind::hangup())
            .map_err(|error| Failure::new(format!("can't receive signals: {error}")))?;
        tell(&self.served.identity().validity);
        let (tls, stopping) = (self.clone(), shutdown.clone());
        shutdown.spawn(async move {
            tokio::select! {
                () = tls.look(hangups) => {}
                () = stopping.soft() => {}
            }
        });
        Ok(())
    }

    async fn look(&self, mut hangups: Signal) {
        let mut ticks = tokio::time::interval(LOOK_INTERVAL);
        let mut seen = self.stamp;
        loop {
            let is_asked = tokio::select! {
                _ = ticks.tick() => false,
                _ = hangups.recv() => true,
            };
            self.reload_if_changed(&mut seen, is_asked);
        }
    }

    /// Reads the files if they have changed since they were seen, or somebody asks.
    fn reload_if_changed(&self, seen: &mut Stamp, is_asked: bool) {
        let stamp = self.files.stamp();
        if stamp == *seen && !is_asked {
            return;
        }
        *seen = stamp;
        let result = match self.reload() {
            Ok(validity) => {
                tell(&validity);
                "done"
            }
            Err(failure) => {
                tracing::error!(
                    %failure,
                    hint = failure.next_step(),
                    "the new certificate can't be used, the old one is kept"
                );
                "failed"
            }
        };
        ::metrics::counter!("naru_tls_certificate_reloads_total", "result" => result).increment(1);
    }

    /// Reads the files; new connections get what they hold. If that can't be used, or has expired,
    /// nothing changes.
    pub fn reload(&self) -> Result<Validity, Failure> {
        let identity = Identity::read(&self.files)?;
        let validity = identity.validity;
        if validity.not_after_s < now_s() {
            let shown = self.files.certificate.display();
            let words = format!("the certificate in `{shown}` has expired");
            return Err(Failure::new(words).hint("put a new one there"));
        }
        self.served.replace(identity);
        Ok(validity)
    }
}

/// Now, in seconds since 1970.
pub fn now_s() -> i64 {
    naru_engine::SystemTime.now().as_seconds()
}

/// Says until when the certificate that is served counts.
fn tell(validity: &Validity) {
    let Validity { not_after_s, .. } = *validity;
    let expires_at = jiff::Timestamp::from_second(not_after_s)
        .map_or_else(|_| not_after_s.to_string(), |at| at.to_string());
    if not_after_s < now_s() {
        tracing::error!(
            expires_at,
            "the certificate has expired, so clients refuse it"
        );
    } else if not_after_s < now_s() + RENEW_S {
        tracing::warn!(expires_at, "the certificate expires soon");
    } else {
        tracing::info!(expires_at, "the certificate is served");
    }
    // Seconds since 1970 fit until 2106.
    let seconds = u32::try_from(not_after_s.max(0)).unwrap_or(u32::MAX);
    ::metrics::gauge!("naru_tls_certificate_expires_at_seconds").set(f64::from(seconds));
}

#[cfg(test)]
mod tests;
