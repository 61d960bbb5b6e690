//! Credentials that proved right lately, by keyed hashes in a memory of fixed size.
//!
//! They say whom not to hold up where others at the same address guess, and nothing else: a
//! credential found here is checked by the face like any other. One that is not found has merely
//! not been used for a while, or gave way to another.

use std::hash::{BuildHasher as _, Hash as _, Hasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, Uri, header};

/// 4,096 credentials, 32 KiB.
const CELLS: usize = 4_096;
/// The other header that a V1 token may come in.
const V1_TOKEN: &str = "x-imptokenheader";
/// The parameter that it may come in.
const V1_PARAMETER: &str = "_token=";

/// A credential's hash, under a key that lives as long as the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CredentialHash(u64);

/// Whether a request carries a credential, right or wrong.
pub(super) fn carries_credential(headers: &HeaderMap, uri: &Uri) -> bool {
    headers.contains_key(header::AUTHORIZATION)
        || headers.contains_key(V1_TOKEN)
        || parameter(uri).is_some()
}

fn parameter(uri: &Uri) -> Option<&str> {
    uri.query()?
        .split('&')
        .find(|pair| pair.starts_with(V1_PARAMETER))
}

/// The credentials.
#[derive(Debug)]
pub(super) struct RightCredentials {
    cells: Vec<AtomicU64>,
    hasher: RandomState,
}

impl RightCredentials {
    pub(super) fn new() -> Self {
        Self {
            cells: std::iter::repeat_with(Default::default)
                .take(CELLS)
                .collect(),
            hasher: RandomState::new(),
        }
    }

    /// The hash of all that a request carries as its credential; nothing of a log-in, whose
    /// credential is in its body.
    pub(super) fn hash(&self, headers: &HeaderMap, uri: &Uri) -> Option<CredentialHash> {
        if !carries_credential(headers, uri) {
            return None;
        }
        let mut hasher = self.hasher.build_hasher();
        for name in [header::AUTHORIZATION.as_str(), V1_TOKEN] {
            for value in headers.get_all(name) {
                value.as_bytes().hash(&mut hasher);
            }
            // What is in one header is not the same in the other.
            hasher.write_u8(0xff);
        }
        parameter(uri).hash(&mut hasher);
        // Zero is an empty cell.
        Some(CredentialHash(hasher.finish().max(1)))
    }

    pub(super) fn has(&self, credential: CredentialHash) -> bool {
        self.cell(credential)
            .is_some_and(|cell| cell.load(Ordering::Relaxed) == credential.0)
    }

    pub(super) fn remember(&self, credential: CredentialHash) {
        if let Some(cell) = self.cell(credential) {
            cell.store(credential.0, Ordering::Relaxed);
        }
    }

    /// It is right no more.
    pub(super) fn forget(&self, credential: CredentialHash) {
        if let Some(cell) = self.cell(credential) {
            let _other =
                cell.compare_exchange(credential.0, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn cell(&self, credential: CredentialHash) -> Option<&AtomicU64> {
        let place = usize::try_from(credential.0).unwrap_or_default() % CELLS;
        self.cells.get(place)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn hash(right: &RightCredentials, name: &str, value: &str, uri: &str) -> CredentialHash {
        let mut headers = HeaderMap::new();
        if let Ok(name) = name.parse::<http::HeaderName>() {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        right.hash(&headers, &uri.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_credential_is_known_until_it_is_wrong() {
        let right = RightCredentials::new();
        let one = hash(&right, "authorization", "PortOne secret", "/payments");
        let other = hash(&right, "authorization", "PortOne guess", "/payments");
        assert!(!right.has(one));
        right.remember(one);
        assert!(right.has(one) && !right.has(other));
        right.forget(other);
        assert!(right.has(one));
        right.forget(one);
        assert!(!right.has(one));
    }

    #[test]
    fn each_way_of_a_credential_counts_and_nothing_else_does() {
        let right = RightCredentials::new();
        let token = "0123456789abcdef0123456789abcdef01234567";
        let all = [
            hash(&right, "authorization", token, "/payments"),
            hash(&right, "x-imptokenheader", token, "/payments"),
            hash(&right, "", "", &format!("/payments?_token={token}")),
        ];
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
        assert_eq!(all[0], hash(&right, "authorization", token, "/other?x=1"));
        let nothing = right.hash(&HeaderMap::new(), &"/payments?token=1".parse().unwrap());
        assert_eq!(nothing, None);
    }
}
