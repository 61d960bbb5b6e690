//! Tables as texts: rows in lines, cells between bars. A line that begins with a bar goes on with
//! the row before it.

/// The rows of a text.
pub fn parse(text: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let cells = |text: &str| -> Vec<String> {
            text.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        match line.strip_prefix('|') {
            Some(more) => rows
                .last_mut()
                .expect("a row to go on with")
                .extend(cells(more)),
            None => rows.push(cells(line)),
        }
    }
    rows
}

/// Compares rows with a text, blanks aside.
#[track_caller]
pub fn assert_table(actual: &[Vec<String>], expected: &str) {
    let expected = parse(expected);
    let different = actual.iter().zip(&expected).find(|(row, want)| row != want);
    let actual_text: Vec<String> = actual.iter().map(|row| row.join(" | ")).collect();
    assert!(
        actual == expected,
        "first difference: {different:#?}\nactual:\n{}\n",
        actual_text.join("\n")
    );
}

/// A row of texts.
pub fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}
