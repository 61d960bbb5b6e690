//! Who is let in at the public listener: not more at once than the server can bear, not more from
//! one address than an honest caller needs.
//!
//! * So many requests are under way; beyond them 503 at once, before anything is read or begun.
//!   What was let in is never dropped for it, and what was turned away has left no trace.
//! * An address that sends wrong credentials is answered 429 for the rest of the minute. A
//!   credential that proved right lately is let in all the same: those who share an address (an
//!   office, a machine with an old secret in one of its jobs) can't shut each other out.
//! * An address asks for so many windows in a minute, since that needs no credential.
//!
//! Notices of PGs are let in whatever is under way: they bring money's news, a PG repeats one only
//! so often, and each costs a single row. Connections bound them.
//!
//! Only addresses of the public internet are counted. One of a private network is a developer's,
//! or a proxy's that `server.trusted_proxies` does not name, behind which everybody would be one
//! caller.
//!
//! Invariants: no lock, and nothing held but the place while a request is under way; the memory
//! is of fixed size.

mod asked;
mod counts;
mod places;
mod right;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, HttpBody as _};
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use http::StatusCode;
use naru_engine::Proof;
use tower::ServiceExt as _;

use crate::config::{Limits, limits};

pub(crate) use asked::Asked;
use counts::{AddressCounts, Network};
use places::{Arriving, Place, Places};
use right::{CredentialHash, RightCredentials};

/// Seconds after which a caller may try again when too much was under way.
const RETRY_AFTER_S: u32 = 1;
/// Addresses are counted by the minute.
const PERIOD_S: u64 = 60;

/// The one that lets in. One for each process: its counts are of this node.
#[derive(Debug)]
pub struct Admission {
    places: Arc<Places>,
    wrong_credentials: AddressCounts,
    wrong_credentials_max: u32,
    windows: AddressCounts,
    windows_max: u32,
    right: RightCredentials,
    began_at: Instant,
    /// The minute, counted from one, in which it was last said that there was no place.
    said_at: AtomicU64,
}

impl Admission {
    /// With these limits: `requests_max`, `wrong_credentials_per_address_max`,
    /// `windows_per_address_max`.
    pub fn new(limits: &Limits) -> Self {
        Self {
            places: Places::new(limits::count(limits.requests_max)),
            wrong_credentials: AddressCounts::new(),
            wrong_credentials_max: limits.wrong_credentials_per_address_max,
            windows: AddressCounts::new(),
            windows_max: limits.windows_per_address_max,
            right: RightCredentials::new(),
            began_at: Instant::now(),
            said_at: AtomicU64::new(0),
        }
    }

    /// Passes a request on, or turns it away.
    pub(crate) async fn pass(&self, asked: Asked, request: Request, face: Router) -> Response {
        if asked == Asked::Notice {
            return answered(request, face).await;
        }
        let Some(place) = self.places.take() else {
            self.say_full();
            return refused("overload", asked.unavailable(RETRY_AFTER_S));
        };
        let Some(network) = counted(&request) else {
            return under_way(place, request, face).await;
        };
        if asked.opens_a_window(request.method(), request.uri().path()) && !self.may_open(network) {
            return refused("windows", asked.too_many_requests(self.rest_of_minute_s()));
        }
        let (headers, uri) = (request.headers(), request.uri());
        if !right::carries_credential(headers, uri) && !asked::is_log_in(uri.path()) {
            return under_way(place, request, face).await;
        }
        let Ok(credential) = self.may_try(network, &request) else {
            let answer = asked.too_many_requests(self.rest_of_minute_s());
            return refused("wrong_credentials", answer);
        };
        self.watched((place, network), credential, request, face)
            .await
    }

    /// Counts a window, unless there were too many.
    fn may_open(&self, network: Network) -> bool {
        let count = self.windows.add(network, self.minute());
        if count == self.windows_max.saturating_add(1) {
            tracing::warn!(address = %network, "an address asks for too many windows");
        }
        count <= self.windows_max
    }

    /// Whether a credential may be tried: as long as not too many were wrong, and then only one
    /// that proved right before. Requests that are under way at the same time may each be wrong
    /// before any is counted, so there may be as many more as there are places.
    fn may_try(
        &self,
        network: Network,
        request: &Request,
    ) -> Result<Option<CredentialHash>, TooMany> {
        let wrong = self.wrong_credentials.count(network, self.minute());
        if wrong == 0 {
            // The usual case costs no hash of the credential.
            return Ok(None);
        }
        let credential = self.right.hash(request.headers(), request.uri());
        let is_known = credential.is_some_and(|credential| self.right.has(credential));
        if wrong >= self.wrong_credentials_max && !is_known {
            return Err(TooMany);
        }
        Ok(credential)
    }

    /// Passes a request on and learns from its answer about its credential.
    async fn watched(
        &self,
        (place, network): (Place, Network),
        credential: Option<CredentialHash>,
        mut request: Request,
        face: Router,
    ) -> Response {
        let proof = credential.map(|credential| (credential, Proof::default()));
        if let Some((_, proof)) = &proof {
            request.extensions_mut().insert(proof.clone());
        }
        let response = under_way(place, request, face).await;
        match proof {
            Some((credential, proof)) if proof.is_given() => self.right.remember(credential),
            known => {
                if response.status() == StatusCode::UNAUTHORIZED {
                    self.count_wrong(network, known.map(|(credential, _)| credential));
                }
            }
        }
        response
    }

    fn count_wrong(&self, network: Network, credential: Option<CredentialHash>) {
        if let Some(credential) = credential {
            self.right.forget(credential);
        }
        let count = self.wrong_credentials.add(network, self.minute());
        if count == self.wrong_credentials_max {
            tracing::warn!(address = %network, "an address sends too many wrong credentials");
        }
    }

    /// Says it once a minute: who is overloaded has no time to write a line for each request.
    fn say_full(&self) {
        let minute = self.minute() + 1;
        if self.said_at.swap(minute, Ordering::Relaxed) != minute {
            tracing::warn!("requests are turned away: too many are under way");
        }
    }

    fn minute(&self) -> u64 {
        self.began_at.elapsed().as_secs() / PERIOD_S
    }

    /// In seconds, at least one.
    fn rest_of_minute_s(&self) -> u32 {
        let rest = PERIOD_S - self.began_at.elapsed().as_secs() % PERIOD_S;
        u32::try_from(rest).unwrap_or(1)
    }
}

/// Too many credentials of an address were wrong.
struct TooMany;

/// The caller, where it is one that is counted.
fn counted(request: &Request) -> Option<Network> {
    let ConnectInfo(caller) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    let address = caller.ip().to_canonical();
    naru_egress::is_public(address).then(|| Network::of(address))
}

/// Answers a request that has a place. A request without a body, which most are, costs nothing
/// more than that.
async fn under_way(place: Place, request: Request, face: Router) -> Response {
    if request.body().is_end_stream() {
        let response = answered(request, face).await;
        drop(place);
        return response;
    }
    let place = Arc::new(place);
    let lent = Arc::clone(&place);
    let request = request.map(|body| Body::new(Arriving::new(body, lent)));
    let response = answered(request, face).await;
    drop(place);
    response
}

async fn answered(request: Request, face: Router) -> Response {
    match face.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

fn refused(why: &'static str, response: Response) -> Response {
    ::metrics::counter!("naru_requests_refused_total", "why" => why).increment(1);
    response
}

#[cfg(test)]
mod tests;
