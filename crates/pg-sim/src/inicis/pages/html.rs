//! The markup of the windows.

use std::fmt::Write as _;

use super::super::banks;
use super::super::cards;
use super::super::customer::{self, Brought};
use super::super::fields::Fields;
use super::super::ways::{self, Way};
use super::super::window::{Device, Opened, Pays};
use crate::answer::{escaped, grouped};
use crate::ledger::Currency;
use crate::pages::{Frame, hidden};

/// What the customer does.
pub(super) const ACT: &str = "naru_act";
/// With which card, at which bank, and so on.
pub(super) const CHOICE: &str = "naru_choice";

/// Cards to choose from: one that works, and magic numbers (`cards`).
const CARDS: [(&str, &str, &str); 7] = [
    (customer::CARD, "승인되는 카드", "approved"),
    (
        "9000000000120049",
        "한도 초과로 거절",
        "declined: over the limit",
    ),
    (
        "9000000000120026",
        "분실 카드로 거절",
        "declined: lost card",
    ),
    (
        "9000000000000001",
        "승인 후 응답 없음",
        "captured, then no answer",
    ),
    (
        "9000000000000002",
        "승인 없이 응답 없음",
        "no answer, not captured",
    ),
    (
        "9000000000000004",
        "다른 금액으로 승인",
        "approved with another amount",
    ),
    ("9000000000000005", "늦은 응답", "late answer"),
];
/// Banks that shops usually offer.
const BANKS: [&str; 6] = ["88", "04", "20", "11", "81", "90"];

/// Where the files of the pages are, seen from a page.
const fn files(device: Device) -> &'static str {
    match device {
        Device::Pc => "../stdjs",
        Device::Mobile => "../../../stdpay/stdjs",
        Device::Key => "../../stdpay/stdjs",
    }
}

pub(super) const fn frame(device: Device) -> Frame<'static> {
    Frame {
        pg: ["KG이니시스", "KG Inicis"],
        footer: ["실제로 결제되지 않습니다.", "No money moves here."],
        files: files(device),
    }
}

/// The window: what is bought, how it is paid, and the ways out.
pub(super) fn window(device: Device, opened: &Opened, fields: &Fields) -> String {
    let asked = opened.asked();
    let pay = ("결제하기", "Pay");
    let (title, verb) = match (&asked.pays, &opened.way) {
        (Pays::Key(_), _) => ("카드 등록".to_owned(), ("등록하기", "Register")),
        (_, Way::Card(None)) => ("신용카드 결제".to_owned(), pay),
        (_, Way::Card(Some(letter))) => (format!("{} 결제", ways::provider_name(letter)), pay),
        (_, Way::Account) => (
            "가상계좌 발급".to_owned(),
            ("계좌 발급받기", "Issue an account"),
        ),
        (_, Way::Transfer) => ("실시간 계좌이체".to_owned(), pay),
        (_, Way::Phone(false)) => ("휴대폰 결제".to_owned(), pay),
        (_, Way::Phone(true)) => ("휴대폰 정기결제".to_owned(), pay),
        (_, Way::Gift(_)) => ("상품권 결제".to_owned(), pay),
    };
    let carried = hidden(fields.pairs());
    let close = opened.close_url.as_deref().map_or_else(String::new, |url| {
        format!(
            "<a class=\"close\" href=\"{}\" aria-label=\"닫기 Close\">×</a>\n",
            escaped(url)
        )
    });
    let body = format!(
        "{close}<h1>{title}</h1>\n<dl>\n\
         <div><dt>상품 <span lang=\"en\">Item</span></dt><dd>{goods}</dd></div>\n\
         <div><dt>금액 <span lang=\"en\">Amount</span></dt><dd class=\"amount\">{amount}</dd></div>\n\
         <div><dt>주문번호 <span lang=\"en\">Order</span></dt><dd class=\"id\">{order}</dd></div>\n\
         </dl>\n<form method=\"post\" action=\"act\">\n{carried}{choices}\
         <div class=\"buttons\">\n\
         <button name=\"{ACT}\" value=\"pay\">{} <span lang=\"en\">{}</span></button>\n\
         <button name=\"{ACT}\" value=\"leave\" class=\"second\">취소 \
         <span lang=\"en\">Cancel</span></button>\n</div>\n</form>",
        verb.0,
        verb.1,
        goods = escaped(&asked.goods_name),
        amount = money(asked.amount, asked.currency),
        order = escaped(&asked.order_id),
        choices = choices(&opened.way),
    );
    frame(device).document(&title, &body)
}

fn choices(way: &Way) -> String {
    let mut options = String::new();
    let mut add = |value: &str, text: &str| {
        let _ = writeln!(options, "<option value=\"{value}\">{text}</option>");
    };
    let (label_ko, label_en) = match way {
        Way::Card(letter) => {
            for (number, ko, en) in CARDS {
                let shown = cards::read(number).map(|card| card.facts.masked);
                add(
                    number,
                    &format!("{ko} · {en} ({})", shown.unwrap_or_default()),
                );
            }
            if letter.and_then(ways::money).is_some() {
                add(ways::MONEY, "간편결제 머니 · money kept there");
            }
            ("카드", "Card")
        }
        Way::Account | Way::Transfer => {
            for code in BANKS {
                add(code, banks::name(code).unwrap_or(code));
            }
            match way {
                Way::Account => ("입금 은행", "Bank"),
                _ => ("출금 은행", "Bank"),
            }
        }
        Way::Phone(_) => {
            add("01012345678", "010-1234-5678");
            ("휴대폰", "Phone")
        }
        Way::Gift(gifts) => {
            for gift in gifts {
                add(gift, ways::gift_name(gift));
            }
            ("상품권", "Gift certificate")
        }
    };
    if !matches!(way, Way::Card(_) | Way::Account) {
        add(ways::FAILS, "잔액 부족으로 거절 · declined: not enough");
    }
    format!(
        "<label for=\"choice\">{label_ko} <span lang=\"en\">{label_en}</span></label>\n\
         <select id=\"choice\" name=\"{CHOICE}\">\n{options}</select>\n"
    )
}

/// As a customer reads it.
fn money(amount: u64, currency: Currency) -> String {
    match currency {
        Currency::Krw => format!("{}원", grouped(amount)),
        Currency::Usd => format!("${}.{:02}", grouped(amount / 100), amount % 100),
    }
}

/// A page that takes the browser back to the merchant.
pub(super) fn returning(device: Device, url: &str, brought: &Brought) -> String {
    // Where the window for phones stands, there the result goes.
    let target = match device {
        Device::Pc => "_top",
        Device::Mobile | Device::Key => "",
    };
    let fields = brought.iter().map(|(name, value)| (*name, value.as_str()));
    frame(device).returning((url, target), fields)
}

/// What the window shows when a page has asked for it wrongly.
pub(super) fn error(device: Device, error: &str) -> String {
    frame(device).refusal("결제창을 열 수 없습니다", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        assert_eq!(money(1_234_567, Currency::Krw), "1,234,567원");
        assert_eq!(money(100, Currency::Krw), "100원");
        assert_eq!(money(123_456, Currency::Usd), "$1,234.56");
    }
}
