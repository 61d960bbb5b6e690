//! Card data. It passes through and is never repeated in a message (P8).

use naru_engine::Fault;
use naru_engine::payments::CardDetails;
use naru_engine::{CardCredential, Secret};
use naru_wire_v2::{self as wire, InstantPaymentMethodInputCard};

use super::bad;
use crate::limits::INSTALLMENT_MONTHS_MAX;

/// A card payment's card.
pub(super) fn card(input: InstantPaymentMethodInputCard) -> Result<CardDetails, Fault> {
    Ok(CardDetails {
        credential: credential(input.credential)?,
        installment_months: installment_months(
            "method.card.installmentMonth",
            input.installment_month,
        )?,
        is_interest_free: input.use_free_interest_from_merchant.unwrap_or(false),
        use_card_point: input.use_card_point.unwrap_or(false),
    })
}

/// Months of an instalment plan; 0 is a lump sum.
pub(super) fn installment_months(field: &str, months: Option<i32>) -> Result<u16, Fault> {
    let months = months.unwrap_or(0);
    u16::try_from(months)
        .ok()
        .filter(|_| months <= INSTALLMENT_MONTHS_MAX)
        .ok_or_else(|| {
            bad(
                field,
                &format!("a number from 0 to {INSTALLMENT_MONTHS_MAX}"),
            )
        })
}

/// The card of a payment or of a billing key.
pub(super) fn credential(input: wire::CardCredential) -> Result<CardCredential, Fault> {
    let field = |name: &str| format!("method.card.credential.{name}");
    let number = wanted(&input.number, &[14, 15, 16])
        .ok_or_else(|| bad(&field("number"), "14 to 16 digits"))?;
    let expiry_year =
        wanted(&input.expiry_year, &[2]).ok_or_else(|| bad(&field("expiryYear"), "two digits"))?;
    let expiry_month = wanted(&input.expiry_month, &[2])
        .filter(|month| ("01"..="12").contains(&month.expose()))
        .ok_or_else(|| bad(&field("expiryMonth"), "two digits, from 01 to 12"))?;
    let birth = given(input.birth_or_business_registration_number)
        .map(|text| {
            wanted(&text, &[6, 10]).ok_or_else(|| {
                bad(
                    &field("birthOrBusinessRegistrationNumber"),
                    "six digits of a birth date or ten digits of a business",
                )
            })
        })
        .transpose()?;
    let password = given(input.password_two_digits)
        .map(|text| {
            wanted(&text, &[2]).ok_or_else(|| bad(&field("passwordTwoDigits"), "two digits"))
        })
        .transpose()?;
    Ok(CardCredential {
        number,
        expiry_year,
        expiry_month,
        birth_or_business_number: birth,
        password_two_digits: password,
    })
}

fn given(value: Option<String>) -> Option<String> {
    value.filter(|text| !text.is_empty())
}

/// So many digits, after hyphens and spaces are taken out.
fn wanted(text: &str, lengths: &[usize]) -> Option<Secret> {
    let kept: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let is_digits = kept.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits && lengths.contains(&kept.len())).then(|| Secret::new(kept))
}
