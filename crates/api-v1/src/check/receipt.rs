//! For whom a cash receipt is, and for how much.

use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::{Amount, AmountRefusal, Currency};
use naru_engine::Secret;

use crate::extract::Input;
use crate::limits::IDENTIFIER_MAX;
use crate::refused::Refused;

/// The number that names the buyer to the tax office. Never repeated in a message.
pub(crate) fn identifier(input: &Input) -> Result<Secret, Refused> {
    let text = input.required("identifier")?;
    let digits: String = text.chars().filter(|c| !matches!(c, '-' | ' ')).collect();
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=IDENTIFIER_MAX).contains(&digits.len());
    if !is_number {
        let expected = format!("숫자 {IDENTIFIER_MAX}자 이내");
        return Err(Refused::malformed("identifier", &expected));
    }
    if let Some(kind) = input.said(&["identifier_type"])
        && !["person", "business", "phone", "taxcard"].contains(&kind.as_str())
    {
        let expected = "person, business, phone, taxcard";
        return Err(Refused::malformed("identifier_type", expected));
    }
    Ok(Secret::new(digits))
}

/// A person's or a company's.
pub(crate) fn kind(input: &Input) -> Result<ReceiptKind, Refused> {
    match input.said(&["type"]).as_deref() {
        None | Some("person") => Ok(ReceiptKind::Personal),
        Some("company") => Ok(ReceiptKind::Corporate),
        Some(_) => Err(Refused::malformed("type", "person 또는 company")),
    }
}

/// A total with its parts: a tenth of the rest is VAT where the call does not say.
pub(crate) fn amount(input: &Input, total: i64, currency: &Currency) -> Result<Amount, Refused> {
    let tax_free = input.amount("tax_free", currency)?;
    let vat = input.amount("vat_amount", currency)?;
    let made = Amount::asked(total, tax_free, vat).map_err(|refusal| match refusal {
        AmountRefusal::OutOfRange(_) => Refused::malformed("amount", "0보다 큰 금액"),
        AmountRefusal::PartsExceedTotal => {
            Refused::malformed("tax_free", "amount를 넘지 않는 금액")
        }
    })?;
    if made.parts_hold() {
        Ok(made)
    } else {
        Err(Refused::malformed("tax_free", "amount를 넘지 않는 금액"))
    }
}
