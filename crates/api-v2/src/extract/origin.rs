//! Where a request came from, as payments remember it.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::header;
use http::request::Parts;
use naru_domain::payment::{Origin, Platform};

use crate::limits::USER_AGENT_MAX;

/// The peer's address is that of the connection: headers of proxies are not trusted here.
pub(crate) fn origin(parts: &Parts) -> Origin {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |info| info.0.ip());
    let user_agent = parts.headers.get(header::USER_AGENT).map(|value| {
        String::from_utf8_lossy(value.as_bytes())
            .chars()
            .filter(|c| !c.is_control())
            .take(USER_AGENT_MAX)
            .collect::<String>()
    });
    Origin {
        platform: Platform::Api,
        ip_address: peer.to_canonical().to_string(),
        user_agent: user_agent.filter(|text| !text.is_empty()),
    }
}
