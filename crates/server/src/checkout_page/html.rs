//! The markup of the hosted checkout. Whatever comes from a merchant or a customer is escaped.

use std::fmt::Write as _;

use naru_documents::escape;
use naru_domain::checkout::PaymentSession;

use super::Form;
use crate::window_page::{document, message, money};

/// What the page shows.
pub(super) struct Order<'a> {
    pub(super) session: &'a PaymentSession,
    pub(super) shop: &'a str,
    pub(super) methods: &'a [String],
    pub(super) is_mobile: bool,
    /// What was sent before, and what was wrong with it.
    pub(super) wrong: Option<(&'a Form, &'a str)>,
}

pub(super) const NOT_AGREED: &str =
    "모든 약관에 동의해 주세요. <span lang=\"en\">Please agree to all the terms.</span>";
const WRONG_NAME: &str =
    "이름을 30바이트 이내로 적어 주세요. <span lang=\"en\">Please give your name.</span>";
const WRONG_EMAIL: &str =
    "이메일 주소를 확인해 주세요. <span lang=\"en\">Please check the e-mail address.</span>";
const WRONG_PHONE: &str =
    "휴대폰 번호를 확인해 주세요. <span lang=\"en\">Please check the phone number.</span>";
const WRONG: &str = "결제할 수 없는 주문입니다. 상점에 문의해 주세요. <span lang=\"en\">This order \
     can't be paid. Please ask the shop.</span>";

/// What a customer is told of a rule that is broken.
pub(super) fn wrong(message: &str) -> &'static str {
    if message.contains("`customer.name") || message.contains("`name`") {
        WRONG_NAME
    } else if message.contains("email`") {
        WRONG_EMAIL
    } else if message.contains("phoneNumber`") {
        WRONG_PHONE
    } else {
        WRONG
    }
}

/// The order, and the form that pays it.
pub(super) fn order(page: &Order<'_>) -> String {
    let session = page.session;
    let colors = match &session.colors {
        Some(_) => format!(
            "<link rel=\"stylesheet\" href=\"/checkout/{}/colors.css\">\n",
            escape(&session.id)
        ),
        None => String::new(),
    };
    let wrong = page.wrong.map_or_else(String::new, |(_, text)| {
        format!("<p class=\"note\" role=\"alert\">{text}</p>\n")
    });
    let body = format!(
        "<h1>결제 <span lang=\"en\">Checkout</span></h1>\n{}{wrong}\
         <form method=\"post\" class=\"checkout\">\n{}{}{}\
         <button>{} 결제하기 <span lang=\"en\">Pay</span></button>\n</form>\n",
        summary(page),
        methods(page),
        customer(page),
        agreements(page),
        money(session.total_amount, session.currency.as_str()),
    );
    document("결제 · Checkout", &colors, &body)
}

fn summary(page: &Order<'_>) -> String {
    let session = page.session;
    let currency = session.currency.as_str();
    let picture = session
        .order_image_url
        .as_deref()
        .map_or_else(String::new, |url| {
            format!(
                "<img class=\"picture\" src=\"{}\" alt=\"\" referrerpolicy=\"no-referrer\">\n",
                escape(url)
            )
        });
    let mut lines = String::new();
    for product in &session.products {
        let price = product.unit_price.saturating_mul(product.quantity.into());
        let _ = writeln!(
            lines,
            "<div><dt>{} × {}</dt><dd>{}</dd></div>",
            escape(&product.name),
            product.quantity,
            money(price, currency)
        );
    }
    format!(
        "<section class=\"order\">\n{picture}<dl>\n\
         <div><dt>상점 <span lang=\"en\">Shop</span></dt><dd>{}</dd></div>\n\
         <div><dt>상품 <span lang=\"en\">Item</span></dt><dd>{}</dd></div>\n{lines}\
         <div><dt>결제 금액 <span lang=\"en\">Amount</span></dt>\
         <dd class=\"amount\">{}</dd></div>\n</dl>\n</section>\n",
        escape(page.shop),
        escape(&session.order_name),
        money(session.total_amount, currency),
    )
}

fn method_name(name: &str) -> [&'static str; 2] {
    match name {
        "N_PAY" => ["네이버페이", "Naver Pay"],
        "KAKAO_PAY" => ["카카오페이", "Kakao Pay"],
        "TOSS_PAY" => ["토스페이", "Toss Pay"],
        "CARD_INTERNATIONAL" => ["해외 카드", "Foreign card"],
        _ => ["카드", "Card"],
    }
}

fn methods(page: &Order<'_>) -> String {
    let chosen = page.wrong.map(|(form, _)| form.method.as_str());
    let chosen = chosen.filter(|chosen| page.methods.iter().any(|method| method == chosen));
    let chosen = chosen.or(page.methods.first().map(String::as_str));
    let mut choices = String::new();
    for method in page.methods {
        let checked = if Some(method.as_str()) == chosen {
            " checked"
        } else {
            ""
        };
        let [ko, en] = method_name(method);
        let _ = writeln!(
            choices,
            "<label class=\"choice\"><input type=\"radio\" name=\"method\" value=\"{}\"{checked} \
             required> {ko} <span lang=\"en\">{en}</span></label>",
            escape(method)
        );
    }
    format!(
        "<fieldset>\n<legend>결제 수단 <span lang=\"en\">Pay with</span></legend>\n{choices}\
         </fieldset>\n"
    )
}

/// PGs want to know the customer on a computer; on a phone they do not.
fn customer(page: &Order<'_>) -> String {
    let session = page.session;
    let sent = page.wrong.map(|(form, _)| form);
    let value = |sent: Option<&str>, known: Option<&String>| {
        let text = sent.or(known.map(String::as_str)).unwrap_or_default();
        escape(text)
    };
    let required = if page.is_mobile { "" } else { " required" };
    let field = |name: &str, label: [&str; 2], kind: &str, value: &str| {
        format!(
            "<label class=\"field\">{} <span lang=\"en\">{}</span>\n\
             <input name=\"{name}\" {kind} value=\"{value}\" maxlength=\"200\"{required}>\
             </label>\n",
            label[0], label[1]
        )
    };
    format!(
        "<fieldset>\n<legend>구매자 <span lang=\"en\">Customer</span></legend>\n{}{}{}</fieldset>\n",
        field(
            "name",
            ["이름", "Name"],
            "autocomplete=\"name\"",
            &value(
                sent.map(|form| form.name.as_str()),
                session.customer_name.as_ref()
            ),
        ),
        field(
            "email",
            ["이메일", "E-mail"],
            "type=\"email\" autocomplete=\"email\"",
            &value(
                sent.map(|form| form.email.as_str()),
                session.customer_email.as_ref()
            ),
        ),
        field(
            "phone",
            ["휴대폰", "Phone"],
            "type=\"tel\" autocomplete=\"tel\"",
            &value(sent.map(|form| form.phone.as_str()), None),
        ),
    )
}

fn agreements(page: &Order<'_>) -> String {
    let all = &page.session.agreements;
    if all.is_empty() {
        return String::new();
    }
    let mut boxes = String::new();
    for (place, agreement) in all.iter().enumerate() {
        let is_agreed = page
            .wrong
            .is_some_and(|(form, _)| form.agreed.contains(&place));
        let checked = if is_agreed { " checked" } else { "" };
        let _ = writeln!(
            boxes,
            "<p class=\"choice\"><label><input type=\"checkbox\" name=\"agreed\" value=\"{place}\"\
             {checked} required> {}</label> <a href=\"{}\" target=\"_blank\" rel=\"noopener\">보기 \
             <span lang=\"en\">Read</span></a></p>",
            escape(&agreement.name),
            escape(&agreement.url)
        );
    }
    format!(
        "<fieldset>\n<legend>약관 동의 <span lang=\"en\">Terms</span></legend>\n{boxes}</fieldset>\n"
    )
}

pub(super) fn paid() -> String {
    message(
        "good",
        ["이미 결제된 주문입니다", "This order is paid"],
        [
            "다시 결제하지 않아도 됩니다.",
            "There is nothing more to pay.",
        ],
    )
}

pub(super) fn no_method() -> String {
    message(
        "bad",
        ["결제할 수 있는 수단이 없습니다", "There is no way to pay"],
        [
            "결제되지 않았습니다. 주문하신 상점에 문의해 주세요.",
            "Nothing was paid. Please ask the shop.",
        ],
    )
}

pub(super) fn ended() -> String {
    message(
        "bad",
        ["만료된 결제 페이지입니다", "This checkout has ended"],
        [
            "이 결제 페이지는 더 이상 사용할 수 없습니다. 상점에서 다시 주문해 주세요.",
            "This page can no longer be used. Please order again at the shop.",
        ],
    )
}

pub(super) fn unknown() -> String {
    message(
        "bad",
        [
            "결제 페이지를 찾을 수 없습니다",
            "There is no such checkout",
        ],
        ["주소를 다시 확인해 주세요.", "Please check the address."],
    )
}

pub(super) fn unreadable() -> String {
    message(
        "bad",
        ["입력을 읽을 수 없습니다", "What was sent can't be read"],
        [
            "아직 결제되지 않았습니다. 뒤로 가서 다시 시도해 주세요.",
            "Nothing has been paid. Please go back and try again.",
        ],
    )
}

pub(super) fn broken() -> String {
    message(
        "bad",
        ["잠시 후 다시 시도해 주세요", "Please try again in a moment"],
        [
            "서버가 일시적으로 응답하지 못했습니다. 결제되지 않았습니다.",
            "The server can't answer at the moment. Nothing was paid.",
        ],
    )
}
