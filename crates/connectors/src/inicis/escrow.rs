//! Escrow: the shipment, told and corrected, the window in which the customer decides, and
//! accepting that they rejected the goods.
//!
//! Version 1 of the INIAPI (escrow Dlv and Dncf, whose envelope has no paymethod). What
//! the customer decided comes as a notice. Neither call has an inquiry, so
//! an unclear answer stays unclear. Confidence: Dlv from four integrations, Dncf from one.

use naru_connector::{
    AcceptRejection, Acted, BeginError, Device, InboundRequest, OpenEscrowWindow, Outcome, Party,
    RegisterShipment, WindowForm,
};

use super::exchange::OneShot;
use super::reply::{self, Reply};
use super::wire::{Context, V1};
use super::{codes, contract, rules};
use crate::form::Form;
use crate::hash::sha256;
use crate::kst;

/// The form of the window in which the customer decides (samples: two integrations).
pub(super) fn window(
    window: &OpenEscrowWindow,
    context: &Context<'_>,
) -> Result<WindowForm, BeginError> {
    let places = &context.contract.places;
    let (mid, tid) = (
        context.contract.merchant.mid.clone(),
        window.pg_tx_id.clone(),
    );
    if window.device == Device::Mobile {
        return Ok(WindowForm {
            script: None,
            close_script: None,
            action: Some(places.mobile_window()),
            charset: "euc-kr",
            fields: vec![
                ("P_INI_PAYMENT", "ESCROWCONFIRM".to_owned()),
                ("P_MID", mid),
                ("P_ESCROW_TID", tid),
                ("P_NEXT_URL", window.return_url.clone()),
            ],
        });
    }
    let sign_key = contract::sign_key(context.settings)?;
    Ok(WindowForm {
        script: Some(places.script("INIStdPay_escrow_conf.js")),
        close_script: Some(places.script("INIStdPay_close.js")),
        action: None,
        charset: "utf-8",
        fields: vec![
            ("version", "1.0".to_owned()),
            ("mid", mid),
            ("tid", tid),
            ("timestamp", context.at.as_millis().to_string()),
            ("mKey", sha256(&sign_key)),
            (
                "currency",
                rules::currency(&window.currency, true)?.to_owned(),
            ),
            ("returnUrl", window.return_url.clone()),
            ("closeUrl", window.close_url.clone()),
        ],
    })
}

/// Whether the window's result is a decision, whichever.
pub(super) fn has_decided(request: &InboundRequest) -> bool {
    let form = Form::read(&request.body, None);
    let said = |name: &str| form.as_ref().and_then(|form| form.get(name)) == Some("00");
    said("ResultCode") || said("P_STATUS")
}

/// Telling the PG of a shipment, or correcting it.
pub(super) fn shipment(
    asked: &RegisterShipment,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    // The contract's guide for this PG wants goods named; the wire has no field for them.
    if asked.product_count == 0 {
        return rules::invalid("products", "is required by this PG: name at least one");
    }
    let sender = party(&asked.sender, &SENDER)?;
    let receiver = party(&asked.receiver, &RECEIVER)?;
    let invoice = rules::short_text(
        &asked.shipment.invoice_number,
        "logistics.invoiceNumber",
        INVOICE_BYTES_MAX,
    )?;
    let (code, name) = codes::courier(&asked.shipment.company);
    let price = asked.amount.to_string();
    let signed = vec![
        asked.order_id.clone(),
        asked.pg_tx_id.clone(),
        price.clone(),
    ];
    let report = if asked.is_change { "U" } else { "I" };
    let fields = vec![
        ("oid", asked.order_id.clone()),
        ("tid", asked.pg_tx_id.clone()),
        ("price", price),
        ("report", report.to_owned()),
        ("invoice", invoice),
        ("registName", sender.name.clone()),
        ("exCode", code.to_owned()),
        ("exName", name.to_owned()),
        // The contract has no word for who pays the carrier; the sender does.
        ("charge", "SH".to_owned()),
        ("invoiceDay", kst::day_and_time(asked.shipment.sent_at)),
        ("sendName", sender.name),
        ("sendTel", sender.tel),
        ("sendPost", sender.post),
        ("sendAddr1", sender.address),
        ("recvName", receiver.name),
        ("recvTel", receiver.tel),
        ("recvPost", receiver.post),
        ("recvAddr", receiver.address),
    ];
    let request = context.v1(V1 {
        resource: "escrow",
        kind: "Dlv",
        paymethod: "",
        signed,
        fields,
    });
    Ok(acted(request, context))
}

/// Accepting a rejection.
pub(super) fn accept_rejection(
    accept: &AcceptRejection,
    context: &Context<'_>,
) -> Result<OneShot, BeginError> {
    let name = rules::person_name(&accept.accepted_by, "name")?;
    let request = context.v1(V1 {
        resource: "escrow",
        kind: "Dncf",
        paymethod: "",
        signed: vec![accept.pg_tx_id.clone()],
        fields: vec![("originalTid", accept.pg_tx_id.clone()), ("dcnfName", name)],
    });
    Ok(acted(request, context))
}

fn acted(request: naru_connector::Request, context: &Context<'_>) -> OneShot {
    let at = context.at;
    let done = move |reply: &Reply| {
        let time = reply.fields().time("resultDate", "resultTime");
        Outcome::Acted(Acted {
            at: time.unwrap_or(at),
            receipt_url: None,
        })
    };
    OneShot::new(request, move |answer| reply::acted(answer, done))
}

/// Longer than any carrier's number.
const INVOICE_BYTES_MAX: usize = 50;
/// Longer than any address in two lines that a carrier's label takes.
const ADDRESS_BYTES_MAX: usize = 200;

/// The wire names of a party's fields.
struct Names {
    name: &'static str,
    tel: &'static str,
    post: &'static str,
    address: &'static str,
}

const SENDER: Names = Names {
    name: "sender.name",
    tel: "sender.phoneNumber",
    post: "sender.zipcode",
    address: "sender.address",
};

const RECEIVER: Names = Names {
    name: "receiver.name",
    tel: "receiver.phoneNumber",
    post: "receiver.zipcode",
    address: "receiver.address",
};

struct Checked {
    name: String,
    tel: String,
    post: String,
    address: String,
}

/// All four are required by the contract's guide for this PG.
fn party(party: &Party, names: &Names) -> Result<Checked, BeginError> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(Checked {
        name: rules::person_name(&text(&party.name), names.name)?,
        tel: rules::phone(&text(&party.phone_number), names.tel)?,
        post: rules::short_text(&text(&party.zipcode), names.post, 10)?,
        address: rules::short_text(&text(&party.address), names.address, ADDRESS_BYTES_MAX)?,
    })
}
