//! The two transports: to PGs, and to receivers of webhooks.
//!
//! They differ in what they may reach and how long connecting may take; all else is one client,
//! [`Door`]. HTTP/1.1 only, so that one connection carries one request at a time and what became
//! of it can be told.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use naru_connector::{Answer, Request, SendError, Transport, TransportFuture};
use reqwest::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use reqwest::{Body, Client, ClientBuilder, Url};
use tokio::time::{Instant, timeout_at};

use crate::failure::{TooLate, classify, not_sent, perhaps_sent};
use crate::hosts::HostSlots;
use crate::resolve::FilteringResolver;
use crate::{Policy, Refused};

/// What every request calls itself, unless it says otherwise.
const USER_AGENT: &str = concat!(
    "Naru/",
    env!("CARGO_PKG_VERSION_MAJOR"),
    ".",
    env!("CARGO_PKG_VERSION_MINOR")
);

/// Idle connections are given up soon, well before a usual server closes them: a request that
/// meets a closing connection is one whose fate is unknown.
const IDLE_TIMEOUT: Duration = Duration::from_secs(4);

/// The bounds of a transport.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of an answer's body.
    pub answer_bytes_max: usize,
    /// Requests under way to one host and port; more wait their turn within their time-out.
    pub per_host_max: usize,
    /// Hosts with requests under way.
    pub hosts_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            answer_bytes_max: 1024 * 1024,
            per_host_max: 64,
            hosts_max: 1024,
        }
    }
}

/// The HTTP client can't be built.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the HTTP client can't be built: {0}")]
pub struct BuildError(String);

/// To PGs: TLS only, unless the policy allows simulators.
#[derive(Debug, Clone)]
pub struct PgTransport(Arc<Door>);

impl PgTransport {
    /// How long connecting may take within the request's time-out.
    const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

    /// A transport to PGs.
    pub fn new(policy: Policy, limits: Limits) -> Result<Self, BuildError> {
        Door::new(policy, limits, true, Self::CONNECT_TIMEOUT)
            .map(Arc::new)
            .map(Self)
    }

    /// Whether the system has root certificates; without them no TLS connection succeeds.
    pub fn has_root_certificates(&self) -> bool {
        self.0.has_root_certificates
    }

    /// Checks an address as [`Transport::send`] would before it resolves the host.
    pub fn check(&self, url: &str) -> Result<(), Refused> {
        self.0.check(url).map(|_| ())
    }
}

impl Transport for PgTransport {
    fn send(&self, request: Request) -> TransportFuture<'_> {
        Box::pin(self.0.send(request))
    }
}

/// To receivers of webhooks, whose addresses merchants choose.
#[derive(Debug, Clone)]
pub struct WebhookTransport(Arc<Door>);

impl WebhookTransport {
    /// How long connecting may take within the request's time-out (`v2-behaviour.md`: 30 s).
    const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);

    /// A transport to receivers of webhooks.
    pub fn new(policy: Policy, limits: Limits) -> Result<Self, BuildError> {
        Door::new(policy, limits, false, Self::CONNECT_TIMEOUT)
            .map(Arc::new)
            .map(Self)
    }

    /// Checks an address as [`Transport::send`] would before it resolves the host.
    pub fn check(&self, url: &str) -> Result<(), Refused> {
        self.0.check(url).map(|_| ())
    }
}

impl Transport for WebhookTransport {
    fn send(&self, request: Request) -> TransportFuture<'_> {
        Box::pin(self.0.send(request))
    }
}

/// The client behind both.
#[derive(Debug)]
struct Door {
    client: Client,
    policy: Policy,
    encrypted_only: bool,
    answer_bytes_max: usize,
    slots: HostSlots,
    has_root_certificates: bool,
}

impl Door {
    fn new(
        policy: Policy,
        limits: Limits,
        encrypted_only: bool,
        connect_timeout: Duration,
    ) -> Result<Self, BuildError> {
        let builder = || client_builder(policy, connect_timeout);
        // A machine without root certificates can still talk to simulators, so that is no reason
        // not to start: TLS then fails by itself.
        let (client, has_root_certificates) = match builder().build() {
            Ok(client) => (client, true),
            Err(_) => (
                builder()
                    .tls_certs_only([])
                    .build()
                    .map_err(|error| BuildError(error.to_string()))?,
                false,
            ),
        };
        Ok(Self {
            client,
            policy,
            encrypted_only,
            answer_bytes_max: limits.answer_bytes_max,
            slots: HostSlots::new(limits.per_host_max, limits.hosts_max),
            has_root_certificates,
        })
    }

    fn check(&self, url: &str) -> Result<Url, Refused> {
        self.policy.check_url(url, self.encrypted_only)
    }

    async fn send(&self, request: Request) -> Result<Answer, SendError> {
        let started = Instant::now();
        let deadline = started + Duration::from_millis(request.timeout_ms.into());
        let method = request.method.clone();
        let (host, result) = match self.check(&request.url) {
            Ok(url) => {
                let host = host_and_port(&url);
                let result = self.send_to(&host, url, request, deadline).await;
                (host, result)
            }
            Err(refused) => (String::new(), Err(not_sent(refused.to_string()))),
        };
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(Answer { status, .. }) => {
                tracing::debug!(%method, host, status, duration_ms, "request answered");
            }
            Err(SendError { sent, detail }) => {
                tracing::info!(%method, host, ?sent, detail, duration_ms, "request not answered");
            }
        }
        result
    }

    async fn send_to(
        &self,
        host: &str,
        url: Url,
        request: Request,
        deadline: Instant,
    ) -> Result<Answer, SendError> {
        // A body is written in one piece: to look when it is asked for is to look right before.
        let write_by = request
            .write_within_ms
            .map(|within| Instant::now() + Duration::from_millis(within.into()));
        let built = build(&self.client, url, request, write_by)?;
        let turn_by = write_by.map_or(deadline, |write_by| write_by.min(deadline));
        let slots = self
            .slots
            .of(host)
            .ok_or_else(|| not_sent("requests to too many hosts are under way"))?;
        let _slot = timeout_at(turn_by, slots.acquire_owned())
            .await
            .map_err(|_| not_sent(format!("too many requests are under way to `{host}`")))?
            .map_err(|_| not_sent("the transport is closed"))?;
        // Until when the connection stood is not told when this time runs out, hence "perhaps".
        timeout_at(deadline, self.exchange(host, built))
            .await
            .unwrap_or_else(|_| Err(perhaps_sent(format!("time-out waiting for `{host}`"))))
    }

    async fn exchange(&self, host: &str, built: reqwest::Request) -> Result<Answer, SendError> {
        let mut response = self
            .client
            .execute(built)
            .await
            .map_err(|error| classify(&error, host))?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect();
        let body = self.read_body(host, &mut response).await?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    async fn read_body(
        &self,
        host: &str,
        response: &mut reqwest::Response,
    ) -> Result<Bytes, SendError> {
        let max = self.answer_bytes_max;
        let too_long =
            || perhaps_sent(format!("the answer of `{host}` is longer than {max} bytes"));
        if response
            .content_length()
            .is_some_and(|length| length > max as u64)
        {
            return Err(too_long());
        }
        let mut body = BytesMut::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() > max => return Err(too_long()),
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Ok(body.freeze()),
                // The head has come, so whatever the client calls this, the request was seen.
                Err(error) => return Err(perhaps_sent(classify(&error, host).detail)),
            }
        }
    }
}

fn client_builder(policy: Policy, connect_timeout: Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        // A proxy would connect in our place, past the address policy.
        .no_proxy()
        .http1_only()
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tcp_nodelay(true)
        .dns_resolver(FilteringResolver(policy))
}

fn build(
    client: &Client,
    url: Url,
    request: Request,
    write_by: Option<Instant>,
) -> Result<reqwest::Request, SendError> {
    let mut builder = client.request(request.method, url);
    builder = match write_by {
        // A stream has no length of its own, and PGs want one.
        Some(write_by) => builder
            .header(CONTENT_LENGTH, request.body.len())
            .body(punctual(request.body, write_by)),
        None => builder.body(request.body),
    };
    for (name, value) in request.headers {
        let unfit = || not_sent(format!("header `{name}` can't be sent"));
        let header = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unfit())?;
        let mut value = HeaderValue::from_str(&value).map_err(|_| unfit())?;
        value.set_sensitive(true);
        builder = builder.header(header, value);
    }
    builder
        .build()
        .map_err(|_| not_sent("the request can't be built"))
}

/// A body that is written by then or not at all.
fn punctual(bytes: Bytes, write_by: Instant) -> Body {
    Body::wrap_stream(futures_util::stream::once(async move {
        if Instant::now() < write_by {
            Ok(bytes)
        } else {
            Err(TooLate)
        }
    }))
}

fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{host}:{}", url.port_or_known_default().unwrap_or_default())
}
