//! Settlement files: bytes in, lines out.
//!
//! Two formats: a CSV of our own, documented in `docs/operating/reconcile.md`, and the PG's own
//! file, by a reader in the PG's folder. Nothing here stores, compares or knows a payment.
//! Invariants: whatever bytes come in, nothing panics; a file is read whole or not at all, and
//! every complaint names its line.

mod csv;
mod fields;
mod own;

use encoding_rs::EUC_KR;
use naru_connector::Support;
use naru_domain::settlement::{LineKind, SettlementLine};

pub use csv::Record;
pub(crate) use fields::{Cells, Columns};

/// Complaints about one file; more are counted, not told.
const COMPLAINTS_MAX: usize = 20;

/// In which format a settlement file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettlementFormat {
    /// Our own CSV.
    Own,
    /// The PG's file.
    Pg,
}

/// A line that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineProblem {
    /// Its number in the file, from 1.
    pub line: usize,
    /// What is wrong. Names the column; repeats no more of the file than that.
    pub problem: String,
}

/// A file that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileProblem {
    /// The PG's file has no reader here.
    NoReader,
    /// It is neither UTF-8 nor EUC-KR.
    Encoding,
    /// Some of its lines can't be read.
    Lines {
        /// The first of them.
        first: Vec<LineProblem>,
        /// How many there are in all.
        count: usize,
    },
}

/// A line with its number in the file.
pub type NumberedLine = (usize, SettlementLine);

/// A reader of the text of a PG's file, header included.
pub(crate) type ReadText = fn(&[Record]) -> Result<Vec<NumberedLine>, Vec<LineProblem>>;

/// How well the file of a PG is understood.
pub fn settlement_support(pg_provider: &str) -> Support {
    reader(pg_provider).map_or(Support::None, |(support, _)| support)
}

fn reader(pg_provider: &str) -> Option<(Support, ReadText)> {
    (pg_provider == crate::inicis::PG_PROVIDER)
        .then_some((Support::Unconfirmed, crate::inicis::settlement::read))
}

/// Splits a CSV file into records; blank lines are left out.
pub fn read_csv(bytes: &[u8]) -> Result<Vec<Record>, FileProblem> {
    let text = decode(bytes).ok_or(FileProblem::Encoding)?;
    csv::records(&text).map_err(|problem| lines(vec![problem]))
}

/// Reads a settlement file.
pub fn read_settlement_file(
    format: SettlementFormat,
    pg_provider: &str,
    bytes: &[u8],
) -> Result<Vec<NumberedLine>, FileProblem> {
    let read = match format {
        SettlementFormat::Own => own::read,
        SettlementFormat::Pg => reader(pg_provider).ok_or(FileProblem::NoReader)?.1,
    };
    let records = read_csv(bytes)?;
    let found = read(&records).map_err(lines)?;
    if found.is_empty() && records.len() <= 1 {
        return Err(lines(vec![LineProblem {
            line: 1,
            problem: "the file has no lines below its header".to_owned(),
        }]));
    }
    Ok(found)
}

fn lines(mut problems: Vec<LineProblem>) -> FileProblem {
    let count = problems.len();
    problems.truncate(COMPLAINTS_MAX);
    FileProblem::Lines {
        first: problems,
        count,
    }
}

/// Reads each record; all complaints, or all lines.
pub(crate) fn each(
    records: &[Record],
    read: impl Fn(&Record) -> Result<SettlementLine, String>,
) -> Result<Vec<NumberedLine>, Vec<LineProblem>> {
    let mut found = Vec::with_capacity(records.len());
    let mut problems = Vec::new();
    for record in records {
        match read(record) {
            Ok(line) => found.push((record.line, line)),
            Err(problem) => problems.push(LineProblem {
                line: record.line,
                problem,
            }),
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

/// What must hold of a line whatever the format.
pub(crate) fn checked(line: SettlementLine) -> Result<SettlementLine, String> {
    if line.amount < 0 && line.kind != LineKind::Correction {
        return Err("the amount is negative, which only a correction's may be".to_owned());
    }
    let total = line.amount.saturating_abs().saturating_sub(line.discount);
    let parts = line.tax_free.unwrap_or(0) + line.vat.unwrap_or(0);
    if parts > total {
        return Err("discount, tax-free part and VAT exceed the amount".to_owned());
    }
    if line.settled_on < line.transacted_on {
        return Err("it is settled before it was transacted".to_owned());
    }
    Ok(line)
}

/// UTF-8, with or without a byte order mark, else EUC-KR as Korean spreadsheets write it.
fn decode(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(text.to_owned());
    }
    EUC_KR
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_utf8_or_euc_kr() {
        assert_eq!(decode("가".as_bytes()).as_deref(), Some("가"));
        assert_eq!(decode(b"\xEF\xBB\xBFa").as_deref(), Some("a"));
        assert_eq!(decode(b"\xB0\xA1,1").as_deref(), Some("가,1"));
        assert_eq!(decode(b"\xFF\xFF"), None);
    }
}
