//! NHN KCP (`KCP_V2`): identity verification of a phone's holder, by message or app.
//!
//! Of the PG's protocol (`/std/certpass`) three calls are public: `HAS`, which prepares, and `CHK`
//! and `DEC`, which check and open a result. They were made for the PG's window. What takes the
//! window's place in its server API is not public, so those calls (`REQ`, `OTP`, `RSD`) are
//! Naru's own design, spoken by the simulator, and every operation is unconfirmed. `README.md`
//! beside this file has the wire. The PG's payments are not built.

mod contract;
mod reply;
mod rules;
mod wire;

use naru_connector::{
    BeginError, Call, Capabilities, ChannelSettings, ConfirmIdentity, Connector, Exchange,
    IdentityOperation, IdentityOutcome, InboundRequest, Notification, Operation, OperationKind,
    Outcome, Rejected, ResendIdentity, Returned, SendIdentity, SettingsError, Support,
};
use naru_domain::identity::IdentityMethod;

use crate::exchange::{Exchanged, Next, unknown};
use crate::identity::{Carriers, invalid, no_notices};
use reply::{Reply, Stage};
use wire::Context;

/// What this PG can do.
static CAPABILITIES: Capabilities = Capabilities {
    pg_provider: "KCP_V2",
    name: "kcp",
    operations: &[
        (OperationKind::SendIdentity, Support::Unconfirmed),
        (OperationKind::ConfirmIdentity, Support::Unconfirmed),
        (OperationKind::ResendIdentity, Support::Unconfirmed),
    ],
    // No money moves: nothing is ever looked for.
    settle_time_ms: 0,
    // What public integrations wait.
    answer_timeout_ms: 15_000,
};

/// As `comm_id` reports them; the PG is told the same.
const CARRIERS: Carriers = [
    ("SKT", "SKT"),
    ("KT", "KTF"),
    ("LGU", "LGT"),
    ("SKT_MVNO", "SKM"),
    ("KT_MVNO", "KTM"),
    ("LGU_MVNO", "LGM"),
];

/// The connector.
#[derive(Debug)]
pub struct Kcp;

impl Connector for Kcp {
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
            Operation::Identity(IdentityOperation::Resend(one)) => resend(one, &context)?,
            Operation::Identity(IdentityOperation::Prepare(_) | IdentityOperation::Finish(_))
            | Operation::PayCard(_)
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
                    "payments through NHN KCP are not built; its channels are for identity \
                     verification"
                        .to_owned(),
                ));
            }
        };
        Ok(Box::new(exchange))
    }

    fn read_return(&self, request: &InboundRequest, _: &Call<'_>) -> Result<Returned, Rejected> {
        Err(no_notices(request))
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

/// `HAS` prepares, `REQ` asks the person.
fn send(send: &SendIdentity, context: Context) -> Result<Exchanged, BeginError> {
    let person = rules::person(send, &context)?;
    let order_id = send.order_id.clone();
    let mut has = context.call("HAS", &order_id, &[&context.stamp])?;
    has.add("make_req_dt", &context.stamp);
    has.add("web_siteid", person.web_siteid());
    let request = context.post(&has);
    Ok(Exchanged::begin(request, move |answer| {
        let reply = match Reply::read(answer, Stage::Send) {
            Ok(reply) => reply,
            Err(outcome) => return Next::Done(*outcome),
        };
        let Some(up_hash) = reply.text("up_hash") else {
            return Next::Done(unknown("the PG's answer has no hash"));
        };
        let Ok(mut ask) = context.call("REQ", &order_id, &[up_hash]) else {
            return Next::Done(unknown("the request could not be signed"));
        };
        ask.add("up_hash", up_hash);
        person.add_to(&mut ask);
        let request = context.post(&ask);
        Next::Send(
            request,
            Box::new(|answer| {
                Next::Done(match Reply::read(answer, Stage::Send) {
                    Ok(reply) => sent(reply.text("cert_no")),
                    Err(outcome) => *outcome,
                })
            }),
        )
    }))
}

fn sent(cert_no: Option<&str>) -> Outcome {
    match cert_no {
        Some(cert_no) => Outcome::Identity(IdentityOutcome::Sent {
            pg_tx_id: cert_no.to_owned(),
        }),
        None => unknown("the PG's answer has no number of the request"),
    }
}

/// `OTP` says whether the person agreed, `CHK` and `DEC` who it was.
fn confirm(confirm: &ConfirmIdentity, context: Context) -> Result<Exchanged, BeginError> {
    let (order_id, cert_no) = (confirm.order_id.clone(), confirm.pg_tx_id.clone());
    let mut otp = context.call("OTP", &order_id, &[&cert_no])?;
    otp.add("cert_no", &cert_no);
    match (&confirm.otp, confirm.method) {
        (Some(text), IdentityMethod::Sms) => otp.add("otp", text.expose()),
        (None, IdentityMethod::Sms) => return Err(invalid("otp", "is required for a message")),
        (_, IdentityMethod::App | IdentityMethod::Window) => {}
    }
    let request = context.post(&otp);
    Ok(Exchanged::begin(request, move |answer| {
        let reply = match Reply::read(answer, Stage::Confirm) {
            Ok(reply) => reply,
            Err(outcome) => return Next::Done(*outcome),
        };
        let (Some(data), Some(hash)) = (reply.text("enc_cert_data2"), reply.text("dn_hash")) else {
            return Next::Done(unknown("the PG's answer has no result to open"));
        };
        check(context, (&order_id, &cert_no), (data, hash))
    }))
}

fn check(
    context: Context,
    (order_id, cert_no): (&str, &str),
    (data, dn_hash): (&str, &str),
) -> Next {
    let Ok(mut chk) = context.call("CHK", order_id, &[cert_no, dn_hash]) else {
        return Next::Done(unknown("the request could not be signed"));
    };
    chk.add("cert_no", cert_no);
    chk.add("dn_hash", dn_hash);
    let Ok(mut dec) = context.call("DEC", order_id, &[cert_no]) else {
        return Next::Done(unknown("the request could not be signed"));
    };
    dec.add("cert_no", cert_no);
    dec.add("enc_cert_Data", data);
    let request = context.post(&chk);
    Next::Send(
        request,
        Box::new(move |answer| {
            if let Err(outcome) = Reply::read(answer, Stage::Result) {
                return Next::Done(*outcome);
            }
            let request = context.post(&dec);
            Next::Send(
                request,
                Box::new(|answer| {
                    Next::Done(match Reply::read(answer, Stage::Result) {
                        Ok(reply) => reply.person(),
                        Err(outcome) => *outcome,
                    })
                }),
            )
        }),
    )
}

fn resend(resend: &ResendIdentity, context: &Context) -> Result<Exchanged, BeginError> {
    let cert_no = resend.pg_tx_id.clone();
    let mut call = context.call("RSD", &resend.order_id, &[&cert_no])?;
    call.add("cert_no", &cert_no);
    Ok(Exchanged::new(
        context.post(&call),
        move |answer| match Reply::read(answer, Stage::Confirm) {
            Ok(_) => sent(Some(&cert_no)),
            Err(outcome) => *outcome,
        },
    ))
}
