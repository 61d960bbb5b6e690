//! Answering as a fault or a magic input wants it.

use axum::response::Response;
use http::StatusCode;

use crate::answer;
use crate::faults::Twist;
use crate::simulator::Simulator;

/// Answers a call that went another way. `right` is the answer in full, `garbage` one that breaks
/// off.
pub(crate) async fn twisted(
    sim: &Simulator,
    twist: &Twist,
    right: Response,
    garbage: Response,
) -> Response {
    match twist {
        Twist::DropBefore | Twist::DropAfter => answer::cut(),
        Twist::TimeoutBefore | Twist::TimeoutAfter => {
            sim.wait(sim.timing.hold).await;
            answer::cut()
        }
        Twist::Late(delay) => {
            sim.wait(delay.unwrap_or(sim.timing.late)).await;
            right
        }
        Twist::Http500 { .. } => answer::with_type(
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/html;charset=UTF-8",
            "<html><body><h1>500 Internal Server Error</h1></body></html>",
        ),
        Twist::Garbage { .. } => garbage,
        Twist::WrongAmount | Twist::Decline(_) => right,
    }
}
