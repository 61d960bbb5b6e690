//! Hashes and encrypted fields of INIAPI.
//!
//! SHA-512 over plain concatenation, and AES-128-CBC with PKCS#7 for `[ENC]` fields, key and IV
//! taken as text. Written from the PG's published vectors; must not be shared with the
//! connector. Plain texts and keys never reach a log line.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha512};

use super::merchants::Merchant;

/// Lower-case hex of the SHA-512 of the joined parts.
pub(crate) fn sha512_hex<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha512::new();
    for part in parts {
        hasher.update(part);
    }
    hex(&hasher.finalize())
}

/// What the books keep of a billing key.
pub(crate) fn digest_of_key(key: &str) -> String {
    hex(&Sha256::digest(key.as_bytes()))
}

/// The windows' hash for computers: SHA-256 of the named values, sorted by name.
pub(crate) fn sorted_pairs(pairs: &[(&str, &str)]) -> String {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let texts: Vec<String> = sorted.iter().map(|(k, v)| format!("{k}={v}")).collect();
    sha256_hex(&texts.join("&"))
}

/// Lower-case hex of the SHA-256.
pub(crate) fn sha256_hex(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The windows' hash for phones: SHA-512 of the joined parts, in Base64.
pub(crate) fn check_fake(parts: [&str; 4]) -> String {
    STANDARD.encode(Sha512::digest(parts.concat().as_bytes()))
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    let nibble = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    bytes
        .iter()
        .flat_map(|byte| [nibble(byte >> 4), nibble(byte & 15)])
        .collect()
}

/// The plain text of an `[ENC]` field, or `None` if it is not one.
pub(crate) fn decrypt(merchant: &Merchant, encoded: &str) -> Option<String> {
    let cipher = STANDARD.decode(encoded).ok()?;
    let (key, iv) = (merchant.api_key.as_bytes(), merchant.api_iv.as_bytes());
    let mode = cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?;
    let plain = mode.decrypt_padded_vec::<Pkcs7>(&cipher).ok()?;
    String::from_utf8(plain).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inicis::merchants::find;

    /// The pairs that the PG publishes for its test merchants.
    #[test]
    fn encrypted_fields_match_the_published_pairs() {
        for (mid, plain, encoded) in [
            ("INIpayTest", "123456789", "qwMHVJqsmXKoR+d8wQTS4g=="),
            ("INIpayTest", "11022233344455", "jq18tfTOwTXA1RYO5hc+rQ=="),
            (
                "INIpayTest",
                "4111111111111111",
                "62v5dS5dqW6Y5fntAItKpQ4SOdoV3NilAQEmx5bLboc=",
            ),
            (
                "INIBillTst",
                "4111111111111111",
                "SS/AEA7onevep2jndK44QkHntiLSDQgZacpkAc96mXE=",
            ),
            ("INIpayTest", "01012345678", "d/9xiZ/mtVPXWv2RalFeHA=="),
        ] {
            assert_eq!(decrypt(find(mid).unwrap(), encoded).as_deref(), Some(plain));
        }
    }

    #[test]
    fn what_is_not_encrypted_is_not_decrypted() {
        let merchant = find("INIpayTest").unwrap();
        for encoded in [
            "",
            "4111111111111111",
            "!!",
            "SS/AEA7onevep2jndK44QkHntiLSDQgZacpkAc96mXE=",
        ] {
            assert_eq!(decrypt(merchant, encoded), None, "{encoded}");
        }
    }
}
