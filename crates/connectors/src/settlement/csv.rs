//! Comma-separated values (RFC 4180), no more of it than settlement files and sheets need.
//!
//! Lenient about line ends and blank lines, strict about quotes: a quote in the wrong place is
//! how a file that was cut off, or put together by hand, shows.

use super::LineProblem;

/// One record with the number of the line that it begins on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// That line, from 1.
    pub line: usize,
    /// Its cells.
    pub cells: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// The beginning of a cell.
    Start,
    /// Inside a cell without quotes.
    Plain,
    /// Inside quotes.
    Quoted,
    /// Behind a quote inside quotes: an end, or the first of two.
    Quote,
}

/// Splits a text into records; blank lines are left out.
pub(crate) fn records(text: &str) -> Result<Vec<Record>, LineProblem> {
    let mut all = Vec::new();
    let (mut line, mut begins_on) = (1, 1);
    let (mut cells, mut cell, mut at) = (Vec::new(), String::new(), At::Start);
    let mut left = text.chars().peekable();
    let wrong = |line: usize| LineProblem {
        line,
        problem: "a quotation mark is in the wrong place".to_owned(),
    };
    while let Some(char) = left.next() {
        at = match (at, char) {
            (At::Quoted, '"') => At::Quote,
            (At::Quoted, _) => {
                line += usize::from(char == '\n');
                cell.push(char);
                At::Quoted
            }
            (At::Quote, '"') => {
                cell.push('"');
                At::Quoted
            }
            (_, ',') => {
                cells.push(std::mem::take(&mut cell));
                At::Start
            }
            (_, '\n' | '\r') => {
                if char == '\r' && left.peek() == Some(&'\n') {
                    left.next();
                }
                cells.push(std::mem::take(&mut cell));
                end_record(&mut all, begins_on, &mut cells);
                line += 1;
                begins_on = line;
                At::Start
            }
            (At::Start, '"') => At::Quoted,
            (At::Start | At::Plain, _) if char != '"' => {
                cell.push(char);
                At::Plain
            }
            (At::Start | At::Plain | At::Quote, _) => return Err(wrong(line)),
        };
    }
    if at == At::Quoted {
        return Err(LineProblem {
            line: begins_on,
            problem: "a quotation mark is never closed".to_owned(),
        });
    }
    cells.push(cell);
    end_record(&mut all, begins_on, &mut cells);
    Ok(all)
}

fn end_record(all: &mut Vec<Record>, line: usize, cells: &mut Vec<String>) {
    let cells = std::mem::take(cells);
    if cells.iter().any(|cell| !cell.trim().is_empty()) {
        all.push(Record { line, cells });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<(usize, Vec<String>)> {
        let records = records(text).unwrap();
        records
            .into_iter()
            .map(|record| (record.line, record.cells))
            .collect()
    }

    #[test]
    fn records_know_their_lines() {
        let read = cells("a,b\r\n\r\n\"x\ny\",\"say \"\"hi\"\"\"\rlast,\n");
        let texts = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(
            read,
            [
                (1, texts(["a", "b"])),
                (3, texts(["x\ny", "say \"hi\""])),
                (5, texts(["last", ""])),
            ]
        );
    }

    #[test]
    fn quotes_in_the_wrong_place_are_told_with_their_line() {
        for (text, line) in [
            ("a\nb\"c", 2),
            ("a\n\"b\"c", 2),
            ("a\n\"b", 2),
            ("\"a\nb", 1),
        ] {
            assert_eq!(records(text).unwrap_err().line, line, "{text:?}");
        }
    }
}
