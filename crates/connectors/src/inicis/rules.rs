//! The rules that a request must keep before anything is sent to this PG.
//!
//! Each refusal names the field's path on the V2 wire and what was expected, and never echoes a
//! value: some are card data (P8). Pure checks and small conversions; nothing here builds a
//! request. Confidence: the contract's guide for this PG, except where a comment says otherwise.

use naru_connector::{AccountChoice, BeginError, CardCredential, CashReceiptWish, Order, Secret};
use naru_domain::cash_receipt::ReceiptKind;
use naru_domain::{Currency, Customer, Timestamp};

use super::contract::Contract;

/// A rule that is broken.
pub(super) fn invalid<T>(field: &'static str, message: impl Into<String>) -> Result<T, BeginError> {
    Err(BeginError::Invalid {
        field,
        message: message.into(),
    })
}

/// Card instalments need at least this many won.
const INSTALLMENT_WON_MIN: i64 = 50_000;

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text without what a PG's message formats can't carry: control characters and line breaks.
fn printable(text: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    text.chars()
        .map(|c| if is_break(c) { ' ' } else { c })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Length as the PG's lists count: in EUC-KR, where everything but ASCII takes two bytes.
fn euc_kr_len(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// What the goods are called. Over 40 bytes the PG cuts to 37 and adds three dots; we do it
/// first. Counted in UTF-8, the INIAPI's encoding, since no EUC-KR text is longer than the same
/// in UTF-8: so the limit is kept whichever of the two the PG counts.
pub(super) fn goods_name(name: &str, field: &'static str) -> Result<String, BeginError> {
    let name = printable(name);
    if name.is_empty() {
        return invalid(field, "must not be empty: the PG shows it");
    }
    if name.len() <= 40 {
        return Ok(name);
    }
    let mut end = 37;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    Ok(format!("{}...", name.get(..end).unwrap_or_default()))
}

/// A person's name of at most 30 bytes. Counted in EUC-KR: so only what is too long by every
/// reading of the limit is refused.
pub(super) fn person_name(name: &str, field: &'static str) -> Result<String, BeginError> {
    let name = printable(name);
    if name.is_empty() {
        return invalid(field, "is required by this PG");
    }
    if euc_kr_len(&name) > 30 {
        return invalid(field, "must be at most 30 bytes in EUC-KR");
    }
    Ok(name)
}

/// A buyer, as the PG wants one: it refuses empty fields with `ER0102`.
#[derive(Debug)]
pub(super) struct Buyer {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) tel: String,
}

/// Name, e-mail and phone number are all required.
pub(super) fn buyer(customer: &Customer) -> Result<Buyer, BeginError> {
    let name = person_name(
        customer.name.as_deref().unwrap_or_default(),
        "customer.name.full",
    )?;
    let tel = customer.phone_number.as_deref().unwrap_or_default();
    let email = customer.email.as_deref().unwrap_or_default();
    Ok(Buyer {
        name,
        tel: phone(tel, "customer.phoneNumber")?,
        email: email_address(email, "customer.email")?,
    })
}

/// A phone number: digits and hyphens; other punctuation of phone numbers is dropped.
pub(super) fn phone(tel: &str, field: &'static str) -> Result<String, BeginError> {
    let is_number = |c: char| c.is_ascii_digit() || "-+ ().".contains(c);
    let kept: String = tel
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '-')
        .collect();
    if !tel.chars().all(is_number) || !tel.contains(|c: char| c.is_ascii_digit()) {
        return invalid(field, "is required by this PG: digits and hyphens");
    }
    if kept.len() > 20 {
        return invalid(field, "must be at most 20 characters");
    }
    Ok(kept)
}

/// An e-mail address.
pub(super) fn email_address(email: &str, field: &'static str) -> Result<String, BeginError> {
    let email = email.trim();
    let is_email = email.split_once('@').is_some_and(|(user, host)| {
        !user.is_empty() && !host.is_empty() && !email.contains(char::is_whitespace)
    });
    if !is_email || email.chars().any(char::is_control) {
        return invalid(field, "is required by this PG: an e-mail address");
    }
    if email.len() > 60 {
        return invalid(field, "must be at most 60 bytes");
    }
    Ok(email.to_owned())
}

/// A text of at most so many bytes in EUC-KR, without which the PG refuses.
pub(super) fn short_text(
    text: &str,
    field: &'static str,
    bytes_max: usize,
) -> Result<String, BeginError> {
    let text = printable(text);
    if text.is_empty() {
        return invalid(field, "is required by this PG");
    }
    if euc_kr_len(&text) > bytes_max {
        return invalid(
            field,
            format!("must be at most {bytes_max} bytes in EUC-KR"),
        );
    }
    Ok(text)
}

/// The wire's `WON` or `USD`; dollars only where the method takes them.
pub(super) fn currency(currency: &Currency, takes_usd: bool) -> Result<&'static str, BeginError> {
    match (currency.as_str(), takes_usd) {
        ("KRW", _) => Ok("WON"),
        ("USD", true) => Ok("USD"),
        ("USD", false) => invalid("currency", "must be KRW: this PG takes USD with cards only"),
        _ => invalid("currency", "must be KRW or USD"),
    }
}

/// Won only.
pub(super) fn won_only(
    currency: &Currency,
    field: &'static str,
) -> Result<&'static str, BeginError> {
    match currency.as_str() {
        "KRW" => Ok("WON"),
        _ => invalid(field, "must be KRW"),
    }
}

/// What holds for every order.
pub(super) fn order(order: &Order) -> Result<(), BeginError> {
    let is_printable = order
        .payment_id
        .bytes()
        .all(|byte| matches!(byte, 0x20..=0x7e));
    if order.payment_id.is_empty() || !is_printable {
        return invalid(
            "paymentId",
            "must be printable ASCII characters for this PG",
        );
    }
    Ok(())
}

/// The merchant's id for the issue of a billing key in a window that a page opened: the guide
/// wants one, though the PG never sees it.
pub(super) fn issue_id(id: Option<&str>) -> Result<(), BeginError> {
    let id = id.unwrap_or_default();
    if id.is_empty() || !id.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return invalid(
            "issueId",
            "is required by this PG: printable ASCII characters",
        );
    }
    Ok(())
}

/// What holds for every order that money is taken for.
pub(super) fn paid_order(paid: &Order) -> Result<(), BeginError> {
    order(paid)?;
    if paid.amount.total <= 0 {
        return invalid("amount.total", "must be more than zero");
    }
    Ok(())
}

/// The PG refuses less in escrow (612).
const ESCROW_WON_MIN: i64 = 500;

/// Whether a payment may be held until the customer confirms. How a server asks for it is our
/// guess, so it needs the simulator or the option that allows guesses.
pub(super) fn escrow(order: &Order, contract: &Contract) -> Result<(), BeginError> {
    confirmed(order.is_escrow, "isEscrow", contract)?;
    if order.is_escrow && order.currency.as_str() != "KRW" {
        return invalid("currency", "must be KRW: this PG has escrow in won only");
    }
    if order.is_escrow && order.amount.total < ESCROW_WON_MIN {
        return invalid("amount.total", "must be at least 500 KRW in escrow");
    }
    Ok(())
}

/// The wire's `cardQuota`: two digits, `00` is a lump sum.
pub(super) fn quota(months: u16, order: &Order, field: &'static str) -> Result<String, BeginError> {
    match months {
        0 | 1 => Ok("00".to_owned()),
        100.. => invalid(field, "must be at most 99 months"),
        _ if order.currency.as_str() != "KRW" || order.amount.total < INSTALLMENT_WON_MIN => {
            invalid(
                field,
                "must be a lump sum: instalments need at least 50000 KRW",
            )
        }
        _ => Ok(format!("{months:02}")),
    }
}

/// Card data in the wire's form, not yet encrypted.
pub(super) struct Card<'a> {
    pub(super) number: &'a str,
    /// Year and month: YYMM.
    pub(super) expiry: String,
    pub(super) birth_or_business_number: Option<&'a str>,
    pub(super) password_two_digits: Option<&'a str>,
}

/// Number, expiry, and what the owner check needs unless the contract goes without it.
pub(super) fn card<'a>(
    card: &'a CardCredential,
    contract: &Contract,
) -> Result<Card<'a>, BeginError> {
    let number = card.number.expose();
    if !is_digits(number) || !matches!(number.len(), 14..=16) {
        return invalid("method.card.credential.number", "must be 14 to 16 digits");
    }
    let (year, month) = (card.expiry_year.expose(), card.expiry_month.expose());
    if !is_digits(year) || year.len() != 2 {
        return invalid("method.card.credential.expiryYear", "must be two digits");
    }
    if !is_digits(month) || month.len() != 2 {
        return invalid("method.card.credential.expiryMonth", "must be two digits");
    }
    let birth = card.birth_or_business_number.as_ref().map(Secret::expose);
    let password = card.password_two_digits.as_ref().map(Secret::expose);
    if birth.map_or(!contract.no_auth, |text| {
        !is_digits(text) || !matches!(text.len(), 6 | 10)
    }) {
        return invalid(
            "method.card.credential.birthOrBusinessRegistrationNumber",
            "must be six digits of a birth date or ten digits of a business",
        );
    }
    if password.map_or(!contract.no_auth, |text| {
        !is_digits(text) || text.len() != 2
    }) {
        return invalid(
            "method.card.credential.passwordTwoDigits",
            "must be two digits",
        );
    }
    Ok(Card {
        number,
        expiry: format!("{year}{month}"),
        birth_or_business_number: birth,
        password_two_digits: password,
    })
}

/// A deposit deadline: the PG takes whole minutes, and only ones to come.
pub(super) fn expiry(expires_at: Timestamp, now: Timestamp) -> Result<Timestamp, BeginError> {
    let minute = 60_000_000;
    let whole = Timestamp::from_micros(expires_at.as_micros().div_euclid(minute) * minute);
    if whole <= now {
        return invalid(
            "method.virtualAccount.expiry",
            "must be at least a minute from now",
        );
    }
    Ok(whole)
}

/// Refuses what would be sent in a form that is our guess, except to the simulator or where the
/// channel's option allows guesses.
pub(super) fn confirmed(
    is_guess: bool,
    field: &'static str,
    contract: &Contract,
) -> Result<(), BeginError> {
    if is_guess && !contract.unconfirmed {
        return invalid(
            field,
            "can't be sent: the PG's wire form is not confirmed\nhint: ask the PG, then set the \
             channel's option `unconfirmed`",
        );
    }
    Ok(())
}

/// The number of a fixed account. Its wire form is our guess, so it needs the simulator or the
/// option that allows guesses.
pub(super) fn fixed_number<'a>(
    choice: &'a AccountChoice,
    contract: &Contract,
) -> Result<Option<&'a str>, BeginError> {
    let field = "method.virtualAccount.option.fixed.accountNumber";
    match choice {
        AccountChoice::Normal => Ok(None),
        AccountChoice::FixedId(_) => invalid(
            "method.virtualAccount.option.fixed.pgAccountId",
            "is not supported by this PG: give `accountNumber`",
        ),
        AccountChoice::FixedNumber(number) => {
            confirmed(true, field, contract)?;
            if !is_digits(number) || number.len() > 20 {
                return invalid(field, "must be at most 20 digits");
            }
            Ok(Some(number))
        }
    }
}

/// The wire's `flgCash` and the identity behind it.
pub(super) fn cash_receipt(
    wish: &CashReceiptWish,
) -> Result<(&'static str, Option<String>), BeginError> {
    let field = "method.virtualAccount.cashReceipt.customerIdentityNumber";
    match wish {
        CashReceiptWish::None => Ok(("0", None)),
        CashReceiptWish::Personal(number) => {
            let number = receipt_identity(ReceiptKind::Personal, number, field)?;
            Ok(("1", Some(number)))
        }
        CashReceiptWish::Corporate(number) => {
            let number = receipt_identity(ReceiptKind::Corporate, number, field)?;
            Ok(("2", Some(number)))
        }
    }
}

/// The number that names a customer or a business to the tax office, as digits.
pub(super) fn receipt_identity(
    kind: ReceiptKind,
    number: &Secret,
    field: &'static str,
) -> Result<String, BeginError> {
    match kind {
        ReceiptKind::Personal => {
            let number = number.expose().replace('-', "");
            if !is_digits(&number) || !matches!(number.len(), 10..=19) {
                return invalid(
                    field,
                    "must be 10 to 19 digits: a phone, resident or card number",
                );
            }
            Ok(number)
        }
        ReceiptKind::Corporate => business_number(number.expose(), field),
    }
}

/// The number of a business.
pub(super) fn business_number(number: &str, field: &'static str) -> Result<String, BeginError> {
    let number = number.replace('-', "");
    if !is_digits(&number) || number.len() != 10 {
        return invalid(field, "must be the ten digits of a business");
    }
    Ok(number)
}

/// Why something is undone. Never empty on the wire.
pub(super) fn reason(text: &str) -> Result<String, BeginError> {
    let text = printable(text);
    if text.is_empty() {
        return invalid("reason", "must not be empty: the PG records it");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_goods_names_are_cut_at_a_character() {
        let cut = |name: &str| goods_name(name, "orderName").unwrap();
        let forty = "a".repeat(40);
        assert_eq!(cut(&forty), forty);
        assert_eq!(cut(&"a".repeat(41)), format!("{}...", "a".repeat(37)));
        assert_eq!(
            cut(&"가".repeat(14)),
            format!("{}...", "가".repeat(12)),
            "36 bytes and dots"
        );
        assert_eq!(cut(&"가".repeat(13)), "가".repeat(13), "39 bytes");
        assert_eq!(cut(" a\nb\u{2028}c "), "a b c");
        assert!(goods_name(" \t", "orderName").is_err());
        for length in 0..60 {
            let name = cut(&format!("{}{}", "x".repeat(length), "한🎁".repeat(20)));
            assert!(name.len() <= 40);
        }
    }

    #[test]
    fn names_are_counted_in_euc_kr() {
        assert!(person_name(&"가".repeat(15), "customer.name.full").is_ok());
        assert!(person_name(&"가".repeat(16), "customer.name.full").is_err());
        assert!(person_name(&"a".repeat(30), "customer.name.full").is_ok());
        assert!(person_name(&"a".repeat(31), "customer.name.full").is_err());
    }

    #[test]
    fn a_deadline_is_cut_to_the_minute() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        assert!(expiry(now.plus_seconds(59), now).is_err());
        assert!(expiry(now, now).is_err());
        assert_eq!(expiry(now.plus_seconds(61), now), Ok(now.plus_seconds(60)));
    }
}
