//! The one place that writes to the terminal: results to standard output, all else to standard
//! error.
//!
//! A closed pipe (`naru stores list | head -1`) is not an error, so write errors are dropped.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

/// A result, one line.
pub fn line(text: impl AsRef<str>) {
    let _dropped = writeln!(io::stdout().lock(), "{}", text.as_ref());
}

/// Something for the person, not for the program that reads the result.
pub fn note(text: impl AsRef<str>) {
    let _dropped = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// A note that only a person at a terminal wants.
pub fn progress(text: impl AsRef<str>) {
    if io::stderr().is_terminal() {
        note(text);
    }
}

/// A bar of progress that only a person at a terminal sees, on one line.
#[derive(Debug, Default)]
pub struct Bar {
    is_shown: bool,
}

impl Bar {
    /// Whether anybody would see it.
    pub fn is_wanted() -> bool {
        io::stderr().is_terminal()
    }

    /// So much is done.
    pub fn show(&mut self, done: usize, of: usize) {
        let mut errors = io::stderr().lock();
        if errors.is_terminal() {
            let _dropped = write!(errors, "\r{}", bar_text(done, of));
            let _dropped = errors.flush();
            self.is_shown = true;
        }
    }

    /// The line is over.
    pub fn end(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            note("");
        }
    }
}

fn bar_text(done: usize, of: usize) -> String {
    const WIDTH: usize = 30;
    let filled = WIDTH * done.min(of) / of.max(1);
    let (filled, empty) = ("#".repeat(filled), " ".repeat(WIDTH - filled));
    format!("[{filled}{empty}] {done} of {of}")
}

/// A result as indented JSON.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A result as a table: a header line, then one line per row, columns as wide as their widest.
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) {
    for text in table_lines(header, rows) {
        line(text);
    }
}

fn table_lines<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> Vec<String> {
    let mut widths = header.map(|title| title.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let render = |cells: [&str; N]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}", width = *width))
            .collect();
        padded.join("  ").trim_end().to_owned()
    };
    let mut lines = vec![render(header)];
    lines.extend(
        rows.iter()
            .map(|row| render(row.each_ref().map(String::as_str))),
    );
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_up() {
        assert!(bar_text(0, 0).starts_with("[ "));
        assert_eq!(bar_text(5, 10).matches('#').count(), 15);
        assert!(bar_text(10, 10).ends_with("#] 10 of 10"));
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            ["store-1".to_owned(), "나루".to_owned()],
            ["s".to_owned(), "long name".to_owned()],
        ];
        assert_eq!(
            table_lines(["ID", "NAME"], &rows),
            ["ID       NAME", "store-1  나루", "s        long name"]
        );
    }
}
