//! The windows' code tables: methods, card companies in requests, easy-pay providers, gift
//! certificates, carriers. The texts on our side are the V2 contract's.
//!
//! Card companies have other codes here than in results (`codes`). Confidence: the manual and two
//! or more integrations, unless a table says otherwise; the contract's side by name.

/// A card company: its code, and whether its window is a card company's own (`onlyacard`) or the
/// common one (`onlyvcard`).
struct Company {
    name: &'static str,
    code: &'static str,
    is_own: bool,
}

const fn own(name: &'static str, code: &'static str) -> Company {
    Company {
        name,
        code,
        is_own: true,
    }
}

const fn common(name: &'static str, code: &'static str) -> Company {
    Company {
        name,
        code,
        is_own: false,
    }
}

const COMPANIES: [Company; 21] = [
    own("LOTTE_CARD", "03"),
    own("HYUNDAI_CARD", "04"),
    common("KOOKMIN_CARD", "06"),
    common("BC_CARD", "11"),
    own("SAMSUNG_CARD", "12"),
    own("SHINHAN_CARD", "14"),
    common("GWANGJU_CARD", "32"),
    common("JEONBUK_CARD", "33"),
    own("HANA_CARD", "34"),
    common("KOREA_DEVELOPMENT_BANK", "35"),
    own("NH_CARD", "41"),
    own("CITI_CARD", "43"),
    common("WOORI_CARD", "44"),
    common("SHINHYUP", "48"),
    common("SUHYUP_CARD", "51"),
    common("JEJU_CARD", "52"),
    common("KFCC", "54"),
    common("K_BANK", "55"),
    common("KAKAO_BANK", "56"),
    common("EPOST", "71"),
    common("SAVINGS_BANK_KOREA", "95"),
];

/// The code of a card company in requests.
pub(super) fn company(name: &str) -> Option<&'static str> {
    let found = COMPANIES.iter().find(|company| company.name == name);
    found.map(|company| company.code)
}

/// The `gopaymethod` of a card company's window.
pub(super) fn direct_card(name: &str) -> Option<(&'static str, &'static str)> {
    let found = COMPANIES.iter().find(|company| company.name == name)?;
    let method = if found.is_own {
        "onlyacard"
    } else {
        "onlyvcard"
    };
    Some((method, found.code))
}

/// An easy-pay provider: the contract's name, `gopaymethod` for computers, the option for phones.
struct Provider {
    name: &'static str,
    pc: &'static str,
    mobile: &'static str,
}

const fn provider(name: &'static str, pc: &'static str, mobile: &'static str) -> Provider {
    Provider { name, pc, mobile }
}

/// The options of phones but for Kakao Pay, Samsung Pay and L.Pay are confirmed by small
/// integrations only.
const PROVIDERS: [Provider; 8] = [
    provider("KAKAOPAY", "onlykakaopay", "d_kakaopay=Y"),
    provider("NAVERPAY", "onlynaverpay", "d_npay=Y"),
    provider("SAMSUNGPAY", "onlyssp", "d_samsungpay=Y"),
    provider("SSGPAY", "onlyssgcard", "d_ssgpay=Y"),
    provider("APPLEPAY", "onlyapplepay", "d_applepay=Y"),
    provider("LPAY", "onlylpay", "d_lpay=Y"),
    provider("TOSSPAY", "onlytosspay", "d_tosspay=Y"),
    provider("PAYCO", "onlypayco", "d_payco=Y"),
];

/// What opens an easy-pay provider at once: on a computer, and on a phone.
pub(super) fn direct_easy_pay(name: &str) -> Option<[&'static str; 2]> {
    let found = PROVIDERS.iter().find(|provider| provider.name == name)?;
    Some([found.pc, found.mobile])
}

/// The providers that a window can be opened for.
pub(super) fn easy_pay_names() -> String {
    PROVIDERS.map(|provider| provider.name).join(", ")
}

/// The letter of an easy-pay provider in results (`CARD_SrcCode`, `P_SRC_CODE`). Apple Pay's is not
/// known.
pub(super) fn easy_pay_of(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "O" => "KAKAOPAY",
        "I" => "NAVERPAY",
        "H" => "TOSSPAY",
        "B" | "D" => "SAMSUNGPAY",
        "G" => "SSGPAY",
        "L" => "LPAY",
        "C" => "PAYCO",
        "A" => "KPAY",
        "P" => "PINPAY",
        "R" => "CHAI",
        "U" => "TMONEY",
        _ => return None,
    })
}

/// Card codes of results that are no card but money kept at a provider, and whose.
pub(super) fn wallet_of(card_code: &str) -> Option<&'static str> {
    Some(match card_code {
        "91" => "NAVERPAY",
        "93" => "TOSSPAY",
        "94" => "SSGPAY",
        "96" => "LPAY",
        "97" => "KAKAOPAY",
        "98" => "PAYCO",
        _ => return None,
    })
}

/// A gift certificate: `gopaymethod` for computers, `P_INI_PAYMENT` for phones. That of book gift
/// certificates on phones is inferred.
pub(super) fn gift_certificate(name: &str) -> Option<[&'static str; 2]> {
    Some(match name {
        "CULTURELAND" => ["Culture", "CULTURE"],
        "SMART_MUNSANG" => ["DGCL", "DGCL"],
        "BOOKNLIFE" => ["Bcsh", "BCSH"],
        "HAPPYMONEY" => ["HPMN", "HPMN"],
        _ => return None,
    })
}

/// All of them on a computer: the customer picks.
pub(super) const ANY_GIFT_CERTIFICATE: &str = "Culture:DGCL:Bcsh:HPMN";

/// Whose gift certificate a result is about.
pub(super) fn gift_certificate_of(method: &str) -> Option<&'static str> {
    Some(match method.to_ascii_uppercase().as_str() {
        "CULTURE" => "CULTURELAND",
        "DGCL" => "SMART_MUNSANG",
        "BCSH" | "BOOKCASH" => "BOOKNLIFE",
        "HPMN" => "HAPPYMONEY",
        _ => return None,
    })
}

/// A carrier in the list of those offered. By name.
pub(super) fn carrier(name: &str) -> Option<&'static str> {
    Some(match name {
        "SKT" => "SKT",
        "KT" => "KTF",
        "LGU" => "LGT",
        "HELLO" => "CJH",
        "KCT" => "KCT",
        "SK7" => "SKL",
        _ => return None,
    })
}
