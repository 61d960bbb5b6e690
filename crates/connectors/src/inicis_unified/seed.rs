//! SEED-128 in CBC mode with PKCS#5 padding: what the PG encrypts a person with.
//!
//! The crate has the cipher of an older generation of traits than `cbc` is built on, so the mode
//! stands here. Only decrypts. Invariant: what is not whole is nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cipher::{BlockDecrypt as _, KeyInit as _};
use kisaseed::SEED;
use zeroize::Zeroizing;

const BLOCK: usize = 16;

/// The cipher of one answer.
pub(super) struct Seed {
    cipher: SEED,
    iv: [u8; BLOCK],
}

impl Seed {
    /// The key is the token that the browser brought: 16 bytes in base64.
    pub(super) fn new(token: &str, iv: &str) -> Option<Self> {
        let key = Zeroizing::new(STANDARD.decode(token).ok()?);
        Some(Self {
            cipher: SEED::new_from_slice(&key).ok()?,
            iv: iv.as_bytes().try_into().ok()?,
        })
    }

    /// A text from base64.
    pub(super) fn decrypt(&self, text: &str) -> Option<String> {
        let bytes = STANDARD.decode(text).ok()?;
        if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK) {
            return None;
        }
        let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
        let mut before = self.iv;
        for chunk in bytes.chunks_exact(BLOCK) {
            let chunk: [u8; BLOCK] = chunk.try_into().ok()?;
            let mut block = chunk.into();
            self.cipher.decrypt_block(&mut block);
            out.extend(block.iter().zip(before).map(|(byte, mask)| byte ^ mask));
            before = chunk;
        }
        let padding = usize::from(*out.last()?);
        let end = out.len().checked_sub(padding)?;
        let is_padded = (1..=BLOCK).contains(&padding)
            && out
                .get(end..)?
                .iter()
                .all(|byte| usize::from(*byte) == padding);
        let text = is_padded.then(|| out.get(..end))??;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "BwcHBwcHBwcHBwcHBwcHBw==";

    #[test]
    fn the_known_vector_decrypts() {
        let seed = Seed::new(TOKEN, "SASKGINICIS00000").unwrap();
        let name = seed.decrypt("CJvSWHp9AsLzynvgtSJI9Q==");
        assert_eq!(name.as_deref(), Some("홍길동"));
    }

    #[test]
    fn what_is_not_whole_is_nothing() {
        let seed = Seed::new(TOKEN, "SASKGINICIS00000").unwrap();
        for text in ["", "AAAA", "not base64", "CJvSWHp9AsLzynvgtSJI9A=="] {
            assert_eq!(seed.decrypt(text), None, "{text}");
        }
        assert!(Seed::new("BwcH", "SASKGINICIS00000").is_none());
        assert!(Seed::new(TOKEN, "short").is_none());
    }
}
