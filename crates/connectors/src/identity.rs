//! Identity verification: what the PGs' folders share of it.
//!
//! Carriers have one set of codes in the contract and another at each PG; a birth date comes as
//! the first digits of a resident number or as eight digits. Invariant: a code that is not known
//! is nothing, never a guess.

use naru_connector::{BeginError, InboundRequest, NoticeAnswer, Rejected};
use serde_json::Value;

/// The contract's carrier codes and one PG's.
pub(crate) type Carriers = [(&'static str, &'static str); 6];

/// The PG's code of a carrier.
pub(crate) fn to_pg(carriers: &Carriers, code: &str) -> Result<&'static str, BeginError> {
    let found = carriers.iter().find(|(contract, _)| *contract == code);
    found
        .map(|(_, pg)| *pg)
        .ok_or_else(|| invalid("operator", "must be a carrier that this PG knows"))
}

/// The contract's code of a carrier.
pub(crate) fn from_pg(carriers: &Carriers, code: &str) -> Option<String> {
    let found = carriers.iter().find(|(_, pg)| *pg == code);
    found.map(|(contract, _)| (*contract).to_owned())
}

/// The refusal of a field.
pub(crate) fn invalid(field: &'static str, message: &str) -> BeginError {
    BeginError::Invalid {
        field,
        message: message.to_owned(),
    }
}

/// `yyyyMMdd` as `yyyy-MM-dd`, if it is a day.
pub(crate) fn birth_date(text: &str) -> Option<String> {
    let is_digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits {
        return None;
    }
    let date = format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    date.parse::<jiff::civil::Date>().ok().map(|_| date)
}

/// The PG's own parameters in a request's `bypass`, under one of the names they go by.
pub(crate) fn bypass<'a>(bypass: &'a Value, names: &[&str]) -> &'a Value {
    names
        .iter()
        .filter_map(|name| bypass.get(name))
        .find(|found| found.is_object())
        .unwrap_or(&Value::Null)
}

/// A text of a bypass; nothing if it is absent or empty.
pub(crate) fn bypass_text(
    bypass: &Value,
    name: &str,
    field: &'static str,
) -> Result<Option<String>, BeginError> {
    match bypass.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.chars().count() <= 200 => {
            Ok(Some(text.clone()).filter(|text| !text.is_empty()))
        }
        Some(_) => Err(invalid(field, "must be a text of at most 200 characters")),
    }
}

/// The answer to a notice of a PG that sends none.
pub(crate) fn no_notices(_: &InboundRequest) -> Rejected {
    Rejected {
        reason: "this PG sends no notices".to_owned(),
        answer: NoticeAnswer {
            status: 404,
            content_type: "text/plain",
            body: "no notices are taken here\n",
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CARRIERS: Carriers = [
        ("SKT", "SKT"),
        ("KT", "KTF"),
        ("LGU", "LGT"),
        ("SKT_MVNO", "SKM"),
        ("KT_MVNO", "KTM"),
        ("LGU_MVNO", "LGM"),
    ];

    #[test]
    fn carriers_translate_both_ways_and_unknown_ones_do_not() {
        for (contract, pg) in CARRIERS {
            assert_eq!(to_pg(&CARRIERS, contract), Ok(pg));
            assert_eq!(from_pg(&CARRIERS, pg).as_deref(), Some(contract));
        }
        assert!(to_pg(&CARRIERS, "KTF").is_err());
        assert_eq!(from_pg(&CARRIERS, "KT"), None);
    }

    #[test]
    fn only_days_are_birth_dates() {
        assert_eq!(birth_date("20000229").as_deref(), Some("2000-02-29"));
        for text in ["", "20010229", "2000022", "2000-2-9", "２０００"] {
            assert_eq!(birth_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_bypass_is_found_by_either_name() {
        let given = json!({"kcp_v2": {"media_type": "MC01", "n": 1}, "kcpV2": "no object"});
        let found = bypass(&given, &["kcpV2", "kcp_v2"]);
        let text = |name| bypass_text(found, name, "bypass");
        assert_eq!(text("media_type"), Ok(Some("MC01".to_owned())));
        assert_eq!(text("absent"), Ok(None));
        assert!(text("n").is_err());
        assert_eq!(bypass(&Value::Null, &["danal"]), &Value::Null);
    }
}
