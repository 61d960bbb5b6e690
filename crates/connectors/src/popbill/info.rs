//! The provider's short description of an invoice (`TaxinvoiceInfo`) and its state numbers.

use naru_connector::tax::{InvoiceSeen, Likeness};
use naru_domain::Timestamp;
use naru_domain::b2b::tax_invoice::{Issuance, Issued, NtsResult, Seen, Taxation};
use naru_domain::b2b::{CivilDate, Closure};
use serde_json::Value;

use crate::kst;

/// A text, or a number as text.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// `yyyyMMddHHmmss` in Korea.
pub(super) fn moment(value: &Value, name: &str) -> Option<Timestamp> {
    let text = text(value, name)?;
    kst::read(text.get(..8)?, text.get(8..)?)
}

/// `yyyyMMdd`.
pub(super) fn day(value: &Value, name: &str) -> Option<CivilDate> {
    let text = text(value, name)?;
    let (year, month, day) = (text.get(..4)?, text.get(4..6)?, text.get(6..8)?);
    format!("{year}-{month}-{day}").parse().ok()
}

/// How a business has ended: 2 closed, 3 suspended.
pub(super) fn closure(state: &str, on: Option<CivilDate>) -> Option<Closure> {
    match state {
        "2" | "3" => Some(Closure {
            is_suspended: state == "3",
            on,
        }),
        _ => None,
    }
}

/// Reads a description. `None` where a state lacks what belongs to it, or is not known.
pub(super) fn read(info: &Value) -> Option<InvoiceSeen> {
    let code: i64 = text(info, "stateCode")?.parse().ok()?;
    let issued = || {
        Some(Issued {
            at: moment(info, "issueDT")?,
            approval_number: text(info, "ntsconfirmNum")?,
        })
    };
    let sent_at = || moment(info, "ntssendDT");
    let result = || {
        let code = text(info, "ntssendErrCode")?;
        Some(NtsResult {
            text: text(info, "ntsresult").unwrap_or_else(|| meaning(&code).to_owned()),
            at: moment(info, "ntsresultDT")?,
            code,
        })
    };
    let seen = match code {
        100 => Seen::Drafted,
        200 => Seen::Requested,
        300 => Seen::Issued(issued()?),
        301 => Seen::BeforeSending(issued()?),
        302 => Seen::WaitingSending(issued()?),
        303 => Seen::Sending(issued()?, sent_at()?),
        304 => Seen::SendingCompleted(issued()?, sent_at()?, result()?),
        305 => Seen::SendingFailed(issued()?, sent_at()?, result()?),
        400 => Seen::RequestRefused,
        500 => Seen::RequestCancelled,
        600 => {
            let state = text(info, "closeDownState").unwrap_or_default();
            Seen::IssuanceCancelled(issued()?, closure(&state, day(info, "closeDownStateDate")))
        }
        _ => return None,
    };
    let opened_at = match info.get("openYN") {
        Some(Value::Bool(true)) => moment(info, "openDT"),
        _ => None,
    };
    Some(InvoiceSeen {
        seen,
        opened_at,
        likeness: likeness(info),
    })
}

fn likeness(info: &Value) -> Likeness {
    let won = |name: &str| text(info, name)?.parse().ok();
    Likeness {
        supplier: text(info, "invoicerCorpNum"),
        recipient: text(info, "invoiceeCorpNum"),
        write_date: day(info, "writeDate"),
        issuance: match text(info, "issueType").as_deref() {
            Some("정발행") => Some(Issuance::Forward),
            Some("역발행") => Some(Issuance::Reverse),
            _ => None,
        },
        taxation: match text(info, "taxType").as_deref() {
            Some("과세") => Some(Taxation::Taxable),
            Some("영세") => Some(Taxation::ZeroRated),
            Some("면세") => Some(Taxation::Exempt),
            _ => None,
        },
        supply: won("supplyCostTotal"),
        tax: won("taxTotal"),
        registered_at: moment(info, "regDT"),
    }
}

/// The tax office's results in words.
fn meaning(code: &str) -> &'static str {
    match code {
        "SUC001" => "accepted",
        "SYN002" => "the signature is not valid",
        "SYN003" => "the approval number is a duplicate",
        "SYN004" => "the document breaks the schema",
        "ERR001" => "the supplier's number is not known",
        "ERR002" => "the recipient's number is not known",
        "ERR003" => "the trustee's number is not known",
        "ERR005" => "the date of issue is wrong",
        "ERR006" => "the write date is wrong",
        "ERR007" => "the amounts are wrong",
        "ERR008" => "a code is wrong",
        "ERR009" => "issued after the business was closed",
        "ERR011" => "the original approval number is wrong",
        _ => "see the tax office's code",
    }
}
