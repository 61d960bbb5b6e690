//! Card companies.

use super::Code;

/// Code, name, and the contract's name on V2.
const COMPANIES: [(&str, &str, &str); 26] = [
    ("002", "KDB산업카드", "KOREA_DEVELOPMENT_BANK"),
    ("041", "우리카드", "WOORI_CARD"),
    ("045", "새마을금고카드", "KFCC"),
    ("048", "신협카드", "SHINHYUP"),
    ("071", "우체국카드", "EPOST"),
    ("089", "케이뱅크카드", "K_BANK"),
    ("090", "카카오뱅크카드", "KAKAO_BANK"),
    ("361", "BC카드", "BC_CARD"),
    ("364", "광주카드", "GWANGJU_CARD"),
    ("365", "삼성카드", "SAMSUNG_CARD"),
    ("366", "신한카드", "SHINHAN_CARD"),
    ("367", "현대카드", "HYUNDAI_CARD"),
    ("368", "롯데카드", "LOTTE_CARD"),
    ("369", "수협카드", "SUHYUP_CARD"),
    ("370", "씨티카드", "CITI_CARD"),
    ("371", "NH농협카드", "NH_CARD"),
    ("372", "전북카드", "JEONBUK_CARD"),
    ("373", "제주카드", "JEJU_CARD"),
    ("374", "하나SK카드", "HANA_CARD"),
    ("381", "KB국민카드", "KOOKMIN_CARD"),
    ("10001", "UnionPay", "UNIONPAY"),
    ("10002", "Diners", "DINERS"),
    ("10003", "Amex", "AMEX"),
    ("10004", "Mastercard", "MASTER"),
    ("10005", "Visa", "VISA"),
    ("10006", "JCB", "JCB"),
];

/// Every card company, by code.
pub(crate) fn all() -> Vec<Code> {
    let codes = COMPANIES.iter().map(|(code, name, _)| Code { code, name });
    codes.collect()
}

/// The card company of a code.
pub(crate) fn by_code(code: &str) -> Option<Code> {
    all().into_iter().find(|one| one.code == code)
}

/// The contract's name on V2.
pub(crate) fn to_v2(code: &str) -> Option<&'static str> {
    let found = COMPANIES.iter().find(|(own, ..)| *own == code);
    found.map(|(_, _, v2)| *v2)
}

/// The code of a card company, or of a foreign card's brand, as V2 names it.
pub(crate) fn of_v2(name: &str) -> Option<Code> {
    let found = COMPANIES.iter().find(|(_, _, v2)| *v2 == name);
    found.map(|(code, name, _)| Code { code, name })
}
