//! `GET /settlements`: the file that the PG gives its merchants for a day.
//!
//! `format=inicis` is what we take KG Inicis's file to look like, since its form is not public:
//! EUC-KR, Korean column names, a last line of sums. `format=csv` is the CSV that Naru documents
//! for any PG. The same lines, written apart.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use encoding_rs::EUC_KR;
use http::StatusCode;

use super::body::{BadInput, query, read_pg};
use crate::answer;
use crate::clock::{Stamp, read_stamp};
use crate::inicis::settlement::{Line, What, settled};
use crate::ledger::Kind;
use crate::pg::Pg;
use crate::simulator::Simulator;

const GUESSED_HEADER: &str = "구분,거래번호,주문번호,취소거래번호,거래일시,정산일자,결제수단,통화,\
    거래금액,면세금액,부가세,수수료,수수료부가세,정산금액,에스크로,할부개월,상품명";
const OWN_HEADER: &str = "kind,pg_tx_id,order_id,pg_cancellation_id,transacted_on,settled_on,\
    method,currency,amount,tax_free,vat,fee,fee_vat,escrow,installment_months,order_name";

/// `GET /settlements?pg=inicis&date=2026-01-15&mid=…&format=…`.
pub(crate) async fn file(
    State(sim): State<Arc<Simulator>>,
    RawQuery(raw): RawQuery,
) -> Result<Response, BadInput> {
    let mut query = query(raw.as_deref())?;
    match read_pg(query.remove("pg").as_deref())? {
        None | Some(Pg::Inicis) => {}
        Some(Pg::InicisUnified | Pg::Danal | Pg::Kcp | Pg::Popbill) => {
            let error = "this PG takes no money here, so it settles none";
            return Err(BadInput::new(error, "expected `inicis`"));
        }
    }
    let date = query.remove("date").unwrap_or_default().replace('-', "");
    if read_stamp(&date, "000000").is_none() {
        let hint = "the day of settlement in Korea, such as `2026-01-15`";
        return Err(BadInput::new("`date` is no day", hint));
    }
    let mid = query.remove("mid");
    let format = query.remove("format");
    if let Some(name) = query.keys().next() {
        let error = format!("`{name}` is not known here");
        let hint = "expected `pg`, `date`, `mid`, `format`";
        return Err(BadInput::new(error, hint));
    }
    let written = {
        let books = sim.books();
        let lines = settled(books.transactions(), mid.as_deref(), &date);
        match format.as_deref() {
            None | Some("inicis") => guessed(&lines),
            Some("csv") => own(&lines).into_bytes(),
            Some(_) => {
                let error = "`format` is not known";
                return Err(BadInput::new(error, "expected `inicis` or `csv`"));
            }
        }
    };
    if sim.settled().await.is_err() {
        return Ok(answer::books_failed());
    }
    let content_type = if format.as_deref() == Some("csv") {
        "text/csv;charset=UTF-8"
    } else {
        "text/csv;charset=EUC-KR"
    };
    Ok(answer::with_type(StatusCode::OK, content_type, written))
}

/// A cell, quoted where it has to be.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn months(line: &Line<'_>) -> String {
    let quota = line.transaction.card.as_ref().map(|card| &card.quota);
    quota
        .and_then(|quota| quota.parse::<u8>().ok())
        .map_or_else(String::new, |months| months.to_string())
}

fn taxes(line: &Line<'_>) -> [String; 2] {
    line.taxes.map_or_else(Default::default, |taxes| {
        [taxes.tax_free.to_string(), taxes.vat.to_string()]
    })
}

/// Not told for the merchant that has escrow: the books do not say which of its sales are.
fn is_escrow(line: &Line<'_>) -> &'static str {
    if line.transaction.mid == "iniescrow0" {
        ""
    } else {
        "N"
    }
}

fn dashed(date: &str) -> String {
    match (date.get(..4), date.get(4..6), date.get(6..)) {
        (Some(year), Some(month), Some(day)) => format!("{year}-{month}-{day}"),
        _ => date.to_owned(),
    }
}

fn guessed(lines: &[Line<'_>]) -> Vec<u8> {
    let mut text = format!("{GUESSED_HEADER}\r\n");
    for line in lines {
        let (what, method) = (
            match line.what {
                What::Approval => "승인",
                What::Cancel => "취소",
            },
            match line.transaction.kind {
                Kind::VirtualAccount => "가상계좌",
                Kind::Card | Kind::Billing | Kind::BillingKey => "신용카드",
                Kind::Transfer => "계좌이체",
                Kind::Phone => "휴대폰",
                Kind::Gift => "상품권",
            },
        );
        let at = Stamp::of(line.at_ms);
        let [tax_free, vat] = taxes(line);
        let cells = [
            what.to_owned(),
            line.transaction.tid.clone(),
            line.transaction.order_id.clone(),
            line.cancel_tid.unwrap_or_default().to_owned(),
            format!("{}T{}", at.date(), at.time()),
            line.settled_on(),
            method.to_owned(),
            line.currency().pg_name().to_owned(),
            line.amount.to_string(),
            tax_free,
            vat,
            line.fee.to_string(),
            line.fee_vat.to_string(),
            line.paid_out().to_string(),
            is_escrow(line).to_owned(),
            months(line),
            quoted(&line.transaction.goods_name),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    let sum: i64 = lines.iter().map(Line::paid_out).sum();
    let count = lines.len();
    let last = format!("합계,{count},,,,,,,,,,,,{sum},,,\r\n");
    text.push_str(&last);
    EUC_KR.encode(&text).0.into_owned()
}

fn own(lines: &[Line<'_>]) -> String {
    let mut text = format!("{OWN_HEADER}\n");
    for line in lines {
        let at = Stamp::of(line.at_ms);
        let [tax_free, vat] = taxes(line);
        let cells = [
            match line.what {
                What::Approval => "APPROVAL",
                What::Cancel => "CANCEL",
            }
            .to_owned(),
            line.transaction.tid.clone(),
            line.transaction.order_id.clone(),
            line.cancel_tid.unwrap_or_default().to_owned(),
            at.rfc3339(),
            dashed(&line.settled_on()),
            match line.transaction.kind {
                Kind::VirtualAccount => "VIRTUAL_ACCOUNT",
                Kind::Card | Kind::Billing | Kind::BillingKey => "CARD",
                Kind::Transfer => "TRANSFER",
                Kind::Phone => "MOBILE",
                Kind::Gift => "GIFT_CERTIFICATE",
            }
            .to_owned(),
            line.currency().iso_name().to_owned(),
            line.amount.to_string(),
            tax_free,
            vat,
            line.fee.to_string(),
            line.fee_vat.to_string(),
            is_escrow(line).to_owned(),
            months(line),
            quoted(&line.transaction.goods_name),
        ];
        text.push_str(&cells.join(","));
        text.push('\n');
    }
    text
}
