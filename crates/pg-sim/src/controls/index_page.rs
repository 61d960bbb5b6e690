//! `GET /`: a page that says what this is and what it can do.
//!
//! One document with its own style, no script and nothing from elsewhere. Every value from the
//! books is escaped.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use crate::answer::{self, escaped, grouped};
use crate::clock::Stamp;
use crate::ledger::Transaction;
use crate::simulator::Simulator;

const LATEST: usize = 20;

const TEMPLATE: &str = include_str!("index_page.html");

/// `GET /`.
pub(crate) async fn show(State(sim): State<Arc<Simulator>>) -> Response {
    let page = page(&sim);
    let mut response = answer::with_type(StatusCode::OK, "text/html;charset=UTF-8", page);
    let policy = "default-src 'none'; style-src 'unsafe-inline'";
    response.headers_mut().insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(policy),
    );
    response
}

fn page(sim: &Simulator) -> String {
    let now = Stamp::of(sim.clock.now_ms()).rfc3339();
    let (count, rows) = {
        let books = sim.books();
        let all = books.transactions();
        let rows: String = all.iter().rev().take(LATEST).map(row).collect();
        (all.len(), rows)
    };
    let rows = if rows.is_empty() {
        "<tr><td colspan=\"6\" class=\"empty\">No transaction yet. <span lang=\"ko\">아직 거래가 \
         없습니다.</span></td></tr>"
            .to_owned()
    } else {
        rows
    };
    TEMPLATE
        .replace("{now}", &escaped(&now))
        .replace("{count}", &count.to_string())
        .replace("{calls}", &sim.calls().to_string())
        .replace("{faults}", &sim.faults.all().len().to_string())
        .replace("{rows}", &rows)
}

fn row(transaction: &Transaction) -> String {
    let mut cancelled = String::new();
    if transaction.cancelled > 0 {
        let _ = write!(
            cancelled,
            "<br><small>−{}</small>",
            grouped(transaction.cancelled)
        );
    }
    let code = transaction.declined_code.as_deref().unwrap_or_default();
    let state = transaction.state.name();
    let at = Stamp::of(transaction.at_ms).rfc3339();
    format!(
        "<tr><td>{}</td><td>{}</td><td><span class=\"state {}\">{state}</span> {}</td>\
         <td class=\"amount\">{} {}{cancelled}</td><td><code>{}</code></td>\
         <td><code>{}</code></td></tr>",
        escaped(at.get(..19).unwrap_or(&at)).replace('T', " "),
        transaction.kind.name(),
        state.to_ascii_lowercase(),
        escaped(code),
        grouped(transaction.amount),
        transaction.currency.iso_name(),
        escaped(&transaction.order_id),
        escaped(&transaction.tid),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_is_escaped() {
        assert_eq!(escaped("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped),
            ["0", "999", "1,000", "1,234,567"]
        );
    }

    #[tokio::test]
    async fn the_page_is_filled_in() {
        let sim = Simulator::open(None).unwrap();
        let page = page(&sim);
        for hole in ["{now}", "{count}", "{calls}", "{faults}", "{rows}"] {
            assert!(!page.contains(hole), "{hole}");
        }
        assert!(page.contains("아직 거래가"));
    }
}
