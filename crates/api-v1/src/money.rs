//! Amounts: whole units of the currency on this wire, minor units behind it.

use naru_domain::Currency;
use serde_json::{Number, Value};

use crate::limits::AMOUNT_MAX;
use crate::refused::Refused;

/// Digits of a currency's fraction.
fn digits(currency: &Currency) -> usize {
    match currency.as_str() {
        "KRW" | "JPY" | "VND" | "CLP" | "ISK" | "PYG" | "UGX" | "XAF" | "XOF" | "XPF" | "RWF"
        | "KMF" | "GNF" | "DJF" | "BIF" | "VUV" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// An amount as it is sent: a number, or a text that is one; `1000.0` is 1000.
pub(crate) fn minor(field: &str, value: &Value, currency: &Currency) -> Result<i64, Refused> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    let digits = digits(currency);
    parsed(&text, digits)
        .filter(|amount| (0..=AMOUNT_MAX).contains(amount))
        .ok_or_else(|| Refused::malformed(field, "금액"))
}

fn parsed(text: &str, digits: usize) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > digits {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok()
}

/// An amount as it is answered.
pub(crate) fn major(amount: i64, currency: &Currency) -> Number {
    let digits = digits(currency);
    if digits == 0 {
        return amount.into();
    }
    let sign = if amount < 0 { "-" } else { "" };
    let padded = format!("{:0>width$}", amount.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = padded.split_at(padded.len() - digits);
    let fraction = fraction.trim_end_matches('0');
    let text = if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    };
    text.parse().unwrap_or_else(|_| amount.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_read_in_every_spelling() {
        let won = Currency::krw();
        for value in [
            json!(1000),
            json!(1000.0),
            json!("1000"),
            json!(" 1000.00 "),
        ] {
            assert_eq!(minor("amount", &value, &won).unwrap(), 1000, "{value}");
        }
        let dollars = Currency::new("USD");
        assert_eq!(minor("amount", &json!(10.5), &dollars).unwrap(), 1050);
        assert_eq!(minor("amount", &json!("0.07"), &dollars).unwrap(), 7);
        for value in [
            json!(10.5),
            json!("ten"),
            json!(""),
            json!(-1),
            json!(true),
            json!([1]),
        ] {
            assert!(minor("amount", &value, &won).is_err(), "{value}");
        }
        assert!(minor("amount", &json!("99999999999999999999"), &won).is_err());
    }

    #[test]
    fn amounts_are_written_in_whole_units() {
        assert_eq!(major(1000, &Currency::krw()).to_string(), "1000");
        let dollars = Currency::new("USD");
        let seen = [(1050, "10.5"), (7, "0.07"), (300, "3"), (0, "0")];
        for (amount, expected) in seen {
            assert_eq!(major(amount, &dollars).to_string(), expected);
        }
    }
}
