//! Pages under `docs/` that are rendered from the code.

use std::path::Path;

use naru_server::config::limits;

#[test]
fn the_page_of_limits_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/limits.md");
    let rendered = limits::document();
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, &rendered).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == rendered,
        "docs/limits.md is not up to date; run \
         `UPDATE_DOCUMENTS=1 cargo test -p naru-server --test it documents`"
    );
}
