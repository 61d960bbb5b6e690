//! The markup of a window's pages. Whatever comes from a merchant or a PG is escaped.

mod identity;

use std::fmt::Write as _;

use naru_connector::WindowForm;
use naru_documents::escape;
use naru_domain::payment::Failure;
use naru_domain::{Timestamp, VirtualAccount};
use naru_engine::windows::{WindowPage, WindowState};

/// What one page says: its mood (a class), and title and text in Korean and English.
pub(super) struct Said {
    mood: &'static str,
    title: [&'static str; 2],
    text: [String; 2],
}

impl Said {
    pub(super) fn new(mood: &'static str, title: [&'static str; 2], text: [&str; 2]) -> Self {
        Self {
            mood,
            title,
            text: text.map(str::to_owned),
        }
    }

    pub(super) fn markup(&self) -> String {
        let ([ko, en], [text_ko, text_en]) = (self.title, &self.text);
        format!(
            "<section class=\"said {}\" role=\"status\">\n<h1>{ko}</h1>\n<p>{}</p>\n\
             <div lang=\"en\"><h2>{en}</h2>\n<p>{}</p></div>\n</section>\n",
            self.mood,
            escape(text_ko),
            escape(text_en)
        )
    }
}

/// `head` is what else stands there.
pub(crate) fn document(title: &str, head: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"ko\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"/checkout/assets/window.css\">\n{head}</head>\n<body>\n\
         <main>\n{body}</main>\n<footer>Naru 나루</footer>\n</body>\n</html>\n"
    )
}

/// The page of a window.
pub(super) fn window(page: &WindowPage, token: &str) -> String {
    let order = order(page);
    let said = match &page.state {
        WindowState::Open(form) => {
            let leave = format!("/checkout/windows/{token}/leave");
            let form = hand_over(form, verb(page), Some(&leave));
            let body = format!("{order}{form}");
            return document(titles(page)[0], "", &body);
        }
        state if page.identifies() => identity::said(state),
        state => said(state),
    };
    let head = match &page.state {
        WindowState::Busy => "<meta http-equiv=\"refresh\" content=\"3\">\n".to_owned(),
        _ => ended(page, token),
    };
    let account = match &page.state {
        WindowState::AccountIssued(account) => account_of(account),
        _ => String::new(),
    };
    let body = format!("{}{account}{order}", said.markup());
    document(titles(page)[1], &head, &body)
}

/// The titles of a page: before and after.
const fn titles(page: &WindowPage) -> [&'static str; 2] {
    if page.identifies() {
        ["본인인증 · Identity verification", "본인인증 결과 · Result"]
    } else {
        ["결제 · Checkout", "결제 결과 · Payment result"]
    }
}

/// What the customer is about to do.
const fn verb(page: &WindowPage) -> &'static str {
    if page.identifies() {
        "본인인증하기 <span lang=\"en\">Verify</span>"
    } else if page.issues_key() {
        "카드 등록하기 <span lang=\"en\">Register a card</span>"
    } else {
        "결제하기 <span lang=\"en\">Pay</span>"
    }
}

/// Tells the page that opened the window that it is over.
fn ended(page: &WindowPage, token: &str) -> String {
    let Some(opener) = &page.opener else {
        return String::new();
    };
    let origin = opener.origin.as_deref().unwrap_or("*");
    format!(
        "<script src=\"/checkout/assets/ended.js\" data-window=\"{token}\" \
         data-opener=\"{}\" defer></script>\n",
        escape(origin)
    )
}

/// On the way to an app's address.
pub(super) fn going(url: &str) -> String {
    let url = escape(url);
    document(
        "돌아갑니다 · Going back",
        "<script src=\"/checkout/assets/going.js\" defer></script>\n",
        &format!(
            "<section class=\"said\" role=\"status\">\n<h1>앱으로 돌아갑니다</h1>\n\
             <p>자동으로 돌아가지 않으면 아래를 눌러 주세요.</p>\n\
             <div lang=\"en\"><h2>Going back to the app</h2>\n\
             <p>If nothing happens, press below.</p></div>\n</section>\n\
             <a class=\"button\" id=\"back\" href=\"{url}\">앱으로 돌아가기 \
             <span lang=\"en\">Back to the app</span></a>\n"
        ),
    )
}

fn order(page: &WindowPage) -> String {
    if page.identifies() {
        return identity::request(page);
    }
    let of = if page.issues_key() {
        "표시 금액 <span lang=\"en\">Shown price</span>"
    } else {
        "결제 금액 <span lang=\"en\">Amount</span>"
    };
    let amount = (page.total, page.currency.as_str());
    let discount = discount(page.discount, page.currency.as_str());
    rows(
        page.is_test,
        [&page.shop, &page.name, of, &discount],
        amount,
    )
}

/// What a promotion has taken off, if it has.
fn discount(discount: i64, currency: &str) -> String {
    if discount == 0 {
        return String::new();
    }
    format!(
        "<div><dt>할인 <span lang=\"en\">Discount</span></dt>\
         <dd class=\"discount\">−{}</dd></div>\n",
        money(discount, currency)
    )
}

/// What was bought, and where.
pub(super) fn bought(is_test: bool, [shop, name]: [&str; 2], amount: (i64, &str)) -> String {
    let of = "결제 금액 <span lang=\"en\">Amount</span>";
    rows(is_test, [shop, name, of, ""], amount)
}

fn rows(
    is_test: bool,
    [shop, name, of, discount]: [&str; 4],
    (total, currency): (i64, &str),
) -> String {
    let test = if is_test {
        "<p class=\"test\">테스트 결제 <span lang=\"en\">Test: no money moves</span></p>\n"
    } else {
        ""
    };
    format!(
        "<section class=\"order\">\n{test}<dl>\n\
         <div><dt>상점 <span lang=\"en\">Shop</span></dt><dd>{}</dd></div>\n\
         <div><dt>상품 <span lang=\"en\">Item</span></dt><dd>{}</dd></div>\n\
         {discount}<div><dt>{of}</dt><dd class=\"amount\">{}</dd></div>\n</dl>\n</section>\n",
        escape(shop),
        escape(name),
        money(total, currency),
    )
}

/// The form that goes to the PG; `leave` is where one goes who does not want to.
pub(super) fn hand_over(form: &WindowForm, verb: &str, leave: Option<&str>) -> String {
    let mut fields = String::new();
    for (name, value) in &form.fields {
        let value = escape(value);
        let _ = writeln!(
            fields,
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
        );
    }
    let action = form
        .action
        .as_deref()
        .map_or_else(String::new, |url| format!(" action=\"{}\"", escape(url)));
    let script = form.script.as_deref().map_or_else(String::new, |url| {
        format!("<script src=\"{}\"></script>\n", escape(url))
    });
    let leave = leave.map_or_else(String::new, |url| {
        format!(
            "<form method=\"post\" action=\"{url}\">\n\
             <button class=\"second\">취소하고 나가기 <span lang=\"en\">Cancel and leave</span></button>\n\
             </form>\n"
        )
    });
    format!(
        "<form id=\"gateway\" method=\"post\"{action} accept-charset=\"{}\">\n{fields}\
         <button>{verb}</button>\n</form>\n\
         {leave}<p id=\"no-script\" class=\"note\" role=\"alert\" hidden>결제사의 창을 불러오지 못했습니다. \
         네트워크를 확인하고 다시 시도해 주세요. <span lang=\"en\">The payment gateway's window can't \
         be loaded. Check the network and try again.</span></p>\n\
         <noscript><p class=\"note\">창을 열려면 자바스크립트가 필요합니다. <span lang=\"en\">The \
         window needs JavaScript.</span></p></noscript>\n\
         {script}<script src=\"/checkout/assets/window.js\"></script>\n",
        form.charset,
    )
}

fn said(state: &WindowState) -> Said {
    match state {
        WindowState::Paid => Said::new(
            "good",
            ["결제가 완료되었습니다", "Paid"],
            ["이 창을 닫아도 됩니다.", "You may close this page."],
        ),
        WindowState::Verified => identity::said(state),
        WindowState::KeyIssued => Said::new(
            "good",
            ["카드가 등록되었습니다", "The card is registered"],
            ["이 창을 닫아도 됩니다.", "You may close this page."],
        ),
        WindowState::AccountIssued(_) => Said::new(
            "good",
            ["가상계좌가 발급되었습니다", "A virtual account was issued"],
            [
                "아래 계좌로 기한 안에 입금해 주세요.",
                "Please pay into the account below in time.",
            ],
        ),
        WindowState::NeedsConfirmation { .. } => Said::new(
            "",
            ["상점의 승인을 기다리고 있습니다", "The shop has to confirm"],
            [
                "인증이 끝났습니다. 상점이 승인하면 결제됩니다.",
                "You have authenticated. It is paid once the shop confirms.",
            ],
        ),
        WindowState::Failed(failure) if failure.pg_code == Failure::WINDOW_EXPIRED => Said::new(
            "bad",
            ["결제 시간이 지났습니다", "It took too long"],
            [
                "결제되지 않았습니다. 상점에서 다시 주문해 주세요.",
                "Nothing was paid. Please order again at the shop.",
            ],
        ),
        WindowState::Failed(failure) => refused(failure),
        WindowState::Busy | WindowState::Open(_) => Said::new(
            "",
            [
                "결제 결과를 확인하고 있습니다",
                "Finding out what became of it",
            ],
            [
                "다시 결제하지 마세요. 이 페이지는 저절로 새로 고쳐집니다.",
                "Please do not pay again. This page looks again by itself.",
            ],
        ),
    }
}

fn refused(failure: &Failure) -> Said {
    let reason = failure.reason();
    Said {
        mood: "bad",
        title: ["결제되지 않았습니다", "Not paid"],
        text: [
            reason,
            "Nothing was paid. Please order again at the shop.".to_owned(),
        ],
    }
}

fn account_of(account: &VirtualAccount) -> String {
    let until = account.expires_at.map(in_korea);
    let bank = account.bank.as_deref();
    let bank = bank.map(|bank| naru_api_v2::bank_name(bank).unwrap_or(bank));
    let row = |label: &str, value: Option<&str>| {
        value.map_or_else(String::new, |value| {
            format!("<div><dt>{label}</dt><dd>{}</dd></div>\n", escape(value))
        })
    };
    format!(
        "<section class=\"order\"><dl>\n{}{}{}{}</dl></section>\n",
        row("은행 <span lang=\"en\">Bank</span>", bank),
        row(
            "계좌번호 <span lang=\"en\">Account</span>",
            Some(&account.account_number)
        ),
        row(
            "예금주 <span lang=\"en\">Holder</span>",
            account.remittee_name.as_deref()
        ),
        row("입금 기한 <span lang=\"en\">Until</span>", until.as_deref()),
    )
}

/// A time as a customer in Korea reads it.
fn in_korea(at: Timestamp) -> String {
    let shifted = at.plus_seconds(9 * 3_600).to_string();
    let minutes = shifted.get(..16).unwrap_or(&shifted).replace('T', " ");
    format!("{minutes} (KST)")
}

/// An amount in minor units, as people write it.
pub(crate) fn money(minor: i64, currency: &str) -> String {
    let has_cents = !matches!(currency, "KRW" | "JPY");
    let (whole, cents) = if has_cents {
        (minor / 100, format!(".{:02}", minor % 100))
    } else {
        (minor, String::new())
    };
    let digits = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match currency {
        "KRW" => format!("{grouped}원"),
        _ => format!("{} {grouped}{cents}", escape(currency)),
    }
}

/// What stands in the PG's frame for a moment when it is closed.
pub(super) fn closing(closer: Option<&str>) -> String {
    let script = closer.map_or_else(String::new, |url| {
        format!("<script src=\"{}\"></script>\n", escape(url))
    });
    document(
        "결제창을 닫습니다 · Closing",
        "",
        &format!("<p>결제창을 닫습니다. <span lang=\"en\">Closing.</span></p>\n{script}"),
    )
}

/// There is no such window.
pub(super) fn unknown() -> String {
    message(
        "bad",
        ["결제창을 찾을 수 없습니다", "There is no such window"],
        ["주소를 다시 확인해 주세요.", "Please check the address."],
    )
}

/// What the browser brought back can't be read.
pub(super) fn unreadable() -> String {
    message(
        "bad",
        ["결제 결과를 읽을 수 없습니다", "The result can't be read"],
        [
            "아직 결제되지 않았습니다. 상점에서 다시 시도해 주세요.",
            "Nothing has been paid. Please try again at the shop.",
        ],
    )
}

/// The server can't answer.
pub(super) fn broken() -> String {
    message(
        "bad",
        ["잠시 후 다시 시도해 주세요", "Please try again in a moment"],
        [
            "서버가 일시적으로 응답하지 못했습니다. 이미 결제했다면 다시 결제하지 마세요.",
            "The server can't answer at the moment. If you have paid already, do not pay again.",
        ],
    )
}

/// A page that says one thing: its mood (a class), and title and text in Korean and English.
pub(crate) fn message(mood: &'static str, title: [&'static str; 2], text: [&str; 2]) -> String {
    document(
        "결제 · Checkout",
        "",
        &Said::new(mood, title, text).markup(),
    )
}

#[cfg(test)]
mod tests {
    use naru_engine::windows::WindowSubject;

    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        assert_eq!(money(1_234_567, "KRW"), "1,234,567원");
        assert_eq!(money(123_456, "USD"), "USD 1,234.56");
        assert_eq!(money(999, "JPY"), "JPY 999");
    }

    #[test]
    fn times_are_korean() {
        let at: Timestamp = "2026-11-27T22:59:00Z".parse().unwrap();
        assert_eq!(in_korea(at), "2026-11-28 07:59 (KST)");
    }

    #[test]
    fn what_others_wrote_is_escaped() {
        let page = WindowPage {
            shop: "<b>".to_owned(),
            name: "\"><script>".to_owned(),
            total: 1,
            discount: 0,
            currency: naru_domain::Currency::krw(),
            store_id: naru_domain::StoreId::new("store"),
            subject: WindowSubject::Payment {
                issues_key: false,
                billing_key: None,
                id: naru_domain::PaymentId::new("payment"),
                transaction_id: "tx".to_owned(),
            },
            face: naru_domain::Face::V2,
            opener: None,
            is_test: true,
            state: WindowState::Failed(Failure::own("<i>", "</p><script>")),
        };
        let html = window(&page, "token");
        assert!(!html.contains("<b>") && !html.contains("<i>"), "{html}");
        assert!(!html.contains("<script>"), "{html}");
    }
}
