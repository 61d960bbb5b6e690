//! Escrow: the shipment, told and corrected, and accepting that the customer rejected the goods.
//!
//! Version 1 of the INIAPI (escrow Dlv and Dncf, whose envelope has no paymethod). The customer's
//! own word is given in a window of the PG and comes as a notice. Neither call has an inquiry, so
//! an unclear answer stays unclear. Confidence: Dlv from four integrations, Dncf from one.

use naru_connector::{AcceptRejection, Acted, BeginError, Outcome, Party, RegisterShipment};

use super::exchange::OneShot;
use super::reply::{self, Reply};
use super::wire::{Context, V1};
use super::{codes, rules};
use crate::kst;

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
