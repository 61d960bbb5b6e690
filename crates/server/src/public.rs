//! The public listener: both faces and the addresses that PGs send notices to.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::middleware::map_request_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{StatusCode, header};
use naru_api_v1::Claim;
use naru_connector::{InboundRequest, NoticeAnswer};
use naru_engine::{Engine, Fault};
use tower::service_fn;

use crate::admission::{Admission, Asked};
use crate::http::catch_panics;
use crate::wiring::public_page;
use crate::{checkout_page, window_page};

/// The body of a notice, in bytes.
const NOTICE_BYTES_MAX: usize = 64 * 1024;

/// Where a PG sends its notices, by the connector's name.
pub fn notice_path(pg: &str) -> String {
    format!("/pg/{pg}/notices")
}

/// Everything on the public listener. The caller behind a trusted proxy is the one that the proxy
/// names: PG notices, the origin of payments and limits by address go by it.
pub fn router(engine: Engine, trusted_proxies: Vec<IpAddr>, admission: Admission) -> Router {
    let notices = Router::new()
        .route("/pg/{pg}/notices", post(notice))
        .route("/tax/{provider}/notices", post(tax_notice))
        .with_state(engine.clone());
    let checkout = checkout_page::router(engine.clone());
    let v1 = naru_api_v1::router(engine.clone());
    let v2 = naru_api_v2::router(engine.clone())
        .merge(checkout)
        .merge(window_page::router(engine.clone()))
        .merge(crate::browser_sdk::router(engine.clone()))
        .merge(notices)
        .merge(crate::supplier_page::router(engine.clone()))
        .merge(crate::tax_pages::router(engine))
        .merge(public_page());
    let faces = by_face(v1, v2, Arc::new(admission));
    catch_panics(behind(trusted_proxies, faces))
}

/// Routes whose caller is the one that a trusted proxy names.
pub(crate) fn behind(trusted_proxies: Vec<IpAddr>, router: Router) -> Router {
    let proxies: Arc<[IpAddr]> = trusted_proxies.into();
    router.layer(map_request_with_state(proxies, forwarded))
}

/// Each request that is let in goes to the face that it means: the paths tell, and for the few that
/// both have the credential does.
fn by_face(v1: Router, v2: Router, admission: Arc<Admission>) -> Router {
    let choose = move |request: Request| {
        let claim = naru_api_v1::claim(request.method(), request.uri(), request.headers());
        let face = match claim {
            Claim::Ours => v1.clone(),
            Claim::NotOurs => v2.clone(),
        };
        let asked = Asked::of(claim, request.method(), request.uri().path());
        let admission = Arc::clone(&admission);
        async move { Ok(admission.pass(asked, request, face).await) }
    };
    Router::new().fallback_service(service_fn(choose))
}

/// Puts the caller that a trusted proxy names in the place of the proxy. Only the last address
/// counts: the others are what somebody told the proxy.
async fn forwarded(State(proxies): State<Arc<[IpAddr]>>, mut request: Request) -> Request {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0);
    let Some(peer) = peer.filter(|peer| proxies.contains(&peer.ip().to_canonical())) else {
        return request;
    };
    let named = request
        .headers()
        .get_all("x-forwarded-for")
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    if let Some(named) = named {
        let caller = SocketAddr::new(named, peer.port());
        request.extensions_mut().insert(ConnectInfo(caller));
    }
    request
}

/// Where a tax-invoice provider sends its notices, by its short name.
pub fn tax_notice_path(provider: &str) -> String {
    format!("/tax/{provider}/notices")
}

async fn tax_notice(
    State(engine): State<Engine>,
    Path(provider): Path<String>,
    request: Request<Body>,
) -> Response {
    let Ok(body) = to_bytes(request.into_body(), NOTICE_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let inbound = InboundRequest {
        content_type: None,
        body,
        peer: None,
    };
    answered(&provider, engine.take_tax_notice(&provider, &inbound).await)
}

/// What the sender of a notice is answered.
fn answered(sender: &str, taken: Result<NoticeAnswer, Fault>) -> Response {
    match taken {
        Ok(answer) => (
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK),
            [(header::CONTENT_TYPE, answer.content_type)],
            answer.body,
        )
            .into_response(),
        // Not stored: the sender has to send it again.
        Err(Fault::ChannelNotFound) => StatusCode::NOT_FOUND.into_response(),
        Err(fault) => {
            tracing::error!(sender, %fault, detail = ?fault, "a notice could not be stored");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

async fn notice(
    State(engine): State<Engine>,
    Path(pg): Path<String>,
    request: Request<Body>,
) -> Response {
    let provider = naru_connectors::all()
        .iter()
        .map(|connector| connector.capabilities())
        .find(|capabilities| capabilities.name == pg)
        .map(|capabilities| capabilities.pg_provider);
    let Some(provider) = provider else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    let content_type = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let Ok(body) = to_bytes(request.into_body(), NOTICE_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let inbound = InboundRequest {
        content_type,
        body,
        peer,
    };
    answered(&pg, engine.take_notice(provider, &inbound).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn caller(peer: &str, header: &str) -> IpAddr {
        let mut request = Request::builder()
            .header("x-forwarded-for", header)
            .body(Body::empty())
            .unwrap();
        let peer: SocketAddr = peer.parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let proxies: Arc<[IpAddr]> = Arc::new(["10.0.0.1".parse().unwrap()]);
        let request = forwarded(State(proxies), request).await;
        let seen = request.extensions().get::<ConnectInfo<SocketAddr>>();
        seen.unwrap().0.ip()
    }

    #[tokio::test]
    async fn only_a_trusted_proxy_names_the_caller_and_only_its_own_word_counts() {
        let named: IpAddr = "203.238.37.15".parse().unwrap();
        assert_eq!(caller("10.0.0.1:5", "9.9.9.9, 203.238.37.15").await, named);
        let stranger: IpAddr = "10.0.0.2".parse().unwrap();
        assert_eq!(caller("10.0.0.2:5", "203.238.37.15").await, stranger);
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();
        assert_eq!(caller("10.0.0.1:5", "garbage").await, proxy);
    }
}
