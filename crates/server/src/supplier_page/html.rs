//! The markup of the supplier's page. Whatever comes from an invoice or a provider is escaped.

use std::fmt::Write as _;

use naru_documents::{Shown, draw, escape, sections};
use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{State, TaxInvoice};
use naru_engine::b2b::{CanSign, Certificate, SupplierView};

use super::words::Words;

/// A page under construction.
pub(super) struct Page(String);

impl Page {
    /// Its text.
    pub(super) fn text(&self) -> String {
        self.0.clone()
    }
}

/// Something that the page says at its top.
pub(super) struct Note {
    is_bad: bool,
    text: String,
}

impl Note {
    /// Something went wrong.
    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self {
            is_bad: true,
            text: text.into(),
        }
    }

    fn markup(&self) -> String {
        let (class, role) = if self.is_bad {
            ("note bad", "alert")
        } else {
            ("note good", "status")
        };
        format!(
            "<div class=\"{class}\" role=\"{role}\"><p>{}</p></div>",
            escape(&self.text)
        )
    }
}

/// `switch` leads to the same page in the other language.
fn page(words: &Words, (class, switch): (&str, &str), body: &str) -> Page {
    let title = words.title;
    Page(format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title}</title>\n\
         <link rel=\"stylesheet\" href=\"assets/invoice.css\">\n\
         <link rel=\"stylesheet\" href=\"assets/supplier.css\">\n</head>\n\
         <body class=\"supplier\">\n<header><p>{title}</p>{switch}</header>\n\
         <main class=\"{class}\">{body}</main>\n</body>\n</html>\n",
        words.code
    ))
}

/// The fields that every form has.
fn hidden(words: &Words, token: &str, step: &str) -> String {
    format!(
        "<input type=\"hidden\" name=\"token\" value=\"{}\">\
         <input type=\"hidden\" name=\"lang\" value=\"{}\">\
         <input type=\"hidden\" name=\"step\" value=\"{step}\">",
        escape(token),
        words.code
    )
}

/// A form with one button.
fn form(hidden: &str, (fields, class, button): (&str, &str, &str)) -> String {
    format!(
        "<form method=\"post\" action=\"answer\">{hidden}{fields}\
         <button type=\"submit\" class=\"{class}\">{button}</button></form>"
    )
}

/// The first page: whose number is it?
pub(super) fn number(words: &Words, token: &str, problem: Option<&str>) -> Page {
    let problem = problem.map_or_else(String::new, |text| Note::bad(text).markup());
    let fields = format!(
        "<label for=\"number\">{}</label><input type=\"text\" id=\"number\" name=\"number\" \
         inputmode=\"numeric\" autocomplete=\"off\" maxlength=\"12\" required \
         aria-describedby=\"hint\" placeholder=\"123-45-67890\">\
         <p class=\"soft\" id=\"hint\">{}</p>",
        words.number, words.number_hint
    );
    let form = form(
        &hidden(words, token, "number"),
        (&fields, "main", words.go_on),
    );
    let body = format!(
        "<div class=\"card\"><h1>{}</h1><p>{}</p>{problem}{form}</div>",
        words.number_title, words.number_text
    );
    let (code, name) = words.other;
    let switch = format!(
        "<a class=\"plain\" lang=\"{code}\" href=\"answer?token={}&amp;lang={code}\">{name}</a>",
        escape(token)
    );
    page(words, ("narrow", &switch), &body)
}

/// A page that says one thing.
pub(super) fn message(words: &Words, title: &str, text: &str) -> Page {
    let body = format!("<div class=\"card\"><h1>{title}</h1><p>{text}</p></div>");
    page(words, ("narrow", ""), &body)
}

/// The way to the provider's page for certificates.
pub(super) fn certificate(words: &Words, token: &str, url: &str) -> Page {
    let back = form(
        &hidden(words, token, "look"),
        ("", "second", words.page_back),
    );
    let body = format!(
        "<div class=\"card\"><h1>{}</h1><p>{}</p><a class=\"main\" href=\"{}\" \
         target=\"_blank\" rel=\"noopener noreferrer\">{}</a>{back}</div>",
        words.page_title,
        words.page_text,
        escape(url),
        words.page_open
    );
    page(words, ("narrow", ""), &body)
}

/// The invoice beside what can be done about it.
pub(super) fn invoice(
    words: &Words,
    view: &SupplierView,
    (token, pdf): (&str, &str),
    note: Option<&Note>,
) -> Page {
    let invoice = &view.invoice;
    let mut aside = note.map_or_else(String::new, Note::markup);
    if view.can_sign.is_none() {
        aside.push_str(&standing(words, invoice));
    }
    aside.push_str(&summary(words, invoice, pdf));
    if let Some(can_sign) = &view.can_sign {
        aside.push_str(&choices(words, can_sign, token));
    } else if invoice.call.is_some() {
        aside.push_str(&form(
            &hidden(words, token, "look"),
            ("", "second", words.go_on),
        ));
    }
    let sheets = sections(&draw(invoice, Shown::ToParty));
    let body = format!("<div class=\"sheets\">{sheets}</div><aside>{aside}</aside>");
    let (code, name) = words.other;
    let switch = format!(
        "<form method=\"post\" action=\"answer\"><input type=\"hidden\" name=\"token\" \
         value=\"{}\"><input type=\"hidden\" name=\"lang\" value=\"{code}\"><input \
         type=\"hidden\" name=\"step\" value=\"look\"><button type=\"submit\" class=\"plain\" \
         lang=\"{code}\">{name}</button></form>",
        escape(token)
    );
    page(words, ("wide", &switch), &body)
}

/// What became of an invoice that waits for nobody.
fn standing(words: &Words, invoice: &TaxInvoice) -> String {
    let (class, [title, text]) = match &invoice.state {
        _ if invoice.call.is_some() => ("note", words.under_way),
        State::Issued { .. }
        | State::BeforeSending { .. }
        | State::WaitingSending { .. }
        | State::Sending { .. }
        | State::SendingCompleted { .. } => ("note good", words.issued),
        State::RequestRefused => ("note", words.refused),
        State::RequestCancelled => ("note", words.taken_back),
        State::IssuanceCancelled { .. } | State::Deleted { .. } => ("note bad", words.cancelled),
        State::SendingFailed { .. } => ("note bad", words.sending_failed),
        State::Absent | State::Drafted | State::Requested => ("note", words.draft),
    };
    format!("<div class=\"{class}\" role=\"status\"><h2>{title}</h2><p>{text}</p></div>")
}

fn summary(words: &Words, invoice: &TaxInvoice, pdf: &str) -> String {
    let document = &invoice.document;
    let party = document.party(Side::Recipient);
    let name = party.name.clone().unwrap_or_else(|| party.brn.to_string());
    let mut rows = String::new();
    for (class, label, value) in [
        ("", words.from, name),
        ("", words.write_date, document.write_date.to_string()),
        ("", words.due, invoice.issuance_due().to_string()),
        (" class=\"sum\"", words.total, won(document.totals.total)),
    ] {
        let _ = write!(rows, "<dt>{label}</dt><dd{class}>{}</dd>", escape(&value));
    }
    format!(
        "<div class=\"card\"><h1>{}</h1><dl>{rows}</dl><p><a href=\"{}\">{}</a></p></div>",
        words.invoice_title,
        escape(pdf),
        words.pdf
    )
}

/// Won with separators.
fn won(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let sign = if amount < 0 { "-" } else { "" };
    format!("₩{sign}{out}")
}

fn day(certificate: &Certificate) -> String {
    certificate
        .expires_at
        .to_string()
        .chars()
        .take(10)
        .collect()
}

/// Sign, refuse, and what is needed to sign.
fn choices(words: &Words, can_sign: &CanSign, token: &str) -> String {
    let (text, button) = match can_sign {
        CanSign::Yes(found) => (
            format!("{} {}", words.certificate_until, day(found)),
            words.register_again,
        ),
        CanSign::Expired(found) => (
            format!("{} {}", words.certificate_expired, day(found)),
            words.register_again,
        ),
        CanSign::NoCertificate => (words.no_certificate.to_owned(), words.register),
        CanSign::NoMember => (words.no_member.to_owned(), words.join_and_register),
        CanSign::Unknown => (words.certificate_unknown.to_owned(), words.register),
    };
    let is_ready = matches!(can_sign, CanSign::Yes(_) | CanSign::Unknown);
    let class = if is_ready { "second" } else { "main" };
    let register = form(&hidden(words, token, "certificate"), ("", class, button));
    let certificate = format!(
        "<div class=\"card\"><h2>{}</h2><p>{text}</p>{register}</div>",
        words.certificate
    );
    let confirm = format!(
        "<label class=\"check\"><input type=\"checkbox\" name=\"confirmed\" value=\"yes\" \
         required><span>{}</span></label>",
        words.confirm
    );
    let sign = if is_ready {
        form(
            &hidden(words, token, "sign"),
            (&confirm, "main", words.sign),
        )
    } else {
        format!(
            "<button type=\"button\" class=\"main\" disabled>{}</button>",
            words.sign
        )
    };
    let reason = format!(
        "<p>{}</p><label for=\"memo\">{}</label>\
         <textarea id=\"memo\" name=\"memo\" maxlength=\"200\"></textarea>",
        words.refuse_text, words.reason
    );
    let refuse = form(
        &hidden(words, token, "refuse"),
        (&reason, "second danger", words.refuse),
    );
    let sign = format!(
        "<div class=\"card\"><h2>{}</h2><p class=\"soft\">{}</p>{sign}</div>",
        words.sign_title, words.sign_text
    );
    let refuse = format!(
        "<div class=\"card\"><details><summary>{}</summary>{refuse}</details></div>",
        words.refuse_title
    );
    // What is needed first stands first.
    if is_ready {
        format!("{sign}{refuse}{certificate}")
    } else {
        format!("{certificate}{sign}{refuse}")
    }
}

#[cfg(test)]
mod tests {
    use super::won;

    #[test]
    fn amounts_have_separators() {
        let shown = [0, 999, 1_000, 1_234_567, -11_000].map(won);
        assert_eq!(shown, ["₩0", "₩999", "₩1,000", "₩1,234,567", "₩-11,000"]);
    }
}
