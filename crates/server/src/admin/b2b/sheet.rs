//! Reading a sheet of tax invoices: CSV whose first line names the columns, an invoice a line.
//!
//! It is read whole or not at all, and every complaint names its line.

use std::collections::BTreeMap;

use naru_connectors::{CsvRecord, FileProblem, read_csv};
use naru_domain::b2b::tax_invoice::{
    CallKind, Document, DocumentKeys, Issuance, Item, Party, PartyContact, PaymentSplit, Purpose,
    Taxation, Totals,
};
use naru_domain::b2b::{BusinessNumber, CivilDate, Decimal, Side};
use naru_engine::Fault;
use naru_engine::b2b::{Edition, NamedParty, RowProblem, SheetRow, WriteInvoice};

use super::columns::{Column, OfItem, OfParty, column_of, name_of, name_of_part};

const TEXT_MAX: usize = 300;
const MEMO_MAX: usize = 200;
const CONTACTS_MAX: usize = 5;

/// Columns that every sheet has.
const NEEDED: [Column; 5] = [
    Column::WriteDate,
    Column::Taxation,
    Column::Purpose,
    Column::Supply,
    Column::Tax,
];

/// Reads a sheet; its rows, or what is wrong with them.
pub(super) fn read(
    sheet: &[u8],
    (issuance, is_test): (Issuance, bool),
) -> Result<Result<Vec<SheetRow>, Vec<RowProblem>>, Fault> {
    let records = read_csv(sheet).map_err(|problem| Fault::invalid(words(&problem)))?;
    let Some((header, records)) = records.split_first() else {
        return Err(Fault::invalid(
            "the sheet is empty; its first line names the columns",
        ));
    };
    let columns = columns(header, issuance)?;
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for record in records {
        let line = record.line;
        let cells = Cells {
            columns: &columns,
            cells: &record.cells,
        };
        let too_many = record.cells.len() > header.cells.len();
        let read = if too_many {
            Err("has more cells than the header has columns".to_owned())
        } else {
            invoice(&cells, (issuance, is_test))
        };
        match read {
            Ok(write) => rows.push(SheetRow { line, write }),
            Err(problem) => problems.push(RowProblem { line, problem }),
        }
    }
    Ok(if problems.is_empty() {
        Ok(rows)
    } else {
        Err(problems)
    })
}

fn words(problem: &FileProblem) -> String {
    match problem {
        FileProblem::NoReader => "the sheet can't be read".to_owned(),
        FileProblem::Encoding => "the sheet is neither UTF-8 nor EUC-KR; save it as CSV".to_owned(),
        FileProblem::Lines { first, .. } => first.first().map_or_else(
            || "the sheet can't be read".to_owned(),
            |one| format!("line {}: {}", one.line, one.problem),
        ),
    }
}

type Columns = BTreeMap<Column, usize>;

fn columns(header: &CsvRecord, issuance: Issuance) -> Result<Columns, Fault> {
    let mut found = Columns::new();
    for (index, name) in header.cells.iter().enumerate() {
        let name = name.trim();
        let column = column_of(name).ok_or_else(|| {
            Fault::invalid(format!(
                "`{name}` is no column of a sheet of tax invoices; see docs/b2b.md"
            ))
        })?;
        if found.insert(column, index).is_some() {
            return Err(Fault::invalid(format!(
                "the column `{name}` is there twice"
            )));
        }
    }
    let partner = Column::Party(issuance.writer().other(), OfParty::Brn);
    let missing: Vec<String> = NEEDED
        .into_iter()
        .chain([partner])
        .filter(|column| !found.contains_key(column))
        .map(|column| format!("`{}`", name_of(column)))
        .collect();
    if missing.is_empty() {
        return Ok(found);
    }
    Err(Fault::invalid(format!(
        "the sheet lacks the columns {}; see docs/b2b.md",
        missing.join(", ")
    )))
}

struct Cells<'a> {
    columns: &'a Columns,
    cells: &'a [String],
}

impl Cells<'_> {
    /// What a cell says; nothing if it is empty or there is no such column.
    fn get(&self, column: Column) -> Option<&str> {
        let text = self.cells.get(*self.columns.get(&column)?)?.trim();
        // A spreadsheet's guard against formulas, as our own sheets have it.
        let text = match text.strip_prefix('\'') {
            Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
            Some(_) | None => text,
        };
        (!text.is_empty()).then_some(text)
    }

    fn read<T>(
        &self,
        column: Column,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, String> {
        let Some(text) = self.get(column) else {
            return Ok(None);
        };
        read(text)
            .map(Some)
            .ok_or_else(|| format!("`{}`: expected {expected}", name_of(column)))
    }

    fn needed<T>(
        &self,
        column: Column,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, String> {
        self.read(column, expected, read)?
            .ok_or_else(|| format!("`{}` is empty", name_of(column)))
    }

    fn text(&self, column: Column, most: usize) -> Result<Option<String>, String> {
        let expected = format!("at most {most} characters");
        self.read(column, &expected, |text| {
            (text.chars().count() <= most && !text.contains('\0')).then(|| text.to_owned())
        })
    }

    fn won(&self, column: Column) -> Result<Option<i64>, String> {
        self.read(column, "an amount in won", won)
    }

    fn day(&self, column: Column) -> Result<Option<CivilDate>, String> {
        self.read(column, DAY, day)
    }
}

const DAY: &str = "a date of the form `2026-01-31`";

fn day(text: &str) -> Option<CivilDate> {
    text.parse().ok()
}

/// An integer, with or without commas between thousands.
fn won(text: &str) -> Option<i64> {
    text.replace(',', "").parse().ok()
}

/// A number with up to two decimals.
fn decimal(text: &str) -> Option<Decimal> {
    let text = text.replace(',', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_plain = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let value = format!("{whole}{fraction}").parse().ok();
    let scale = i32::try_from(fraction.len()).ok()?;
    value
        .filter(|_| is_plain && !whole.is_empty())
        .and_then(|value| Decimal::new(value, scale))
}

fn taxation(text: &str) -> Option<Taxation> {
    match text {
        "TAXABLE" | "과세" => Some(Taxation::Taxable),
        "ZERO_RATED" | "영세" | "영세율" => Some(Taxation::ZeroRated),
        "FREE" | "면세" => Some(Taxation::Exempt),
        _ => None,
    }
}

fn purpose(text: &str) -> Option<Purpose> {
    match text {
        "RECEIPT" | "영수" => Some(Purpose::Receipt),
        "INVOICE" | "청구" => Some(Purpose::Claim),
        "NONE" | "없음" => Some(Purpose::Unsaid),
        _ => None,
    }
}

fn number(text: &str) -> Option<BusinessNumber> {
    text.replace('-', "").parse().ok()
}

fn invoice(
    cells: &Cells<'_>,
    (issuance, is_test): (Issuance, bool),
) -> Result<WriteInvoice, String> {
    let named = |side| -> Result<NamedParty, String> {
        let column = Column::Party(side, OfParty::Brn);
        let expected = "a business registration number of ten digits, the check digit right";
        Ok(NamedParty {
            brn: if side == issuance.writer() {
                cells.read(column, expected, number)?
            } else {
                Some(cells.needed(column, expected, number)?)
            },
            counterparty_id: None,
        })
    };
    let key = |side| cells.text(Column::Party(side, OfParty::DocumentKey), TEXT_MAX);
    Ok(WriteInvoice {
        edition: Edition::Current,
        is_test,
        keys: DocumentKeys {
            supplier: key(Side::Supplier)?,
            recipient: key(Side::Recipient)?,
        },
        document: document(cells, issuance)?,
        named: [named(Side::Supplier)?, named(Side::Recipient)?],
        memo: cells.text(Column::Memo, MEMO_MAX)?,
        kind: CallKind::Draft,
        modifies: None,
        creates_recipient: false,
        uses_counterparty_contacts: false,
        contacts_max: CONTACTS_MAX,
        name_of: name_of_part,
    })
}

fn document(cells: &Cells<'_>, issuance: Issuance) -> Result<Document, String> {
    let supply = cells.needed(Column::Supply, "an amount in won", won)?;
    let tax = cells.needed(Column::Tax, "an amount in won", won)?;
    let total = cells.won(Column::Total)?;
    let remarks = (0..naru_domain::b2b::tax_invoice::REMARKS_MAX)
        .filter_map(|number| cells.text(Column::Remark(number), TEXT_MAX).transpose());
    Ok(Document {
        issuance,
        taxation: cells.needed(
            Column::Taxation,
            "`TAXABLE`, `ZERO_RATED` or `FREE`",
            taxation,
        )?,
        purpose: cells.needed(Column::Purpose, "`RECEIPT`, `INVOICE` or `NONE`", purpose)?,
        write_date: cells.needed(Column::WriteDate, DAY, day)?,
        supplier: party(cells, Side::Supplier)?,
        recipient: party(cells, Side::Recipient)?,
        totals: Totals {
            supply,
            tax,
            total: total.unwrap_or_else(|| supply.saturating_add(tax)),
        },
        split: PaymentSplit {
            cash: cells.won(Column::Cash)?,
            check: cells.won(Column::Check)?,
            note: cells.won(Column::Note)?,
            credit: cells.won(Column::Credit)?,
        },
        items: items(cells)?,
        remarks: remarks.collect::<Result<_, _>>()?,
        book_volume: None,
        book_issue: None,
        serial_number: cells.text(Column::SerialNumber, TEXT_MAX)?,
        contacts: Vec::new(),
        send_sms: false,
        modification: None,
    })
}

fn party(cells: &Cells<'_>, side: Side) -> Result<Party, String> {
    let text = |field| cells.text(Column::Party(side, field), TEXT_MAX);
    let contact = PartyContact {
        name: text(OfParty::ContactName)?,
        department: None,
        phone_number: text(OfParty::Phone)?,
        mobile_phone_number: None,
        email: text(OfParty::Email)?,
    };
    Ok(Party {
        // Replaced by the engine, which knows whose number stands where none is given.
        brn: number("0000000000").ok_or("the number of no company")?,
        tax_registration_id: None,
        name: text(OfParty::Name)?,
        representative_name: text(OfParty::Representative)?,
        address: text(OfParty::Address)?,
        business_type: text(OfParty::Type)?,
        business_class: text(OfParty::Class)?,
        contact: (contact != PartyContact::default()).then_some(contact),
        counterparty_id: None,
    })
}

/// The lines, in order; one that is empty between others is left out.
fn items(cells: &Cells<'_>) -> Result<Vec<Item>, String> {
    let mut numbers: Vec<usize> = cells
        .columns
        .keys()
        .filter_map(|column| match column {
            Column::Item(number, _) => Some(*number),
            _ => None,
        })
        .collect();
    numbers.dedup();
    let mut found = Vec::new();
    for number in numbers {
        let column = |field| Column::Item(number, field);
        let expected = "a number with at most two decimals";
        let item = Item {
            purchase_date: cells.day(column(OfItem::Date))?,
            name: cells.text(column(OfItem::Name), TEXT_MAX)?,
            spec: cells.text(column(OfItem::Spec), TEXT_MAX)?,
            quantity: cells.read(column(OfItem::Quantity), expected, decimal)?,
            unit_cost: cells.read(column(OfItem::UnitCost), expected, decimal)?,
            supply: cells.won(column(OfItem::Supply))?,
            tax: cells.won(column(OfItem::Tax))?,
            remark: cells.text(column(OfItem::Remark), TEXT_MAX)?,
        };
        if item != Item::default() {
            found.push(item);
        }
    }
    Ok(found)
}
