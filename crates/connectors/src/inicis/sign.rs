//! Signatures and encryption of the INIAPI, versions 1 and 2.
//!
//! Knows bytes only, no operation. The tests hold the PG's published pair and vectors computed
//! from the manual's rules. Confidence: manual, and eight independent integrations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use sha2::{Digest as _, Sha512};

use crate::hash::{hex, sha256};

/// `hashData` of version 1: SHA-512 of the INIAPI key and the signed values, one after another,
/// as lower-case hex. An encrypted value is signed as its Base64 text, before URL encoding.
pub(super) fn hash_v1(key: &str, parts: &[&str]) -> String {
    let mut hash = Sha512::new();
    hash.update(key);
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// `hashData` of version 2: SHA-512 of key, merchant id, type, time stamp and the JSON text of
/// `data`, without its backslashes: the manual's sample code strips them all. `clientIp` is not
/// signed.
pub(super) fn hash_v2(key: &str, [mid, kind, timestamp]: [&str; 3], data_json: &str) -> String {
    hash_v1(key, &[mid, kind, timestamp, &data_json.replace('\\', "")])
}

/// The windows' hash for computers: SHA-256 of the named values, sorted by name, as lower-case hex.
pub(super) fn hash_pairs(pairs: &[(&str, &str)]) -> String {
    let mut sorted = pairs.to_vec();
    sorted.sort_unstable();
    let joined: Vec<String> = sorted
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    sha256(&joined.join("&"))
}

/// The windows' hash for phones (`P_CHKFAKE`): SHA-512 of amount, order id, time stamp and hash
/// key, one after another, in Base64.
pub(super) fn check_fake([amount, order_id, timestamp]: [&str; 3], hash_key: &str) -> String {
    let mut hash = Sha512::new();
    for part in [amount, order_id, timestamp, hash_key] {
        hash.update(part);
    }
    STANDARD.encode(hash.finalize())
}

/// A field marked `[ENC]`: AES-128-CBC with PKCS#7, in Base64. Key and IV are the 16 ASCII
/// characters as they stand: the IV looks like Base64 but is not decoded.
pub(super) fn encrypt(key: &[u8; 16], iv: &[u8; 16], plain: &str) -> String {
    let cipher = cbc::Encryptor::<aes::Aes128>::new(key.into(), iv.into());
    STANDARD.encode(cipher.encrypt_padded_vec::<Pkcs7>(plain.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ItEQKi3rY7uvDS8l";
    const IV: &[u8; 16] = b"HYb3yQ4f65QL89==";
    const BILLING_KEY: &str = "rKnPljRn5m6J9Mzz";
    const BILLING_IV: &[u8; 16] = b"W2KLNKra6Wxc1P==";
    const AT: &str = "20260101090000";
    const IP: &str = "192.0.2.10";
    const MID: &str = "INIpayTest";
    const BILLING_MID: &str = "INIBillTst";
    const OID: &str = "order-20260101-0001";
    const CARD_TID: &str = "StdpayCARDINIpayTest20260101090100123456";
    const ACCOUNT_TID: &str = "StdpayVBNKINIpayTest20260101090100123456";

    fn bytes(text: &str) -> &[u8; 16] {
        text.as_bytes().try_into().unwrap()
    }

    #[test]
    fn the_windows_hashes_give_the_known_texts() {
        const SIGN_KEY: &str = "SU5JTElURV9UUklQTEVERVNfS0VZU1RS";
        let (price, at) = ("1000", "1767225600000");
        assert_eq!(
            sha256(SIGN_KEY),
            "3a9503069192f207491d4b19bd743fc249a761ed94246c8c42fed06c3cd15a33"
        );
        assert_eq!(
            hash_pairs(&[("oid", OID), ("price", price), ("timestamp", at)]),
            "c0bfbadadb7c26d6349aebf640dd52a07e70e73eb0cfad148c7102048e237a14"
        );
        let pairs = [
            ("timestamp", at),
            ("signKey", SIGN_KEY),
            ("price", price),
            ("oid", OID),
        ];
        assert_eq!(
            hash_pairs(&pairs),
            "2bb13b735314d9bad36c70e27b866d398d43f2c61b115a24fd549e3aacc3b4a6"
        );
        let (token, at) = ("AUTHTOKEN/abc+123==", "1767225660001");
        assert_eq!(
            hash_pairs(&[("authToken", token), ("timestamp", at)]),
            "e0cea35e28afbffccbbd86dc6dda20f5b693967d2a9f4dbb5f632d05d50a988a"
        );
        assert_eq!(
            hash_pairs(&[
                ("authToken", token),
                ("timestamp", at),
                ("signKey", SIGN_KEY)
            ]),
            "842114117274dcd18b357d5517446b86b5853433c00c7cdd394a33858c8242fb"
        );
        assert_eq!(
            check_fake(
                [price, OID, "1767225600000"],
                "3CB8183A4BE283555ACC8363C0360223"
            ),
            "he8k1nhUy4WggQfpMWksa/v+wi8GDRCcEM4Tg/sml8NAd0C+Qfytp0KS31PjgET6SkabRfj08NuKvJsH/dcKH\
             Q=="
        );
    }

    #[test]
    fn encryption_gives_the_known_texts() {
        for (plain, key, iv, cipher) in [
            ("123456789", KEY, IV, "qwMHVJqsmXKoR+d8wQTS4g=="),
            ("11022233344455", KEY, IV, "jq18tfTOwTXA1RYO5hc+rQ=="),
            (
                "4111111111111111",
                KEY,
                IV,
                "62v5dS5dqW6Y5fntAItKpQ4SOdoV3NilAQEmx5bLboc=",
            ),
            (
                "4111111111111111",
                BILLING_KEY,
                BILLING_IV,
                "SS/AEA7onevep2jndK44QkHntiLSDQgZacpkAc96mXE=",
            ),
            ("01012345678", KEY, IV, "d/9xiZ/mtVPXWv2RalFeHA=="),
        ] {
            assert_eq!(encrypt(bytes(key), iv, plain), cipher);
        }
    }

    #[test]
    fn version_1_signatures_of_refunds() {
        let account = encrypt(bytes(KEY), IV, "11022233344455");
        for (parts, hash) in [
            (
                &["Refund", "Card", AT, IP, MID, CARD_TID][..],
                "5722245e14c4eb35007562624e6b71eb3e6fe37e49f512fac24d01ac458352e3c5b5a20d27fcbcfb\
                 8c82ea3512fd467a83e7d8a9007a9ec80fdf46325e6ad008",
            ),
            (
                &["PartialRefund", "Card", AT, IP, MID, CARD_TID, "300", "700"],
                "dbf9c907230c1f59ec67507b10ff860ddb6544bae044303aa8e9502ea19b58f44bcab971981e2869\
                 2688316d7706890f9ca89525ee4e8a78136bba4ab68ca29e",
            ),
            (
                &["Refund", "Vacct", AT, IP, MID, ACCOUNT_TID, &account],
                "fdd6f68d95eb489156a38dea315ce8f083db8761da5e0cd8b3e94ebda8886e43304b8401264cc998\
                 0194c12c5edc254de57bd3794ec8aa0c6935eeeaf57cb05b",
            ),
            (
                &[
                    "PartialRefund",
                    "Vacct",
                    AT,
                    IP,
                    MID,
                    ACCOUNT_TID,
                    "300",
                    "700",
                    &account,
                ],
                "06a89600533d5bcba4d4bbf8a5d185e1716e71ae6d2b69f2cbdfcb724ab452cf68b29f9c84539339\
                 c1e40ab2d2d2b5c5ede8a3f578edfb3057e23c6853b1cecb",
            ),
        ] {
            assert_eq!(hash_v1(KEY, parts), hash);
        }
    }

    #[test]
    fn version_1_signatures_of_payments() {
        let card = encrypt(bytes(KEY), IV, "4111111111111111");
        let identity = encrypt(bytes(KEY), IV, "01012345678");
        for (parts, hash) in [
            (
                &["Pay", "Card", AT, IP, MID, OID, "1000", &card][..],
                "44a942ef646102870faf0d1041e485143eef74d685bc34c6bc71b7c3c0005ecdcc07e340ea0f11fc\
                 00cccffb1c1f4b87566d7a1acad654972bfe947dc5cfed5a",
            ),
            (
                &["Pay", "Vacct", AT, IP, MID, OID, "1000"],
                "2e4fc3b2174e63d80e409953c57fe23b9485baf0aa0372e958960b207a0c1ee079068d63724b8f2e\
                 d07a96648f435b5400bc01bfea9b5fe78f7924a80e32129a",
            ),
            (
                &[
                    "Issue", "Receipt", AT, IP, MID, "1000", "909", "0", &identity,
                ],
                "0ebe30ef312cc13634df155ea61eb3f7d8e240fac2446d113f9d9e053a00efc72d2511427537384f\
                 1dba6b43231352302d44d57f5a3e688014d2b2d0a8bba366",
            ),
            (
                &["Extra", "Inquiry", AT, IP, MID],
                "42fbbb505bf7027901a0d6217c1f04b743e3e8aac2dad719c74367d2087fa0da93429b0a680cd3fe\
                 ea01e44a97f900d45fdeb066b89639ddb874b0d8fc7c6739",
            ),
        ] {
            assert_eq!(hash_v1(KEY, parts), hash);
        }
    }

    #[test]
    fn version_1_signatures_of_billing() {
        let card = encrypt(bytes(BILLING_KEY), BILLING_IV, "4111111111111111");
        let bill_key = "b1ll0123456789abcdef0123456789abcdef0123";
        for (parts, hash) in [
            (
                &[
                    "Auth",
                    "Card",
                    AT,
                    IP,
                    BILLING_MID,
                    "issue-0001",
                    "0",
                    &card,
                ][..],
                "03c4a8a7b34348316c76238854a6a1b8194c1d4b5838c3df58caac237cc4dd61fd7f6573d07e28ab\
                 719272261329404ff1b5f9af8987190bed3db7cbd5dd699b",
            ),
            (
                &[
                    "Billing",
                    "Card",
                    AT,
                    IP,
                    BILLING_MID,
                    OID,
                    "1000",
                    bill_key,
                ],
                "be638cc4de716d48f5957fb22fab981a700d610d00305018bc3a5a51cf60e6591387e9ede8adaf90\
                 f452d666f9c4a3be734604750b573ac7b61c7544d1744beb",
            ),
        ] {
            assert_eq!(hash_v1(BILLING_KEY, parts), hash);
        }
    }

    #[test]
    fn version_1_signatures_of_escrow() {
        let (mid, key) = ("iniescrow0", "yERbIlJ3NhTeObsA");
        let tid = "StdpayVBNKiniescrow020260101090100123456";
        assert_eq!(
            hash_v1(key, &["Dlv", AT, IP, mid, OID, tid, "1000"]),
            "b95caa773accc1c175386ab6466066fbc47b6c5386576e2312a96eb86d129a3478449c2ffeeb4705e3e2\
             eef9d57c683820a707310328861275bce116775e5e92"
        );
        assert_eq!(
            hash_v1(key, &["Dncf", AT, IP, mid, tid]),
            "c68f4fbfb77b826e18e9f480bb53096e663a5a06ad25dd23e51e586c83c1f3b8c55a92dd6c51cd18b699\
             9813708e47771f8f59789a2c0baa07b500afe0021c3e"
        );
    }

    #[test]
    fn version_2_signatures() {
        let billing = concat!(
            r#"{"url":"shop.example.com","moid":"order-20260101-0001","goodName":"정기결제","#,
            r#""buyerName":"홍길동","buyerEmail":"buyer@example.com","buyerTel":"01012345678","#,
            r#""price":"1000","billKey":"b1ll0123456789abcdef0123456789abcdef0123","#,
            r#""authentification":"00","cardQuota":"00","quotaInterest":"0"}"#
        );
        let refund = format!(r#"{{"tid":"{CARD_TID}","msg":"고객 요청"}}"#);
        let partial = [
            &refund.replace("고객 요청\"}", "부분 취소\""),
            r#","price":"300","confirmPrice":"700","currency":"WON","tax":"0","taxFree":"0"}"#,
        ]
        .concat();
        let inquiry = format!(r#"{{"tid":"{CARD_TID}"}}"#);
        for (key, mid, kind, data, hash) in [
            (
                KEY,
                MID,
                "refund",
                refund.as_str(),
                "8e2357b6a006c18ad0e423ea9436c7708353bde658380b2add245d5c9dbb4aa8e600cdfe8e9444d6\
                 3f1d30a5e1c008e3d671fcdd3edde3503e1e8c834ffbc07f",
            ),
            (
                KEY,
                MID,
                "partialRefund",
                &partial,
                "dadee4d7962e5e328c72c7af7d10ea53fcf1cb170ff0fdbb81f5cd5e7512aa927bfd41cee30edb1c\
                 7362e9ca6d5cc8d704aedc82d01c4b0189dc777d82ed3a00",
            ),
            (
                KEY,
                MID,
                "inquiry",
                &inquiry,
                "9f34f339dc7ff8d1efe98e7b054d24745c32b80d5952fc022c233acbf57d7e175b6cc0d265c512a9\
                 de08438f41eb6fc15f04bdf910630822bd504d2742bd3ffa",
            ),
            (
                BILLING_KEY,
                BILLING_MID,
                "billing",
                billing,
                "883dc1e91797e0bd1fec670d05e4f6f9392973db5862a9cf8bb6beb355a41b0c511db7171507b95b\
                 1aefc7603fd1958c7f7bed05f8bdde47956a07bcbc3356ba",
            ),
        ] {
            assert_eq!(hash_v2(key, [mid, kind, AT], data), hash, "{kind}");
        }
    }

    #[test]
    fn version_2_signs_the_text_without_its_backslashes() {
        let ids = [MID, "refund", AT];
        assert_eq!(
            hash_v2(KEY, ids, r#"{"msg":"a\/b"}"#),
            hash_v2(KEY, ids, r#"{"msg":"a/b"}"#)
        );
    }
}
