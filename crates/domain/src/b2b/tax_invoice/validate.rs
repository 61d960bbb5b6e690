//! Rules that an invoice's content must keep, in the order of precedence.
//!
//! Sources: the fields' limits are those of both editions' documents and of the provider's manual;
//! the amount rules are the tax office's (its result ERR007 otherwise), so that a wrong invoice is
//! refused here and not two days later.

use super::super::{CivilDate, DecimalRange, Side};
use super::{Document, DocumentKeys, Item, ModificationReason, Party, Taxation, Totals};

/// Which part of an invoice is wrong. Faces have names for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A side's document key.
    DocumentKey(Side),
    /// Something of a side's company.
    Party(Side, PartyField),
    /// The remarks.
    Remarks,
    /// The extra contacts.
    Contacts,
    /// The lines.
    Items,
    /// A line, counted from 0.
    Item(usize, ItemField),
    /// 권.
    BookVolume,
    /// 호.
    BookIssue,
    /// Cost of supply.
    SupplyTotal,
    /// Tax.
    TaxTotal,
    /// Both.
    Total,
    /// Cash, check, note and credit.
    Split,
    /// 작성일.
    WriteDate,
}

/// Fields of a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartyField {
    /// 종사업장번호.
    TaxRegistrationId,
    /// Name.
    Name,
    /// Representative.
    RepresentativeName,
    /// Address.
    Address,
    /// 업태.
    BusinessType,
    /// 종목.
    BusinessClass,
}

/// Fields of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemField {
    /// Name.
    Name,
    /// Specification.
    Spec,
    /// Quantity.
    Quantity,
    /// Unit cost.
    UnitCost,
    /// Tax.
    Tax,
}

/// A rule that is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct Flaw {
    /// Where.
    pub part: Part,
    /// What was expected, to be read after the field's name.
    pub expected: String,
}

/// What differs between the editions, and what the day is.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// Extra contacts: 3 in 2024, 5 today.
    pub contacts_max: usize,
    /// The day of the check, where the invoice is to be issued now.
    pub issue_on: Option<CivilDate>,
}

/// Remarks.
pub const REMARKS_MAX: usize = 3;
/// Lines.
pub const ITEMS_MAX: usize = 99;
/// Characters of a document key, at the provider.
pub const KEY_CHARS_MAX: usize = 24;
/// 권 and 호.
const BOOK_MAX: i32 = 9_999;
const QUANTITY: DecimalRange = DecimalRange {
    least: -9_999_999_999,
    most: 99_999_999_999,
};
const UNIT_COST: DecimalRange = DecimalRange {
    least: -9_999_999_999_999_999,
    most: 99_999_999_999_999_999,
};
/// Won; far beyond any invoice, and sums of a hundred lines can't overflow.
const WON_MAX: i64 = 999_999_999_999_999;

type Checked = Result<(), Flaw>;

fn flaw(part: Part, expected: impl Into<String>) -> Checked {
    Err(Flaw {
        part,
        expected: expected.into(),
    })
}

/// Checks an invoice's content.
pub fn check(document: &Document, keys: &DocumentKeys, rules: Rules) -> Checked {
    for side in [Side::Supplier, Side::Recipient] {
        if let Some(key) = keys.of(side) {
            check_key(side, key)?;
        }
        check_party(side, document.party(side))?;
    }
    if document.remarks.len() > REMARKS_MAX {
        return flaw(Part::Remarks, format!("has at most {REMARKS_MAX} entries"));
    }
    if document.contacts.len() > rules.contacts_max {
        let most = rules.contacts_max;
        return flaw(Part::Contacts, format!("has at most {most} entries"));
    }
    for (part, book) in [
        (Part::BookVolume, document.book_volume),
        (Part::BookIssue, document.book_issue),
    ] {
        if book.is_some_and(|book| !(0..=BOOK_MAX).contains(&book)) {
            return flaw(part, format!("is 0 to {BOOK_MAX}"));
        }
    }
    check_items(&document.items)?;
    check_amounts(document)?;
    if rules.issue_on.is_some_and(|day| document.write_date > day) {
        return flaw(Part::WriteDate, "is not after the day of issue");
    }
    Ok(())
}

/// Checks a document key: 1 to 24 of letters, digits, `-` and `_`.
pub fn check_key(side: Side, key: &str) -> Checked {
    let is_right = (1..=KEY_CHARS_MAX).contains(&key.len())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_right {
        return Ok(());
    }
    flaw(
        Part::DocumentKey(side),
        format!("has 1 to {KEY_CHARS_MAX} letters, digits, `-` and `_`"),
    )
}

fn check_party(side: Side, party: &Party) -> Checked {
    let id = party.tax_registration_id.as_deref();
    if id.is_some_and(|id| id.len() != 4 || !id.bytes().all(|byte| byte.is_ascii_digit())) {
        return flaw(
            Part::Party(side, PartyField::TaxRegistrationId),
            "has exactly four digits",
        );
    }
    for (field, text, most) in [
        (PartyField::Name, &party.name, 200),
        (
            PartyField::RepresentativeName,
            &party.representative_name,
            100,
        ),
        (PartyField::Address, &party.address, 300),
        (PartyField::BusinessType, &party.business_type, 100),
        (PartyField::BusinessClass, &party.business_class, 100),
    ] {
        check_text(Part::Party(side, field), text.as_deref(), most)?;
    }
    Ok(())
}

fn check_text(part: Part, text: Option<&str>, most: usize) -> Checked {
    if text.is_some_and(|text| text.chars().count() > most) {
        return flaw(part, format!("has at most {most} characters"));
    }
    Ok(())
}

fn check_items(items: &[Item]) -> Checked {
    if items.len() > ITEMS_MAX {
        return flaw(Part::Items, format!("has at most {ITEMS_MAX} entries"));
    }
    for (index, item) in items.iter().enumerate() {
        let part = |field| Part::Item(index, field);
        check_text(part(ItemField::Name), item.name.as_deref(), 100)?;
        check_text(part(ItemField::Spec), item.spec.as_deref(), 100)?;
        if item.quantity.is_some_and(|one| !one.is_in(QUANTITY)) {
            return flaw(
                part(ItemField::Quantity),
                "is -99999999.99 to 999999999.99 with at most two decimals",
            );
        }
        if item.unit_cost.is_some_and(|one| !one.is_in(UNIT_COST)) {
            return flaw(
                part(ItemField::UnitCost),
                "is -99999999999999.99 to 999999999999999.99 with at most two decimals",
            );
        }
    }
    Ok(())
}

fn check_amounts(document: &Document) -> Checked {
    let Totals { supply, tax, total } = document.totals;
    for (part, amount) in [
        (Part::SupplyTotal, supply),
        (Part::TaxTotal, tax),
        (Part::Total, total),
    ] {
        if amount.unsigned_abs() > WON_MAX.unsigned_abs() {
            return flaw(part, format!("is at most {WON_MAX} won"));
        }
    }
    if supply + tax != total {
        return flaw(Part::Total, "is the sum of supply cost and tax");
    }
    match document.taxation {
        Taxation::Taxable => {}
        Taxation::ZeroRated | Taxation::Exempt if tax == 0 => {}
        Taxation::ZeroRated | Taxation::Exempt => {
            return flaw(
                Part::TaxTotal,
                "is 0 for what is zero-rated or exempt from tax",
            );
        }
    }
    if supply.signum() * tax.signum() < 0 {
        return flaw(Part::TaxTotal, "has the sign of the supply cost");
    }
    check_sign(document)?;
    check_sums(document)?;
    let split = &document.split;
    let parts = [split.cash, split.check, split.note, split.credit];
    if parts.iter().any(Option::is_some) {
        let sum = sum_of(parts.into_iter().flatten());
        if sum != Some(total) {
            return flaw(
                Part::Split,
                "add up to the total amount, where any is given",
            );
        }
    }
    Ok(())
}

/// Negative sums are for modifications, and some modifications are never positive.
fn check_sign(document: &Document) -> Checked {
    let total = document.totals.total;
    let reason = document.modification.as_ref().map(|one| one.reason);
    match reason {
        None if total < 0 || document.totals.supply < 0 => {
            flaw(Part::Total, "is negative only where an invoice is modified")
        }
        Some(
            ModificationReason::Return
            | ModificationReason::ContractCancellation
            | ModificationReason::DuplicateIssuance,
        ) if total > 0 => flaw(
            Part::Total,
            "is not above 0 for a return, a cancelled contract or a duplicate",
        ),
        None
        | Some(
            ModificationReason::EntryError
            | ModificationReason::SupplyCostChange
            | ModificationReason::Return
            | ModificationReason::ContractCancellation
            | ModificationReason::LocalLetterOfCredit
            | ModificationReason::DuplicateIssuance,
        ) => Ok(()),
    }
}

/// Where every line has an amount, the lines add up to the sums; and no line has tax on what is
/// not taxed.
fn check_sums(document: &Document) -> Checked {
    let items = &document.items;
    let is_taxed = document.taxation == Taxation::Taxable;
    for (index, item) in items.iter().enumerate() {
        let tax = item.tax.unwrap_or(0);
        if !is_taxed && tax != 0 {
            return flaw(
                Part::Item(index, ItemField::Tax),
                "is 0 for what is zero-rated or exempt from tax",
            );
        }
    }
    if items.is_empty() {
        return Ok(());
    }
    let supplies: Option<Vec<i64>> = items.iter().map(|item| item.supply).collect();
    if let Some(supplies) = supplies
        && sum_of(supplies.into_iter()) != Some(document.totals.supply)
    {
        return flaw(Part::SupplyTotal, "is the sum of the lines' supply costs");
    }
    let taxes: Option<Vec<i64>> = items.iter().map(|item| item.tax).collect();
    if let Some(taxes) = taxes
        && sum_of(taxes.into_iter()) != Some(document.totals.tax)
    {
        return flaw(Part::TaxTotal, "is the sum of the lines' taxes");
    }
    Ok(())
}

fn sum_of(amounts: impl Iterator<Item = i64>) -> Option<i64> {
    amounts.into_iter().try_fold(0_i64, i64::checked_add)
}
