//! Words that must not be committed.
//!
//! Placeholders, skipped tests, notes to self without an issue number, and the hosts of package
//! registries: those belong into the configuration of the machine that builds. The words are put
//! together here from halves, so that this file passes its own check.

use super::{Finding, SourceFile};

const CODE: [&str; 8] = ["css", "html", "js", "mjs", "rs", "sh", "sql", "toml"];
const PLACEHOLDERS: [&str; 4] = [
    concat!("to", "do!("),
    concat!("unimple", "mented!("),
    concat!("db", "g!("),
    concat!("#[ig", "nore"),
];
const NOTES: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];
const HOSTS: [&str; 5] = [
    concat!("crates", ".io"),
    concat!("npm", "js"),
    concat!("pypi", ".org"),
    concat!("deb.debian", ".org"),
    concat!("static.rust", "-lang"),
];

/// What stands there and should not.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if file.is_generated() {
        return findings;
    }
    let is_code = file.has_extension(&CODE);
    // Cargo writes the registry's address into the lock file, and there is no way to stop it.
    let may_name_hosts = file.path == "Cargo.lock";
    for (number, line) in file.lines() {
        let found = [
            PLACEHOLDERS.iter().find(|w| is_code && line.contains(**w)),
            NOTES
                .iter()
                .find(|w| is_code && has_word(line, w) && !has_issue(line)),
            HOSTS.iter().find(|w| !may_name_hosts && line.contains(**w)),
        ];
        for word in found.into_iter().flatten() {
            findings.push(Finding::new(
                &file.path,
                number,
                format!("`{word}` must not stand here"),
            ));
        }
    }
    findings
}

fn has_word(line: &str, word: &str) -> bool {
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|w| w == word)
}

/// `#123` anywhere in the line.
fn has_issue(line: &str) -> bool {
    line.split('#')
        .skip(1)
        .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(&SourceFile::sample(path, text)).len()
    }

    #[test]
    fn notes_need_an_issue_number() {
        let note = concat!("// TO", "DO later");
        assert_eq!(count("a.rs", note), 1);
        assert_eq!(count("a.rs", &format!("{note} (#12)")), 0);
        assert_eq!(count("a.md", note), 0);
        assert_eq!(count("a.rs", concat!("let x = TO", "DOS;")), 0);
    }

    #[test]
    fn placeholders_and_hosts_are_found() {
        assert_eq!(count("a.rs", concat!("    to", "do!()")), 1);
        assert_eq!(count("a.rs", concat!("#[ig", "nore = \"slow\"]")), 1);
        let host = concat!("see https://crates", ".io/x");
        assert_eq!(count("docs/a.md", host), 1);
        assert_eq!(count("Cargo.lock", host), 0);
    }
}
