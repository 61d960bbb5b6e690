//! Serves one listener: HTTP/1.1, plain or over TLS, with bounds on connections, handshakes, heads,
//! pauses in bodies and in reading what is sent.
//!
//! The peer's address is in the request's extensions as `ConnectInfo<SocketAddr>`. When the server
//! stops, requests under way are finished and no further one is read. What a service answers is
//! not this module's business, but a panic in it ends one request and not the server
//! ([`catch_panics`]).

use std::any::Any;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tower::{Service, ServiceExt as _};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutBody;

use crate::config::{Limits, limits};
use crate::lifecycle::Shutdown;

/// How long accepting pauses when the system has no resources for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The bounds of a listener.
#[derive(Debug, Clone, Copy)]
pub struct HttpLimits {
    connections_max: usize,
    tls_handshake_timeout: Duration,
    header_timeout: Duration,
    body_idle_timeout: Duration,
    write_idle_timeout: Duration,
}

impl From<&Limits> for HttpLimits {
    fn from(limits: &Limits) -> Self {
        Self {
            connections_max: limits::count(limits.connections_max),
            tls_handshake_timeout: Duration::from_millis(limits.tls_handshake_timeout_ms.into()),
            header_timeout: Duration::from_millis(limits.header_timeout_ms.into()),
            body_idle_timeout: Duration::from_millis(limits.body_idle_timeout_ms.into()),
            write_idle_timeout: Duration::from_millis(limits.write_idle_timeout_ms.into()),
        }
    }
}

/// Accepts and serves until the shutdown's soft phase begins. Connections that are open then are
/// tasks of the shutdown and outlive this call.
pub async fn serve<S>(listener: TcpListener, service: S, limits: HttpLimits, shutdown: Shutdown)
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    accept((listener, None), service, limits, shutdown).await;
}

/// The same over TLS, and nothing but TLS: whoever speaks HTTP in the clear is hung up on.
pub async fn serve_tls<S>(
    listener: TcpListener,
    tls: TlsAcceptor,
    service: S,
    limits: HttpLimits,
    shutdown: Shutdown,
) where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    accept((listener, Some(tls)), service, limits, shutdown).await;
}

async fn accept<S>(
    (listener, tls): (TcpListener, Option<TlsAcceptor>),
    service: S,
    limits: HttpLimits,
    shutdown: Shutdown,
) where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    let slots = Arc::new(Semaphore::new(limits.connections_max));
    loop {
        let next = async {
            let slot = Arc::clone(&slots).acquire_owned().await.ok();
            (slot, listener.accept().await)
        };
        let (slot, accepted) = tokio::select! {
            next = next => next,
            () = shutdown.soft() => return,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let (tls, service, stopping) = (tls.clone(), service.clone(), shutdown.clone());
        // The slot is held from here on, so that a handshake that stalls is a connection as well.
        shutdown.spawn(async move {
            match tls {
                None => serve_connection(stream, peer, service, limits, stopping).await,
                Some(tls) => {
                    if let Some(stream) = shake_hands(&tls, stream, limits, &stopping).await {
                        serve_connection(stream, peer, service, limits, stopping).await;
                    }
                }
            }
            drop(slot);
        });
    }
}

/// The encrypted connection; nothing if the client does not come to one, or not in time.
async fn shake_hands(
    tls: &TlsAcceptor,
    stream: TcpStream,
    limits: HttpLimits,
    shutdown: &Shutdown,
) -> Option<TlsStream<TcpStream>> {
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(limits.tls_handshake_timeout, tls.accept(stream)) => shaken,
        () = shutdown.soft() => return None,
    };
    let (result, stream) = match shaken {
        Ok(Ok(stream)) => ("done", Some(stream)),
        Ok(Err(error)) => {
            // Scanners and old clients: nothing to be mended here.
            tracing::debug!(%error, "a TLS handshake failed");
            ("failed", None)
        }
        Err(_) => ("timed_out", None),
    };
    ::metrics::counter!("naru_tls_handshakes_total", "result" => result).increment(1);
    stream
}

async fn serve_connection<IO, S>(
    stream: IO,
    peer: SocketAddr,
    service: S,
    limits: HttpLimits,
    shutdown: Shutdown,
) where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(ConnectInfo(peer));
        let body = Body::new(TimeoutBody::new(limits.body_idle_timeout, body));
        service.clone().oneshot(Request::from_parts(parts, body))
    });
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.write_idle_timeout));
    let mut connection = std::pin::pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_timeout)
            .serve_connection(TokioIo::new(Box::pin(stream)), service)
    );
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.soft() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection.as_mut() => ended,
                () = shutdown.hard() => return,
            }
        }
    };
    if let Err(error) = ended {
        // A client that goes away is daily life; hyper's words hold nothing of the request.
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A panic becomes the JSON answer 500 of both APIs' shape.
pub fn catch_panics(router: Router) -> Router {
    router.layer(CatchPanicLayer::custom(panic_answer))
}

fn panic_answer(_panic: Box<dyn Any + Send + 'static>) -> Response {
    // The payload of the panic may quote a value, so only the panic's place is known: the
    // panic hook has printed that.
    tracing::error!("a request ended in a panic");
    let body = r#"{"type":"INTERNAL_ERROR","message":"an unexpected error occurred"}"#;
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let json = header::HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, json);
    answer
}
