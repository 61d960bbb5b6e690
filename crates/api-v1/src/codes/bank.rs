//! Banks and securities houses.

use super::Code;

/// Code, name, and the contract's name on V2, where it has one.
const BANKS: [(&str, &str, Option<&str>); 83] = [
    ("001", "한국은행", Some("BANK_OF_KOREA")),
    ("002", "산업은행", Some("KDB")),
    ("003", "기업은행", Some("IBK")),
    ("004", "국민은행", Some("KOOKMIN")),
    ("005", "외환은행", None),
    ("007", "수협중앙회", Some("SUHYUP")),
    ("008", "수출입은행", Some("KEXIM")),
    ("011", "농협은행", Some("NONGHYUP")),
    ("012", "지역농·축협", Some("LOCAL_NONGHYUP")),
    ("020", "우리은행", Some("WOORI")),
    ("023", "SC은행", Some("STANDARD_CHARTERED")),
    ("027", "한국씨티은행", Some("CITI")),
    ("031", "대구은행", Some("DAEGU")),
    ("032", "부산은행", Some("BUSAN")),
    ("034", "광주은행", Some("KWANGJU")),
    ("035", "제주은행", Some("JEJU")),
    ("037", "전북은행", Some("JEONBUK")),
    ("039", "경남은행", Some("KYONGNAM")),
    ("045", "새마을금고중앙회", Some("KFCC")),
    ("048", "신협중앙회", Some("SHINHYUP")),
    ("050", "상호저축은행", Some("SAVINGS_BANK")),
    ("052", "모건스탠리은행", Some("MORGAN_STANLEY")),
    ("054", "HSBC은행", Some("HSBC")),
    ("055", "도이치은행", Some("DEUTSCHE")),
    ("056", "알비에스피엘씨은행", None),
    ("057", "제이피모간체이스은행", Some("JPMC")),
    ("058", "미즈호은행", Some("MIZUHO")),
    ("059", "미쓰비시도쿄UFJ은행", Some("MUFG")),
    ("060", "BOA은행", Some("BANK_OF_AMERICA")),
    ("061", "비엔피파리바은행", Some("BNP_PARIBAS")),
    ("062", "중국공상은행", Some("ICBC")),
    ("063", "중국은행", Some("BANK_OF_CHINA")),
    ("064", "산림조합중앙회", Some("NFCF")),
    ("065", "대화은행", Some("UOB")),
    ("066", "교통은행", Some("BOCOM")),
    ("071", "우체국", Some("POST")),
    ("076", "신용보증기금", Some("KODIT")),
    ("077", "기술보증기금", Some("KIBO")),
    ("081", "KEB하나은행", Some("HANA")),
    ("088", "신한은행", Some("SHINHAN")),
    ("089", "케이뱅크", Some("K_BANK")),
    ("090", "카카오뱅크", Some("KAKAO")),
    ("092", "토스뱅크", Some("TOSS")),
    ("093", "한국주택금융공사", None),
    ("094", "서울보증보험", Some("SGI")),
    ("095", "경찰청", None),
    ("096", "한국전자금융", None),
    ("099", "금융결제원", None),
    ("209", "유안타증권", Some("YUANTA_SECURITIES")),
    ("218", "현대증권", Some("KB_SECURITIES")),
    ("221", "골든브릿지투자증권", Some("SANGSANGIN_SECURITIES")),
    ("222", "한양증권", Some("HANYANG_SECURITIES")),
    ("223", "리딩투자증권", Some("LEADING_SECURITIES")),
    ("224", "BNK투자증권", Some("BNK_SECURITIES")),
    ("225", "IBK투자증권", Some("IBK_SECURITIES")),
    ("226", "KB투자증권", None),
    ("227", "KTB투자증권", Some("DAOL_SECURITIES")),
    ("230", "미래에셋증권", None),
    ("238", "대우증권", Some("MIRAE_ASSET_SECURITIES")),
    ("240", "삼성증권", Some("SAMSUNG_SECURITIES")),
    ("243", "한국투자증권", Some("KOREA_SECURITIES")),
    ("247", "우리투자증권", Some("NH_SECURITIES")),
    ("261", "교보증권", Some("KYOBO_SECURITIES")),
    ("262", "하이투자증권", Some("HI_SECURITIES")),
    ("263", "HMC투자증권", Some("HYUNDAI_MOTOR_SECURITIES")),
    ("264", "키움증권", Some("KIWOOM_SECURITIES")),
    ("265", "이베스트투자증권", Some("EBEST_SECURITIES")),
    ("266", "SK증권", Some("SK_SECURITIES")),
    ("267", "대신증권", Some("DAISHIN_SECURITIES")),
    ("268", "솔로몬투자증권", None),
    ("269", "한화투자증권", Some("HANHWA_SECURITIES")),
    ("270", "하나대투증권", Some("HANA_SECURITIES")),
    ("278", "신한금융투자", Some("SHINHAN_SECURITIES")),
    ("279", "동부증권", Some("DB_SECURITIES")),
    ("280", "유진투자증권", Some("EUGENE_SECURITIES")),
    ("287", "메리츠종금증권", Some("MERITZ_SECURITIES")),
    ("289", "NH투자증권", None),
    ("290", "부국증권", Some("BOOKOOK_SECURITIES")),
    ("291", "신영증권", Some("SHINYOUNG_SECURITIES")),
    ("292", "엘아이지투자증권", Some("CAPE_SECURITIES")),
    ("293", "한국증권금융", Some("KOREA_SECURITIES_FINANCE")),
    ("294", "펀드온라인코리아", Some("KOREA_FOSS_SECURITIES")),
    ("295", "우리종합금융", Some("WOORI_INVESTMENT_BANK")),
];

/// Every bank, by code.
pub(crate) fn all() -> Vec<Code> {
    BANKS
        .iter()
        .map(|(code, name, _)| Code { code, name })
        .collect()
}

/// The bank of a code.
pub(crate) fn by_code(code: &str) -> Option<Code> {
    all().into_iter().find(|one| one.code == code)
}

/// The code of a bank as V2 names it.
pub(crate) fn of_v2(name: &str) -> Option<Code> {
    let found = BANKS.iter().find(|(_, _, v2)| *v2 == Some(name));
    found.map(|(code, name, _)| Code { code, name })
}

/// What V2 calls a bank: by its three digits, the last two of them, or those behind `BK`, since
/// each PG had a spelling of its own.
pub(crate) fn to_v2(code: &str) -> Option<&'static str> {
    let digits = code.trim();
    let digits = digits.strip_prefix("BK").unwrap_or(digits);
    let standard = match digits.len() {
        2 => format!("0{digits}"),
        _ => digits.to_owned(),
    };
    // What became of banks that were merged.
    let standard = match standard.as_str() {
        "005" => "081",
        other => other,
    };
    let found = BANKS.iter().find(|(code, _, _)| *code == standard);
    found.and_then(|(_, _, v2)| *v2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bank_is_known_in_every_spelling() {
        for code in ["088", "88", "BK88", " 088 "] {
            assert_eq!(to_v2(code), Some("SHINHAN"), "{code}");
        }
        assert_eq!(to_v2("005"), Some("HANA"));
        assert_eq!(to_v2("999"), None);
        assert_eq!(of_v2("SHINHAN").map(|bank| bank.code), Some("088"));
    }

    #[test]
    fn codes_ascend() {
        let codes: Vec<&str> = all().iter().map(|bank| bank.code).collect();
        assert!(codes.is_sorted());
    }
}
