//! What a window is opened for: the method that the merchant's page names, and what the customer
//! may choose there. Names are those of the windows' manuals.

use super::banks;
use crate::ledger::{CardFacts, Kind};

/// Choosing it makes the payment fail: not enough money.
pub(crate) const FAILS: &str = "decline";
/// The refusal's code.
pub(crate) const NO_MONEY: &str = "120054";

/// What a window is opened for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// A card; with the letter of an easy-pay provider, one that is kept there.
    Card(Option<&'static str>),
    /// An account to pay into.
    Account,
    /// A transfer from a bank.
    Transfer,
    /// The phone bill; `true` issues a billing key with it.
    Phone(bool),
    /// Gift certificates of these issuers, by the name of the window for computers.
    Gift(Vec<&'static str>),
}

/// The letters of the easy-pay providers: the name for computers, the option for phones, the
/// provider's own name.
const PROVIDERS: [(&str, &str, &str, &str); 8] = [
    ("onlykakaopay", "d_kakaopay=Y", "O", "카카오페이"),
    ("onlynaverpay", "d_npay=Y", "I", "네이버페이"),
    ("onlyssp", "d_samsungpay=Y", "B", "삼성페이"),
    ("onlyssgcard", "d_ssgpay=Y", "G", "SSG페이"),
    // The real letter is not public: ours.
    ("onlyapplepay", "d_applepay=Y", "T", "애플페이"),
    ("onlylpay", "d_lpay=Y", "L", "L.PAY"),
    ("onlytosspay", "d_tosspay=Y", "H", "토스페이"),
    ("onlypayco", "d_payco=Y", "C", "페이코"),
];

/// Issuers of gift certificates: for computers, for phones, by their own name.
const GIFTS: [(&str, &str, &str); 4] = [
    ("Culture", "CULTURE", "컬쳐랜드 문화상품권"),
    ("DGCL", "DGCL", "스마트문상"),
    ("Bcsh", "BCSH", "도서문화상품권"),
    ("HPMN", "HPMN", "해피머니"),
];

/// An easy-pay provider by its letter.
pub(crate) fn provider_name(letter: &str) -> &'static str {
    PROVIDERS
        .iter()
        .find(|(.., found, _)| *found == letter)
        .map_or("간편결제", |(.., name)| name)
}

/// An issuer of gift certificates by the name of the window for computers.
pub(crate) fn gift_name(gift: &str) -> &'static str {
    GIFTS
        .iter()
        .find(|(found, ..)| *found == gift)
        .map_or("상품권", |(.., name)| name)
}

/// The name that the window for phones gives to a gift certificate.
pub(crate) fn gift_on_phones(gift: &str) -> &'static str {
    GIFTS
        .iter()
        .find(|(found, ..)| *found == gift)
        .map_or("CULTURE", |(_, phone, _)| phone)
}

/// `gopaymethod`.
pub(crate) fn on_computers(method: &str, accept: &str) -> Result<Way, String> {
    let has = |token: &str| accept.split(':').any(|one| one == token);
    if let Some((.., letter, _)) = PROVIDERS.iter().find(|(pc, ..)| *pc == method) {
        return has_cardonly(has("cardonly"), Way::Card(Some(letter)));
    }
    match method {
        "" | "Card" => Ok(Way::Card(None)),
        "EasyPay" => Ok(Way::Card(Some("O"))),
        "onlyacard" | "onlyvcard" => has_cardonly(has("cardonly"), Way::Card(None)),
        "VBank" => Ok(Way::Account),
        "DirectBank" => Ok(Way::Transfer),
        "HPP" if has("BILLAUTH(HPP)") && (has("HPP(4)") || has("HPP(5)")) => Ok(Way::Phone(true)),
        "HPP" if has("HPP(1)") || has("HPP(2)") => Ok(Way::Phone(false)),
        "HPP" => Err("`acceptmethod` has no `HPP(…)` that goes with the rest".to_owned()),
        list => gifts(list.split(':')).ok_or_else(|| "`gopaymethod` is not simulated".to_owned()),
    }
}

fn has_cardonly(has: bool, way: Way) -> Result<Way, String> {
    if has {
        Ok(way)
    } else {
        Err("`acceptmethod` has no `cardonly`, which a direct call needs".to_owned())
    }
}

/// `P_INI_PAYMENT`.
pub(crate) fn on_phones(method: &str, reserved: &str, goods: &str) -> Result<Way, String> {
    let has = |option: &str| reserved.split('&').any(|one| one == option);
    match method {
        "CARD" => {
            let direct = PROVIDERS.iter().find(|(_, option, ..)| has(option));
            Ok(Way::Card(direct.map(|(.., letter, _)| *letter)))
        }
        "VBANK" => Ok(Way::Account),
        "BANK" if has("twotrs_bank=Y") => Ok(Way::Transfer),
        "BANK" => Err("`P_RESERVED` has no `twotrs_bank=Y`: there would be no approval".to_owned()),
        "MOBILE" if has("hpp_bill=Y") && matches!(goods, "4" | "5") => Ok(Way::Phone(true)),
        "MOBILE" if matches!(goods, "1" | "2") => Ok(Way::Phone(false)),
        "MOBILE" => Err("MX1006: `P_HPP_METHOD` is missing".to_owned()),
        name => {
            let found = GIFTS.iter().find(|(_, phone, _)| *phone == name);
            let gift = found.map(|(pc, ..)| Way::Gift(vec![pc]));
            gift.ok_or_else(|| "MX1002: `P_INI_PAYMENT` is not simulated".to_owned())
        }
    }
}

fn gifts<'a>(names: impl Iterator<Item = &'a str>) -> Option<Way> {
    let found: Option<Vec<_>> = names
        .map(|name| {
            let known = GIFTS.iter().find(|(pc, ..)| *pc == name)?;
            Some(known.0)
        })
        .collect();
    found.filter(|gifts| !gifts.is_empty()).map(Way::Gift)
}

/// How the customer pays at once, with nothing but this in the books.
#[derive(Debug, Clone)]
pub(crate) struct Paid {
    /// Of which kind.
    pub(crate) kind: Kind,
    /// The bank, the phone's number, or the gift certificate's name.
    pub(crate) with: String,
    /// Whether a billing key is issued with it.
    pub(crate) issues_key: bool,
}

/// The customer's choice of a way that needs no card and no account.
pub(crate) fn paid(way: &Way, choice: &str) -> Result<Paid, String> {
    match way {
        Way::Transfer if banks::name(choice).is_some() => Ok(Paid {
            kind: Kind::Transfer,
            with: choice.to_owned(),
            issues_key: false,
        }),
        Way::Phone(issues_key)
            if choice.len() >= 10 && choice.bytes().all(|c| c.is_ascii_digit()) =>
        {
            Ok(Paid {
                kind: Kind::Phone,
                with: choice.to_owned(),
                issues_key: *issues_key,
            })
        }
        Way::Gift(gifts) if gifts.contains(&choice) => Ok(Paid {
            kind: Kind::Gift,
            with: choice.to_owned(),
            issues_key: false,
        }),
        _ => Err("the choice is none that the window offers".to_owned()),
    }
}

/// What is chosen where a test does not say.
pub(crate) fn usual_choice(way: &Way) -> &'static str {
    match way {
        Way::Card(_) => super::customer::CARD,
        Way::Account | Way::Transfer => "88",
        Way::Phone(_) => "01012345678",
        Way::Gift(gifts) => gifts.first().copied().unwrap_or("Culture"),
    }
}

/// The choice of a provider's own money in place of a card.
pub(crate) const MONEY: &str = "9000000000000097";

/// A provider's own money, as results name it: a card code without a card. Nothing if it keeps
/// none.
pub(crate) fn money(letter: &str) -> Option<CardFacts> {
    let code = match letter {
        "I" => "91",
        "H" => "93",
        "G" => "94",
        "L" => "96",
        "O" => "97",
        "C" => "98",
        _ => return None,
    };
    Some(CardFacts {
        code: code.to_owned(),
        masked: String::new(),
    })
}
