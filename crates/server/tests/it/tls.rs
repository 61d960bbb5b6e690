//! The public listener over TLS, with real clients: what they may speak, who is hung up on, and
//! how a certificate is replaced.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use naru_server::config::Limits;
use naru_server::http::{HttpLimits, serve_tls};
use naru_server::lifecycle::{self, Shutdown};
use naru_server::tls::{Tls, TlsFiles};
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Writes a certificate for this machine and its key.
pub fn write_certificate(directory: &Path) -> CertificateDer<'static> {
    let key = KeyPair::generate().unwrap();
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let certificate = CertificateParams::new(names).unwrap();
    let certificate = certificate.self_signed(&key).unwrap();
    let files = files(directory);
    std::fs::write(files.certificate, certificate.pem()).unwrap();
    std::fs::write(files.key, key.serialize_pem()).unwrap();
    certificate.der().clone()
}

pub fn files(directory: &Path) -> TlsFiles {
    TlsFiles {
        certificate: directory.join("certificate.pem"),
        key: directory.join("key.pem"),
    }
}

/// A listener with a certificate of its own.
struct Bed {
    directory: tempfile::TempDir,
    certificate: CertificateDer<'static>,
    tls: Tls,
    address: SocketAddr,
    shutdown: Shutdown,
}

impl Bed {
    async fn start(router: Router, limits: &Limits) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let certificate = write_certificate(directory.path());
        let tls = Tls::new(files(directory.path())).unwrap();
        let bound = lifecycle::bind("127.0.0.1:0".parse().unwrap()).await;
        let bound = bound.unwrap();
        let (address, shutdown) = (bound.address, Shutdown::default());
        shutdown.spawn(serve_tls(
            bound.listener,
            tls.acceptor(),
            router,
            HttpLimits::from(limits),
            shutdown.clone(),
        ));
        Self {
            directory,
            certificate,
            tls,
            address,
            shutdown,
        }
    }

    async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let config = client(&self.certificate, &[&TLS13, &TLS12]);
        connect(self.address, config).await
    }
}

pub fn client(
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

pub async fn connect(
    address: SocketAddr,
    config: ClientConfig,
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await
}

/// The certificate that the other side showed.
pub fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let (_, session) = stream.get_ref();
    session.peer_certificates().unwrap()[0].clone().into_owned()
}

/// One exchange on a connection that stays open: the head and, of this length, the body.
async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, body: usize) -> String {
    let request = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let mut rest = vec![0; body];
    stream.read_exact(&mut rest).await.unwrap();
    answer.extend(rest);
    String::from_utf8(answer).unwrap()
}

fn hello() -> Router {
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    Router::new().route("/", get(peer))
}

/// Whatever the other side sends until it ends the connection.
async fn until_closed(mut stream: TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let _ended = stream.read_to_end(&mut bytes).await;
    bytes
}

#[tokio::test]
async fn both_versions_are_served_and_handlers_see_the_peers_address() {
    let bed = Bed::start(hello(), &Limits::default()).await;
    for version in [&TLS12, &TLS13] {
        let config = client(&bed.certificate, &[version]);
        let mut stream = connect(bed.address, config).await.unwrap();
        let (_, session) = stream.get_ref();
        assert_eq!(session.protocol_version(), Some(version.version));
        for _ in 0..2 {
            let answer = exchange(&mut stream, 9).await;
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
            assert!(answer.ends_with("127.0.0.1"), "{answer}");
        }
    }
    // Whoever trusts another certificate does not talk to it.
    let other = write_certificate(tempfile::tempdir().unwrap().path());
    let refused = connect(bed.address, client(&other, &[&TLS13])).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn clients_that_want_http_2_only_are_refused_and_others_get_1_1() {
    let bed = Bed::start(hello(), &Limits::default()).await;
    let speaking = |protocols: &[&str]| {
        let mut config = client(&bed.certificate, &[&TLS13]);
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().to_vec())
            .collect();
        connect(bed.address, config)
    };
    assert!(speaking(&["h2"]).await.is_err());
    let stream = speaking(&["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[tokio::test]
async fn tls_1_1_is_refused_by_name() {
    let bed = Bed::start(hello(), &Limits::default()).await;
    // A ClientHello as RFC 4346 has it: version 3.2, one suite, no compression, and the
    // extensions that a client of that time sent.
    let suites = [0xc0, 0x13, 0xc0, 0x14];
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..], // supported groups: P-256
        &[0, 11, 0, 2, 1, 0],            // uncompressed points
        &[0, 13, 0, 4, 0, 2, 4, 1],      // signatures: RSA with SHA-256
    ]
    .concat();
    let mut body = vec![3, 2];
    body.extend([7; 32]);
    body.extend([0, 0, 4]);
    body.extend(suites);
    body.extend([1, 0, 0, u8::try_from(extensions.len()).unwrap()]);
    body.extend(&extensions);
    let length = u8::try_from(body.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(body);

    let mut stream = TcpStream::connect(bed.address).await.unwrap();
    stream.write_all(&record).await.unwrap();
    // An alert, fatal: protocol_version.
    let answer = until_closed(stream).await;
    assert_eq!((answer[0], &answer[5..]), (21, &[2, 70][..]));
}

#[tokio::test]
async fn http_in_the_clear_is_hung_up_on() {
    let bed = Bed::start(hello(), &Limits::default()).await;
    let mut stream = TcpStream::connect(bed.address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let answer = until_closed(stream).await;
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[tokio::test]
async fn a_handshake_that_stalls_is_ended_and_takes_up_a_connection_until_then() {
    let limits = Limits {
        connections_max: 1,
        tls_handshake_timeout_ms: 300,
        ..Limits::default()
    };
    let bed = Bed::start(hello(), &limits).await;
    let began_at = Instant::now();
    let mut stalled = TcpStream::connect(bed.address).await.unwrap();
    // The first bytes of a record that never comes.
    stalled.write_all(&[22, 3, 1, 1]).await.unwrap();
    let mut stream = bed.connect().await.unwrap();
    assert!(
        began_at.elapsed() >= Duration::from_millis(300),
        "the one connection was the stalled one's"
    );
    assert!(exchange(&mut stream, 9).await.ends_with("127.0.0.1"));
    assert_eq!(until_closed(stalled).await, b"");
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_old_ones_go_on() {
    let bed = Bed::start(hello(), &Limits::default()).await;
    let mut old = bed.connect().await.unwrap();
    exchange(&mut old, 9).await;
    let first = bed.certificate.clone();
    assert_eq!(shown(&old), first);

    let second = write_certificate(bed.directory.path());
    assert_ne!(first, second);
    bed.tls.reload().unwrap();
    let config = client(&second, &[&TLS13]);
    let mut new = connect(bed.address, config).await.unwrap();
    assert_eq!(shown(&new), second);
    assert!(exchange(&mut new, 9).await.ends_with("127.0.0.1"));
    assert!(exchange(&mut old, 9).await.ends_with("127.0.0.1"));
    assert!(bed.connect().await.is_err(), "the old one is shown no more");
}

#[tokio::test]
async fn a_broken_certificate_leaves_the_old_one_in_place() {
    let bed = Bed::start(hello(), &Limits::default()).await;
    let certificate = files(bed.directory.path()).certificate;
    std::fs::write(&certificate, "half a file").unwrap();
    assert!(bed.tls.reload().is_err());
    let mut stream = bed.connect().await.unwrap();
    assert!(exchange(&mut stream, 9).await.ends_with("127.0.0.1"));
}

#[tokio::test]
async fn stopping_finishes_requests_over_tls_and_ends_handshakes() {
    let (entered, mut entry) = tokio::sync::mpsc::channel::<()>(1);
    let slow = move || async move {
        entered.send(()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        "done"
    };
    let limits = Limits::default();
    let bed = Bed::start(Router::new().route("/", get(slow)), &limits).await;
    let mut stream = bed.connect().await.unwrap();
    let _stalled = TcpStream::connect(bed.address).await.unwrap();
    let under_way = tokio::spawn(async move {
        let answer = exchange(&mut stream, 4).await;
        // Then the server says good-bye in order.
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.unwrap();
        (answer, rest)
    });
    entry.recv().await.unwrap();
    bed.shutdown.begin();
    let began_at = Instant::now();
    bed.shutdown.run(&limits).await.unwrap();
    assert!(began_at.elapsed() < Duration::from_secs(5));
    let (answer, rest) = under_way.await.unwrap();
    assert!(answer.ends_with("done"), "{answer}");
    assert!(rest.is_empty());
}
