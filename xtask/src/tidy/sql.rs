//! SQL that would tie the store to one PostgreSQL server.
//!
//! Tables may be spread over servers one day, so nothing may hang on advisory locks, notices,
//! sequences in keys or deferred constraints.

use super::{Finding, SourceFile};

const ANYWHERE: [&str; 3] = ["pg_advisory", "nextval", "deferrable"];
const WORDS: [&str; 3] = ["serial", "bigserial", "smallserial"];
const STATEMENTS: [&str; 2] = ["LISTEN ", "NOTIFY "];

/// What `store-postgres` must not use.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    if !file.path.starts_with("crates/store-postgres/") || !file.has_extension(&["rs", "sql"]) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        let lower = line.to_lowercase();
        let words: Vec<&str> = lower
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        let found = ANYWHERE.iter().find(|w| lower.contains(**w));
        let found = found.or_else(|| WORDS.iter().find(|w| words.contains(w)));
        let found = found.or_else(|| STATEMENTS.iter().find(|w| line.contains(**w)));
        if let Some(word) = found {
            let what = format!("`{}` ties the store to one server", word.trim());
            findings.push(Finding::new(&file.path, number, what));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_sql_is_found_in_the_postgres_store_only() {
        for sql in [
            "id BIGSERIAL",
            "select pg_advisory_lock(1)",
            "LISTEN x",
            "deferrable",
        ] {
            let inside = SourceFile::sample("crates/store-postgres/migrations/V1.sql", sql);
            assert_eq!(check(&inside).len(), 1, "{sql}");
            assert!(check(&SourceFile::sample("crates/store-sqlite/a.sql", sql)).is_empty());
        }
        let fine = "isolation level serializable; -- serialisation";
        assert!(check(&SourceFile::sample("crates/store-postgres/a.sql", fine)).is_empty());
    }
}
