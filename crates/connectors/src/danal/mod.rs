//! Danal (`DANAL`): identity verification of a phone's holder, in a window, by message or app.
//!
//! The PG's protocol (UAS) is public around its window: `ITEMSEND` makes a transaction, a form
//! opens the window, and `CONFIRM` says who it was. What stands in the place of the window in its
//! server API is not, so those calls (`OTPSEND`, `OTPCONFIRM`, `OTPRESEND`) are Naru's own design,
//! spoken by the simulator, and unconfirmed. `README.md` beside this file has the wire.

mod contract;
mod reply;
mod window;
mod wire;

use naru_connector::{
    BeginError, Call, Capabilities, ChannelSettings, ConfirmIdentity, Connector, Exchange,
    IdentityOperation, IdentityOutcome, InboundRequest, Notification, OpenIdentityWindow,
    Operation, OperationKind, Rejected, Request, ResendIdentity, Returned, SendIdentity,
    SettingsError, Support, WindowForm,
};
use naru_domain::identity::IdentityMethod;

use crate::exchange::{Exchanged, Next, unknown};
use crate::identity::{Carriers, bypass, bypass_text, invalid, no_notices, to_pg};
use reply::{Reply, Stage};
use wire::Context;

/// What this PG can do.
static CAPABILITIES: Capabilities = Capabilities {
    pg_provider: "DANAL",
    name: "danal",
    operations: &[
        (OperationKind::SendIdentity, Support::Unconfirmed),
        (OperationKind::ConfirmIdentity, Support::Unconfirmed),
        (OperationKind::ResendIdentity, Support::Unconfirmed),
        (OperationKind::OpenIdentityWindow, Support::Confirmed),
    ],
    // No money moves: nothing is ever looked for.
    settle_time_ms: 0,
    // What public integrations wait.
    answer_timeout_ms: 30_000,
};

/// UAS names its carriers so where it reports them; it is told the same.
const CARRIERS: Carriers = [
    ("SKT", "SKT"),
    ("KT", "KTF"),
    ("LGU", "LGT"),
    ("SKT_MVNO", "SKT_MVNO"),
    ("KT_MVNO", "KT_MVNO"),
    ("LGU_MVNO", "LGT_MVNO"),
];

/// The connector.
#[derive(Debug)]
pub struct Danal;

impl Connector for Danal {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn check_settings(&self, settings: &ChannelSettings) -> Result<(), SettingsError> {
        contract::check(settings)
    }

    fn begin(
        &self,
        operation: &Operation,
        call: &Call<'_>,
    ) -> Result<Box<dyn Exchange>, BeginError> {
        CAPABILITIES.check(operation.kind(), call.settings)?;
        let context = Context::new(call)?;
        let exchange = match operation {
            Operation::Identity(IdentityOperation::Send(send)) => self::send(send, context)?,
            Operation::Identity(IdentityOperation::Confirm(one)) => confirm(one, context)?,
            Operation::Identity(IdentityOperation::Resend(one)) => resend(one, &context),
            Operation::Identity(IdentityOperation::Prepare(one)) => window::prepare(one, &context)?,
            Operation::Identity(IdentityOperation::Finish(one)) => window::finish(one, &context)?,
            Operation::PayCard(_)
            | Operation::IssueVirtualAccount(_)
            | Operation::ApproveWindow(_)
            | Operation::NetCancel(_)
            | Operation::IssueBillingKey(_)
            | Operation::ChargeBillingKey(_)
            | Operation::DeleteBillingKey(_)
            | Operation::CapturePayment(_)
            | Operation::Refund(_)
            | Operation::CloseVirtualAccount(_)
            | Operation::RegisterShipment(_)
            | Operation::AcceptRejection(_)
            | Operation::RegisterStoreSales(_)
            | Operation::IssueCashReceipt(_)
            | Operation::CancelCashReceipt(_)
            | Operation::Inquire(_) => {
                return Err(BeginError::Unsupported(
                    "a Danal channel is for identity verification only".to_owned(),
                ));
            }
        };
        Ok(Box::new(exchange))
    }

    fn open_identity_window(
        &self,
        window: &OpenIdentityWindow,
        pg_tx_id: &str,
        call: &Call<'_>,
    ) -> Result<WindowForm, BeginError> {
        window::form(window, pg_tx_id, &Context::new(call)?)
    }

    fn read_return(&self, request: &InboundRequest, _: &Call<'_>) -> Result<Returned, Rejected> {
        window::read_return(request)
    }

    fn notice_merchant(&self, request: &InboundRequest) -> Result<String, Rejected> {
        Err(no_notices(request))
    }

    fn read_notification(
        &self,
        request: &InboundRequest,
        _: &ChannelSettings,
    ) -> Result<Notification, Rejected> {
        Err(no_notices(request))
    }
}

fn method_name(method: IdentityMethod) -> Result<String, BeginError> {
    match method {
        IdentityMethod::Sms => Ok("SMS".to_owned()),
        IdentityMethod::App => Ok("APP".to_owned()),
        IdentityMethod::Window => Err(invalid("method", "must be by message or app")),
    }
}

/// The fields of `ITEMSEND`.
fn item(
    context: &Context,
    (order_id, user_id): (&str, Option<&str>),
    extra: &serde_json::Value,
) -> Result<Vec<(&'static str, String)>, BeginError> {
    let title = bypass_text(extra, "CPTITLE", "bypass.danal.CPTITLE")?;
    let mut item = vec![
        ("TXTYPE", "ITEMSEND".to_owned()),
        ("SERVICE", "UAS".to_owned()),
        ("AUTHTYPE", "36".to_owned()),
        ("CPID", context.contract.cpid.clone()),
        ("CPPWD", context.contract.password.expose().to_owned()),
        (
            "CPTITLE",
            title.unwrap_or_else(|| context.contract.title.clone()),
        ),
        ("ORDERID", order_id.to_owned()),
        ("CHARSET", "UTF-8".to_owned()),
    ];
    item.extend(user_id.map(|id| ("USERID", id.to_owned())));
    item.extend(age_limit(extra)?.map(|age| ("AGELIMIT", age)));
    Ok(item)
}

/// `CONFIRM` is asked to compare the order id with that of the transaction, and to give the digits
/// that tell a foreigner.
fn told(context: &Context, tid: &str, order_id: &str) -> Request {
    context.post(&[
        ("TXTYPE", "CONFIRM".to_owned()),
        ("TID", tid.to_owned()),
        ("CONFIRMOPTION", "1".to_owned()),
        ("IDENOPTION", "0".to_owned()),
        ("CPID", context.contract.cpid.clone()),
        ("ORDERID", order_id.to_owned()),
    ])
}

/// `ITEMSEND` makes the transaction, `OTPSEND` asks the person.
fn send(send: &SendIdentity, context: Context) -> Result<Exchanged, BeginError> {
    let carrier = to_pg(&CARRIERS, &send.carrier)?;
    let extra = bypass(&send.bypass, &["danal"]);
    let item = item(&context, (&send.order_id, send.person.id.as_deref()), extra)?;
    let mut person = vec![
        ("METHOD", method_name(send.method)?),
        ("NAME", send.person.name.clone()),
        ("PHONE", send.person.phone_number.clone()),
        ("CARRIER", carrier.to_owned()),
        ("USERIP", send.ip_address.clone()),
    ];
    match (&send.person.identity_number, send.method) {
        (Some(number), _) => person.push(("IDEN", number.expose().to_owned())),
        (None, IdentityMethod::App | IdentityMethod::Window) => {}
        (None, IdentityMethod::Sms) => {
            return Err(invalid(
                "customer.identityNumber",
                "is required for a message",
            ));
        }
    }
    let request = context.post(&item);
    Ok(Exchanged::begin(request, move |answer| {
        let reply = match Reply::read(answer, Stage::Send) {
            Ok(reply) => reply,
            Err(outcome) => return Next::Done(*outcome),
        };
        let Some(tid) = reply.text("TID") else {
            return Next::Done(unknown("the PG's answer has no transaction id"));
        };
        let mut fields = vec![("TXTYPE", "OTPSEND".to_owned()), ("TID", tid.to_owned())];
        fields.extend(person);
        let pg_tx_id = tid.to_owned();
        let request = context.post(&fields);
        Next::Send(
            request,
            Box::new(move |answer| {
                Next::Done(match Reply::read(answer, Stage::Send) {
                    Ok(_) => sent(pg_tx_id),
                    Err(outcome) => *outcome,
                })
            }),
        )
    }))
}

fn sent(pg_tx_id: String) -> naru_connector::Outcome {
    naru_connector::Outcome::Identity(IdentityOutcome::Sent { pg_tx_id })
}

/// Three digits on the wire.
fn age_limit(extra: &serde_json::Value) -> Result<Option<String>, BeginError> {
    let text = match extra.get("AGELIMIT") {
        None | Some(serde_json::Value::Null) => return Ok(None),
        Some(serde_json::Value::Number(number)) => number.to_string(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(_) => String::new(),
    };
    let is_age = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_age {
        return Err(invalid(
            "bypass.danal.AGELIMIT",
            "must be one to three digits",
        ));
    }
    Ok(Some(format!("{text:0>3}")))
}

/// `OTPCONFIRM` says whether the person agreed, `CONFIRM` who it was.
fn confirm(confirm: &ConfirmIdentity, context: Context) -> Result<Exchanged, BeginError> {
    let mut fields = vec![
        ("TXTYPE", "OTPCONFIRM".to_owned()),
        ("TID", confirm.pg_tx_id.clone()),
        ("METHOD", method_name(confirm.method)?),
    ];
    match (&confirm.otp, confirm.method) {
        (Some(otp), IdentityMethod::Sms) => fields.push(("OTP", otp.expose().to_owned())),
        (None, IdentityMethod::Sms) => return Err(invalid("otp", "is required for a message")),
        (_, IdentityMethod::App | IdentityMethod::Window) => {}
    }
    let order_id = confirm.order_id.clone();
    let tid = confirm.pg_tx_id.clone();
    let request = context.post(&fields);
    Ok(Exchanged::begin(request, move |answer| {
        if let Err(outcome) = Reply::read(answer, Stage::Confirm) {
            return Next::Done(*outcome);
        }
        let today = context.today;
        let request = told(&context, &tid, &order_id);
        Next::Send(
            request,
            Box::new(move |answer| {
                Next::Done(match Reply::read(answer, Stage::Result) {
                    Ok(reply) => reply.person(&order_id, today),
                    Err(outcome) => *outcome,
                })
            }),
        )
    }))
}

fn resend(resend: &ResendIdentity, context: &Context) -> Exchanged {
    let fields = [
        ("TXTYPE", "OTPRESEND".to_owned()),
        ("TID", resend.pg_tx_id.clone()),
    ];
    let pg_tx_id = resend.pg_tx_id.clone();
    Exchanged::new(context.post(&fields), move |answer| {
        match Reply::read(answer, Stage::Confirm) {
            Ok(_) => sent(pg_tx_id),
            Err(outcome) => *outcome,
        }
    })
}
