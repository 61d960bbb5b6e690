//! The statutory form of a Korean tax invoice, drawn: the parties side by side, the sums, the
//! lines, how the total is paid. Field names are those of the form in the enforcement rules of
//! the value-added tax act.

use jiff::civil::Date;
use naru_domain::b2b::Side;
use naru_domain::b2b::tax_invoice::{
    Document, Item, ModificationReason, Party, Purpose, State, TaxInvoice, Taxation,
};

use crate::sheet::{Align, Cell, Colour, Mark, Page, Sheet, WIDTH};

const LEFT: i32 = 280;
const FULL: i32 = WIDTH - 2 * LEFT;
const HALF: i32 = FULL / 2;
const ROW: i32 = 220;
const TOP: i32 = 320;
/// Lines on the first page, below the parties and sums.
const FIRST_LINES: usize = 20;
/// Lines on each further page.
const FURTHER_LINES: usize = 30;

/// Who looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// A party of the invoice.
    ToParty,
}

struct Drawing {
    page: Page,
}

impl Drawing {
    fn put(&mut self, cell: Cell) {
        self.page.cells.push(cell);
    }

    /// A label and a value beside it; gives where the next begins.
    fn field(
        &mut self,
        (x, y): (i32, i32),
        (label_width, value_width): (i32, i32),
        (label, value): (&str, &str),
        colour: Colour,
    ) -> i32 {
        self.put(label_cell((x, y), (label_width, ROW), label, colour));
        let cell = value_cell((x + label_width, y), (value_width, ROW), value, colour);
        self.put(cell);
        x + label_width + value_width
    }
}

fn cell((x, y): (i32, i32), (width, height): (i32, i32), text: &str, colour: Colour) -> Cell {
    Cell {
        x,
        y,
        width,
        height,
        text: text.to_owned(),
        size: 80,
        align: Align::Left,
        colour: Colour::BLACK,
        fill: None,
        border: Some(colour),
    }
}

fn label_cell(at: (i32, i32), size: (i32, i32), text: &str, colour: Colour) -> Cell {
    Cell {
        align: Align::Centre,
        fill: Some(Colour::GREY),
        colour,
        size: 75,
        ..cell(at, size, text, colour)
    }
}

fn value_cell(at: (i32, i32), size: (i32, i32), text: &str, colour: Colour) -> Cell {
    cell(at, size, text, colour)
}

/// A number with a comma after each three digits.
pub(crate) fn won(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if amount < 0 { format!("-{out}") } else { out }
}

fn won_or_nothing(amount: Option<i64>) -> String {
    amount.map(won).unwrap_or_default()
}

/// Draws an invoice.
pub fn draw(invoice: &TaxInvoice, _shown: Shown) -> Sheet {
    let document = &invoice.document;
    let title = title(document);
    let lines: Vec<&Item> = document.items.iter().collect();
    let (first, rest) = lines.split_at(lines.len().min(FIRST_LINES));
    let further: Vec<&[&Item]> = rest.chunks(FURTHER_LINES).collect();
    let count = 1 + further.len();
    let mut pages = Vec::with_capacity(count);
    let mut drawing = Drawing {
        page: Page::default(),
    };
    let mut y = head(&mut drawing, invoice, title, (1, count));
    y = parties(&mut drawing, document, y);
    y = sums(&mut drawing, document, y);
    y = items(&mut drawing, first, FIRST_LINES, y);
    y = totals(&mut drawing, document, y);
    foot(&mut drawing, invoice, y);
    pages.push(drawing.page);
    for (number, lines) in (2..).zip(further) {
        let mut drawing = Drawing {
            page: Page::default(),
        };
        let y = head(&mut drawing, invoice, title, (number, count));
        items(&mut drawing, lines, lines.len(), y);
        pages.push(drawing.page);
    }
    let mark = mark(invoice);
    for page in &mut pages {
        page.mark.clone_from(&mark);
    }
    Sheet {
        title: title.to_owned(),
        pages,
    }
}

const fn title(document: &Document) -> &'static str {
    let is_modification = document.modification.is_some();
    match (document.taxation, is_modification) {
        (Taxation::Taxable | Taxation::ZeroRated, false) => "전자세금계산서",
        (Taxation::Taxable | Taxation::ZeroRated, true) => "수정전자세금계산서",
        (Taxation::Exempt, false) => "전자계산서",
        (Taxation::Exempt, true) => "수정전자계산서",
    }
}

/// What is no valid invoice says so across the page.
fn mark(invoice: &TaxInvoice) -> Option<Mark> {
    let text = match &invoice.state {
        State::IssuanceCancelled { .. } => "발급취소",
        State::RequestCancelled => "요청취소",
        State::RequestRefused => "발급거부",
        State::Deleted { .. } => "삭제",
        State::Absent | State::Drafted | State::Requested => "미발급",
        State::SendingFailed { .. } => "전송실패",
        State::Issued { .. }
        | State::BeforeSending { .. }
        | State::WaitingSending { .. }
        | State::Sending { .. }
        | State::SendingCompleted { .. } => {
            return invoice.is_test.then(|| Mark {
                text: "테스트".to_owned(),
                colour: Colour::PALE,
            });
        }
    };
    Some(Mark {
        text: text.to_owned(),
        colour: Colour::RED,
    })
}

fn head(
    drawing: &mut Drawing,
    invoice: &TaxInvoice,
    title: &str,
    (number, count): (usize, usize),
) -> i32 {
    let height = 420;
    let name_width = FULL - 2_500;
    let name = if count > 1 {
        format!("{title} ({number}/{count})")
    } else {
        title.to_owned()
    };
    drawing.put(Cell {
        size: 190,
        align: Align::Centre,
        ..cell((LEFT, TOP), (name_width, height), &name, Colour::RED)
    });
    let x = LEFT + name_width;
    let approval = invoice
        .state
        .issued()
        .map_or_else(String::new, |issued| issued.approval_number.clone());
    let rows = [
        ("승인번호", approval),
        (
            "일련번호",
            invoice.document.serial_number.clone().unwrap_or_default(),
        ),
    ];
    for (index, (label, value)) in (0..).zip(rows) {
        let y = TOP + index * 210;
        drawing.put(label_cell((x, y), (600, 210), label, Colour::RED));
        drawing.put(value_cell((x + 600, y), (1_900, 210), &value, Colour::RED));
    }
    TOP + height
}

/// A number as it is printed: 123-45-67891.
fn hyphenated(number: &str) -> String {
    let part = |range: std::ops::Range<usize>| number.get(range).unwrap_or_default();
    format!("{}-{}-{}", part(0..3), part(3..5), part(5..10))
}

fn parties(drawing: &mut Drawing, document: &Document, y: i32) -> i32 {
    let strip = 220;
    let rows = 6;
    for side in [Side::Supplier, Side::Recipient] {
        let (x, colour, name) = match side {
            Side::Supplier => (LEFT, Colour::RED, "공급자"),
            Side::Recipient => (LEFT + HALF, Colour::BLUE, "공급받는자"),
        };
        // One syllable below the other.
        drawing.put(label_cell((x, y), (strip, rows * ROW), "", colour));
        let step = rows * ROW / i32::try_from(name.chars().count() + 1).unwrap_or(1);
        for (index, syllable) in (0..).zip(name.chars()) {
            let at = (x, y + step / 2 + index * step);
            drawing.put(Cell {
                border: None,
                fill: None,
                size: 95,
                ..label_cell(at, (strip, step), &syllable.to_string(), colour)
            });
        }
        party(drawing, document.party(side), (x + strip, y), colour);
    }
    y + rows * ROW
}

fn party(drawing: &mut Drawing, party: &Party, (x, y): (i32, i32), colour: Colour) {
    let width = HALF - 220;
    let label = 480;
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let short = 520;
    let value = width - 2 * label - short;
    let row = |index: i32| (x, y + index * ROW);
    let next = drawing.field(
        row(0),
        (label, value),
        ("등록번호", &hyphenated(party.brn.as_str())),
        colour,
    );
    let place = text(&party.tax_registration_id);
    drawing.field((next, y), (label, short), ("종사업장", &place), colour);
    let next = drawing.field(row(1), (label, value), ("상호", &text(&party.name)), colour);
    let name = text(&party.representative_name);
    drawing.field((next, y + ROW), (label, short), ("성명", &name), colour);
    let address = text(&party.address);
    drawing.field(row(2), (label, width - label), ("주소", &address), colour);
    let next = drawing.field(
        row(3),
        (label, value),
        ("업태", &text(&party.business_type)),
        colour,
    );
    let class = text(&party.business_class);
    drawing.field(
        (next, y + 3 * ROW),
        (label, short),
        ("종목", &class),
        colour,
    );
    let contact = party.contact.clone().unwrap_or_default();
    let person = [contact.department, contact.name]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    drawing.field(row(4), (label, width - label), ("담당자", &person), colour);
    let email = contact.email.unwrap_or_default();
    drawing.field(row(5), (label, width - label), ("이메일", &email), colour);
}

const fn reason(reason: ModificationReason) -> &'static str {
    match reason {
        ModificationReason::EntryError => "기재사항의 착오정정",
        ModificationReason::SupplyCostChange => "공급가액 변동",
        ModificationReason::Return => "환입",
        ModificationReason::ContractCancellation => "계약의 해제",
        ModificationReason::LocalLetterOfCredit => "내국신용장 사후개설",
        ModificationReason::DuplicateIssuance => "착오에 의한 이중발급",
    }
}

fn sums(drawing: &mut Drawing, document: &Document, y: i32) -> i32 {
    let widths = [900, 1_250, 1_250, FULL - 3_400];
    let modified = document
        .modification
        .as_ref()
        .map_or("해당 없음", |one| reason(one.reason));
    let original = document
        .modification
        .as_ref()
        .map(|one| format!("{modified} (당초 {})", one.original_approval_number));
    let totals = document.totals;
    let values = [
        ("작성일자", document.write_date.to_string(), Align::Centre),
        ("공급가액", won(totals.supply), Align::Right),
        ("세액", won(totals.tax), Align::Right),
        (
            "수정사유",
            original.unwrap_or_else(|| modified.to_owned()),
            Align::Left,
        ),
    ];
    let mut x = LEFT;
    for ((label, value, align), width) in values.into_iter().zip(widths) {
        drawing.put(label_cell((x, y), (width, ROW), label, Colour::RED));
        drawing.put(Cell {
            align,
            ..value_cell((x, y + ROW), (width, ROW), &value, Colour::RED)
        });
        x += width;
    }
    let remarks = document.remarks.join(" / ");
    drawing.field(
        (LEFT, y + 2 * ROW),
        (900, FULL - 900),
        ("비고", &remarks),
        Colour::RED,
    );
    y + 3 * ROW
}

const COLUMNS: [(&str, i32, Align); 9] = [
    ("월", 190, Align::Centre),
    ("일", 190, Align::Centre),
    ("품목", 1_350, Align::Left),
    ("규격", 600, Align::Left),
    ("수량", 520, Align::Right),
    ("단가", 700, Align::Right),
    ("공급가액", 750, Align::Right),
    ("세액", 600, Align::Right),
    ("비고", FULL - 4_900, Align::Left),
];

fn items(drawing: &mut Drawing, lines: &[&Item], rows: usize, y: i32) -> i32 {
    let mut x = LEFT;
    for (label, width, _) in COLUMNS {
        drawing.put(label_cell((x, y), (width, ROW), label, Colour::RED));
        x += width;
    }
    let mut y = y + ROW;
    // The form keeps four lines at least.
    let rows = rows.min(lines.len().max(4));
    for index in 0..rows {
        let values = lines
            .get(index)
            .map(|item| values(item))
            .unwrap_or_default();
        let mut x = LEFT;
        for ((_, width, align), value) in COLUMNS.into_iter().zip(values) {
            drawing.put(Cell {
                align,
                size: 75,
                ..value_cell((x, y), (width, ROW), &value, Colour::RED)
            });
            x += width;
        }
        y += ROW;
    }
    y
}

fn values(item: &Item) -> [String; 9] {
    let date: Option<Date> = item.purchase_date.map(naru_domain::b2b::CivilDate::as_jiff);
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let number = |value: Option<naru_domain::b2b::Decimal>| {
        value
            .map(|value| separated(&value.to_string()))
            .unwrap_or_default()
    };
    [
        date.map(|date| date.month().to_string())
            .unwrap_or_default(),
        date.map(|date| date.day().to_string()).unwrap_or_default(),
        text(&item.name),
        text(&item.spec),
        number(item.quantity),
        number(item.unit_cost),
        won_or_nothing(item.supply),
        won_or_nothing(item.tax),
        text(&item.remark),
    ]
}

/// A decimal with commas in its whole part.
fn separated(text: &str) -> String {
    let (whole, rest) = text
        .split_once('.')
        .map_or((text, None), |(a, b)| (a, Some(b)));
    // "-0.5" has a whole part that no integer keeps the sign of.
    let sign = if whole == "-0" { "-" } else { "" };
    let whole = whole.parse::<i64>().map_or_else(|_| whole.to_owned(), won);
    rest.map_or_else(|| whole.clone(), |rest| format!("{sign}{whole}.{rest}"))
}

fn totals(drawing: &mut Drawing, document: &Document, y: i32) -> i32 {
    let split = &document.split;
    let width = 860;
    let values = [
        ("합계금액", won(document.totals.total)),
        ("현금", won_or_nothing(split.cash)),
        ("수표", won_or_nothing(split.check)),
        ("어음", won_or_nothing(split.note)),
        ("외상미수금", won_or_nothing(split.credit)),
    ];
    let mut x = LEFT;
    for (label, value) in values {
        drawing.put(label_cell((x, y), (width, ROW), label, Colour::RED));
        drawing.put(Cell {
            align: Align::Right,
            ..value_cell((x, y + ROW), (width, ROW), &value, Colour::RED)
        });
        x += width;
    }
    let purpose = match document.purpose {
        Purpose::Receipt => "이 금액을 (영수) 함",
        Purpose::Claim => "이 금액을 (청구) 함",
        Purpose::Unsaid => "",
    };
    drawing.put(Cell {
        align: Align::Centre,
        size: 90,
        ..cell((x, y), (LEFT + FULL - x, 2 * ROW), purpose, Colour::RED)
    });
    y + 2 * ROW
}

fn foot(drawing: &mut Drawing, invoice: &TaxInvoice, y: i32) {
    let issued = invoice.state.issued().map_or_else(String::new, |issued| {
        let day = naru_domain::b2b::CivilDate::in_korea(issued.at);
        format!("발급일자 {day}")
    });
    let text = format!("{issued}   관리번호 {}", invoice.id);
    drawing.put(Cell {
        border: None,
        colour: Colour::PALE,
        size: 70,
        ..cell((LEFT, y + 60), (FULL, 180), text.trim(), Colour::RED)
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_separators() {
        assert_eq!(won(0), "0");
        assert_eq!(won(-1_234_567), "-1,234,567");
        assert_eq!(won(100), "100");
        assert_eq!(separated("-0.50"), "-0.50");
        assert_eq!(separated("12345.5"), "12,345.5");
        assert_eq!(separated("-1000"), "-1,000");
    }

    #[test]
    fn numbers_are_hyphenated() {
        assert_eq!(hyphenated("1234567891"), "123-45-67891");
    }
}
