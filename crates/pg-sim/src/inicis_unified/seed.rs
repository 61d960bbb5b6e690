//! SEED-128 in CBC mode with PKCS#5 padding: what a result is encrypted with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cipher::{BlockEncrypt as _, KeyInit as _};
use kisaseed::SEED;
use sha2::{Digest as _, Sha256};

use super::SEED_IV;

const BLOCK: usize = 16;

/// The key of one transaction: it follows from its id, so that it need not be kept.
pub(super) fn token(tid: &str) -> String {
    let hash = Sha256::digest(format!("token:{tid}"));
    STANDARD.encode(hash.get(..BLOCK).unwrap_or_default())
}

/// A text in base64. Nothing if the token is no key.
pub(super) fn encrypted(token: &str, text: &str) -> Option<String> {
    let cipher = SEED::new_from_slice(&STANDARD.decode(token).ok()?).ok()?;
    let mut bytes = text.as_bytes().to_vec();
    let padding = BLOCK - bytes.len() % BLOCK;
    bytes.extend(std::iter::repeat_n(u8::try_from(padding).ok()?, padding));
    let mut before: [u8; BLOCK] = SEED_IV.as_bytes().try_into().ok()?;
    let mut out = Vec::with_capacity(bytes.len());
    for chunk in bytes.chunks_exact(BLOCK) {
        let chunk: [u8; BLOCK] = chunk.try_into().ok()?;
        let mut block = std::array::from_fn::<u8, BLOCK, _>(|at| chunk[at] ^ before[at]).into();
        cipher.encrypt_block(&mut block);
        before = block.into();
        out.extend(before);
    }
    Some(STANDARD.encode(out))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_vector_encrypts() {
        let found = encrypted("BwcHBwcHBwcHBwcHBwcHBw==", "홍길동");
        assert_eq!(found.as_deref(), Some("CJvSWHp9AsLzynvgtSJI9Q=="));
    }

    #[test]
    fn a_token_is_a_key() {
        let token = token("a transaction");
        assert_eq!(STANDARD.decode(&token).unwrap().len(), BLOCK);
        assert!(encrypted(&token, "").is_some());
        assert!(encrypted("AAAA", "").is_none());
    }
}
