//! The published signature vectors, sent through the readers that verify them.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeEncrypt as _, KeyIvInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderValue, header};

use super::commands::{Command, Request};
use super::run::Refused;
use super::v1::Resource;
use super::v2::Path;
use super::{merchants, v1, v2};

const CARD_TID: &str = "StdpayCARDINIpayTest20260101090100123456";
const ACCOUNT_TID: &str = "StdpayVBNKINIpayTest20260101090100123456";
const CARD: &str = "62v5dS5dqW6Y5fntAItKpQ4SOdoV3NilAQEmx5bLboc=";
const BILLING_CARD: &str = "SS/AEA7onevep2jndK44QkHntiLSDQgZacpkAc96mXE=";
const ACCOUNT: &str = "jq18tfTOwTXA1RYO5hc+rQ==";
const RECEIPT_ID: &str = "d/9xiZ/mtVPXWv2RalFeHA==";
const BILL_KEY: &str = "b1ll0123456789abcdef0123456789abcdef0123";

type Pairs<'a> = &'a [(&'a str, &'a str)];

/// Resource, `type`, `paymethod`, MID, further fields, hash.
type Vector<'a> = (Resource, [&'a str; 3], Pairs<'a>, &'a str);

fn encrypted(mid: &str, plain: &str) -> String {
    let merchant = merchants::find(mid).unwrap();
    let (key, iv) = (merchant.api_key.as_bytes(), merchant.api_iv.as_bytes());
    let mode = cbc::Encryptor::<aes::Aes128>::new_from_slices(key, iv).unwrap();
    STANDARD.encode(mode.encrypt_padded_vec::<Pkcs7>(plain.as_bytes()))
}

fn typed(content_type: &'static str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers
}

fn read_v1(vector: &Vector<'_>, hash: &str) -> Result<Request, Refused> {
    let (resource, [kind, method, mid], further, _) = vector;
    let expiry = encrypted(mid, "3012");
    let mut fields = vec![
        ("type", *kind),
        ("paymethod", method),
        ("timestamp", "20260101090000"),
        ("clientIp", "192.0.2.10"),
        ("mid", mid),
        ("hashData", hash),
        ("msg", "고객 요청"),
        ("url", "shop.example.com"),
        ("goodName", "정기결제"),
        ("buyerName", "홍길동"),
        ("buyerEmail", "buyer@example.com"),
        ("buyerTel", "01012345678"),
        ("currency", "WON"),
        ("authentification", "00"),
        ("cardExpire", &expiry),
        ("bankCode", "20"),
        ("dtInput", "20300101"),
        ("nmInput", "나루"),
        ("refundBankCode", "20"),
        ("refundAcctName", "홍길동"),
    ];
    fields.extend_from_slice(further);
    let body = serde_html_form::to_string(&fields).unwrap();
    let headers = typed("application/x-www-form-urlencoded; charset=utf-8");
    v1::read(*resource, &headers, body.as_bytes())
}

const V1: [Vector<'_>; 11] = [
    (
        Resource::Refund,
        ["Refund", "Card", "INIpayTest"],
        &[("tid", CARD_TID)],
        "5722245e14c4eb35007562624e6b71eb3e6fe37e49f512fac24d01ac458352e3\
         c5b5a20d27fcbcfb8c82ea3512fd467a83e7d8a9007a9ec80fdf46325e6ad008",
    ),
    (
        Resource::Refund,
        ["PartialRefund", "Card", "INIpayTest"],
        &[("tid", CARD_TID), ("price", "300"), ("confirmPrice", "700")],
        "dbf9c907230c1f59ec67507b10ff860ddb6544bae044303aa8e9502ea19b58f4\
         4bcab971981e28692688316d7706890f9ca89525ee4e8a78136bba4ab68ca29e",
    ),
    (
        Resource::Refund,
        ["Refund", "Vacct", "INIpayTest"],
        &[("tid", ACCOUNT_TID), ("refundAcctNum", ACCOUNT)],
        "fdd6f68d95eb489156a38dea315ce8f083db8761da5e0cd8b3e94ebda8886e43\
         304b8401264cc9980194c12c5edc254de57bd3794ec8aa0c6935eeeaf57cb05b",
    ),
    (
        Resource::Refund,
        ["PartialRefund", "Vacct", "INIpayTest"],
        &[
            ("tid", ACCOUNT_TID),
            ("price", "300"),
            ("confirmPrice", "700"),
            ("refundAcctNum", ACCOUNT),
        ],
        "06a89600533d5bcba4d4bbf8a5d185e1716e71ae6d2b69f2cbdfcb724ab452cf\
         68b29f9c84539339c1e40ab2d2d2b5c5ede8a3f578edfb3057e23c6853b1cecb",
    ),
    (
        Resource::FormPay,
        ["Pay", "Card", "INIpayTest"],
        &[
            ("moid", "order-20260101-0001"),
            ("price", "1000"),
            ("cardNumber", CARD),
        ],
        "44a942ef646102870faf0d1041e485143eef74d685bc34c6bc71b7c3c0005ecd\
         cc07e340ea0f11fc00cccffb1c1f4b87566d7a1acad654972bfe947dc5cfed5a",
    ),
    (
        Resource::FormPay,
        ["Pay", "Vacct", "INIpayTest"],
        &[("moid", "order-20260101-0001"), ("price", "1000")],
        "2e4fc3b2174e63d80e409953c57fe23b9485baf0aa0372e958960b207a0c1ee0\
         79068d63724b8f2ed07a96648f435b5400bc01bfea9b5fe78f7924a80e32129a",
    ),
    (
        Resource::Billing,
        ["Auth", "Card", "INIBillTst"],
        &[
            ("moid", "issue-0001"),
            ("price", "0"),
            ("cardNumber", BILLING_CARD),
        ],
        "03c4a8a7b34348316c76238854a6a1b8194c1d4b5838c3df58caac237cc4dd61\
         fd7f6573d07e28ab719272261329404ff1b5f9af8987190bed3db7cbd5dd699b",
    ),
    (
        Resource::Billing,
        ["Billing", "Card", "INIBillTst"],
        &[
            ("moid", "order-20260101-0001"),
            ("price", "1000"),
            ("billKey", BILL_KEY),
        ],
        "be638cc4de716d48f5957fb22fab981a700d610d00305018bc3a5a51cf60e659\
         1387e9ede8adaf90f452d666f9c4a3be734604750b573ac7b61c7544d1744beb",
    ),
    (
        Resource::Receipt,
        ["Issue", "Receipt", "INIpayTest"],
        &[
            ("crPrice", "1000"),
            ("supPrice", "909"),
            ("tax", "91"),
            ("srcvPrice", "0"),
            ("regNum", RECEIPT_ID),
            ("useOpt", "0"),
        ],
        "0ebe30ef312cc13634df155ea61eb3f7d8e240fac2446d113f9d9e053a00efc7\
         2d2511427537384f1dba6b43231352302d44d57f5a3e688014d2b2d0a8bba366",
    ),
    (
        Resource::Extra,
        ["Extra", "Inquiry", "INIpayTest"],
        &[("originalTid", CARD_TID)],
        "42fbbb505bf7027901a0d6217c1f04b743e3e8aac2dad719c74367d2087fa0da\
         93429b0a680cd3feea01e44a97f900d45fdeb066b89639ddb874b0d8fc7c6739",
    ),
    // Not the order of the fields but their values are hashed: the order id is not in this one.
    (
        Resource::Extra,
        ["Extra", "Inquiry", "INIpayTest"],
        &[("oid", "order-20260101-0001")],
        "42fbbb505bf7027901a0d6217c1f04b743e3e8aac2dad719c74367d2087fa0da\
         93429b0a680cd3feea01e44a97f900d45fdeb066b89639ddb874b0d8fc7c6739",
    ),
];

#[test]
fn v1_hashes_match_the_published_vectors() {
    for vector in &V1 {
        let (_, operation, _, hash) = vector;
        let read = read_v1(vector, hash);
        assert!(
            read.is_ok(),
            "{operation:?}: {:?}",
            read.err().map(|r| r.refusal)
        );
        let wrong = format!("{}0", &hash[..127]);
        let refused = read_v1(vector, &wrong).err().unwrap();
        assert!(refused.refusal.code.ends_with("632"), "{operation:?}");
        let refused = read_v1(vector, "").err().unwrap();
        assert!(refused.refusal.code.ends_with("633"), "{operation:?}");
    }
}

#[test]
fn a_card_number_does_not_outlive_its_reading() {
    let vector = &V1[4];
    let request = read_v1(vector, vector.3).ok().unwrap();
    let Command::PayCard { card, .. } = request.command else {
        panic!("not a card payment");
    };
    assert!(!format!("{card:?}").contains("4111111111111111"));
}

/// Path, MID, `type`, `data`, hash.
const V2: [(Path, &str, &str, &str, &str); 4] = [
    (
        Path::Refund,
        "INIpayTest",
        "refund",
        r#"{"tid":"StdpayCARDINIpayTest20260101090100123456","msg":"고객 요청"}"#,
        "8e2357b6a006c18ad0e423ea9436c7708353bde658380b2add245d5c9dbb4aa8\
         e600cdfe8e9444d63f1d30a5e1c008e3d671fcdd3edde3503e1e8c834ffbc07f",
    ),
    (
        Path::PartialRefund,
        "INIpayTest",
        "partialRefund",
        concat!(
            r#"{"tid":"StdpayCARDINIpayTest20260101090100123456","msg":"부분 취소","price":"300","#,
            r#""confirmPrice":"700","currency":"WON","tax":"0","taxFree":"0"}"#
        ),
        "dadee4d7962e5e328c72c7af7d10ea53fcf1cb170ff0fdbb81f5cd5e7512aa92\
         7bfd41cee30edb1c7362e9ca6d5cc8d704aedc82d01c4b0189dc777d82ed3a00",
    ),
    (
        Path::Inquiry,
        "INIpayTest",
        "inquiry",
        r#"{"tid":"StdpayCARDINIpayTest20260101090100123456"}"#,
        "9f34f339dc7ff8d1efe98e7b054d24745c32b80d5952fc022c233acbf57d7e17\
         5b6cc0d265c512a9de08438f41eb6fc15f04bdf910630822bd504d2742bd3ffa",
    ),
    (
        Path::Billing,
        "INIBillTst",
        "billing",
        concat!(
            r#"{"url":"shop.example.com","moid":"order-20260101-0001","goodName":"정기결제","#,
            r#""buyerName":"홍길동","buyerEmail":"buyer@example.com","buyerTel":"01012345678","#,
            r#""price":"1000","billKey":"b1ll0123456789abcdef0123456789abcdef0123","#,
            r#""authentification":"00","cardQuota":"00","quotaInterest":"0"}"#
        ),
        "883dc1e91797e0bd1fec670d05e4f6f9392973db5862a9cf8bb6beb355a41b0c\
         511db7171507b95b1aefc7603fd1958c7f7bed05f8bdde47956a07bcbc3356ba",
    ),
];

fn read_v2(path: Path, [mid, kind, data, hash]: [&str; 4]) -> Result<Request, Refused> {
    let body = format!(r#"{{"mid":"{mid}","type":"{kind}","timestamp":"20260101090000","#)
        + &format!(r#""clientIp":"192.0.2.10","data": {data} ,"hashData":"{hash}"}}"#);
    v2::read(
        path,
        &typed("application/json; charset=utf-8"),
        body.as_bytes(),
    )
}

#[test]
fn v2_hashes_match_the_published_vectors() {
    for (path, mid, kind, data, hash) in V2 {
        let read = read_v2(path, [mid, kind, data, hash]);
        assert!(read.is_ok(), "{kind}: {:?}", read.err().map(|r| r.refusal));
        // The text of `data` is hashed, not its meaning: a space more is another hash.
        let spaced = data.replacen(':', ": ", 1);
        let refused = read_v2(path, [mid, kind, &spaced, hash]).err().unwrap();
        assert!(refused.refusal.code.ends_with("632"), "{kind}");
        let refused = read_v2(path, [mid, kind, data, ""]).err().unwrap();
        assert!(refused.refusal.code.ends_with("633"), "{kind}");
    }
}

#[test]
fn v2_drops_backslashes_before_it_hashes() {
    let (path, mid, kind, data, hash) = V2[2];
    // `\/` and `/` are the same JSON; the reference code hashes the text without the backslash.
    let escaped = data
        .replacen("tid\":\"", "tid\":\"\\", 1)
        .replacen('S', "u0053", 1);
    let refused = read_v2(path, [mid, kind, &escaped, hash]).err().unwrap();
    assert!(refused.refusal.code.ends_with("632"));
    let with_slash = r#"{"oid":"a/b"}"#;
    let hash = super::crypto::sha512_hex(
        ["ItEQKi3rY7uvDS8l", mid, kind, "20260101090000", with_slash].map(str::as_bytes),
    );
    let escaped = r#"{"oid":"a\/b"}"#;
    assert!(read_v2(path, [mid, kind, escaped, &hash]).is_ok());
}
