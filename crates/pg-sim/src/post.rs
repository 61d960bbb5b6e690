//! The simulator's only way out: one `POST` over plain HTTP/1.1, or through a courier that was
//! handed in.
//!
//! Deposit notices and clock pushes go to addresses that a control registered; they are on the
//! same machine or network, so there is no TLS and no redirect. Invariant: bounded in time and
//! in the size of the answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, StatusCode, Uri, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::simulator::Simulator;

/// An answer to a notice is `OK`; more than this is not read.
const ANSWER_BYTES_MAX: usize = 4096;

/// Why a post has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    #[error("no answer in time")]
    Timeout,
    #[error("the address is not `http://host[:port]/path`")]
    Address,
    #[error("can't connect: {0}")]
    Connect(#[from] std::io::Error),
    #[error("the exchange failed: {0}")]
    Exchange(#[from] hyper::Error),
    #[error("the answer can't be read: {0}")]
    Answer(#[from] axum::Error),
    #[error("the courier lost it")]
    Lost,
}

/// What a courier brings back: a status and a text, or nothing if it was lost on the way.
type Brought = Option<(StatusCode, String)>;

/// Carries posts where there is no network: address, content type, body.
#[derive(Clone)]
pub struct Courier(
    Arc<dyn Fn(String, &'static str, Bytes) -> BoxFuture<'static, Brought> + Send + Sync>,
);

impl Courier {
    /// A courier.
    pub fn new<F>(carry: impl Fn(String, &'static str, Bytes) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Brought> + Send + 'static,
    {
        Self(Arc::new(move |url, content_type, body| {
            Box::pin(carry(url, content_type, body))
        }))
    }
}

impl fmt::Debug for Courier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Courier")
    }
}

impl Simulator {
    /// Posts a notice and returns the status and the text of the answer.
    pub(crate) async fn post(
        &self,
        url: &str,
        content_type: &'static str,
        body: Bytes,
    ) -> Result<(StatusCode, String), PostError> {
        match &self.courier {
            Some(Courier(carry)) => carry(url.to_owned(), content_type, body)
                .await
                .ok_or(PostError::Lost),
            None => post(url, content_type, body, self.timing.post_timeout).await,
        }
    }
}

/// Whether `url` is an address that can be posted to.
pub(crate) fn is_address(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| target(&uri).is_some())
}

fn target(uri: &Uri) -> Option<(String, u16)> {
    if uri.scheme_str() != Some("http") {
        return None;
    }
    let host = uri.host().filter(|host| !host.is_empty())?;
    // `TcpStream` wants an IPv6 address without its brackets.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Some((host.to_owned(), uri.port_u16().unwrap_or(80)))
}

/// Posts `body` over the network and returns the status and the text of the answer.
pub(crate) async fn post(
    url: &str,
    content_type: &'static str,
    body: Bytes,
    timeout: Duration,
) -> Result<(StatusCode, String), PostError> {
    let uri: Uri = url.parse().map_err(|_invalid| PostError::Address)?;
    tokio::time::timeout(timeout, exchange(&uri, content_type, body))
        .await
        .map_err(|_elapsed| PostError::Timeout)?
}

async fn exchange(
    uri: &Uri,
    content_type: &'static str,
    body: Bytes,
) -> Result<(StatusCode, String), PostError> {
    let target = target(uri).ok_or(PostError::Address)?;
    let authority = uri.authority().ok_or(PostError::Address)?.as_str();
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_user, host)| host);
    let stream = TcpStream::connect(target).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let request = Request::post(uri.path_and_query().map_or("/", |path| path.as_str()))
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, content_type)
        .header(header::CONNECTION, "close")
        .body(Body::from(body))
        .map_err(|_invalid| PostError::Address)?;
    let exchange = async {
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let bytes = axum::body::to_bytes(Body::new(answer.into_body()), ANSWER_BYTES_MAX).await?;
        Ok((status, String::from_utf8_lossy(&bytes).into_owned()))
    };
    tokio::pin!(exchange, connection);
    // The connection is driven here rather than in a task, so that a time-out ends it too.
    tokio::select! {
        biased;
        result = &mut exchange => result,
        driven = &mut connection => {
            driven?;
            exchange.await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_addresses_are_taken() {
        assert!(is_address("http://127.0.0.1:8080/pg/inicis?x=1"));
        assert!(is_address("http://[::1]:8080/"));
        for url in ["https://127.0.0.1/", "/path", "http://", "ftp://a/", ""] {
            assert!(!is_address(url), "{url}");
        }
    }
}
