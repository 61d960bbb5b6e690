//! Bank codes of KG Inicis and the names it writes beside them.
//!
//! One table for virtual accounts and refund accounts, modern codes plus the older ones that
//! are still in use. Names are what a bank calls itself.

const BANKS: [(&str, &str); 34] = [
    ("02", "산업은행"),
    ("03", "기업은행"),
    ("04", "국민은행"),
    ("05", "하나은행"),
    ("06", "국민은행"),
    ("07", "수협은행"),
    ("11", "농협은행"),
    ("12", "지역농축협"),
    ("20", "우리은행"),
    ("23", "SC제일은행"),
    ("26", "신한은행"),
    ("27", "한국씨티은행"),
    ("31", "대구은행"),
    ("32", "부산은행"),
    ("34", "광주은행"),
    ("35", "제주은행"),
    ("37", "전북은행"),
    ("39", "경남은행"),
    ("45", "새마을금고"),
    ("48", "신협"),
    ("50", "저축은행"),
    ("53", "한국씨티은행"),
    ("54", "HSBC은행"),
    ("55", "도이치은행"),
    ("57", "JP모간체이스은행"),
    ("59", "MUFG은행"),
    ("60", "BOA은행"),
    ("64", "산림조합"),
    ("71", "우체국"),
    ("81", "하나은행"),
    ("88", "신한은행"),
    ("89", "케이뱅크"),
    ("90", "카카오뱅크"),
    ("92", "토스뱅크"),
];

/// The name of a bank, or `None` if the code is unknown.
pub(crate) fn name(code: &str) -> Option<&'static str> {
    BANKS
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, name)| *name)
}

/// The name of a card company by its code in results.
pub(crate) fn card_company(code: &str) -> &'static str {
    match code {
        "03" => "롯데카드",
        "04" => "현대카드",
        "06" => "국민카드",
        "11" => "BC카드",
        "12" => "삼성카드",
        "14" => "신한카드",
        "16" => "NH카드",
        "17" => "하나카드",
        _ => "카드",
    }
}
