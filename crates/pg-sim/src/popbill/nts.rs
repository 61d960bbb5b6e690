//! The way to the tax office: at 15:00 of the business day after the issue, an answer some twenty
//! minutes later.

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use super::books::AspBooks;
use super::invoice::{Invoice, Side};
use crate::clock::Stamp;

const MINUTE_MS: i64 = 60 * 1_000;
/// From "before sending" to "waiting".
const QUEUE_MS: i64 = MINUTE_MS;
/// From "before sending" to "sending".
const SEND_MS: i64 = 2 * MINUTE_MS;
/// From "before sending" to the answer.
const RESULT_MS: i64 = 22 * MINUTE_MS;

fn next_day(day: Date) -> Date {
    let mut day = day.saturating_add(1.day());
    while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
        day = day.saturating_add(1.day());
    }
    day
}

/// When what is issued now begins its way.
pub(crate) fn send_at(issued_ms: i64) -> i64 {
    let day = next_day(Stamp::of(issued_ms).day());
    let korea = TimeZone::fixed(jiff::tz::offset(9));
    day.at(15, 0, 0, 0)
        .to_zoned(korea)
        .map_or(issued_ms, |at| at.timestamp().as_millisecond())
}

/// Where an invoice stands by now, if that is another place than before.
pub(crate) fn moved(books: &AspBooks, invoice: &Invoice, now_ms: i64) -> Option<Invoice> {
    let begins = invoice.send_at_ms?;
    if !(300..304).contains(&invoice.state) || now_ms < begins {
        return None;
    }
    let mut next = invoice.clone();
    let (state, at) = if now_ms >= begins + RESULT_MS {
        next.sent_ms = Some(begins + SEND_MS);
        next.result_ms = Some(begins + RESULT_MS);
        let code = verdict(books, invoice);
        next.result_code = Some(code.to_owned());
        (if code == "SUC001" { 304 } else { 305 }, begins + RESULT_MS)
    } else if now_ms >= begins + SEND_MS {
        next.sent_ms = Some(begins + SEND_MS);
        (303, begins + SEND_MS)
    } else if now_ms >= begins + QUEUE_MS {
        (302, begins + QUEUE_MS)
    } else {
        (301, begins)
    };
    // What is sent at once waits already; nothing goes back.
    if state <= invoice.state {
        return None;
    }
    next.state = state;
    next.changed_ms = at;
    Some(next)
}

/// What the tax office says: checks of its own, success otherwise.
fn verdict(books: &AspBooks, invoice: &Invoice) -> &'static str {
    let issued = invoice.issued_ms.map(Stamp::of);
    let issued = issued.map(Stamp::date).unwrap_or_default();
    if invoice.text("writeDate") > issued.as_str() {
        return "ERR006";
    }
    let supply = invoice.won("supplyCostTotal").unwrap_or(0);
    let tax = invoice.won("taxTotal").unwrap_or(0);
    let is_untaxed = invoice.text("taxType") != "과세";
    if supply.signum() * tax.signum() < 0 || (is_untaxed && tax != 0) {
        return "ERR007";
    }
    let supplier = books.company(invoice.company(Side::Sell));
    match supplier.state.as_str() {
        "0" => "ERR001",
        "2" if supplier.state_date.as_str() < issued.as_str() => "ERR009",
        _ => match books.company(invoice.company(Side::Buy)).state.as_str() {
            "0" => "ERR002",
            _ => "SUC001",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transmission_begins_at_three_on_the_next_business_day() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_millisecond();
        // A Friday evening in Korea.
        let friday = at("2026-03-06T20:00:00+09:00");
        assert_eq!(send_at(friday), at("2026-03-09T15:00:00+09:00"));
        let monday = at("2026-03-09T00:30:00+09:00");
        assert_eq!(send_at(monday), at("2026-03-10T15:00:00+09:00"));
    }
}
