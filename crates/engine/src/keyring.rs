//! The key ring: sealing what must be kept secret, and keyed hashes (P8).
//!
//! One master key of 32 bytes; every use derives its own key from it with HKDF, so that no key
//! serves two purposes. A sealed text names the id of its master key, so that rotation can tell
//! old from new.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD as BASE64, URL_SAFE_NO_PAD};
use naru_connector::Secret;
use naru_domain::Sealed;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{hkdf, hmac};

use crate::entropy::Entropy;

/// A sealed text can't be opened: another key, or damage. Carries no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value can't be opened with this master key")]
pub struct CannotOpen;

/// The master key was not 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the master key must be 32 bytes")]
pub struct BadMasterKey;

/// Keys derived from one master key.
pub struct KeyRing {
    id: String,
    sealing: LessSafeKey,
    idempotency: hmac::Key,
    tokens: hmac::Key,
    cursors: hmac::Key,
    customers: hmac::Key,
    people: hmac::Key,
    windows: hmac::Key,
}

impl KeyRing {
    /// Derives the keys.
    pub fn new(master: &[u8]) -> Result<Self, BadMasterKey> {
        if master.len() != 32 {
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
        let sealing =
            UnboundKey::new(&AES_256_GCM, &derive("sealing")?).map_err(|_| BadMasterKey)?;
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(&derive("id")?[..6]),
            sealing: LessSafeKey::new(sealing),
            idempotency: hmac::Key::new(hmac::HMAC_SHA256, &derive("idempotency")?),
            tokens: hmac::Key::new(hmac::HMAC_SHA256, &derive("tokens")?),
            cursors: hmac::Key::new(hmac::HMAC_SHA256, &derive("cursors")?),
            customers: hmac::Key::new(hmac::HMAC_SHA256, &derive("customers")?),
            people: hmac::Key::new(hmac::HMAC_SHA256, &derive("people")?),
            windows: hmac::Key::new(hmac::HMAC_SHA256, &derive("windows")?),
        })
    }

    /// Names the master key without revealing it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Encrypts a text. `place` says where it is kept, so that a sealed text can't be moved from
    /// one place to another.
    pub fn seal(&self, entropy: &dyn Entropy, place: &str, text: &str) -> Sealed {
        let mut nonce = [0_u8; NONCE_LEN];
        entropy.fill(&mut nonce);
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
        Sealed::from_cipher_text(format!("s1.{}.{}", self.id, BASE64.encode(bytes)))
    }

    /// Decrypts a sealed text of that place.
    pub fn open(&self, place: &str, sealed: &Sealed) -> Result<Secret, CannotOpen> {
        let mut parts = sealed.cipher_text().splitn(3, '.');
        let (Some("s1"), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(CannotOpen);
        };
        if id != self.id {
            return Err(CannotOpen);
        }
        let bytes = BASE64.decode(encoded).map_err(|_| CannotOpen)?;
        let (nonce, cipher) = bytes.split_at_checked(NONCE_LEN).ok_or(CannotOpen)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| CannotOpen)?;
        let mut buffer = cipher.to_vec();
        let plain = self
            .sealing
            .open_in_place(nonce, Aad::from(place.as_bytes()), &mut buffer)
            .map_err(|_| CannotOpen)?;
        let text = std::str::from_utf8(plain)
            .map(Secret::new)
            .map_err(|_| CannotOpen);
        zeroize::Zeroize::zeroize(&mut buffer);
        text
    }

    /// A keyed hash for idempotency scopes and bodies: a body can hold card data, and a plain
    /// hash of few digits could be searched.
    pub fn idempotency_hash(&self, parts: &[&[u8]]) -> String {
        let mut context = hmac::Context::with_key(&self.idempotency);
        for part in parts {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        URL_SAFE_NO_PAD.encode(context.sign())
    }

    /// What tells a cursor of ours from a forged one, or from one of another list or merchant.
    pub(crate) fn sign_cursor(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(tag(&self.cursors, parts))
    }

    pub(crate) fn cursor_is_ours(&self, parts: &[&[u8]], signature: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|tag| hmac::verify(&self.cursors, &joined(parts), &tag).is_ok())
    }

    /// Tells a merchant's customers apart by what they gave, without saying it: phone numbers are
    /// few enough that a plain hash could be searched.
    pub(crate) fn customer_number(&self, parts: &[&[u8]]) -> i64 {
        let tag = tag(&self.customers, parts);
        let start = tag.as_ref().first_chunk::<8>();
        start.map_or(0, |start| i64::from_le_bytes(*start))
    }

    /// By what a person, or an address, is found that is kept sealed or not at all.
    pub(crate) fn person_key(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(tag(&self.people, parts))
    }

    /// What tells a token of a window from a forged one.
    pub(crate) fn sign_window(&self, parts: &[&[u8]]) -> String {
        URL_SAFE_NO_PAD.encode(tag(&self.windows, parts))
    }

    pub(crate) fn window_is_ours(&self, parts: &[&[u8]], signature: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|tag| hmac::verify(&self.windows, &joined(parts), &tag).is_ok())
    }

    pub(crate) fn sign_token(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.tokens, text.as_bytes()))
    }

    pub(crate) fn token_is_ours(&self, text: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|tag| hmac::verify(&self.tokens, text.as_bytes(), &tag).is_ok())
    }
}

fn tag(key: &hmac::Key, parts: &[&[u8]]) -> hmac::Tag {
    hmac::sign(key, &joined(parts))
}

/// Parts one after the other, so that they do not run together.
fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let each = parts.iter().map(|part| {
        let length = (part.len() as u64).to_le_bytes();
        [length.as_slice(), part].concat()
    });
    each.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    #[test]
    fn a_sealed_text_opens_only_with_its_key_and_in_its_place() {
        let ring = KeyRing::new(&[7; 32]).unwrap();
        let sealed = ring.seal(&SystemEntropy, "channel", "비밀");
        assert!(!sealed.cipher_text().contains("비밀"));
        assert_eq!(ring.open("channel", &sealed).unwrap().expose(), "비밀");
        assert_eq!(ring.open("elsewhere", &sealed), Err(CannotOpen));
        let other = KeyRing::new(&[8; 32]).unwrap();
        assert_eq!(other.open("channel", &sealed), Err(CannotOpen));
    }

    #[test]
    fn garbage_does_not_open() {
        let ring = KeyRing::new(&[7; 32]).unwrap();
        for text in ["", "s1", "s1.x", "s1.x.!", "s1..", "s2.a.b"] {
            let sealed = Sealed::from_cipher_text(text.to_owned());
            assert_eq!(ring.open("channel", &sealed), Err(CannotOpen), "{text}");
        }
    }

    #[test]
    fn hashed_parts_do_not_run_together() {
        let ring = KeyRing::new(&[7; 32]).unwrap();
        assert_ne!(
            ring.idempotency_hash(&[b"ab", b"c"]),
            ring.idempotency_hash(&[b"a", b"bc"])
        );
    }

    #[test]
    fn a_master_key_of_another_length_is_refused() {
        assert!(KeyRing::new(&[7; 31]).is_err());
    }
}
