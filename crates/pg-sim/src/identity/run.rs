//! From a call to its answer, with faults and magic phones in between.

use axum::response::Response;

use crate::answer;
use crate::faults::{Operation, Step, Target, Twist};
use crate::pg::Pg;
use crate::simulator::Simulator;
use crate::twist::twisted;

/// What a call asks for, for the faults that wait for it.
pub(crate) struct Asked<'a> {
    pub(crate) pg: Pg,
    pub(crate) step: Step,
    pub(crate) mid: &'a str,
    pub(crate) order_id: Option<String>,
    /// What a magic phone does to this call.
    pub(crate) magic: Option<Twist>,
}

/// How a PG says things.
pub(crate) struct Voice {
    /// A refusal with a code that a fault named.
    pub(crate) declined: fn(&str) -> Response,
    /// An answer that breaks off.
    pub(crate) garbage: fn() -> Response,
}

/// Lets a call happen and answers it. A fault that a test ordered wins over a magic phone.
pub(crate) async fn carry_out(
    sim: &Simulator,
    asked: Asked<'_>,
    voice: &Voice,
    act: impl FnOnce() -> Response,
) -> Response {
    let ordered = if sim.faults.is_empty() {
        None
    } else {
        let target = Target {
            pg: asked.pg,
            order_id: asked.order_id,
            mid: asked.mid.to_owned(),
            amount: None,
        };
        sim.faults.take(Operation::Identity(asked.step), &target)
    };
    let twist = ordered.or(asked.magic);
    let right = match &twist {
        Some(Twist::Decline(code)) => (voice.declined)(code),
        Some(twist) if !twist.acts() => (voice.garbage)(),
        Some(_) | None => act(),
    };
    if sim.settled().await.is_err() {
        return answer::books_failed();
    }
    match twist {
        None => right,
        Some(twist) => twisted(sim, &twist, right, (voice.garbage)()).await,
    }
}
