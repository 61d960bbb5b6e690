//! Shipments of escrow payments that operations tell the PG and show.

use naru_domain::payment::{EscrowState, Payment, Shipment};
use naru_engine::payments::ShipmentRequest;
use naru_engine::{Fault, Party};
use serde::Serialize;

use super::lookup;
use crate::call::Call;
use crate::codes::courier;
use crate::envelope::Reply;
use crate::extract::Input;
use crate::messages;
use crate::refused::{Refused, pg_words};

#[derive(Debug, Serialize)]
struct WireShipment {
    company: String,
    invoice: String,
    sent_at: i64,
    applied_at: i64,
}

fn conflict() -> Refused {
    Refused::Status(409, messages::NO_SHIPMENT.to_owned())
}

/// The payment in the path, if the PG holds its money in escrow; and the shipment told of it.
async fn held(call: &Call) -> Result<(Payment, Option<Shipment>), Refused> {
    let payment = lookup::in_path(call).await?;
    let escrow = payment.escrow.clone().ok_or_else(conflict)?;
    let shipment = match escrow.state {
        EscrowState::BeforeRegistered => None,
        EscrowState::Registered
        | EscrowState::Delivered
        | EscrowState::Confirmed { .. }
        | EscrowState::Rejected
        | EscrowState::RejectConfirmed
        | EscrowState::Cancelled => escrow.shipment,
    };
    Ok((payment, shipment))
}

/// What the PG was told.
pub(super) async fn shown(call: &Call) -> Result<Reply, Refused> {
    let (_, shipment) = held(call).await?;
    let shipment = shipment.ok_or_else(conflict)?;
    Reply::of(&WireShipment {
        company: courier::of_v2(&shipment.company).to_owned(),
        invoice: shipment.invoice_number,
        sent_at: shipment.sent_at.as_seconds(),
        applied_at: shipment.applied_at.as_seconds(),
    })
}

/// Tells the PG of a shipment, or corrects it.
pub(super) async fn tell(call: &Call, is_change: bool) -> Result<Reply, Refused> {
    let (payment, known) = held(call).await?;
    if known.is_some() != is_change {
        return Err(conflict());
    }
    let request = request(call, is_change)?;
    let (engine, context) = (call.engine.clone(), call.context());
    let work = Box::pin(async move { engine.tell_shipment(context, payment.id, request).await });
    call.engine.detached(work).await.map_err(refused)?;
    shown(call).await
}

fn request(call: &Call, is_change: bool) -> Result<ShipmentRequest, Refused> {
    let input = &call.input;
    let object = |name: &str| input.object(name).ok_or_else(|| Refused::missing(name));
    let logis = object("logis")?;
    let sent_at = logis.seconds("sent_at")?;
    let now = call.engine.clock().business();
    Ok(ShipmentRequest {
        shipment: Shipment {
            company: courier::to_v2(&logis.required("company")?).to_owned(),
            invoice_number: logis.required("invoice")?,
            sent_at: sent_at.ok_or_else(|| Refused::missing("sent_at"))?,
            applied_at: now,
        },
        is_change,
        sender: party(&object("sender")?),
        receiver: party(&object("receiver")?),
        // The call names goods for another PG only; a sale is of one kind at least.
        product_count: input.objects("products").len().max(1),
    })
}

/// From whom or to whom. What a PG needs of it is its connector's rule.
fn party(input: &Input) -> Party {
    let formed = input.object("formed_address").and_then(|formed| {
        let parts = [
            "province",
            "city",
            "addr1",
            "addr2",
            "address_line1",
            "address_line2",
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter_map(|name| formed.said(&[name]))
            .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    });
    Party {
        name: input.said(&["name"]),
        phone_number: input.said(&["tel"]),
        zipcode: input.said(&["postcode"]),
        address: input.said(&["addr"]).or(formed),
    }
}

fn refused(fault: Fault) -> Refused {
    match fault {
        Fault::PgProvider { ref pg_code, .. } if pg_code == Fault::UNSUPPORTED => {
            Refused::Bad(messages::UNSUPPORTED_PG.to_owned())
        }
        fault @ Fault::PgProvider { .. } => Refused::Status(500, pg_words(&fault)),
        Fault::PaymentNotPaid => conflict(),
        other => other.into(),
    }
}
