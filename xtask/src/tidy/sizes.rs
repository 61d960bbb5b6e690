//! Sizes of hand-written Rust: a file 800 lines, a function 70, a line 100 columns.
//!
//! Functions are found by rustfmt's layout: a function ends at the first line that is a closing
//! brace in the column where the function starts. That is exact for formatted code, and the format
//! is checked beside this.

use super::{Finding, SourceFile};

const FILE_LINES_MAX: usize = 800;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

/// What is too big.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    if file.is_generated() || !file.has_extension(&["rs"]) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let lines: Vec<(usize, &str)> = file.lines().collect();
    if lines.len() > FILE_LINES_MAX {
        let what = format!("{} lines, {FILE_LINES_MAX} at most", lines.len());
        findings.push(Finding::new(&file.path, 0, what));
    }
    for (number, line) in &lines {
        let columns = line.chars().count();
        if columns > COLUMNS_MAX {
            let what = format!("{columns} columns, {COLUMNS_MAX} at most");
            findings.push(Finding::new(&file.path, *number, what));
        }
        if let Some(length) = is_function(line)
            .then(|| length(&lines[number - 1..]))
            .flatten()
            && length > FUNCTION_LINES_MAX
        {
            let what = format!("a function of {length} lines, {FUNCTION_LINES_MAX} at most");
            findings.push(Finding::new(&file.path, *number, what));
        }
    }
    findings
}

fn is_function(line: &str) -> bool {
    let mut words = line
        .split_whitespace()
        .map(|w| w.split('(').next().unwrap_or(w));
    words.find(|w| !["pub", "const", "async", "unsafe", "extern", "\"C\""].contains(w))
        == Some("fn")
}

/// Lines from the function's first to its closing brace; `None` if it has no body.
fn length(lines: &[(usize, &str)]) -> Option<usize> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let column = indent(lines.first()?.1);
    for (index, (_, line)) in lines.iter().enumerate() {
        let ends_here = index == 0 || indent(line) == column;
        if ends_here && line.ends_with(';') {
            return None;
        }
        let closes = index > 0 && indent(line) == column && line.trim_start().starts_with('}');
        if closes || index == 0 && line.ends_with('}') {
            return Some(index + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn function(lines: usize) -> String {
        format!(
            "impl A {{\n    pub fn b() {{\n{}    }}\n}}\n",
            "        c();\n".repeat(lines - 2)
        )
    }

    #[test]
    fn a_long_function_is_found_and_a_short_one_is_not() {
        assert!(check(&SourceFile::sample("a.rs", &function(70))).is_empty());
        let findings = check(&SourceFile::sample("a.rs", &function(71)));
        assert_eq!(findings.len(), 1);
        assert_eq!(
            findings[0].to_string(),
            "a.rs:2: a function of 71 lines, 70 at most"
        );
    }

    #[test]
    fn a_declaration_has_no_length() {
        let text = format!(
            "trait A {{\n    fn b();\n    fn c(\n        d: u8,\n    );\n{}}}\n",
            "\n".repeat(80)
        );
        assert!(check(&SourceFile::sample("a.rs", &text)).is_empty());
    }

    #[test]
    fn long_files_and_lines_are_found_outside_generated() {
        let long = "//\n".repeat(801);
        assert_eq!(check(&SourceFile::sample("a.rs", &long)).len(), 1);
        assert_eq!(
            check(&SourceFile::sample("a.rs", &"x".repeat(101))).len(),
            1
        );
        assert!(check(&SourceFile::sample("src/generated/a.rs", &long)).is_empty());
        assert!(check(&SourceFile::sample("a.md", &long)).is_empty());
    }
}
