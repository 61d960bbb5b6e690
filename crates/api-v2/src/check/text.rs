//! Texts: lengths, and characters that nothing behind us can take.

use naru_domain::{IdentityVerificationId, PaymentId, Timestamp};
use naru_engine::Fault;

use super::bad;
use crate::limits::{NOTICE_URLS_MAX, PAYMENT_ID_MAX, URL_MAX};

/// The id of a payment to be made. Restrictions of PGs are their connectors'.
pub(crate) fn payment_id(text: &str) -> Result<PaymentId, Fault> {
    merchants_id("paymentId", text).map(PaymentId::new)
}

/// The id of an identity verification to be made.
pub(crate) fn identity_verification_id(text: &str) -> Result<IdentityVerificationId, Fault> {
    merchants_id("identityVerificationId", text).map(IdentityVerificationId::new)
}

fn merchants_id<'a>(field: &str, text: &'a str) -> Result<&'a str, Fault> {
    let length = text.chars().take(PAYMENT_ID_MAX + 1).count();
    if !(1..=PAYMENT_ID_MAX).contains(&length) || text.chars().any(char::is_control) {
        return Err(bad(
            field,
            &format!("1 to {PAYMENT_ID_MAX} characters without control characters"),
        ));
    }
    Ok(text)
}

/// A text of at most so many characters, which may be empty.
pub(super) fn text(field: &str, value: String, chars_max: usize) -> Result<String, Fault> {
    if value.chars().take(chars_max + 1).count() > chars_max || value.contains('\0') {
        return Err(bad(
            field,
            &format!("at most {chars_max} characters without NUL"),
        ));
    }
    Ok(value)
}

/// A text that says something.
pub(crate) fn required(field: &str, value: String, chars_max: usize) -> Result<String, Fault> {
    if value.trim().is_empty() {
        return Err(bad(field, "a text that is not empty"));
    }
    text(field, value, chars_max)
}

/// A text that may be left out; an empty one counts as left out.
pub(crate) fn optional(
    field: &str,
    value: Option<String>,
    chars_max: usize,
) -> Result<Option<String>, Fault> {
    value
        .filter(|value| !value.is_empty())
        .map(|value| text(field, value, chars_max))
        .transpose()
}

/// Digits after hyphens, spaces and the like are taken out.
pub(crate) fn digits(value: &str) -> Option<String> {
    let kept: String = value
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '.' | '(' | ')' | '+'))
        .collect();
    kept.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then_some(kept)
}

/// A point in time.
pub(crate) fn time(field: &str, value: &str) -> Result<Timestamp, Fault> {
    value
        .parse()
        .map_err(|_| bad(field, "an RFC 3339 date and time with a zone"))
}

/// Webhook addresses.
pub(crate) fn notice_urls(urls: Option<Vec<String>>) -> Result<Vec<String>, Fault> {
    let urls = urls.unwrap_or_default();
    if urls.len() > NOTICE_URLS_MAX {
        return Err(bad(
            "noticeUrls",
            &format!("at most {NOTICE_URLS_MAX} addresses"),
        ));
    }
    for (index, url) in urls.iter().enumerate() {
        if !is_url(url) {
            return Err(bad(
                &format!("noticeUrls[{index}]"),
                &format!("an http or https address of at most {URL_MAX} characters"),
            ));
        }
    }
    Ok(urls)
}

pub(super) fn is_url(url: &str) -> bool {
    let Ok(uri) = url.parse::<http::Uri>() else {
        return false;
    };
    url.len() <= URL_MAX
        && matches!(uri.scheme_str(), Some("http" | "https"))
        && uri.host().is_some_and(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_length_and_no_control_characters() {
        for good in ["a", " ", "주문-1/2", &"x".repeat(200), &"한".repeat(200)] {
            assert!(payment_id(good).is_ok(), "{good}");
        }
        for bad in ["", "a\0", "a\n", "\u{7f}", &"x".repeat(201)] {
            assert!(payment_id(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn addresses_are_http() {
        for good in ["http://127.0.0.1:9/a?b=c", "https://example.com"] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "example.com",
            "/a",
            "ftp://example.com",
            "http://",
            "http://a b",
            "mailto:a",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }

    #[test]
    fn digits_lose_their_decoration() {
        assert_eq!(digits("010-1234 5678").as_deref(), Some("01012345678"));
        assert_eq!(digits("+82 (10) 1").as_deref(), Some("82101"));
        assert_eq!(digits("010x"), None);
        assert_eq!(digits("٠١٠"), None);
    }
}
