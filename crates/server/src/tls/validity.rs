//! From when until when a certificate counts, read from its DER (RFC 5280, section 4.1).
//!
//! rustls checks certificates of others and has no need to tell this of our own; a whole reader of
//! X.509 would be a dependency for two fields. Whatever is not as expected is nothing.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// The version, which is left out where it is 1.
const VERSION: u8 = 0xa0;
/// Bytes of a length: certificates are far below 16 MiB.
const LENGTH_BYTES_MAX: usize = 3;

/// When a certificate counts, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before_s: i64,
    /// The last second.
    pub not_after_s: i64,
}

/// That of a certificate.
pub(super) fn of(certificate: &[u8]) -> Option<Validity> {
    let (certificate, _) = element(certificate, SEQUENCE)?;
    let (signed, _) = element(certificate, SEQUENCE)?;
    let signed = match element(signed, VERSION) {
        Some((_, rest)) => rest,
        None => signed,
    };
    let (_serial_number, rest) = element(signed, INTEGER)?;
    let (_algorithm, rest) = element(rest, SEQUENCE)?;
    let (_issuer, rest) = element(rest, SEQUENCE)?;
    let (validity, _) = element(rest, SEQUENCE)?;
    let (not_before_s, rest) = time(validity)?;
    let (not_after_s, _) = time(rest)?;
    Some(Validity {
        not_before_s,
        not_after_s,
    })
}

/// The content of the element at the front, and what comes after it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    if found != tag {
        return None;
    }
    let (&first, rest) = rest.split_first()?;
    if first < 0x80 {
        return rest.split_at_checked(first.into());
    }
    let count = usize::from(first & 0x7f);
    if count == 0 || count > LENGTH_BYTES_MAX {
        return None;
    }
    let (digits, rest) = rest.split_at_checked(count)?;
    let length = digits
        .iter()
        .fold(0, |length, digit| length << 8 | usize::from(*digit));
    rest.split_at_checked(length)
}

/// `YYMMDDhhmmssZ` of the years 1950 to 2049, or `YYYYMMDDhhmmssZ`.
fn time(bytes: &[u8]) -> Option<(i64, &[u8])> {
    if let Some((text, rest)) = element(bytes, UTC_TIME) {
        let (year, text) = number(text, 2)?;
        let century = if year < 50 { 2_000 } else { 1_900 };
        return Some((seconds(century + year, text)?, rest));
    }
    let (text, rest) = element(bytes, GENERALIZED_TIME)?;
    let (year, text) = number(text, 4)?;
    Some((seconds(year, text)?, rest))
}

fn seconds(year: i16, text: &[u8]) -> Option<i64> {
    let part = |text| -> Option<(i8, _)> {
        let (number, rest) = number(text, 2)?;
        Some((i8::try_from(number).ok()?, rest))
    };
    let (month, rest) = part(text)?;
    let (day, rest) = part(rest)?;
    let (hour, rest) = part(rest)?;
    let (minute, rest) = part(rest)?;
    let (second, rest) = part(rest)?;
    if rest != b"Z" {
        return None;
    }
    let at = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let at = at.to_zoned(TimeZone::UTC).ok()?;
    Some(at.timestamp().as_second())
}

fn number(text: &[u8], digits: usize) -> Option<(i16, &[u8])> {
    let (number, rest) = text.split_at_checked(digits)?;
    if !number.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = std::str::from_utf8(number).ok()?;
    Some((number.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, 0x81, length], content].concat()
    }

    /// As much of a certificate as stands before its end.
    fn certificate(version: &[u8], times: [(u8, &str); 2]) -> Vec<u8> {
        let times = times.map(|(tag, text)| der(tag, text.as_bytes()));
        let signed = [
            version,
            &der(INTEGER, &[1]),
            &der(SEQUENCE, b"algorithm"),
            &der(SEQUENCE, b"issuer"),
            &der(SEQUENCE, &times.concat()),
        ];
        der(SEQUENCE, &der(SEQUENCE, &signed.concat()))
    }

    #[test]
    fn times_are_read_in_both_forms() {
        let times = [
            (UTC_TIME, "700101000000Z"),
            (GENERALIZED_TIME, "20500102030405Z"),
        ];
        let expected = Validity {
            not_before_s: 0,
            not_after_s: 2_524_705_445,
        };
        assert_eq!(of(&certificate(&[], times)), Some(expected));
        let version = der(VERSION, &der(INTEGER, &[2]));
        assert_eq!(of(&certificate(&version, times)), Some(expected));
        let times = [(UTC_TIME, "491231235959Z"), (UTC_TIME, "500101000000Z")];
        let found = of(&certificate(&[], times)).unwrap();
        assert_eq!(found.not_before_s, 2_524_607_999);
        assert_eq!(found.not_after_s, -631_152_000);
    }

    #[test]
    fn what_is_no_certificate_is_nothing() {
        let good = [(UTC_TIME, "260101000000Z"), (UTC_TIME, "270101000000Z")];
        for bad in [
            "261301000000Z",
            "2601010000Z",
            "260101000000",
            "26010100000aZ",
        ] {
            let times = [good[0], (UTC_TIME, bad)];
            assert_eq!(of(&certificate(&[], times)), None, "{bad}");
        }
        // Cut anywhere, it is none and nothing breaks.
        let whole = certificate(&[], good);
        for length in 0..whole.len() {
            assert_eq!(of(&whole[..length]), None, "{length}");
        }
        for bad in [&[0x30, 0x80][..], &[0x30, 0x84, 0, 0, 0, 1, 0], b"text"] {
            assert_eq!(of(bad), None);
        }
    }
}
