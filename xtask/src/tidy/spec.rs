//! `spec/` must not carry anything of the reference but facts.

use super::{Finding, SourceFile};

const EXTENSION: &str = concat!("x-port", "one");

/// Korean prose or a vendor extension in `spec/`.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    if !file.path.starts_with("spec/") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        if line.chars().any(is_hangul) {
            findings.push(Finding::new(&file.path, number, "Hangul"));
        }
        if line.to_lowercase().contains(EXTENSION) {
            findings.push(Finding::new(
                &file.path,
                number,
                "an extension of the reference",
            ));
        }
    }
    findings
}

fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_of_the_reference_is_found_in_spec_only() {
        let text = concat!("\u{acb0}\n\"x-port", "one-title\"\nfine\n");
        assert_eq!(check(&SourceFile::sample("spec/a.json", text)).len(), 2);
        assert!(check(&SourceFile::sample("docs/a.md", text)).is_empty());
    }
}
