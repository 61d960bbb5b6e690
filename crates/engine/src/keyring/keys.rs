//! The keys that are derived from one master key, and what each is for.
//!
//! Every use has a key of its own, so that no key serves two purposes. It knows nothing of other
//! master keys: which one a text was sealed under, the key ring decides.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD as BASE64, URL_SAFE_NO_PAD};
use naru_connector::Secret;
use naru_domain::Sealed;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};

use super::{BadMasterKey, CannotOpen};

/// Bytes of a nonce.
pub(super) type NonceBytes = [u8; NONCE_LEN];

/// Keys derived from one master key.
pub(super) struct Keys {
    pub(super) id: String,
    /// What every text begins with that was sealed under it.
    pub(super) mark: String,
    sealing: LessSafeKey,
    pub(super) idempotency: hmac::Key,
    pub(super) tokens: hmac::Key,
    pub(super) cursors: hmac::Key,
    pub(super) customers: hmac::Key,
    pub(super) people: hmac::Key,
    pub(super) windows: hmac::Key,
}

impl Keys {
    pub(super) fn derive(master: &[u8]) -> Result<Self, BadMasterKey> {
        if master.len() != super::MASTER_BYTES {
            return Err(BadMasterKey);
        }
        let derive = |purpose: &str| -> Result<[u8; 32], BadMasterKey> {
            let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"naru/v1");
            let mut key = [0_u8; 32];
            salt.extract(master)
                .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(&mut key))
                .map_err(|_| BadMasterKey)?;
            Ok(key)
        };
        let keyed = |purpose| Ok(hmac::Key::new(hmac::HMAC_SHA256, &derive(purpose)?));
        let sealing =
            UnboundKey::new(&AES_256_GCM, &derive("sealing")?).map_err(|_| BadMasterKey)?;
        let id = URL_SAFE_NO_PAD.encode(&derive("id")?[..6]);
        Ok(Self {
            mark: format!("s1.{id}."),
            id,
            sealing: LessSafeKey::new(sealing),
            idempotency: keyed("idempotency")?,
            tokens: keyed("tokens")?,
            cursors: keyed("cursors")?,
            customers: keyed("customers")?,
            people: keyed("people")?,
            windows: keyed("windows")?,
        })
    }

    pub(super) fn seal(&self, nonce: NonceBytes, place: &str, text: &str) -> Sealed {
        let mut buffer = text.as_bytes().to_vec();
        let sealed = self.sealing.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(place.as_bytes()),
            &mut buffer,
        );
        // AES-GCM refuses only texts of many gigabytes; an empty cipher text then can't be opened.
        if sealed.is_err() {
            buffer.clear();
        }
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&buffer);
        Sealed::from_cipher_text(format!("{}{}", self.mark, BASE64.encode(bytes)))
    }

    /// Decrypts what was sealed under these keys; gives the nonce besides.
    pub(super) fn open(
        &self,
        place: &str,
        sealed: &Sealed,
    ) -> Result<(NonceBytes, Secret), CannotOpen> {
        let encoded = sealed.cipher_text().strip_prefix(&self.mark);
        let bytes = BASE64
            .decode(encoded.ok_or(CannotOpen)?)
            .map_err(|_| CannotOpen)?;
        let (nonce, cipher) = bytes.split_first_chunk().ok_or(CannotOpen)?;
        let mut buffer = cipher.to_vec();
        let plain = self
            .sealing
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.as_bytes()),
                &mut buffer,
            )
            .map_err(|_| CannotOpen)?;
        let text = std::str::from_utf8(plain)
            .map(Secret::new)
            .map_err(|_| CannotOpen);
        zeroize::Zeroize::zeroize(&mut buffer);
        Ok((*nonce, text?))
    }
}
