//! Driving a connector's exchange.

use naru_connector::{
    BeginError, Call, Exchange, Input, Operation, OperationKind, Outcome, SendError, Sent, Step,
};
use naru_domain::Timestamp;

use crate::directory::OpenChannel;
use crate::{Engine, Fault, measures};

/// An answer gets at least this long, in milliseconds.
const ANSWER_MS_MIN: i64 = 1_000;

/// An exchange that may be carried out.
pub(crate) struct Begun {
    exchange: Box<dyn Exchange>,
    /// By when whoever waits for the end wants it, by the process clock.
    pub(crate) answer_by: Option<Timestamp>,
    pub(crate) pg: &'static str,
    pub(crate) operation: OperationKind,
}

impl Engine {
    /// Checks the PG's rules and prepares the exchange. Nothing is sent.
    pub(crate) fn begin(
        &self,
        channel: &OpenChannel,
        operation: &Operation,
    ) -> Result<Begun, Fault> {
        let pg = &channel.record.pg_provider;
        let connector = self
            .connector(pg)
            .ok_or_else(|| Fault::internal(format!("no connector for `{pg}`")))?;
        let call = Call {
            settings: &channel.settings,
            at: self.now(),
            server_ip: &self.config().server_ip,
        };
        let exchange = connector
            .capabilities()
            .check(operation.kind(), &channel.settings)
            .and_then(|()| connector.begin(operation, &call))
            .map_err(refusal)?;
        Ok(Begun {
            exchange,
            answer_by: None,
            pg: connector.capabilities().name,
            operation: operation.kind(),
        })
    }

    /// Carries an exchange out. `send_by` is the latest moment, by the process clock, at which a
    /// first byte may be written (design 2a.2).
    pub(crate) async fn drive(&self, mut begun: Begun, send_by: Option<Timestamp>) -> Outcome {
        let started_at = self.clock().process();
        let mut input = Input::Start;
        loop {
            let mut request = match begun.exchange.step(input) {
                Step::Done(outcome) => {
                    let took = self.clock().process().as_micros() - started_at.as_micros();
                    measures::pg_call(&begun, &outcome, took);
                    return outcome;
                }
                Step::Send(request) => request,
            };
            let left_ms = send_by.map(|at| at.as_millis() - self.clock().process().as_millis());
            input = if left_ms.is_some_and(|left| left < 0) {
                Input::Failed(SendError {
                    sent: Sent::No,
                    detail: "the request's own deadline had passed before it was sent".to_owned(),
                })
            } else {
                // It may wait for its turn, and for a connection, no longer than that either.
                if let Some(answer_by) = begun.answer_by {
                    let left_ms = answer_by.as_millis() - self.clock().process().as_millis();
                    let left_ms = u32::try_from(left_ms.max(ANSWER_MS_MIN)).unwrap_or(u32::MAX);
                    request.timeout_ms = request.timeout_ms.min(left_ms);
                }
                request.write_within_ms = left_ms.and_then(|left| u32::try_from(left).ok());
                match self.inner.parts.pg_transport.send(request).await {
                    Ok(answer) => Input::Answered(answer),
                    Err(error) => Input::Failed(error),
                }
            };
        }
    }

    /// The process clock's moment by which a request begun now must be sent.
    pub(crate) fn send_by(&self) -> Timestamp {
        self.clock()
            .process()
            .plus_millis(self.config().send_window_ms)
    }

    /// How long after `send_by` "no such transaction" is not final, in milliseconds.
    pub(crate) fn settle_ms(&self, channel: &OpenChannel) -> i64 {
        if channel.record.is_simulated {
            return 1_000;
        }
        self.connector(&channel.record.pg_provider)
            .map_or(600_000, |connector| connector.capabilities().settle_time_ms)
    }
}

/// What a connector's refusal is for the caller.
pub(crate) fn refusal(error: BeginError) -> Fault {
    match error {
        BeginError::Unsupported(message) => Fault::invalid(message),
        BeginError::Invalid { field, message } => Fault::invalid(format!("`{field}` {message}")),
        BeginError::Settings(error) => Fault::internal(error.to_string()),
    }
}
