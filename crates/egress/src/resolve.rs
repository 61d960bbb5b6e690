//! Names to addresses, those that the policy refuses left out.
//!
//! The HTTP client connects to exactly what this resolver answers, and asks it for every new
//! connection. Literal addresses never come here; [`Policy::check_url`] judges them.

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Policy, Refused};

/// Addresses of one name that are tried at most.
const ADDRESSES_MAX: usize = 16;

/// The system's resolver knows no address of a name, or could not be asked.
#[derive(Debug, thiserror::Error)]
#[error("can't resolve `{0}`")]
pub(crate) struct Unresolved(String);

/// The system's resolver behind the address policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FilteringResolver(pub(crate) Policy);

impl Resolve for FilteringResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.0;
        Box::pin(async move {
            // Port 0 stands for the port of the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|_| Unresolved(name.as_str().to_owned()))?;
            let allowed: Vec<SocketAddr> = found
                .filter(|address| policy.allows(address.ip()))
                .take(ADDRESSES_MAX)
                .collect();
            if allowed.is_empty() {
                return Err(Refused::Address(name.as_str().to_owned()).into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        })
    }
}
