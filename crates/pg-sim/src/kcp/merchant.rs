//! The merchant of the sandbox at the simulated KCP.
//!
//! KCP gives each merchant a certificate and its key; these were made for this simulator, are
//! published with it, and open nothing anywhere else.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};

/// KCP's site code for tests of identity verification.
pub const SITE_CODE: &str = "AO0QE";
/// The merchant's service certificate.
pub const CERTIFICATE: &str = include_str!("test-merchant-certificate.pem");
/// Its key: PKCS#8, without a password.
pub const PRIVATE_KEY: &str = include_str!("test-merchant-key.pem");

/// The certificate as it is sent: without line breaks.
pub(super) fn certificate_line() -> String {
    CERTIFICATE.lines().collect()
}

fn public_key() -> Option<&'static [u8]> {
    static KEY: OnceLock<Option<Vec<u8>>> = OnceLock::new();
    KEY.get_or_init(|| {
        let body: String = PRIVATE_KEY
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let der = STANDARD.decode(body).ok()?;
        let pair = RsaKeyPair::from_pkcs8(&der).ok()?;
        Some(pair.public_key().as_ref().to_vec())
    })
    .as_deref()
}

/// Whether a signature in base64 is the merchant's over a text.
pub(super) fn verifies(text: &str, signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature) else {
        return false;
    };
    public_key().is_some_and(|key| {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(text.as_bytes(), &signature)
            .is_ok()
    })
}
