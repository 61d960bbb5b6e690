//! By what a window was paid, as its approval's answer describes it: the fields of both windows,
//! read by name. What the customer picked counts, not what was asked for.

use naru_connector::ReceiptOfApproval;
use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::{
    CardPayment, EasyPay, EasyPayBy, GiftCertificate, Method, MobilePayment, Transfer,
};

use super::window_codes as codes;

/// The code that says that a cash receipt was issued.
const RECEIPT_ISSUED: &str = "220000";

/// The facts that tell a method, whichever window names them.
pub(super) struct Told<'a> {
    /// The PG's name of the method.
    pub(super) method: &'a str,
    /// The letter of an easy-pay provider, if it was one.
    pub(super) easy_pay: Option<&'a str>,
    /// The code of the card company, or of money kept at a provider.
    pub(super) card_code: Option<&'a str>,
    /// The provider that the window was opened for.
    pub(super) asked_provider: Option<&'a str>,
    /// The V2 code of the bank.
    pub(super) bank: Option<String>,
    /// The phone's number.
    pub(super) phone: Option<&'a str>,
    /// The approval number.
    pub(super) approval_number: Option<String>,
}

/// The method; `card` reads what stands there of a card. Nothing if the PG names a method that no
/// window was opened for.
pub(super) fn method(told: &Told<'_>, card: impl FnOnce() -> CardPayment) -> Option<Method> {
    Some(match told.method.to_ascii_uppercase().as_str() {
        // ISP and billing are cards; no name is what older answers have.
        "" | "CARD" | "VCARD" | "ISP" | "BILL" | "EASYPAY" => card_or_wallet(told, card),
        "DIRECTBANK" | "BANK" => Method::Transfer(Transfer {
            bank: told.bank.clone(),
        }),
        "HPP" | "MOBILE" => Method::Mobile(MobilePayment {
            phone_number: told.phone.map(masked_phone),
        }),
        name => Method::GiftCertificate(GiftCertificate {
            kind: Some(codes::gift_certificate_of(name)?.to_owned()),
            approval_number: told.approval_number.clone(),
        }),
    })
}

fn card_or_wallet(told: &Told<'_>, card: impl FnOnce() -> CardPayment) -> Method {
    let wallet = told.card_code.and_then(codes::wallet_of);
    let letter = told.easy_pay.filter(|letter| !letter.is_empty());
    let provider = letter.and_then(codes::easy_pay_of).or(wallet);
    let is_easy_pay = letter.is_some() || wallet.is_some() || told.asked_provider.is_some();
    // The PG's own card app is no provider of the contract.
    if !is_easy_pay || letter == Some("K") {
        return Method::Card(card());
    }
    Method::EasyPay(EasyPay {
        provider: provider.or(told.asked_provider).map(str::to_owned),
        by: if wallet.is_some() {
            EasyPayBy::Charge
        } else {
            EasyPayBy::Card(Box::new(card()))
        },
    })
}

/// What an answer says of a cash receipt, whichever window names it.
pub(super) struct ToldReceipt {
    /// What became of it.
    pub(super) code: Option<String>,
    /// `0` for income deduction, `1` as proof of expense.
    pub(super) kind: Option<String>,
    /// The tax office's number of it.
    pub(super) issue_number: Option<String>,
}

/// The receipt that came with a transfer: the customer asks for it in the window. One for an
/// account comes with its deposit.
pub(super) fn cash_receipt(method: &Method, told: ToldReceipt) -> Option<ReceiptOfApproval> {
    let is_issued = told.code.as_deref() == Some(RECEIPT_ISSUED);
    if !is_issued || !matches!(method, Method::Transfer(_)) {
        return None;
    }
    Some(ReceiptOfApproval {
        kind: match told.kind.as_deref() {
            Some("0") => Some(ReceiptKind::Personal),
            Some("1") => Some(ReceiptKind::Corporate),
            Some(_) | None => None,
        },
        issue_number: told.issue_number.filter(|number| !number.is_empty()),
    })
}

/// Only the last four digits are kept.
fn masked_phone(number: &str) -> String {
    let count = number.chars().count();
    number
        .chars()
        .enumerate()
        .map(|(at, c)| {
            if at + 4 < count && c.is_ascii_digit() {
                '*'
            } else {
                c
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use naru_domain::MethodKind;

    use super::*;

    fn told(method: &str) -> Told<'_> {
        Told {
            method,
            easy_pay: None,
            card_code: None,
            asked_provider: None,
            bank: None,
            phone: Some("01012345678"),
            approval_number: None,
        }
    }

    #[test]
    fn a_receipt_comes_with_a_transfer_whose_code_says_so() {
        let receipt = |name: &str, code: &str, kind: &str| {
            let paid = method(&told(name), CardPayment::default).unwrap();
            let told = ToldReceipt {
                code: Some(code.to_owned()),
                kind: Some(kind.to_owned()),
                issue_number: Some(String::new()),
            };
            cash_receipt(&paid, told)
        };
        let of = |kind| ReceiptOfApproval {
            kind,
            issue_number: None,
        };
        let personal = Some(ReceiptKind::Personal);
        assert_eq!(receipt("BANK", "220000", "0"), Some(of(personal)));
        let corporate = Some(ReceiptKind::Corporate);
        assert_eq!(receipt("DirectBank", "220000", "1"), Some(of(corporate)));
        assert_eq!(receipt("BANK", "220000", "7"), Some(of(None)));
        assert_eq!(receipt("BANK", "220001", "0"), None);
        assert_eq!(receipt("Card", "220000", "0"), None);
    }

    #[test]
    fn what_the_customer_picked_counts() {
        let kind = |told: &Told<'_>| method(told, CardPayment::default).map(|it| it.kind());
        assert_eq!(kind(&told("Card")), Some(MethodKind::Card));
        assert_eq!(kind(&told("DirectBank")), Some(MethodKind::Transfer));
        assert_eq!(kind(&told("BANK")), Some(MethodKind::Transfer));
        assert_eq!(kind(&told("HPP")), Some(MethodKind::Mobile));
        assert_eq!(kind(&told("Bookcash")), Some(MethodKind::GiftCertificate));
        assert_eq!(kind(&told("Kpay")), None);
        let by_kakao = Told {
            easy_pay: Some("O"),
            card_code: Some("97"),
            ..told("Card")
        };
        let Some(Method::EasyPay(paid)) = method(&by_kakao, CardPayment::default) else {
            panic!("another method");
        };
        assert_eq!(paid.provider.as_deref(), Some("KAKAOPAY"));
        assert_eq!(paid.by, EasyPayBy::Charge);
        // A letter that is not known, of a window that asked for a provider.
        let by_apple = Told {
            easy_pay: Some("T"),
            asked_provider: Some("APPLEPAY"),
            ..told("Card")
        };
        let Some(Method::EasyPay(paid)) = method(&by_apple, CardPayment::default) else {
            panic!("another method");
        };
        assert_eq!(paid.provider.as_deref(), Some("APPLEPAY"));
        let Some(Method::Mobile(paid)) = method(&told("HPP"), CardPayment::default) else {
            panic!("another method");
        };
        assert_eq!(paid.phone_number.as_deref(), Some("*******5678"));
    }
}
