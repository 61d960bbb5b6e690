//! Our own settlement CSV, for any PG: `docs/operating/reconcile.md` describes each column.

use naru_domain::Currency;
use naru_domain::settlement::{LineKind, LineMethod, SettlementLine};

use super::fields::Cells;
use super::{Columns, LineProblem, NumberedLine, Record};

const REQUIRED: [&str; 7] = [
    "kind",
    "pg_tx_id",
    "transacted_on",
    "settled_on",
    "method",
    "amount",
    "fee",
];

const OPTIONAL: [&str; 10] = [
    "order_id",
    "pg_cancellation_id",
    "currency",
    "discount",
    "tax_free",
    "vat",
    "fee_vat",
    "escrow",
    "installment_months",
    "order_name",
];

/// Reads all lines; every complaint is told.
pub(super) fn read(records: &[Record]) -> Result<Vec<NumberedLine>, Vec<LineProblem>> {
    let empty = || {
        vec![LineProblem {
            line: 1,
            problem: "the file is empty; its first line names the columns".to_owned(),
        }]
    };
    let (header, rest) = records.split_first().ok_or_else(empty)?;
    let columns = Columns::of(header, (&REQUIRED, &OPTIONAL))?;
    super::each(rest, |record| line(&columns.cells(record)?))
}

fn line(cells: &Cells<'_>) -> Result<SettlementLine, String> {
    let kind = match cells.raw("kind") {
        Some("APPROVAL") => LineKind::Approval,
        Some("CANCEL") => LineKind::Cancellation,
        Some("CORRECTION") => LineKind::Correction,
        Some(_) | None => {
            return Err("`kind`: expected `APPROVAL`, `CANCEL` or `CORRECTION`".into());
        }
    };
    let method = cells.raw("method").and_then(LineMethod::parse);
    let method = method.ok_or_else(|| {
        let names = LineMethod::ALL.map(LineMethod::name).join("`, `");
        format!("`method`: expected one of `{names}`")
    })?;
    let currency = match cells.raw("currency") {
        None => Currency::krw(),
        Some(code) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => {
            Currency::new(code)
        }
        Some(_) => return Err("`currency`: expected a code such as `KRW`".to_owned()),
    };
    let (transacted_on, transacted_at) = cells.moment("transacted_on")?;
    let read = SettlementLine {
        kind,
        pg_tx_id: cells.id("pg_tx_id")?,
        order_id: cells.text("order_id")?,
        pg_cancellation_id: cells.text("pg_cancellation_id")?,
        transacted_on,
        transacted_at,
        settled_on: cells.day("settled_on")?,
        method,
        currency,
        amount: cells.required("amount")?,
        discount: cells.unsigned("discount")?.unwrap_or(0),
        tax_free: cells.unsigned("tax_free")?,
        vat: cells.unsigned("vat")?,
        fee: cells.required("fee")?,
        fee_vat: cells.signed("fee_vat")?,
        is_escrow: cells.flag("escrow")?,
        installment_months: cells.months("installment_months")?,
        order_name: cells.text("order_name")?,
    };
    super::checked(read)
}
