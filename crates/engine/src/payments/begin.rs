//! The intent: a commit before any byte goes to a PG (P2), one running attempt at a time (P3).

use std::sync::{Arc, Mutex, PoisonError};

use naru_connector::{OperationKind, Support};
use naru_domain::payment::{Command, Payment, Refusal, decide};
use naru_domain::{AttemptId, PaymentId, Timestamp};
use naru_store::{CommitError, Versioned, Write};

use crate::directory::OpenChannel;
use crate::records::{PaymentRecord, StoreRecord};
use crate::unit::{Cause, Found};
use crate::{Engine, Fault, IdempotencyTicket, LEASE_MS};

/// How long a caller waits for another request on the same payment, at most, in milliseconds.
pub(crate) const CALLERS_PATIENCE_MS: i64 = 50_000;
/// How often it looks by itself: the other may run on another node.
const LOOK_AGAIN_MS: u64 = 200;

/// A request under way.
pub(crate) struct Running {
    pub(crate) store: Arc<StoreRecord>,
    pub(crate) payment_id: PaymentId,
    pub(crate) attempt: AttemptId,
    pub(crate) channel: Arc<OpenChannel>,
    pub(crate) ticket: Option<IdempotencyTicket>,
    pub(crate) started_at: Timestamp,
    /// How long it waits for another request on the same payment, in milliseconds. 0: nobody waits
    /// for the answer. Nobody does for a schedule: it is not told that an outcome is unclear, and
    /// comes again rather than wait for another attempt.
    pub(crate) patience_ms: i64,
    pub(crate) intent: Intent,
}

/// The payment as a request's own intent left it, for the first try at its result: reading it
/// again would say the same, or that somebody else was faster, which the commit finds as well.
#[derive(Default)]
pub(crate) struct Intent(Mutex<Option<Box<Versioned<PaymentRecord>>>>);

impl Intent {
    fn set(&self, version: Option<i64>, payment: Payment) {
        let found = Versioned {
            version: version.map_or(1, |version| version.saturating_add(1)),
            value: PaymentRecord(payment),
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(found));
    }

    pub(super) fn take(&self) -> Found {
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        found.take().map(|found| *found)
    }
}

impl Running {
    pub(crate) fn record_key(&self) -> Option<&str> {
        self.ticket.as_ref().map(IdempotencyTicket::record_key)
    }

    pub(crate) fn has_caller(&self) -> bool {
        self.patience_ms > 0
    }
}

impl Engine {
    /// Without inquiry by order id a lost answer could never be resolved, so such a channel takes
    /// no payments that a server makes (issue 2, item 4).
    pub(crate) fn needs_order_inquiry(&self, channel: &OpenChannel) -> Result<(), Fault> {
        if self.asks_by_order(channel) {
            return Ok(());
        }
        Err(Fault::invalid(
            "`channelKey` names a channel without the option `order_id_inquiry`: the merchant id \
             needs the PG's contract that refuses duplicate order ids, or a lost answer could \
             never be resolved",
        ))
    }

    /// Whether the PG can be asked what it knows by the order id.
    pub(crate) fn asks_by_order(&self, channel: &OpenChannel) -> bool {
        let pg = &channel.record.pg_provider;
        let supported = self.connector(pg).is_some_and(|connector| {
            connector
                .capabilities()
                .support(OperationKind::InquireByOrder)
                != Support::None
        });
        supported && channel.settings.is_on("order_id_inquiry")
    }

    /// One try at the intent's commit. `false`: somebody else was first, try again.
    pub(crate) async fn try_begin(
        &self,
        running: &Running,
        command: Command,
    ) -> Result<bool, Fault> {
        self.try_begin_with(running, command, &[]).await
    }

    /// The same, with more to be written in that commit.
    pub(crate) async fn try_begin_with(
        &self,
        running: &Running,
        command: Command,
        also: &[Write],
    ) -> Result<bool, Fault> {
        let (store_id, payment_id) = (&running.store.id, &running.payment_id);
        // Asked for before the read, so that no change between the two is missed.
        let changed = self
            .wakers()
            .payment(store_id.as_str(), payment_id.as_str());
        let found = self.load_payment(store_id, payment_id).await?;
        let payment = found.as_ref().map(|found| &found.value.0);
        let decided = decide(payment, command, self.config().limits, self.now());
        if decided.is_err() {
            self.same_key_runs(running.ticket.as_ref()).await?;
        }
        let decision = match decided {
            Ok(decision) => decision,
            Err(
                Refusal::AttemptInFlight | Refusal::CancellationInFlight | Refusal::ActionInFlight,
            ) if self.may_wait(running.started_at, running.patience_ms) => {
                if let Some(changed) = changed {
                    tokio::select! {
                        biased;
                        () = changed => {}
                        () = self.clock().sleep_ms(LOOK_AGAIN_MS) => {}
                    }
                }
                return Ok(false);
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let cause = Cause {
            idempotency: running.record_key(),
            lease_until: Some(self.lease_until()),
        };
        let before = found.as_ref().map(|found| found.version);
        let (mut unit, payment) = self.unit_of(found, &decision, &cause).await?;
        self.open_record(&mut unit, running.ticket.as_ref())?;
        unit.writes.extend_from_slice(also);
        match self.commit(unit).await {
            Ok(()) => {
                self.wake(&payment, &decision);
                running.intent.set(before, payment);
                Ok(true)
            }
            Err(CommitError::Conflict("idempotency")) => Err(Fault::IdempotencyOutstandingRequest),
            Err(CommitError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// A refusal, or a reason to wait, can be the work of another request with the same
    /// idempotency key, which then is the answer.
    pub(crate) async fn same_key_runs(
        &self,
        ticket: Option<&IdempotencyTicket>,
    ) -> Result<(), Fault> {
        let Some(ticket) = ticket else { return Ok(()) };
        match self.idempotency_record(ticket.record_key()).await? {
            Some(_) => Err(Fault::IdempotencyOutstandingRequest),
            None => Ok(()),
        }
    }

    pub(crate) fn may_wait(&self, started_at: Timestamp, patience_ms: i64) -> bool {
        self.clock().process() < started_at.plus_millis(patience_ms)
    }

    /// Until when workers leave the job of a running request alone. Only an optimisation: what
    /// they would do in the meantime is safe. So it is shorter than the slowest PG's answer: after
    /// a crash the payment waits for it.
    pub(super) fn lease_until(&self) -> Timestamp {
        self.clock().process().plus_millis(LEASE_MS)
    }
}
