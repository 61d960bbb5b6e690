//! Payment windows: INIStdPay for computers, INIpay Mobile for phones. Here is what they have in
//! common; the wire of each is in `standard` and `mobile`.
//!
//! A window only authenticates: money moves with the approval. What the browser brings back is
//! believed as far as it can be checked: the merchant id, and that the addresses in it are those
//! of the PG's centre, exactly; a request never goes to an address that a browser named. The order
//! and the amount are compared by the approval's answer (P5). Confidence: manual, and more than
//! six integrations, unless said otherwise.

use naru_connector::{
    AuthenticatedWindow, BeginError, Call, Device, InboundRequest, KeyIssue, NoticeAnswer,
    OpenWindow, Rejected, Returned, Secret, WindowForm,
};
use naru_domain::MethodKind;
use serde_json::{Value, json};

use super::exchange::OneShot;
use super::wire::Context;
use super::{key_window, mobile, rules, standard};
use crate::form::Form;

/// More than any window brings back.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// What an approval, and undoing it, have to say.
#[derive(Debug)]
pub(super) enum Authentication {
    /// Of the window for computers.
    Pc {
        /// What the customer authenticated, as the PG names it.
        token: String,
        /// The PG's centre.
        idc: String,
        /// Milliseconds: the same at the approval and at its undoing.
        timestamp: String,
    },
    /// Of the window for phones.
    Mobile {
        /// What the customer authenticated, as the PG names it.
        tid: String,
        /// The PG's centre.
        idc: String,
        /// Milliseconds.
        timestamp: String,
    },
}

impl Authentication {
    pub(super) fn sealed(&self) -> Secret {
        let value = match self {
            Self::Pc {
                token,
                idc,
                timestamp,
            } => json!({ "device": "pc", "token": token, "idc": idc, "at": timestamp }),
            Self::Mobile {
                tid,
                idc,
                timestamp,
            } => json!({ "device": "mobile", "token": tid, "idc": idc, "at": timestamp }),
        };
        Secret::new(value.to_string())
    }

    fn read(secret: &Secret) -> Option<Self> {
        let value: Value = serde_json::from_str(secret.expose()).ok()?;
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        let (token, idc, timestamp) = (text("token")?, text("idc")?, text("at")?);
        match text("device")?.as_str() {
            "pc" => Some(Self::Pc {
                token,
                idc,
                timestamp,
            }),
            "mobile" => Some(Self::Mobile {
                tid: token,
                idc,
                timestamp,
            }),
            _ => None,
        }
    }
}

/// What opens a window.
pub(super) fn open(window: &OpenWindow, context: &Context<'_>) -> Result<WindowForm, BeginError> {
    let is_phone = window.method == MethodKind::Mobile;
    match window.key_issue {
        KeyIssue::Instead => {
            rules::order(&window.order)?;
            rules::issue_id(window.wishes.issue_id.as_deref())?;
        }
        KeyIssue::WithPayment if !is_phone => {
            return rules::invalid(
                "billingKeyAndPayMethod",
                "must be MOBILE: this PG issues no other billing key with a payment",
            );
        }
        KeyIssue::WithPayment | KeyIssue::None => rules::paid_order(&window.order)?,
    }
    match window.device {
        Device::Pc => standard::form(window, context),
        Device::Mobile if window.key_issue == KeyIssue::Instead => {
            key_window::form(window, context)
        }
        Device::Mobile => mobile::form(window, context),
    }
}

/// Reads what a browser brought back.
pub(super) fn read_return(request: &InboundRequest, call: &Call<'_>) -> Result<Returned, Rejected> {
    if request.body.len() > BODY_BYTES_MAX {
        return Err(rejected("what the browser brought is too long"));
    }
    let context = Context::new(call).map_err(|error| rejected(&error.to_string()))?;
    // Both windows are asked for UTF-8.
    let form = Form::read(&request.body, Some("charset=utf-8"))
        .ok_or_else(|| rejected("what the browser brought has too many fields"))?;
    if form.get("resultcode").is_some() {
        key_window::returned(&form, &context)
    } else if form.get("P_STATUS").is_some() {
        mobile::returned(&form, &context)
    } else {
        standard::returned(&form, &context)
    }
}

pub(super) fn rejected(reason: &str) -> Rejected {
    Rejected {
        reason: reason.to_owned(),
        answer: NoticeAnswer {
            status: 400,
            content_type: "text/plain; charset=utf-8",
            body: "",
        },
    }
}

fn authentication(window: &AuthenticatedWindow) -> Result<Authentication, BeginError> {
    Authentication::read(&window.authentication).ok_or_else(|| {
        BeginError::Unsupported("what the window brought back can't be read".to_owned())
    })
}

/// Has the PG take the money that the customer authenticated.
pub(super) fn approve(
    window: &AuthenticatedWindow,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    if window.key_issue == KeyIssue::Instead
        && let Some(issued) = key_window::issued(&window.authentication, context.at)
    {
        return Ok(issued);
    }
    match authentication(window)? {
        Authentication::Pc {
            token,
            idc,
            timestamp,
        } => standard::approve(window, [&token, &idc, &timestamp], context),
        Authentication::Mobile { tid, idc, .. } => mobile::approve(window, [&tid, &idc], context),
    }
}

/// Undoes an approval, whether or not it happened.
pub(super) fn net_cancel(
    window: &AuthenticatedWindow,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    match authentication(window)? {
        Authentication::Pc {
            token,
            idc,
            timestamp,
        } => standard::net_cancel(window, [&token, &idc, &timestamp], context),
        Authentication::Mobile {
            tid,
            idc,
            timestamp,
        } => mobile::net_cancel(window, [&tid, &idc, &timestamp], context),
    }
}

/// The centre of an unknown name, which the settings knew when the browser came back.
pub(super) fn no_centre() -> BeginError {
    BeginError::Unsupported("the window's centre is not known".to_owned())
}
