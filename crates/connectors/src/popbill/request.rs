//! Operations as requests.

use bytes::Bytes;
use http::Method;
use naru_connector::tax::{
    AttachedFile, CompanyJoin, InvoiceCall, InvoiceRef, Note, TaxOperation, Written,
};
use naru_connector::{BeginError, ChannelSettings, Request};
use naru_domain::b2b::tax_invoice::Issuance;
use naru_domain::b2b::{BusinessNumber, Side};
use serde_json::{Map, Value, json};

use super::{ANSWER_TIMEOUT_MS, api_base, banks, document};
use crate::form::escape;

const JSON: &str = "application/json; charset=utf-8";
/// Scopes of tokens, by the vendor's numbers.
const MEMBER: &str = "member";
const TAX_INVOICE: &str = "110";
const CLOSE_DOWN: &str = "170";
const COMPANY_INFO: &str = "171";
const ACCOUNT_NAME: &str = "182";

/// The company that a call acts for, and what for.
pub(super) struct Acting {
    pub(super) acting: BusinessNumber,
    pub(super) scopes: [&'static str; 2],
}

/// A call before its token.
pub(super) struct Wanted {
    /// `None`: the vendor's SDKs make the call without a token, which only members get.
    pub(super) token: Option<Acting>,
    method: Method,
    path: String,
    verb: Option<&'static str>,
    content_type: String,
    body: Bytes,
    /// Whether the partner's own id goes into the query or body.
    names_partner: bool,
}

impl Wanted {
    fn get(acting: &BusinessNumber, scope: &'static str, path: String) -> Self {
        Self {
            token: Some(Acting {
                acting: acting.clone(),
                scopes: [MEMBER, scope],
            }),
            method: Method::GET,
            path,
            verb: None,
            content_type: JSON.to_owned(),
            body: Bytes::new(),
            names_partner: false,
        }
    }

    fn post(acting: &BusinessNumber, scope: &'static str, path: String, body: &Value) -> Self {
        Self {
            method: Method::POST,
            body: if body.is_null() {
                Bytes::new()
            } else {
                Bytes::from(body.to_string())
            },
            ..Self::get(acting, scope, path)
        }
    }

    /// The call of anybody, member or not.
    fn of_anybody(self) -> Self {
        Self {
            token: None,
            ..self
        }
    }

    fn verb(self, verb: &'static str) -> Self {
        Self {
            verb: Some(verb),
            ..self
        }
    }

    /// The request, but for its token.
    pub(super) fn into_wire(self, settings: &ChannelSettings) -> Request {
        let partner = settings.options.get("link_id").map_or("", String::as_str);
        let mut path = self.path;
        let mut body = self.body;
        if self.names_partner && self.method == Method::GET {
            path.push_str("&LID=");
            escape(partner, &mut path);
        } else if self.names_partner {
            let read: Result<Map<String, Value>, _> = serde_json::from_slice(&body);
            if let Ok(mut fields) = read {
                fields.insert("LinkID".to_owned(), partner.into());
                body = Bytes::from(Value::Object(fields).to_string());
            }
        }
        let mut headers = vec![
            ("x-pb-version", "1.0".to_owned()),
            ("content-type", self.content_type),
        ];
        if let Some(verb) = self.verb {
            headers.push(("x-http-method-override", verb.to_owned()));
        }
        Request {
            method: self.method,
            url: format!("{}{path}", api_base(settings)),
            headers,
            body,
            timeout_ms: ANSWER_TIMEOUT_MS,
            write_within_ms: None,
        }
    }
}

/// The call that an operation is.
pub(super) fn build(operation: &TaxOperation, guesses: bool) -> Result<Wanted, BeginError> {
    Ok(match operation {
        TaxOperation::Invoice { invoice, call } => invoice_call(invoice, call)?,
        TaxOperation::Inquire(invoice) => {
            Wanted::get(&invoice.acting, TAX_INVOICE, invoice_path(invoice))
        }
        TaxOperation::Files(invoice) => {
            let path = format!("{}/Files", invoice_path(invoice));
            Wanted::get(&invoice.acting, TAX_INVOICE, path)
        }
        TaxOperation::Join(join) => join_call(join),
        TaxOperation::IsMember(brn) => {
            let path = format!("/Join?CorpNum={brn}");
            Wanted {
                names_partner: true,
                ..Wanted::get(brn, TAX_INVOICE, path).of_anybody()
            }
        }
        TaxOperation::IsContactIdTaken { .. } if !guesses => {
            return Err(BeginError::Unsupported(
                "the provider's check of contact ids is unconfirmed; set `unconfirmed` to use it"
                    .to_owned(),
            ));
        }
        TaxOperation::IsContactIdTaken { acting, contact_id } => {
            let mut path = "/IDCheck?ID=".to_owned();
            escape(contact_id, &mut path);
            Wanted::get(acting, TAX_INVOICE, path).of_anybody()
        }
        TaxOperation::CertificatePage(brn) => {
            Wanted::get(brn, TAX_INVOICE, "/Member?TG=CERT".to_owned())
        }
        TaxOperation::Certificate(brn) => {
            Wanted::get(brn, TAX_INVOICE, "/Taxinvoice/Certificate".to_owned())
        }
        TaxOperation::CheckCertificate(brn) => {
            Wanted::get(brn, TAX_INVOICE, "/Taxinvoice/CertCheck".to_owned())
        }
        TaxOperation::CompanyState { acting, brn } => {
            Wanted::get(acting, CLOSE_DOWN, format!("/CloseDown?CN={brn}"))
        }
        TaxOperation::BusinessInfo { acting, brn } => {
            Wanted::get(acting, COMPANY_INFO, format!("/BizInfo/Check?CN={brn}"))
        }
        TaxOperation::AccountHolder {
            acting,
            bank,
            number,
        } => {
            let code = banks::code(bank).ok_or_else(|| BeginError::Invalid {
                field: "bank",
                message: "is a bank whose account holders can be looked up".to_owned(),
            })?;
            let mut path = format!("/EasyFin/AccountCheck?c={code}&n=");
            escape(number.expose(), &mut path);
            Wanted::post(acting, ACCOUNT_NAME, path, &Value::Null)
        }
    })
}

fn invoice_call(invoice: &InvoiceRef, call: &InvoiceCall) -> Result<Wanted, BeginError> {
    let acting = &invoice.acting;
    let new = |written: &Written| {
        let path = "/Taxinvoice".to_owned();
        Wanted::post(acting, TAX_INVOICE, path, &document::write(written))
    };
    let step = |verb: &'static str, body: &Value| {
        Wanted::post(acting, TAX_INVOICE, invoice_path(invoice), body).verb(verb)
    };
    Ok(match call {
        InvoiceCall::Draft(written) => new(written),
        InvoiceCall::DraftAndRequest(written) => {
            must_be(written, Issuance::Reverse)?;
            new(written).verb("REQUEST")
        }
        InvoiceCall::DraftAndIssue(written) => {
            must_be(written, Issuance::Forward)?;
            new(written).verb("ISSUE")
        }
        InvoiceCall::Update(written) => step("PATCH", &document::write(written)),
        InvoiceCall::Request(note) => step("REQUEST", &note_of(note)),
        InvoiceCall::CancelRequest(note) => step("CANCELREQUEST", &note_of(note)),
        InvoiceCall::Refuse(note) => step("REFUSE", &note_of(note)),
        InvoiceCall::Issue(note) => {
            let mut body = note_of(note);
            // A late issue is the merchant's own business: the answer only marks it.
            body["forceIssue"] = Value::Bool(true);
            if let Some(subject) = &note.email_subject {
                body["emailSubject"] = subject.as_str().into();
            }
            step("ISSUE", &body)
        }
        InvoiceCall::CancelIssuance(note) => step("CANCELISSUE", &note_of(note)),
        InvoiceCall::SendToNts => step("NTS", &Value::Null),
        InvoiceCall::Delete => step("DELETE", &Value::Null),
        InvoiceCall::Attach(file) => attach(invoice, file),
        InvoiceCall::Detach(file_id) => {
            let mut path = format!("{}/Files/", invoice_path(invoice));
            escape(file_id, &mut path);
            Wanted::post(acting, TAX_INVOICE, path, &Value::Null).verb("DELETE")
        }
    })
}

fn must_be(written: &Written, issuance: Issuance) -> Result<(), BeginError> {
    if written.document.issuance == issuance {
        return Ok(());
    }
    Err(BeginError::Unsupported(
        "the recipient requests what it wrote, and the supplier issues what it wrote".to_owned(),
    ))
}

fn note_of(note: &Note) -> Value {
    json!({"memo": note.memo.as_deref().unwrap_or_default()})
}

/// An invoice's own address; document keys have no character that needs escaping.
fn invoice_path(invoice: &InvoiceRef) -> String {
    let side = match invoice.side {
        Side::Supplier => "SELL",
        Side::Recipient => "BUY",
    };
    let mut path = format!("/Taxinvoice/{side}/");
    escape(&invoice.key, &mut path);
    path
}

fn join_call(join: &CompanyJoin) -> Wanted {
    let contact = &join.contact;
    let body = json!({
        "CorpNum": join.brn.as_str(),
        "CorpName": join.name,
        "CEOName": join.representative_name,
        "Addr": join.address,
        "BizType": join.business_type,
        "BizClass": join.business_class,
        "ID": contact.id,
        "Password": contact.password.expose(),
        "ContactName": contact.name,
        "ContactEmail": contact.email,
        "ContactTEL": contact.phone_number,
    });
    Wanted {
        names_partner: true,
        ..Wanted::post(&join.brn, TAX_INVOICE, "/Join".to_owned(), &body).of_anybody()
    }
}

/// The file as the one part of a form. The boundary follows from the bytes, so that the same
/// request is the same bytes.
fn attach(invoice: &InvoiceRef, file: &AttachedFile) -> Wanted {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(&file.bytes);
    let half: [u8; 16] = std::array::from_fn(|at| digest[at]);
    let boundary = format!("naru{:032x}", u128::from_be_bytes(half));
    let name: String = file
        .name
        .chars()
        .map(|c| {
            if c.is_control() || c == '"' || c == '\\' {
                '_'
            } else {
                c
            }
        })
        .collect();
    let mut body = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"Filedata\"; \
         filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(&file.bytes);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    let path = format!("{}/Files", invoice_path(invoice));
    Wanted {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        body: Bytes::from(body),
        ..Wanted::post(&invoice.acting, TAX_INVOICE, path, &Value::Null)
    }
}
