//! The key ring: sealing what must be kept secret, and keyed hashes (P8).
//!
//! One master key of 32 bytes; every use derives its own key from it. A sealed text names the id
//! of its master key. Besides the current one the ring may hold former master keys (`rotation`):
//! what was sealed, hashed or signed under them is still known, while nothing new is made with
//! them.
//!
//! Invariant: an access token counts only under the current master key.

mod keys;

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use naru_connector::Secret;
use naru_domain::Sealed;
use ring::aead::NONCE_LEN;
use ring::hmac;

use crate::entropy::Entropy;
use keys::Keys;

/// Bytes of a master key.
const MASTER_BYTES: usize = 32;

/// A sealed text can't be opened: another key, or damage. Carries no content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value can't be opened with this master key")]
pub struct CannotOpen;

/// The master key was not 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the master key must be 32 bytes")]
pub struct BadMasterKey;

/// A master key that was replaced.
pub(crate) struct FormerKeys {
    keys: Keys,
    takes_links: bool,
}

impl FormerKeys {
    /// Derives the keys. `takes_links` says whether addresses and windows that were signed with
    /// them still count.
    pub(crate) fn new(master: &[u8], takes_links: bool) -> Result<Self, BadMasterKey> {
        Ok(Self {
            keys: Keys::derive(master)?,
            takes_links,
        })
    }
}

/// Keys derived from the master key, and from those before it.
pub struct KeyRing {
    current: Keys,
    /// Set once, when the store has told them.
    former: OnceLock<Vec<FormerKeys>>,
}

impl KeyRing {
    /// Derives the keys.
    pub fn new(master: &[u8]) -> Result<Self, BadMasterKey> {
        Ok(Self {
            current: Keys::derive(master)?,
            former: OnceLock::new(),
        })
    }

    /// Takes in the master keys before this one. Only the first call counts: a key that is dropped
    /// from the store meanwhile is not needed, and does no harm.
    pub(crate) fn remember(&self, former: Vec<FormerKeys>) {
        let _first = self.former.set(former);
    }

    fn former(&self) -> &[FormerKeys] {
        self.former.get().map_or(&[], Vec::as_slice)
    }

    fn all(&self) -> impl Iterator<Item = &Keys> {
        std::iter::once(&self.current).chain(self.former().iter().map(|one| &one.keys))
    }

    fn linking(&self) -> impl Iterator<Item = &Keys> {
        let former = self.former().iter().filter(|one| one.takes_links);
        std::iter::once(&self.current).chain(former.map(|one| &one.keys))
    }

    /// Names the master key without revealing it.
    pub fn id(&self) -> &str {
        &self.current.id
    }

    /// What every text begins with that is sealed under the current master key.
    pub(crate) fn mark(&self) -> &str {
        &self.current.mark
    }

    /// The same for the former ones.
    pub(crate) fn former_marks(&self) -> Vec<&str> {
        let marks = self.former().iter().map(|one| one.keys.mark.as_str());
        marks.collect()
    }

    /// Encrypts a text. `place` says where it is kept, so that a sealed text can't be moved from
    /// one place to another.
    pub fn seal(&self, entropy: &dyn Entropy, place: &str, text: &str) -> Sealed {
        let mut nonce = [0_u8; NONCE_LEN];
        entropy.fill(&mut nonce);
        self.current.seal(nonce, place, text)
    }

    fn sealer(&self, sealed: &Sealed) -> Result<&Keys, CannotOpen> {
        self.all()
            .find(|keys| sealed.cipher_text().starts_with(&keys.mark))
            .ok_or(CannotOpen)
    }

    /// Decrypts a sealed text of that place.
    pub fn open(&self, place: &str, sealed: &Sealed) -> Result<Secret, CannotOpen> {
        Ok(self.sealer(sealed)?.open(place, sealed)?.1)
    }

    /// Seals a text of a former master key under the current one.
    ///
    /// The nonce stays: it was drawn at random for this text, and no other text of the current key
    /// has it. So texts that were equal stay equal, wherever each is kept: a row and the event that
    /// made it must.
    pub(crate) fn reseal(&self, place: &str, sealed: &Sealed) -> Result<Sealed, CannotOpen> {
        let (nonce, text) = self.sealer(sealed)?.open(place, sealed)?;
        Ok(self.current.seal(nonce, place, text.expose()))
    }

    /// A keyed hash for idempotency scopes and bodies: a body can hold card data, and a plain
    /// hash of few digits could be searched.
    pub fn idempotency_hash(&self, parts: &[&[u8]]) -> String {
        text(&self.current.idempotency, parts)
    }

    /// The same under each former master key, in their order.
    pub(crate) fn former_idempotency_hashes(&self, parts: &[&[u8]]) -> Vec<String> {
        let former = self.former().iter();
        former
            .map(|one| text(&one.keys.idempotency, parts))
            .collect()
    }

    /// What tells a cursor of ours from a forged one, or from one of another list or merchant.
    pub(crate) fn sign_cursor(&self, parts: &[&[u8]]) -> String {
        text(&self.current.cursors, parts)
    }

    pub(crate) fn cursor_is_ours(&self, parts: &[&[u8]], signature: &str) -> bool {
        is_signed(self.all().map(|keys| &keys.cursors), parts, signature)
    }

    /// Tells a merchant's customers apart by what they gave, without saying it: phone numbers are
    /// few enough that a plain hash could be searched.
    pub(crate) fn customer_number(&self, parts: &[&[u8]]) -> i64 {
        let tag = hmac::sign(&self.current.customers, &joined(parts));
        let start = tag.as_ref().first_chunk::<8>();
        start.map_or(0, |start| i64::from_le_bytes(*start))
    }

    /// By what a person, or an address, is found that is kept sealed or not at all.
    pub(crate) fn person_key(&self, parts: &[&[u8]]) -> String {
        text(&self.current.people, parts)
    }

    /// The same under every master key that rows may have been written with.
    pub(crate) fn person_keys(&self, parts: &[&[u8]]) -> Vec<String> {
        self.all().map(|keys| text(&keys.people, parts)).collect()
    }

    /// The same under the master key that a text is sealed under.
    pub(crate) fn person_key_beside(
        &self,
        sealed: &Sealed,
        parts: &[&[u8]],
    ) -> Result<String, CannotOpen> {
        Ok(text(&self.sealer(sealed)?.people, parts))
    }

    /// What tells a token of a window from a forged one.
    pub(crate) fn sign_window(&self, parts: &[&[u8]]) -> String {
        text(&self.current.windows, parts)
    }

    pub(crate) fn window_is_ours(&self, parts: &[&[u8]], signature: &str) -> bool {
        is_signed(self.linking().map(|keys| &keys.windows), parts, signature)
    }

    pub(crate) fn sign_token(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.current.tokens, text.as_bytes()))
    }

    /// Whether the current master key signed it: whoever has a former one must not get in.
    pub(crate) fn token_is_ours(&self, text: &str, signature: &str) -> bool {
        is_tag(&self.current.tokens, text.as_bytes(), signature)
    }

    /// The same for an address that was handed out, which may outlive a master key.
    pub(crate) fn link_is_ours(&self, text: &str, signature: &str) -> bool {
        self.linking()
            .any(|keys| is_tag(&keys.tokens, text.as_bytes(), signature))
    }
}

fn text(key: &hmac::Key, parts: &[&[u8]]) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(key, &joined(parts)))
}

fn is_signed<'a>(
    mut keys: impl Iterator<Item = &'a hmac::Key>,
    parts: &[&[u8]],
    signature: &str,
) -> bool {
    let joined = joined(parts);
    keys.any(|key| is_tag(key, &joined, signature))
}

fn is_tag(key: &hmac::Key, bytes: &[u8], signature: &str) -> bool {
    URL_SAFE_NO_PAD
        .decode(signature)
        .is_ok_and(|tag| hmac::verify(key, bytes, &tag).is_ok())
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

    fn after_a_rotation(takes_links: bool) -> (KeyRing, KeyRing) {
        let old = KeyRing::new(&[7; 32]).unwrap();
        let new = KeyRing::new(&[8; 32]).unwrap();
        new.remember(vec![FormerKeys::new(&[7; 32], takes_links).unwrap()]);
        (old, new)
    }

    #[test]
    fn what_a_former_key_sealed_opens_and_is_sealed_anew() {
        let (old, new) = after_a_rotation(true);
        let sealed = old.seal(&SystemEntropy, "channel", "비밀");
        assert_eq!(new.open("channel", &sealed).unwrap().expose(), "비밀");
        let again = new.reseal("channel", &sealed).unwrap();
        assert!(again.cipher_text().starts_with(new.mark()));
        assert_eq!(again, new.reseal("channel", &sealed).unwrap());
        assert_eq!(new.open("channel", &again).unwrap().expose(), "비밀");
        assert_eq!(old.open("channel", &again), Err(CannotOpen));
        assert_eq!(new.reseal("elsewhere", &sealed), Err(CannotOpen));
        let without = KeyRing::new(&[8; 32]).unwrap();
        assert_eq!(without.open("channel", &sealed), Err(CannotOpen));
        assert_eq!(without.open("channel", &again).unwrap().expose(), "비밀");
    }

    #[test]
    fn a_former_key_signs_no_access_token() {
        for takes_links in [true, false] {
            let (old, new) = after_a_rotation(takes_links);
            let signed = old.sign_token("text");
            assert!(!new.token_is_ours("text", &signed));
            assert_eq!(new.link_is_ours("text", &signed), takes_links);
            let signed = old.sign_window(&[b"a"]);
            assert_eq!(new.window_is_ours(&[b"a"], &signed), takes_links);
            let signed = old.sign_cursor(&[b"a"]);
            assert!(new.cursor_is_ours(&[b"a"], &signed));
        }
    }

    /// Computed by another program (Python, from RFC 5869, RFC 2104 and AES-GCM): what stands in
    /// stores must stay known.
    #[test]
    fn what_is_in_stores_is_known_for_ever() {
        let ring = KeyRing::new(&[7; 32]).unwrap();
        assert_eq!(ring.id(), "yHsxtCuJ");
        let parts: &[&[u8]] = &[b"a", b"bc"];
        assert_eq!(
            ring.idempotency_hash(parts),
            "OnFJRlcvN9zGoAu9IkJhwxHxuYjuBKjG_bZ1Kv-HBj0"
        );
        assert_eq!(
            ring.person_key(parts),
            "WmaiDpn0ZUoaJUcahXSM4-KXClts2hll7qFPmbjrBm4"
        );
        assert_eq!(ring.customer_number(&[b"a"]), 8_398_596_320_826_328_524);
        let text = "s1.yHsxtCuJ.AAECAwQFBgcICQoL/s3vkFAsbta/JqoZuZhsOE1dcFUT1g";
        let sealed = Sealed::from_cipher_text(text.to_owned());
        assert_eq!(ring.open("channel", &sealed).unwrap().expose(), "비밀");
    }
}
