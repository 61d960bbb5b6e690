//! Card data. It passes through and is never repeated in a message (P8).

use naru_engine::payments::CardDetails;
use naru_engine::{CardCredential, Secret};

use crate::extract::Input;
use crate::limits::CARD_QUOTA_MAX;
use crate::messages;
use crate::refused::Refused;

/// The card of a call. What stands before a refusal says what the card was for.
pub(crate) fn credential(input: &Input, prefix: &str) -> Result<CardCredential, Refused> {
    let refused = |message: &str| Refused::Pg(format!("{prefix}{message}"));
    let number = input.required("card_number")?;
    let number = digits(&number, &[14, 15, 16]).ok_or_else(|| refused(messages::BAD_CARD))?;
    let expiry = input.required("expiry")?;
    let (expiry_year, expiry_month) =
        expiry_of(&expiry).ok_or_else(|| refused(messages::BAD_EXPIRY))?;
    let birth = input
        .said(&["birth"])
        .map(|text| digits(&text, &[6, 10]).ok_or_else(|| refused(messages::BAD_BIRTH)))
        .transpose()?;
    let password = input
        .said(&["pwd_2digit"])
        .map(|text| digits(&text, &[2]).ok_or_else(|| refused(messages::BAD_PASSWORD)))
        .transpose()?;
    Ok(CardCredential {
        number,
        expiry_year,
        expiry_month,
        birth_or_business_number: birth,
        password_two_digits: password,
    })
}

/// The card of a payment.
pub(crate) fn details(input: &Input, prefix: &str) -> Result<CardDetails, Refused> {
    Ok(CardDetails {
        credential: credential(input, prefix)?,
        installment_months: installment_months(input)?,
        is_interest_free: input.boolean("interest_free_by_merchant")?.unwrap_or(false),
        use_card_point: input.boolean("use_card_point")?.unwrap_or(false),
    })
}

/// Months of an instalment plan; 0 is a lump sum.
pub(crate) fn installment_months(input: &Input) -> Result<u16, Refused> {
    let months = input.int("card_quota")?.unwrap_or(0);
    u16::try_from(months)
        .ok()
        .filter(|_| months <= CARD_QUOTA_MAX)
        .ok_or_else(|| Refused::malformed("card_quota", "0 이상의 개월수"))
}

/// So many digits, after hyphens and spaces are taken out.
fn digits(text: &str, lengths: &[usize]) -> Option<Secret> {
    let kept: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let is_digits = kept.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits && lengths.contains(&kept.len())).then(|| Secret::new(kept))
}

/// Year and month, two digits each, of `YYYY-MM`, `YYYYMM` or the same with a year of two digits.
fn expiry_of(text: &str) -> Option<(Secret, Secret)> {
    let kept: String = text
        .chars()
        .filter(|c| !matches!(c, '-' | ' ' | '/'))
        .collect();
    if !kept.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(kept.len(), 4 | 6) {
        return None;
    }
    let (year, month) = kept.split_at_checked(kept.len() - 2)?;
    let year = year.get(year.len() - 2..)?;
    ("01"..="12")
        .contains(&month)
        .then(|| (Secret::new(year), Secret::new(month)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn input(value: &Value) -> Input {
        Input::of_json(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_card_is_read_with_and_without_hyphens() {
        for (number, expiry) in [
            ("4111-1111-1111-1111", "2031-12"),
            ("4111111111111111", "203112"),
            ("4111 1111 1111 1111", "31-12"),
        ] {
            let card = json!({"card_number": number, "expiry": expiry, "birth": "900101"});
            let card = credential(&input(&card), "").unwrap();
            assert_eq!(card.number.expose(), "4111111111111111");
            assert_eq!(
                (card.expiry_year.expose(), card.expiry_month.expose()),
                ("31", "12")
            );
        }
    }

    #[test]
    fn a_refusal_repeats_no_value() {
        for (field, value) in [
            ("card_number", "4111"),
            ("expiry", "2031-13"),
            ("birth", "9"),
            ("pwd_2digit", "123"),
        ] {
            let mut card = json!({
                "card_number": "4111111111111111", "expiry": "2031-12", "birth": "900101",
                "pwd_2digit": "12",
            });
            card[field] = json!(value);
            let Err(Refused::Pg(message)) = credential(&input(&card), "앞 ") else {
                panic!("{field} was taken");
            };
            assert!(
                message.starts_with("앞 ") && !message.contains(value),
                "{message}"
            );
        }
    }
}
