//! `naru serve` with a certificate, as a process: an API call over TLS, a new certificate at
//! SIGHUP, a broken one that changes nothing, and what the doctor and the metrics say.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustls::pki_types::CertificateDer;
use rustls::version::TLS13;
use serde_json::Value;

use crate::tls::{client, connect, shown, write_certificate};
use crate::web::page;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
const PATIENCE: Duration = Duration::from_secs(30);

/// Killed when dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _ended = self.0.wait();
    }
}

impl Server {
    /// Starts it and waits until it serves.
    fn start(directory: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
        command.args(["serve", "--config", "naru.toml"]);
        let mut process = command
            .current_dir(directory)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let server = Self(process);
        let begun = lines.any(|line| line.unwrap().contains("naru is serving"));
        assert!(begun, "it ended at its start");
        // Read on, so that it never waits for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        server
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }
}

fn naru(directory: &Path, arguments: &[&str]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    command.args(arguments).args(["--config", "naru.toml"]);
    command.current_dir(directory).output().unwrap()
}

fn json(directory: &Path, arguments: &[&str]) -> Value {
    let output = naru(directory, &[arguments, &["--json"]].concat());
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {words}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Two ports that nobody has at the moment.
fn free_addresses() -> [SocketAddr; 2] {
    let listen = || std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    [listen(), listen()].map(|listener| listener.local_addr().unwrap())
}

/// Which certificate new connections are shown, tried until it is the expected one.
async fn waits_for(address: SocketAddr, expected: &CertificateDer<'static>) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let connected = connect(address, client(expected, &[&TLS13])).await;
        if connected.is_ok_and(|stream| shown(&stream) == *expected) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "the new certificate is not served"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A series of the metrics, by the beginning of its line.
fn series(private: SocketAddr, start: &str) -> Option<f64> {
    let metrics = page(&format!("http://{private}/metrics")).text;
    let line = metrics.lines().find(|line| line.starts_with(start))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// An API call over TLS, with a new key.
async fn lists_payments(directory: &Path, public: SocketAddr, trusted: &CertificateDer<'static>) {
    let store = json(directory, &["stores", "create", "--name", "shop"]);
    let store = store["id"].as_str().unwrap();
    let create = ["keys", "create", "--store", store, "--name", "ci"];
    let key = json(directory, &create);
    let secret = key["secret"].as_str().unwrap();
    let root = reqwest::Certificate::from_der(trusted).unwrap();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([root]);
    let address = format!("https://localhost:{}/payments", public.port());
    let request = client.build().unwrap().get(address);
    let request = request.header("authorization", format!("PortOne {secret}"));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let listed: Value = answer.json().await.unwrap();
    assert_eq!(listed["items"], serde_json::json!([]));
}

#[test]
fn serve_speaks_tls_with_a_certificate_that_can_be_replaced() {
    naru_egress::install_crypto();
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let first = write_certificate(directory);
    let [public, private] = free_addresses();
    let config = format!(
        "[server]\npublic = \"{public}\"\nprivate = \"{private}\"\n\
         public_url = \"https://localhost:{}\"\n\
         tls_certificate = \"certificate.pem\"\ntls_key = \"key.pem\"\n\
         [database]\nurl = \"sqlite:naru.db\"\n[keys]\nmaster = \"{KEY}\"\n",
        public.port()
    );
    std::fs::write(directory.join("naru.toml"), config).unwrap();
    assert!(naru(directory, &["migrate", "--create"]).status.success());
    assert!(naru(directory, &["config", "check"]).status.success());
    let server = Server::start(directory);

    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(lists_payments(directory, public, &first));

    let findings = naru(directory, &["doctor", "--json"]);
    let findings: Vec<Value> = serde_json::from_slice(&findings.stdout).unwrap();
    let finding = |name: &str| findings.iter().find(|line| line["check"] == name).unwrap();
    assert_eq!(finding("certificate")["state"], "ok");
    assert_eq!(
        finding("certificate's key")["state"],
        "warn",
        "others may read it"
    );
    assert_eq!(finding("proxies")["state"], "ok");

    let second = write_certificate(directory);
    server.signal(Signal::HUP);
    runtime.block_on(waits_for(public, &second));
    let reloads = "naru_tls_certificate_reloads_total{result=\"done\"}";
    assert_eq!(series(private, reloads), Some(1.0));
    let expires = series(private, "naru_tls_certificate_expires_at_seconds");
    assert!(expires.unwrap() > 1_800_000_000.0);
    assert!(series(private, "naru_tls_handshakes_total{result=\"done\"}").unwrap() >= 2.0);

    // A broken one changes nothing and is counted.
    std::fs::write(directory.join("certificate.pem"), "half a file").unwrap();
    server.signal(Signal::HUP);
    let failed = "naru_tls_certificate_reloads_total{result=\"failed\"}";
    let deadline = Instant::now() + PATIENCE;
    while series(private, failed).is_none() {
        assert!(Instant::now() < deadline, "the failure is not counted");
    }
    runtime.block_on(waits_for(public, &second));
    let refused = naru(directory, &["config", "check"]);
    assert_eq!(
        String::from_utf8(refused.stderr).unwrap(),
        "error: `server.tls_certificate` (naru.toml line 5): `certificate.pem` holds no \
         certificate\nhint: it must be PEM: the server's certificate first, then those between it \
         and the root\n"
    );
    server.signal(Signal::TERM);
}
