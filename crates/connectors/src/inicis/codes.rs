//! The PG's code tables, as data: card companies, banks, meanings of result codes.
//!
//! Texts on the other side are the V2 contract's enums. Invariant: a code that the tables don't
//! have reads as nothing, never as a guess (old names of merged banks that the contract has no
//! enum for are left out). Confidence: the codes from five integrations, the meanings of result
//! codes from the PG's error-code book, the contract's side by name.

/// A row of the card companies that appear in results (`cardCode`). Requests of the payment
/// window use another table.
struct CardCompany {
    code: &'static str,
    issuer: Option<&'static str>,
    brand: Option<&'static str>,
}

const fn local(code: &'static str, issuer: &'static str) -> CardCompany {
    CardCompany {
        code,
        issuer: Some(issuer),
        brand: Some("LOCAL"),
    }
}

const fn overseas(code: &'static str, brand: &'static str) -> CardCompany {
    CardCompany {
        code,
        issuer: None,
        brand: Some(brand),
    }
}

static CARD_COMPANIES: [CardCompany; 15] = [
    local("01", "HANA_CARD"),
    local("03", "LOTTE_CARD"),
    local("04", "HYUNDAI_CARD"),
    local("06", "KOOKMIN_CARD"),
    local("11", "BC_CARD"),
    local("12", "SAMSUNG_CARD"),
    local("14", "SHINHAN_CARD"),
    local("15", "CITI_CARD"),
    local("16", "NH_CARD"),
    local("17", "HANA_CARD"),
    overseas("21", "VISA"),
    overseas("22", "MASTER"),
    overseas("23", "JCB"),
    overseas("24", "AMEX"),
    overseas("25", "DINERS"),
];

/// Issuer and brand behind a result's card code.
pub(super) fn card_company(code: &str) -> (Option<String>, Option<String>) {
    let row = CARD_COMPANIES.iter().find(|row| row.code == code);
    row.map_or((None, None), |row| {
        (row.issuer.map(str::to_owned), row.brand.map(str::to_owned))
    })
}

/// CREDIT, DEBIT or GIFT behind `checkFlg`.
pub(super) fn card_kind(flag: &str) -> Option<String> {
    let kind = match flag {
        "0" => "CREDIT",
        "1" => "DEBIT",
        "2" => "GIFT",
        _ => return None,
    };
    Some(kind.to_owned())
}

/// PERSONAL or CORPORATE behind the windows' `CorpFlag`.
pub(super) fn card_owner(flag: &str) -> Option<String> {
    let owner = match flag {
        "0" => "PERSONAL",
        "1" => "CORPORATE",
        _ => return None,
    };
    Some(owner.to_owned())
}

/// Carriers by the contract's code. All others are `9999`, with the name beside it.
static COURIERS: [(&str, &str); 12] = [
    ("LOTTE", "hyundai"),
    ("LOGEN", "kgb"),
    ("POST", "EPOST"),
    ("CJ", "cjgls"),
    ("HANJIN", "hanjin"),
    ("DAESIN", "daesin"),
    ("CHUNIL", "chunil"),
    ("POST_REGISTERED", "registpost"),
    ("HAPDONG", "hdexp"),
    ("GS", "cvsnet"),
    ("ILYANG", "ilyang"),
    ("KYUNGDONG", "kdexp"),
];

/// The PG's code of a carrier, and the name that goes beside it.
pub(super) fn courier(company: &str) -> (&'static str, &str) {
    let row = COURIERS.iter().find(|(known, _)| *known == company);
    (row.map_or("9999", |(_, code)| code), company)
}

/// What a bank code can be used for when we send it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// To issue a virtual account, and to refund to.
    Issue,
    /// To refund to.
    Refund,
    /// Only read, since the bank was merged or has another code that is sent.
    Read,
}

/// Bank codes. Citi is sent as 27, as the contract's guide for this PG has it, and read as 53 too.
static BANKS: [(&str, &str, Use); 59] = [
    ("02", "KDB", Use::Issue),
    ("03", "IBK", Use::Issue),
    ("04", "KOOKMIN", Use::Issue),
    ("05", "HANA", Use::Read),
    ("06", "KOOKMIN", Use::Read),
    ("07", "SUHYUP", Use::Issue),
    ("11", "NONGHYUP", Use::Issue),
    ("12", "LOCAL_NONGHYUP", Use::Issue),
    ("16", "NONGHYUP", Use::Read),
    ("20", "WOORI", Use::Issue),
    ("21", "SHINHAN", Use::Read),
    ("23", "STANDARD_CHARTERED", Use::Issue),
    ("26", "SHINHAN", Use::Read),
    ("27", "CITI", Use::Issue),
    ("31", "DAEGU", Use::Issue),
    ("32", "BUSAN", Use::Issue),
    ("34", "KWANGJU", Use::Issue),
    ("35", "JEJU", Use::Refund),
    ("37", "JEONBUK", Use::Issue),
    ("39", "KYONGNAM", Use::Issue),
    ("45", "KFCC", Use::Issue),
    ("48", "SHINHYUP", Use::Issue),
    ("50", "SAVINGS_BANK", Use::Refund),
    ("53", "CITI", Use::Read),
    ("54", "HSBC", Use::Refund),
    ("55", "DEUTSCHE", Use::Refund),
    ("57", "JPMC", Use::Refund),
    ("59", "MUFG", Use::Refund),
    ("60", "BANK_OF_AMERICA", Use::Refund),
    ("64", "NFCF", Use::Refund),
    ("71", "POST", Use::Issue),
    ("81", "HANA", Use::Issue),
    ("88", "SHINHAN", Use::Issue),
    ("89", "K_BANK", Use::Issue),
    ("90", "KAKAO", Use::Issue),
    ("92", "TOSS", Use::Issue),
    ("D1", "YUANTA_SECURITIES", Use::Refund),
    ("D2", "KB_SECURITIES", Use::Refund),
    ("D3", "MIRAE_ASSET_SECURITIES", Use::Read),
    ("D4", "KOREA_SECURITIES", Use::Refund),
    ("D5", "NH_SECURITIES", Use::Refund),
    ("D6", "HI_SECURITIES", Use::Refund),
    ("D7", "HYUNDAI_MOTOR_SECURITIES", Use::Refund),
    ("D8", "SK_SECURITIES", Use::Refund),
    ("D9", "DAISHIN_SECURITIES", Use::Refund),
    ("DA", "HANA_SECURITIES", Use::Refund),
    ("DB", "SHINHAN_SECURITIES", Use::Refund),
    ("DC", "DB_SECURITIES", Use::Refund),
    ("DD", "EUGENE_SECURITIES", Use::Refund),
    ("DE", "MERITZ_SECURITIES", Use::Refund),
    ("DF", "SHINYOUNG_SECURITIES", Use::Refund),
    ("DG", "MIRAE_ASSET_SECURITIES", Use::Refund),
    ("DH", "SAMSUNG_SECURITIES", Use::Refund),
    ("DI", "KYOBO_SECURITIES", Use::Refund),
    ("DJ", "KIWOOM_SECURITIES", Use::Refund),
    ("DK", "EBEST_SECURITIES", Use::Refund),
    ("DM", "HANHWA_SECURITIES", Use::Refund),
    ("DN", "NH_SECURITIES", Use::Read),
    ("DO", "BOOKOOK_SECURITIES", Use::Refund),
    // The wallets' pseudo-codes and the banks of before 2001 are left out on purpose.
];

/// The contract's bank behind a code. Notices pad codes to eight digits (`00000020`).
pub(super) fn bank(code: &str) -> Option<String> {
    let short = code.strip_prefix("000000").unwrap_or(code);
    let row = BANKS.iter().find(|(found, _, _)| *found == short);
    row.map(|(_, bank, _)| (*bank).to_owned())
}

/// The code to issue a virtual account at a bank.
pub(super) fn issue_code(bank: &str) -> Option<&'static str> {
    send_code(bank, &[Use::Issue])
}

/// The code to refund to an account at a bank.
pub(super) fn refund_code(bank: &str) -> Option<&'static str> {
    send_code(bank, &[Use::Issue, Use::Refund])
}

fn send_code(bank: &str, uses: &[Use]) -> Option<&'static str> {
    let row = BANKS
        .iter()
        .find(|(_, found, used)| *found == bank && uses.contains(used));
    row.map(|(code, _, _)| *code)
}

/// The PG's modules: the first three digits of its own six-digit codes. Others of that length,
/// such as `120049`, come from card companies and banks.
static MODULES: [&str; 12] = [
    "500", "501", "503", "504", "506", "507", "509", "511", "512", "516", "550", "556",
];

/// The last three digits, which mean the same in every module.
fn suffix(code: &str) -> Option<&str> {
    let (module, suffix) = code.split_at_checked(3)?;
    let is_suffix = suffix.len() == 3 && suffix.bytes().all(|byte| byte.is_ascii_digit());
    (is_suffix && MODULES.contains(&module)).then_some(suffix)
}

/// Refusals that do not say that nothing happened. Each of our requests is sent once, so "seen
/// before" means that something between us and the PG repeated it, and the first copy may have
/// been carried out; "already done" means that the books must be read, and so does a remainder
/// that is not as we have it, which the first copy of a partial refund leaves behind; and 127 asks
/// to look for a duplicate. All others are refusals: the manual has an explicit failure end the
/// transaction.
static UNCLEAR: [(&str, &str); 8] = [
    (
        "127",
        "processing of the partial cancel failed, look for a duplicate",
    ),
    ("619", "duplicate order id"),
    ("626", "already cancelled"),
    ("630", "duplicate transaction id"),
    ("631", "duplicate time stamp"),
    ("704", "already completed"),
    ("706", "another amount remains"),
    ("826", "less remains than is to be refunded"),
];

/// Why a refusal leaves the outcome unclear, if it does.
pub(super) fn unclear(code: &str) -> Option<&'static str> {
    let suffix = suffix(code)?;
    UNCLEAR
        .iter()
        .find(|(found, _)| *found == suffix)
        .map(|(_, meaning)| *meaning)
}

/// Whether a code says "no such transaction", in so many words.
pub(super) fn is_not_found(code: &str) -> bool {
    suffix(code) == Some("623")
}

/// Whether a code says that the cash receipt of a sale was issued before.
pub(super) fn is_issued_before(code: &str) -> bool {
    suffix(code) == Some("659")
}

/// Whether a code says that what is to be cancelled was cancelled before.
pub(super) fn is_already_cancelled(code: &str) -> bool {
    suffix(code) == Some("626")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bank_that_is_sent_reads_back() {
        let mut sent = 0;
        for (_, name, _) in &BANKS {
            if let Some(code) = refund_code(name) {
                assert_eq!(bank(code).as_deref(), Some(*name), "{code}");
                sent += 1;
            }
            if let Some(code) = issue_code(name) {
                assert_eq!(refund_code(name), Some(code));
            }
        }
        assert!(sent > 40);
    }

    #[test]
    fn virtual_accounts_are_issued_at_the_guides_banks_only() {
        let mut codes: Vec<_> = BANKS
            .iter()
            .filter(|(_, _, used)| *used == Use::Issue)
            .map(|(code, _, _)| *code)
            .collect();
        codes.sort_unstable();
        assert_eq!(
            codes,
            [
                "02", "03", "04", "07", "11", "12", "20", "23", "27", "31", "32", "34", "37", "39",
                "45", "48", "71", "81", "88", "89", "90", "92"
            ]
        );
        assert_eq!(issue_code("CITI"), Some("27"));
        assert_eq!(
            (issue_code("HANA"), issue_code("SHINHAN")),
            (Some("81"), Some("88"))
        );
        assert_eq!((issue_code("JEJU"), issue_code("NO_BANK")), (None, None));
    }

    #[test]
    fn codes_are_unique_and_unknown_ones_are_nothing() {
        for (at, (code, _, _)) in BANKS.iter().enumerate() {
            assert!(
                BANKS[at + 1..].iter().all(|(other, _, _)| other != code),
                "{code}"
            );
        }
        for (at, row) in CARD_COMPANIES.iter().enumerate() {
            assert!(
                CARD_COMPANIES[at + 1..]
                    .iter()
                    .all(|other| other.code != row.code)
            );
        }
        assert_eq!(bank("00000020").as_deref(), Some("WOORI"));
        assert_eq!((bank("91"), bank(""), bank("020")), (None, None, None));
        assert_eq!(card_company("97"), (None, None));
        assert_eq!(card_company("21"), (None, Some("VISA".to_owned())));
        assert_eq!(card_kind("9"), None);
    }

    #[test]
    fn only_the_pgs_own_codes_have_a_suffix() {
        assert_eq!(unclear("500619"), Some("duplicate order id"));
        assert_eq!(unclear("504626"), Some("already cancelled"));
        assert_eq!(unclear("550631"), Some("duplicate time stamp"));
        assert_eq!(
            (unclear("120626"), unclear("626"), unclear("5006190")),
            (None, None, None)
        );
        assert_eq!(
            (unclear("500706"), unclear("550826")),
            (
                Some("another amount remains"),
                Some("less remains than is to be refunded")
            )
        );
        assert_eq!((unclear("한글한글"), unclear("")), (None, None));
        assert!(is_not_found("500623") && is_not_found("504623"));
        assert!(!is_not_found("160623") && !is_not_found("623"));
        assert!(is_issued_before("500659") && !is_issued_before("659"));
        assert!(is_already_cancelled("504626") && !is_already_cancelled("120626"));
    }
}
