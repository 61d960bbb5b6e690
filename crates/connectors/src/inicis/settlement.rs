//! The settlement file of KG Inicis, **as we guess it**: no document that we have describes it.
//!
//! Everything that is guessed stands in this file, so that the true form can take its place: a CSV
//! in EUC-KR with Korean column names and a last line of sums, as merchant consoles export tables.
//! It is `Support::Unconfirmed`: refused in production unless the channel says `unconfirmed=true`
//! (`docs/pg/inicis.md`). Our own CSV carries the same facts without guessing.

use naru_domain::Currency;
use naru_domain::settlement::{LineKind, LineMethod, SettlementLine};

use crate::settlement::{Cells, Columns, LineProblem, NumberedLine, Record, checked, each};

const COLUMNS: [&str; 17] = [
    "구분",
    "거래번호",
    "주문번호",
    "취소거래번호",
    "거래일시",
    "정산일자",
    "결제수단",
    "통화",
    "거래금액",
    "면세금액",
    "부가세",
    "수수료",
    "수수료부가세",
    "정산금액",
    "에스크로",
    "할부개월",
    "상품명",
];

/// First cell of the last line.
const SUM: &str = "합계";

/// Reads all lines and holds their sums against the last one.
pub(crate) fn read(records: &[Record]) -> Result<Vec<NumberedLine>, Vec<LineProblem>> {
    let one = |line, problem: &str| {
        vec![LineProblem {
            line,
            problem: problem.to_owned(),
        }]
    };
    let (header, rest) = records
        .split_first()
        .ok_or_else(|| one(1, "the file is empty"))?;
    let columns = Columns::of(header, (&COLUMNS, &[]))?;
    let (last, rest) = rest
        .split_last()
        .filter(|(last, _)| last.cells.first().map(|cell| cell.trim()) == Some(SUM))
        .ok_or_else(|| {
            let line = records.last().map_or(1, |record| record.line);
            one(
                line,
                "the line of sums (`합계`) is missing: the file is not whole",
            )
        })?;
    let lines = each(rest, |record| line(&columns.cells(record)?))?;
    let sums = columns
        .cells(last)
        .and_then(|cells| check_sums(&lines, &cells));
    sums.map_err(|problem| one(last.line, &problem))?;
    Ok(lines)
}

fn line(cells: &Cells<'_>) -> Result<SettlementLine, String> {
    let kind = match cells.raw("구분") {
        Some("승인") => LineKind::Approval,
        Some("취소") => LineKind::Cancellation,
        Some("조정") => LineKind::Correction,
        Some(_) | None => return Err("`구분`: expected `승인`, `취소` or `조정`".to_owned()),
    };
    let method = match cells.raw("결제수단") {
        Some("신용카드") => LineMethod::Card,
        Some("가상계좌") => LineMethod::VirtualAccount,
        Some("계좌이체") => LineMethod::Transfer,
        Some("휴대폰") => LineMethod::Mobile,
        Some("포인트") => LineMethod::Point,
        Some("머니") => LineMethod::Charge,
        Some(_) => LineMethod::Etc,
        None => return Err("`결제수단` is empty".to_owned()),
    };
    let currency = match cells.raw("통화") {
        Some("WON" | "KRW") => Currency::krw(),
        Some("USD") => Currency::new("USD"),
        Some(_) | None => return Err("`통화`: expected `WON` or `USD`".to_owned()),
    };
    let (transacted_on, transacted_at) = cells.moment("거래일시")?;
    let read = SettlementLine {
        kind,
        pg_tx_id: cells.id("거래번호")?,
        order_id: cells.text("주문번호")?,
        pg_cancellation_id: cells.text("취소거래번호")?,
        transacted_on,
        transacted_at,
        settled_on: cells.day("정산일자")?,
        method,
        currency,
        amount: cells.required("거래금액")?,
        discount: 0,
        tax_free: cells.unsigned("면세금액")?,
        vat: cells.unsigned("부가세")?,
        fee: cells.required("수수료")?,
        fee_vat: Some(cells.required("수수료부가세")?),
        is_escrow: cells.flag("에스크로")?,
        installment_months: cells.months("할부개월")?,
        order_name: cells.text("상품명")?,
    };
    if cells.required("정산금액")? != paid_out(&read) {
        return Err("`정산금액` is not the amount less fee and VAT on the fee".to_owned());
    }
    checked(read)
}

/// What the PG pays for a line.
fn paid_out(line: &SettlementLine) -> i64 {
    let amount = match line.kind {
        LineKind::Approval | LineKind::Correction => line.amount,
        LineKind::Cancellation => -line.amount,
    };
    amount - line.fee - line.fee_vat.unwrap_or(0)
}

fn check_sums(lines: &[NumberedLine], cells: &Cells<'_>) -> Result<(), String> {
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    if cells.required("거래번호")? != count {
        return Err(format!(
            "the line of sums counts other than the {count} lines above: the file is not whole"
        ));
    }
    let sum: i64 = lines.iter().map(|(_, line)| paid_out(line)).sum();
    if cells.required("정산금액")? != sum {
        return Err(format!(
            "the line of sums has another `정산금액` than the {sum} of the lines above"
        ));
    }
    Ok(())
}
