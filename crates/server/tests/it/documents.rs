//! Pages under `docs/` that are rendered from the code.

use std::path::Path;

use naru_server::config::limits;
use naru_server::support_matrix;

#[test]
fn the_page_of_limits_is_what_the_code_says() {
    assert_rendered("docs/limits.md", &limits::document());
}

#[test]
fn the_support_matrix_is_what_the_connectors_say() {
    assert_rendered("docs/pg/README.md", &support_matrix::document());
}

#[track_caller]
fn assert_rendered(page: &str, rendered: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(page);
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, rendered).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == rendered,
        "{page} is not up to date; run \
         `UPDATE_DOCUMENTS=1 cargo test -p naru-server --test it documents`"
    );
}
