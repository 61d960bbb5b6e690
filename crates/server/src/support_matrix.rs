//! `docs/pg/README.md`: which PG can do what, rendered from what the connectors say of themselves.

use naru_connector::{Capabilities, OperationKind, Support};

/// The page.
pub fn document() -> String {
    let pgs: Vec<&Capabilities> = naru_connectors::all()
        .iter()
        .map(|connector| connector.capabilities())
        .collect();
    let heads = pgs
        .iter()
        .map(|pg| format!(" [`{}`]({}.md) |", pg.pg_provider, pg.name))
        .collect::<Vec<_>>()
        .concat();
    let lines = "---|".repeat(pgs.len());
    let rows = OperationKind::ALL
        .iter()
        .map(|kind| {
            let cells = pgs
                .iter()
                .map(|pg| format!(" {} |", cell(pg.support(*kind))))
                .collect::<Vec<_>>()
                .concat();
            format!("| {} |{cells}\n", kind.label())
        })
        .collect::<Vec<_>>()
        .concat();
    format!(
        "# PGs: who can do what\n\n\
         Rendered from the connectors, so it says what the code does.\n\n\
         | Operation |{heads}\n|---|{lines}\n{rows}\n\
         * **built**: from a documented wire form. No connector has been run against its PG yet.\n\
         * **unconfirmed**: the wire form, or a part of it, is Naru's own, because the PG's is not \
         public. The\n  simulator speaks it. `naru serve` refuses the operation with 400 \
         `INVALID_REQUEST` and a hint, unless the\n  channel has the option `unconfirmed=true`.\n\
         * –: the PG has no such operation, or it is not built. 400 `INVALID_REQUEST` names what \
         the channel can do.\n\n\
         Single fields that are unconfirmed stand on the PG's own page.\n"
    )
}

const fn cell(support: Support) -> &'static str {
    match support {
        Support::Confirmed => "built",
        Support::Unconfirmed => "**unconfirmed**",
        Support::None => "–",
    }
}
