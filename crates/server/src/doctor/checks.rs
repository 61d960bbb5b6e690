//! The checks that need neither engine nor store.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use naru_egress::{Limits, PgTransport, Policy};
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Check, Finding, from_failure};
use crate::config::{Config, Database, Loaded};
use crate::lifecycle;
use crate::sandbox_json::SandboxFile;
use crate::tls::{self, Identity, TlsFiles, Validity};

/// How long a server may take to answer a check.
const PATIENCE: Duration = Duration::from_secs(5);

/// The checks of a production server.
pub(super) fn production(loaded: &Loaded) -> Vec<Check> {
    let config = &loaded.config;
    let mut checks = vec![
        Check::known("config", complete(loaded)),
        Check::known("public address", public_address(config)),
        Check::known("proxies", proxies(config)),
        Check::known("private listener", private_listener(config.server.private)),
        Check::known("webhook policy", webhook_policy(config)),
        Check::known("root certificates", root_certificates()),
        Check::known("open files", open_files(config)),
    ];
    if let Some(path) = &config.keys.master_file {
        checks.push(Check::known("master key file", key_file(path)));
    }
    if let Ok(Some(files)) = loaded.tls() {
        checks.push(Check::known("certificate", certificate(&files)));
        checks.push(Check::known("certificate's key", key_file(&files.key)));
    }
    if let Ok(Database::Sqlite(path)) = loaded.database() {
        checks.push(Check::known("database file", database_file(&path)));
    }
    let base = lifecycle::local_url(config.server.private);
    checks.push(Check::new("server", server(base)));
    checks
}

/// The checks of a sandbox.
pub(super) fn sandbox(directory: &Path) -> Vec<Check> {
    let file = match SandboxFile::read(directory) {
        Ok(file) => file,
        Err(failure) => return vec![Check::known("sandbox", from_failure(&failure))],
    };
    let seen = format!(
        "`{}` belongs to process `{}`",
        directory.display(),
        file.pid
    );
    vec![
        Check::known("sandbox", Finding::ok(seen)),
        Check::new("server", server(file.console.url)),
    ]
}

fn complete(loaded: &Loaded) -> Finding {
    match loaded.check() {
        Ok(()) => Finding::ok("everything that a server needs is there"),
        Err(failure) => from_failure(&failure),
    }
}

fn public_address(config: &Config) -> Finding {
    match &config.server.public_url {
        Some(url) if url.starts_with("https://") => Finding::ok(format!("`{url}`")),
        Some(url) => Finding::warn(
            format!("`{url}` is not encrypted"),
            "name a certificate (`server.tls_certificate`), or put a TLS proxy in front, and write \
             the `https://` address as `server.public_url`",
        ),
        None => Finding::warn(
            "`server.public_url` is not set",
            "PGs can't send notices (virtual-account deposits) without it; set it",
        ),
    }
}

/// Whether limits by address, notices and origins see the callers.
fn proxies(config: &Config) -> Finding {
    let server = &config.server;
    if !server.trusted_proxies.is_empty() {
        let count = server.trusted_proxies.len();
        return Finding::ok(format!("callers are those that {count} of them name"));
    }
    if server.tls_certificate.is_some() {
        return Finding::ok("none, the server speaks TLS itself");
    }
    Finding::warn(
        "none is named in `server.trusted_proxies`",
        "name the one in front: without it all callers have its address, and limits by address \
         see one caller or none",
    )
}

/// Whether clients will take the certificate, now and for a while.
fn certificate(files: &TlsFiles) -> Finding {
    let Validity {
        not_before_s,
        not_after_s,
    } = match Identity::read(files) {
        Ok(identity) => identity.validity,
        Err(failure) => return from_failure(&failure),
    };
    let now_s = tls::now_s();
    let days = (not_after_s - now_s).div_euclid(24 * 60 * 60);
    let shown = files.certificate.display();
    let advice = "put a new one there, and its key; the server reads both when they change";
    if not_after_s < now_s {
        Finding::fail(format!("`{shown}` has expired"), advice)
    } else if now_s < not_before_s {
        Finding::fail(
            format!("`{shown}` does not count yet"),
            "look at the machine's clock, or wait",
        )
    } else if not_after_s < now_s + tls::RENEW_S {
        Finding::warn(format!("`{shown}` expires in {days} days"), advice)
    } else {
        Finding::ok(format!(
            "`{shown}` and its key fit; it expires in {days} days"
        ))
    }
}

fn private_listener(address: SocketAddr) -> Finding {
    if address.ip().is_loopback() {
        return Finding::ok(format!("`{address}` is reachable from this machine only"));
    }
    Finding::warn(
        format!("`{address}` is reachable from other machines"),
        "see that only your own network reaches it: it shows metrics without asking who you are",
    )
}

fn webhook_policy(config: &Config) -> Finding {
    if config.webhooks.allow_private {
        return Finding::warn(
            "webhooks may go to private addresses",
            "unless every merchant is trusted with your network, set \
             `webhooks.allow_private = false`",
        );
    }
    Finding::ok("webhooks go to public addresses only")
}

fn root_certificates() -> Finding {
    match PgTransport::new(Policy::STRICT, Limits::default()) {
        Ok(transport) if transport.has_root_certificates() => Finding::ok("the system's are there"),
        Ok(_) => Finding::fail(
            "the system has none, so no PG can be reached",
            "install the package `ca-certificates`, or name a bundle in `SSL_CERT_FILE`",
        ),
        Err(error) => Finding::fail(error.to_string(), "report this with the system's name"),
    }
}

fn open_files(config: &Config) -> Finding {
    // Both listeners, as many requests to PGs and receivers at most, and a reserve for files.
    let needed = u64::from(config.limits.connections_max) * 2 + 256;
    match getrlimit(Resource::Nofile).current {
        Some(allowed) if allowed < needed => Finding::warn(
            format!("the system allows `{allowed}` open files, `{needed}` may be needed"),
            "raise it (`LimitNOFILE=` in the service's unit), or lower `limits.connections_max`",
        ),
        Some(_) | None => Finding::ok("the system allows enough"),
    }
}

fn key_file(path: &Path) -> Finding {
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            return Finding::fail(
                format!("`{shown}` can't be read: {error}"),
                "give the file to the user that runs `naru`",
            );
        }
    };
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
    let of_others = mode & 0o077;
    if of_others == 0 {
        return Finding::ok(format!("only its owner can read `{shown}`"));
    }
    Finding::warn(
        format!("others than its owner can read `{shown}`"),
        format!("run `chmod 600 {shown}`"),
    )
}

fn database_file(path: &PathBuf) -> Finding {
    if let Err(failure) = Database::Sqlite(path.clone()).must_exist() {
        return from_failure(&failure);
    }
    let shown = path.display();
    // Opening for writing changes nothing, and says whether the server could.
    match std::fs::File::options().write(true).open(path) {
        Ok(_) => Finding::ok(format!("`{shown}` is there and can be written")),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => Finding::fail(
            format!("`{shown}` can't be written by this user"),
            "give it and its directory to the user that runs `naru`",
        ),
        Err(error) => Finding::fail(
            format!("`{shown}` can't be opened: {error}"),
            "look at the file system it is on",
        ),
    }
}

/// Whether a server answers, and what it says of itself.
async fn server(base: String) -> Finding {
    let absent = || {
        Finding::warn(
            format!("no server answers at `{base}`"),
            "if it should run, start it and look into its log",
        )
    };
    let Some(address) = base.strip_prefix("http://") else {
        return absent();
    };
    if !matches!(
        timeout(PATIENCE, TcpStream::connect(address)).await,
        Ok(Ok(_))
    ) {
        return absent();
    }
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .timeout(PATIENCE)
        .build();
    let Ok(client) = client else { return absent() };
    match client.get(format!("{base}/health/ready")).send().await {
        Ok(response) if response.status().is_success() => {
            Finding::ok(format!("the server at `{base}` is ready"))
        }
        Ok(response) => {
            let report: Option<serde_json::Value> = response.json().await.ok();
            let problem = report
                .as_ref()
                .and_then(|report| report.get("problem")?.as_str())
                .unwrap_or("it does not say why");
            Finding::fail(
                format!("the server at `{base}` is not ready: {problem}"),
                "look into its log",
            )
        }
        Err(_) => absent(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_for_all_eyes_is_warned_about() {
        use std::os::unix::fs::PermissionsExt as _;
        let file = tempfile::NamedTempFile::new().unwrap();
        let set = |mode| {
            std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
            key_file(file.path())
        };
        assert!(matches!(set(0o600), Finding::Ok { .. }));
        assert!(matches!(set(0o644), Finding::Warn { .. }));
        assert!(matches!(
            key_file(Path::new("/nowhere")),
            Finding::Fail { .. }
        ));
    }

    #[test]
    fn looking_for_a_database_creates_none() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("naru.db");
        assert!(matches!(database_file(&path), Finding::Fail { .. }));
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_a_warning() {
        naru_egress::install_crypto();
        let bound = lifecycle::bind("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let base = bound.url();
        drop(bound);
        assert!(matches!(server(base).await, Finding::Warn { .. }));
    }
}
