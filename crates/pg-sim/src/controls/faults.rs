//! `/faults`: order the next calls to go wrong.
//!
//! Checks the order completely before it is taken, so that a fault that could never show is
//! refused rather than forgotten.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use super::body::{BadInput, Body, read_pg};
use crate::answer;
use crate::faults::{Fault, FaultKind, Faults, Match, Operation};
use crate::simulator::Simulator;

const TIMES_MAX: u64 = 1_000_000;
const DELAY_MS_MAX: u64 = 600_000;
const AMOUNT_MAX: u64 = 999_999_999_999;

/// `POST /faults`.
pub(crate) async fn add(
    State(sim): State<Arc<Simulator>>,
    bytes: Bytes,
) -> Result<Response, BadInput> {
    let fault = read(&bytes)?;
    let Some(fault) = sim.faults.add(fault) else {
        let error = format!("there are {} faults already", Faults::COUNT_MAX);
        return Err(BadInput::new(error, "`DELETE /faults` clears them"));
    };
    Ok(answer::json(
        StatusCode::CREATED,
        &json!({ "fault": fault }),
    ))
}

/// `GET /faults`.
pub(crate) async fn list(State(sim): State<Arc<Simulator>>) -> Response {
    answer::json(StatusCode::OK, &json!({ "faults": sim.faults.all() }))
}

/// `DELETE /faults`.
pub(crate) async fn clear(State(sim): State<Arc<Simulator>>) -> Response {
    answer::json(StatusCode::OK, &json!({ "cleared": sim.faults.clear() }))
}

fn read(bytes: &[u8]) -> Result<Fault, BadInput> {
    let mut body = Body::read(bytes)?;
    let pg = read_pg(body.text("pg")?.as_deref())?;
    let mut operations = vec![("*", None)];
    operations.extend(Operation::NAMES.map(|(name, operation)| (name, Some(operation))));
    let Some(operation) = body.choice("operation", &operations)? else {
        let error = "`operation` is missing";
        return Err(BadInput::new(
            error,
            "an operation such as `pay_card`, or `*` for all",
        ));
    };
    let Some(kind) = body.choice("kind", &FaultKind::NAMES)? else {
        return Err(BadInput::new(
            "`kind` is missing",
            "a kind such as `drop_after`",
        ));
    };
    let times = body.integer("times", 1..=TIMES_MAX)?.unwrap_or(1);
    let delay_ms = body.integer("delayMs", 0..=DELAY_MS_MAX)?;
    let code = body.text("code")?;
    let acts = body.flag("acts")?;
    let mut matching = body.object("match", "match.")?;
    let wanted = Match {
        order_id: matching.text("orderId")?,
        mid: matching.text("mid")?,
        amount: matching.integer("amount", 0..=AMOUNT_MAX)?,
    };
    matching.finish()?;
    body.finish()?;
    let fault = Fault {
        id: 0,
        pg,
        operation,
        kind,
        times_left: u32::try_from(times).unwrap_or(u32::MAX),
        matching: wanted,
        delay_ms,
        code,
        acts,
    };
    check(&fault)?;
    Ok(fault)
}

/// Refuses options that the kind does not have and faults that could never show.
fn check(fault: &Fault) -> Result<(), BadInput> {
    let only_for = |field: &str, kinds: &str| {
        Err(BadInput::new(
            format!("`{field}` is only for {kinds}"),
            "leave it out",
        ))
    };
    if fault.delay_ms.is_some() && fault.kind != FaultKind::Late {
        return only_for("delayMs", "`late`");
    }
    if fault.code.is_some() && fault.kind != FaultKind::Decline {
        return only_for("code", "`decline`");
    }
    if fault.acts.is_some() && !matches!(fault.kind, FaultKind::Http500 | FaultKind::Garbage) {
        return only_for("acts", "`http_500` and `garbage`");
    }
    if let Some(code) = &fault.code
        && !((4..=6).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        let error = format!("`code` is `{code}`");
        return Err(BadInput::new(
            error,
            "expected 4 to 6 letters and digits, such as `120049`",
        ));
    }
    if fault.kind == FaultKind::WrongAmount
        && fault
            .operation
            .is_some_and(|operation| !operation.answers_amount())
    {
        return Err(BadInput::new(
            "`kind` is `wrong_amount`, but the answer of this `operation` has no amount",
            "use it on `pay_card`, `charge_billing_key`, `partial_refund` or `inquiry`",
        ));
    }
    Ok(())
}
