//! The columns of a sheet of tax invoices, by their names in English and in Korean.
//!
//! The Korean names are those of the sheet that `GET /b2b/tax-invoices-sheet` gives and, for what
//! that has not, those that the tax office's own sheet uses.

use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{ITEMS_MAX, ItemField, Part, PartyField, REMARKS_MAX};

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    WriteDate,
    Taxation,
    Purpose,
    Supply,
    Tax,
    Total,
    Memo,
    SerialNumber,
    Cash,
    Check,
    Note,
    Credit,
    Remark(usize),
    Party(Side, OfParty),
    Item(usize, OfItem),
}

/// A column about a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OfParty {
    Brn,
    DocumentKey,
    Name,
    Representative,
    Address,
    Type,
    Class,
    ContactName,
    Email,
    Phone,
}

/// A column about a line of the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum OfItem {
    Date,
    Name,
    Spec,
    Quantity,
    UnitCost,
    Supply,
    Tax,
    Remark,
}

const SINGLE: [(Column, &str, &str); 12] = [
    (Column::WriteDate, "writeDate", "작성일자"),
    (Column::Taxation, "taxationType", "과세형태"),
    (Column::Purpose, "purposeType", "영수/청구"),
    (Column::Supply, "totalSupplyAmount", "공급가액"),
    (Column::Tax, "totalTaxAmount", "세액"),
    (Column::Total, "totalAmount", "합계금액"),
    (Column::Memo, "memo", "관리용 메모"),
    (Column::SerialNumber, "serialNumber", "일련번호"),
    (Column::Cash, "cashAmount", "현금"),
    (Column::Check, "checkAmount", "수표"),
    (Column::Note, "noteAmount", "어음"),
    (Column::Credit, "creditAmount", "외상미수금"),
];

const PARTY: [(OfParty, &str, &str); 10] = [
    (OfParty::Brn, "Brn", "사업자등록번호"),
    (OfParty::DocumentKey, "DocumentKey", "문서번호"),
    (OfParty::Name, "CompanyName", "상호"),
    (OfParty::Representative, "RepresentativeName", "대표자명"),
    (OfParty::Address, "Address", "주소"),
    (OfParty::Type, "BusinessType", "업태"),
    (OfParty::Class, "BusinessClass", "종목"),
    (OfParty::ContactName, "ContactName", "담당자명"),
    (OfParty::Email, "ContactEmail", "이메일"),
    (OfParty::Phone, "ContactPhoneNumber", "연락처"),
];

const ITEM: [(OfItem, &str, &str); 8] = [
    (OfItem::Date, "PurchaseDate", "일자"),
    (OfItem::Name, "Name", "품목"),
    (OfItem::Spec, "Spec", "규격"),
    (OfItem::Quantity, "Quantity", "수량"),
    (OfItem::UnitCost, "UnitCostAmount", "단가"),
    (OfItem::Supply, "SupplyCostAmount", "공급가액"),
    (OfItem::Tax, "TaxAmount", "세액"),
    (OfItem::Remark, "Remark", "품목비고"),
];

const SIDES: [(Side, &str, &str); 2] = [
    (Side::Supplier, "supplier", "공급자"),
    (Side::Recipient, "recipient", "공급받는자"),
];

/// The column of a name in the header.
pub(super) fn column_of(name: &str) -> Option<Column> {
    let single = SINGLE
        .into_iter()
        .find(|(_, english, korean)| [*english, *korean].contains(&name));
    single
        .map(|(column, ..)| column)
        .or_else(|| of_party(name))
        .or_else(|| of_remark(name))
        .or_else(|| of_item(name))
}

fn of_party(name: &str) -> Option<Column> {
    SIDES.into_iter().find_map(|(side, english, korean)| {
        let rest_english = name.strip_prefix(english);
        let rest_korean = name.strip_prefix(korean).map(str::trim_start);
        let found = PARTY.into_iter().find(|(_, english, korean)| {
            rest_english == Some(*english) || rest_korean == Some(*korean)
        })?;
        Some(Column::Party(side, found.0))
    })
}

/// `remark1`, `비고1`: counted from 0.
fn of_remark(name: &str) -> Option<Column> {
    let number = name
        .strip_prefix("remark")
        .or_else(|| name.strip_prefix("비고"))?;
    Some(Column::Remark(numbered(number, REMARKS_MAX)?))
}

/// `item1Name`, `품목1`: counted from 0.
fn of_item(name: &str) -> Option<Column> {
    if let Some(rest) = name.strip_prefix("item") {
        let end = rest.find(|char: char| !char.is_ascii_digit())?;
        let (number, field) = rest.split_at(end);
        let found = ITEM.into_iter().find(|(_, english, _)| *english == field)?;
        return Some(Column::Item(numbered(number, ITEMS_MAX)?, found.0));
    }
    ITEM.into_iter().find_map(|(field, _, korean)| {
        let number = numbered(name.strip_prefix(korean)?, ITEMS_MAX)?;
        Some(Column::Item(number, field))
    })
}

/// 1 to the most, counted from 0.
fn numbered(text: &str, most: usize) -> Option<usize> {
    let number: usize = text.parse().ok()?;
    let is_plain = number.to_string() == text;
    (is_plain && (1..=most).contains(&number)).then(|| number - 1)
}

/// A column's name in English, for messages.
pub(super) fn name_of(column: Column) -> String {
    let of_side = |side: Side| {
        let found = SIDES.into_iter().find(|(one, ..)| *one == side);
        found.map_or("", |(_, english, _)| english)
    };
    match column {
        Column::Remark(number) => format!("remark{}", number + 1),
        Column::Party(side, field) => {
            let found = PARTY.into_iter().find(|(one, ..)| *one == field);
            let field = found.map_or("", |(_, english, _)| english);
            format!("{}{field}", of_side(side))
        }
        Column::Item(number, field) => {
            let found = ITEM.into_iter().find(|(one, ..)| *one == field);
            let field = found.map_or("", |(_, english, _)| english);
            format!("item{}{field}", number + 1)
        }
        Column::WriteDate
        | Column::Taxation
        | Column::Purpose
        | Column::Supply
        | Column::Tax
        | Column::Total
        | Column::Memo
        | Column::SerialNumber
        | Column::Cash
        | Column::Check
        | Column::Note
        | Column::Credit => SINGLE
            .into_iter()
            .find(|(one, ..)| *one == column)
            .map_or_else(String::new, |(_, english, _)| english.to_owned()),
    }
}

/// What the sheet calls a part of an invoice.
pub(super) fn name_of_part(part: Part) -> String {
    let column = match part {
        Part::DocumentKey(side) => Column::Party(side, OfParty::DocumentKey),
        Part::Party(side, field) => {
            let field = match field {
                // The sheet has no column for it; a counterparty has none either.
                PartyField::TaxRegistrationId | PartyField::Name => OfParty::Name,
                PartyField::RepresentativeName => OfParty::Representative,
                PartyField::Address => OfParty::Address,
                PartyField::BusinessType => OfParty::Type,
                PartyField::BusinessClass => OfParty::Class,
            };
            Column::Party(side, field)
        }
        Part::Item(number, field) => {
            let field = match field {
                ItemField::Name => OfItem::Name,
                ItemField::Spec => OfItem::Spec,
                ItemField::Quantity => OfItem::Quantity,
                ItemField::UnitCost => OfItem::UnitCost,
                ItemField::Tax => OfItem::Tax,
            };
            Column::Item(number, field)
        }
        Part::SupplyTotal => Column::Supply,
        Part::TaxTotal => Column::Tax,
        Part::Total => Column::Total,
        Part::WriteDate => Column::WriteDate,
        Part::Split => return "cashAmount, checkAmount, noteAmount and creditAmount".to_owned(),
        Part::Remarks => return "remarks".to_owned(),
        Part::Contacts => return "contacts".to_owned(),
        Part::Items => return "items".to_owned(),
        Part::BookVolume => return "bookVolume".to_owned(),
        Part::BookIssue => return "bookIssue".to_owned(),
    };
    name_of(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_a_name_in_each_language() {
        for (english, korean) in [
            ("writeDate", "작성일자"),
            ("supplierBrn", "공급자 사업자등록번호"),
            ("recipientDocumentKey", "공급받는자 문서번호"),
            ("recipientContactEmail", "공급받는자이메일"),
            ("remark3", "비고3"),
            ("item1Name", "품목1"),
            ("item12TaxAmount", "세액12"),
        ] {
            let column = column_of(english).unwrap();
            assert_eq!(column_of(korean), Some(column), "{korean}");
            assert_eq!(name_of(column), english);
        }
        for none in [
            "remark4",
            "item0Name",
            "item01Name",
            "품목100",
            "item1",
            "공급자",
            "",
        ] {
            assert_eq!(column_of(none), None, "{none}");
        }
    }
}
