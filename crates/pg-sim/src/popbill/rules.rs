//! What the provider checks of a document before it keeps, requests or signs it.

use axum::response::Response;
use serde_json::{Map, Value};

use super::books::AspBooks;
use super::company::Company;
use super::invoice::{Invoice, Side};
use super::{codes, refused};
use crate::clock::Stamp;

#[expect(
    clippy::unnecessary_box_returns,
    reason = "an error, and those are to be small"
)]
fn bad(message: &str) -> Box<Response> {
    refused(codes::BAD_DOCUMENT, message)
}

/// Checks a document by itself.
pub(crate) fn check(document: &Map<String, Value>) -> Result<(), Box<Response>> {
    let text = |name: &str| {
        document
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    for name in [
        "writeDate",
        "issueType",
        "taxType",
        "chargeDirection",
        "purposeType",
        "supplyCostTotal",
        "taxTotal",
        "totalAmount",
        "invoicerCorpNum",
        "invoiceeType",
        "invoiceeCorpNum",
    ] {
        if text(name).is_empty() {
            return Err(bad(&format!("{name} 항목이 누락되었습니다.")));
        }
    }
    if !["정발행", "역발행"].contains(&text("issueType")) {
        return Err(bad("issueType"));
    }
    let won = |name: &str| text(name).parse::<i64>().ok();
    let sums = (won("supplyCostTotal"), won("taxTotal"), won("totalAmount"));
    let (Some(supply), Some(tax), Some(total)) = sums else {
        return Err(bad("금액은 정수의 문자열입니다."));
    };
    if supply.checked_add(tax) != Some(total) {
        return Err(bad("공급가액과 세액의 합이 합계금액과 다릅니다."));
    }
    let is_modification = document.contains_key("modifyCode");
    if is_modification != document.contains_key("orgNTSConfirmNum") {
        return Err(bad("modifyCode, orgNTSConfirmNum"));
    }
    if total < 0 && !is_modification {
        return Err(bad("원본 계산서는 음수일 수 없습니다."));
    }
    let lines = document.get("detailList").and_then(Value::as_array);
    if lines.is_some_and(|lines| lines.len() > 99) {
        return Err(bad("detailList"));
    }
    Ok(())
}

/// The writer needs a key, and keys are a company's own.
pub(crate) fn check_keys(
    books: &AspBooks,
    invoice: &Invoice,
    acting: &str,
) -> Result<(), Box<Response>> {
    let writer = invoice.writer();
    if invoice.company(writer) != acting {
        return Err(refused(codes::NOT_YOURS, "작성자의 문서가 아닙니다."));
    }
    if !books.company(acting).is_member {
        return Err(refused(codes::NO_MEMBER, "연동회원이 아닙니다."));
    }
    for side in [Side::Sell, Side::Buy] {
        let key = invoice.key(side);
        if key.is_empty() {
            if side == writer {
                return Err(bad("작성자의 문서번호가 누락되었습니다."));
            }
            continue;
        }
        let is_plain = key.len() <= 24
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_plain {
            return Err(bad("문서번호"));
        }
        let other = books.find(side, invoice.company(side), key);
        if other.is_some_and(|other| other.item_key != invoice.item_key) {
            return Err(refused(codes::KEY_TAKEN, "이미 사용중인 문서번호입니다."));
        }
    }
    Ok(())
}

/// A company signs with a certificate that is registered and not over.
pub(crate) fn certificate_is_good(company: &Company, now_ms: i64) -> Result<(), Box<Response>> {
    match &company.certificate {
        None => {
            let text = "공동인증서가 등록되어 있지 않습니다.";
            Err(refused(codes::NO_CERTIFICATE, text))
        }
        Some(certificate) if certificate.expires_ms <= now_ms => {
            let text = "공동인증서의 유효기간이 만료되었습니다.";
            Err(refused(codes::EXPIRED_CERTIFICATE, text))
        }
        Some(_) => Ok(()),
    }
}

/// The supplier signs with a certificate that is good today, in time or forced.
pub(crate) fn can_sign(
    books: &AspBooks,
    invoice: &Invoice,
    now_ms: i64,
    is_forced: bool,
) -> Result<(), Box<Response>> {
    let supplier = books.company(invoice.company(Side::Sell));
    if !supplier.is_member {
        return Err(refused(codes::NO_MEMBER, "공급자가 연동회원이 아닙니다."));
    }
    certificate_is_good(&supplier, now_ms)?;
    let written = invoice.text("writeDate");
    let month: i32 = written.get(4..6).and_then(|m| m.parse().ok()).unwrap_or(0);
    let year: i32 = written.get(..4).and_then(|y| y.parse().ok()).unwrap_or(0);
    let (year, month) = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    let due = format!("{year:04}{month:02}10");
    if Stamp::of(now_ms).date() > due && !is_forced {
        return Err(refused(codes::LATE, "발행기한이 지났습니다."));
    }
    Ok(())
}
