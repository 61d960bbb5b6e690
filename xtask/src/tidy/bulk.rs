//! Files that are too big to review.

use super::{Finding, SourceFile};

const BYTES_MAX: usize = 1 << 20;

/// Whether the file is over a megabyte. The API documents and generated code may be.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    let is_document = file.path.starts_with("spec/") && file.path.ends_with(".openapi.json");
    if file.bytes <= BYTES_MAX || is_document || file.is_generated() {
        return Vec::new();
    }
    vec![Finding::new(
        &file.path,
        0,
        format!("{} bytes, {BYTES_MAX} at most", file.bytes),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_big_file_is_found_unless_it_is_a_document() {
        let text = "x".repeat(BYTES_MAX + 1);
        assert_eq!(check(&SourceFile::sample("a.txt", &text)).len(), 1);
        assert!(check(&SourceFile::sample("spec/v2.openapi.json", &text)).is_empty());
    }
}
