//! Answers as outcomes.

use naru_connector::Answer;
use naru_connector::tax::{
    BusinessInfo, Certificate, CertificateKind, CompanyState, FileEntry, HolderProblem,
    InvoiceCall, Problem, TaxOperation, TaxOutcome,
};
use naru_domain::b2b::{BusinessStatus, TaxpayerKind};
use serde_json::Value;

use super::exchange::Reader;
use super::info::{self, closure, day, moment, text};

/// The document does not exist.
const NOT_FOUND: &str = "-11000005";
/// The company has no certificate. A guess.
const NO_CERTIFICATE: &str = "-12000004";

/// Reads the answer to an operation.
pub(super) fn reader(operation: &TaxOperation, guesses: bool) -> Reader {
    match operation {
        TaxOperation::Invoice { call, .. } => match call {
            InvoiceCall::DraftAndIssue(_) | InvoiceCall::Issue(_) => {
                Box::new(|answer| with_body(answer, issued))
            }
            // What is gone is deleted, whoever did it.
            InvoiceCall::Delete => Box::new(|answer| match with_body(answer, done) {
                TaxOutcome::Refused(problem) if problem.code == NOT_FOUND => TaxOutcome::Done {
                    approval_number: None,
                },
                other => other,
            }),
            InvoiceCall::Draft(_)
            | InvoiceCall::DraftAndRequest(_)
            | InvoiceCall::Update(_)
            | InvoiceCall::Request(_)
            | InvoiceCall::CancelRequest(_)
            | InvoiceCall::Refuse(_)
            | InvoiceCall::CancelIssuance(_)
            | InvoiceCall::SendToNts
            | InvoiceCall::Attach(_)
            | InvoiceCall::Detach(_) => Box::new(|answer| with_body(answer, done)),
        },
        TaxOperation::Inquire(_) => Box::new(|answer| match with_body(answer, seen) {
            TaxOutcome::Refused(problem) if problem.code == NOT_FOUND => TaxOutcome::Seen(None),
            other => other,
        }),
        TaxOperation::Files(_) => Box::new(|answer| with_body(answer, files)),
        TaxOperation::Join(_) => Box::new(|answer| with_body(answer, done)),
        TaxOperation::IsMember(_) | TaxOperation::IsContactIdTaken { .. } => {
            Box::new(|answer| with_body(answer, yes_or_no))
        }
        TaxOperation::CheckCertificate(_) => Box::new(|answer| match with_body(answer, done) {
            TaxOutcome::Done { .. } => TaxOutcome::Answer(true),
            TaxOutcome::Refused(_) => TaxOutcome::Answer(false),
            other => other,
        }),
        TaxOperation::CertificatePage(_) => Box::new(|answer| with_body(answer, page)),
        TaxOperation::Certificate(_) => {
            Box::new(move |answer| match with_body(answer, certificate) {
                TaxOutcome::Refused(problem) if guesses && problem.code == NO_CERTIFICATE => {
                    TaxOutcome::Certificate(None)
                }
                other => other,
            })
        }
        TaxOperation::CompanyState { .. } => Box::new(|answer| with_body(answer, company_state)),
        TaxOperation::BusinessInfo { .. } => Box::new(|answer| with_body(answer, business_info)),
        TaxOperation::AccountHolder { .. } => {
            Box::new(move |answer| with_body(answer, |body| account_holder(body, guesses)))
        }
    }
}

/// Code and message of an answer that is no success.
pub(super) fn problem_of(answer: &Answer) -> (String, String) {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    let code = text(&body, "code").unwrap_or_else(|| format!("HTTP {}", answer.status));
    (code, text(&body, "message").unwrap_or_default())
}

fn unknown(reason: &str) -> TaxOutcome {
    TaxOutcome::Unknown {
        reason: reason.to_owned(),
    }
}

/// An answer other than 200 has a negative code, or nobody knows what happened.
fn with_body(answer: &Answer, read: impl FnOnce(&Value) -> TaxOutcome) -> TaxOutcome {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
        return unknown("the answer is no JSON");
    };
    if answer.status == 200 {
        return read(&body);
    }
    match text(&body, "code").and_then(|code| code.parse::<i64>().ok()) {
        Some(code) if code < 0 => refused(&body),
        _ => unknown("the answer is no success and has no code"),
    }
}

fn refused(body: &Value) -> TaxOutcome {
    TaxOutcome::Refused(Problem {
        code: text(body, "code").unwrap_or_default(),
        message: text(body, "message").unwrap_or_default(),
    })
}

fn code(body: &Value) -> Option<i64> {
    text(body, "code")?.parse().ok()
}

fn done(body: &Value) -> TaxOutcome {
    match code(body) {
        Some(1) => TaxOutcome::Done {
            approval_number: None,
        },
        Some(code) if code < 0 => refused(body),
        Some(_) | None => unknown("the answer has no code"),
    }
}

/// `ntsConfirmNum` here, `ntsconfirmNum` in the description.
fn issued(body: &Value) -> TaxOutcome {
    match (done(body), text(body, "ntsConfirmNum")) {
        (TaxOutcome::Done { .. }, Some(number)) => TaxOutcome::Done {
            approval_number: Some(number),
        },
        (TaxOutcome::Done { .. }, None) => unknown("issued without an approval number"),
        (other, _) => other,
    }
}

fn yes_or_no(body: &Value) -> TaxOutcome {
    match code(body) {
        Some(0) => TaxOutcome::Answer(false),
        Some(1) => TaxOutcome::Answer(true),
        Some(code) if code < 0 => refused(body),
        Some(_) | None => unknown("the answer has no code"),
    }
}

fn seen(body: &Value) -> TaxOutcome {
    info::read(body).map_or_else(
        || unknown("the description lacks what belongs to its state"),
        |seen| TaxOutcome::Seen(Some(Box::new(seen))),
    )
}

fn files(body: &Value) -> TaxOutcome {
    let Some(entries) = body.as_array() else {
        return unknown("the list of files is no list");
    };
    // One that can't be read must not look like one that is not there.
    let entries: Option<Vec<FileEntry>> = entries
        .iter()
        .map(|entry| {
            Some(FileEntry {
                id: text(entry, "attachedFile")?,
                name: text(entry, "displayName")?,
            })
        })
        .collect();
    entries.map_or_else(|| unknown("a file has no id or no name"), TaxOutcome::Files)
}

fn page(body: &Value) -> TaxOutcome {
    text(body, "url").map_or_else(
        || unknown("the answer has no address"),
        |url| TaxOutcome::Page { url },
    )
}

fn certificate(body: &Value) -> TaxOutcome {
    let read = || {
        let oid = text(body, "oid")?;
        Some(Certificate {
            kind: certificate_kind(&oid),
            registered_at: moment(body, "regDT")?,
            expires_at: moment(body, "expireDT")?,
            issuer: text(body, "issuerDN").or_else(|| text(body, "issuerName"))?,
            subject: text(body, "subjectDN")?,
            registrant_name: text(body, "regContactName").unwrap_or_default(),
            registrant_id: text(body, "regContactID").unwrap_or_default(),
            oid,
        })
    };
    read().map_or_else(
        || unknown("the certificate lacks a field"),
        |found| TaxOutcome::Certificate(Some(Box::new(found))),
    )
}

/// Accredited certificates for electronic taxes have a policy whose last arc but one is 6; the
/// provider's own are issued under its own arc. Confidence: inferred.
fn certificate_kind(oid: &str) -> CertificateKind {
    let last_but_one = oid.rsplit('.').nth(1);
    if oid.starts_with("1.2.410.200012.") {
        CertificateKind::Provider
    } else if last_but_one == Some("6") {
        CertificateKind::ETax
    } else {
        CertificateKind::Other
    }
}

/// An answer of a look-up that is none: a refusal with the status of a success, or neither.
fn no_look_up(body: &Value) -> TaxOutcome {
    match code(body) {
        Some(code) if code < 0 => refused(body),
        Some(_) | None => unknown("the answer has no result"),
    }
}

fn company_state(body: &Value) -> TaxOutcome {
    // A state that the tax office does not tell is null.
    if body.get("state").is_none() {
        return no_look_up(body);
    }
    let state = text(body, "state").unwrap_or_default();
    let status = match state.as_str() {
        "0" => BusinessStatus::NotFound,
        "1" => BusinessStatus::InBusiness,
        other => closure(other, day(body, "stateDate"))
            .map_or(BusinessStatus::CheckFailed, BusinessStatus::Ended),
    };
    let taxpayer = match text(body, "taxType").unwrap_or_default().as_str() {
        "10" => Some(TaxpayerKind::General),
        "20" => Some(TaxpayerKind::Exempt),
        "30" => Some(TaxpayerKind::Simplified),
        "31" => Some(TaxpayerKind::SimplifiedIssuer),
        "40" => Some(TaxpayerKind::AssignedNumber),
        _ => None,
    };
    TaxOutcome::CompanyState(CompanyState {
        status,
        taxpayer,
        taxpayer_since: day(body, "typeDate"),
    })
}

fn business_info(body: &Value) -> TaxOutcome {
    let get = |name: &str| text(body, name).unwrap_or_default();
    let result = get("result");
    if result.is_empty() {
        return no_look_up(body);
    }
    if result != "100" {
        return TaxOutcome::Refused(Problem {
            code: result,
            message: get("resultMessage"),
        });
    }
    let detail = get("addrDetail");
    TaxOutcome::BusinessInfo(Box::new(BusinessInfo {
        name: get("corpName"),
        representative_name: get("CEOName"),
        address: format!("{} {detail}", get("addr")).trim_end().to_owned(),
        zip_code: get("zipCode"),
        business_type: get("bizType"),
        business_class: get("bizClass"),
        industry_code: get("industryCode"),
        entity_code: get("personCorpCode"),
        corporate_number: text(body, "companyRegNum"),
        established_on: get("establishDate"),
        closing_state: text(body, "closeDownState"),
        closed_on: text(body, "closeDownStateDate"),
        tax_type: text(body, "closeDownTaxType"),
        tax_type_since: text(body, "closeDownTaxTypeDate"),
    }))
}

/// `result` 100 is documented. What the other codes mean is not: those below are the simulator's,
/// and where guesses are not wanted everything else is a refusal in the provider's words.
fn account_holder(body: &Value, guesses: bool) -> TaxOutcome {
    let result = text(body, "result").unwrap_or_default();
    if result == "100" {
        return text(body, "accountName").map_or_else(
            || unknown("the answer has no name"),
            |name| TaxOutcome::AccountHolder { name },
        );
    }
    if result.is_empty() {
        return no_look_up(body);
    }
    let problem = match result.as_str() {
        _ if !guesses => None,
        "200" => Some(HolderProblem::NotFound),
        "201" => Some(HolderProblem::Suspended),
        "202" => Some(HolderProblem::ForeignExchange),
        "300" => Some(HolderProblem::RegularMaintenance),
        "301" => Some(HolderProblem::SystemFailure),
        "302" => Some(HolderProblem::SystemMaintenance),
        "303" => Some(HolderProblem::Communication),
        _ => None,
    };
    problem.map_or_else(
        || {
            TaxOutcome::Refused(Problem {
                code: result,
                message: text(body, "resultMessage").unwrap_or_default(),
            })
        },
        TaxOutcome::NoAccountHolder,
    )
}
